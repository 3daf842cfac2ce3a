// SPDX-License-Identifier: AGPL-3.0-or-later
// A word for people, in both languages.
#pragma once

#include <cstdint>
#include <string>

namespace satchel {

enum class Lang : std::uint8_t { zh, en };

struct Label {
  std::string zh;
  std::string en;
  // The other language rather than nothing: an incomplete label is lint's business, not the reader's.
  const std::string& in(Lang lang) const { return (lang == Lang::en ? !en.empty() : zh.empty()) ? en : zh; }
  bool complete() const { return !zh.empty() && !en.empty(); }
  bool empty() const { return zh.empty() && en.empty(); }
  bool operator==(const Label&) const = default;
};

}  // namespace satchel
