// SPDX-License-Identifier: AGPL-3.0-or-later
// One customer with two archives: shown as one, and as two again. A statement, nothing is copied or moved: each archive
// keeps its key, chain, members and retention, so a plan tells who would see the whole and who only one of the two.
// Refused: usage "merge.itself", "merge.too-deep"; conflict "merge.already", "merge.circle"; not_found "merge.none";
// permission "access.not-yours".
#pragma once

#include "client/field/access.h"
#include "client/field/customers.h"

namespace satchel::field {

struct MergeSide {
  CustomerRef customer;
  std::vector<PersonId> owners;
  BranchId branch;
  std::size_t records = 0;
  std::map<std::string, std::size_t> by_type;  // the templates' labels
  ShownRecord card;
};

struct CardDifference {
  std::string label;
  std::string whole, part;  // as shown; empty: no value
};

struct MergePlan {
  MergeSide whole, part;
  std::vector<CardDifference> differences;  // of filled fields
  std::vector<PersonId> see_both;
  std::vector<PersonId> only_whole;  // would not see the part's records
  std::vector<PersonId> only_part;   // go on seeing that one alone
};
// `part` is to be shown within `whole`; both by name, number or id.
Result<MergePlan> plan_merge(Book& book, const std::string& whole, const std::string& part);
Result<Said> apply_merge(Book& book, const MergePlan& plan);

struct WrittenSince {
  ArchiveId archive;
  std::string type, title;
  RecordId record;
  PersonId person;
  WallTime claimed;
};
struct UndoPlan {
  CustomerRef whole, part;
  PersonId by;
  WallTime since;                      // the hub's time of the statement
  std::vector<WrittenSince> in_whole;  // written since in the archive that showed both: some may be the part's
  std::vector<WrittenSince> in_part;   // came to the part meanwhile
};
Result<UndoPlan> plan_undo(Book& book, const std::string& part);
Result<Said> undo_merge(Book& book, const UndoPlan& plan);

}  // namespace satchel::field
