// SPDX-License-Identifier: AGPL-3.0-or-later
// What is incomplete, does not agree, has to be watched, or is there twice.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "schema/template/rule_kinds.h"

namespace satchel {

namespace {

constexpr std::size_t kOthersShown = 5;

std::string label_of(const RuleRows& rows, const std::string& source, const std::string& field) {
  const Template* form = rows.catalogue().find_template(source);
  const auto column =
      form != nullptr
          ? column_field({*form, rows.catalogue().find_template("customer"), rows.catalogue().find_workflow(source)},
                         field)
          : std::nullopt;
  return column ? column->label.in(rows.lang()) : field;
}

}  // namespace

RuleFindings find_incomplete(const RuleRows& rows, const Rule& rule) {
  const bool whole = rule.fields.empty();
  std::vector<std::string> columns = whole ? std::vector<std::string>{std::string(kBlanksColumn)} : rule.fields;
  const std::size_t first_named = columns.size();
  for (auto& field : named_fields(rule.for_whom)) columns.push_back(std::move(field));
  SATCHEL_GET(found, rows.read(rule.source, rule.filter, columns));
  std::vector<RuleFinding> out;
  for (const auto& row : found) {
    std::vector<std::string> blank;
    if (const auto* ids = std::get_if<std::vector<std::string>>(&row.values.front()); whole && ids != nullptr)
      for (const auto& id : *ids) blank.push_back(label_of(rows, rule.source, id));
    for (std::size_t i = 0; !whole && i < first_named; ++i)
      if (empty(row.values[i])) blank.push_back(label_of(rows, rule.source, columns[i]));
    if (blank.empty()) continue;
    auto finding = finding_of(rule, row, first_named);
    finding.text = rows.tr("未填：", "missing: ") + join_list(blank, rows.lang());
    out.push_back(std::move(finding));
  }
  return out;
}

// ---- agree ----

namespace {

using ColumnPair = std::pair<std::string, std::string>;

// One side's rows, with its columns of `on_pairs`, then of `equal`.
struct Side {
  std::string source;
  std::vector<std::string> columns;
  std::vector<RuleRow> rows;
};

class Agreement {
 public:
  Agreement(const RuleRows& rows, const Rule& rule) : rows_(rows), rule_(rule) {}

  RuleFindings run() {
    SATCHEL_TRY(read(mine_, rule_.source, rule_.filter, &ColumnPair::first));
    SATCHEL_TRY(read(theirs_, rule_.with, rule_.with_filter, &ColumnPair::second));
    compare(mine_, theirs_, true);
    if (rule_.both) compare(theirs_, mine_, false);
    return std::move(out_);
  }

 private:
  Result<void> read(Side& side, const std::string& source, const std::vector<Condition>& filter,
                    std::string ColumnPair::* which) {
    side.source = source;
    for (const auto* pairs : {&rule_.on_pairs, &rule_.equal})
      for (const auto& pair : *pairs) side.columns.push_back(pair.*which);
    auto columns = side.columns;
    if (which == &ColumnPair::first)
      for (auto& field : named_fields(rule_.for_whom)) columns.push_back(std::move(field));
    SATCHEL_GET(found, rows_.read(source, filter, columns));
    side.rows = std::move(found);
    return {};
  }

  static bool is_list(const Value& value) { return std::holds_alternative<std::vector<std::string>>(value); }

  // Looked up by the first column that no list stands in; empty when there is none.
  std::optional<std::size_t> index_column(const Side& a, const Side& b) const {
    for (std::size_t i = 0; i < rule_.on_pairs.size(); ++i) {
      const auto scalar = [&](const RuleRow& row) { return !is_list(row.values[i]); };
      if (std::ranges::all_of(a.rows, scalar) && std::ranges::all_of(b.rows, scalar)) return i;
    }
    return std::nullopt;
  }

  bool partners(const RuleRow& a, const RuleRow& b) const {
    for (std::size_t i = 0; i < rule_.on_pairs.size(); ++i)
      if (!agrees(a.values[i], b.values[i])) return false;
    return true;
  }

  void compare(const Side& from, const Side& to, bool values_too) {
    const auto column = index_column(from, to);
    std::multimap<std::string, const RuleRow*> index;
    for (const auto& row : to.rows) index.emplace(column ? key_of(row.values[*column]) : "", &row);
    for (const auto& row : from.rows) {
      // Whoever names nobody has no partner to agree with.
      const auto joined = std::span(row.values).first(rule_.on_pairs.size());
      if (std::ranges::any_of(joined, is_blank)) continue;
      std::vector<const RuleRow*> found;
      const auto [first, last] = index.equal_range(column ? key_of(row.values[*column]) : "");
      for (auto at = first; at != last; ++at)
        if (partners(row, *at->second)) found.push_back(at->second);
      if (found.empty() && rule_.both) put(from, row, missing(to));
      if (!found.empty() && values_too) compare_values_of(from, row, found);
    }
  }

  void compare_values_of(const Side& from, const RuleRow& row, const std::vector<const RuleRow*>& partners) {
    for (std::size_t e = 0; e < rule_.equal.size(); ++e) {
      const std::size_t i = rule_.on_pairs.size() + e;
      const auto same = [&](const RuleRow* other) {
        const bool both_blank = is_blank(row.values[i]) && is_blank(other->values[i]);
        return both_blank || agrees(row.values[i], other->values[i]);
      };
      if (!rule_.each && std::ranges::any_of(partners, same)) continue;
      const auto other = std::ranges::find_if_not(partners, same);
      if (other == partners.end()) continue;
      const auto& [mine, theirs] = rule_.equal[e];
      put(from, row,
          label_of(rows_, rule_.source, mine) + rows_.tr("：", ": ") + shown(rule_.source, mine, row.values[i]) +
              " ≠ " + shown(rule_.with, theirs, (*other)->values[i]));
    }
  }

  std::string shown(const std::string& source, const std::string& column, const Value& value) const {
    return is_blank(value) ? rows_.tr("（空）", "(nothing)") : rows_.text(source, column, value);
  }
  std::string missing(const Side& side) const {
    const Template* form = rows_.catalogue().find_template(side.source);
    return rows_.tr("缺少对应的", "has no ") + (form != nullptr ? form->label.in(rows_.lang()) : side.source);
  }
  void put(const Side& side, const RuleRow& row, std::string text) {
    auto finding = finding_of(rule_, row, side.columns.size());
    finding.text = std::move(text);
    out_.push_back(std::move(finding));
  }

  const RuleRows& rows_;
  const Rule& rule_;
  Side mine_, theirs_;
  std::vector<RuleFinding> out_;
};

}  // namespace

RuleFindings find_disagreeing(const RuleRows& rows, const Rule& rule) { return Agreement(rows, rule).run(); }

// ---- watch ----

RuleFindings find_watched(const RuleRows& rows, const Rule& rule) {
  std::vector<std::string> columns;
  for (const auto& order : rule.order) columns.push_back(order.column);
  const std::size_t first_named = columns.size();
  for (auto& field : named_fields(rule.for_whom)) columns.push_back(std::move(field));
  SATCHEL_GET(found, rows.read(rule.source, rule.filter, columns));
  std::ranges::stable_sort(found, [&](const RuleRow& a, const RuleRow& b) {
    for (std::size_t i = 0; i < rule.order.size(); ++i) {
      const auto* text_a = std::get_if<std::string>(&a.values[i]);
      const auto* text_b = std::get_if<std::string>(&b.values[i]);
      const int order = text_a && text_b ? compare_natural(*text_a, *text_b) : compare_values(a.values[i], b.values[i]);
      if (order != 0) return rule.order[i].descending ? order > 0 : order < 0;
    }
    return false;
  });
  if (rule.top > 0 && found.size() > rule.top) found.resize(rule.top);
  std::vector<RuleFinding> out;
  for (const auto& row : found) {
    auto finding = finding_of(rule, row, first_named);
    std::vector<std::string> said;
    for (std::size_t i = 0; i < first_named; ++i)
      if (!is_blank(row.values[i]))
        said.push_back(label_of(rows, rule.source, columns[i]) + " " +
                       rows.text(rule.source, columns[i], row.values[i]));
    finding.text = join_list(said, rows.lang());
    out.push_back(std::move(finding));
  }
  return out;
}

// ---- duplicate ----

namespace {

// What a row is compared by: empty where one of the fields is.
std::string duplicate_key(const RuleRows& rows, const Rule& rule, const RuleRow& row,
                          std::span<const std::size_t> fields) {
  const Template* form = rows.catalogue().find_template(rule.source);
  std::string key;
  for (const auto f : fields) {
    if (is_blank(row.values[f])) return {};
    const Field* field = form != nullptr ? form->field(rule.fields[f]) : nullptr;
    const std::string text = key_of(row.values[f]);
    const std::string part =
        field != nullptr && field->type == FieldType::phone ? normalise_phone(text) : fold_typed(text);
    if (part.empty()) return {};
    key += part + kPartSeparator;
  }
  return key;
}

// "福**货": who reads of another branch's customer learns that there is one, not who it is.
std::string masked(std::string_view name) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < name.size();) {
    std::size_t n = 1;
    while (i + n < name.size() && (static_cast<unsigned char>(name[i + n]) & 0xc0) == 0x80) ++n;
    characters.emplace_back(name.substr(i, n));
    i += n;
  }
  if (characters.empty()) return {};
  return characters.front() + "**" + (characters.size() > 2 ? characters.back() : std::string());
}

}  // namespace

RuleFindings find_duplicates(const RuleRows& rows, const Rule& rule) {
  SATCHEL_GET(found, rows.read(rule.source, rule.filter, rule.fields));
  const Template* form = rows.catalogue().find_template(rule.source);
  // Where an archive has one such record, two of them in it are what merging two archives left.
  const bool single = form != nullptr && form->single;
  std::map<std::size_t, std::map<std::size_t, std::string>> pairs;  // row → others, with why
  const auto group = [&](std::span<const std::size_t> fields) {
    std::map<std::string, std::vector<std::size_t>> same;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto key = duplicate_key(rows, rule, found[i], fields);
      if (!key.empty()) same[key].push_back(i);
    }
    std::vector<std::string> labels;
    for (const auto f : fields) labels.push_back(label_of(rows, rule.source, rule.fields[f]));
    for (const auto& [key, members] : same) {
      for (std::size_t m = 1; m < members.size() && m <= kOthersShown; ++m)
        if (!single || found[members[m]].archive != found[members[0]].archive)
          pairs[members[0]].try_emplace(members[m], join_list(labels, rows.lang()));
    }
  };
  std::vector<std::size_t> fields(rule.fields.size());
  std::iota(fields.begin(), fields.end(), std::size_t{0});
  if (rule.all) group(fields);
  for (std::size_t f = 0; f < fields.size() && !rule.all; ++f) group(std::span(fields).subspan(f, 1));
  const auto& names = rows.context().report.names;
  std::vector<RuleFinding> out;
  for (const auto& [row, others] : pairs) {
    auto finding = finding_of(rule, found[row], rule.fields.size());
    std::vector<std::string> said;
    for (const auto& [other, why] : others) {
      const auto& twin = found[other];
      const std::string name = names.archive ? names.archive(Ref{twin.archive.bytes}) : twin.archive.hex();
      const bool elsewhere = twin.branch != found[row].branch;
      const std::string branch = elsewhere && names.branch ? " (" + names.branch(Ref{twin.branch.bytes}) + ")" : "";
      said.push_back((elsewhere ? masked(name) : name) + branch + rows.tr("：", ": ") + why);
    }
    finding.text = rows.tr("可能重复：", "perhaps the same as ") + join_list(said, rows.lang());
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace satchel
