// SPDX-License-Identifier: AGPL-3.0-or-later
// Folding: what search compares instead of the text people typed. Case, width and compatibility forms go (ICU's
// NFKC_Casefold), accents go (Taquería, Łódź), every run of white space becomes one space. Each folded character knows
// the bytes it came from, for highlighting. Any bytes are accepted: what is not UTF-8 folds to U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace satchel::sheet {

struct Folded {
  char32_t code = 0;
  std::uint32_t begin = 0;  // bytes of the source
  std::uint32_t end = 0;
};

// Stops after `most` folded characters.
std::vector<Folded> fold(std::string_view text, std::size_t most);
// The same as UTF-8.
std::string fold_text(std::string_view text, std::size_t most);
void append_utf8(std::string& out, char32_t code);

// Letters and digits of any script; everything else separates words.
bool is_word(char32_t code);
// Written without spaces between words: every character may begin one.
bool is_ideograph(char32_t code);

}  // namespace satchel::sheet
