// SPDX-License-Identifier: AGPL-3.0-or-later
// revoke, revoked: somebody leaves or a device is lost, and what became of it.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/revoking.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

json::object news_json(const field::DeviceNews& news) {
  json::object out{{"node", news.node.hex()},
                   {"device", news.name},
                   {"state", node_state_name(news.state)},
                   {"heard", news.heard.ms != 0 ? json::value(moment(news.heard)) : json::value(nullptr)},
                   {"entries", news.entries}};
  if (news.receipt)
    out["receipt"] = json::object{
        {"time", moment(news.receipt->time)}, {"archives", news.receipt->archives}, {"unsent", news.receipt->unsent}};
  return out;
}

std::string heard_word(const Frame& frame, const field::DeviceNews& news) {
  return news.heard.ms != 0 ? frame.tr("最近收到它的记录 ", "last work of it taken ") + moment(news.heard)
                            : frame.tr("从未收到它的记录", "no work of it known here");
}

std::string taken_word(const Frame& frame, const field::RevokePlan& plan) {
  return frame.tr("  失去：可读档案 ", "  Taken: archives it could read ") + std::to_string(plan.read) +
         (plan.leaves ? frame.tr("，其中负责的 ", ", owned of them ") + std::to_string(plan.owned) +
                            frame.tr("（独自负责 ", " (alone ") + std::to_string(plan.alone) + frame.tr("）", ")")
                      : std::string{});
}

void say_hub_plan(const Frame& frame, const field::DeviceNews& hub) {
  frame.say(frame.tr("停用枢纽 ", "Revoked is the hub ") + printable(hub.name) + "  " + holder::short_id(hub.node));
  frame.say(
      frame.tr("  设备和其他枢纽不再与它交换，改连总部；只有它收到、还没有上交的，要等设备再次送出。另建一个："
               "`satchel hub invite`。",
               "  Devices and other hubs exchange with it no more and turn to headquarters; what it alone has taken "
               "comes again from the devices. For a new one: `satchel hub invite`."));
}

void say_plan(const Frame& frame, Book& book, const field::RevokePlan& plan) {
  if (plan.kind == NodeKind::hub) return say_hub_plan(frame, plan.devices.front());
  const std::string who = book.person_name(plan.person);
  if (plan.leaves)
    frame.say(who + frame.tr(" 离开：全部设备停用，不再有任何权限。",
                             " leaves: every device is revoked, and there is no right any more."));
  else if (plan.kind == NodeKind::reader)
    frame.say(frame.tr("停用一个总部阅读端。", "Revoked is a reader of headquarters."));
  else
    frame.say(frame.tr("停用 ", "Revoked is one device of ") + who +
              frame.tr(" 的一台设备；本人不受影响。", "; the person stays."));
  for (const auto& device : plan.devices)
    frame.say("  " + holder::short_id(device.node) + "  " + printable(device.name) + "  " + heard_word(frame, device) +
              frame.tr("，之后写的还在设备上", "; what was written since is still on it"));
  if (!plan.person.none()) frame.say(taken_word(frame, plan));
  frame.say(frame.tr(
      "  设备下次联系任何已得知的枢纽时（总部断线也一样），先交出未送的记录（待裁定），再清除密钥并留下回执；相关档案的"
      "下一条记录换新密钥。",
      "  At its next contact with any hub that has heard of it, headquarters or not, a device first hands in what "
      "it has unsent (held for a verdict), then drops its keys and leaves a receipt; archives it could read get a "
      "new key with their next entry."));
  if (plan.leaves && plan.alone > 0)
    frame.say(frame.tr("  ⚑ 独自负责的档案需要交接：`satchel handover`。",
                       "  ⚑ Archives owned alone need a successor: `satchel handover`."));
}

struct RevokeOptions {
  std::string who, reason;
  Asking asking;
};

Result<int> revoke(const Frame& frame, Book& book, const RevokeOptions& options) {
  SATCHEL_GET(plan, field::plan_revoke(book, options.who));
  SATCHEL_TRY(field::may_revoke(book, plan, options.reason));
  say_plan(frame, book, plan);
  json::array devices;
  for (const auto& device : plan.devices) devices.push_back(news_json(device));
  json::object out{{"person", book.person_name(plan.person)},
                   {"kind", node_kind_name(plan.kind)},
                   {"leaves", plan.leaves},
                   {"devices", std::move(devices)},
                   {"read", plan.read},
                   {"owned", plan.owned},
                   {"alone", plan.alone}};
  SATCHEL_GET(consent, ask(frame, options.asking));
  if (consent != Consent::go_on) return not_applied(frame, consent, std::move(out));
  SATCHEL_GET(said, field::revoke(book, plan, options.reason));
  out["applied"] = true;
  return tell_all_said(frame, said,
                       frame.tr("已停用，总部已排序，各枢纽听到即执行。",
                                "Revoked: ordered by headquarters, obeyed by every hub that hears of it."),
                       std::move(out));
}

Result<int> list_revocations(const Frame& frame, Book& book) {
  SATCHEL_GET(all, field::list_revoked(book));
  json::array out;
  TextTable table({{frame.tr("谁", "Who"), false, 20},
                   {frame.tr("设备", "Device"), false, 24},
                   {frame.tr("停用于", "Revoked"), false, 16},
                   {frame.tr("原因", "Reason"), false, 30},
                   {frame.tr("后来", "Since then"), false, 60}});
  for (const auto& one : all) {
    auto entry = news_json(one.news);
    entry["person"] = book.person_name(one.person);
    entry["time"] = moment(one.time);
    entry["reason"] = one.reason;
    entry["left"] = one.left;
    entry["let_go"] = one.let_go;
    entry["pending"] = one.pending;
    out.push_back(std::move(entry));
    std::string since;
    if (one.let_go) {
      since = frame.tr("已放掉密钥 ", "let go on ") + moment(one.news.receipt->time) +
              frame.tr("，档案 ", ", archives ") + std::to_string(one.news.receipt->archives);
      if (one.news.receipt->unsent > 0)
        since += frame.tr("，还有未送 ", ", unsent still ") + std::to_string(one.news.receipt->unsent);
    } else {
      since = frame.tr("尚无回执；", "not heard from since; ") + heard_word(frame, one.news);
    }
    table.row({book.person_name(one.person) + (one.left ? frame.tr("（已离开）", " (left)") : ""),
               holder::short_id(one.news.node) + " " + one.news.name,
               one.pending ? frame.tr("待总部处理", "pending at HQ") : moment(one.time), one.reason, since});
  }
  frame.print(json::object{{"revoked", std::move(out)}});
  frame.say(all.empty() ? frame.tr("没有停用的设备。", "No device was revoked.") : table.text());
  return kOk;
}

}  // namespace

void add_revoke_commands(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<RevokeOptions>();
  auto* command = app.add_subcommand(
      "revoke", frame.tr("某人离开，或一台设备丢失：立刻收回权限（断网时枢纽也执行）",
                         "Somebody leaves or a device is lost: rights end at once (a hub obeys, cut off or not)"));
  command
      ->add_option("who", options->who,
                   frame.tr("姓名；或设备、枢纽、阅读端的编号开头或名称",
                            "A person; or a device, hub or reader, by the beginning of its id or by its name"))
      ->required();
  command
      ->add_option(
          "--reason", options->reason,
          frame.tr("原因（全单位都读得到，勿写客户内容）", "Reason (everybody can read it: nothing of customers)"))
      ->required();
  command->add_flag("--dry-run", options->asking.dry_run, frame.tr("只看会怎样", "Only show what it would do"));
  command->add_flag("--yes", options->asking.yes, frame.tr("不再询问", "Do not ask"));
  command->footer(frame.example("satchel --vault manager revoke 乙 --reason 离职"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return revoke(frame, b, *options); }); });
  });
  auto* look = app.add_subcommand(
      "revoked", frame.tr("停用的设备：放掉密钥了没有", "Revoked devices, and whether they have let go"));
  look->footer(frame.example("satchel --vault manager revoked"));
  look->callback([&frame] {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_revocations(frame, b); }); });
  });
}

}  // namespace satchel::cli
