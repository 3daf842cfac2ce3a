// SPDX-License-Identifier: AGPL-3.0-or-later
// Handing in a report as it stands now: a record of the template `submission` (schema/packs/submissions.toml) in the
// writer's own archive, with the whole report attached, its digest in the record, and how fresh its data were.
// Reviewing, commenting, forwarding and returning are its workflow's. Submitting again makes another; the former stay.
#pragma once

#include "client/field/records.h"
#include "sync/holder/reports.h"

namespace satchel::field {

inline constexpr std::string_view kSubmissionTemplate = "submission";

struct SubmissionWish {
  holder::BookReport report;
  std::string report_id;
  std::string period;  // as typed for a period field; empty: from the report's parameters from and to, or date
  std::string note;
};
struct Submitted {
  Saved saved;
  std::string digest;
  int again = 1;  // which time this report of this period is handed in
};
// not_found "template.unknown" where the company's packs have no such template; what `add` and `attach` refuse.
Result<Submitted> submit(Book& book, const SubmissionWish& wish);

}  // namespace satchel::field
