// SPDX-License-Identifier: AGPL-3.0-or-later
// Visits in lists, from the sheets of the months asked for.
#pragma once

#include "client/field/records.h"

namespace satchel::field {

struct VisitRow {
  RecordId record;
  ArchiveId archive;
  CustomerRef customer;
  PersonId author;
  Date date;
  std::string purpose;  // as shown
  std::string summary;
  std::optional<Date> next;
  std::vector<std::string> with;  // names
  std::uint8_t standing = kRowInForce;
  bool corrected = false;
  node::Reached reached = node::Reached::here_only;
};

struct VisitFilter {
  std::optional<Date> from, to;  // inclusive
  std::optional<ArchiveId> archive;
  std::size_t limit = 0;  // the newest; 0: all
};

// By date, then as they were written.
Result<std::vector<VisitRow>> list_visits(Book& book, const VisitFilter& filter);

}  // namespace satchel::field
