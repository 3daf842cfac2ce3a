// SPDX-License-Identifier: AGPL-3.0-or-later
// The records of a form that can be read here, in short.
#pragma once

#include "client/field/records.h"

namespace satchel::field {

struct ListedRecord {
  RecordId record;
  ArchiveId archive;
  std::string title;
  PersonId author;
  WallTime created;
  std::string state;  // of one that goes through a workflow: its label
  std::optional<WallTime> due;
  bool held = false;  // its author had lost the right: counts when somebody admits it
};

struct ListingFilter {
  std::optional<ArchiveId> archive;
  std::string state;      // by id or label; empty: all
  std::size_t limit = 0;  // the latest so many; 0: all
};

// The latest first.
Result<std::vector<ListedRecord>> list_records(Book& book, const Template& form, const ListingFilter& filter = {});

}  // namespace satchel::field
