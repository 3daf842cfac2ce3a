// SPDX-License-Identifier: AGPL-3.0-or-later
// Places: degrees north and east, and what the device says of its fix.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "schema/template/field_kinds.h"

namespace satchel {

namespace {

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::size_t kMarkDigitsMax = 7;
constexpr std::int64_t kMarkMost = 9'999'999;  // metres, seconds
constexpr std::size_t kDecimalsShown = 4;      // at least: eleven metres

struct Fix {
  std::int64_t north = 0, east = 0;           // micro-degrees
  std::optional<std::int64_t> accuracy, age;  // metres, seconds
  bool mock = false;
};

struct AgeUnit {
  std::string_view word;
  std::int64_t seconds;
};
// Longer words before those they begin with.
constexpr AgeUnit kAgeUnits[] = {{"days", 86'400}, {"day", 86'400}, {"d", 86'400},   {"天", 86'400},  {"hours", 3'600},
                                 {"hour", 3'600},  {"h", 3'600},    {"小时", 3'600}, {"minutes", 60}, {"minute", 60},
                                 {"min", 60},      {"分钟", 60},    {"分", 60},      {"seconds", 1},  {"second", 1},
                                 {"sec", 1},       {"s", 1},        {"秒", 1}};

// Of one typed place, folded: from the left, nothing left over.
class PlaceReader {
 public:
  explicit PlaceReader(std::string_view text) : rest_(text) {}
  std::optional<Fix> read();

 private:
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // A word of Latin letters, not the beginning of another.
  bool take_word(std::string_view word) {
    const auto after = rest_.substr(std::min(word.size(), rest_.size()));
    return (after.empty() || after.front() < 'a' || after.front() > 'z') && take(word);
  }
  bool take_any(std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return take_word(word); });
  }
  bool skip(std::string_view which) {
    const auto at = std::min(rest_.find_first_not_of(which), rest_.size());
    rest_.remove_prefix(at);
    return at > 0;
  }
  std::string_view digits();
  std::optional<std::int64_t> degrees(std::int64_t most, std::string_view plus, std::string_view minus);
  int side(std::string_view plus, std::string_view minus);
  std::optional<std::int64_t> amount();
  bool mark(Fix& fix);
  bool accuracy(Fix& fix);
  bool age(Fix& fix);

  std::string_view rest_;
};

std::string_view PlaceReader::digits() {
  const auto end = std::ranges::find_if_not(rest_, [](char c) { return c >= '0' && c <= '9'; });
  const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  rest_.remove_prefix(found.size());
  return found;
}

std::int64_t number_of(std::string_view few_digits) {
  std::int64_t number = 0;
  for (const char c : few_digits) number = number * 10 + (c - '0');
  return number;
}

// 1, -1, or 0 where none is named.
int PlaceReader::side(std::string_view plus, std::string_view minus) {
  if (take_word(plus.substr(0, 1)) || take(plus.substr(1))) return 1;
  return take_word(minus.substr(0, 1)) || take(minus.substr(1)) ? -1 : 0;
}

// "22.5431", "-22.5", "22.5431° N", "北纬22.5431"; phones give more decimals than are kept.
std::optional<std::int64_t> PlaceReader::degrees(std::int64_t most, std::string_view plus, std::string_view minus) {
  skip(" ");
  int named = side(plus, minus);
  skip(" ");
  const bool negative = take("-");
  const bool has_sign = negative || take("+");
  const auto whole = digits();
  const auto parts = take(".") ? digits() : std::string_view{};
  if (whole.size() + parts.size() == 0 || whole.size() > 3) return std::nullopt;
  if (!take("°")) take("度");
  if (named == 0 && !has_sign) {
    const auto before = rest_;
    skip(" ");
    named = side(plus, minus);
    if (named == 0) rest_ = before;
  }
  if (named != 0 && has_sign) return std::nullopt;
  std::string micro(parts.substr(0, 6));
  micro.resize(6, '0');
  const auto size = number_of(whole) * kMicro + number_of(micro);
  if (size > most * kMicro) return std::nullopt;
  return negative || named < 0 ? -size : size;
}

// Metres or seconds; a fraction counts as one more, so that no fix looks better than it was.
std::optional<std::int64_t> PlaceReader::amount() {
  const auto whole = digits();
  const auto parts = take(".") ? digits() : std::string_view{};
  if (whole.empty() || whole.size() > kMarkDigitsMax) return std::nullopt;
  return number_of(whole) + (parts.find_first_not_of('0') == parts.npos ? 0 : 1);
}

bool PlaceReader::accuracy(Fix& fix) {
  const bool bare = take("u=");  // of a geo: address, in metres
  if (!bare && !take("±") && !take("+/-") && !take("+-")) return false;
  skip(" ");
  const auto metres = amount();
  if (!metres || *metres > kMarkMost || fix.accuracy) return false;
  fix.accuracy = metres;
  skip(" ");
  return bare || take("米") || take_any({"meters", "metres", "m"});
}

// "3s", "1 h 5 min old", "3 分钟前".
bool PlaceReader::age(Fix& fix) {
  if (fix.age) return false;
  std::int64_t seconds = 0;
  std::int64_t last = kMarkMost;  // units go from the largest on
  while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
    const auto count = amount();
    skip(" ");
    const auto* unit = std::ranges::find_if(kAgeUnits, [&](const AgeUnit& u) { return take_word(u.word); });
    if (!count || unit == std::end(kAgeUnits) || unit->seconds >= last) return false;
    last = unit->seconds;
    seconds += *count * unit->seconds;
    if (seconds > kMarkMost) return false;
    skip(" ");
  }
  fix.age = seconds;
  if (!take("之前") && !take("以前") && !take("前")) take_any({"old", "ago"});
  return true;
}

bool PlaceReader::mark(Fix& fix) {
  if (take("模拟位置") || take("模拟") || take_any({"mock", "mocked"})) return !std::exchange(fix.mock, true);
  const bool number = rest_.front() >= '0' && rest_.front() <= '9';
  return number ? age(fix) : accuracy(fix);
}

std::optional<Fix> PlaceReader::read() {
  Fix fix;
  const bool address = take("geo:");
  const auto north = degrees(90, "n北纬", "s南纬");
  const bool parted = skip(" ,");
  const auto east = north && parted ? degrees(180, "e东经", "w西经") : std::nullopt;
  if (!east) return std::nullopt;
  if (address && take(",")) {  // the height
    take("-");
    if (!amount()) return std::nullopt;
  }
  if (address) rest_ = rest_.substr(0, rest_.find('?'));
  fix.north = *north;
  fix.east = *east;
  for (skip(" ,;"); !rest_.empty(); skip(" ,;")) {
    if (!mark(fix)) return std::nullopt;
  }
  return fix;
}

std::string degrees_text(std::int64_t micro, bool shortly) {
  std::array<char, 32> out{};
  const auto size = micro < 0 ? -micro : micro;
  const int n = std::snprintf(out.data(), out.size(), "%s%lld.%06lld", micro < 0 ? "-" : "",
                              static_cast<long long>(size / kMicro), static_cast<long long>(size % kMicro));
  std::string text(out.data(), static_cast<std::size_t>(n));
  const auto least = text.find('.') + 1 + kDecimalsShown;
  while (shortly && text.size() > least && text.ends_with('0')) text.pop_back();
  return text;
}

std::string age_text(std::int64_t seconds, bool zh) {
  static constexpr AgeUnit kZh[] = {{" 天", 86'400}, {" 小时", 3'600}, {" 分钟", 60}, {" 秒", 1}};
  static constexpr AgeUnit kEn[] = {{" d", 86'400}, {" h", 3'600}, {" min", 60}, {" s", 1}};
  std::string out;
  for (const auto& unit : zh ? kZh : kEn) {
    const auto count = seconds / unit.seconds;
    seconds %= unit.seconds;
    const bool last = unit.seconds == 1 && out.empty();
    if (count > 0 || last) out += (out.empty() ? "" : " ") + std::to_string(count) + std::string(unit.word);
  }
  return out + (zh ? "前" : " old");
}

}  // namespace

std::optional<std::string> place_text(std::string_view typed) {
  const std::string text = fold_typed(typed);
  const auto fix = PlaceReader(text).read();
  if (!fix) return std::nullopt;
  std::string out = degrees_text(fix->north, false) + "," + degrees_text(fix->east, false);
  if (fix->accuracy) out += " ±" + std::to_string(*fix->accuracy) + "m";
  if (fix->age) out += " " + std::to_string(*fix->age) + "s";
  return out + (fix->mock ? " mock" : "");
}

std::string place_shown(std::string_view stored, Lang lang) {
  const auto fix = PlaceReader(stored).read();
  if (!fix) return std::string(stored);
  const bool zh = lang == Lang::zh;
  const std::string between = zh ? "，" : ", ";
  std::string out = degrees_text(fix->north, true) + "," + degrees_text(fix->east, true);
  if (fix->accuracy) out += " ±" + std::to_string(*fix->accuracy) + (zh ? " 米" : " m");
  if (fix->age) out += between + age_text(*fix->age, zh);
  if (fix->mock) out += between + (zh ? "模拟位置" : "MOCK");
  return out;
}

}  // namespace satchel
