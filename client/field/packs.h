// SPDX-License-Identifier: AGPL-3.0-or-later
// Packs from files into force: read, linted against the version in force, then published as signed statements.
// Nothing is published while one of the packs of a call has errors.
#pragma once

#include <filesystem>

#include "client/field/admin.h"
#include "schema/template/pack.h"
#include "sync/holder/book.h"

namespace satchel::field {

struct CheckedPack {
  std::string source;  // file name
  std::string toml;
  Pack pack;
  std::vector<LintFinding> findings;
  int in_force = 0;                      // version; 0: none
  bool unchanged = false;                // the same text is in force already
  std::vector<std::string> differences;  // from the version published last (pack_diff.h)
};

// A file, every *.toml of a folder in name order, or packs built into the program, with commas between: "s06",
// "s06,s13", "complaints"; "systems" is all of one a system. not_found "pack.no-file"; invalid "pack.invalid" (detail:
// file, line).
Result<std::vector<CheckedPack>> check_packs(Device& device, const std::filesystem::path& source, Lang lang);
// Without a vault: nothing to compare with.
Result<std::vector<CheckedPack>> check_packs_alone(const std::filesystem::path& source, Lang lang);

struct PublishedPacks {
  std::vector<std::pair<std::string, int>> packs;  // id and version
  bool pending = false;
  Error offline;
};
// usage "pack.lint" when one has errors. `test_group`: these people alone work by it, until a later version is for
// everybody; none: everybody.
Result<PublishedPacks> publish_packs(Device& device, const std::vector<CheckedPack>& packs,
                                     const std::vector<PersonId>& test_group = {});

// Those built into the program that are not in force here.
struct BuiltIn {
  std::string file;
  Pack pack;
};
std::vector<BuiltIn> available_packs(const Catalogue& in_force, Lang lang);

struct PackRelease {
  std::string id;
  std::uint32_t version = 0;
  std::uint64_t place = 0;  // in the directory's log
  std::vector<PersonId> test_group;
  std::size_t bytes = 0;
  bool in_force = false;  // for this person
  SignOff made, reviewed, approved;
  std::vector<std::string> differences;  // from the version before
};
// Every version there ever was, oldest first. not_found "pack.unknown".
Result<std::vector<PackRelease>> pack_history(Device& device, const std::string& id);
// The packs built into the program. Does nothing when the organisation has any.
Result<PublishedPacks> publish_standard_packs(Device& device);

}  // namespace satchel::field
