// SPDX-License-Identifier: AGPL-3.0-or-later
// Sensitive fields stand masked until somebody asks for them; asking leaves a reading record
// (sync/holder/reading_note.h), and so does opening a confidential archive by anybody but its owners.
#pragma once

#include "client/field/conflicts.h"
#include "client/field/customers.h"

namespace satchel::field {

inline constexpr std::string_view kConfidentialField = "confidential";  // of the customer card

// How many filled fields of the record are sensitive.
std::size_t sensitive_fields(const ShownRecord& record);
// The same of all records on the card.
std::size_t sensitive_fields(const CustomerCard& card);
std::size_t sensitive_fields(const Dispute& dispute);
// Takes their values away and puts kMask in their place.
void mask(ShownRecord& record);
void mask(CustomerCard& card);
void mask(Dispute& dispute);
// What showing a record or card leaves behind, before it is shown: the sensitive fields that are asked for (`sensitive`
// of them), else the opening of a confidential archive of others.
struct Showing {
  std::string what, purpose;
  bool reveal = false;
};
Result<void> note_showing(Book& book, const ArchiveId& archive, std::size_t sensitive, const Showing& showing);
// Before files of the record are handed out: noted where the record says that it is confidential, unless it is one's
// own, or where a sensitive field names the file, or its archive leaves a trace.
Result<void> note_files(Book& book, const RecordPlace& place, std::span<const std::string> names);
// Those whose opening has to be noted: they are confidential, and this person is none of their owners.
Result<std::vector<ArchiveId>> leaving_a_trace(Book& book, std::span<const ArchiveId> archives);
// One note of all of those, before anything of them is shown; nothing when there are none.
Result<void> note_opening(Book& book, std::span<const ArchiveId> archives, const std::string& what,
                          const std::string& purpose = {});

}  // namespace satchel::field
