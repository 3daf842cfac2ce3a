// SPDX-License-Identifier: AGPL-3.0-or-later
// Sieve: looks in any bytes for words that must not be there, in every spelling a program might have left them in
// (UTF-8 and UTF-16, hex, base64, reversed; letters in any case), and in what is packed: zstd frames are unpacked
// wherever their magic stands, by the product's own unpack_body(). Words are short stems of longer texts, so that a
// piece of a text is found too. Keys are looked for as they are and as text is made of bytes.
#pragma once

#include <string>
#include <vector>

#include "schema/base/bytes.h"

namespace satchel::test {

class Sieve {
 public:
  // At least six bytes long in each spelling, or chance would find it.
  Sieve& word(const std::string& name, std::string_view utf8);
  // One more spelling of a word, as it is.
  Sieve& spelling(const std::string& name, View bytes);
  Sieve& secret(const std::string& name, View bytes);

  // What was found, as "name in where"; empty when nothing was.
  std::vector<std::string> find(View bytes, const std::string& where) const;
  std::vector<std::string> find(std::string_view text, const std::string& where) const {
    return find(view(text), where);
  }
  std::size_t spellings() const { return needles_.size(); }

 private:
  struct Needle {
    std::string name;
    Bytes bytes;
    bool folded;  // compared without regard to the case of ASCII letters
  };
  void add(const std::string& name, Bytes bytes, bool folded);
  void find_plain(View bytes, const std::string& where, std::vector<std::string>& out) const;

  std::vector<Needle> needles_;
};

// The contents of all zstd frames that stand whole in the bytes.
std::vector<Bytes> unpacked_frames(View bytes);

}  // namespace satchel::test
