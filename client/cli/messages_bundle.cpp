// SPDX-License-Identifier: AGPL-3.0-or-later
// What is said of bundles, and of reconciling.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kBundleMessages[] = {
    {"bundle.none", "这不是 Satchel 包裹文件：{}。没有导入任何东西。",
     "This is no Satchel bundle: {}. Nothing was imported."},
    {"bundle.missing", "找不到文件：{}。没有导入任何东西。", "There is no such file: {}. Nothing was imported."},
    {"bundle.newer", "包裹由更新版本的程序写成（{}）。没有导入；请先升级本程序，文件请保留。",
     "The bundle was written by a newer program ({}). Nothing was imported; upgrade this one first, and keep the "
     "file."},
    {"bundle.cut-short", "文件不完整，没有复制完：{}。没有导入它；请从原处再复制一次。",
     "The file was cut short, it was not copied to its end: {}. Nothing of it was imported; copy it again."},
    {"bundle.damaged", "文件已损坏：{}。没有导入它；请从原处再复制一次，或请对方重新导出。",
     "The file is damaged: {}. Nothing of it was imported; copy it again, or ask for another export."},
    {"bundle.bad-signature", "签名不是 {} 的，文件可能被改过。没有导入；请通知管理员。",
     "The signature is not that of {}: the file may have been changed. Nothing was imported; tell an administrator."},
    {"bundle.not-for-us", "这个包裹是给 {} 的，本机打不开，也不需要打开。请把文件原样转交。",
     "This bundle is for {}: it cannot be opened here and need not be. Hand the file on as it is."},
    {"bundle.other-organisation", "这个包裹属于另一个单位：{}。没有导入。",
     "This bundle belongs to another organisation: {}. Nothing was imported."},
    {"bundle.unknown-sender", "本机的通讯录里还没有发出者：{}。没有导入；请先导入总部或枢纽来的包裹，或同步一次。",
     "The directory here does not know the sender yet: {}. Nothing was imported; import a bundle of a hub first, or "
     "sync "
     "once."},
    {"bundle.sender-unconfirmed", "发出者的设备还没有被确认：{}。没有导入；请管理员先确认。",
     "The sender's device is not confirmed yet: {}. Nothing was imported; an administrator has to confirm it first."},
    {"bundle.sender-revoked", "发出者的设备已被停用：{}。没有导入；它的工作要经枢纽上交。",
     "The sender's device is revoked: {}. Nothing was imported; its work has to go through a hub."},
    {"bundle.other-number", "已经收过编号 {} 的另一个包裹：发出者可能被恢复过旧数据。没有导入；请通知管理员。",
     "Another bundle with number {} was taken before: the sender may have been set back. Nothing was imported; tell an "
     "administrator."},
    {"bundle.too-large", "包裹里的通讯录太大，一次收不下{}。没有导入；请先同步一次，或导入枢纽来的包裹。",
     "The directory in the bundle is too large to be taken in one go{}. Sync once first, or import a bundle of a hub."},
    {"bundle.size-too-small", "每个文件至少要 {}。没有导出；请用更大的 --max-size。",
     "A file must be allowed at least {}. Nothing was exported; give a larger --max-size."},
    {"bundle.bad-size", "看不懂的大小：{}。例如 4M、1G。没有导出。",
     "This is no size: {}. For example 4M or 1G. Nothing was exported."},
    {"bundle.too-many-parts", "要分成 {} 个以上的文件。没有导出；请用更大的 --max-size。",
     "It would take more than {} files. Nothing was exported; give a larger --max-size."},
    {"bundle.no-recipient", "通讯录里没有这个枢纽或人：{}。`satchel hub list` 和 `satchel person list` 可查。",
     "There is no such hub or person: {}. `satchel hub list` and `satchel person list` show all."},
    {"bundle.ambiguous", "有几个枢纽或人叫这个名字：{}。请用编号的前几位。",
     "Several hubs or people have this name: {}. Use the beginning of an id."},
    {"bundle.to-self", "这就是本机。没有导出。", "That is this node itself. Nothing was exported."},
    {"bundle.nobody", "{} 没有另一台已确认的设备，没有人能打开包裹。没有导出。",
     "{} has no other confirmed device: nobody could open the bundle. Nothing was exported."},
    {"bundle.unconfirmed", "这台设备还没有被确认，不能导出包裹。请先同步一次。",
     "This device is not confirmed yet and cannot export. Sync once first."},
    {"bundle.no-folder", "没有这个文件夹：{}。没有导出任何东西。U 盘插好了吗？新文件夹请先建好。",
     "There is no such folder: {}. Nothing was exported. Is the stick plugged in? A new folder has to be made first."},
    {"bundle.not-a-folder", "这不是文件夹：{}。没有导出任何东西。请给出一个文件夹，文件名由程序取。",
     "This is no folder: {}. Nothing was exported. Name a folder; the program names the files."},
    {"bundle.at-once", "同时还有一个给 {} 的导出，它先完成了。这一个没有写出；请再运行一次。",
     "Another export for {} was made at the same time and was done first. This one was not written; run it again."},
    {"bundle.io", "文件读写出错：{}。已保存的数据不受影响；请检查 U 盘和剩余空间后再试。",
     "A file could not be read or written: {}. Saved data is not affected; check the stick and its free space, and try "
     "again."},
    {"bundle.incomplete", "还缺：{}。已收到的都已保存；导入其余文件即可，次序不限。",
     "Still missing: {}. What came is saved; import the other files, in any order."},
    {"bundle.seen-before", "这个文件以前导入过，没有新内容：{}。",
     "This file was imported before; there is nothing new in it: {}."},
    {"bundle.older", "这个包裹比已经导入的旧：{}。其中没有到过的内容仍已导入。",
     "This bundle is older than one imported before: {}. What had not come was imported all the same."},
    {"bundle.*", "包裹没有处理完：{}。已保存的数据不受影响。",
     "The bundle was not dealt with: {}. Saved data is not affected."},
    {"reconcile.*", "枢纽的比对答复不合规矩，交换已停止：{}。数据完好；请再同步，若重复出现请通知管理员。",
     "The hub's answer to the comparison does not hold and the exchange was ended: {}. The data is whole; sync again, "
     "and "
     "tell an administrator if it comes back."},
};

}  // namespace

std::span<const Message> bundle_messages() { return kBundleMessages; }

}  // namespace satchel::cli
