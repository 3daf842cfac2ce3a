// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/access.h"

#include "sync/directory/identity.h"

namespace satchel::field {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kZoneMs = std::int64_t{kChinaZoneMinutes} * 60'000;

// When an entry was made, never later than it was: what its author claims, unless a hub took it before that.
Result<WallTime> made_at(holder::Reading& reading, const node::StoredArchive& info, node::Ordinal ordinal) {
  WallTime out;
  const auto opened = reading.reader().open(info, ordinal);
  if (!opened && opened.error().kind == ErrorKind::storage) return std::unexpected(opened.error());
  if (opened) out = opened->source.claimed;
  SATCHEL_GET(stamps, reading.reader().stamps(ordinal));
  for (const auto& s : stamps) out = out.ms == 0 ? s.stamp.time : std::min(out, s.stamp.time);
  return out;
}

// The first epoch such that it and all after it began on or after that moment.
Result<void> choose_epoch(holder::Reading& reading, GrantStep& step, WallTime from) {
  step.epoch = step.info.epoch + 1;
  step.new_epoch = true;
  for (auto epoch = step.info.epoch + 1; epoch-- > 0;) {
    SATCHEL_GET(began, epoch_began(reading, step.info, epoch));
    if (!began) continue;
    if (began->ms == 0 || *began < from) break;
    step.epoch = epoch;
    step.since = epoch == 0 ? WallTime{} : *began;
    step.new_epoch = false;
  }
  return {};
}

Result<std::vector<CustomerRef>> parts(Book& book, const ArchiveId& archive) {
  SATCHEL_GET(whole, book.whole_of(archive));
  SATCHEL_GET(ids, book.parts_of(whole));
  std::vector<CustomerRef> out;
  for (const auto& id : ids) {
    SATCHEL_GET(ref, book.part_of(id));
    out.push_back(ref ? std::move(*ref) : CustomerRef{id, {}, book.archive_name(id), {}, false});
  }
  return out;
}

// By ownership or role, so that a grant would add nothing.
bool has_already(const Directory& directory, const node::StoredArchive& info, const GrantWish& wish) {
  const auto access = node::access_of(info);
  const auto standing = directory.standing(access);
  if (std::ranges::find(standing.owners, wish.to) != standing.owners.end()) return true;
  const auto own = person_audience(directory.org(), wish.to);
  const bool granted = std::ranges::find(standing.grants, own, &ArchiveGrant::audience) != standing.grants.end();
  if (granted) return false;  // to be replaced
  if (wish.rights == GrantRights::read) return directory.may_read(wish.to, access, {});
  return std::ranges::any_of(directory.nodes_of(wish.to), [&](const KnownNode* node) {
    return directory.right(node->id, access) == WriteRight::now;
  });
}

Result<void> check_wish(Book& book, const GrantWish& wish) {
  const Person* to = book.directory()->person(wish.to);
  if (to == nullptr || !to->active())
    return fail(ErrorKind::not_found, "access.left", to != nullptr ? to->name : wish.to.hex());
  if (to->role() == Role::auditor && wish.rights == GrantRights::write)
    return fail(ErrorKind::usage, "access.auditors-read", to->name);
  const Date today = date_of(book.device().clock().wall(), kChinaZoneMinutes);
  if (wish.from && today < *wish.from) return fail(ErrorKind::usage, "access.date-ahead", format_date(*wish.from));
  if (wish.until && *wish.until < today) return fail(ErrorKind::usage, "access.date-past", format_date(*wish.until));
  return {};
}

}  // namespace

WallTime day_begins(Date date) { return {date.days * kDayMs - kZoneMs}; }
Date last_day_before(WallTime end) { return date_of({end.ms - 1}, kChinaZoneMinutes); }

WallTime ordered_at(const ReadTxn& txn, const Position& at) {
  const auto record = node::record_at(txn, at);
  const auto ordered = record ? decode_ordered(record->ordered) : std::unexpected(record.error());
  return ordered ? ordered->hub_time : WallTime{};
}

// Nothing sealed with an epoch's key is older than the entry that opened it.
Result<std::optional<WallTime>> epoch_began(holder::Reading& reading, const node::StoredArchive& info,
                                            std::uint32_t epoch) {
  SATCHEL_GET(openings, node::openings_of(reading.txn(), info.no, epoch));
  std::optional<WallTime> out;
  for (const auto ordinal : openings) {
    SATCHEL_GET(made, made_at(reading, info, ordinal));
    out = out ? std::min(*out, made) : made;
  }
  return out;
}

Result<GrantPlan> plan_grant(Book& book, const GrantWish& wish) {
  SATCHEL_TRY(check_wish(book, wish));
  GrantPlan plan{wish, wish.until ? day_begins({wish.until->days + 1}) : WallTime{}, {}, {}};
  SATCHEL_GET(customers, parts(book, wish.archive));
  SATCHEL_GET(reading, book.read());
  const auto& directory = reading->directory();
  std::string had;
  for (auto& customer : customers) {
    GrantStep step;
    SATCHEL_GET(info, book.archive(reading->txn(), customer.archive));
    step.info = std::move(info);
    step.customer = customer;
    const auto access = node::access_of(step.info);
    if (!directory.may_direct(book.me(), access)) {
      plan.left_out.push_back(std::move(customer));
      continue;
    }
    if (has_already(directory, step.info, wish)) {
      had = customer.name;
      continue;
    }
    for (const auto& grant : directory.grants(access)) {
      if (grant.audience == person_audience(directory.org(), wish.to)) step.before = grant;
    }
    if (wish.from) SATCHEL_TRY(choose_epoch(*reading, step, day_begins(*wish.from)));
    plan.steps.push_back(std::move(step));
  }
  if (!plan.steps.empty()) return plan;
  if (!had.empty()) return fail(ErrorKind::conflict, "access.has-already", book.person_name(wish.to) + " · " + had);
  return fail(ErrorKind::permission, "access.not-yours", plan.left_out.front().name);
}

namespace {

// The customer's name and number as they stand, to be said once more; nothing while people have to choose between
// names.
Result<std::optional<RecordChange>> name_again(Book& book, const CustomerRef& customer) {
  SATCHEL_GET(place, book.place_of(customer.archive, customer.card));
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(loaded, reading->load(place));
  RecordChange out{place.record, form->id, static_cast<std::uint32_t>(form->version), {}};
  for (const auto& id : {form->title_field, std::string("number")}) {
    const Field* field = form->field(id);
    if (field == nullptr) continue;
    const auto now = merge::resolve(loaded.state, id, field->merge, Permission::anyone);
    if (now.contested) return std::nullopt;
    std::vector<Dot> dots;
    for (const auto* value : now.standing) dots.push_back(value->dot);
    if (!empty(now.value)) out.ops.push_back({id, now.value, std::move(dots)});
  }
  return out.ops.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

Result<std::vector<Trial>> begin_grants(Book& book, const GrantPlan& plan) {
  auto& device = book.device();
  const auto audience = person_audience(book.directory()->org(), plan.wish.to);
  const auto grant_from = [&](std::uint32_t epoch) {
    return payload::Grant{audience, plan.wish.rights, epoch, plan.expiry};
  };
  // Before anything is begun.
  for (const auto& step : plan.steps) SATCHEL_TRY(try_to_say(device, grant_from(step.epoch), step.info.id));
  std::vector<Trial> out;
  for (const auto& step : plan.steps) {
    std::uint32_t epoch = step.epoch;
    std::vector<RecordChange> name;
    if (plan.wish.with_name && (step.new_epoch || step.epoch > 0)) {
      SATCHEL_GET(change, name_again(book, step.customer));
      if (change) name.push_back(std::move(*change));
    }
    if (step.new_epoch || !name.empty()) {
      SATCHEL_TRY(device.write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
        SATCHEL_GET(info, book.archive(txn, step.info.id));
        if (step.new_epoch) {
          SATCHEL_GET(begun, scribe.rotate(info));
          epoch = begun;
        }
        SATCHEL_TRY(scribe.write(info, std::move(name)));
        return {};
      }));
    }
    SATCHEL_GET(trial, try_to_say(device, grant_from(epoch), step.info.id));
    out.push_back(std::move(trial));
  }
  return out;
}

Result<std::vector<Said>> give(Book& book, const GrantPlan& plan) {
  SATCHEL_GET(trials, begin_grants(book, plan));
  return say_all(book.device(), trials);
}

Result<TakeBack> plan_take_back(Book& book, const ArchiveId& archive, const PersonId& from) {
  TakeBack plan{from, {}, {}};
  SATCHEL_GET(customers, parts(book, archive));
  const auto directory = book.directory();
  const auto audience = person_audience(directory->org(), from);
  SATCHEL_GET(reading, book.read());
  for (const auto& customer : customers) {
    SATCHEL_GET(info, book.archive(reading->txn(), customer.archive));
    const auto grants = directory->grants(node::access_of(info));
    const auto theirs = std::ranges::find(grants, audience, &ArchiveGrant::audience);
    if (theirs == grants.end()) continue;
    if (!directory->may_direct(book.me(), node::access_of(info))) {
      plan.left_out.push_back(customer);
      continue;
    }
    SATCHEL_GET(trial, try_to_say(book.device(), payload::GrantEnded{audience}, customer.archive));
    plan.endings.push_back({customer, *theirs, std::move(trial)});
  }
  if (!plan.endings.empty()) return plan;
  if (!plan.left_out.empty()) return fail(ErrorKind::permission, "access.not-yours", plan.left_out.front().name);
  return fail(ErrorKind::not_found, "access.no-grant", book.person_name(from) + " · " + customers.front().name);
}

Result<std::vector<Said>> take_back(Book& book, const TakeBack& plan) {
  std::vector<Trial> trials;
  for (const auto& ending : plan.endings) trials.push_back(ending.trial);
  return say_all(book.device(), trials);
}

}  // namespace satchel::field
