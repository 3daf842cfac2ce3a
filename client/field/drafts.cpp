// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/drafts.h"

namespace satchel::field {

namespace {

// Values are permanent.
constexpr std::uint8_t kDraftHeadVersion = 1;
constexpr std::uint8_t kDraftOfRecord = 0;
constexpr std::uint8_t kDraftOfStep = 1;
constexpr std::size_t kDraftDigitsMin = 4;  // of an id, as of a record's

node::DraftKeys draft_keys(Book& book) {
  auto& device = book.device();
  return {device.vault(), device.keyring(), *book.directory(), device.entropy()};
}

Date day_of(WallTime time) { return date_of(time, kChinaZoneMinutes); }

Bytes draft_head(const Draft& draft) {
  return Writer(64)
      .u8(kDraftHeadVersion)
      .u8(draft.decides ? kDraftOfStep : kDraftOfRecord)
      .sized(draft.form)
      .u32(static_cast<std::uint32_t>(draft.version))
      .raw(draft.record.view())
      .i64(draft.begun.ms)
      .i64(draft.changed.ms)
      .take();
}

bool read_draft_head(View bytes, Draft& draft) {
  Reader in(bytes);
  const auto version = in.u8();
  const auto kind = in.u8();
  draft.decides = kind == kDraftOfStep;
  draft.form = in.string(node::kDraftBytesMax);
  draft.version = static_cast<int>(in.u32());
  draft.record = RecordId::of(in.raw(RecordId::size));
  draft.begun = {in.i64()};
  draft.changed = {in.i64()};
  return in.done() && version == kDraftHeadVersion && kind <= kDraftOfStep;
}

Bytes draft_words(const Draft& draft) {
  Writer out(256);
  out.varint(draft.typed.size());
  for (const auto& one : draft.typed)
    out.sized(one.field).sized(one.text).u32(static_cast<std::uint32_t>(one.day.days));
  return out.sized(draft.step).sized(draft.comment).sized(draft.reason).take();
}

bool read_draft_words(View bytes, Draft& draft) {
  constexpr std::size_t most = node::kDraftBytesMax;
  Reader in(bytes);
  const auto count = in.count(most);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    auto& one = draft.typed.emplace_back();
    one.field = in.string(most);
    one.text = in.string(most);
    one.day.days = static_cast<std::int32_t>(in.u32());
  }
  draft.step = in.string(most);
  draft.comment = in.string(most);
  draft.reason = in.string(most);
  return in.done();
}

Draft read_kept(node::StoredDraft kept) {
  Draft out;
  out.id = kept.id;
  out.archive = kept.archive;
  out.broken = kept.broken || !read_draft_head(kept.head, out);
  out.locked = !kept.body;
  if (kept.body && !out.broken) out.broken = !read_draft_words(*kept.body, out);
  out.kept = std::move(kept);
  return out;
}

// Keeps it as it is now, and reads it back with the row it became.
Result<Draft> keep_as_it_is(Book& book, Draft draft) {
  draft.changed = book.device().clock().wall();
  if (draft.kept.row.empty()) {
    draft.begun = draft.changed;
    draft.id = random_id<DraftId>(book.device().entropy());
    draft.kept.id = draft.id;
    draft.kept.archive = draft.archive;
  }
  draft.kept.head = draft_head(draft);
  draft.kept.body = draft_words(draft);
  const auto keys = draft_keys(book);
  SATCHEL_TRY(book.device().replica().write(
      [&](WriteTxn& txn, node::Effects&) { return node::put_draft(txn, keys, draft.kept); }));
  SATCHEL_GET(all, list_drafts(book));
  const auto now = std::ranges::find(all, draft.id, &Draft::id);
  if (now == all.end()) return fail(ErrorKind::not_found, "draft.not-found", holder::short_id(draft.id));
  return std::move(*now);
}

// The latest word on each field, in the order in which they were first typed.
Result<void> type_in(Book& book, const Template& form, std::span<const Typed> typed, std::vector<DraftField>& fields) {
  const Date today = day_of(book.device().clock().wall());
  for (const auto& one : typed) {
    SATCHEL_GET(field, find_field(form, one.field, book.lang()));
    const auto known = std::ranges::find(fields, field->id, &DraftField::field);
    if (one.text.empty()) {
      if (known != fields.end()) fields.erase(known);
    } else if (known != fields.end()) {
      *known = {field->id, one.text, today};
    } else {
      fields.push_back({field->id, one.text, today});
    }
  }
  return {};
}

// Values by the form pinned. What does not read is told to `wrong`, or refused where there is none.
Result<FieldMap> draft_values(Book& book, const Template& form, const Draft& draft,
                              std::vector<Fault>* wrong = nullptr) {
  FieldMap out;
  for (const auto& one : draft.typed) {
    const Typed typed{one.field, one.text};
    auto read = parse_fields(book, form, std::span(&typed, 1), one.day);
    if (!read && wrong == nullptr) return std::unexpected(read.error());
    if (!read) wrong->push_back({one.field, read.error().detail});
    if (read) out.merge(std::move(*read));
  }
  return out;
}

const Template* pinned_form(Book& book, const Draft& draft) {
  return book.catalogue().find_template(draft.form, draft.version);
}

// The record as it would stand, and what keeps the step from being taken.
Result<void> step_standing(Book& book, const Draft& draft, const FieldMap& fields, DraftStanding& out) {
  const auto place = book.place_of(draft.archive, draft.record);
  if (!place && place.error().kind != ErrorKind::not_found) return std::unexpected(place.error());
  if (!place) return {};
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(loaded, reading->load(*place));
  const auto& catalogue = book.catalogue();
  const Template* form = catalogue.find_template(draft.form);
  const node::MatterOf of{place->info, loaded.state, reading->directory()};
  const auto matter =
      loaded.state.empty() ? std::nullopt : node::matter_of(of, catalogue, book.device().clock().wall());
  if (form == nullptr || !matter) return {};
  const auto* step = step_named(*matter->workflow, draft.step);
  if (step == nullptr) {  // a comment, or a copy confirmed
    out.comment_needed = draft.comment.empty() && (draft.step == kNoteStep || draft.step == "批注");
    return {};
  }
  out.comment_needed = step->comment && draft.comment.empty();
  const std::string state = matter->standing.state();
  if (std::ranges::find(step->from, state) == step->from.end())
    out.not_open = matter->state != nullptr ? matter->state->label.in(book.lang()) : state;
  FieldMap whole = values_in_force(*form, loaded.state, reading->directory());
  for (const auto& [field, value] : fields) whole.insert_or_assign(field, value);
  for (auto& label : lacking_for(*form, *step, whole, book.lang())) out.missing.push_back(std::move(label));
  return {};
}

// May it be read here, so that it can be finished or changed? The same words that adding gets.
Result<void> can_read(Book& book, const Draft& draft) {
  if (draft.broken) return fail(ErrorKind::integrity, "draft.broken", holder::short_id(draft.id));
  if (!draft.locked) return {};
  const Template* form = book.catalogue().find_template(draft.form);
  if (form != nullptr && !draft.decides) SATCHEL_TRY(may_add(book, *form, draft.archive));
  return fail(ErrorKind::permission, "keyring.no-key", book.archive_name(draft.archive));
}

Result<const Template*> needed_form(Book& book, const Draft& draft) {
  const Template* form = pinned_form(book, draft);
  if (form == nullptr)
    return fail(ErrorKind::not_found, "draft.form-unknown", draft.form + " " + std::to_string(draft.version));
  return form;
}

Result<StepDone> finish_record(Book& book, const Draft& draft, const Template& form, FieldMap fields) {
  if (const Field* date = day_by_itself(form)) fields.try_emplace(date->id, day_of(draft.begun));
  NewRecord record{&form, draft.archive, std::move(fields)};
  StepDone done;
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_TRY(node::take_draft(desk.txn(), draft.kept));
    if (record.archive.none()) {
      SATCHEL_GET(archive, desk.own_archive(form));
      record.archive = archive;
    }
    SATCHEL_GET(saved, desk.add(record));
    done.saved = std::move(saved);
    return {};
  }));
  return done;
}

Result<StepDone> finish_step(Book& book, const Draft& draft, FieldMap fields) {
  SATCHEL_GET(place, book.place_of(draft.archive, draft.record));
  SATCHEL_GET(form, book.form(draft.form));
  std::vector<std::string> gone;
  for (const auto& [id, value] : fields)
    if (form->field(id) == nullptr) gone.push_back(id);
  if (!gone.empty()) return fail(ErrorKind::conflict, "draft.form-changed", join_list(gone, book.lang()));
  const StepWish wish{place, draft.step, draft.comment, std::move(fields), draft.reason};
  return take_step(book, wish, [&](Desk& desk) { return node::take_draft(desk.txn(), draft.kept); });
}

}  // namespace

Result<Draft> keep_record_draft(Book& book, const Template& form, const ArchiveId& archive,
                                std::span<const Typed> typed) {
  if (form.id == holder::kCustomerTemplate) return fail(ErrorKind::usage, "record.is-customer");
  SATCHEL_TRY(may_add(book, form, archive));
  Draft draft;
  draft.archive = archive;
  if (archive.none()) {
    SATCHEL_GET(own, own_archive_of(book, form));
    draft.archive = own.value_or(ArchiveId{});
  }
  draft.form = form.id;
  draft.version = form.version;
  SATCHEL_TRY(type_in(book, form, typed, draft.typed));
  return keep_as_it_is(book, std::move(draft));
}

Result<Draft> keep_step_draft(Book& book, const StepTyped& wish) {
  Draft draft;
  {
    SATCHEL_GET(reading, book.read());
    SATCHEL_GET(loaded, reading->load(wish.place));
    const auto& state = loaded.state;
    if (state.empty()) return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(wish.place.record));
    const auto& catalogue = book.catalogue();
    const Template* form = catalogue.find_template(state.type());
    const Workflow* workflow = catalogue.find_workflow(state.type(), static_cast<int>(state.version()));
    if (form == nullptr || workflow == nullptr)
      return fail(ErrorKind::usage, "step.no-workflow", form != nullptr ? form->label.in(book.lang()) : state.type());
    static constexpr std::string_view kMovingNothing[] = {kNoteStep, "批注", kCopyStep, "副本"};
    const bool known = std::ranges::find(kMovingNothing, wish.step) != std::end(kMovingNothing) ||
                       step_named(*workflow, wish.step) != nullptr;
    if (!known) {
      std::vector<std::string> steps;
      for (const auto& step : workflow->steps) steps.push_back(step.id + " " + step.label.in(book.lang()));
      return fail(ErrorKind::not_found, "step.unknown", wish.step + " (" + join_list(steps, book.lang()) + ")");
    }
    draft.form = form->id;
    draft.version = form->version;
    SATCHEL_TRY(type_in(book, *form, wish.typed, draft.typed));
  }
  draft.archive = wish.place.info.id;
  draft.decides = true;
  draft.record = wish.place.record;
  draft.step = wish.step;
  draft.comment = wish.comment;
  draft.reason = wish.reason;
  return keep_as_it_is(book, std::move(draft));
}

Result<std::vector<Draft>> list_drafts(Book& book) {
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(kept, node::all_drafts(reading->txn(), draft_keys(book)));
  std::vector<Draft> out;
  for (auto& one : kept) out.push_back(read_kept(std::move(one)));
  std::ranges::sort(out, {}, [](const Draft& draft) { return std::pair(draft.begun.ms, draft.id); });
  return out;
}

Result<Draft> find_draft(Book& book, std::string_view typed) {
  const std::string wanted = fold_typed(typed);
  SATCHEL_GET(all, list_drafts(book));
  std::vector<Draft*> found;
  for (auto& draft : all)
    if (wanted.size() >= kDraftDigitsMin && draft.id.hex().starts_with(wanted)) found.push_back(&draft);
  if (found.empty()) return fail(ErrorKind::not_found, "draft.not-found", std::string(typed));
  if (found.size() == 1) return std::move(*found.front());
  std::vector<std::string> ids;
  for (const auto* draft : found) ids.push_back(draft->id.hex());
  return fail(ErrorKind::conflict, "draft.ambiguous", join_list(ids, book.lang()));
}

Result<DraftStanding> draft_standing(Book& book, const Draft& draft) {
  DraftStanding out;
  out.form = pinned_form(book, draft);
  if (const Template* now = book.catalogue().find_template(draft.form)) out.in_force = now->version;
  if (out.form == nullptr || draft.broken || draft.locked) return out;
  std::vector<Fault> wrong;
  SATCHEL_GET(fields, draft_values(book, *out.form, draft, &wrong));
  for (const auto& one : wrong) out.missing.push_back(one.text);
  if (draft.decides) {
    SATCHEL_TRY(step_standing(book, draft, fields, out));
    return out;
  }
  if (const Field* date = day_by_itself(*out.form)) fields.try_emplace(date->id, day_of(draft.begun));
  for (auto& fault : faults_of(*out.form, fields, book.lang()))
    if (std::ranges::find(wrong, fault.field, &Fault::field) == wrong.end())
      out.missing.push_back(std::move(fault.text));
  return out;
}

Result<Draft> change_draft(Book& book, const Draft& draft, const DraftEdit& edit) {
  SATCHEL_TRY(can_read(book, draft));
  SATCHEL_GET(form, needed_form(book, draft));
  Draft changed = draft;
  SATCHEL_TRY(type_in(book, *form, edit.typed, changed.typed));
  if (draft.decides && edit.comment) changed.comment = *edit.comment;
  if (draft.decides && edit.reason) changed.reason = *edit.reason;
  return keep_as_it_is(book, std::move(changed));
}

Result<StepDone> finish_draft(Book& book, const Draft& draft) {
  SATCHEL_TRY(book.ready());
  SATCHEL_TRY(can_read(book, draft));
  SATCHEL_GET(form, needed_form(book, draft));
  SATCHEL_GET(fields, draft_values(book, *form, draft));
  return draft.decides ? finish_step(book, draft, std::move(fields))
                       : finish_record(book, draft, *form, std::move(fields));
}

Result<void> drop_draft(Book& book, const Draft& draft) {
  return book.device().replica().write(
      [&](WriteTxn& txn, node::Effects&) { return node::take_draft(txn, draft.kept); });
}

}  // namespace satchel::field
