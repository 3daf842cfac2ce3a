// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may read and write an archive, by what right and since when; giving a right, and taking it back. A grant reaches
// back to the beginning of a key epoch and never further than was asked: where the line falls inside an epoch a new one
// is begun first, and what was recorded before that stays closed. Rights are per archive; of a customer whose archives
// are shown as one, all that this person answers for are meant. Refused: permission "access.not-yours" and the
// directory's codes; conflict "access.has-already"; usage "access.date-ahead", "access.date-past",
// "access.auditors-read"; not_found "access.no-grant".
#pragma once

#include "client/field/records.h"
#include "client/field/said.h"

namespace satchel::field {

inline constexpr Millis kEndsSoon{7 * 24 * 3600 * 1000};  // a grant that ends within this is pointed out

// Midnight at its beginning, by China's clock.
WallTime day_begins(Date date);
// The day it falls on there; of an end, the last whole day before it.
Date last_day_before(WallTime end);

// ---- giving ----

struct GrantWish {
  ArchiveId archive;
  PersonId to;
  GrantRights rights = GrantRights::write;
  std::optional<Date> from;   // nothing recorded before that day is to be readable
  std::optional<Date> until;  // the last day
  // Where history is closed the customer's name and number are, too: they are written once more under the key that is
  // given.
  bool with_name = false;
};

// What it comes to in one archive.
struct GrantStep {
  node::StoredArchive info;
  CustomerRef customer;
  std::uint32_t epoch = 0;             // the first that is given
  bool new_epoch = false;              // it has to be begun: only what is recorded from now on can be read
  WallTime since;                      // when that epoch began; 0: everything is given
  std::optional<ArchiveGrant> before;  // the grant it takes the place of
};

struct GrantPlan {
  GrantWish wish;
  WallTime expiry;  // 0: none
  std::vector<GrantStep> steps;
  std::vector<CustomerRef> left_out;  // shown with it, and not this person's to give
};
Result<GrantPlan> plan_grant(Book& book, const GrantWish& wish);
// One statement a step; the epochs that are needed are begun first.
Result<std::vector<Trial>> begin_grants(Book& book, const GrantPlan& plan);
Result<std::vector<Said>> give(Book& book, const GrantPlan& plan);

// Every grant the person has in the archive and what is shown within it, as far as they are this person's to end.
struct TakeBack {
  PersonId from;
  struct Ending {
    CustomerRef customer;
    ArchiveGrant grant;
    Trial trial;
  };
  std::vector<Ending> endings;
  std::vector<CustomerRef> left_out;  // granted, too, and not this person's to end
};
Result<TakeBack> plan_take_back(Book& book, const ArchiveId& archive, const PersonId& from);
Result<std::vector<Said>> take_back(Book& book, const TakeBack& plan);

// ---- looking ----

enum class AccessState : std::uint8_t { in_force, pending, ended, over };
std::string_view state_name(AccessState state);  // "in_force", "pending_at_hq", "ended", "expired"

struct AccessLine {
  CustomerRef customer;
  AudienceId audience;
  Why why = Why::grant;
  bool writes = false;
  std::uint32_t epoch_from = 0;
  WallTime since;  // when what can be read begins; 0: everything
  WallTime until;  // 0: no end
  PersonId by;     // who gave it; none for owners and roles
  WallTime given;  // the hub's time
  PersonId ended_by;
  WallTime ended;
  AccessState state = AccessState::in_force;
  bool ends_soon = false;
};
// Of one archive and what is shown within it: owners, roles, then grants, with those that ended last.
Result<std::vector<AccessLine>> access_to(Book& book, const ArchiveId& archive);
// All grants of archives that can be read here.
Result<std::vector<AccessLine>> all_grants(Book& book);

// When the first key of that epoch was made, never later than it was; 0 when that cannot be told, nothing when there is
// no such epoch here.
Result<std::optional<WallTime>> epoch_began(holder::Reading& reading, const node::StoredArchive& info,
                                            std::uint32_t epoch);
// When the statement at that place was ordered; 0 when that is not known here.
WallTime ordered_at(const ReadTxn& txn, const Position& at);

}  // namespace satchel::field
