// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/value.h"

#include <charconv>

namespace satchel {

namespace {

constexpr std::uint8_t kScaleMax = 9;
constexpr std::size_t kDigitsMax = 18;

template <class... F>
struct Overload : F... {
  using F::operator()...;
};

__extension__ using Wide = __int128;

Wide pow10(int n) {
  Wide v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

struct Aligned {
  Wide a, b;
  std::uint8_t scale;
};

Aligned align(const Decimal& a, const Decimal& b) {
  const auto scale = std::max(a.scale, b.scale);
  return {a.units * pow10(scale - a.scale), b.units * pow10(scale - b.scale), scale};
}

std::string checked_text(Reader& in) {
  std::string s = in.string(kValueBytesMax);
  if (!is_utf8(s)) in.fail();
  return s;
}

std::vector<std::string> read_texts(Reader& in) {
  std::vector<std::string> list(in.count(kValueTextsMax));
  for (auto& s : list) s = checked_text(in);
  return list;
}

Decimal read_decimal(Reader& in) {
  Decimal d{in.zigzag(), in.u8()};
  if (d.scale > kScaleMax) in.fail();
  return d;
}

// Length of the well-formed sequence at the front, 0 when there is none.
std::size_t utf8_length(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto tail = [&](std::size_t i) { return i < s.size() && (at(i) & 0xc0) == 0x80; };
  const unsigned char c = at(0);
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c <= 0xdf) return tail(1) ? 2 : 0;
  if ((c & 0xf0) == 0xe0 && tail(1) && tail(2)) {
    const bool overlong = c == 0xe0 && at(1) < 0xa0;
    const bool surrogate = c == 0xed && at(1) > 0x9f;
    return overlong || surrogate ? 0 : 3;
  }
  if (c >= 0xf0 && c <= 0xf4 && tail(1) && tail(2) && tail(3)) {
    const bool overlong = c == 0xf0 && at(1) < 0x90;
    const bool beyond = c == 0xf4 && at(1) > 0x8f;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    const auto n = utf8_length(s);
    if (n == 0) return false;
    s.remove_prefix(n);
  }
  return true;
}

std::string_view beginning(std::string_view utf8, std::size_t most) {
  if (utf8.size() <= most) return utf8;
  while (most > 0 && (utf8[most] & 0xc0) == 0x80) --most;
  return utf8.substr(0, most);
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  std::string digits;
  std::optional<std::size_t> point;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = digits.size();
    } else if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else if (c != ',' || point) {  // thousands separators are common in what people paste
      return std::nullopt;
    }
  }
  const std::size_t scale = point ? digits.size() - *point : 0;
  if (digits.empty() || digits.size() > kDigitsMax || scale > kScaleMax) return std::nullopt;
  std::int64_t units = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), units);
  return Decimal{negative ? -units : units, static_cast<std::uint8_t>(scale)};
}

std::string format_decimal(const Decimal& d) {
  const bool negative = d.units < 0;
  std::string digits =
      std::to_string(negative ? 0 - static_cast<std::uint64_t>(d.units) : static_cast<std::uint64_t>(d.units));
  if (d.scale > 0) {
    if (digits.size() <= d.scale) digits.insert(0, d.scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - d.scale, ".");
  }
  return (negative ? "-" : "") + digits;
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
  const auto both = align(a, b);
  const Wide sum = both.a + both.b;
  if (sum > INT64_MAX || sum < INT64_MIN) return std::nullopt;
  return Decimal{static_cast<std::int64_t>(sum), both.scale};
}

int compare(const Decimal& a, const Decimal& b) {
  const auto both = align(a, b);
  return both.a < both.b ? -1 : both.a > both.b ? 1 : 0;
}

void write_value(Writer& out, const Value& v) {
  out.u8(static_cast<std::uint8_t>(v.index()));
  std::visit(Overload{
                 [](std::monostate) {},
                 [](Struck) {},
                 [&](bool b) { out.u8(b ? 1 : 0); },
                 [&](std::int64_t n) { out.zigzag(n); },
                 [&](const std::string& s) { out.sized(s); },
                 [&](const Decimal& d) { out.zigzag(d.units).u8(d.scale); },
                 [&](Date d) { out.zigzag(d.days); },
                 [&](WallTime t) { out.zigzag(t.ms); },
                 [&](const Ref& r) { out.raw(r.id); },
                 [&](const Bytes& b) { out.sized(b); },
                 [&](const std::vector<std::string>& list) {
                   out.varint(list.size());
                   for (const auto& s : list) out.sized(s);
                 },
             },
             v);
}

Value read_value(Reader& in) {
  switch (in.u8()) {
    case 0:
      return {};
    case 1:
      return Struck{};
    case 2:
      return in.u8() != 0;
    case 3:
      return in.zigzag();
    case 4:
      return checked_text(in);
    case 5:
      return read_decimal(in);
    case 6:
      return Date{static_cast<std::int32_t>(in.zigzag())};
    case 7:
      return WallTime{in.zigzag()};
    case 8: {
      Ref r;
      const View id = in.raw(16);
      std::copy(id.begin(), id.end(), r.id.begin());
      return r;
    }
    case 9:
      return copy(in.sized(kValueBytesMax));
    case 10:
      return read_texts(in);
    default:
      in.fail();
      return {};
  }
}

std::string format_value(const Value& v, int zone_minutes) {
  return std::visit(Overload{
                        [](std::monostate) { return std::string(); },
                        [](Struck) { return std::string("/"); },
                        [](bool b) { return std::string(b ? "1" : "0"); },
                        [](std::int64_t n) { return std::to_string(n); },
                        [](const std::string& s) { return s; },
                        [](const Decimal& d) { return format_decimal(d); },
                        [](Date d) { return format_date(d); },
                        [&](WallTime t) { return format_time(t, zone_minutes); },
                        [](const Ref& r) { return hex(r.id); },
                        [](const Bytes& b) { return hex(b); },
                        [](const std::vector<std::string>& list) {
                          std::string out;
                          for (const auto& s : list) out += (out.empty() ? "" : "、") + s;
                          return out;
                        },
                    },
                    v);
}

}  // namespace satchel
