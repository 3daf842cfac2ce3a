// SPDX-License-Identifier: AGPL-3.0-or-later
// The sentences of what comes from and goes into files of other programs: workbooks, visiting cards, imports undone,
// exports.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kExchangeMessages[] = {
    // ---- workbooks ----
    {"xlsx.not-a-workbook", "这不是 Excel 工作簿。没有导入。", "This is no Excel workbook. Nothing was imported."},
    {"xlsx.old-or-locked", "这是旧格式（.xls）或带密码的文件。请在 Excel 中另存为不带密码的 .xlsx 再导入。",
     "This is an old .xls file, or one with a password. Save it in Excel as .xlsx without a password, then import it."},
    {"xlsx.damaged", "工作簿已损坏或不完整：{}。没有导入；请重新取得文件。",
     "The workbook is damaged or cut: {}. Nothing was imported; get the file again."},
    {"xlsx.too-large", "工作簿展开后太大：{}。没有导入；请拆成几个文件。",
     "The workbook is too large once unfolded: {}. Nothing was imported; split it."},
    {"xlsx.no-such-sheet", "没有这个工作表：{}。没有导入。", "There is no such sheet: {}. Nothing was imported."},
    {"xlsx.empty", "工作表是空的。没有导入。", "The sheet is empty. Nothing was imported."},
    {"xlsx.header", "表头有误：{}。每列要有各自的名称。没有导入。",
     "The header is wrong: {}. Each column needs a name of its own. Nothing was imported."},
    {"xlsx.error-value", "第 {} 行有错误值（如 #N/A）。", "Line {} has an error value (such as #N/A)."},
    {"xlsx.too-many-cells", "第 {} 行在表头之外还有内容。", "Line {} has cells beyond the header."},
    {"xlsx.not-utf8", "第 {} 行有无法读取的文字。", "Line {} has text that cannot be read."},
    {"xlsx.too-many-rows", "行数超过 Excel 的上限 {}。请缩小范围，或用 CSV。",
     "There are more rows than Excel takes, {}. Narrow it down, or use CSV."},
    // ---- visiting cards ----
    {"vcard.none", "文件里没有名片。", "There is no visiting card in the file."},
    {"vcard.cut", "第 {} 行开始的名片不完整。", "The card that begins in line {} is cut."},
    {"vcard.too-long", "第 {} 行开始的名片太长。", "The card that begins in line {} is too long."},
    {"vcard.not-text", "第 {} 行开始的名片有无法读取的文字。",
     "The card that begins in line {} has text that cannot be read."},
    // ---- imports ----
    {"import.no-file", "没有指定文件。用 import 文件，或 import list、import undo。",
     "No file was named. Use 'import FILE', or 'import list' or 'import undo'."},
    {"import.too-many-rows", "行数太多，一次最多 {} 行。请拆成几个文件。没有导入。",
     "Too many rows; {} at a time. Split the file. Nothing was imported."},
    {"import.no-sheets", "只有 Excel 文件才有工作表：{}。没有导入。",
     "Only Excel files have sheets: {}. Nothing was imported."},
    {"import.computed", "这一项由系统计算，不能导入：{}。", "This field is computed and cannot be imported: {}."},
    {"import.no-customer", "没有一列说明是哪个客户。请加 --map 列=customer。没有导入。",
     "No column says which customer. Add --map COLUMN=customer. Nothing was imported."},
    {"import.nothing-mapped", "没有一列对应到字段。请加 --map 列=字段。没有导入。",
     "No column goes to a field. Add --map COLUMN=FIELD. Nothing was imported."},
    {"import.no-such-key", "不能按这一项更新：{}。它要有一列，并且是列表中可见的字段。没有导入。",
     "Records cannot be found by this: {}. It needs a column, and to be a field that lists show. Nothing was "
     "imported."},
    {"import.card-of-contact", "这是联系人的名片：{}。请另用 --into contact 导入。",
     "This is a contact's card: {}. Import it with --into contact."},
    {"import.card-of-other", "这是客户的名片：{}。请不加 --into 导入。",
     "This is a customer's card: {}. Import it without --into."},
    {"import.row-no-customer", "没有写明客户。", "It names no customer."},
    {"import.key-empty", "用来查找的一项是空的：{}。", "What it is found by is empty: {}."},
    {"import.key-ambiguous", "有几条都符合：{}。", "Several fit: {}."},
    {"import.key-twice", "文件中已有一行是同一个：{}。", "An earlier row of the file is the same: {}."},
    {"import.no-such-number", "没有这个编号的档案：{}。", "There is no archive of this number: {}."},
    {"import.no-such-import", "没有这次导入：{}。用 `satchel import list` 查看。",
     "There is no such import: {}. `satchel import list` shows them."},
    {"import.ambiguous", "有几次导入的编号这样开头：{}。请多写几位。",
     "Several imports begin so: {}. Give more of its number."},
    {"import.no-such-mapping", "没有保存过这个对应：{}。", "No such mapping was saved: {}."},
    {"import.mapping-name", "对应的名称不能为空或太长：{}。", "The mapping's name is empty or too long: {}."},
    {"import.mappings-broken", "保存的列对应读不出来：{}。请删除库文件夹中的 mappings.json 再保存。",
     "The saved mappings cannot be read: {}. Delete mappings.json in the vault's folder and save them again."},
    // ---- exports ----
    {"export.no-purpose", "没有写明用途。导出要登记用途；请加 --purpose。没有导出。",
     "No purpose was given; exports are noted with one. Add --purpose. Nothing was exported."},
    {"export.no-vcard", "只有客户和联系人能导出为名片：{}。没有导出。",
     "Only customers and contacts go out as visiting cards: {}. Nothing was exported."},
    {"report.cut", "超过 {} 行，CSV 放不下全部。请用 --from、--to、--branch 缩小范围。",
     "More than {} lines, which CSV would cut. Narrow it down with --from, --to or --branch."},
    {"export.sensitive-filter", "按敏感字段筛选须加 --sensitive（会登记）：{}。没有导出。",
     "Picking by a sensitive field needs --sensitive, which is noted: {}. Nothing was exported."},
    {"report.needs-file", "{} 不能写到屏幕。请加 --out 文件。", "{} cannot be written to the screen. Add --out FILE."},
};

}  // namespace

std::span<const Message> exchange_messages() { return kExchangeMessages; }

}  // namespace satchel::cli
