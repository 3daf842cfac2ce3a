// SPDX-License-Identifier: AGPL-3.0-or-later
// What is said of handing over, of tasks, and of destroying.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kDestroyMessages[] = {
    // ---- tasks ----
    {"task.done-already", "这项任务已经办完（{}）。没有改动。", "This task is done already ({}). Nothing was changed."},
    // ---- handover ----
    {"handover.same", "交出和接手的是同一个人：{}。没有做任何事。", "Both are the same person: {}. Nothing was done."},
    {"handover.successor-left", "接手的人已经离开：{}。没有做任何事；请另选一人。",
     "The successor has left: {}. Nothing was done; choose somebody else."},
    {"handover.not-theirs", "--only 里有不归此人负责的客户。没有做任何事；用 --dry-run 可看到他负责的客户。",
     "Among --only is a customer that is not theirs. Nothing was done; --dry-run lists whose customers they are."},
    // ---- destroying ----
    {"destroy.open-business",
     "还不能销毁：{}。还有须保管的或未了的事，已在上面列出。没有提议，也没有销毁任何东西；请先了结，或在法律要求时选用"
     "允许的理由（--reason）。",
     "It cannot be destroyed yet: {}. Something has to be kept or is still open, as listed above. Nothing was proposed "
     "or "
     "destroyed; settle it first, or give a reason that allows it where the law demands (--reason)."},
    {"destroy.reason", "没有这个理由：{}。没有做任何事。可用：retention_over、person_asked、authority、mistake。",
     "There is no such reason: {}. Nothing was done. There are: retention_over, person_asked, authority, mistake."},
    {"destroy.no-proposal", "没有这项销毁提议：{}。请用 `destroy list` 查看；刚提出的要先同步。",
     "There is no such proposal: {}. See `destroy list`; one just made needs a sync first."},
    {"destroy.not-signed", "这项提议还没有第二个人会签：{}。没有销毁任何东西。",
     "Nobody has signed this proposal as the second person yet: {}. Nothing was destroyed."},
    {"destroy.nothing-known", "没有找到销毁过的档案：{}。请用 `destroy list` 查看。",
     "No destroyed archive of this name or id: {}. See `destroy list`."},
    // ---- certificates ----
    {"certificate.none", "这不是完整的销毁证明。请重新取得文件。",
     "This is no whole certificate of destruction. Get the file again."},
    {"certificate.bad-signature", "证明的内容与签名不符（签名：{}），不可采信。请重新取得文件，并通知管理员。",
     "The certificate does not agree with its signature (by {}) and is not to be trusted. Get the file "
     "again, "
     "and tell an administrator."},
    {"certificate.unknown-node", "本机的通讯录不认识出具证明的设备：{}。请先同步，或请签发单位的人核对。",
     "The directory here does not know the device that signed: {}. Sync first, or have it checked by its "
     "organisation."},
    {"certificate.contradicts", "签名无误，但通讯录里没有这样一次销毁：{}。请先同步；仍如此则不可采信。",
     "The signature is good, but the directory knows of no such destruction: {}. Sync first; if it stays so, do not "
     "trust "
     "it."},
};

}  // namespace

std::span<const Message> destroy_messages() { return kDestroyMessages; }

}  // namespace satchel::cli
