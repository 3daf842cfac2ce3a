// SPDX-License-Identifier: AGPL-3.0-or-later
// What all parts of the linter share: where findings go, and how names are looked up in the pack and in those already
// in force. Private to this room.
#pragma once

#include "schema/template/pack.h"
#include "schema/template/report.h"

namespace satchel {

class LintBase {
 public:
  LintBase(const Pack& pack, const Pack* previous, const Catalogue* others)
      : pack_(pack), previous_(previous), others_(others) {}

  void error(std::string where, std::string_view code, Label message);
  void warn(std::string where, std::string_view code, Label message);
  void need_label(const std::string& where, const Label& label);
  // There may be none; but then in neither language.
  void need_help(const std::string& where, const Label& help);
  void check_calendar(const std::string& where, const std::string& id);

  const Pack& pack() const { return pack_; }
  const Pack* previous() const { return previous_; }
  const Template* find(std::string_view id) const;
  const Workflow* find_workflow(std::string_view source) const;
  std::optional<Field> column(std::string_view source, std::string_view name) const;

  // A column that rows of that template have; of numbers when it is summed, of dates or times when it is one.
  void check_column(const std::string& where, std::string_view source, std::string_view column, bool summed = false);
  void check_date(const std::string& where, std::string_view source, std::string_view column);
  // `parameters`: what "$id" may name; null: nothing.
  void check_condition(const std::string& where, std::string_view source, const Condition& c,
                       const std::vector<ReportParam>* parameters = nullptr);
  // Tests of the form's fields that can hold; `computed` ones may be among them.
  void check_when(const std::string& where, const Template* form, const When& when, bool computed);
  void check_actor(const std::string& where, const Template* source, const Actor& actor);
  std::vector<LintFinding> take() { return std::move(findings_); }

 protected:
  const Pack& pack_;
  const Pack* previous_;
  const Catalogue* others_;

 private:
  void check_test(const std::string& where, const Field& on, const FieldTest& test);
  void add(LintSeverity severity, std::string where, std::string_view code, Label message);
  std::vector<LintFinding> findings_;
};

void lint_flows(LintBase& lint);
void lint_rules(LintBase& lint);

}  // namespace satchel
