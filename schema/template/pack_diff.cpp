// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/pack_diff.h"

#include <algorithm>

#include "schema/base/bytes.h"
#include "schema/template/toml_tree.h"

namespace satchel {

namespace {

using Kind = TomlNode::Kind;

constexpr std::size_t kShownBytes = 60;  // of a value
constexpr std::string_view kNothing = "–";

const std::string* id_of(const TomlNode& item) {
  const TomlNode* id = item.kind == Kind::table ? item.find("id") : nullptr;
  return id != nullptr && id->kind == Kind::text ? &id->text : nullptr;
}

bool is_named_list(const TomlNode& node) {
  return node.kind == Kind::array && !node.items.empty() &&
         std::ranges::all_of(node.items, [](const TomlNode& item) { return id_of(item) != nullptr; });
}

bool is_list_of_tables(const TomlNode& node) {
  return node.kind == Kind::array && !node.items.empty() &&
         std::ranges::all_of(node.items, [](const TomlNode& item) { return item.kind == Kind::table; });
}

std::string whole(const TomlNode& node) {
  std::string out;
  switch (node.kind) {
    case Kind::text:
    case Kind::other:
      return node.text;
    case Kind::integer:
      return std::to_string(node.integer);
    case Kind::boolean:
      return node.boolean ? "true" : "false";
    case Kind::array:
      for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + whole(item);
      return "[" + out + "]";
    case Kind::table:
      for (std::size_t i = 0; i < node.items.size(); ++i)
        out += (out.empty() ? "" : ", ") + node.keys[i] + " = " + whole(node.items[i]);
      return "{" + out + "}";
  }
  return out;
}

// On one line, and no longer than people read it.
std::string shown(const TomlNode* node) {
  std::string text = node != nullptr ? whole(*node) : std::string(kNothing);
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

class Differ {
 public:
  std::vector<std::string> run(const TomlNode& before, const TomlNode& after) {
    tables("", before, after);
    return std::move(out_);
  }

 private:
  // A form's fields are known as "visit.purpose", everything else by what it is.
  static std::string name(const std::string& path, const std::string& key, const std::string& id) {
    if (path.empty()) return key == "template" ? id : key + " " + id;
    return key == "field" ? path + "." + id : path + " " + key + " " + id;
  }
  static std::string place(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  void tables(const std::string& path, const TomlNode& before, const TomlNode& after) {
    for (std::size_t i = 0; i < after.items.size(); ++i)
      values(path, after.keys[i], before.find(after.keys[i]), &after.items[i]);
    for (std::size_t i = 0; i < before.items.size(); ++i)
      if (after.find(before.keys[i]) == nullptr) values(path, before.keys[i], &before.items[i], nullptr);
  }

  // One of the two may be missing.
  void values(const std::string& path, const std::string& key, const TomlNode* before, const TomlNode* after) {
    const auto is = [&](bool (*test)(const TomlNode&)) {
      return (before == nullptr || test(*before)) && (after == nullptr || test(*after));
    };
    const auto is_table = [](const TomlNode& node) { return node.kind == Kind::table; };
    if (is(is_named_list)) {
      named(path, key, before, after);
    } else if (is(is_table) && before != nullptr && after != nullptr) {
      tables(place(path, key), *before, *after);
    } else if (is(is_list_of_tables) && before != nullptr && after != nullptr) {
      numbered(place(path, key), *before, *after);
    } else if (before == nullptr || after == nullptr || whole(*before) != whole(*after)) {
      out_.push_back("~ " + place(path, key) + ": " + shown(before) + " → " + shown(after));
    }
  }

  void named(const std::string& path, const std::string& key, const TomlNode* before, const TomlNode* after) {
    const auto find = [](const TomlNode* list, const std::string& id) -> const TomlNode* {
      if (list == nullptr) return nullptr;
      const auto at = std::ranges::find_if(list->items, [&](const TomlNode& item) { return *id_of(item) == id; });
      return at == list->items.end() ? nullptr : &*at;
    };
    if (after != nullptr) {
      for (const auto& item : after->items) {
        const std::string& id = *id_of(item);
        if (const TomlNode* old = find(before, id)) {
          tables(name(path, key, id), *old, item);
        } else {
          out_.push_back("+ " + name(path, key, id));
        }
      }
    }
    if (before == nullptr) return;
    std::vector<std::string> then, now;
    for (const auto& item : before->items)
      if (find(after, *id_of(item)) != nullptr) then.push_back(*id_of(item));
    for (const auto& item : after != nullptr ? after->items : std::vector<TomlNode>{})
      if (find(before, *id_of(item)) != nullptr) now.push_back(*id_of(item));
    if (then != now) out_.push_back("~ " + place(path, key) + ": another order");
    for (const auto& item : before->items)
      if (find(after, *id_of(item)) == nullptr) out_.push_back("- " + name(path, key, *id_of(item)));
  }

  void numbered(const std::string& path, const TomlNode& before, const TomlNode& after) {
    for (std::size_t i = 0; i < std::max(before.items.size(), after.items.size()); ++i) {
      const TomlNode* a = i < before.items.size() ? &before.items[i] : nullptr;
      const TomlNode* b = i < after.items.size() ? &after.items[i] : nullptr;
      const std::string at = path + "[" + std::to_string(i + 1) + "]";
      if (a != nullptr && b != nullptr) {
        tables(at, *a, *b);
      } else {
        out_.push_back("~ " + at + ": " + shown(a) + " → " + shown(b));
      }
    }
  }

  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> pack_differences(std::string_view before, std::string_view after) {
  const auto then = parse_toml(before, kPackNodesMax), now = parse_toml(after, kPackNodesMax);
  if (!then || !now) return {};
  if (!before.empty()) return Differ().run(*then, *now);
  std::vector<std::string> out;
  for (const auto& line : Differ().run(*then, *now))
    if (line.starts_with('+')) out.push_back(line);
  return out;
}

}  // namespace satchel
