// SPDX-License-Identifier: AGPL-3.0-or-later
// The sentences an operator may see, in Chinese and English, by error code: what happened, what is safe, what to do.
// A code without a sentence is printed as it is, so that it can be looked up. "{}" stands for the error's detail.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schema/base/result.h"

namespace satchel::admin {

enum class Language { zh, en };

struct Text {
  std::string_view zh;
  std::string_view en;
  std::string_view in(Language language) const { return language == Language::zh ? zh : en; }
};

inline constexpr Text kDataFolder{"数据文件夹", "Data folder"};

struct Message {
  std::string_view code;
  Text text;
};

// In no order; each code once.
std::span<const Message> messages();
// Null for a code without a sentence.
const Message* find_message(std::string_view code);
// One paragraph with the code in brackets.
std::string sentence(const Error& error, Language language);

}  // namespace satchel::admin
