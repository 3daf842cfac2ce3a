// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <optional>

#include "schema/base/time.h"
#include "schema/base/value.h"
#include "schema/exchange/encoding.h"
#include "schema/exchange/vcard.h"

namespace satchel {

namespace {

// Long and of no use here.
constexpr std::string_view kPassedOver[] = {"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

std::string small(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool is_line(std::string_view line, std::string_view name) { return capitals(trim(line)) == name; }

std::optional<int> digit(char c) {
  c = upper(c);
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == '=' && i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
    const auto low = high ? digit(text[i + 2]) : std::nullopt;
    if (!low) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return out;
}

// Parts of a value at its unescaped separators, and unescaped.
std::vector<std::string> parts_of(std::string_view value, char separator) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      const char next = value[++i];
      if (next == 'n' || next == 'N') {
        out.back().push_back('\n');
      } else if (next == '\\' || next == ',' || next == ';' || next == ':') {
        out.back().push_back(next);
      } else {
        out.back() += {c, next};
      }
    } else if (c == separator) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back().push_back(c);
    }
  }
  for (auto& part : out) part = trim(part);
  return out;
}

std::string whole(std::string_view value) { return parts_of(value, '\0').front(); }

// Where the property's name and parameters end; quotes may hide a colon.
std::size_t colon_of(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ':' && !quoted) return i;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> split_parameters(std::string_view text) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (text[i] != ';' || quoted)) continue;
    out.push_back(text.substr(from, i - from));
    from = i + 1;
  }
  return out;
}

std::optional<TextEncoding> encoding_of(std::string_view charset) {
  const auto name = capitals(charset);
  if (name == "UTF-8" || name == "UTF8") return TextEncoding::utf8;
  if (name == "GB2312" || name == "GBK" || name == "GB18030" || name == "CP936") return TextEncoding::gb18030;
  return std::nullopt;
}

// 19800502, 1980-05-02, 1980-05-02T00:00:00Z; everything else as it is.
std::string birthday_of(const std::string& text) {
  const auto day = text.substr(0, text.find('T'));
  if (parse_date(day)) return day;
  if (day.size() == 8 && day.find_first_not_of("0123456789") == std::string::npos) {
    const auto iso = day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6);
    if (parse_date(iso)) return iso;
  }
  return text;
}

std::string phone_of(std::string text) {
  if (!small(text).starts_with("tel:")) return text;
  text.erase(0, 4);
  const auto rest = text.find(';');
  const auto ext = text.find(";ext=");
  std::string extension = ext == std::string::npos ? "" : text.substr(ext + 5, text.find(';', ext + 1) - ext - 5);
  if (rest != std::string::npos) text.erase(rest);
  return extension.empty() ? text : text + " x" + extension;
}

bool is_chinese(std::string_view text) {
  // From U+3000 on: lead bytes E3 to E9.
  return std::ranges::any_of(text, [](char c) {
    const auto b = static_cast<unsigned char>(c);
    return b >= 0xE3 && b <= 0xE9;
  });
}

std::string joined(std::initializer_list<std::string_view> parts, std::string_view between) {
  std::string out;
  for (const auto part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : std::string(between)) + std::string(part);
  }
  return out;
}

void name_it(VCard& card) {
  if (!card.formatted.empty()) return;
  const std::string all = card.family + card.given;
  card.formatted = is_chinese(all) ? joined({card.family, card.additional, card.given}, "")
                                   : joined({card.prefix, card.given, card.additional, card.family, card.suffix}, " ");
  if (card.formatted.empty()) card.formatted = card.organisation;
}

}  // namespace

std::string_view name_of(VCardFault fault) {
  static constexpr std::string_view kNames[] = {"none", "cut", "too-long", "not-text"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::string VCardAddress::text() const {
  const std::string all = country + region + city + street + extended;
  if (is_chinese(all)) return joined({country, region, city, street, extended, box}, "");
  const std::string place = joined({city, region}, ", ");
  return joined({box, extended, street, joined({place, code}, " "), country}, ", ");
}

Result<VCardReader> VCardReader::open(View file) {
  VCardReader reader;
  const auto bytes = text(file);
  const bool marked =
      bytes.starts_with("\xef\xbb\xbf") || bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
  if (marked) {
    SATCHEL_GET(decoded, decode_text(file));
    reader.text_ = std::move(decoded.text);
  } else {
    reader.text_ = bytes;
  }
  if (!looks_like_vcard(view(reader.text_))) return fail(ErrorKind::invalid, "vcard.none");
  return reader;
}

std::string_view VCardReader::next_line() {
  const auto end = std::min(text_.find('\n', at_), text_.size());
  auto line = std::string_view(text_).substr(at_, end - at_);
  at_ = std::min(end + 1, text_.size());
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool VCardReader::next_property(Property& property, std::size_t& line) {
  if (at_ >= text_.size()) return false;
  std::string all(next_line());
  line = line_;
  const auto colon = colon_of(all);
  const auto head = all.substr(0, colon == std::string::npos ? all.size() : colon);
  const bool quoted = capitals(head).find("QUOTED-PRINTABLE") != std::string::npos;
  bool soft = quoted && all.ends_with('=');
  property = {};
  const auto grow = [&](std::string_view more) {
    if (all.size() + more.size() <= kVCardLineBytesMax) {
      all += more;
    } else {
      property.too_long = true;
    }
  };
  if (all.size() > kVCardLineBytesMax) property.too_long = true;
  for (;;) {
    const bool folded = at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t');
    if ((!soft && !folded) || at_ >= text_.size()) break;
    if (soft && !property.too_long) all.pop_back();
    const auto more = next_line();
    grow(more.substr(soft ? 0 : 1));
    soft = quoted && more.ends_with('=');
  }
  const auto cut = colon_of(all);
  if (cut == std::string::npos) {
    property.name = capitals(trim(all));
    return true;
  }
  const auto words = split_parameters(std::string_view(all).substr(0, cut));
  auto name = words.front();
  name.remove_prefix(name.find('.') == std::string_view::npos ? 0 : name.find('.') + 1);
  property.name = capitals(trim(name));
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const bool bare = equals == std::string_view::npos;  // 2.1: TEL;CELL
    auto value = std::string(bare ? words[i] : words[i].substr(equals + 1));
    std::erase(value, '"');
    property.parameters.emplace_back(bare ? "TYPE" : capitals(trim(words[i].substr(0, equals))), std::move(value));
  }
  property.value = all.substr(cut + 1);
  return true;
}

namespace {

struct Told {
  std::vector<std::string> types;
  bool preferred = false;
};

Told types_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  Told out;
  for (const auto& [name, value] : parameters) {
    if (name == "PREF") out.preferred = true;
    if (name != "TYPE") continue;
    for (auto& type : parts_of(value, ',')) {
      type = small(type);
      if (type == "pref") {
        out.preferred = true;
      } else if (out.types.size() < kVCardTypesMax && !type.empty() && type != "quoted-printable" &&
                 type != "internet" && type != "voice") {
        out.types.push_back(std::move(type));
      }
    }
  }
  return out;
}

void add_way(std::vector<VCardWay>& ways, std::string text, Told told, std::size_t& preferred) {
  if (text.empty()) return;
  const auto at = told.preferred ? ways.begin() + static_cast<std::ptrdiff_t>(preferred++) : ways.end();
  ways.insert(at, {std::move(text), std::move(told.types)});
}

VCardAddress address_of(std::string_view value, Told told) {
  auto parts = parts_of(value, ';');
  parts.resize(7);
  return {parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], std::move(told.types)};
}

}  // namespace

void VCardReader::take(const Property& property, VCard& card) const {
  std::optional<TextEncoding> known;
  bool quoted = false;
  for (const auto& [name, value] : property.parameters) {
    if (name == "CHARSET") known = encoding_of(value);
    if (capitals(value) == "QUOTED-PRINTABLE") quoted = true;
  }
  const auto raw = quoted ? quoted_printable(property.value) : property.value;
  const auto decoded = decode_text(view(raw), known);
  if (!decoded) {
    card.fault = VCardFault::not_text;
    return;
  }
  const auto& value = decoded->text;
  const auto& name = property.name;
  const auto first = [](std::string& to, std::string text) {
    if (to.empty()) to = std::move(text);
  };
  if (name == "VERSION") card.version = trim(value);
  if (name == "FN") first(card.formatted, whole(value));
  if (name == "TITLE") first(card.title, whole(value));
  if (name == "NOTE") card.note += (card.note.empty() ? "" : "\n") + whole(value);
  if (name == "UID") first(card.uid, whole(value));
  if (name == "X-SATCHEL-FORM") first(card.own_form, whole(value));
  if (name == "X-SATCHEL-RECORD") first(card.own_record, whole(value));
  if (name == "BDAY") first(card.birthday, birthday_of(whole(value)));
  if (name == "N" && card.family.empty() && card.given.empty()) {
    auto parts = parts_of(value, ';');
    parts.resize(5);
    card.family = parts[0], card.given = parts[1], card.additional = parts[2], card.prefix = parts[3];
    card.suffix = parts[4];
  }
  if (name == "ORG" && card.organisation.empty()) {
    auto parts = parts_of(value, ';');
    parts.resize(2);
    card.organisation = parts[0], card.department = parts[1];
  }
  const auto told = types_of(property.parameters);
  std::size_t at = 0;  // preferred ones go first
  if (name == "TEL") add_way(card.phones, phone_of(whole(value)), told, at);
  if (name == "EMAIL") add_way(card.emails, whole(value), told, at);
  if (name == "ADR") {
    auto address = address_of(value, told);
    if (!address.text().empty())
      card.addresses.insert(told.preferred ? card.addresses.begin() : card.addresses.end(), std::move(address));
  }
}

bool VCardReader::next(VCard& card) {
  card = {};
  Property property;
  std::size_t line = 0;
  do {
    if (!next_property(property, line)) return false;
  } while (property.name != "BEGIN" || !is_line(property.value, "VCARD"));
  card.line = line;
  std::size_t count = 0;
  for (;;) {
    const auto before = at_;
    const auto line_before = line_;
    if (!next_property(property, line)) {
      card.fault = VCardFault::cut;
      break;
    }
    if (property.name == "END") break;
    if (property.name == "BEGIN" && is_line(property.value, "VCARD")) {
      // The next card begins before this one ended: it is read as its own.
      at_ = before;
      line_ = line_before;
      card.fault = VCardFault::cut;
      break;
    }
    if (std::ranges::find(kPassedOver, property.name) != std::end(kPassedOver)) continue;
    if (property.too_long || ++count > kVCardPropertiesMax) {
      card.fault = VCardFault::too_long;
    } else {
      take(property, card);
    }
  }
  name_it(card);
  return true;
}

bool looks_like_vcard(View file) {
  auto bytes = text(file);
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  while (!bytes.empty() && (bytes.front() == '\r' || bytes.front() == '\n' || bytes.front() == ' '))
    bytes.remove_prefix(1);
  constexpr std::string_view kBegin = "BEGIN:VCARD";
  return capitals(bytes.substr(0, kBegin.size())) == kBegin;
}

}  // namespace satchel
