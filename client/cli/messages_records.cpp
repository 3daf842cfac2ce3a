// SPDX-License-Identifier: AGPL-3.0-or-later
// The sentences of what people do with records: customers, visits, imports, conflicts, held work, reports.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kRecordMessages[] = {
    // ---- what was typed ----
    {"usage.field", "字段要写成 字段=值：{}。没有保存。", "A field is written field=value: {}. Nothing was saved."},
    {"usage.field-twice", "同一项写了两次：{}。多个值请写在一起，用顿号或逗号分开。没有保存。",
     "A field was given twice: {}. Several values go into one, with commas. Nothing was saved."},
    {"usage.map", "列的对应要写成 列=字段：{}。没有导入。",
     "A column is mapped as column=field: {}. Nothing was imported."},
    {"usage.day", "看不懂这个日期：{}。请写 2026-12-01、今天、明天或 +7。",
     "This is no day: {}. Write 2026-12-01, today, tomorrow or +7."},
    {"usage.span", "起止日期颠倒了：{}。", "The dates are the wrong way round: {}."},
    {"file.too-large", "文件太大：{}。请分成几个再导入。", "The file is too large: {}. Import it in parts."},
    {"template.none", "还没有收到任何模板包。请先同步；管理员用 `satchel pack publish` 发布。",
     "No packs have arrived yet. Sync first; an administrator publishes them with `satchel pack publish`."},
    {"field.not-a-number", "不是数字：{}。没有保存。", "Not a number: {}. Nothing was saved."},
    {"field.not-a-date", "不是日期：{}。请写成 2026-12-01。没有保存。",
     "Not a date: {}. Write it as 2026-12-01. Nothing was saved."},
    {"field.not-a-time", "不是时间：{}。请写成 2026-12-01 14:05。没有保存。",
     "Not a time: {}. Write it as 2026-12-01 14:05. Nothing was saved."},
    {"field.not-a-phone", "不像电话号码：{}。没有保存。", "Not a phone number: {}. Nothing was saved."},
    {"field.not-a-choice", "不在可选范围：{}。没有保存。", "Not one of the choices: {}. Nothing was saved."},
    {"field.not-yes-or-no", "请写是或否：{}。没有保存。", "Write yes or no: {}. Nothing was saved."},
    {"field.not-found", "没有找到所指的人、客户或记录：{}。没有保存。",
     "No such person, customer or record: {}. Nothing was saved."},
    {"field.too-long", "太长：{}。没有保存。", "Too long: {}. Nothing was saved."},
    {"field.out-of-range", "超出范围：{}。没有保存。", "Out of range: {}. Nothing was saved."},
    {"field.fixed", "这一项已固定，只有作者本人或其主管能更正：{}。没有改动。",
     "This field is fixed; only its author or the author's manager may correct it: {}. Nothing was changed."},
    {"field.not-a-lunar-date", "不是农历日期：{}。请写成 八月十五、农历1968年四月十五 或 L08-15。没有保存。",
     "Not a lunar date: {}. Write it as L08-15 or L1968-04-15. Nothing was saved."},
    {"field.not-a-period", "不是起止日期：{}。请写成 2026-01-01..2026-03-31。没有保存。",
     "Not a period: {}. Write it as 2026-01-01..2026-03-31. Nothing was saved."},
    {"field.not-an-id-number", "身份证号码不对（位数、出生日期或校验位）：{}。没有保存。",
     "Not an identity number (its length, birthday or check digit is wrong): {}. Nothing was saved."},
    {"field.not-a-place", "不是位置：{}。请写成 31.2304,121.4737 ±12m。没有保存。",
     "Not a place: {}. Write it as 31.2304,121.4737 ±12m. Nothing was saved."},
    {"field.too-many-parts", "一组里的项目太多：{}。没有保存。", "A group has too many parts: {}. Nothing was saved."},
    // ---- workflows and rules ----
    {"step.no-workflow", "这种记录没有办理流程：{}。", "Such records go through no workflow: {}."},
    {"step.unknown", "没有这一步，或现在不能办：{}。没有办理。",
     "There is no such step, or none now: {}. Nothing was done."},
    {"step.not-open", "现在的状态不能办这一步：{}。没有办理。",
     "This step cannot be taken from where it stands: {}. Nothing was done."},
    {"step.not-yours", "这一步不由您办理：{}。没有办理。", "This step is not yours to take: {}. Nothing was done."},
    {"step.no-copy", "没有等您确认的副本。", "No copy waits for you to confirm it."},
    {"step.comment-needed", "办这一步要写明理由：{}。请加 --comment。没有办理。",
     "This step must say why: {}. Add --comment. Nothing was done."},
    {"step.fields-needed", "办这一步之前要填好：{}。没有办理。",
     "Before this step these must be filled: {}. Nothing was done."},
    {"rule.unknown", "没有这条规则：{}。", "There is no such rule: {}."},
    // ---- customers ----
    {"customer.not-named", "没有说明是哪个客户。请加 --customer 名称或编号。",
     "No customer was named. Add --customer with a name or number."},
    {"customer.same-phone", "已有客户用同一个电话：{}。没有建档。确是另一户时加 --yes。",
     "Another customer has that phone: {}. No archive was opened. If it is another customer indeed, add --yes."},
    {"customer.no-such-kind", "没有这种客户类型：{}。", "There is no such kind of customer: {}."},
    {"customer.no-hit", "没有找到：{}。可以试试名称中的几个字、拼音首字母或电话尾号。",
     "Nothing found: {}. Try some characters of the name, its initials, or the end of a phone."},
    {"archive.may-not-open", "您的角色不能为这些负责人建档。没有建档。请把自己列为负责人，或请主管建档。",
     "Your role may not open an archive for these owners. None was opened. Name yourself an owner, or let a manager do "
     "it."},
    {"record.is-customer", "客户档案请用 customer add 建立。", "A customer's archive is opened with 'customer add'."},
    {"record.incomplete", "内容不全或有误：{}。没有保存。", "Something is missing or wrong: {}. Nothing was saved."},
    {"template.unknown", "没有这种表单：{}。", "There is no such form: {}."},
    // ---- import and JSON lines ----
    {"import.no-such-column", "文件里没有这一列：{}。没有导入。",
     "The file has no such column: {}. Nothing was imported."},
    {"import.mapped-twice", "两列对应到同一项：{}。没有导入。",
     "Two columns go to one field: {}. Nothing was imported."},
    {"import.row", "这一行没有导入：{}。其他行不受影响；改正后再导入结果文件即可。",
     "This row was not imported: {}. Other rows are not affected; correct it and import the result file."},
    {"import.no-name", "没有一列对应到客户名称。请加 --map 列={}。没有导入。",
     "No column is the customer's name. Add --map COLUMN={}. Nothing was imported."},
    {"import.broken-row", "第 {} 行原来的列数不对：请核对这一行，再清空它的 status 一格。",
     "Line {} did not fit the columns: look it over, then clear its status cell."},
    {"csv.too-few-cells", "第 {} 行的列数太少。", "Line {} has too few cells."},
    {"csv.too-many-cells", "第 {} 行的列数太多；内容中的逗号要用引号括住。",
     "Line {} has too many cells; text with commas needs quotes."},
    {"csv.unterminated-quote", "第 {} 行开始的引号没有结束，后面的内容读不出来。",
     "A quote that begins in line {} never ends; what follows cannot be read."},
    {"csv.text-after-quote", "第 {} 行的引号后面还有文字。", "Line {} has text after a closing quote."},
    {"csv.too-long", "第 {} 行太长。", "Line {} is too long."},
    {"csv.empty", "文件是空的。没有导入。", "The file is empty. Nothing was imported."},
    {"lines.not-json", "这一行不是 JSON 对象：{}。", "This line is no JSON object: {}."},
    {"lines.no-type", "这一行没有 type（表单代码）。", "This line has no type (the form's id)."},
    {"lines.no-list", "这一项不能是列表：{}。", "This field takes no list: {}."},
    {"lines.too-long", "这一行太长，最多 {} 字节。", "This line is too long; {} bytes at most."},
    // ---- attachments ----
    {"attach.too-large", "文件太大：{}。附件最多 1 GiB。没有添加。",
     "The file is too large: {}. Attachments are of at most 1 GiB. Nothing was added."},
    {"attach.not-a-file", "这不是普通文件：{}。没有添加。", "This is no regular file: {}. Nothing was added."},
    {"attach.too-many", "这条记录的附件已到上限 {} 个。没有添加。",
     "This record has all the {} attachments it may have. Nothing was added."},
    {"attach.changed", "读取时文件变了：{}。没有添加；等它写完再加一次。",
     "The file changed while it was read: {}. Nothing was added; try again when it is finished."},
    {"attach.key-renewed", "档案的密钥一再更换：{} 没有添加。请稍后再加一次。",
     "The archive's key was renewed again and again: {} was not added. Try again a little later."},
    {"attach.one-name", "--name 只能用于一个文件。没有添加。", "--name goes with one file only. Nothing was added."},
    {"attach.no-folder", "多个附件要写到文件夹：{} 不是文件夹。没有写出。",
     "Several attachments need a folder: {} is none. Nothing was written."},
    {"attachment.none", "没有这个附件：{}。用 `satchel attachments 记录号` 查看。",
     "There is no such attachment: {}. `satchel attachments RECORD` lists them."},
    {"attachment.not-here", "附件还不在本机：{}。请联网后用 `satchel fetch` 取回。",
     "The attachment is not here yet: {}. Fetch it with `satchel fetch` when there is a network."},
    {"attachment.broken", "附件的内容与当初加的不符，没有写出：{}。请让附上它的人再加一次，并通知管理员。",
     "The attachment is not what was attached; nothing was written: {}. Let whoever attached it do so again, and tell "
     "an "
     "administrator."},
    {"attachment.*", "附件出了问题：{}。记录不受影响。",
     "Something is wrong with an attachment: {}. The record is not affected."},
    {"file.full", "磁盘已满，文件没有写成：{}。腾出空间后再试。",
     "The disk is full and the file was not written: {}. Make room and try again."},
    {"blob.quota", "枢纽上这个档案或这台设备的附件已到上限。附件仍在本机；请通知管理员。",
     "The hub holds as many bytes of this archive or device as it may. The attachment is kept here; tell an "
     "administrator."},
    {"blob.unknown", "枢纽还不认识这个附件所在的记录。附件仍在本机，会再送。",
     "The hub does not know the record of this attachment yet. It is kept here and offered again."},
    {"blob.*", "枢纽送来或要求的附件数据不对，已中断：{}。本机数据完好。请再同步一次；若重复出现，请通知管理员。",
     "The hub sent or asked for wrong bytes of an attachment and was cut off: {}. Nothing here is harmed. Sync again; "
     "tell an "
     "administrator if it happens again."},
    // ---- what a person decides ----
    {"conflict.none", "那里没有冲突：{}。用 `satchel conflicts` 查看全部。",
     "There is no conflict there: {}. `satchel conflicts` lists them."},
    {"conflict.choose", "请二选一：--keep 序号，或 --value 值。没有改动。",
     "Give either --keep N or --value V. Nothing was changed."},
    {"conflict.no-such-value", "没有这个序号，共有 {} 个值。没有改动。",
     "There is no value of that number; there are {}. Nothing was changed."},
    {"held.none", "没有符合的待裁定记录：{}。用 `satchel held` 查看全部。",
     "Nothing held fits: {}. `satchel held` lists all."},
    {"held.prepared", "都已裁定，正等总部处理：{}。要改变某一条，请写它的编号；`satchel held` 查看全部。",
     "All of that was decided and is pending at HQ: {}. To decide one otherwise, give its own id; `satchel held` lists "
     "all."},
    {"report.unknown", "没有这个报表：{}。用 `satchel report` 查看全部。",
     "There is no such report: {}. `satchel report` lists them."},
};

}  // namespace

std::span<const Message> record_messages() { return kRecordMessages; }

}  // namespace satchel::cli
