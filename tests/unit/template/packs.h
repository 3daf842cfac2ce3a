// SPDX-License-Identifier: AGPL-3.0-or-later
// The standard packs, read once a test program; and packs written in a test.
#pragma once

#include <catch2/catch.hpp>

#include "schema/packs/standard.h"
#include "schema/template/pack.h"

namespace satchel::test {

inline Pack pack_of(std::string_view toml) {
  auto pack = parse_pack(toml, Lang::en);
  INFO((pack ? std::string() : pack.error().detail));
  REQUIRE(pack.has_value());
  return std::move(*pack);
}

inline Catalogue standard_catalogue() {
  Catalogue all;
  for (const auto& [name, text] : standard_packs()) all.add(pack_of(text));
  return all;
}

inline bool found(const std::vector<LintFinding>& findings, std::string_view code, std::string_view where = {}) {
  for (const auto& f : findings)
    if (f.code == code && (where.empty() || f.where == where)) return true;
  return false;
}

}  // namespace satchel::test
