// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads a file of golden vectors: `good KIND NAME HEX`, `bad KIND NAME CODE HEX`, `is NAME HEX`; '-' is no bytes.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "schema/base/bytes.h"

namespace satchel::vectors {

struct Vector {
  std::string word, kind, name, code;
  Bytes bytes;
};

// `file` below tests/vectors; tests run in the root of the tree.
inline std::vector<Vector> load(const std::string& file) {
  std::ifstream in("tests/vectors/" + file);
  REQUIRE(in.good());
  std::vector<Vector> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Vector v;
    std::string digits;
    words >> v.word;
    if (v.word != "is") words >> v.kind;
    words >> v.name;
    if (v.word == "bad") words >> v.code;
    words >> digits;
    REQUIRE((v.word == "good" || v.word == "bad" || v.word == "is"));
    if (digits != "-") {
      v.bytes = unhex(digits);
      REQUIRE(!v.bytes.empty());
    }
    out.push_back(std::move(v));
  }
  REQUIRE(!out.empty());
  return out;
}

inline Bytes find(const std::vector<Vector>& all, std::string_view kind, std::string_view name) {
  for (const auto& v : all) {
    if (v.kind == kind && v.name == name && v.word != "bad") return v.bytes;
  }
  FAIL("no vector " << kind << " " << name);
  return {};
}

// How many broken inputs a hostile test tries; a longer run sets the environment.
inline std::size_t hostile_cases(std::size_t modest) {
  const char* set = std::getenv("SATCHEL_HOSTILE_CASES");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : modest;
}
inline std::uint64_t hostile_seed() {
  const char* set = std::getenv("SATCHEL_HOSTILE_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : 1;
}

}  // namespace satchel::vectors
