// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/messages.h"

namespace satchel::cli {

const Message* find_message(std::string_view code) {
  const Message* family = nullptr;
  for (const auto& list : {messages(), record_messages()}) {
    for (const auto& message : list) {
      if (message.code == code) return &message;
      if (message.code.ends_with('*') && code.starts_with(message.code.substr(0, message.code.size() - 1)))
        family = &message;
    }
  }
  return family;
}

std::string sentence(const Error& error, Lang lang) {
  const std::string tag = " [" + error.code + "]";
  const Message* message = find_message(error.code);
  if (message == nullptr) return (error.detail.empty() ? error.code : error.code + ": " + error.detail);
  std::string out(lang == Lang::en ? message->en : message->zh);
  bool used = false;
  for (auto at = out.find("{}"); at != std::string::npos; at = out.find("{}", at + error.detail.size())) {
    out.replace(at, 2, error.detail);
    used = true;
  }
  const bool family = message->code.ends_with('*');
  if (!used && family && !error.detail.empty())
    out += (lang == Lang::en ? " (" : "（") + error.detail + (lang == Lang::en ? ")" : "）");
  return out + tag;
}

}  // namespace satchel::cli
