// SPDX-License-Identifier: AGPL-3.0-or-later
// Rows and people for rules, kept in memory.
#pragma once

#include "schema/template/rule_run.h"
#include "tests/unit/template/packs.h"

namespace satchel::test {

template <class AnyId>
AnyId id_no(unsigned number) {
  AnyId id;
  id.bytes.back() = static_cast<Byte>(number);
  return id;
}

struct StoredRow {
  unsigned archive = 1, record = 1, author = 1, branch = 1;
  FieldMap fields;
  WallTime created;
};

class RuleWorld {
 public:
  explicit RuleWorld(std::string_view toml) { catalogue.add(pack_of(toml)); }

  // Fields as people type them.
  void add(const std::string& form, unsigned archive, unsigned record,
           const std::vector<std::pair<std::string, std::string>>& typed, unsigned author = 1, unsigned branch = 1) {
    const Template* shape = catalogue.find_template(form);
    REQUIRE(shape != nullptr);
    StoredRow row{archive, record, author, branch, {}, WallTime{1'000'000 + record}};
    for (const auto& [id, text] : typed) {
      const Field* field = shape->field(id);
      REQUIRE(field != nullptr);
      const auto value = parse_field(*field, text, Lang::en);
      REQUIRE(value.has_value());
      row.fields.emplace(id, *value);
    }
    rows[form].push_back(std::move(row));
  }

  std::vector<RuleFinding> run(std::string_view rule, std::string_view day) {
    RuleContext context;
    context.report.lang = Lang::en;
    context.report.now = end_of_day(*parse_date(day), kChinaZoneMinutes);
    context.report.names.archive = [](const Ref& ref) { return "客户" + std::to_string(ref.id.back()); };
    context.rows = [&](const std::string& form) {
      return RowSource([&, form](std::span<const std::string> fields, const RowSink& sink) -> Result<void> {
        for (const auto& row : rows[form]) {
          std::vector<const Value*> cells;
          for (const auto& id : fields) {
            const auto at = row.fields.find(id);
            cells.push_back(at == row.fields.end() ? nullptr : &at->second);
          }
          ReportRow out;
          out.archive = id_no<ArchiveId>(row.archive);
          out.record = id_no<RecordId>(row.record);
          out.author = id_no<PersonId>(row.author);
          out.branch = id_no<BranchId>(row.branch);
          out.created = row.created;
          out.fields = cells;
          sink(out);
        }
        return {};
      });
    };
    context.people = [&](const Actor&) { return people; };
    context.digest = [](std::string_view text) { return std::to_string(std::hash<std::string_view>()(text)); };
    const Rule* found = catalogue.find_rule(rule);
    REQUIRE(found != nullptr);
    const auto result = run_rule(catalogue, *found, context);
    INFO((result ? std::string() : result.error().code + " " + result.error().detail));
    REQUIRE(result.has_value());
    kept_.push_back(*result);
    return *result;
  }

  // Record numbers found, in order.
  std::vector<unsigned> records(std::string_view rule, std::string_view day) {
    std::vector<unsigned> out;
    for (const auto& f : run(rule, day)) out.push_back(f.record.bytes.back());
    return out;
  }

  Catalogue catalogue;
  std::map<std::string, std::vector<StoredRow>> rows;
  std::vector<RuleContext::Subject> people;

 private:
  std::vector<std::vector<RuleFinding>> kept_;
};

inline std::string due_text(const RuleFinding& finding) {
  return finding.due ? format_time(*finding.due, kChinaZoneMinutes) : "none";
}

}  // namespace satchel::test
