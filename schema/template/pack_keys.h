// SPDX-License-Identifier: AGPL-3.0-or-later
// Takes the keys of one TOML table, remembering which were asked for, so that what is left over is reported, and the
// first thing that is wrong. Private to the pack reader. A PackKeys must not outlive its node or its PackReading.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schema/template/template.h"
#include "schema/template/toml_tree.h"

namespace satchel {

// What a whole reading gathers. After the first fault the rest is read on but not believed.
struct PackReading {
  Lang lang = Lang::zh;
  std::optional<Error> fault;
  std::vector<std::string> unread;

  void wrong(int line, const Label& message);
};

class PackKeys {
 public:
  // `where` names the thing for messages: "template visit".
  PackKeys(const TomlNode& node, PackReading& reading, std::string where);
  ~PackKeys();
  PackKeys(const PackKeys&) = delete;
  PackKeys& operator=(const PackKeys&) = delete;

  int line() const { return node_.line; }
  const std::string& where() const { return where_; }
  void rename(std::string where) { where_ = std::move(where); }
  void wrong(int line, const Label& message);

  const TomlNode* take(std::string_view key);
  std::string text(std::string_view key);
  std::string id(std::string_view key, bool hyphen = false);  // demanded
  bool flag(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::optional<Decimal> decimal(std::string_view key);
  std::optional<Date> date(std::string_view key);
  Label label(std::string_view key);  // { zh = "...", en = "..." }, or one text for both
  // Strings; one string counts as a list of one.
  std::vector<std::string> texts(std::string_view key, std::size_t most);
  // The tables of an array of tables, at most `most`.
  std::vector<const TomlNode*> tables(std::string_view key, std::size_t most);

  // A word of a fixed list; the message lists the words.
  template <class Enum>
  Enum word(std::string_view key, Enum otherwise, std::span<const std::string_view> words) {
    const TomlNode* n = take(key);
    return n ? static_cast<Enum>(word_index(*n, key, words)) : otherwise;
  }
  std::size_t word_index(const TomlNode& node, std::string_view key, std::span<const std::string_view> words);

 private:
  const TomlNode& node_;
  PackReading& reading_;
  std::string where_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace satchel
