// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace satchel::sheet {

namespace {

constexpr char32_t kMarkFirst = 0x0300;  // combining diacritical marks
constexpr char32_t kMarkLast = 0x036f;

bool is_han(char32_t c) { return (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff); }

// Letters that Unicode does not take apart although people type them plain.
std::u32string_view plain_letters(char32_t c) {
  switch (c) {
    case U'ø':
      return U"o";
    case U'đ':
    case U'ð':
      return U"d";
    case U'ł':
      return U"l";
    case U'ħ':
      return U"h";
    case U'ı':
      return U"i";
    case U'ŧ':
      return U"t";
    case U'æ':
      return U"ae";
    case U'œ':
      return U"oe";
    case U'þ':
      return U"th";
    default:
      return {};
  }
}

// One character's folded form through ICU; `out` gets it. Without ICU's data a character stands for itself.
void fold_rare(char32_t c, std::u32string& out) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status)) {
    out.push_back(c);
    return;
  }
  const icu::UnicodeString source(static_cast<UChar32>(c));
  const icu::UnicodeString plain = decompose->normalize(casefold->normalize(source, status), status);
  if (U_FAILURE(status)) {
    out.push_back(c);
    return;
  }
  for (std::int32_t i = 0; i < plain.length(); i = plain.moveIndex32(i, 1)) {
    const auto code = static_cast<char32_t>(plain.char32At(i));
    if (code >= kMarkFirst && code <= kMarkLast) continue;
    if (const auto letters = plain_letters(code); !letters.empty()) {
      out.append(letters);
    } else {
      out.push_back(code);
    }
  }
}

void fold_one(char32_t c, std::u32string& out) {
  if (c < 0x80) {
    out.push_back(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  } else if (is_han(c)) {
    out.push_back(c);
  } else {
    fold_rare(c, out);
  }
}

bool is_space(char32_t c) { return c <= ' ' || c == 0x7f || (c >= 0x80 && u_isUWhiteSpace(static_cast<UChar32>(c))); }

}  // namespace

std::vector<Folded> fold(std::string_view text, std::size_t most) {
  std::vector<Folded> out;
  out.reserve(std::min(most, text.size()));
  std::u32string codes;
  const char* bytes = text.data();
  const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), INT32_MAX));
  for (std::int32_t at = 0; at < size && out.size() < most;) {
    const auto begin = static_cast<std::uint32_t>(at);
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    const auto end = static_cast<std::uint32_t>(at);
    codes.clear();
    fold_one(static_cast<char32_t>(c), codes);
    if (codes.empty() && !out.empty()) out.back().end = end;  // a mark belongs to the letter before it
    for (const char32_t code : codes) {
      const char32_t plain = is_space(code) ? U' ' : code;
      if (plain == U' ' && !out.empty() && out.back().code == U' ') {
        out.back().end = end;
      } else if (out.size() < most) {
        out.push_back({plain, begin, end});
      }
    }
  }
  return out;
}

std::string fold_text(std::string_view text, std::size_t most) {
  std::string out;
  for (const Folded& folded : fold(text, most)) append_utf8(out, folded.code);
  return out;
}

void append_utf8(std::string& out, char32_t code) {
  char bytes[U8_MAX_LENGTH];
  std::int32_t used = 0;
  U8_APPEND_UNSAFE(bytes, used, static_cast<UChar32>(code));
  out.append(bytes, static_cast<std::size_t>(used));
}

bool is_word(char32_t code) {
  if (code < 0x80) return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z');
  return is_han(code) || u_isalnum(static_cast<UChar32>(code)) || is_ideograph(code);
}

bool is_ideograph(char32_t code) {
  if (is_han(code)) return true;
  return code >= 0x3000 && u_hasBinaryProperty(static_cast<UChar32>(code), UCHAR_IDEOGRAPHIC);
}

}  // namespace satchel::sheet
