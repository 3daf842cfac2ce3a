// SPDX-License-Identifier: AGPL-3.0-or-later
// The catalogue itself, by room.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kMessages[] = {
    // ---- the vault ----
    {"vault.not-named", "没有说明用哪个保险箱。请加 --vault 文件夹，或设置 SATCHEL_VAULT。",
     "No vault was named. Add --vault FOLDER, or set SATCHEL_VAULT."},
    {"vault.missing", "这里没有保险箱：{}。请检查 --vault；新设备请先用 `satchel --vault 文件夹 enrol 邀请文件` 登记。",
     "There is no vault here: {}. Check --vault; a new device is enrolled with `satchel --vault FOLDER enrol "
     "INVITATION`."},
    {"vault.exists", "这里已经有一个保险箱：{}。没有改动它。要登记另一台设备，请换一个文件夹。",
     "There is a vault here already: {}. It was not touched. To enrol another device choose another folder."},
    {"vault.wrong-passphrase",
     "口令不对。数据完好，没有改动。请再试一次；忘记口令只能重新登记设备，已上交的数据可从枢纽取回。",
     "The passphrase is wrong. The data is whole and was not touched. Try again; a forgotten passphrase means "
     "enrolling anew, and what was handed in comes back from the hub."},
    {"vault.empty-passphrase", "口令不能为空。没有改动任何东西。",
     "The passphrase must not be empty. Nothing was changed."},
    {"vault.damaged",
     "保险箱的钥匙文件已损坏（不是口令的问题）：{}。请保留文件夹原样，从备份取回该文件；已上交的数据在枢纽上。",
     "The vault's key file is damaged (the passphrase is not the matter): {}. Keep the folder as it is and take the "
     "file from a backup; what was handed in is on the hub."},
    {"vault.downgraded", "保险箱的口令保护被改弱了，拒绝打开。请保留文件夹原样并通知管理员。",
     "The vault's passphrase protection was weakened; it is not opened. Keep the folder as it is and tell an "
     "administrator."},
    {"vault.newer", "保险箱由更新版本的程序写成。数据完好。请升级本程序。",
     "The vault was written by a newer program. The data is whole. Upgrade this one."},
    {"vault.io", "无法读写钥匙文件：{}。已保存的数据不受影响；请检查权限和磁盘。",
     "A key file could not be read or written: {}. Saved data is not affected; check permissions and the disk."},
    {"vault.full", "磁盘已满，钥匙文件没有写成：{}。原文件保持不变；请腾出空间后重试。",
     "The disk is full and the key file was not written: {}. The old one is as it was; make room and try again."},
    {"vault.*", "保险箱出了问题：{}。没有改动任何东西。请保留文件夹原样并通知管理员。",
     "Something is wrong with the vault: {}. Nothing was changed. Keep the folder as it is and tell an administrator."},
    {"device.config", "保险箱里的 device.toml 有误：{}。数据完好。请从备份取回该文件。",
     "The vault's device.toml has a fault: {}. The data is whole. Take that file from a backup."},
    {"device.unconfirmed", "这台设备还没有被确认，暂时不能记录。请把指纹告诉管理员，确认后运行 `satchel sync`。",
     "This device is not confirmed yet and cannot record. Tell an administrator its fingerprint; once confirmed run "
     "`satchel sync`."},
    {"passphrase.no-file", "找不到口令文件：{}。没有改动任何东西。",
     "The passphrase file is missing: {}. Nothing was changed."},
    {"passphrase.too-long", "口令文件的第一行太长：{}。", "The passphrase file's first line is too long: {}."},
    {"passphrase.mismatch", "两次输入的口令不同。没有建立任何东西。请重来。",
     "The two passphrases differ. Nothing was made. Start again."},
    {"passphrase.no-terminal", "没有终端可以询问口令。请用 --passphrase-file 文件，或设置 SATCHEL_PASSPHRASE_FILE。",
     "There is no terminal to ask for the passphrase. Use --passphrase-file FILE, or set SATCHEL_PASSPHRASE_FILE."},
    // ---- the command line ----
    {"program.surprise", "程序遇到了意外：{}。已保存的数据不受影响。请把这句话告诉管理员。",
     "The program met something unforeseen: {}. Saved data is not affected. Tell an administrator this sentence."},
    {"usage.command-line", "命令写得不对：{}。没有做任何事。加 --help 可看用法和例子。",
     "The command cannot be meant: {}. Nothing was done. Add --help for usage and an example."},
    {"policy.unknown", "没有这项规定：{}。没有改变任何东西。`satchel policy list` 列出全部。",
     "There is no such policy: {}. Nothing has changed. `satchel policy list` shows all."},
    {"policy.bad-value", "这项规定不能这样写：{}。没有改变任何东西。`satchel policy list` 说明各项怎样写。",
     "This policy takes no such value: {}. Nothing has changed. `satchel policy list` says what each takes."},
    {"usage.role", "没有这个角色：{}。没有做任何事。", "There is no such role: {}. Nothing was done."},
    {"usage.nothing-to-change", "没有说要改什么。请给出 --role、--branch、--leave 或 --return。",
     "Nothing to change was named. Give --role, --branch, --leave or --return."},
    {"usage.leave-and-return", "--leave 和 --return 不能同时给出。", "--leave and --return do not go together."},
    {"file.exists", "文件已经存在，没有覆盖：{}。请换一个文件名。",
     "The file exists already and was not overwritten: {}. Choose another name."},
    {"file.io", "无法写文件：{}。请检查文件夹、权限和磁盘空间。",
     "The file could not be written: {}. Check the folder, permissions and disk space."},
    {"file.missing", "找不到文件：{}。没有改动任何东西。", "The file is missing: {}. Nothing was changed."},
    {"file.unreadable", "这不是可以读取的文件：{}。没有改动任何东西。",
     "This is not a file that can be read: {}. Nothing was changed."},
    // ---- enrolment and invitations ----
    {"enrol.unconfirmed",
     "这台设备还没有被确认，因此还没有任何权限。请把这个指纹告诉邀请您的人，核对后由对方确认：\n  {}\n确认后运行 "
     "`satchel sync`。",
     "This device is not confirmed yet, so nothing is granted. Read this fingerprint to whoever invited you, to be "
     "compared and confirmed:\n  {}\nOnce confirmed run `satchel sync`."},
    {"enrol.none-pending", "没有等待确认的设备：{}。请让对方先用邀请登记，再试一次；`satchel enrol list` 可看全部。",
     "No device waits for confirmation: {}. Let them enrol with the invitation first; `satchel enrol list` shows all."},
    {"enrol.other-fingerprint",
     "指纹不符，没有确认。请让对方再念一遍（在其设备上运行 `satchel status` "
     "可看到），逐组核对；仍不符就是别人用了邀请，"
     "请不要确认。",
     "The fingerprint differs, nothing was confirmed. Let them read it once more (`satchel status` on their device "
     "shows "
     "it) and compare group by group; if it still differs somebody else used the invitation: do not confirm."},
    {"invite.none", "文件里没有邀请。请检查文件。", "There is no invitation in this file. Check the file."},
    {"invite.damaged", "邀请不完整或有误。没有留下任何东西。请重新索取。",
     "The invitation is cut or garbled. Nothing was left behind. Ask for it again."},
    {"invite.newer-version", "邀请由更新版本的程序写成。请升级本程序。",
     "The invitation was made by a newer program. Upgrade this one."},
    {"invite.wrong-purpose",
     "这份邀请不是给个人设备用的：枢纽用 `satcheld join`，总部阅读端用 `satcheld reader init`。",
     "This invitation is not for a person's device: hubs use `satcheld join`, headquarters' reader `satcheld reader "
     "init`."},
    {"invite.too-large", "名称和地址太长，放不进一份邀请。请缩短单位名称或枢纽地址。",
     "Names and addresses are too long for one invitation. Shorten the organisation's name or the hubs' addresses."},
    {"admin.no-branch", "没有这个分支：{}。`satchel branch list` 可看全部。",
     "There is no such branch: {}. `satchel branch list` shows all."},
    {"admin.no-person", "没有这个人：{}。`satchel person list` 可看全部。",
     "There is no such person: {}. `satchel person list` shows all."},
    {"admin.no-hub", "通讯录里还没有可用的枢纽，不能做邀请。请先运行 `satchel sync`。",
     "The directory names no hub to use yet, so no invitation can be made. Run `satchel sync` first."},
    // ---- what headquarters refused ----
    {"directory.not-allowed", "总部没有接受：您的角色不能这样做。没有任何改变。请找有权限的人。",
     "Headquarters refused: your role may not say this. Nothing has changed. Ask somebody who may."},
    {"directory.not-confirmed", "总部没有接受：这台设备还没有被确认。",
     "Headquarters refused: this device is not confirmed yet."},
    {"directory.revoked", "这台设备已被停用。已记录的内容仍在原处，可以上交，由经理裁定。请与管理员联系。",
     "This device was revoked. What was recorded is still in place and may be handed in for the manager to decide on. "
     "Ask an administrator."},
    {"directory.inactive", "总部没有接受：此人已离职或被停用。",
     "Headquarters refused: the person has left or was deactivated."},
    {"directory.two-persons", "总部没有接受：这件事需要两个人签名。",
     "Headquarters refused: this needs two persons' signatures."},
    {"directory.bad-countersignature", "总部没有接受：第二个签名不对。",
     "Headquarters refused: the second signature is not right."},
    {"directory.wrong-person", "总部没有接受：签名的设备不属于此人。",
     "Headquarters refused: the signing device is not that person's."},
    {"directory.unknown-person", "总部没有接受：没有这个人。", "Headquarters refused: there is no such person."},
    {"directory.unknown-branch", "总部没有接受：没有这个分支。", "Headquarters refused: there is no such branch."},
    {"directory.unknown-node", "总部没有接受：没有这台设备。", "Headquarters refused: there is no such device."},
    {"directory.unknown-author", "总部还不认识这台设备。请先完成登记。",
     "Headquarters does not know this device yet. Finish the enrolment first."},
    {"directory.unknown-invitation", "总部不认识这份邀请。没有留下任何东西。请向邀请您的人核实。",
     "Headquarters does not know this invitation. Nothing was left behind. Ask whoever invited you."},
    {"directory.name-taken", "名称已被使用，没有增加。请换一个名称。",
     "The name is taken, nothing was added. Choose another."},
    {"directory.id-taken", "总部没有接受：标识已被使用。请再试一次。",
     "Headquarters refused: the id is taken. Try again."},
    {"directory.role-needs-branch", "这个角色需要一个分支。请加 --branch。", "This role needs a branch. Add --branch."},
    {"directory.last-administrator", "不能去掉最后一位总部管理员。请先增加一位并确认其设备。",
     "The last administrator of headquarters cannot be removed. Add another and confirm their device first."},
    {"directory.token-used", "这份邀请已被使用过。没有留下任何东西。请索取新的；若不是您用的，请立即告诉管理员。",
     "This invitation was used already. Nothing was left behind. Ask for a new one; if it was not you, tell an "
     "administrator at once."},
    {"directory.token-expired", "这份邀请已过期。没有留下任何东西。请索取新的。",
     "This invitation has expired. Nothing was left behind. Ask for a new one."},
    {"directory.bad-token", "邀请的密钥不符。没有留下任何东西。请重新索取。",
     "The invitation's key is not right. Nothing was left behind. Ask for it again."},
    {"directory.bad-invitation", "总部没有接受这份邀请。请检查到期时间和对象。",
     "Headquarters refused the invitation. Check its expiry and whom it is for."},
    {"directory.wrong-purpose", "这份邀请不是给这种用途的。没有留下任何东西。",
     "This invitation is for another purpose. Nothing was left behind."},
    {"directory.not-pending", "总部没有接受：这台设备没有在等待确认。",
     "Headquarters refused: that device does not wait for confirmation."},
    {"directory.stale-version", "总部没有接受：已有相同或更新版本的模板包。请提高 version 后再发布。",
     "Headquarters refused: this or a later version of the pack is in force. Raise its version and publish again."},
    {"directory.bad-payload", "名称或内容不合规定（太长、为空，或含不可见字符）。没有改变任何东西。",
     "A name or text does not do (too long, empty, or with invisible characters). Nothing has changed."},
    {"directory.unknown-proposal", "没有这个销毁提议，或它还没有送到。请先同步。",
     "There is no such proposal to destroy, or it has not arrived yet. Sync first."},
    {"directory.destroyed", "这份档案已经销毁。", "This archive was destroyed."},
    {"directory.merge-into-itself", "档案不能并入自身。没有任何改变。",
     "An archive cannot be shown within itself. Nothing was changed."},
    {"directory.frozen", "总部给出过两种互相矛盾的通讯录，在管理员查清之前不再排定新的声明。已保存的内容不受影响。",
     "Headquarters gave out two contradicting histories of the directory; nothing new is ordered until an "
     "administrator has settled it. What is saved is not affected."},
    {"directory.crowded", "这台设备提交的声明太多，枢纽暂时不再接收；声明保存在本机，之后同步时会再次提交。",
     "This device has handed in more statements than the hub takes at a time. They are kept here and handed in again "
     "with a later sync."},
    {"directory.fork", "枢纽给出了两种互相矛盾的通讯录。已停止采用，证据已保留。请立即通知管理员。",
     "The hub gave two directories that contradict each other. Neither is followed on; the evidence is kept. Tell an "
     "administrator at once."},
    {"directory.*", "总部或本机没有接受这条声明。没有改变任何东西。",
     "Headquarters or this device refused the statement. Nothing has changed."},
    // ---- exchanging ----
    {"exchange.offline", "现在连不上任何枢纽：{}。没有丢失任何东西，未送出的都在本机；有网络后再运行 `satchel sync`。",
     "No hub can be reached now: {}. Nothing is lost, what was not sent is kept here; run `satchel sync` when there is "
     "a network."},
    {"link.address", "地址应写成 主机:端口，例如 10.0.0.5:7440：{}。",
     "An address is host:port, such as 10.0.0.5:7440: {}."},
    {"link.wrong-pin", "那个地址上不是我们的枢纽（密钥不符）：{}。没有发送任何东西。",
     "Somebody else than our hub answers there (its key differs): {}. Nothing was sent."},
    {"link.refused", "那里没有枢纽在运行：{}。没有丢失任何东西，稍后再试。",
     "No hub runs there: {}. Nothing is lost; try again later."},
    {"link.unreachable", "连不上：{}。没有丢失任何东西，请检查网络。",
     "It cannot be reached: {}. Nothing is lost; check the network."},
    {"link.*", "与枢纽的连接中断。已确认的都在；再运行一次同样的命令即从断点继续。",
     "The connection to the hub was cut. What was acknowledged is safe; run the same command again to go on."},
    {"session.other-organisation", "那个枢纽属于别的单位。没有发送任何数据。",
     "That hub belongs to another organisation. No data was sent."},
    {"session.version", "双方程序版本不兼容。数据完好。请升级较旧的一方。",
     "The two programs' versions do not go together. The data is whole. Upgrade the older one."},
    {"replica.over-limit",
     "这台设备将收到的超过容量上限（档案份数/上限，大小/上限）：{}。没有发出邀请。管理员可用 `satchel policy set "
     "replica-archives-max`（或 "
     "`replica-bytes-max`）调高。",
     "The device would receive more than it may hold (archives/at most, size/at most): {}. No invitation was made. An "
     "administrator can raise the "
     "limit: "
     "`satchel policy set replica-archives-max` (or `replica-bytes-max`)."},
    {"session.going-away", "枢纽正在停止。已确认的都在；请稍后再同步。",
     "The hub is going down. What was acknowledged is safe; sync again in a while."},
    {"session.turned-away",
     "枢纽暂时不与本机交换（还有 {} 秒），因为本机多次送去不合格的数据。没有丢失任何东西；请运行 `satchel verify`，"
     "再告诉管理员。",
     "The hub takes nothing from this device for {} s, because it was sent false data again and again. Nothing is "
     "lost; "
     "run `satchel verify`, and tell an administrator."},
    {"session.superseded", "本机另有连接正在与枢纽交换，这一个被替下。没有丢失任何东西。",
     "This device has other connections to the hub, and this one had to go. Nothing is lost."},
    {"session.crowded", "此刻登记的设备太多。没有丢失任何东西，稍后再试。",
     "Too many devices are being enrolled at this moment. Nothing is lost; try again later."},
    {"session.*",
     "与枢纽的交换没有完成。已确认的都在；再运行一次 `satchel sync` "
     "即从断点继续，若仍不行请把方括号里的代码告诉管理员。",
     "The exchange with the hub did not finish. What was acknowledged is safe; run `satchel sync` again to go on, and "
     "if that fails tell an administrator the code in brackets."},
    {"hub.busy", "枢纽正忙。没有丢失任何东西，稍后再试。", "The hub is busy. Nothing is lost; try again later."},
    {"hub.*", "枢纽没有接收。没有丢失任何东西，稍后再试。",
     "The hub did not take it. Nothing is lost; try again later."},
    {"wire.*", "枢纽发来的数据不合格式，已断开，没有采用。请通知管理员。",
     "The hub sent bytes that do not follow the format; the connection was ended and nothing taken. Tell an "
     "administrator."},
    {"parcel.*", "枢纽发来的数据不可信，已断开，没有采用。请通知管理员。",
     "The hub sent bytes that do not prove themselves; the connection was ended and nothing taken. Tell an "
     "administrator."},
    // ---- packs and reports ----
    {"pack.no-file", "找不到模板包：{}。应为 .toml 文件或装有它们的文件夹。",
     "No pack is there: {}. It should be a .toml file or a folder of them."},
    {"pack.invalid", "模板包有误，没有发布：{}。", "The pack has a fault and was not published: {}."},
    {"pack.newer", "模板包的格式比本程序新：{}。原来的版本继续有效。请升级本程序。",
     "The pack's format is newer than this program: {}. The earlier version stays in force. Upgrade."},
    {"pack.lint", "模板包没有通过检查，没有发布：{}。请改正上面列出的问题。",
     "The pack did not pass its checks and was not published: {}. Correct what is listed above."},
    {"pack.too-large", "模板包太大，没有发布：{}。请拆成几个。",
     "The pack is too large and was not published: {}. Split it."},
    {"pack.*", "模板包读不出来：{}。", "The pack cannot be read: {}."},
    {"report.parameter-missing", "报表缺少参数：{}。", "The report lacks a parameter: {}."},
    {"report.no-such-name", "没有这个名字：{}。", "There is nobody and nothing of this name: {}."},
    {"report.parameter-wrong", "报表参数有误：{}。", "A parameter of the report is wrong: {}."},
    {"report.no-such-parameter", "报表没有这个参数：{}。", "The report has no such parameter: {}."},
    {"report.no-such-format", "没有这种格式：{}。可用 text、csv、json。",
     "There is no such format: {}. Use text, csv or json."},
    {"report.*", "报表做不出来：{}。数据完好；请让管理员检查模板包。",
     "The report could not be made: {}. The data is whole; let an administrator check the pack."},
    // ---- records ----
    {"customer.not-found", "没有找到客户：{}。`satchel customer search` 可按名称、拼音、电话查找。",
     "No such customer: {}. `satchel customer search` finds by name, pinyin and phone."},
    {"customer.locked",
     "档案还锁着，按名称找不到客户：{}。没有保存。拜访照样可以记录：写档案号的开头（`customer add` "
     "建档时显示，编号后的括号"
     "里），或先用 `satchel customer add` 以此名称建档再记；同步后由主管用 `satchel merge apply` 合起来显示。",
     "Archives are locked, so no customer is found by name: {}. Nothing was saved. Visits can be recorded all the "
     "same: "
     "name the archive by the beginning of its id ('Archive' in `customer show`, in brackets after `customer add`), or "
     "open one under this name with `satchel customer add` first; after the next sync a manager shows both as one with "
     "`satchel merge apply`."},
    {"customer.not-found-near", "没有找到这个客户。是不是：{}？", "No such customer. Did you mean: {}?"},
    {"customer.ambiguous", "不止一个客户符合，请写得更准：{}。", "More than one customer fits, be more exact: {}."},
    {"customer.*", "客户没有说明白：{}。没有保存任何东西。", "The customer is not clear: {}. Nothing was saved."},
    {"person.not-found", "没有找到这个人：{}。没有改动任何东西。`satchel person list` 列出人员。",
     "No such person: {}. Nothing was changed. `satchel person list` shows everybody."},
    {"person.ambiguous", "不止一个人符合：{}。没有改动任何东西。请写 `satchel person list --json` 里的 id。",
     "More than one person fits: {}. Nothing was changed. Give the id that `satchel person list --json` shows."},
    {"person.*", "人员没有说明白：{}。", "The person is not clear: {}."},
    {"record.not-found", "没有找到记录：{}。", "No such record: {}."},
    {"record.ambiguous", "不止一条记录以此开头：{}。请多写几位。",
     "More than one record begins like this: {}. Give more digits."},
    {"record.not-readable", "这条记录现在读不出来：{}。", "This record cannot be read now: {}."},
    {"record.not-yours", "这条记录不归您管，没有改动：{}。",
     "This record is not yours to change; nothing was changed: {}."},
    {"record.*", "记录没有保存：{}。", "The record was not saved: {}."},
    {"archive.not-found", "没有找到档案：{}。", "No such archive: {}."},
    {"archive.not-yours",
     "您对这份档案没有写的权限：{}。没有保存。只读的授权不能写；`satchel grants` 说明您凭什么读，`satchel access "
     "request --write` 可申请。",
     "You may not write to this archive: {}. Nothing was saved. Who was granted reading only cannot write; `satchel "
     "grants` says by what right you read it, `satchel access request --write` asks for more."},
    {"archive.*", "档案没有改动：{}。", "The archive was not changed: {}."},
    {"template.*", "表单用不了：{}。", "The form cannot be used: {}."},
    {"field.unknown", "没有这一项：{}。", "There is no such field: {}."},
    {"field.system", "这一项由程序填写：{}。", "The program fills this field: {}."},
    {"field.reason-needed", "改这一项需要写明原因（--reason）：{}。",
     "Changing this field needs a reason (--reason): {}."},
    {"field.*", "这一项填得不对：{}。没有保存。", "This field's value does not do: {}. Nothing was saved."},
    {"csv.*", "CSV 文件有误：{}。没有导入。", "The CSV file has a fault: {}. Nothing was imported."},
    {"import.*", "这一行或文件不能导入：{}。其余的不受影响。",
     "This row or file cannot be imported: {}. The others are not affected."},
    {"text.*", "文件的文字编码读不出来：{}。请存成 UTF-8 或 GB18030。",
     "The file's text cannot be read: {}. Save it as UTF-8 or GB18030."},
    {"conflict.*", "冲突没有解决：{}。没有改动。", "The conflict was not resolved: {}. Nothing was changed."},
    {"held.*", "待裁定的记录没有处理：{}。没有改动。", "The held work was not decided: {}. Nothing was changed."},
    {"numbers.*", "编号暂时取不到：{}。记录照常保存，编号以后补上。",
     "No number can be had now: {}. Records are saved all the same; the number follows."},
    {"scribe.too-large", "一次写入的内容太多：{}。没有保存，请分几次。",
     "Too much at once: {}. Nothing was saved; do it in parts."},
    {"keyring.no-key", "这份档案的密钥不在本机：{}。请同步后再试，或向管理员申请。",
     "This archive's key is not here: {}. Sync and try again, or ask an administrator."},
    {"lease.over", "本机太久没有连接枢纽，档案已锁；这里也没有别人可以代收新的记录：{}。请同步，之后一切恢复。",
     "This device met no hub for too long and its archives are locked; nobody else could take this in: {}. Sync, and "
     "all is here again."},
    {"session.access-ended", "权限已被收回，连接断开。已记录的内容仍可上交：请再次同步。",
     "The right was taken back and the connection was ended. What is recorded can still be handed in: sync again."},
    {"keyring.*", "档案的密钥不符：{}。请运行 `satchel verify`。",
     "The archive's key does not fit: {}. Run `satchel verify`."},
    // ---- the disk ----
    {"store.full", "磁盘已满：{}。已保存的都在；腾出空间后再试。",
     "The disk is full: {}. What was saved is safe; make room and try again."},
    {"store.io", "磁盘读写出错：{}。已保存的都在磁盘上；请检查磁盘。",
     "The disk failed: {}. What was saved is on it; check the disk."},
    {"store.damaged", "数据库已损坏：{}。请保留文件夹原样；已上交的数据在枢纽上，重新登记即可取回。",
     "The database is damaged: {}. Keep the folder as it is; what was handed in is on the hub and comes back by "
     "enrolling anew."},
    {"store.missing", "找不到数据库：{}。请从备份取回，或重新登记设备。",
     "The database is missing: {}. Take it from a backup, or enrol anew."},
    {"store.readers", "同时打开这个保险箱的程序太多：{}。请稍后再试。",
     "Too many programs have this vault open: {}. Try again later."},
    {"store.unknown", "最近一次写入结果不明：{}。再运行一次即可确定。",
     "Whether the last write succeeded is not known: {}. Running again settles it."},
    {"store.*", "数据库出了问题：{}。已保存的都在。",
     "Something is wrong with the database: {}. What was saved is safe."},
    {"log.*", "数据库内容有误：{}。请运行 `satchel verify` 查看范围；已上交的数据在枢纽上。",
     "The database's content does not hold: {}. Run `satchel verify` to see how far; what was handed in is on the "
     "hub."},
    {"seal.no-memory", "内存不足，打不开保险箱。数据完好。请关闭其他程序后重试。",
     "There is not enough memory to open the vault. The data is whole. Close other programs and try again."},
    {"seal.*", "密封的内容打不开：{}。请运行 `satchel verify` 查看范围。",
     "Sealed bytes will not open: {}. Run `satchel verify` to see how far."},
    {"verify.damage", "核对发现 {} 处不符。请保留文件夹原样并通知管理员；已上交的数据在枢纽上。",
     "Verification found {} faults. Keep the folder as it is and tell an administrator; what was handed in is on the "
     "hub."},
    {"verify.*", "核对发现不符：{}。请保留文件夹原样并通知管理员。",
     "Verification found a fault: {}. Keep the folder as it is and tell an administrator."},
};

}  // namespace

std::span<const Message> messages() { return kMessages; }

}  // namespace satchel::cli
