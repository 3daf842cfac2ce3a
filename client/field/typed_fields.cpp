// SPDX-License-Identifier: AGPL-3.0-or-later
// From what people type to values, and the words for what is wrong with it.
#include "client/field/records.h"

namespace satchel::field {

namespace {

constexpr std::size_t kListedMax = 12;
constexpr std::size_t kNearDistance = 2;

bool same_word(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, low, low);
}

// Letters to insert, drop or change; more than `most` counts as most + 1.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({change, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return std::min(row.back(), most + 1);
}

std::string named(const Field& field, Lang lang) { return field.id + " " + field.label.in(lang); }

std::string near_fields(const Template& form, std::string_view typed, Lang lang) {
  std::string near, all;
  std::size_t listed = 0;
  for (const auto& field : form.fields) {
    if (field.system || field.retired) continue;
    const bool close = distance(typed, field.id, kNearDistance) <= kNearDistance ||
                       (typed.size() >= 3 &&
                        (field.id.find(typed) != std::string::npos || field.label.zh.find(typed) != std::string::npos));
    if (close) near += (near.empty() ? "" : ", ") + named(field, lang);
    if (++listed <= kListedMax) all += (all.empty() ? "" : ", ") + field.id;
  }
  if (listed > kListedMax) all += " …";
  return near.empty() ? all : near;
}

std::string choices_text(const Field& field, Lang lang) {
  std::string out;
  std::size_t listed = 0;
  for (const auto& choice : field.choices) {
    if (choice.retired) continue;
    if (++listed > kListedMax) return out + " …";
    out += (out.empty() ? "" : ", ") + choice.id + " " + choice.label.in(lang);
  }
  return out;
}

// Words for what a whole record lacks; the field's name stands before them.
std::string words_for(std::string_view code, Lang lang) {
  struct Word {
    std::string_view code, zh, en;
  };
  static constexpr Word kWords[] = {
      {"field.missing", "必填", "is required"},
      {"field.wrong-type", "内容类型不对", "has the wrong type"},
      {"field.too-long", "太长", "is too long"},
      {"field.not-a-choice", "不在可选范围", "is not one of the choices"},
      {"field.out-of-range", "超出范围", "is out of range"},
  };
  for (const auto& word : kWords) {
    if (word.code == code) return std::string(lang == Lang::zh ? word.zh : word.en);
  }
  return std::string(code);
}

}  // namespace

std::string titled_field(const Field& field, Lang lang) { return field.label.in(lang) + " (" + field.id + ")"; }

const Field* field_named(const Template& form, std::string_view typed) {
  const auto word = trim_blanks(typed);
  const auto found = [&](const auto& fits) -> const Field* {
    const auto at = std::ranges::find_if(form.fields, fits);
    return at == form.fields.end() ? nullptr : &*at;
  };
  if (const auto* field = found([&](const Field& f) { return same_word(word, f.id); })) return field;
  if (const auto* field = found([&](const Field& f) { return word == f.label.zh || same_word(word, f.label.en); }))
    return field;
  return found([&](const Field& f) { return word == titled_field(f, Lang::zh) || word == titled_field(f, Lang::en); });
}

Result<const Field*> find_field(const Template& form, std::string_view typed, Lang lang) {
  const auto* found = field_named(form, typed);
  if (found == nullptr) {
    const std::string word(trim_blanks(typed));
    return fail(ErrorKind::usage, "field.unknown", word + " → " + near_fields(form, word, lang));
  }
  // The program's own, computed ones too, are not typed.
  if (found->system || found->formula) return fail(ErrorKind::usage, "field.system", named(*found, lang));
  return found;
}

Result<Value> parse_typed(Book& book, const Field& field, std::string_view text) {
  return parse_typed(book, field, text, book.finder());
}

Result<Value> parse_typed(Book& book, const Field& field, std::string_view text, const RefFinder& finder) {
  auto value = parse_field(field, text, book.lang(), &finder);
  if (!value && value.error().code == "field.not-a-choice")
    value.error().detail += " (" + choices_text(field, book.lang()) + ")";
  return value;
}

Result<FieldMap> parse_fields(Book& book, const Template& form, std::span<const Typed> typed) {
  return parse_fields(book, form, typed, date_of(book.device().clock().wall(), kChinaZoneMinutes));
}

Result<FieldMap> parse_fields(Book& book, const Template& form, std::span<const Typed> typed, Date today) {
  FieldMap out;
  for (const auto& t : typed) {
    SATCHEL_GET(field, find_field(form, t.field, book.lang()));
    if (field->type == FieldType::date) {
      if (const auto day = parse_day_said(t.text, today)) {
        out.insert_or_assign(field->id, *day);
        continue;
      }
    }
    SATCHEL_GET(value, parse_typed(book, *field, t.text));
    out.insert_or_assign(field->id, std::move(value));
  }
  return out;
}

namespace {

bool touches(const FieldMap& touched, const When& when) {
  return std::ranges::any_of(when.all, [&](const FieldTest& test) { return touched.contains(test.field); });
}

}  // namespace

std::vector<Fault> faults_of(const Template& form, const FieldMap& record, Lang lang, const FieldMap* touched) {
  std::vector<Fault> out;
  for (const auto& problem : validate(form, record, lang)) {
    const Field* field = form.field(problem.field);
    const bool concerns =
        touched == nullptr || touched->contains(problem.field) ||
        (field != nullptr && (touches(*touched, field->when) || touches(*touched, field->required_when)));
    if (!concerns) continue;
    out.push_back({problem.field, problem.detail + " " + words_for(problem.code, lang) + " (" + problem.field + ")"});
  }
  return out;
}

Result<void> check_record(const Template& form, const FieldMap& record, Lang lang, const FieldMap* touched) {
  std::string all;
  for (const auto& fault : faults_of(form, record, lang, touched)) {
    if (!all.empty()) all += lang == Lang::zh ? "；" : "; ";
    all += fault.text;
  }
  if (!all.empty()) return fail(ErrorKind::usage, "record.incomplete", all);
  return {};
}

}  // namespace satchel::field
