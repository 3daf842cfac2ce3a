// SPDX-License-Identifier: AGPL-3.0-or-later
// What is said of backups, restoring, and devices whose life is over.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kBackupMessages[] = {
    {"backup.none", "这不是 Satchel 备份：{}。没有改动任何东西。",
     "This is no Satchel backup: {}. Nothing was changed."},
    {"backup.missing", "找不到备份文件：{}。没有改动任何东西。", "There is no such backup: {}. Nothing was changed."},
    {"backup.newer", "备份由更新版本的程序写成（{}）。没有恢复；请先升级本程序，文件请保留。",
     "The backup was written by a newer program ({}). Nothing was restored; upgrade this one first, and keep the "
     "file."},
    {"backup.cut-short", "备份不完整，没有复制完：{}。没有采用它；请从原处再复制一次，或用更早的一份。",
     "The backup was cut short, it was not copied to its end: {}. Nothing of it was used; copy it again, or use an "
     "earlier one."},
    {"backup.damaged", "备份已损坏：{}。没有采用它；请用另一份。现有的保险箱不受影响。",
     "The backup is damaged: {}. Nothing of it was used; use another one. The vault as it is is not affected."},
    {"backup.unsound", "备份能打开，但内容对不上：{}。请用另一份，并从完好的保险箱重新做一份。",
     "The backup opens, but its content does not hold: {}. Use another one, and make a new one from a sound vault."},
    {"backup.expired",
     "这份备份已过期：{}"
     "。没有恢复。过期是为了让已销毁的档案不会从旧备份里回来（改过的程序可以不理会这一点）。请重新登记，"
     "已上交的数据会从枢纽回来。",
     "This backup has expired: {}. Nothing was restored. Backups expire so that destroyed archives do not come back "
     "from "
     "old ones (a modified program could ignore that). Enrol anew: what was handed in comes back from the hub."},
    {"backup.exists", "文件已经存在，没有覆盖：{}。请换一个文件名。",
     "The file exists already and was not overwritten: {}. Choose another name."},
    {"backup.other-kind", "这份备份不是保险箱的（{}）：枢纽的备份请用 `satcheld restore`。没有改动任何东西。",
     "This is no backup of a vault ({}): for a hub's use `satcheld restore`. Nothing was changed."},
    {"backup.file", "缺少要备份的文件：{}。没有做备份。",
     "A file that belongs into it is missing: {}. No backup was made."},
    {"backup.no-folder", "没有这个文件夹：{}。没有做备份。U 盘插好了吗？新文件夹请先建好。",
     "There is no such folder: {}. No backup was made. Is the stick plugged in? A new folder has to be made first."},
    {"backup.io", "备份读写出错：{}。保险箱不受影响；请检查磁盘和剩余空间后再试。",
     "The backup could not be read or written: {}. The vault is not affected; check the disk and its free space, and "
     "try "
     "again."},
    {"backup.*", "备份没有处理完：{}。保险箱不受影响。",
     "The backup was not dealt with: {}. The vault is not affected."},
    {"restore.occupied", "那里已经有一个保险箱：{}。没有改动它。请换一个文件夹，或加 --replace（原来的会留在旁边）。",
     "A vault is there already: {}. It was not touched. Name another folder, or add --replace (it is kept beside)."},
    {"restore.newer-here", "那里的保险箱比备份新：{}。没有改动它：恢复会丢掉后来的记录。若确定不要，请先把它移开。",
     "The vault there holds more than the backup: {}. It was not touched, because later work would be lost. If you are "
     "sure, move it away first."},
    {"restore.in-the-way", "那里有别的东西：{}。没有改动它；请换一个文件夹。",
     "Something else is there: {}. It was not touched; name another folder."},
    {"restore.running", "那里的枢纽正在运行：{}。没有改动它；请先停止。",
     "The hub there is running: {}. It was not touched; stop it first."},
    {"restore.waiting", "从备份恢复后还没有联系过枢纽：档案暂不能打开。可以照常记录拜访；请尽快同步一次。",
     "Restored from a backup, and no hub was met since: archives do not open yet. Visits can be recorded; sync soon."},
    {"device.former-life",
     "这台设备已由备份在别处恢复，这里的是旧的一份。已有的记录仍会上交（等待裁定），不再收到新内容。请改用新设备；"
     "若没有人恢复过，请立即告诉管理员。",
     "This device was restored elsewhere from a backup, and this is the old one. What it has is still handed in (and "
     "waits "
     "for a verdict); nothing new comes to it. Use the new one; if nobody restored it, tell an administrator at once."},
    {"device.copied",
     "这台设备的数据被复制过，两份都在用：已冻结。记录都在，会照常上交并等待裁定；不再收到新内容。请告诉管理员，"
     "用新的邀请重新登记（每台设备各一份）。",
     "This device's data was copied and both copies are in use: it is frozen. The work is safe, is handed in and waits "
     "for "
     "a verdict; nothing new comes. Tell an administrator, and enrol anew with a fresh invitation, each device its "
     "own."},
};

}  // namespace

std::span<const Message> backup_messages() { return kBackupMessages; }

}  // namespace satchel::cli
