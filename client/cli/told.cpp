// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/told.h"

#include <boost/json.hpp>

#include "schema/base/exit_code.h"

namespace satchel::cli {

int tell_said(const Frame& frame, const field::Said& said, const std::string& done, boost::json::object body) {
  body["statement"] = said.id.hex();
  body["state"] = said.pending ? "pending" : "ordered";
  frame.print(body);
  if (!said.pending) {
    frame.say(done);
    return static_cast<int>(ExitCode::ok);
  }
  const std::string why = said.offline.code.empty() ? frame.tr("分支枢纽还没有得到总部的答复。",
                                                               "The branch hub has no answer from headquarters yet.")
                                                    : frame.sentence(said.offline);
  frame.say(frame.tr("待总部处理：声明已保存在本机，下次同步时自动送出。",
                     "Pending at HQ: the statement is kept here and sent with the next sync. ") +
            why);
  return static_cast<int>(ExitCode::offline);
}

}  // namespace satchel::cli
