// SPDX-License-Identifier: AGPL-3.0-or-later
// Drafts: a record, or a step of a workflow, that somebody began and has not finished. It stays on this device alone
// (sync/node/drafts.h) and pins the version of the form it was begun with: what was typed is kept byte by byte, read
// again by that version when it is finished, and written under it, however much newer the one in force is. A step is
// judged anew. Finishing goes the way of Desk::add and take_step; the draft is let go of in the transaction that writes
// the entry, so a cut neither loses nor doubles it, and whatever refuses the entry keeps the draft. Words for days
// (today, +7) and a visit's own day count from the day they were typed, not from that of finishing. Errors, besides
// those of node::put_draft and take_draft:
//   not_found   "draft.not-found", "draft.form-unknown" (detail: which version)
//   conflict    "draft.ambiguous", "draft.form-changed" (fields that the form in force no longer has)
//   integrity   "draft.broken"; permission "keyring.no-key" (its archive is locked here)
#pragma once

#include "client/field/matters.h"
#include "sync/node/drafts.h"

namespace satchel::field {

struct DraftField {
  std::string field, text;  // its id; as typed
  Date day;                 // on which it was typed
  bool operator==(const DraftField&) const = default;
};

struct Draft {
  DraftId id;
  ArchiveId archive;  // none: this person's own, which is not opened yet
  std::string form;
  int version = 0;  // of the form, pinned
  bool decides = false;
  RecordId record;  // whose step it is
  WallTime begun, changed;
  bool broken = false;  // nothing but `id` and `archive` is known
  bool locked = false;  // what follows is not known now
  std::vector<DraftField> typed;
  std::string step, comment, reason;
  node::StoredDraft kept;
};

// What stands between a draft and its entry, as far as it can be told before it is tried.
struct DraftStanding {
  const Template* form = nullptr;    // the version pinned; null when it is not known here
  int in_force = 0;                  // the form's version now; 0: none
  std::vector<std::string> missing;  // in words
  bool comment_needed = false;
  std::string not_open;  // of a step that cannot be taken now: where the record stands
  bool newer() const { return form != nullptr && in_force > form->version; }
};

struct StepTyped {
  RecordPlace place;
  std::string step, comment, reason;
  std::vector<Typed> typed;
};

// What changes in a draft. An empty text takes the field out.
struct DraftEdit {
  std::vector<Typed> typed;
  std::optional<std::string> comment, reason;  // of a step
};

// `archive`: none for forms that live with the person or branch. Refuses whom Desk::add would refuse whatever he typed,
// and fields the form does not have.
Result<Draft> keep_record_draft(Book& book, const Template& form, const ArchiveId& archive,
                                std::span<const Typed> typed);
// usage "step.no-workflow"; not_found "step.unknown".
Result<Draft> keep_step_draft(Book& book, const StepTyped& wish);
// By when they were begun.
Result<std::vector<Draft>> list_drafts(Book& book);
// By the beginning of its id, at least four digits.
Result<Draft> find_draft(Book& book, std::string_view typed);
Result<DraftStanding> draft_standing(Book& book, const Draft& draft);
Result<Draft> change_draft(Book& book, const Draft& draft, const DraftEdit& edit);
// Of a record, only `saved` is filled.
Result<StepDone> finish_draft(Book& book, const Draft& draft);
Result<void> drop_draft(Book& book, const Draft& draft);

}  // namespace satchel::field
