// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/moving.h"

#include <set>

#include "sync/directory/identity.h"

namespace satchel::field {

namespace {

// Who reads it now and by nothing that stays.
std::vector<PersonId> losers(const Directory& directory, const node::StoredArchive& info, const MovePlan& plan,
                             WallTime now) {
  const auto access = node::access_of(info);
  const auto standing = directory.standing(access);
  std::vector<PersonId> out;
  // As it will be: opened anew for that branch by those owners, with the same grants.
  ArchiveAccess fresh{{},
                      plan.owners,
                      node::audiences_for(directory.org(), ArchiveKind::customer, plan.to, plan.owners),
                      plan.to,
                      directory.position()};
  for (const auto& grant : standing.grants) fresh.audiences.push_back(grant.audience);
  for (const auto& [id, person] : directory.people()) {
    if (!directory.may_read(id, access, now)) continue;
    const bool owns = std::ranges::find(plan.owners, id) != plan.owners.end();
    const bool granted = std::ranges::find(standing.grants, person_audience(directory.org(), id),
                                           &ArchiveGrant::audience) != standing.grants.end();
    if (!owns && !granted && !directory.may_read(id, fresh, now)) out.push_back(id);
  }
  return out;
}

Result<void> check_owners(Book& book, const MovePlan& plan) {
  if (plan.owners.empty()) return fail(ErrorKind::usage, "move.nothing");
  for (const auto& owner : plan.owners) {
    const Person* person = book.directory()->person(owner);
    if (person == nullptr || !person->active())
      return fail(ErrorKind::not_found, "access.left", book.person_name(owner));
    if (person->branch() != plan.to) return fail(ErrorKind::usage, "move.other-branch", person->name);
  }
  return {};
}

}  // namespace

Result<MovePlan> plan_move(Book& book, const MoveWish& wish) {
  MovePlan plan;
  plan.owners = wish.owners;
  const auto directory = book.directory();
  if (!wish.branch.empty()) {
    const Branch* branch = directory->branch_named(wish.branch);
    if (branch == nullptr) return fail(ErrorKind::not_found, "admin.no-branch", wish.branch);
    plan.to = branch->id;
  }
  SATCHEL_TRY(check_owners(book, plan));
  std::set<ArchiveId> seen;
  SATCHEL_GET(reading, book.read());
  for (const auto& text : wish.archives) {
    SATCHEL_GET(customer, book.find_customer(text));
    SATCHEL_GET(parts, book.parts_of(customer.archive));
    for (const auto& part : parts) {
      if (!seen.insert(part).second) continue;
      SATCHEL_GET(info, book.archive(reading->txn(), part));
      SATCHEL_GET(ref, book.part_of(part));
      const auto standing = directory->standing(node::access_of(info));
      MoveStep step{ref ? std::move(*ref) : customer,
                    standing.branch,
                    standing.owners,
                    losers(*directory, info, plan, book.device().clock().wall()),
                    {}};
      for (const auto& grant : standing.grants) step.grants.push_back(grant.audience);
      if (standing.branch == plan.to && standing.owners == plan.owners) {
        plan.there.push_back(std::move(step.customer));
        continue;
      }
      SATCHEL_TRY(try_to_say(book.device(), payload::Moved{plan.to, plan.owners}, part));
      plan.steps.push_back(std::move(step));
    }
  }
  if (plan.steps.empty()) return fail(ErrorKind::usage, "move.nothing");
  return plan;
}

Result<std::vector<Said>> move_all(Book& book, const MovePlan& plan) {
  std::vector<Trial> trials;
  for (const auto& step : plan.steps) {
    SATCHEL_GET(trial, try_to_say(book.device(), payload::Moved{plan.to, plan.owners}, step.customer.archive));
    trials.push_back(std::move(trial));
  }
  SATCHEL_GET(said, say_all(book.device(), trials));
  SATCHEL_TRY(book.refresh());
  return said;
}

}  // namespace satchel::field
