// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/pack_keys.h"

#include <algorithm>

namespace satchel {

namespace {

constexpr std::size_t kUnreadMax = 100;
constexpr std::size_t kTextBytesMax = 4096;

std::string quoted(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  std::string shown(text.substr(0, kShownMax));
  while (!shown.empty() && !is_utf8(shown)) shown.pop_back();
  return "'" + shown + (shown.size() < text.size() ? "…'" : "'");
}

}  // namespace

void PackReading::wrong(int line, const Label& message) {
  if (fault) return;
  const std::string number = std::to_string(line);
  const std::string place = line <= 0 ? "" : lang == Lang::zh ? "第" + number + "行：" : "line " + number + ": ";
  fault = Error{ErrorKind::invalid, "pack.invalid", place + message.in(lang)};
}

PackKeys::PackKeys(const TomlNode& node, PackReading& reading, std::string where)
    : node_(node), reading_(reading), where_(std::move(where)) {
  if (node.kind != TomlNode::Kind::table)
    wrong(node.line, {"这里应为一张表（{ … } 或 [[…]]）", "a table ({ … } or [[…]]) is expected here"});
}

PackKeys::~PackKeys() {
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    if (asked_.contains(node_.keys[i]) || reading_.unread.size() >= kUnreadMax) continue;
    reading_.unread.push_back("line " + std::to_string(node_.items[i].line) + ": " + node_.keys[i]);
  }
}

void PackKeys::wrong(int line, const Label& message) {
  reading_.wrong(line, {where_ + "：" + message.zh, where_ + ": " + message.en});
}

const TomlNode* PackKeys::take(std::string_view key) {
  asked_.emplace(key);
  return node_.find(key);
}

std::string PackKeys::text(std::string_view key) {
  const TomlNode* n = take(key);
  if (!n) return {};
  const std::string k(key);
  if (n->kind != TomlNode::Kind::text)
    wrong(n->line, {k + " 应为带引号的文字", k + " takes a text in quotes"});
  else if (n->text.size() > kTextBytesMax || !is_utf8(n->text))
    wrong(n->line, {k + " 的文字过长，最多 4096 字节", k + " is too long: at most 4096 bytes"});
  return n->text;
}

std::string PackKeys::id(std::string_view key, bool hyphen) {
  const std::string value = text(key);
  if (!is_pack_id(value, hyphen)) {
    const std::string k(key);
    wrong(
        node_.line,
        {k + " = " + quoted(value) + " 不是有效的标识：用小写字母开头，只含小写字母、数字和 _" + (hyphen ? "、-" : ""),
         k + " = " + quoted(value) + " is no valid id: begin with a lower-case letter, then only a-z, 0-9 and _" +
             (hyphen ? " or -" : "")});
  }
  return value;
}

bool PackKeys::flag(std::string_view key) {
  const TomlNode* n = take(key);
  if (!n) return false;
  const std::string k(key);
  if (n->kind != TomlNode::Kind::boolean) wrong(n->line, {k + " 应为 true 或 false", k + " takes true or false"});
  return n->boolean;
}

std::int64_t PackKeys::integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const TomlNode* n = take(key);
  if (!n) return otherwise;
  if (n->kind == TomlNode::Kind::integer && n->integer >= least && n->integer <= most) return n->integer;
  const std::string range = std::to_string(least) + " – " + std::to_string(most), k(key);
  wrong(n->line, {k + " 应为 " + range + " 之间的整数", k + " takes a whole number of " + range});
  return otherwise;
}

std::optional<Decimal> PackKeys::decimal(std::string_view key) {
  const TomlNode* n = take(key);
  if (!n) return std::nullopt;
  const auto d =
      n->kind == TomlNode::Kind::integer ? parse_decimal(std::to_string(n->integer)) : parse_decimal(n->text);
  const std::string k(key);
  if (!d) wrong(n->line, {k + " 应为数值，如 \"0.05\"", k + " takes a number such as \"0.05\""});
  return d;
}

std::optional<Date> PackKeys::date(std::string_view key) {
  const TomlNode* n = take(key);
  if (!n) return std::nullopt;
  const auto d = parse_date(n->text);
  const std::string k(key);
  if (!d) wrong(n->line, {k + " 应为日期，如 2026-11-22", k + " takes a date such as 2026-11-22"});
  return d;
}

Label PackKeys::label(std::string_view key) {
  const TomlNode* n = take(key);
  if (!n) return {};
  if (n->kind == TomlNode::Kind::text) {
    const std::string both = text(key);
    return {both, both};
  }
  PackKeys parts(*n, reading_, where_ + " " + std::string(key));
  return {parts.text("zh"), parts.text("en")};
}

std::vector<std::string> PackKeys::texts(std::string_view key, std::size_t most) {
  const TomlNode* n = take(key);
  if (!n) return {};
  const std::string k(key);
  if (n->kind == TomlNode::Kind::text) return {n->text};
  const bool all_texts =
      n->kind == TomlNode::Kind::array && n->items.size() <= most &&
      std::ranges::all_of(n->items, [](const TomlNode& i) { return i.kind == TomlNode::Kind::text; });
  if (!all_texts) {
    const std::string count = std::to_string(most);
    wrong(n->line, {k + " 应为文字列表 [\"…\", \"…\"]，最多 " + count + " 项",
                    k + " takes a list of texts [\"…\", \"…\"], at most " + count});
    return {};
  }
  std::vector<std::string> all;
  for (const auto& item : n->items) all.push_back(item.text);
  return all;
}

std::vector<const TomlNode*> PackKeys::tables(std::string_view key, std::size_t most) {
  const TomlNode* n = take(key);
  if (!n) return {};
  const std::string k(key), count = std::to_string(most);
  if (n->kind != TomlNode::Kind::array || n->items.size() > most) {
    wrong(n->line, {k + " 应为列表，最多 " + count + " 项", k + " takes a list of at most " + count});
    return {};
  }
  std::vector<const TomlNode*> all;
  for (const auto& item : n->items) all.push_back(&item);
  return all;
}

std::size_t PackKeys::word_index(const TomlNode& node, std::string_view key, std::span<const std::string_view> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (node.kind == TomlNode::Kind::text && node.text == words[i]) return i;
  std::string list;
  for (const auto w : words) list += (list.empty() ? "" : ", ") + std::string(w);
  const std::string k(key);
  wrong(node.line, {k + " = " + quoted(node.text) + " 不认识；可用：" + list,
                    k + " = " + quoted(node.text) + " is not known; use one of: " + list});
  return 0;
}

}  // namespace satchel
