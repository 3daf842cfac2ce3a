// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/messages.h"

#include "schema/exchange/text_table.h"

namespace satchel::cli {

constexpr std::size_t kDetailColumnsMax = 300;

const Message* find_message(std::string_view code) {
  const Message* family = nullptr;
  for (const auto& list : {messages(), record_messages(), bundle_messages(), backup_messages(), access_messages(),
                           destroy_messages(), exchange_messages()}) {
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
  // What was typed, or what others wrote: neither may move the cursor or fill the screen.
  const std::string detail = cut_to_width(printable(error.detail), kDetailColumnsMax);
  if (message == nullptr) return (detail.empty() ? error.code : error.code + ": " + detail);
  std::string out(lang == Lang::en ? message->en : message->zh);
  bool used = false;
  for (auto at = out.find("{}"); at != std::string::npos; at = out.find("{}", at + detail.size())) {
    out.replace(at, 2, detail);
    used = true;
  }
  const bool family = message->code.ends_with('*');
  if (!used && family && !detail.empty())
    out += (lang == Lang::en ? " (" : "（") + detail + (lang == Lang::en ? ")" : "）");
  return out + tag;
}

}  // namespace satchel::cli
