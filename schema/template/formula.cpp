// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/formula.h"

#include <algorithm>
#include <span>

namespace satchel {

namespace {

__extension__ using Wide = __int128;
constexpr int kQuotientScale = 4;
constexpr int kPlacesMax = 9;
constexpr int kDepthMax = 20;

Wide ten_to(int n) {
  Wide v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

// Half away from zero.
Wide divide_rounded(Wide a, Wide b) {
  const Wide size_a = a < 0 ? -a : a, size_b = b < 0 ? -b : b;
  const Wide rest = size_a % size_b;
  const Wide quotient = size_a / size_b + (rest >= size_b - rest ? 1 : 0);  // not doubled: that may not fit
  return (a < 0) != (b < 0) ? -quotient : quotient;
}

std::optional<Decimal> fitted(Wide units, int scale) {
  while (scale > 0 && (units % 10 == 0 || scale > kPlacesMax)) {
    units = scale > kPlacesMax ? divide_rounded(units, 10) : units / 10;
    --scale;
  }
  const Wide limit = ten_to(18);
  if (units >= limit || units <= -limit) return std::nullopt;
  return Decimal{static_cast<std::int64_t>(units), static_cast<std::uint8_t>(scale)};
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
  return fitted(static_cast<Wide>(a.units) * b.units, a.scale + b.scale);
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (b.units == 0) return std::nullopt;
  // 18 digits, twelve for the scales and four for the places stay within 128 bits.
  const int up = kQuotientScale + b.scale - a.scale;
  const Wide top = up > 0 ? static_cast<Wide>(a.units) * ten_to(up) : a.units;
  const Wide bottom = up < 0 ? static_cast<Wide>(b.units) * ten_to(-up) : b.units;
  return fitted(divide_rounded(top, bottom), kQuotientScale);
}

std::optional<Decimal> round_to(const Decimal& a, int places) {
  if (places >= a.scale) return a;
  return fitted(divide_rounded(a.units, ten_to(a.scale - places)), places);
}

std::optional<Decimal> negated(const Decimal& a) {
  if (a.units == INT64_MIN) return std::nullopt;
  return Decimal{-a.units, a.scale};
}

class FormulaReader {
 public:
  explicit FormulaReader(std::string_view text) : rest_(text) {}

  bool read() { return sum() && (skip(), rest_.empty()) && terms.size() <= kFormulaTermsMax; }
  std::string_view rest() const { return rest_; }
  std::vector<FormulaTerm> terms;

 private:
  void skip() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string word(auto&& belongs) {
    skip();
    const auto end = std::ranges::find_if_not(rest_, belongs);
    std::string found(rest_.begin(), end);
    rest_.remove_prefix(found.size());
    return found;
  }
  std::string name() {
    return word([](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  }
  bool put(FormulaTermKind kind) {
    terms.push_back({kind});
    return true;
  }

  bool sum() {
    if (!product()) return false;
    while (true) {
      if (take('+')) {
        if (!product()) return false;
        put(FormulaTermKind::add);
      } else if (take('-')) {
        if (!product()) return false;
        put(FormulaTermKind::subtract);
      } else {
        return true;
      }
    }
  }
  bool product() {
    if (!factor()) return false;
    while (true) {
      if (take('*')) {
        if (!factor()) return false;
        put(FormulaTermKind::multiply);
      } else if (take('/')) {
        if (!factor()) return false;
        put(FormulaTermKind::divide);
      } else {
        return true;
      }
    }
  }
  bool factor() {
    if (++depth_ > kDepthMax) return false;
    bool good = false;
    if (take('-')) {
      good = factor() && put(FormulaTermKind::negate);
    } else if (take('(')) {
      good = sum() && take(')');
    } else {
      good = leaf();
    }
    --depth_;
    return good;
  }
  bool leaf() {
    skip();
    if (rest_.empty()) return false;
    if (rest_.front() >= '0' && rest_.front() <= '9') {
      const auto number = parse_decimal(word([](char c) { return (c >= '0' && c <= '9') || c == '.'; }));
      if (number) terms.push_back({FormulaTermKind::number, *number});
      return number.has_value();
    }
    const std::string id = name();
    if (id.empty()) return false;
    if (!take('(')) {
      terms.push_back({FormulaTermKind::field, {}, id});
      return true;
    }
    return call(id) && take(')');
  }
  bool call(const std::string& function) {
    if (function == "days" || function == "minutes") {
      for (int i = 0; i < 2; ++i) {
        const std::string date = name();
        if (date.empty() || (i == 0 && !take(','))) return false;
        terms.push_back({FormulaTermKind::field, {}, date});
      }
      return put(function == "days" ? FormulaTermKind::days : FormulaTermKind::minutes);
    }
    if (function == "year") {
      const std::string date = name();
      terms.push_back({FormulaTermKind::field, {}, date});
      return !date.empty() && put(FormulaTermKind::year);
    }
    if (function == "or") return sum() && take(',') && sum() && put(FormulaTermKind::either);
    if (function == "count" || function == "sum") {
      FormulaTerm term{function == "sum" ? FormulaTermKind::sum : FormulaTermKind::count};
      term.field = name();
      if (function == "sum") {
        if (!take('.')) return false;
        term.part = name();
      }
      const bool good = !term.field.empty() && (function == "count" || !term.part.empty());
      terms.push_back(std::move(term));
      return good;
    }
    return function == "round" && sum() && take(',') && sum() && put(FormulaTermKind::round);
  }

  std::string_view rest_;
  int depth_ = 0;
};

std::optional<Decimal> number_in(const Value& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value)) return Decimal{*n, 0};
  const auto* d = std::get_if<Decimal>(&value);
  return d != nullptr ? std::optional(*d) : std::nullopt;
}

std::optional<Decimal> combine(FormulaTermKind kind, const Decimal& a, const Decimal& b) {
  switch (kind) {
    case FormulaTermKind::add:
      return add(a, b);
    case FormulaTermKind::subtract: {
      const auto less = negated(b);
      return less ? add(a, *less) : std::nullopt;
    }
    case FormulaTermKind::multiply:
      return multiply(a, b);
    case FormulaTermKind::divide:
      return divide(a, b);
    case FormulaTermKind::round:
      return b.scale == 0 && b.units >= 0 && b.units <= kPlacesMax ? round_to(a, static_cast<int>(b.units))
                                                                   : std::nullopt;
    default:
      return std::nullopt;
  }
}

constexpr int kZoneMinutes = 480;
constexpr std::int64_t kMsADay = 86'400'000;
constexpr std::int64_t kMsAMinute = 60'000;

std::optional<Date> date_in(const Value& value) {
  if (const auto* date = std::get_if<Date>(&value)) return *date;
  const auto* time = std::get_if<WallTime>(&value);
  return time != nullptr ? std::optional(date_of(*time, kZoneMinutes)) : std::nullopt;
}

// A day counts from its beginning.
std::optional<std::int64_t> minutes_in(const Value& value) {
  if (const auto* time = std::get_if<WallTime>(&value)) return time->ms / kMsAMinute;
  const auto* date = std::get_if<Date>(&value);
  return date != nullptr ? std::optional(date->days * (kMsADay / kMsAMinute) - kZoneMinutes) : std::nullopt;
}

// A leaf's number.
std::optional<Decimal> leaf_value(const FormulaTerm& term, const FormulaInput& input) {
  if (term.kind == FormulaTermKind::number) return term.number;
  if (term.kind == FormulaTermKind::field) return number_in(input.value(term.field));
  if (term.kind == FormulaTermKind::count) {
    const Value value = input.value(term.field);
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    return Decimal{list != nullptr ? static_cast<std::int64_t>(list->size()) : empty(value) ? 0 : 1, 0};
  }
  std::optional<Decimal> total = Decimal{};
  for (const auto& one : input.parts(term.field, term.part))
    if (total) total = add(*total, one);
  return total;
}

std::optional<Decimal> minutes_between(std::span<const FormulaTerm> two, const FormulaInput& input) {
  const auto from = minutes_in(input.value(two[0].field)), to = minutes_in(input.value(two[1].field));
  if (!from || !to) return std::nullopt;
  return Decimal{*to - *from, 0};
}

std::optional<Decimal> year_of(const FormulaTerm& term, const FormulaInput& input) {
  const auto date = date_in(input.value(term.field));
  if (!date) return std::nullopt;
  return Decimal{static_cast<int>(date->civil().year()), 0};
}

std::optional<Decimal> days_between(std::span<const FormulaTerm> two, const FormulaInput& input) {
  const auto from = date_in(input.value(two[0].field)), to = date_in(input.value(two[1].field));
  if (!from || !to) return std::nullopt;
  return Decimal{std::int64_t{to->days} - from->days, 0};
}

}  // namespace

std::vector<std::string> Formula::fields() const {
  std::vector<std::string> all;
  for (const auto& term : terms)
    if (!term.field.empty() && std::ranges::find(all, term.field) == all.end()) all.push_back(term.field);
  return all;
}

Result<Formula> parse_formula(std::string_view text) {
  FormulaReader reader(text);
  if (text.size() > kFormulaBytesMax || !reader.read())
    return fail(ErrorKind::invalid, "formula.invalid", std::string(beginning(reader.rest(), 40)));
  return Formula{std::string(text), std::move(reader.terms)};
}

Value compute(const Formula& formula, const FormulaInput& input) {
  std::vector<std::optional<Decimal>> stack;
  const auto& terms = formula.terms;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto kind = terms[i].kind;
    if (kind == FormulaTermKind::days || kind == FormulaTermKind::minutes) {
      const auto two = std::span(terms).subspan(i - 2, 2);
      stack.resize(stack.size() - 2);
      stack.push_back(kind == FormulaTermKind::days ? days_between(two, input) : minutes_between(two, input));
    } else if (kind == FormulaTermKind::year) {
      stack.back() = year_of(terms[i - 1], input);
    } else if (kind == FormulaTermKind::negate) {
      if (stack.back()) stack.back() = negated(*stack.back());
    } else if (kind == FormulaTermKind::number || kind == FormulaTermKind::field || kind == FormulaTermKind::count ||
               kind == FormulaTermKind::sum) {
      stack.push_back(leaf_value(terms[i], input));
    } else {
      const auto right = stack.back();
      stack.pop_back();
      const auto left = stack.back();
      if (kind == FormulaTermKind::either)
        stack.back() = left ? left : right;
      else
        stack.back() = left && right ? combine(kind, *left, *right) : std::nullopt;
    }
  }
  if (stack.size() != 1 || !stack.back()) return Value{};
  const auto result = fitted(stack.back()->units, stack.back()->scale);
  return result ? Value(*result) : Value{};
}

}  // namespace satchel
