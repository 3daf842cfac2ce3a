// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/records.h"

#include "client/field/numbers.h"

namespace satchel::field {

namespace {

std::vector<Dot> dots_of(const merge::Resolved& now) {
  std::vector<Dot> dots;
  for (const auto* value : now.standing) dots.push_back(value->dot);
  return dots;
}

// A customer's archive that may be opened for these owners.
Result<node::Scribe::NewArchive> archive_to_open(Book& book, std::span<const PersonId> owners) {
  const auto& directory = *book.directory();
  const Person* me = directory.person(book.me());
  if (me == nullptr) return fail(ErrorKind::permission, "device.unconfirmed");
  node::Scribe::NewArchive archive;
  archive.owners.assign(owners.begin(), owners.end());
  const bool named = std::ranges::find(archive.owners, me->id) != archive.owners.end();
  if (!named && (archive.owners.empty() || me->role() == Role::salesperson)) archive.owners.push_back(me->id);
  const Person* first = directory.person(archive.owners.front());
  if (first == nullptr) return fail(ErrorKind::not_found, "person.not-found", holder::short_id(archive.owners.front()));
  archive.branch = first->branch();
  const ArchiveAccess access{{},
                             archive.owners,
                             node::audiences_for(directory.org(), archive.kind, archive.branch, archive.owners),
                             archive.branch,
                             directory.position()};  // a handover of before it does not reach it
  if (directory.right(book.device().identity().id, access) != WriteRight::now)
    return fail(ErrorKind::permission, "archive.may-not-open");
  return archive;
}

// The archive of one's own that records of the form go into, and how it would be opened where there is none yet.
struct OwnArchive {
  std::optional<ArchiveId> known;
  node::Scribe::NewArchive fresh;
};

Result<OwnArchive> find_own(Book& book, const Template& form) {
  const bool elsewhere = std::ranges::any_of(form.scopes, [](RecordScope s) { return s != RecordScope::customer; });
  if (!elsewhere) return fail(ErrorKind::usage, "customer.not-named");
  const Person* me = book.directory()->person(book.me());
  if (me == nullptr) return fail(ErrorKind::permission, "device.unconfirmed");
  ArchiveKind kind = ArchiveKind::organisation;
  if (form.lives_in(RecordScope::branch)) kind = ArchiveKind::branch;
  if (form.lives_in(RecordScope::person)) kind = ArchiveKind::person;
  if (form.lives_in(RecordScope::everyone)) kind = ArchiveKind::common;
  SATCHEL_GET(known, book.own_archive(kind));
  OwnArchive out{known, {kind, me->branch(), {me->id}}};
  if (!known && kind == ArchiveKind::common) {
    // Nobody's own: headquarters writes it, everybody reads it.
    out.fresh = {kind, {}, {}};
    const auto& directory = *book.directory();
    const ArchiveAccess access{{}, {}, node::audiences_for(directory.org(), kind, {}, {}), {}, directory.position()};
    if (directory.right(book.device().identity().id, access) != WriteRight::now)
      return fail(ErrorKind::permission, "archive.headquarters-writes", form.label.in(book.lang()));
  }
  return out;
}

// New records of a customer go into the archive that shows it whole; whoever may write only in a part writes there,
// where it is seen as well.
Result<node::StoredArchive> archive_for(Book& book, const ReadTxn& txn, const ArchiveId& archive) {
  SATCHEL_GET(whole, book.whole_of(archive));
  SATCHEL_GET(parts, book.parts_of(whole));
  if (parts.size() == 1) return book.archive(txn, archive);
  const auto& self = book.device().identity().id;
  for (const auto& part : parts) {
    SATCHEL_GET(info, book.archive(txn, part));
    if (book.directory()->right(self, node::access_of(info)) == WriteRight::now) return info;
  }
  return book.archive(txn, archive);
}

Date this_day(Book& book) { return date_of(book.device().clock().wall(), kChinaZoneMinutes); }

}  // namespace

Result<void> at_desk(Book& book, const std::function<Result<void>(Desk&)>& work) {
  SATCHEL_TRY(book.ready());
  const auto done = book.device().write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    Desk desk(book, txn, scribe);
    return work(desk);
  });
  if (!done) book.forget();
  return done;
}

Result<Saved> add_typed(Book& book, const Template& form, const ArchiveId& archive, std::span<const Typed> typed) {
  SATCHEL_GET(fields, parse_fields(book, form, typed));
  const NewRecord record{&form, archive, std::move(fields)};
  Saved saved;
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(added, desk.add(record));
    saved = std::move(added);
    return {};
  }));
  return saved;
}

Result<bool> Desk::may_write(const node::StoredArchive& info) { return field::may_write(book_, info); }

Result<bool> may_write(Book& book, const node::StoredArchive& info) {
  switch (book.directory()->right(book.device().identity().id, node::access_of(info))) {
    case WriteRight::now:
      return false;
    case WriteRight::lost:
      return true;
    case WriteRight::never:
      break;
  }
  if (book.me().none()) return fail(ErrorKind::permission, "device.unconfirmed");
  return fail(ErrorKind::permission, "archive.not-yours", book.archive_name(info.id));
}

std::uint32_t Desk::version_of(std::string_view type) {
  const Template* form = book_.catalogue().find_template(type);
  return form != nullptr ? static_cast<std::uint32_t>(form->version) : 0;
}

Result<Saved> Desk::open_customer(const NewCustomer& customer) {
  SATCHEL_GET(archive, archive_to_open(book_, customer.owners));
  SATCHEL_GET(form, book_.form(holder::kCustomerTemplate));
  SATCHEL_TRY(check_record(*form, customer.card, book_.lang()));
  RecordChange card{
      random_id<RecordId>(book_.device().entropy()), form->id, static_cast<std::uint32_t>(form->version), {}};
  for (const auto& [field, value] : customer.card) card.ops.push_back({field, value, {}});
  for (const auto& [field, value] : customer.origin) card.ops.push_back({field, value, {}});
  SATCHEL_GET(number, take_number(txn_, book_));
  if (number) card.ops.push_back({"number", *number, {}});
  if (!number) SATCHEL_TRY(count_provisional(txn_));
  const RecordId record = card.record;
  SATCHEL_GET(info, scribe_.open_archive(archive, {std::move(card)}));
  Saved saved{info.id, record, form->id, number.value_or(Book::provisional_number(info.id)), !number};
  const auto name = customer.card.find("name");
  const auto* text = name == customer.card.end() ? nullptr : std::get_if<std::string>(&name->second);
  book_.note({info.id, record, text != nullptr ? *text : std::string(), saved.number, saved.provisional},
             customer.card);
  return saved;
}

Result<ArchiveId> Desk::own_archive(const Template& form) {
  SATCHEL_GET(own, find_own(book_, form));
  if (own.known) return *own.known;
  SATCHEL_GET(info, scribe_.open_archive(own.fresh, {}));
  return info.id;
}

Result<std::optional<ArchiveId>> own_archive_of(Book& book, const Template& form) {
  SATCHEL_GET(own, find_own(book, form));
  return own.known;
}

const Field* day_by_itself(const Template& form) {
  const Field* date = form.id == holder::kVisitTemplate ? form.field(form.date_field) : nullptr;
  return date != nullptr && date->type == FieldType::date ? date : nullptr;
}

Result<void> may_open_customer(Book& book, std::span<const PersonId> owners) {
  SATCHEL_TRY(archive_to_open(book, owners));
  return {};
}

Result<void> may_add(Book& book, const Template& form, const ArchiveId& archive) {
  if (form.kept()) return fail(ErrorKind::permission, "record.program-writes", form.label.in(book.lang()));
  std::optional<ArchiveId> into;
  if (!archive.none()) into = archive;
  if (!into) {
    SATCHEL_GET(own, find_own(book, form));
    into = own.known;
  }
  if (!into) return {};
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(info, archive_for(book, reading->txn(), *into));
  SATCHEL_TRY(may_write(book, info));
  return {};
}

Result<Saved> Desk::add(const NewRecord& record) {
  if (record.form->kept() && !record.by_program)
    return fail(ErrorKind::permission, "record.program-writes", record.form->label.in(book_.lang()));
  SATCHEL_GET(info, archive_for(book_, txn_, record.archive));
  SATCHEL_GET(held, may_write(info));
  FieldMap fields = record.fields;
  if (const Field* date = day_by_itself(*record.form)) fields.try_emplace(date->id, this_day(book_));
  SATCHEL_TRY(check_record(*record.form, fields, book_.lang()));
  RecordChange change{random_id<RecordId>(book_.device().entropy()),
                      record.form->id,
                      static_cast<std::uint32_t>(record.form->version),
                      {}};
  for (auto& [field, value] : fields) {
    if (!empty(value)) change.ops.push_back({field, std::move(value), {}});
  }
  for (const auto& [field, value] : record.origin) change.ops.push_back({field, value, {}});
  Saved saved{info.id, change.record, record.form->id};
  saved.held = held;
  SATCHEL_GET(closed, book_.closed());
  SATCHEL_GET(whole, book_.whole_of(info.id));
  saved.closed = closed->contains(whole);
  SATCHEL_TRY(scribe_.write(info, {std::move(change)}));
  return saved;
}

Result<node::RecordReader::Loaded> Desk::load(const RecordPlace& place) {
  node::RecordReader reader(txn_, *book_.obeyed(), book_.device().keyring());
  return reader.load(place.info, place.record, place.index.ordinals);
}

Result<std::vector<Op>> Desk::edit_ops(const Edit& edit, const Template& form, const merge::RecordState& state) {
  const auto& directory = *book_.directory();
  std::vector<Op> ops;
  for (const auto& [id, value] : edit.fields) {
    const Field* field = form.field(id);
    SATCHEL_ASSERT(field != nullptr);
    const auto now = node::resolved(*field, state, directory);
    if (field->merge == MergePolicy::log) {  // appended: nothing is replaced
      if (!empty(value)) ops.push_back({id, value, {}});
      continue;
    }
    if (value == now.value && !now.contested) continue;
    if (field->permission == Permission::kept && !now.standing.empty())
      return fail(ErrorKind::permission, "record.program-writes", field->label.in(book_.lang()));
    // Whoever fills it first may; then it is his, or his manager's, to replace.
    if (field->permission == Permission::fixed && !now.standing.empty()) {
      const auto theirs = std::ranges::find_if(
          now.standing, [&](const auto* v) { return !node::may_correct(directory, book_.me(), v->person); });
      if (theirs != now.standing.end())
        return fail(ErrorKind::permission, "field.fixed",
                    field->label.in(book_.lang()) + " (" + book_.person_name((*theirs)->person) + ")");
      if (edit.reason.empty()) return fail(ErrorKind::usage, "field.reason-needed", field->label.in(book_.lang()));
    }
    ops.push_back({id, value, dots_of(now)});
  }
  return ops;
}

Result<Saved> Desk::write(const RecordPlace& place, const merge::RecordState& state, std::vector<Op> ops,
                          const std::string& reason) {
  Saved saved{place.info.id, place.record, state.type()};
  SATCHEL_GET(held, may_write(place.info));
  saved.held = held;
  saved.unchanged = ops.empty();
  if (saved.unchanged) return saved;
  if (!reason.empty()) ops.push_back({std::string(kReasonField), reason, state.dots(kReasonField)});
  SATCHEL_TRY(scribe_.write(place.info, {{place.record, state.type(), version_of(state.type()), std::move(ops)}}));
  return saved;
}

Result<Saved> Desk::edit(const Edit& edit) {
  SATCHEL_GET(loaded, load(edit.place));
  if (loaded.state.empty())
    return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(edit.place.record));
  SATCHEL_GET(form, book_.form(loaded.state.type()));
  SATCHEL_GET(ops, edit_ops(edit, *form, loaded.state));
  FieldMap whole = values_in_force(*form, loaded.state, *book_.directory());
  for (const auto& [field, value] : edit.fields) {
    if (form->field(field)->merge != MergePolicy::log) whole.insert_or_assign(field, value);
  }
  SATCHEL_TRY(check_record(*form, whole, book_.lang(), &edit.fields));
  if (!ops.empty()) {
    for (const auto& [field, value] : edit.origin) ops.push_back({field, value, {}});
  }
  return write(edit.place, loaded.state, std::move(ops), edit.reason);
}

Result<Saved> Desk::set_standing(const RecordPlace& place, merge::RecordStanding standing, const std::string& reason) {
  SATCHEL_GET(loaded, load(place));
  const auto& state = loaded.state;
  if (state.empty()) return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(place.record));
  if (!node::may_correct(*book_.directory(), book_.me(), state.author())) {
    return fail(ErrorKind::permission, "record.not-yours", book_.person_name(state.author()));
  }
  if (const auto* form = book_.catalogue().find_template(state.type()); form != nullptr && form->kept())
    return fail(ErrorKind::permission, "record.program-writes", form->label.in(book_.lang()));
  if (merge::standing_of(state).standing == standing) return write(place, state, {}, reason);
  return write(place, state,
               {{std::string(kStandingField), merge::standing_value(standing), state.dots(kStandingField)}}, reason);
}

Result<Saved> Desk::choose(const RecordPlace& place, const Field& field, Value value, const std::string& reason) {
  if (field.permission == Permission::kept)
    return fail(ErrorKind::permission, "record.program-writes", field.label.in(book_.lang()));
  SATCHEL_GET(loaded, load(place));
  const auto now = node::resolved(field, loaded.state, *book_.directory());
  return write(place, loaded.state, {{field.id, std::move(value), dots_of(now)}}, reason);
}

// A step that may be taken, and what it writes.
struct Desk::StepDraft {
  node::RecordReader::Loaded loaded;
  const WorkflowStep* step = nullptr;  // null: a note, a copy
  FieldMap whole;
  std::vector<Op> ops;
};

Result<Desk::StepDraft> Desk::draft(const StepWish& wish) {
  SATCHEL_GET(loaded, load(wish.place));
  StepDraft out{std::move(loaded), nullptr, {}, {}};
  const auto& state = out.loaded.state;
  if (state.empty()) return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(wish.place.record));
  const auto& catalogue = book_.catalogue();
  const Template* form = catalogue.find_template(state.type());
  const Workflow* workflow = catalogue.find_workflow(state.type(), static_cast<int>(state.version()));
  if (form == nullptr || workflow == nullptr)
    return fail(ErrorKind::usage, "step.no-workflow", form != nullptr ? form->label.in(book_.lang()) : state.type());
  const node::MatterOf of{wish.place.info, state, *book_.directory()};
  const auto matter = node::matter_of(of, catalogue, book_.device().clock().wall());
  SATCHEL_GET(id, may_step(of, *matter, wish));
  SATCHEL_GET(ops, edit_ops({wish.place, wish.fields, wish.reason}, *form, state));
  out.ops = std::move(ops);
  out.whole = values_in_force(*form, state, *book_.directory());
  for (const auto& [field, value] : wish.fields) out.whole.insert_or_assign(field, value);
  fill_computed(*form, out.whole);
  SATCHEL_TRY(check_record(*form, out.whole, book_.lang(), &wish.fields));
  out.step = workflow->step(id);
  if (out.step != nullptr) {
    if (!applies(out.step->when, out.whole))
      return fail(ErrorKind::conflict, "step.not-of-this", out.step->label.in(book_.lang()));
    const auto lacking = lacking_for(*form, *out.step, out.whole, book_.lang());
    if (!lacking.empty()) return fail(ErrorKind::usage, "step.fields-needed", join_list(lacking, book_.lang()));
  }
  auto before = node::last_steps(state);
  if (before.size() > kReplacesMax) before.resize(kReplacesMax);
  out.ops.push_back({std::string(kStepField), node::step_value(id, wish.comment), std::move(before)});
  return out;
}

Result<Saved> Desk::step(const StepWish& wish) {
  SATCHEL_GET(taken, draft(wish));
  return write(wish.place, taken.loaded.state, std::move(taken.ops), wish.reason);
}

Result<std::optional<std::vector<PersonId>>> Desk::owners_after(const StepWish& wish) {
  SATCHEL_GET(taken, draft(wish));
  if (taken.step == nullptr || taken.step->owners.empty()) return std::nullopt;
  const node::MatterOf of{wish.place.info, taken.loaded.state, *book_.directory()};
  auto owners = node::people_for(of, taken.step->owners, taken.whole);
  if (owners.empty()) return fail(ErrorKind::usage, "step.no-owner", taken.step->label.in(book_.lang()));
  if (owners == book_.owners(wish.place.info)) return std::nullopt;
  return owners;
}

// The step's id, once it is one that this person may take here and now.
Result<std::string> Desk::may_step(const node::MatterOf& of, const node::Matter& matter, const StepWish& wish) {
  const Lang lang = book_.lang();
  if (wish.step == "note" || wish.step == "批注") {
    if (wish.comment.empty()) return fail(ErrorKind::usage, "step.comment-needed");
    return std::string(kNoteStep);
  }
  if (wish.step == "copy" || wish.step == "副本") {
    const bool mine = std::ranges::any_of(matter.copies, [&](const node::Matter::Copy& copy) {
      return copy.by.none() && node::is_one_of(of, std::span(&copy.to, 1), book_.me(), of.directory.position());
    });
    if (!mine) return fail(ErrorKind::permission, "step.no-copy");
    return std::string(kCopyStep);
  }
  const auto* step = step_named(*matter.workflow, wish.step);
  std::vector<std::string> open;
  for (const auto* s : node::open_steps(of, matter, book_.me())) open.push_back(s->id + " " + s->label.in(lang));
  if (step == nullptr)
    return fail(ErrorKind::not_found, "step.unknown", wish.step + " (" + join_list(open, lang) + ")");
  const auto* state = matter.state;
  const std::string where = state != nullptr ? state->label.in(lang) : matter.standing.state();
  if (std::ranges::find(step->from, matter.standing.state()) == step->from.end())
    return fail(ErrorKind::conflict, "step.not-open", step->label.in(lang) + " (" + where + ")");
  if (!node::may_take(of, matter, *step, book_.me()))
    return fail(ErrorKind::permission, "step.not-yours", step->label.in(lang));
  if (step->comment && wish.comment.empty()) return fail(ErrorKind::usage, "step.comment-needed", step->label.in(lang));
  return step->id;
}

const WorkflowStep* step_named(const Workflow& workflow, std::string_view typed) {
  const auto at = std::ranges::find_if(workflow.steps, [&](const WorkflowStep& s) {
    return s.id == typed || s.label.zh == typed || fold_typed(s.label.en) == fold_typed(typed);
  });
  return at == workflow.steps.end() ? nullptr : &*at;
}

std::vector<std::string> lacking_for(const Template& form, const WorkflowStep& step, const FieldMap& record,
                                     Lang lang) {
  std::vector<std::string> lacking;
  for (const auto& id : step.needs) {
    if (id == "*") {
      for (const auto* field : blanks(form, record)) lacking.push_back(field->label.in(lang));
      continue;
    }
    const Field* field = form.field(id);
    if (!record.contains(id)) lacking.push_back(field != nullptr ? field->label.in(lang) : id);
  }
  return lacking;
}

Result<Saved> Desk::attach(const RecordPlace& place, const node::Cut& cut) {
  SATCHEL_GET(loaded, load(place));
  const auto& state = loaded.shown();
  if (state.empty()) return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(place.record));
  Saved saved{place.info.id, place.record, state.type()};
  SATCHEL_GET(held, may_write(place.info));
  saved.held = held;
  SATCHEL_TRY(
      node::add_attachment(txn_, scribe_, place.info, {place.record, state.type(), version_of(state.type()), {}}, cut));
  return saved;
}

Result<Saved> Desk::detach(const RecordPlace& place, const Dot& attachment, const PersonId& by,
                           const std::string& reason) {
  SATCHEL_GET(loaded, load(place));
  if (!node::may_correct(*book_.directory(), book_.me(), by))
    return fail(ErrorKind::permission, "record.not-yours", book_.person_name(by));
  return write(place, loaded.state, {{std::string(blob::kField), Struck{}, {attachment}}}, reason);
}

Result<void> Desk::set_system(const RecordPlace& place, std::string_view field, Value value) {
  SATCHEL_GET(loaded, load(place));
  SATCHEL_TRY(write(place, loaded.state, {{std::string(field), std::move(value), loaded.state.dots(field)}}, {}));
  return {};
}

}  // namespace satchel::field
