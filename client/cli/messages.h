// SPDX-License-Identifier: AGPL-3.0-or-later
// The sentences behind error codes, in Chinese and English: what happened, what is safe, what to do next. "{}" stands
// for the error's detail. A code without a sentence of its own takes its family's ("session.*"), with the code named;
// one without either is printed as it is with its detail, so that it can be looked up.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schema/base/result.h"
#include "schema/template/template.h"

namespace satchel::cli {

struct Message {
  std::string_view code;  // or a family: "session.*"
  std::string_view zh;
  std::string_view en;
};

// Each code once in all: what every command may meet, what people do with records, what they carry in files, what comes
// back from backups, who may do what, what is destroyed, and what comes from and goes into files of other programs.
std::span<const Message> messages();
std::span<const Message> record_messages();
std::span<const Message> bundle_messages();
std::span<const Message> backup_messages();
std::span<const Message> access_messages();
std::span<const Message> destroy_messages();
std::span<const Message> exchange_messages();
// The code's own, else its family's; null when there is neither.
const Message* find_message(std::string_view code);
// One paragraph; in square brackets at its end the code, for whoever helps.
std::string sentence(const Error& error, Lang lang);

}  // namespace satchel::cli
