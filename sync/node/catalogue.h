// SPDX-License-Identifier: AGPL-3.0-or-later
// The packs in force, read from the directory's statements: every version, so that old records stay readable.
#pragma once

#include "schema/template/catalogue.h"
#include "sync/directory/directory.h"

namespace satchel::node {

// Packs that do not parse are left out and named in `broken`: one bad pack must not stop the others.
struct PacksInForce {
  Catalogue catalogue;
  std::vector<std::string> broken;
  Digest mark;  // changes when any pack does
};
PacksInForce packs_in_force(const Directory& directory, const PersonId& person);

// A pack's text as it travels in a statement, and back. invalid "pack.coding".
payload::PackPublished publication_of(const Pack& pack, std::string_view toml);
Result<std::string> unfold_pack(PackCoding coding, View bytes);

}  // namespace satchel::node
