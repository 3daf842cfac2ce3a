// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/told.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>

#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

std::string pending_text(const Frame& frame, const field::Said& said) {
  if (said.obeyed())
    return frame.tr("待总部处理；收回的部分已在枢纽生效，不等总部。",
                    "Pending at HQ; what it takes away is in force at the hub already.");
  const std::string kept =
      said.nature == Nature::permissive
          ? frame.tr("待总部处理：声明已保存在本机，下次同步时自动送出。",
                     "Pending at HQ: the statement is kept here and sent with the next sync. ")
          : frame.tr("待总部处理：还没有枢纽知道。声明已保存在本机，下次同步时送出，收到的枢纽立刻执行。",
                     "Pending at HQ, and no hub knows of it yet: it is kept here and sent with the next sync; the hub "
                     "that gets it obeys at once. ");
  return kept + (said.offline.code.empty()
                     ? frame.tr("分支枢纽还没有得到总部的答复。", "The branch hub has no answer from headquarters yet.")
                     : frame.sentence(said.offline));
}

}  // namespace

int tell_said(const Frame& frame, const field::Said& said, const std::string& done, boost::json::object body) {
  return tell_all_said(frame, {said}, done, std::move(body));
}

int tell_all_said(const Frame& frame, const std::vector<field::Said>& said, const std::string& done,
                  boost::json::object body) {
  boost::json::array ids;
  const field::Said* last = &said.front();
  for (const auto& one : said) {
    ids.push_back(boost::json::string(one.id.hex()));
    if (one.pending && (!last->pending || last->obeyed())) last = &one;
  }
  body["statement"] = said.front().id.hex();
  if (said.size() > 1) body["statements"] = std::move(ids);
  body["state"] = last->pending ? "pending" : "ordered";
  if (last->pending) body["obeyed"] = last->obeyed();
  frame.print(body);
  if (!last->pending) {
    frame.say(done);
    return kOk;
  }
  frame.say(pending_text(frame, *last));
  return static_cast<int>(last->obeyed() ? ExitCode::ok : ExitCode::offline);
}

Result<Consent> ask(const Frame& frame, const Asking& asking) {
  if (asking.dry_run) return Consent::shown;
  if (asking.yes) return Consent::go_on;
  const auto& globals = frame.globals();
  if (globals.json || globals.quiet || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
    return fail(ErrorKind::usage, "usage.yes");
  std::cerr << frame.tr("继续吗？[y/N] ", "Go on? [y/N] ") << std::flush;
  std::string line;
  std::getline(std::cin, line);
  const bool yes = line == "y" || line == "Y" || line == "yes" || line == "是" || line == "好";
  return yes ? Consent::go_on : Consent::declined;
}

int not_applied(const Frame& frame, Consent consent, boost::json::object plan) {
  plan["applied"] = false;
  frame.print(plan);
  frame.say(consent == Consent::shown
                ? frame.tr("这是试运行，什么也没有改变。确认后去掉 --dry-run。",
                           "This was a dry run; nothing has changed. Leave out --dry-run to do it.")
                : frame.tr("没有改变任何东西。", "Nothing has changed."));
  return static_cast<int>(consent == Consent::shown ? ExitCode::ok : ExitCode::conflict);
}

}  // namespace satchel::cli
