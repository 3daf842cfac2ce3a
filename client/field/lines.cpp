// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/lines.h"

#include <boost/json.hpp>
#include <charconv>

#include "client/field/import_targets.h"
#include "client/field/numbers.h"

namespace satchel::field {

namespace {

namespace json = boost::json;

constexpr int kNestingMax = 4;

std::string word(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_: {
      // The shortest text that reads as the same number: 32.38 stays 32.38.
      char digits[400];
      const auto end = std::to_chars(digits, digits + sizeof digits, value.get_double(), std::chars_format::fixed);
      return {digits, end.ptr};
    }
    default:
      return {};
  }
}

bool is_list(FieldType type) {
  return type == FieldType::choices || type == FieldType::persons || type == FieldType::texts;
}

std::unexpected<Error> broken(std::string detail) {
  return fail(ErrorKind::invalid, "lines.not-json", std::move(detail));
}

// Items of a JSON list stay whole, whatever separators are in them.
Result<Value> list_value(Book& book, const Field& field, const json::array& items) {
  if (!is_list(field.type)) return fail(ErrorKind::usage, "lines.no-list", field.id);
  std::vector<std::string> out;
  for (const auto& item : items) {
    if (item.is_object() || item.is_array() || item.is_null()) return fail(ErrorKind::usage, "lines.no-list", field.id);
    const std::string text = word(item);
    if (field.type == FieldType::texts) {
      out.push_back(text);
      continue;
    }
    SATCHEL_GET(value, parse_cell(book, field, text));
    if (const auto* more = std::get_if<std::vector<std::string>>(&value))
      out.insert(out.end(), more->begin(), more->end());
  }
  return out.empty() ? Value{} : Value(std::move(out));
}

struct ParsedLine {
  const Template* form = nullptr;
  FieldMap fields;
  std::string customer;
  std::vector<PersonId> owners;
};

Result<void> take_owners(Book& book, const json::value& value, std::vector<PersonId>& owners) {
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) SATCHEL_TRY(take_owners(book, item, owners));
    return {};
  }
  SATCHEL_GET(person, book.find_person(word(value)));
  if (std::ranges::find(owners, person) == owners.end()) owners.push_back(person);
  return {};
}

Result<ParsedLine> parse_line(Book& book, const std::string& line) {
  json::parse_options options;
  options.max_depth = kNestingMax;
  boost::system::error_code error;
  const json::value whole = json::parse(line, error, {}, options);
  if (error) return broken(error.message());
  const auto* object = whole.if_object();
  if (object == nullptr) return broken("not an object");
  ParsedLine parsed;
  const auto* type = object->if_contains("type");
  if (type == nullptr || !type->is_string()) return fail(ErrorKind::usage, "lines.no-type");
  SATCHEL_GET(form, book.form(word(*type)));
  parsed.form = form;
  const bool opens = form->id == holder::kCustomerTemplate;
  for (const auto& [key, value] : *object) {
    if (key == "type" || value.is_null()) continue;
    if (opens && (key == "owner" || key == "owners")) {
      SATCHEL_TRY(take_owners(book, value, parsed.owners));
    } else if (!opens && key == "customer" && form->lives_in(RecordScope::customer)) {
      parsed.customer = word(value);
    } else {
      SATCHEL_GET(field, find_field(*form, std::string_view(key.data(), key.size()), book.lang()));
      if (value.is_object()) return broken(std::string(key));
      auto parsed_value =
          value.is_array() ? list_value(book, *field, value.get_array()) : parse_cell(book, *field, word(value));
      if (!parsed_value) return std::unexpected(parsed_value.error());
      parsed.fields.insert_or_assign(field->id, std::move(*parsed_value));
    }
  }
  return parsed;
}

Result<Saved> save(Desk& desk, Book& book, const std::string& line) {
  SATCHEL_GET(parsed, parse_line(book, line));
  if (parsed.form->id == holder::kCustomerTemplate)
    return desk.open_customer({std::move(parsed.fields), std::move(parsed.owners), {}});
  NewRecord record{parsed.form, {}, std::move(parsed.fields)};
  if (parsed.customer.empty()) {
    SATCHEL_GET(archive, desk.own_archive(*parsed.form));
    record.archive = archive;
  } else {
    SATCHEL_GET(customer, book.find_customer_exactly(parsed.customer));
    record.archive = customer.archive;
  }
  return desk.add(record);
}

std::string answer(std::size_t number, const Result<Saved>& saved, const Explain& explain) {
  json::object out;
  out["ok"] = saved.has_value();
  out["line"] = number;
  if (!saved) {
    out["code"] = saved.error().code;
    out["error"] = explain(saved.error());
    return json::serialize(out);
  }
  out["type"] = saved->type;
  out["id"] = saved->record.hex();
  out["archive"] = saved->archive.hex();
  if (!saved->number.empty()) out["number"] = saved->number;
  if (saved->provisional) out["provisional"] = true;
  if (saved->held) out["held"] = true;
  return json::serialize(out);
}

struct Line {
  std::size_t number = 0;
  std::string text;
  bool too_long = false;
};

bool blank(const std::string& text) { return trim_blanks(text).empty(); }

// Up to `most` lines that say something; false at the end.
bool next_batch(std::istream& in, std::size_t most, std::size_t& number, std::vector<Line>& lines) {
  lines.clear();
  for (std::string text; lines.size() < most && std::getline(in, text);) {
    ++number;
    if (blank(text)) continue;
    Line line{number, {}, text.size() > kLineBytesMax};
    if (!line.too_long) line.text = std::move(text);
    lines.push_back(std::move(line));
  }
  return !lines.empty();
}

}  // namespace

Result<LinesDone> add_lines(Book& book, std::istream& in, std::size_t batch, const EmitLine& emit,
                            const Explain& explain) {
  SATCHEL_TRY(book.refresh());
  LinesDone done;
  std::size_t number = 0;
  std::vector<Line> lines;
  while (next_batch(in, std::clamp<std::size_t>(batch, 1, kLinesPerBatchMax), number, lines)) {
    std::vector<Result<Saved>> results;
    SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
      for (const auto& line : lines) {
        auto saved = line.too_long
                         ? Result<Saved>(fail(ErrorKind::invalid, "lines.too-long", std::to_string(kLineBytesMax)))
                         : save(desk, book, line.text);
        // Only what the disk says ends the run; everything else is that line's own.
        if (!saved && (saved.error().kind == ErrorKind::storage || saved.error().kind == ErrorKind::integrity))
          return std::unexpected(saved.error());
        results.push_back(std::move(saved));
      }
      return {};
    }));
    for (std::size_t i = 0; i < results.size(); ++i) {
      ++(results[i] ? done.added : done.failed);
      emit(answer(lines[i].number, results[i], explain));
    }
  }
  SATCHEL_TRY(settle_numbers(book));
  return done;
}

}  // namespace satchel::field
