// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/field_text.h"

#include <algorithm>
#include <array>

#include "schema/template/field_kinds.h"

namespace satchel {

namespace {

constexpr std::size_t kRefDigits = 32;
constexpr std::size_t kPhoneDigitsMin = 3;
constexpr std::size_t kPhoneCharactersMax = 64;
constexpr std::size_t kListTypedMax = 4 * kValueTextsMax;  // some are said twice

struct Parsing {
  const Field& field;
  std::string_view text;  // trimmed, not empty
  Lang lang;
  const RefFinder* finder;
  int zone_minutes;

  std::unexpected<Error> refuse(std::string_view code) const { return refuse(code, text); }
  std::unexpected<Error> refuse(std::string_view code, std::string_view what) const {
    return fail(
        ErrorKind::invalid, "field." + std::string(code),
        field.label.in(lang) + (lang == Lang::zh ? "：" : ": ") + std::string(beginning(what, kDetailBytesMax)));
  }
};

std::optional<Ref> parse_ref(std::string_view digits) {
  const Bytes raw = digits.size() == kRefDigits ? unhex(digits) : Bytes{};
  Ref ref;
  if (raw.size() != ref.id.size()) return std::nullopt;
  std::ranges::copy(raw, ref.id.begin());
  return ref;
}

// Control characters never enter; one-line fields take line ends and tabs as blanks.
std::string clean(std::string_view text, bool one_line) {
  std::string out;
  for (const char c : text) {
    const bool line_end = c == '\n' || c == '\t';
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
      out.push_back(c);
    else if (line_end)
      out.push_back(one_line ? ' ' : c);
  }
  return out;
}

// Money may come with its sign or unit.
std::optional<Decimal> parse_number(std::string_view typed, bool money) {
  std::string folded = fold_width(typed);
  std::string_view text = folded;
  if (money) {
    for (const std::string_view mark : {"¥", "￥", "$", "€", "£", "RMB", "CNY", "USD", "EUR"})
      if (text.starts_with(mark)) text = trim_blanks(text.substr(mark.size()));
    for (const std::string_view mark : {"元", "RMB", "CNY", "USD", "EUR"})
      if (text.ends_with(mark)) text = trim_blanks(text.substr(0, text.size() - mark.size()));
  }
  return parse_decimal(text);
}

std::optional<std::int64_t> whole(Decimal d) {
  while (d.scale > 0 && d.units % 10 == 0) d = {d.units / 10, static_cast<std::uint8_t>(d.scale - 1)};
  if (d.scale > 0) return std::nullopt;
  return d.units;
}

bool in_range(const Field& field, const Decimal& d) {
  return !(field.least && compare(d, *field.least) < 0) && !(field.most && compare(d, *field.most) > 0);
}

Result<Value> take_number(const Parsing& p) {
  const auto d = parse_number(p.text, p.field.type == FieldType::money);
  if (!d) return p.refuse("not-a-number");
  if (!in_range(p.field, *d)) return p.refuse("out-of-range");
  if (p.field.type != FieldType::integer) return Value(*d);
  const auto n = whole(*d);
  if (!n) return p.refuse("not-a-number");
  return Value(*n);
}

Result<Value> take_time(const Parsing& p) {
  const std::string folded = fold_width(p.text);
  if (const auto t = parse_time(folded, p.zone_minutes)) return Value(*t);
  // 2026/11/22 14:05: the date in any spelling, then a blank.
  const auto gap = folded.find_first_of(" T");
  const auto date = parse_any_date(std::string_view(folded).substr(0, gap));
  const std::string clock =
      gap == std::string::npos ? "" : " " + std::string(trim_blanks(std::string_view(folded).substr(gap + 1)));
  const auto t = date ? parse_time(format_date(*date) + clock, p.zone_minutes) : std::nullopt;
  if (!t) return p.refuse("not-a-time");
  return Value(*t);
}

Result<Value> take_phone(const Parsing& p) {
  const std::string typed = clean(p.text, true);
  const auto digits = std::ranges::count_if(normalise_phone(typed), [](char c) { return c >= '0' && c <= '9'; });
  const bool plausible =
      static_cast<std::size_t>(digits) >= kPhoneDigitsMin && character_count(typed) <= kPhoneCharactersMax;
  if (!plausible) return p.refuse("not-a-phone");
  return Value(typed);
}

Result<Value> take_yes_no(const Parsing& p) {
  static constexpr std::string_view kYes[] = {"是", "有", "对", "√", "✓", "y", "yes", "true", "1", "t"};
  static constexpr std::string_view kNo[] = {"否", "无", "没有", "不", "不是", "×", "n", "no", "false", "0", "f"};
  const std::string word = fold_typed(p.text);
  if (std::ranges::find(kYes, word) != std::end(kYes)) return Value(true);
  if (std::ranges::find(kNo, word) != std::end(kNo)) return Value(false);
  return p.refuse("not-yes-or-no");
}

Result<Value> take_ref(const Parsing& p) {
  if (const auto ref = parse_ref(p.text)) return Value(*ref);
  if (p.finder) {
    const auto& find = p.field.type == FieldType::person    ? p.finder->person
                       : p.field.type == FieldType::archive ? p.finder->archive
                                                            : p.finder->record;
    const auto ref = find ? find(p.text) : std::nullopt;
    if (ref) return Value(*ref);
  }
  return p.refuse("not-found");
}

Result<Value> take_list(const Parsing& p) {
  // A label may hold what parts a list.
  if (p.field.type == FieldType::choices && !p.field.open)
    if (const auto whole = find_choice(p.field, p.text)) return Value(std::vector<std::string>{*whole});
  const auto parts = split_list(p.text);
  if (parts.size() > kListTypedMax) return p.refuse("too-long");
  std::vector<std::string> items;
  for (const auto& part : parts) {
    std::string item = clean(part, true);
    if (p.field.type == FieldType::choices) {
      const auto choice = find_choice(p.field, part);
      if (!choice) return p.refuse("not-a-choice", part);
      item = *choice;
    } else if (p.field.type == FieldType::persons && !parse_ref(item)) {
      const bool asks = p.finder && p.finder->person;
      const auto ref = asks ? p.finder->person(item) : std::nullopt;
      if (ref) item = hex(ref->id);
      // Who has no part in Satchel may be named where the field says so.
      if (asks && !ref && !p.field.open) return p.refuse("not-found", part);
    }
    // A text list may say a thing twice; people and choices are sets.
    if (p.field.type == FieldType::texts || std::ranges::find(items, item) == items.end())
      items.push_back(std::move(item));
  }
  if (items.size() > kValueTextsMax) return p.refuse("too-long");
  return Value(std::move(items));
}

Result<Value> take_form(const Parsing& p, std::optional<std::string> stored, std::string_view code) {
  if (!stored) return p.refuse(code);
  return Value(std::move(*stored));
}

Result<Value> take_groups(const Parsing& p) {
  auto groups = read_groups(p.field, p.text, p.lang, p.finder, p.zone_minutes);
  if (!groups) return std::unexpected(groups.error());
  if (groups->size() > kValueTextsMax) return p.refuse("too-long");
  return Value(std::move(*groups));
}

Result<Value> take(const Parsing& p) {
  switch (p.field.type) {
    case FieldType::text:
    case FieldType::signature:
    case FieldType::attachment:
      return Value(clean(p.text, true));
    case FieldType::long_text:
      return Value(clean(p.text, false));
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::money:
      return take_number(p);
    case FieldType::date:
      if (const auto d = parse_any_date(p.text)) return Value(*d);
      return p.refuse("not-a-date");
    case FieldType::time:
      return take_time(p);
    case FieldType::phone:
      return take_phone(p);
    case FieldType::choice:
      if (auto c = find_choice(p.field, p.text)) return Value(std::move(*c));
      return p.refuse("not-a-choice");
    case FieldType::yes_no:
      return take_yes_no(p);
    case FieldType::person:
    case FieldType::archive:
    case FieldType::record:
      return take_ref(p);
    case FieldType::choices:
    case FieldType::persons:
    case FieldType::texts:
      return take_list(p);
    case FieldType::lunar_date:
      return take_form(p, lunar_text(p.text), "not-a-lunar-date");
    case FieldType::period:
      return take_form(p, period_text(p.text), "not-a-period");
    case FieldType::id_number:
      return take_form(p, id_number_text(p.text), "not-an-id-number");
    case FieldType::place:
      return take_form(p, place_text(p.text), "not-a-place");
    case FieldType::groups:
      return take_groups(p);
  }
  return p.refuse("wrong-type");
}

// ---- the check of what is stored ----

bool too_long(const Field& field, std::string_view text) {
  return text.size() > kValueBytesMax || (field.length_max > 0 && character_count(text) > field.length_max);
}

bool type_fits(const Field& field, const Value& v) {
  // Logs and sets hold several of what one entry holds.
  const bool several = field.merge == MergePolicy::log || field.merge == MergePolicy::set;
  switch (field.type) {
    case FieldType::text:
    case FieldType::long_text:
    case FieldType::phone:
    case FieldType::choice:
    case FieldType::lunar_date:
    case FieldType::period:
    case FieldType::id_number:
    case FieldType::place:
    case FieldType::signature:
    case FieldType::attachment:
      return std::holds_alternative<std::string>(v) || (several && std::holds_alternative<std::vector<std::string>>(v));
    case FieldType::integer:
      return std::holds_alternative<std::int64_t>(v);
    case FieldType::decimal:
    case FieldType::money:
      return std::holds_alternative<Decimal>(v);
    case FieldType::date:
      return std::holds_alternative<Date>(v);
    case FieldType::time:
      return std::holds_alternative<WallTime>(v);
    case FieldType::yes_no:
      return std::holds_alternative<bool>(v);
    case FieldType::person:
    case FieldType::archive:
    case FieldType::record:
      return std::holds_alternative<Ref>(v);
    case FieldType::choices:
    case FieldType::persons:
    case FieldType::texts:
    case FieldType::groups:
      return std::holds_alternative<std::vector<std::string>>(v);
  }
  return false;
}

// Of a text that has a form of its own.
bool well_formed(const Field& field, const std::string& text) {
  switch (field.type) {
    case FieldType::lunar_date:
      return lunar_text(text) == text;
    case FieldType::period:
      return period_text(text) == text;
    case FieldType::id_number:
      return id_number_text(text) == text;
    case FieldType::place:
      return place_text(text) == text;
    default:
      return true;
  }
}

// One text or each of a list.
template <class Visit>
void each_text(const Value& v, Visit visit) {
  if (const auto* one = std::get_if<std::string>(&v)) visit(*one);
  if (const auto* list = std::get_if<std::vector<std::string>>(&v)) std::ranges::for_each(*list, visit);
}

std::optional<FieldProblem> check_value(const Field& field, const Value& v);

std::optional<FieldProblem> check_groups(const Field& field, const std::vector<std::string>& groups) {
  for (const auto& group : groups) {
    const auto values = group_values(field, group, kChinaZoneMinutes);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Field& part = field.parts[i];
      if (empty(values[i]) && part.required) return FieldProblem{field.id, "field.missing", part.label.zh};
      if (empty(values[i])) continue;
      if (auto problem = check_value(part, values[i])) return FieldProblem{field.id, problem->code, problem->detail};
    }
  }
  return std::nullopt;
}

std::optional<FieldProblem> check_value(const Field& field, const Value& v) {
  if (std::holds_alternative<Struck>(v)) return std::nullopt;
  if (!type_fits(field, v)) return FieldProblem{field.id, "field.wrong-type", {}};
  std::optional<FieldProblem> problem;
  if (field.type == FieldType::groups) problem = check_groups(field, std::get<std::vector<std::string>>(v));
  each_text(v, [&](const std::string& text) {
    if (too_long(field, text)) problem = {field.id, "field.too-long", {}};
    if (!well_formed(field, text)) problem = {field.id, "field.wrong-type", text};
    if (has_choices(field.type) && !field.open && !field.choice(text)) problem = {field.id, "field.not-a-choice", text};
  });
  std::optional<Decimal> number;
  if (const auto* d = std::get_if<Decimal>(&v)) number = *d;
  if (const auto* n = std::get_if<std::int64_t>(&v)) number = Decimal{*n, 0};
  if (number && !in_range(field, *number)) problem = {field.id, "field.out-of-range", format_decimal(*number)};
  return problem;
}

std::string name_ref(const std::function<std::string(const Ref&)>& name, const Ref& ref) {
  return name ? name(ref) : hex(ref.id);
}

std::string format_item(const Field& field, const std::string& item, Lang lang, const RefNames* names) {
  if (const Choice* c = has_choices(field.type) ? field.choice(item) : nullptr) return c->label.in(lang);
  if (field.type == FieldType::lunar_date) return lunar_shown(item, lang);
  if (field.type == FieldType::period) return period_shown(item, lang);
  if (field.type == FieldType::place) return place_shown(item, lang);
  if (field.type == FieldType::persons && names && names->person)
    if (const auto ref = parse_ref(item)) return names->person(*ref);
  return item;
}

std::string format_ref(const Field& field, const Ref& ref, const RefNames* names) {
  static const RefNames kNone;
  const RefNames& n = names ? *names : kNone;
  switch (field.type) {
    case FieldType::person:
      return name_ref(n.person, ref);
    case FieldType::archive:
      return name_ref(n.archive, ref);
    case FieldType::record:
      return name_ref(n.record, ref);
    default:
      return hex(ref.id);
  }
}

std::vector<Decimal> part_numbers(const Template& form, const FieldMap& record, const std::string& id,
                                  const std::string& part) {
  std::vector<Decimal> all;
  const Field* field = form.field(id);
  const auto at = record.find(id);
  const auto* groups = at != record.end() ? std::get_if<std::vector<std::string>>(&at->second) : nullptr;
  if (field == nullptr || groups == nullptr) return all;
  const auto which = std::ranges::find(field->parts, part, &Field::id) - field->parts.begin();
  for (const auto& group : *groups) {
    const auto values = group_values(*field, group, kChinaZoneMinutes);
    if (static_cast<std::size_t>(which) >= values.size()) continue;
    const Value& value = values[static_cast<std::size_t>(which)];
    if (const auto* d = std::get_if<Decimal>(&value)) all.push_back(*d);
    if (const auto* n = std::get_if<std::int64_t>(&value)) all.push_back({*n, 0});
  }
  return all;
}

}  // namespace

std::optional<std::string> find_choice(const Field& field, std::string_view typed) {
  if (const Choice* exact = field.choice(typed)) return exact->id;
  const std::string wanted = fold_typed(typed);
  for (const auto& c : field.choices)
    if (wanted == fold_typed(c.id) || wanted == fold_typed(c.label.zh) || wanted == fold_typed(c.label.en)) return c.id;
  if (!field.open) return std::nullopt;
  return clean(typed, true);
}

Result<Value> parse_field(const Field& field, std::string_view text, Lang lang, const RefFinder* finder,
                          int zone_minutes) {
  const Parsing p{field, trim_blanks(text), lang, finder, zone_minutes};
  if (p.text.empty()) return Value{};
  if (p.text == "/") return Value{Struck{}};
  if (!is_utf8(p.text)) return p.refuse("not-text", "?");
  auto value = take(p);
  if (!value) return value;
  bool fits = true;
  each_text(*value, [&](const std::string& s) { fits = fits && !too_long(field, s); });
  if (!fits)
    return p.refuse("too-long", field.length_max ? std::to_string(field.length_max) : std::to_string(kValueBytesMax));
  return value;
}

std::string format_field(const Field& field, const Value& value, Lang lang, const RefNames* names, int zone_minutes) {
  if (const auto* text = std::get_if<std::string>(&value)) return format_item(field, *text, lang, names);
  if (const auto* groups = std::get_if<std::vector<std::string>>(&value); groups && field.type == FieldType::groups)
    return groups_shown(field, *groups, lang, names, zone_minutes);
  if (const auto* yes = std::get_if<bool>(&value))
    return lang == Lang::zh ? (*yes ? "是" : "否") : (*yes ? "yes" : "no");
  if (const auto* ref = std::get_if<Ref>(&value)) return format_ref(field, *ref, names);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    const std::string_view between = field.merge == MergePolicy::log ? "\n" : lang == Lang::zh ? "、" : "; ";
    std::string out;
    for (const auto& item : *list) {
      if (!out.empty()) out += between;
      out += format_item(field, item, lang, names);
    }
    return out;
  }
  return format_value(value, zone_minutes);
}

std::string join_list(std::span<const std::string> words, Lang lang) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += lang == Lang::zh ? "、" : ", ";
    out += word;
  }
  return out;
}

bool is_asked(const Field& field, const FieldMap& record) {
  return !field.system && !field.retired && !field.formula && applies(field.when, record);
}

bool is_required(const Field& field, const FieldMap& record) {
  const bool sometimes = !field.required_when.always() && applies(field.required_when, record);
  return (field.required || sometimes) && is_asked(field, record);
}

std::vector<FieldProblem> validate(const Template& form, const FieldMap& record, Lang lang) {
  std::vector<FieldProblem> problems;
  for (const auto& field : form.fields) {
    const auto at = record.find(field.id);
    const bool filled = at != record.end() && !empty(at->second);
    std::optional<FieldProblem> problem;
    if (filled)
      problem = check_value(field, at->second);
    else if (is_required(field, record))
      problem = {field.id, "field.missing", {}};
    if (!problem) continue;
    const std::string& label = field.label.in(lang);
    problem->detail = problem->detail.empty() ? label : label + (lang == Lang::zh ? "：" : ": ") + problem->detail;
    problems.push_back(std::move(*problem));
  }
  return problems;
}

std::vector<const Field*> blanks(const Template& form, const FieldMap& record) {
  std::vector<const Field*> all;
  for (const auto& field : form.fields) {
    const auto at = record.find(field.id);
    const bool filled = at != record.end() && !empty(at->second);
    if (!filled && (form.no_blank ? is_asked(field, record) : is_required(field, record))) all.push_back(&field);
  }
  return all;
}

void fill_computed(const Template& form, FieldMap& record) {
  // One may use another that stands before it.
  for (const auto& field : form.fields) {
    if (!field.formula) continue;
    const FormulaInput input{
        [&](const std::string& id) {
          const auto at = record.find(id);
          return at != record.end() ? at->second : Value{};
        },
        [&](const std::string& id, const std::string& part) { return part_numbers(form, record, id, part); }};
    Value result = compute(*field.formula, input);
    if (const auto* number = std::get_if<Decimal>(&result); number != nullptr && field.type == FieldType::integer)
      result = number->scale == 0 ? Value(number->units) : Value{};
    if (empty(result))
      record.erase(field.id);
    else
      record.insert_or_assign(field.id, std::move(result));
  }
}

}  // namespace satchel
