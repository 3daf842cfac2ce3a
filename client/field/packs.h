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
  std::vector<std::string> differences;  // "+ visit.mood", "- visit.note", "~ visit.purpose"
};

// A file, or every *.toml of a folder in name order. not_found "pack.no-file"; invalid "pack.invalid" (detail: file,
// line).
Result<std::vector<CheckedPack>> check_packs(Device& device, const std::filesystem::path& source, Lang lang);
// Without a vault: nothing to compare with.
Result<std::vector<CheckedPack>> check_packs_alone(const std::filesystem::path& source, Lang lang);

struct PublishedPacks {
  std::vector<std::pair<std::string, int>> packs;  // id and version
  bool pending = false;
  Error offline;
};
// usage "pack.lint" when one has errors.
Result<PublishedPacks> publish_packs(Device& device, const std::vector<CheckedPack>& packs);
// The packs built into the program. Does nothing when the organisation has any.
Result<PublishedPacks> publish_standard_packs(Device& device);

// A form the program itself writes records of: of the packs in force, or, where the organisation has not published it,
// of those built in. not_found "template.unknown".
Result<const Template*> own_form(holder::Book& book, std::string_view id);

}  // namespace satchel::field
