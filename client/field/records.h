// SPDX-License-Identifier: AGPL-3.0-or-later
// Writing records: what was typed becomes values by the template in force, is checked, and goes into one entry that
// replaces exactly the values standing before this device. Saving needs no network. A Desk is one durable transaction;
// at_desk() opens and commits it. What is refused, and how:
//   usage       "field.unknown" (with what comes near), "field.system", "field.reason-needed", "record.incomplete"
//   invalid     the codes of parse_field, with the field and what was typed
//   permission  "field.fixed" (another's, and not their manager), "archive.not-yours", "archive.may-not-open",
//   "device.unconfirmed"
#pragma once

#include "sync/holder/book.h"
#include "sync/node/attachments.h"
#include "sync/node/matter.h"

namespace satchel::field {

using holder::Book;
using holder::CustomerRef;
using holder::RecordPlace;
using node::values_in_force;

// A field by id or label, and what was typed for it.
struct Typed {
  std::string field;
  std::string text;
};

// Where a customer came from, kept beside the card: not fields of a template, so that every pack has them.
inline constexpr std::string_view kOriginalAuthorField = "_original_author";
inline constexpr std::string_view kOriginalDateField = "_original_date";
// Which import wrote it, and what it replaced (import_marks.h).
inline constexpr std::string_view kImportField = "_import";
inline constexpr std::string_view kReplacedField = "_import_replaced";
// Such fields with their values, in the order they are written.
using Origin = std::vector<std::pair<std::string, Value>>;

Result<const Field*> find_field(const Template& form, std::string_view typed, Lang lang);
// The same without a refusal: by id first, since another field's label may read like it; null when there is none.
const Field* field_named(const Template& form, std::string_view typed);
// "Phone (phone2)": for fields whose label alone is not clear.
std::string titled_field(const Field& field, Lang lang);
Result<Value> parse_typed(Book& book, const Field& field, std::string_view text);
Result<Value> parse_typed(Book& book, const Field& field, std::string_view text, const RefFinder& finder);
// As a person types them: dates also as today, 明天, +7, by this device's clock.
Result<FieldMap> parse_fields(Book& book, const Template& form, std::span<const Typed> typed);
// The same with another day as today's.
Result<FieldMap> parse_fields(Book& book, const Template& form, std::span<const Typed> typed, Date today);
// What is wrong with a record, in words: the field's id, and a sentence that names it.
struct Fault {
  std::string field, text;
};
std::vector<Fault> faults_of(const Template& form, const FieldMap& record, Lang lang,
                             const FieldMap* touched = nullptr);
// A whole record, or only what has to do with the fields in `touched`.
Result<void> check_record(const Template& form, const FieldMap& record, Lang lang, const FieldMap* touched = nullptr);

// The date that a visit has by itself when nothing was typed: the day's. Null for other forms.
const Field* day_by_itself(const Template& form);

struct Saved {
  ArchiveId archive;
  RecordId record;
  std::string type;
  std::string number;  // of a customer that was opened
  bool provisional = false;
  bool closed = false;     // the archive is closed: what was recorded counts all the same
  bool held = false;       // the right was taken back: kept, and counts only when a manager admits it
  bool unchanged = false;  // nothing to write
};

struct NewCustomer {
  FieldMap card;
  std::vector<PersonId> owners;  // besides, or instead of, whoever opens it
  Origin origin;
};

struct NewRecord {
  const Template* form = nullptr;
  ArchiveId archive;
  FieldMap fields;
  Origin origin;
  bool by_program = false;  // of a form whose records people do not write (Template::kept)
};

struct Edit {
  RecordPlace place;
  FieldMap fields;  // an empty value clears the field
  std::string reason;
  Origin origin;  // written beside what changes, replacing nothing
};

// A workflow step (schema/template/workflow.h) by its id or label; "note" only comments, "copy" confirms a copy. Fields
// given with it are in the same entry.
struct StepWish {
  RecordPlace place;
  std::string step;
  std::string comment;
  FieldMap fields;
  std::string reason;  // where a fixed field is corrected
};

class Desk {
 public:
  // All must outlive it.
  Desk(Book& book, WriteTxn& txn, node::Scribe& scribe) : book_(book), txn_(txn), scribe_(scribe) {}

  WriteTxn& txn() { return txn_; }
  // A salesperson who opens an archive for others stays an owner; its branch is the first owner's.
  Result<Saved> open_customer(const NewCustomer& customer);
  Result<Saved> add(const NewRecord& record);
  Result<Saved> edit(const Edit& edit);
  Result<Saved> set_standing(const RecordPlace& place, merge::RecordStanding standing, const std::string& reason);
  // Replaces all that stands, whatever the values were: a person has chosen.
  Result<Saved> choose(const RecordPlace& place, const Field& field, Value value, const std::string& reason);
  // usage "step.no-workflow", "step.comment-needed", "step.fields-needed" (detail: which); not_found "step.unknown"
  // (with those open to this person); conflict "step.not-open" (detail: where it stands), "step.not-of-this";
  // permission "step.not-yours", "step.no-copy".
  Result<Saved> step(const StepWish& wish);
  // Whom that step, which is checked as if it were taken, makes the archive's owners; nothing when it leaves them.
  // usage "step.no-owner" when nobody is.
  Result<std::optional<std::vector<PersonId>>> owners_after(const StepWish& wish);
  // A file that was cut: an entry of its own, which never conflicts (attachments.h).
  Result<Saved> attach(const RecordPlace& place, const node::Cut& cut);
  // Its person, or their manager, strikes it out.
  Result<Saved> detach(const RecordPlace& place, const Dot& attachment, const PersonId& by, const std::string& reason);
  Result<void> set_system(const RecordPlace& place, std::string_view field, Value value);
  // The archive that records of this template go into when no customer is named; opened when there is none.
  Result<ArchiveId> own_archive(const Template& form);

 private:
  Result<bool> may_write(const node::StoredArchive& info);  // true: it will be held
  Result<node::RecordReader::Loaded> load(const RecordPlace& place);
  Result<std::vector<Op>> edit_ops(const Edit& edit, const Template& form, const merge::RecordState& state);
  Result<Saved> write(const RecordPlace& place, const merge::RecordState& state, std::vector<Op> ops,
                      const std::string& reason);
  struct StepDraft;
  Result<StepDraft> draft(const StepWish& wish);
  Result<std::string> may_step(const node::MatterOf& of, const node::Matter& matter, const StepWish& wish);
  std::uint32_t version_of(std::string_view type);

  Book& book_;
  WriteTxn& txn_;
  node::Scribe& scribe_;
};

// Whether this person may write there; true: it will be held until a verdict.
Result<bool> may_write(Book& book, const node::StoredArchive& info);
// Whether Desk::open_customer and Desk::add would be refused for want of a right; `archive`: none where no customer is
// named.
Result<void> may_open_customer(Book& book, std::span<const PersonId> owners);
Result<void> may_add(Book& book, const Template& form, const ArchiveId& archive);

// The archive of this person's own that such records go into; nothing when none was opened yet. usage
// "customer.not-named" for forms of customers.
Result<std::optional<ArchiveId>> own_archive_of(Book& book, const Template& form);
// By its id or label; null when the workflow has none such.
const WorkflowStep* step_named(const Workflow& workflow, std::string_view typed);
// Labels of what must be filled before that step and is not.
std::vector<std::string> lacking_for(const Template& form, const WorkflowStep& step, const FieldMap& record, Lang lang);

// One durable transaction. On failure the book forgets what it noted.
Result<void> at_desk(Book& book, const std::function<Result<void>(Desk&)>& work);
// A record of what was typed, in one.
Result<Saved> add_typed(Book& book, const Template& form, const ArchiveId& archive, std::span<const Typed> typed);

}  // namespace satchel::field
