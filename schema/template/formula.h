// SPDX-License-Identifier: AGPL-3.0-or-later
// Computed fields: exact decimal arithmetic over other fields of the record. + - * / and parentheses; field ids and
// numbers; days(a, b) and minutes(a, b), from one date or time to another; year(f) of a date; or(x, y), y where x is
// empty; count(f), how many a list has; sum(f.part), over the groups of a field; round(x, n). A quotient is rounded to
// four places, half away from zero. What is missing, struck out, not a number or too large makes the whole result
// empty: a wrong figure is worse than none.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "schema/base/result.h"
#include "schema/base/value.h"

namespace satchel {

inline constexpr std::size_t kFormulaBytesMax = 500;
inline constexpr std::size_t kFormulaTermsMax = 100;

enum class FormulaTermKind : std::uint8_t {
  number,
  field,
  add,
  subtract,
  multiply,
  divide,
  negate,
  days,
  minutes,
  year,
  either,
  count,
  sum,
  round
};

// In postfix order.
struct FormulaTerm {
  FormulaTermKind kind = FormulaTermKind::number;
  Decimal number;
  std::string field, part;
};

struct Formula {
  std::string text;
  std::vector<FormulaTerm> terms;
  // Every field it names, each once.
  std::vector<std::string> fields() const;
};

// invalid "formula.invalid"; the detail is what could not be read.
Result<Formula> parse_formula(std::string_view text);

// What the formula asks of a record.
struct FormulaInput {
  std::function<Value(const std::string& field)> value;
  // The part's numbers, one a group of the field; a group without it counts as none.
  std::function<std::vector<Decimal>(const std::string& field, const std::string& part)> parts;
};
// A Decimal without needless zeros, or the empty value.
Value compute(const Formula& formula, const FormulaInput& input);

}  // namespace satchel
