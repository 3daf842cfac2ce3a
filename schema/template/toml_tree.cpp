// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/toml_tree.h"

#include <toml++/toml.h>

#include <sstream>

namespace satchel {

namespace {

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
