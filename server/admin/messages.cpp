// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/admin/messages.h"

#include <array>

namespace satchel::admin {

namespace {

constexpr Message kMessages[] = {
    // ---- the data folder ----
    {"hub.exists",
     {"文件夹里已经有一个枢纽：{}。没有改动任何东西。请换一个文件夹，或用 `satcheld serve` 启动它。",
      "The folder already holds a hub: {}. Nothing was changed. Choose another folder, or start it with `satcheld "
      "serve`."}},
    {"hub.unfinished",
     {"文件夹里有一个未完成或缺少配置的枢纽：{}。没有改动任何东西。若确定其中没有数据，请自行删除该文件夹后重试。",
      "The folder holds part of a hub, without its configuration: {}. Nothing was changed. If you are sure that no "
      "data is in "
      "it, remove the folder yourself and try again."}},
    {"hub.not-empty",
     {"文件夹不是空的：{}。没有改动任何东西。请换一个新的或空的文件夹。",
      "The folder is not empty: {}. Nothing was changed. Choose a new or an empty one."}},
    {"hub.no-config",
     {"这里没有枢纽：{}。请检查 --data，或先用 `satcheld init`（总部）或 `satcheld join`（分支）建立。",
      "There is no hub here: {}. Check --data, or make one with `satcheld init` (headquarters) or `satcheld join` (a "
      "branch)."}},
    {"hub.config",
     {"配置有误：{}。数据没有受影响。请改正该行后重试。",
      "The configuration has a fault: {}. Data is not affected. Correct that line and try again."}},
    {"hub.folder",
     {"无法建立数据文件夹：{}。请检查上级文件夹的权限和磁盘。",
      "The data folder could not be made: {}. Check the parent folder's permissions and the disk."}},
    {"hub.file",
     {"无法读写文件：{}。请检查权限和磁盘空间后重试。",
      "A file could not be read or written: {}. Check permissions and disk space, then try again."}},
    {"hub.file-exists", {"文件已经存在，没有覆盖：{}。", "The file exists already and was not overwritten: {}."}},
    {"hub.running",
     {"这个文件夹的枢纽已经在运行：{}。一个文件夹只能由一个进程服务。",
      "The hub of this folder is running already: {}. One process serves a folder."}},
    {"unit.path",
     {"路径须为绝对路径，且不含控制字符：{}。", "The path must be absolute and without control characters: {}."}},
    {"unit.user", {"不能用作系统用户名：{}。", "This cannot be a system user's name: {}."}},
    {"hub.in-use",
     {"另一个进程正打开着这个数据库：{}。没有改动。请稍后再试。",
      "Another process has the store open: {}. Nothing was changed. Try again later."}},
    {"hub.revoked",
     {"总部已经停用这个枢纽（{}）。已收到的数据仍在原处。请与管理员联系。",
      "Headquarters has revoked this hub ({}). What it took is still in place. Ask an administrator."}},
    {"hub.no-headquarters",
     {"还不知道总部枢纽在哪里。请检查配置里的 [upstream]，或用新的邀请重新加入。",
      "Where headquarters is, is not known. Check [upstream] in the configuration, or join again with a new "
      "invitation."}},
    {"hub.busy",
     {"枢纽正忙，没有接收这一批；对方会自动再送。",
      "The hub is busy and did not take this; it will be sent again by itself."}},
    {"hub.bad-name",
     {"名称不能为空、过长（最多 128 字节）或含有换行等控制字符。",
      "A name is empty, too long (at most 128 bytes) or has line breaks or other control characters."}},
    {"usage.command-line", {"命令写得不对：{}。见 --help。", "The command line is wrong: {}. See --help."}},
    {"field.*", {"这个值不对：{}。没有改动任何东西。", "This value is wrong: {}. Nothing was changed."}},
    {"directory.*", {"这条声明没有被接受。没有改动任何东西。", "The statement was not accepted. Nothing was changed."}},
    // ---- keys ----
    {"vault.identity-missing",
     {"找不到枢纽的身份文件：{}。没有它就不能以这个枢纽的名义运行；请从备份取回，或另建枢纽。",
      "The hub's identity file is missing: {}. Without it nobody can run as this hub; take it from the backup, or join "
      "as a new one."}},
    {"vault.identity-damaged",
     {"枢纽的身份文件已损坏：{}。数据库不受影响。请从备份取回该文件。",
      "The hub's identity file is damaged: {}. The database is not affected. Take the file from the backup."}},
    {"vault.identity-exists",
     {"身份文件已经存在，没有覆盖：{}。", "The identity file exists already and was not overwritten: {}."}},
    {"vault.newer",
     {"文件来自更新版本的程序：{}。请升级本程序。", "The file was written by a newer program: {}. Upgrade this one."}},
    {"vault.io",
     {"无法读写密钥文件：{}。请检查权限和磁盘。",
      "A key file could not be read or written: {}. Check permissions and the disk."}},
    {"vault.full",
     {"磁盘已满，密钥文件没有写成：{}。原文件保持不变。请腾出空间后重试。",
      "The disk is full and the key file was not written: {}. The old one is as it was. Make room and try again."}},
    {"link.no-key-file",
     {"找不到 TLS 密钥文件：{}。请从备份取回。", "The TLS key file is missing: {}. Take it from the backup."}},
    {"link.key-file",
     {"TLS 密钥文件已损坏：{}。请从备份取回。", "The TLS key file is damaged: {}. Take it from the backup."}},
    {"link.key-exposed",
     {"别人也能读 TLS 密钥文件：{}。请先改权限：chmod 600，并考虑更换密钥。",
      "Others can read the TLS key file: {}. First chmod 600, and consider renewing the key."}},
    {"kit.none",
     {"文件里没有恢复密钥。没有改动任何东西。请用建立单位时打印的恢复包（--kit），或照原件把四行输入一个文件。",
      "There is no recovery key in this file. Nothing was changed. Give the recovery kit of the founding (--kit), or "
      "its "
      "four lines typed into a file."}},
    {"kit.line",
     {"恢复密钥的第 {} 行有误，请对照原件重新输入。",
      "Line {} of the recovery key is wrong; compare it with the original."}},
    // ---- the store ----
    {"store.missing",
     {"找不到数据库：{}。请检查 --data 或从备份恢复。",
      "The database is missing: {}. Check --data, or restore the backup."}},
    {"store.full",
     {"磁盘已满：{}。已确认的数据都在；腾出空间后会自动继续。",
      "The disk is full: {}. Everything acknowledged is safe; it goes on by itself when there is room."}},
    {"store.io",
     {"磁盘读写出错：{}。已确认的数据都在磁盘上；请检查磁盘后重新启动。",
      "The disk failed: {}. What was acknowledged is on it; check the disk, then start again."}},
    {"store.unknown",
     {"最近一次写入结果不明：{}。重新启动后即可确定；对方会把未确认的再送一次。",
      "Whether the last write succeeded is not known: {}. Starting again settles it; what was not acknowledged is sent "
      "again."}},
    {"store.damaged",
     {"数据库已损坏：{}。请停止使用，保留文件夹原样，从备份恢复；分支和设备会把缺少的部分再送来。",
      "The database is damaged: {}. Stop, keep the folder as it is, and restore the backup; branches and devices send "
      "again what is missing."}},
    {"store.open-twice", {"同一程序两次打开了数据库：{}。", "One program opened the database twice: {}."}},
    {"store.readers",
     {"同时查看数据库的程序太多：{}。请稍后再试。", "Too many programs look at the database: {}. Try again later."}},
    {"log.damaged",
     {"数据库内容有误：{}。请运行 `satcheld verify` 查看范围，并准备从备份恢复。",
      "The database's content does not hold: {}. Run `satcheld verify` to see how far, and prepare to restore the "
      "backup."}},
    // ---- the network ----
    {"link.listen",
     {"无法在这个地址上监听：{}。请检查地址是否属于本机、端口是否被占用。",
      "This address cannot be listened on: {}. Check that it is this machine's and that the port is free."}},
    {"link.address",
     {"地址应写成 主机:端口，例如 10.0.0.5:7440：{}。", "An address is host:port, such as 10.0.0.5:7440: {}."}},
    {"link.not-numeric",
     {"监听地址要写数字 IP，例如 127.0.0.1:7440 或 0.0.0.0:7440：{}。",
      "The address to listen on takes a numeric IP, such as 127.0.0.1:7440 or 0.0.0.0:7440: {}."}},
    {"link.unreachable",
     {"连不上：{}。本机没有丢失任何东西；请检查网络后再运行一次同样的命令。",
      "It cannot be reached: {}. Nothing is lost here; check the network and run the same command again."}},
    {"link.refused",
     {"对方没有枢纽在运行：{}。请先启动对方枢纽，再运行一次同样的命令。",
      "No hub is running there: {}. Start it, then run the same command again."}},
    {"link.timeout",
     {"等待太久没有完成：{}。已取得的都已保存；再运行一次同样的命令即从断点继续。",
      "It took too long: {}. What came so far is kept; run the same command again to go on from there."}},
    {"link.wrong-pin",
     {"那个地址上不是邀请所指的枢纽（密钥不符）。没有发送任何东西。可能有人冒充，或总部换了密钥：请索取新的邀请。",
      "Somebody else than the invited hub answers there (its key differs). Nothing was sent. Either it is an impostor "
      "or "
      "headquarters has a new key: ask for a new invitation."}},
    {"link.tls",
     {"加密连接没有建立：{}。没有发送任何东西。", "The encrypted channel did not come about: {}. Nothing was sent."}},
    {"link.cut",
     {"连接中断。已确认的都在；再运行一次同样的命令即从断点继续。",
      "The connection was cut. What was acknowledged is safe; run the same command again to go on."}},
    {"session.cut",
     {"连接中断。已确认的都在；再运行一次同样的命令即从断点继续。",
      "The connection was cut. What was acknowledged is safe; run the same command again to go on."}},
    {"session.silent",
     {"对方长时间没有回应。已确认的都在；请稍后再试。",
      "The other side fell silent. What was acknowledged is safe; try again later."}},
    {"session.going-away", {"对方枢纽正在停止。请稍后再试。", "The other hub is going down. Try again later."}},
    {"session.turned-away",
     {"对方枢纽暂时不与本枢纽交换（还有 {} 秒），因为多次收到不合格的数据。请运行 `satcheld verify`。",
      "The other hub takes nothing from this one for {} s, because it was sent false data again and again. Run "
      "`satcheld "
      "verify`."}},
    {"session.crowded",
     {"此刻登记的设备太多。请稍后再试。", "Too many nodes are being enrolled at this moment. Try again later."}},
    {"session.other-hub",
     {"那个地址上是同一单位的另一个枢纽。请检查地址。",
      "Another hub of the organisation answers there. Check the address."}},
    {"session.other-organisation",
     {"那个枢纽属于别的单位。没有发送任何数据。", "That hub belongs to another organisation. No data was sent."}},
    {"session.version",
     {"双方程序版本不兼容。请升级较旧的一方。",
      "The two programs' versions do not go together. Upgrade the older one."}},
    {"session.bad-signature",
     {"对方不能证明自己是谁。已断开，没有采用任何数据。",
      "The other side could not prove who it is. The connection was ended; nothing was taken."}},
    {"session.not-taken",
     {"对方没有接收：{}。未确认的会自动再送。",
      "The other side did not take it: {}. What is not acknowledged is sent again."}},
    // ---- invitations and enrolment ----
    {"invite.none", {"文件里没有邀请。请检查文件。", "There is no invitation in this file. Check the file."}},
    {"invite.file", {"无法读取邀请文件：{}。", "The invitation file could not be read: {}."}},
    {"invite.damaged",
     {"邀请不完整或有误（{}）。请重新索取。", "The invitation is cut or garbled ({}). Ask for it again."}},
    {"invite.newer-version",
     {"邀请来自更新版本的程序。请升级本程序。", "The invitation was made by a newer program. Upgrade this one."}},
    {"invite.wrong-purpose",
     {"这份邀请不是给枢纽用的。请管理员用 `satchel hub invite` 另做一份。",
      "This invitation is not for a hub. Ask an administrator for one made with `satchel hub invite`."}},
    {"directory.token-used",
     {"这份邀请已被使用过。没有留下任何东西。请索取新的邀请；若不是您用的，请告诉管理员。",
      "This invitation was used already. Nothing was left behind. Ask for a new one; if it was not you who used "
      "it, tell an administrator."}},
    {"directory.token-expired",
     {"这份邀请已过期。没有留下任何东西。请索取新的邀请。",
      "This invitation has expired. Nothing was left behind. Ask for a new one."}},
    {"directory.unknown-invitation",
     {"总部不认识这份邀请。没有留下任何东西。请向管理员核实。",
      "Headquarters does not know this invitation. Nothing was left behind. Ask an administrator."}},
    {"directory.bad-token",
     {"邀请的密钥不符。没有留下任何东西。请重新索取。",
      "The invitation's key is not right. Nothing was left behind. Ask for it again."}},
    {"directory.wrong-purpose",
     {"这份邀请不是给枢纽用的。没有留下任何东西。", "This invitation is not for a hub. Nothing was left behind."}},
    {"directory.fork",
     {"总部枢纽给出了两种互相矛盾的通讯录。已停止采用，证据已保留。请立即通知管理员。",
      "Headquarters' hub has given two directories that contradict each other. Neither is followed on; the evidence is "
      "kept. Tell an "
      "administrator at once."}},
    {"verify.directory",
     {"通讯录与其签名不符（位置 {}）。请从备份恢复。",
      "The directory does not follow from its signatures (position {}). Restore the backup."}},
    {"verify.directory-head",
     {"通讯录末尾没有总部的有效签名（{}）。请从备份恢复。",
      "The directory's end lacks headquarters' signature ({}). Restore the backup."}},
    {"admin.damage",
     {"发现 {} 处不符。请保留文件夹原样并从备份恢复；分支和设备会把缺少的部分再送来。",
      "{} findings. Keep the folder as it is and restore the backup; branches and devices send again what is "
      "missing."}},
    // ---- backups ----
    {"kit.file", {"找不到恢复包：{}。没有改动任何东西。", "There is no such recovery kit: {}. Nothing was changed."}},
    {"backup.none",
     {"这不是 Satchel 备份：{}。没有改动任何东西。", "This is no Satchel backup: {}. Nothing was changed."}},
    {"backup.missing", {"找不到备份文件：{}。没有改动任何东西。", "There is no such backup: {}. Nothing was changed."}},
    {"backup.newer",
     {"备份由更新版本的程序写成（{}）。没有恢复；请先升级本程序，文件请保留。",
      "The backup was written by a newer program ({}). Nothing was restored; upgrade this one first, and keep the "
      "file."}},
    {"backup.cut-short",
     {"备份不完整，没有复制完：{}。没有采用它；请从原处再复制一次，或用更早的一份。",
      "The backup was cut short, it was not copied to its end: {}. Nothing of it was used; copy it again, or use an "
      "earlier one."}},
    {"backup.damaged",
     {"备份已损坏：{}。没有采用它；请用另一份。现有的枢纽不受影响。",
      "The backup is damaged: {}. Nothing of it was used; use another one. The hub as it is is not affected."}},
    {"backup.unsound",
     {"备份能打开，但内容对不上：{}。请用另一份，并从完好的枢纽重新做一份。",
      "The backup opens, but its content does not hold: {}. Use another one, and make a new one from a sound hub."}},
    {"backup.exists", {"文件已经存在，没有覆盖：{}。", "The file exists already and was not overwritten: {}."}},
    {"backup.no-key",
     {"单位还没有备份密钥（{}）：建立单位时的程序太旧。没有做备份。",
      "The organisation has no key for backups ({}): it was founded by an older program. No backup was made."}},
    {"backup.other-kit",
     {"恢复包属于另一个单位；备份属于 {}。没有改动任何东西。",
      "The recovery kit is another organisation's; the backup belongs to {}. Nothing was changed."}},
    {"backup.other-kind",
     {"这份备份不是枢纽的（{}）：保险箱的备份请用 `satchel restore`。没有改动任何东西。",
      "This is no hub's backup ({}): for a vault's use `satchel restore`. Nothing was changed."}},
    {"backup.file",
     {"缺少要备份的文件：{}。没有做备份。", "A file that belongs into it is missing: {}. No backup was made."}},
    {"backup.io",
     {"备份读写出错：{}。枢纽不受影响；请检查磁盘和剩余空间后再试。",
      "The backup could not be read or written: {}. The hub is not affected; check the disk and its free space, and "
      "try "
      "again."}},
    {"restore.occupied",
     {"那里已经有一个枢纽：{}。没有改动它。请换一个文件夹，或加 --replace（原来的会留在旁边）。",
      "A hub is there already: {}. It was not touched. Name another folder, or add --replace (it is kept beside)."}},
    {"restore.newer-here",
     {"那里的枢纽比备份新：{}。没有改动它：恢复会丢掉后来的数据。若确定不要，请先把它移开。",
      "The hub there holds more than the backup: {}. It was not touched, because later data would be lost. If you are "
      "sure, move it away first."}},
    {"restore.in-the-way",
     {"那里有别的东西：{}。没有改动它；请换一个文件夹。",
      "Something else is there: {}. It was not touched; name another folder."}},
    {"restore.running",
     {"那里的枢纽正在运行：{}。没有改动它；请先停止。",
      "The hub there is running: {}. It was not touched; stop it first."}},
    // ---- bundles ----
    {"bundle.none",
     {"这不是 Satchel 包裹文件：{}。没有导入任何东西。", "This is no Satchel bundle: {}. Nothing was imported."}},
    {"bundle.missing", {"找不到文件：{}。没有导入任何东西。", "There is no such file: {}. Nothing was imported."}},
    {"bundle.newer",
     {"包裹由更新版本的程序写成（{}）。没有导入；请先升级本程序，文件请保留。",
      "The bundle was written by a newer program ({}). Nothing was imported; upgrade this one first, and keep the "
      "file."}},
    {"bundle.cut-short",
     {"文件不完整，没有复制完：{}。没有导入它；请从原处再复制一次。",
      "The file was cut short, it was not copied to its end: {}. Nothing of it was imported; copy it again."}},
    {"bundle.damaged",
     {"文件已损坏：{}。没有导入它；请从原处再复制一次，或请对方重新导出。",
      "The file is damaged: {}. Nothing of it was imported; copy it again, or ask for another export."}},
    {"bundle.bad-signature",
     {"签名不是 {} 的，文件可能被改过。没有导入；请通知管理员。",
      "The signature is not that of {}: the file may have been changed. Nothing was imported; tell an administrator."}},
    {"bundle.not-for-us",
     {"这个包裹是给 {} 的，本机打不开，也不需要打开。请把文件原样转交。",
      "This bundle is for {}: it cannot be opened here and need not be. Hand the file on as it is."}},
    {"bundle.other-organisation",
     {"这个包裹属于另一个单位：{}。没有导入。",
      "This bundle belongs to another organisation: {}. Nothing was imported."}},
    {"bundle.unknown-sender",
     {"本机的通讯录里还没有发出者：{}。没有导入；请先导入总部或枢纽来的包裹，或同步一次。",
      "The directory here does not know the sender yet: {}. Nothing was imported; import a bundle of a hub first, or "
      "sync "
      "once."}},
    {"bundle.sender-unconfirmed",
     {"发出者的设备还没有被确认：{}。没有导入；请管理员先确认。",
      "The sender's device is not confirmed yet: {}. Nothing was imported; an administrator has to confirm it first."}},
    {"bundle.other-number",
     {"已经收过编号 {} 的另一个包裹：发出者可能被恢复过旧数据。没有导入；请通知管理员。",
      "Another bundle with number {} was taken before: the sender may have been set back. Nothing was imported; tell "
      "an "
      "administrator."}},
    {"bundle.too-large",
     {"包裹里的通讯录太大，一次收不下{}。没有导入；请先同步一次，或导入枢纽来的包裹。",
      "The directory in the bundle is too large to be taken in one go{}. Sync once first, or import a bundle of a "
      "hub."}},
    {"bundle.size-too-small",
     {"每个文件至少要 {}。没有导出；请用更大的 --max-size。",
      "A file must be allowed at least {}. Nothing was exported; give a larger --max-size."}},
    {"bundle.bad-size",
     {"看不懂的大小：{}。例如 4M、1G。没有导出。", "This is no size: {}. For example 4M or 1G. Nothing was exported."}},
    {"bundle.too-many-parts",
     {"要分成 {} 个以上的文件。没有导出；请用更大的 --max-size。",
      "It would take more than {} files. Nothing was exported; give a larger --max-size."}},
    {"bundle.no-recipient",
     {"通讯录里没有这个枢纽或人：{}。请核对名称，或用编号的前几位。",
      "There is no such hub or person: {}. Check the name, or use the beginning of an id."}},
    {"bundle.ambiguous",
     {"有几个枢纽或人叫这个名字：{}。请用编号的前几位。",
      "Several hubs or people have this name: {}. Use the beginning of an id."}},
    {"bundle.to-self", {"这就是本机。没有导出。", "That is this node itself. Nothing was exported."}},
    {"bundle.nobody",
     {"{} 没有另一台已确认的设备，没有人能打开包裹。没有导出。",
      "{} has no other confirmed device: nobody could open the bundle. Nothing was exported."}},
    {"bundle.unconfirmed",
     {"这个枢纽还没有被确认，不能导出包裹。请管理员先核对指纹。",
      "This hub is not confirmed yet and cannot export. An administrator has to compare its fingerprint first."}},
    {"bundle.io",
     {"文件读写出错：{}。已保存的数据不受影响；请检查 U 盘和剩余空间后再试。",
      "A file could not be read or written: {}. Saved data is not affected; check the stick and its free space, and "
      "try "
      "again."}},
    {"bundle.incomplete",
     {"还缺：{}。已收到的都已保存；导入其余文件即可，次序不限。",
      "Still missing: {}. What came is saved; import the other files, in any order."}},
    {"bundle.seen-before",
     {"这个文件以前导入过，没有新内容：{}。", "This file was imported before; there is nothing new in it: {}."}},
    {"bundle.older",
     {"这个包裹比已经导入的旧：{}。其中没有到过的内容仍已导入。",
      "This bundle is older than one imported before: {}. What had not come was imported all the same."}},
    // ---- families: of each code without a sentence of its own ----
    {"vault.*",
     {"密钥文件出了问题。没有改动任何东西。请保留文件夹原样，从备份取回该文件。",
      "Something is wrong with the key files. Nothing was changed. Keep the folder as it is and take the file from "
      "a backup."}},
    {"seal.*",
     {"密封的内容打不开。请运行 verify 查看范围。", "Sealed bytes will not open. Run verify to see how far."}},
    {"store.*",
     {"数据库出了问题。已确认的数据都在。请重新启动；若仍如此，请保留文件夹原样并从备份恢复。",
      "Something is wrong with the database. What was acknowledged is safe. Start again; if it stays so, keep the "
      "folder as it is and restore the backup."}},
    {"log.*",
     {"数据库内容有误。请运行 verify 查看范围，并准备从备份恢复。",
      "The database's content does not hold. Run verify to see how far, and prepare to restore the backup."}},
    {"verify.*",
     {"核对发现不符。请保留文件夹原样并从备份恢复。",
      "Verification found a fault. Keep the folder as it is and restore the backup."}},
    {"link.*",
     {"与对方的连接没有成。没有丢失任何东西；请检查网络后再运行一次同样的命令。",
      "The connection did not come about. Nothing is lost; check the network and run the same command again."}},
    {"session.*",
     {"与对方的交换没有完成。已确认的都在；再运行一次同样的命令即从断点继续，若仍不行请看方括号里的代码。",
      "The exchange did not finish. What was acknowledged is safe; run the same command again to go on, and if that "
      "fails see the code in brackets."}},
    {"wire.*",
     {"对方发来的数据不合格式，已断开，没有采用。",
      "The other side sent bytes that do not follow the format; the connection was ended and nothing taken."}},
    {"parcel.*",
     {"对方发来的数据不可信，已断开，没有采用。",
      "The other side sent bytes that do not prove themselves; the connection was ended and nothing taken."}},
    {"backup.*", {"备份没有处理完。枢纽不受影响。", "The backup was not dealt with. The hub is not affected."}},
    {"hub.*", {"枢纽没有做到。已确认的数据都在。", "The hub did not do it. What was acknowledged is safe."}},
    {"report.*",
     {"报表做不出来。数据完好；请让管理员检查模板包。",
      "The report could not be made. The data is whole; let an administrator check the pack."}},
    {"bundle.*",
     {"包裹没有处理完：{}。已保存的数据不受影响。", "The bundle was not dealt with: {}. Saved data is not affected."}},
};

}  // namespace

std::span<const Message> messages() { return kMessages; }

const Message* find_message(std::string_view code) {
  for (const auto& message : kMessages) {
    if (message.code == code) return &message;
  }
  return nullptr;
}

std::string sentence(const Error& error, Language language) {
  const Message* message = find_message(error.code);
  if (message == nullptr) message = find_message(error.code.substr(0, error.code.find('.')) + ".*");  // its family's
  if (message == nullptr) return error.detail.empty() ? error.code : error.code + ": " + error.detail;
  std::string out(message->text.in(language));
  const bool unsaid = out.find("{}") == std::string::npos && message->code.ends_with('*') && !error.detail.empty();
  if (unsaid) out += language == Language::en ? " (" + error.detail + ")" : "（" + error.detail + "）";
  for (auto at = out.find("{}"); !unsaid && at != std::string::npos; at = out.find("{}", at + error.detail.size())) {
    out.replace(at, 2, error.detail);
  }
  return out + " [" + error.code + "]";
}

}  // namespace satchel::admin
