// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/json_text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdio>

#include "schema/base/result.h"

namespace satchel {

namespace {

void put_escape(std::string& out, unsigned code) {
  char escape[8];
  std::snprintf(escape, sizeof escape, "\\u%04x", code & 0xffffu);
  out += escape;
}

void put_character(std::string& out, UChar32 c, std::string_view as_written) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c < 0)
    out += "\ufffd";
  else if (c < 0x20 || c == 0x7f || c == '<' || c == 0x2028 || c == 0x2029)
    put_escape(out, static_cast<unsigned>(c));
  else
    out += as_written;
}

}  // namespace

std::string json_quote(std::string_view utf8) {
  std::string out = "\"";
  while (!utf8.empty()) {
    std::int32_t used = 0;
    UChar32 c = 0;
    const auto length = static_cast<std::int32_t>(std::min<std::size_t>(utf8.size(), 8));
    U8_NEXT(utf8.data(), used, length, c);
    const std::size_t taken = c < 0 ? 1 : static_cast<std::size_t>(used);
    put_character(out, c, utf8.substr(0, taken));
    utf8.remove_prefix(taken);
  }
  return out + "\"";
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  SATCHEL_ASSERT(levels_.back().kind == '[');  // in an object a value needs its key
  if (!levels_.back().first) out_.push_back(',');
  levels_.back().first = false;
}

JsonWriter& JsonWriter::open(char kind) {
  before_value();
  out_.push_back(kind);
  levels_.push_back({kind});
  return *this;
}

JsonWriter& JsonWriter::close(char kind, char end) {
  SATCHEL_ASSERT(!levels_.empty() && levels_.back().kind == kind && !after_key_);
  levels_.pop_back();
  out_.push_back(end);
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  SATCHEL_ASSERT(!levels_.empty() && levels_.back().kind == '{' && !after_key_);
  if (!levels_.back().first) out_.push_back(',');
  levels_.back().first = false;
  out_ += json_quote(name) + ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  before_value();
  out_ += json_quote(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  before_value();
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::yes(bool value) {
  before_value();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::value(const Value& v, int zone_minutes) {
  if (empty(v)) return null();
  if (const auto* b = std::get_if<bool>(&v)) return yes(*b);
  if (const auto* n = std::get_if<std::int64_t>(&v)) return number(*n);
  if (const auto* d = std::get_if<Decimal>(&v)) {
    before_value();
    out_ += format_decimal(*d);
    return *this;
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&v)) {
    begin_array();
    for (const auto& item : *list) text(item);
    return end_array();
  }
  return text(format_value(v, zone_minutes));
}

std::string JsonWriter::take() {
  SATCHEL_ASSERT(levels_.empty());
  return std::move(out_);
}

}  // namespace satchel
