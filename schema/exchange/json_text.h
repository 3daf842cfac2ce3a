// SPDX-License-Identifier: AGPL-3.0-or-later
// A small writer of JSON text (RFC 8259): commas, nesting and escapes, nothing more. Bytes that are not UTF-8 become
// U+FFFD, and U+2028/2029 and < are escaped, so that the text may stand in a script. Calls out of order are our own bug
// and stop the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/base/value.h"

namespace satchel {

// With its quotes.
std::string json_quote(std::string_view utf8);

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('{', '}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close('[', ']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& yes(bool value);
  JsonWriter& null();
  // Numbers as numbers (decimals exactly as they are written), truth values as such, dates, times (in the zone) and ids
  // as texts, lists as arrays of texts, nothing as null.
  JsonWriter& value(const Value& value, int zone_minutes = 480);
  // The whole text, once everything is closed.
  std::string take();

 private:
  struct Level {
    char kind;
    bool first = true;
  };
  JsonWriter& open(char kind);
  JsonWriter& close(char kind, char end);
  void before_value();

  std::string out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace satchel
