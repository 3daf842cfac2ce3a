// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/merging.h"

#include "sync/directory/limits.h"

namespace satchel::field {

namespace {

Result<MergeSide> side_of(Book& book, holder::Reading& reading, const CustomerRef& customer) {
  MergeSide out;
  out.customer = customer;
  SATCHEL_GET(info, book.archive(reading.txn(), customer.archive));
  const auto standing = reading.directory().standing(node::access_of(info));
  out.owners = standing.owners;
  out.branch = standing.branch;
  SATCHEL_GET(records, book.records_of(reading.txn(), customer.archive));
  for (const auto& place : records) {
    SATCHEL_GET(shown, show_record(book, reading, place));
    ++out.records;
    ++out.by_type[shown.form != nullptr ? shown.form->label.in(book.lang()) : shown.type];
    if (place.record == customer.card) out.card = std::move(shown);
  }
  return out;
}

std::string text_of(const ShownRecord& card, std::string_view field) {
  const auto at =
      std::ranges::find(card.fields, field, [](const ShownField& f) { return std::string_view(f.field->id); });
  return at == card.fields.end() ? std::string{} : at->text;
}

std::vector<CardDifference> differences(Book& book, const ShownRecord& whole, const ShownRecord& part) {
  std::vector<CardDifference> out;
  if (whole.form == nullptr) return out;
  for (const auto& field : whole.form->fields) {
    const auto a = text_of(whole, field.id), b = text_of(part, field.id);
    if (a != b) out.push_back({field.label.in(book.lang()), a, b});
  }
  return out;
}

void tell_readers(const Directory& directory, const ArchiveAccess& whole, const ArchiveAccess& part, WallTime now,
                  MergePlan& out) {
  for (const auto& [id, person] : directory.people()) {
    const bool a = directory.may_read(id, whole, now), b = directory.may_read(id, part, now);
    if (a && b) out.see_both.push_back(id);
    if (a && !b) out.only_whole.push_back(id);
    if (b && !a) out.only_part.push_back(id);
  }
}

// Whether it can be said, by what this device knows of both and of what they are shown within.
Result<void> check_merge(holder::Reading& reading, Book& book, const ArchiveId& whole, const ArchiveId& part) {
  const auto& directory = reading.directory();
  std::size_t depth = 1;
  ArchiveId at = whole;
  while (true) {
    if (at == part) return fail(ErrorKind::conflict, "merge.circle", book.archive_name(part));
    if (depth++ > kMergeDepthMax) return fail(ErrorKind::usage, "merge.too-deep", std::to_string(kMergeDepthMax));
    const auto info = book.archive(reading.txn(), at);
    const ArchiveId next = info ? directory.shown_within(node::access_of(*info)) : ArchiveId{};
    if (next.none()) break;
    at = next;
  }
  SATCHEL_GET(info, book.archive(reading.txn(), part));
  const ArchiveId already = directory.shown_within(node::access_of(info));
  if (!already.none()) return fail(ErrorKind::conflict, "merge.already", book.archive_name(already));
  if (!directory.may_direct(book.me(), node::access_of(info)))
    return fail(ErrorKind::permission, "access.not-yours", book.archive_name(part));
  return {};
}

// The last effective word that shows the archive within another.
const directory::ArchiveFact* merge_fact(const Directory& directory, const ArchiveId& archive) {
  const auto facts = directory.archive_facts().find(archive);
  if (facts == directory.archive_facts().end()) return nullptr;
  const auto last = std::ranges::find_if(facts->second.rbegin(), facts->second.rend(), [](const auto& fact) {
    return std::holds_alternative<payload::Merge>(fact.what);
  });
  return last == facts->second.rend() ? nullptr : &*last;
}

Result<std::vector<WrittenSince>> written_since(Book& book, holder::Reading& reading, const ArchiveId& archive,
                                                WallTime since) {
  std::vector<WrittenSince> out;
  SATCHEL_GET(info, book.archive(reading.txn(), archive));
  SATCHEL_GET(heads, node::heads_of(reading.txn(), info.no));
  for (const auto& head : heads) {
    SATCHEL_GET(ordinals, node::chain_after(reading.txn(), head, 0));
    for (const auto ordinal : ordinals) {
      SATCHEL_GET(event, event_at(book, reading, info, ordinal));
      // By the author's clock or by when a hub first took it: late work counts as written since, too.
      if (event.claimed < since && (!event.received || *event.received < since)) continue;
      for (const auto& part : event.parts)
        out.push_back({archive, part.label, part.title, part.record, event.person, event.claimed});
    }
  }
  std::ranges::stable_sort(out, {}, &WrittenSince::claimed);
  return out;
}

}  // namespace

Result<MergePlan> plan_merge(Book& book, const std::string& whole, const std::string& part) {
  MergePlan out;
  SATCHEL_GET(a, book.find_part(whole));
  SATCHEL_GET(b, book.find_part(part));
  if (a.archive == b.archive) return fail(ErrorKind::usage, "merge.itself", a.name);
  SATCHEL_GET(reading, book.read());
  SATCHEL_TRY(check_merge(*reading, book, a.archive, b.archive));
  SATCHEL_GET(whole_side, side_of(book, *reading, a));
  SATCHEL_GET(part_side, side_of(book, *reading, b));
  out.whole = std::move(whole_side);
  out.part = std::move(part_side);
  out.differences = differences(book, out.whole.card, out.part.card);
  SATCHEL_GET(whole_info, book.archive(reading->txn(), a.archive));
  SATCHEL_GET(part_info, book.archive(reading->txn(), b.archive));
  tell_readers(reading->directory(), node::access_of(whole_info), node::access_of(part_info),
               book.device().clock().wall(), out);
  return out;
}

Result<Said> apply_merge(Book& book, const MergePlan& plan) {
  SATCHEL_GET(said, say(book.device(), payload::Merge{plan.whole.customer.archive}, plan.part.customer.archive));
  SATCHEL_TRY(book.refresh());
  return said;
}

Result<UndoPlan> plan_undo(Book& book, const std::string& text) {
  UndoPlan out;
  SATCHEL_GET(part, book.find_part(text));
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(info, book.archive(reading->txn(), part.archive));
  const auto& directory = reading->directory();
  const ArchiveId into = directory.shown_within(node::access_of(info));
  if (into.none()) return fail(ErrorKind::not_found, "merge.none", part.name);
  if (!directory.may_direct(book.me(), node::access_of(info)))
    return fail(ErrorKind::permission, "access.not-yours", part.name);
  SATCHEL_GET(whole, book.part_of(into));
  out.whole = whole ? std::move(*whole) : CustomerRef{into, {}, holder::short_id(into), {}, false};
  out.part = std::move(part);
  if (const auto* fact = merge_fact(directory, out.part.archive)) {
    out.by = fact->by.person;
    out.since = ordered_at(reading->txn(), fact->said.at);
  }
  SATCHEL_GET(in_part, written_since(book, *reading, out.part.archive, out.since));
  out.in_part = std::move(in_part);
  if (!whole) return out;
  SATCHEL_GET(in_whole, written_since(book, *reading, into, out.since));
  out.in_whole = std::move(in_whole);
  return out;
}

Result<Said> undo_merge(Book& book, const UndoPlan& plan) {
  SATCHEL_GET(said, say(book.device(), payload::MergeUndone{}, plan.part.archive));
  SATCHEL_TRY(book.refresh());
  return said;
}

}  // namespace satchel::field
