// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/toml_tree.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

namespace satchel {

namespace {

constexpr int kKeyPartsMax = 8;

// Past the string that begins at `from`, or past the line or text in which it does not end.
std::size_t past_string(std::string_view text, std::size_t from) {
  const char quote = text[from];
  const std::string three(3, quote);
  const bool several = text.substr(from).starts_with(three);  // lines
  const std::size_t marks = several ? 3 : 1;
  std::size_t at = from + marks;
  for (; at < text.size(); ++at) {
    const bool ends = several ? text.substr(at).starts_with(three) : text[at] == quote || text[at] == '\n';
    if (ends) break;
    if (quote == '"' && text[at] == '\\') ++at;
  }
  at = std::min(at + marks, text.size());
  // Two more quotes may still be the text's own.
  for (int more = 0; several && more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
  return at;
}

// The parser bounds how deep values lie in values, not of how many parts a key is: each is a table within the one
// before, and whoever walks or frees them does it by recursion. The line of the first key that has too many, or 0.
int line_of_long_key(std::string_view text) {
  int line = 1, parts = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      const auto end = past_string(text, at);
      line += static_cast<int>(std::ranges::count(text.substr(at, end - at), '\n'));
      at = end - 1;
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (c == '.') {
      if (++parts > kKeyPartsMax) return line;
    } else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) {
      parts = 1;
      if (c == '\n') ++line;
    }
  }
  return 0;
}

class Copier {
 public:
  explicit Copier(std::size_t nodes_max) : left_(nodes_max) {}

  TomlNode copy(const toml::node& from) {
    if (left_ == 0) throw std::length_error("more values than a pack may hold");
    --left_;
    TomlNode node;
    node.line = static_cast<int>(from.source().begin.line);
    if (const auto* table = from.as_table()) {
      node.kind = TomlNode::Kind::table;
      for (const auto& [key, value] : *table) {
        node.keys.emplace_back(key.str());
        node.items.push_back(copy(value));
      }
    } else if (const auto* array = from.as_array()) {
      node.kind = TomlNode::Kind::array;
      for (const auto& item : *array) node.items.push_back(copy(item));
    } else {
      scalar(from, node);
    }
    return node;
  }

 private:
  static void scalar(const toml::node& from, TomlNode& node) {
    if (const auto* text = from.as_string()) {
      node.kind = TomlNode::Kind::text;
      node.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
      node.kind = TomlNode::Kind::integer;
      node.integer = integer->get();
    } else if (const auto* boolean = from.as_boolean()) {
      node.kind = TomlNode::Kind::boolean;
      node.boolean = boolean->get();
    } else {
      std::ostringstream written;
      from.visit([&](const auto& value) { written << value; });
      node.text = written.str();
    }
  }

  std::size_t left_;
};

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) return &items[i];
  return nullptr;
}

std::expected<TomlNode, TomlFault> parse_toml(std::string_view text, std::size_t nodes_max) {
  if (const int line = line_of_long_key(text); line > 0)
    return std::unexpected(TomlFault{line, "a key has too many parts"});
  try {
    const toml::table root = toml::parse(text);
    return Copier(nodes_max).copy(root);
  } catch (const toml::parse_error& e) {
    return std::unexpected(TomlFault{static_cast<int>(e.source().begin.line), std::string(e.description())});
  } catch (const std::exception& e) {
    return std::unexpected(TomlFault{0, e.what()});
  }
}

}  // namespace satchel
