// SPDX-License-Identifier: AGPL-3.0-or-later
// The sentences of rights: granting, asking, moving, showing two as one, revoking.
#include "client/cli/messages.h"

namespace satchel::cli {

namespace {

constexpr Message kAccessMessages[] = {
    {"usage.yes", "这一步改变不止一处，需要确认：先用 --dry-run 看清楚，再加 --yes。没有改变任何东西。",
     "This changes more than one thing and has to be confirmed: look with --dry-run first, then add --yes. Nothing has "
     "changed."},
    // ---- grants ----
    {"access.not-yours",
     "这份档案不归您授权或调整：{}。没有改变任何东西。请找它所在分支的主管或总部，或用 `satchel access "
     "request` 申请。",
     "This archive is not yours to give or to change: {}. Nothing has changed. Ask its branch's manager or "
     "headquarters, or "
     "use `satchel access request`."},
    {"access.has-already", "不用授权，这个人已经有这个权限（负责人或职务）：{}。没有改变任何东西。",
     "No grant is needed, this person has that right already (as an owner or by role): {}. Nothing has changed."},
    {"access.no-grant", "没有可收回的授权：{}。负责人和职务带来的权限不是授权：`satchel grants 档案` 说明各人凭什么。",
     "There is no grant to take back: {}. What owners and roles have is no grant: `satchel grants ARCHIVE` says by "
     "what "
     "right each reads."},
    {"access.left", "这个人不在职：{}。没有改变任何东西。", "This person is not active: {}. Nothing has changed."},
    {"access.auditors-read", "审计只读不写：{}。请加 --read。没有改变任何东西。",
     "Auditors read and never write: {}. Add --read. Nothing has changed."},
    {"access.date-ahead", "--from 不能在将来：{}。授权从换新密钥时起生效；请到那天再授权。没有改变任何东西。",
     "--from cannot lie ahead: {}. A grant reads from when its key is begun; give it on that day. Nothing has "
     "changed."},
    {"access.date-past", "--until 已经过去：{}。没有改变任何东西。",
     "--until is over already: {}. Nothing has changed."},
    {"access.*", "权限没有改变：{}。", "The right was not changed: {}."},
    // ---- requests ----
    {"request.text", "申请要写明是哪份档案（最多 256 字节）和用途（--purpose，最多 1024 字节）。没有提交。",
     "A request says which archive (at most 256 bytes) and what for (--purpose, at most 1024 bytes). Nothing was "
     "asked."},
    {"request.no-archive", "申请里写的「{}」在您这里对不上唯一的一份档案。请加 --archive 指明。没有改变任何东西。",
     "What the request names, '{}', is not one archive here. Say which with --archive. Nothing has changed."},
    {"request.later-than-asked", "申请只到 {} 为止，同意不能更晚。没有改变任何东西。要给得更久，请用 `satchel grant`。",
     "It was asked for until {} and cannot be approved for longer. Nothing has changed. To give more, use `satchel "
     "grant`."},
    {"request.not-found", "没有这个申请：{}。`satchel access list` 列出您的和等您答复的。",
     "There is no such request: {}. `satchel access list` shows yours and those that wait for you."},
    {"request.ambiguous", "不止一个申请以此开头：{}。请多写几位。",
     "More than one request begins like this: {}. Give more digits."},
    {"directory.unknown-request", "没有这个申请，或它还没有送到。请先同步。",
     "There is no such request, or it has not arrived yet. Sync first."},
    {"directory.answered-already",
     "已有人答复过这个申请。若您的授权已经送出，它仍有效：用 `satchel grants` 查看，不需要就 "
     "`satchel ungrant`。",
     "Somebody has answered this request already. A grant you made with it stands: see `satchel grants`, and take it "
     "back with `satchel ungrant` if it is not wanted."},
    {"directory.own-request", "不能自己答复自己的申请。没有改变任何东西。请另一位有权的人答复。",
     "Nobody answers his own request. Nothing has changed. Somebody else who was asked has to."},
    {"directory.request-over", "申请已过期。没有改变任何东西。请申请人重新申请。",
     "The request is over. Nothing has changed. Whoever asked may ask again."},
    {"directory.too-many-requests", "您已有太多未答复的申请。没有提交。请等答复，或等旧的过期。",
     "Too many of your requests are unanswered. Nothing was asked. Wait for answers, or until the old ones are over."},
    {"keyring.no-audience", "答复的人还没有密钥，内容没法只给他们看，所以没有提交。请同步后再试。",
     "Those to be asked have no key yet, so the words could not be for them alone; nothing was asked. Sync and try "
     "again."},
    {"keyring.text-too-long", "文字太长，没有提交。请写短一些。",
     "The text is too long; nothing was sent. Make it shorter."},
    // ---- two archives of one customer ----
    {"merge.itself", "一份档案不能并入自己：{}。没有改变任何东西。",
     "An archive cannot be shown within itself: {}. Nothing has changed."},
    {"merge.circle", "这样会成圈：整体已经显示在它之内（{}）。没有改变任何东西。",
     "That would go in a circle: the whole is shown within it already ({}). Nothing has changed."},
    {"merge.already", "它已经显示在另一份之内：{}。要改，先 `satchel merge undo`。没有改变任何东西。",
     "It is shown within another one already: {}. To change that, `satchel merge undo` first. Nothing has changed."},
    {"merge.too-deep", "层层并入太深（最多 {} 层）。没有改变任何东西。",
     "Too many archives within one another (at most {} deep). Nothing has changed."},
    {"merge.none", "它没有显示在别的档案之内：{}。没有改变任何东西。",
     "It is not shown within another: {}. Nothing has changed."},
    {"merge.*", "没有合并：{}。", "They were not shown as one: {}."},
    // ---- moving ----
    {"move.other-branch", "新的负责人不属于那个分支：{}。没有改变任何东西。",
     "The new owner is not of that branch: {}. Nothing has changed."},
    {"move.nothing", "没有要转移的：都已经在那里，或没有写负责人。没有改变任何东西。",
     "There is nothing to move: it is there already, or no owner was named. Nothing has changed."},
    // ---- revoking ----
    {"revoke.nobody",
     "没有这个人，也没有这台设备或枢纽：{}。没有改变任何东西。`satchel person list` 列出人员，`satchel hub list` "
     "列出枢纽。",
     "There is no such person, device or hub: {}. Nothing has changed. `satchel person list` shows people, `satchel "
     "hub "
     "list` hubs."},
    {"revoke.ambiguous", "不止一台设备符合：{}。请写设备号的开头。没有改变任何东西。",
     "More than one device fits: {}. Give the beginning of its id. Nothing has changed."},
    {"revoke.done", "早已停用：{}。`satchel revoked` 看后来怎样。",
     "That was revoked before: {}. `satchel revoked` tells what became of it."},
    {"revoke.pending",
     "已经说过停用，正等总部处理：{}。收到的枢纽已经执行；没有再说一次。`satchel status` 看是否已送到。",
     "That was said before and is pending at HQ: {}. Hubs that have it obey it already; it was not said again. "
     "`satchel "
     "status` tells whether it has been sent."},
    {"revoke.oneself", "不能停用自己：{}。没有改变任何东西。请另一位管理员来做。",
     "Nobody revokes himself: {}. Nothing has changed. Let another administrator do it."},
    // ---- held ----
    {"held.ambiguous", "不止一条以此开头：{}。请多写几位。", "More than one begins like this: {}. Give more digits."},
};

}  // namespace

std::span<const Message> access_messages() { return kAccessMessages; }

}  // namespace satchel::cli
