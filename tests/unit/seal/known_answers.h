// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads a file of known answers: a kind, its fields, '->', and what to expect, all separated by spaces.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "schema/base/bytes.h"

namespace satchel {

struct KnownAnswer {
  std::string kind;
  std::vector<std::string> fields;
  std::vector<std::string> expect;
  std::string line;
};

inline std::vector<KnownAnswer> read_known_answers(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in.is_open());  // tests run in the repository's root
  std::vector<KnownAnswer> answers;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    KnownAnswer answer{.kind = {}, .fields = {}, .expect = {}, .line = line};
    std::istringstream words(line);
    words >> answer.kind;
    bool after_arrow = false;
    for (std::string word; words >> word;) {
      if (word == "->")
        after_arrow = true;
      else
        (after_arrow ? answer.expect : answer.fields).push_back(word);
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

inline Bytes known_bytes(const std::string& word) {
  if (word == "-") return {};
  const Bytes bytes = unhex(word);
  REQUIRE(!bytes.empty());
  return bytes;
}

}  // namespace satchel
