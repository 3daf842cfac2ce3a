// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/pack_read.h"

#include <algorithm>

#include "schema/template/pack.h"
#include "schema/template/pack_keys.h"

namespace satchel {

namespace {

constexpr std::string_view kPermissions[] = {"anyone", "fixed", "kept"};
constexpr std::string_view kSensitivities[] = {"normal", "sensitive"};
constexpr std::string_view kSearches[] = {"none", "name", "phone", "text"};
constexpr std::size_t kGroupsMax = 50;
constexpr std::size_t kPartsMax = 30;
constexpr int kDigitsMax = 12;

// Templates may set a default for all their fields.
struct FieldDefaults {
  MergePolicy merge = MergePolicy::latest;
  Permission permission = Permission::anyone;
  bool sheet = false;
  bool part = false;  // of a groups field, which has no parts of its own
};

std::vector<Choice> read_choices(PackKeys& field, PackReading& reading) {
  std::vector<Choice> all;
  for (const TomlNode* node : field.tables("choices", kChoicesMax)) {
    PackKeys keys(*node, reading, field.where() + " choices");
    Choice c;
    c.id = keys.id("id");
    c.label = {keys.text("zh"), keys.text("en")};
    c.retired = keys.flag("retired");
    all.push_back(std::move(c));
  }
  check_unique(all, field.line(), field);
  return all;
}

std::optional<Formula> read_formula(PackKeys& keys) {
  const auto text = keys.text("formula");
  if (text.empty()) return std::nullopt;
  auto formula = parse_formula(text);
  if (formula) return std::move(*formula);
  keys.wrong(keys.line(),
             {"formula 读不懂：" + formula.error().detail + "（可用 + - * / ( )、字段、数字、days、count、sum、round）",
              "formula cannot be read at: " + formula.error().detail +
                  " (it takes + - * / ( ), fields, numbers, days, count, sum, round)"});
  return std::nullopt;
}

Field read_field(const TomlNode& node, PackReading& reading, const std::string& where, const FieldDefaults& defaults) {
  PackKeys keys(node, reading, where + " field");
  Field f;
  f.line = node.line;
  f.id = keys.id("id");
  keys.rename(where + "." + f.id);
  f.label = keys.label("label");
  f.help = keys.label("help");
  f.type = keys.word("type", FieldType::text, kFieldTypeNames);
  f.group = keys.text("group");
  f.choices = read_choices(keys, reading);
  f.open = keys.flag("open");
  f.required = keys.flag("required");
  f.system = keys.flag("system");
  f.retired = keys.flag("retired");
  f.sheet = keys.take("sheet") ? keys.flag("sheet") : defaults.sheet;
  f.when = read_when(keys, reading, "when");
  f.required_when = read_when(keys, reading, "required_when");
  f.formula = read_formula(keys);
  for (const TomlNode* part : keys.tables("parts", kPartsMax))
    f.parts.push_back(read_field(*part, reading, f.id, {.part = true}));
  check_unique(f.parts, node.line, keys);
  f.sensitivity = keys.word("sensitivity", Sensitivity::normal, kSensitivities);
  f.merge = keys.word("merge", defaults.merge, kMergePolicyNames);
  f.permission = keys.word("permission", defaults.permission, kPermissions);
  f.search = keys.word("search", SearchKind::none, kSearches);
  f.currency = keys.text("currency");
  f.least = keys.decimal("least");
  f.most = keys.decimal("most");
  f.length_max = static_cast<std::size_t>(keys.integer("length", 0, 0, static_cast<std::int64_t>(kValueBytesMax)));
  if ((f.type == FieldType::groups) != !f.parts.empty() || (defaults.part && !f.parts.empty()))
    keys.wrong(node.line,
               {"parts 用于 type = \"groups\"，且只有一层", "parts belong to type = \"groups\", one level deep"});
  if (has_choices(f.type) && f.choices.empty() && !f.open)
    keys.wrong(node.line,
               {"选择字段需要 choices = [ { id, zh, en } ]", "a choice field needs choices = [ { id, zh, en } ]"});
  return f;
}

void read_groups(PackKeys& keys, PackReading& reading, Template& t) {
  for (const TomlNode* node : keys.tables("group", kGroupsMax)) {
    PackKeys group(*node, reading, keys.where() + " group");
    t.groups.push_back({group.id("id"), group.label("label")});
  }
  check_unique(t.groups, t.line, keys);
}

Template read_template(const TomlNode& node, PackReading& reading, int version) {
  PackKeys keys(node, reading, "template");
  Template t;
  t.line = node.line;
  t.version = version;
  t.id = keys.id("id");
  keys.rename("template " + t.id);
  t.label = keys.label("label");
  t.help = keys.label("help");
  for (const auto& scope : keys.texts("scope", std::size(kRecordScopeNames))) {
    const TomlNode word{.kind = TomlNode::Kind::text, .line = node.line, .text = scope};
    t.scopes.push_back(static_cast<RecordScope>(keys.word_index(word, "scope", kRecordScopeNames)));
  }
  if (t.scopes.empty())
    keys.wrong(node.line, {"缺少 scope = [\"customer\"]（记录存放在哪类档案）",
                           "scope = [\"customer\"] is missing: the kinds of archive its records live in"});
  t.single = keys.flag("single");
  t.no_blank = keys.flag("no_blank");
  t.date_field = keys.text("date_field");
  t.title_field = keys.text("title_field");
  if (const auto kept = keys.text("retention"); !kept.empty()) {
    t.retention = parse_retention(kept);
    if (!t.retention)
      keys.wrong(node.line, {"retention 应为 \"3y\"、\"18m\"、\"90d\" 或 \"long-term\"",
                             "retention is \"3y\", \"18m\", \"90d\" or \"long-term\""});
  }
  read_groups(keys, reading, t);
  const FieldDefaults defaults{keys.word("merge", MergePolicy::latest, kMergePolicyNames),
                               keys.word("permission", Permission::anyone, kPermissions), keys.flag("sheet")};
  for (const TomlNode* f : keys.tables("field", kFieldsMax))
    t.fields.push_back(read_field(*f, reading, t.id, defaults));
  check_unique(t.fields, t.line, keys);
  return t;
}

SignOff read_sign_off(PackKeys& keys, PackReading& reading, std::string_view key) {
  const TomlNode* node = keys.take(key);
  if (!node) return {};
  PackKeys parts(*node, reading, std::string(key));
  return {parts.text("name"), parts.date("on")};
}

void read_numbering(PackKeys& keys, PackReading& reading, Pack& pack) {
  for (const TomlNode* node : keys.tables("numbering", std::size(kRecordScopeNames))) {
    PackKeys parts(*node, reading, "numbering");
    const auto scope = parts.word("scope", RecordScope::customer, kRecordScopeNames);
    Numbering n;
    n.prefix = parts.text("prefix");
    n.digits = static_cast<int>(parts.integer("digits", n.digits, 1, kDigitsMax));
    pack.numbering[scope] = std::move(n);
  }
}

Pack read_pack(const TomlNode& root, PackReading& reading) {
  PackKeys keys(root, reading, "pack");
  Pack pack;
  keys.take("format");
  pack.id = keys.id("id");
  pack.version = static_cast<int>(keys.integer("version", 0, 1, 1'000'000));
  if (pack.version == 0) keys.wrong(1, {"缺少 version = 1", "version = 1 is missing"});
  pack.label = keys.label("label");
  pack.help = keys.label("help");
  pack.made = read_sign_off(keys, reading, "made");
  pack.reviewed = read_sign_off(keys, reading, "reviewed");
  pack.approved = read_sign_off(keys, reading, "approved");
  read_numbering(keys, reading, pack);
  for (const TomlNode* t : keys.tables("template", kTemplatesMax))
    pack.templates.push_back(read_template(*t, reading, pack.version));
  for (const TomlNode* r : keys.tables("report", kReportsMax)) pack.reports.push_back(read_report(*r, reading));
  for (const TomlNode* w : keys.tables("workflow", kWorkflowsMax)) pack.workflows.push_back(read_workflow(*w, reading));
  check_unique(pack.workflows, 1, keys);
  for (const TomlNode* r : keys.tables("rule", kRulesMax)) pack.rules.push_back(read_rule(*r, reading));
  check_unique(pack.rules, 1, keys);
  for (const TomlNode* c : keys.tables("calendar", kCalendarsMax))
    pack.calendars.push_back(read_calendar(*c, reading, pack.version));
  check_unique(pack.calendars, 1, keys);
  check_unique(pack.templates, 1, keys);
  check_unique(pack.reports, 1, keys);
  return pack;
}

}  // namespace

When read_when(PackKeys& field, PackReading& reading, std::string_view key) {
  const TomlNode* node = field.take(key);
  if (!node) return {};
  std::vector<const TomlNode*> items{node};
  if (node->kind == TomlNode::Kind::array) items = field.tables(key, kTestsMax);
  if (items.empty()) field.wrong(node->line, {std::string(key) + " 是空的", std::string(key) + " is empty"});
  When when;
  for (const TomlNode* item : items) {
    PackKeys keys(*item, reading, field.where() + " " + std::string(key));
    FieldTest test{keys.id("field"), ConditionTest::is, {}};
    test.values = read_test(keys, "field", test.test);
    when.all.push_back(std::move(test));
  }
  return when;
}

Result<Pack> parse_pack(std::string_view toml, Lang lang) {
  PackReading reading{.lang = lang};
  if (toml.size() > kPackBytesMax) {
    reading.wrong(0, {"表单包超过 256 KiB，请拆成几个包", "the pack is larger than 256 KiB: split it into several"});
    return std::unexpected(*reading.fault);
  }
  const auto root = parse_toml(toml, kPackNodesMax);
  if (!root) {
    reading.wrong(root.error().line,
                  {"不是有效的 TOML（" + root.error().message + "）", "not valid TOML: " + root.error().message});
    return std::unexpected(*reading.fault);
  }
  const TomlNode* format = root->find("format");
  if (format && format->kind == TomlNode::Kind::integer && format->integer > kPackFormat)
    return fail(ErrorKind::failed, "pack.newer", "format " + std::to_string(format->integer));
  Pack pack = read_pack(*root, reading);
  if (reading.fault) return std::unexpected(*reading.fault);
  pack.unread = std::move(reading.unread);
  std::ranges::sort(pack.unread);
  return pack;
}

}  // namespace satchel
