// SPDX-License-Identifier: AGPL-3.0-or-later
// hq resume: lets a restored headquarters order again.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "client/cli/told.h"
#include "schema/base/exit_code.h"
#include "sync/holder/resume.h"

namespace satchel::cli {

namespace {

boost::json::object to_json(const holder::OrderFound& found) {
  boost::json::array hubs;
  for (const auto& hub : found.asked) hubs.push_back({{"hub", hub.name}, {"reached", hub.reached}, {"code", hub.code}});
  return {{"waits", found.waits},
          {"head", {{"incarnation", found.head.incarnation}, {"n", found.head.n}}},
          {"order_hash", found.order_hash.hex()},
          {"new_incarnation", found.incarnation},
          {"asked", std::move(hubs)}};
}

void tell(const Frame& frame, const holder::OrderFound& found) {
  for (const auto& hub : found.asked) {
    frame.say(frame.tr("枢纽：", "hub: ") + hub.name +
              (hub.reached ? frame.tr("，已问到", ", asked") : frame.tr("，没有问到 ", ", not reached ") + hub.code));
  }
  frame.say(frame.tr("找到的最高位置：", "highest position found: ") + position_text(found.head));
}

int resume(const Frame& frame, bool yes) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto found = holder::find_order(*device);
  if (!found) return frame.explain(found.error());
  auto body = to_json(*found);
  if (!found->waits) {
    body["state"] = "not-needed";
    frame.print(body);
    frame.say(frame.tr("总部枢纽在正常定序，不需要这一步。", "Headquarters orders as usual; nothing has to be done."));
    return kOk;
  }
  tell(frame, *found);
  if (!yes) {
    body["state"] = "look";
    frame.print(body);
    frame.say(frame.tr("总部枢纽从备份恢复后停止定序，等待从上述位置继续。没有改动任何东西；加 --yes 签字。",
                       "Headquarters was restored and orders nothing until somebody signs to go on from this position. "
                       "Nothing was changed; add --yes to sign."));
    if (!found->all_reached())
      frame.say(frame.tr("没有问到的枢纽若知道更多，它会在下次联系时把那些声明再送来。",
                         "If a hub that was not reached knows more, it hands those statements in again when it "
                         "connects."));
    return kOk;
  }
  const auto id = holder::say_resumed(*device, *found);
  if (!id) return frame.explain(id.error());
  const auto followed = holder::follow(*device, {*id});
  if (!followed) return frame.explain(followed.error());
  const auto& outcome = followed->outcomes.front();
  if (outcome.fate == holder::Fate::refused) return frame.explain(holder::refusal(outcome.code, {}));
  return tell_said(frame, {*id, outcome.fate == holder::Fate::waiting, followed->offline},
                   frame.tr("总部枢纽从此位置继续定序。", "Headquarters orders again from here."), std::move(body));
}

}  // namespace

void add_hq_commands(CLI::App& app, Frame& frame) {
  auto* group = app.add_subcommand("hq", frame.tr("总部枢纽恢复之后", "After headquarters' hub was restored"));
  group->require_subcommand(1);
  auto* again = group->add_subcommand(
      "resume", frame.tr("问遍各枢纽，签字让恢复的总部枢纽继续定序（不加 --yes 只看）",
                         "Ask every hub, and sign that the restored one orders again (without --yes it only looks)"));
  const auto yes = std::make_shared<bool>(false);
  again->add_flag("--yes", *yes, frame.tr("签字", "Sign"));
  again->footer(frame.example("satchel --vault admin hq resume --yes"));
  again->callback([=, &frame] { frame.choose([=, &frame] { return resume(frame, *yes); }); });
}

}  // namespace satchel::cli
