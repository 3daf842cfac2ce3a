// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers moved to another branch: its managers and the new owners read and write them, the former branch's managers
// and owners no longer do. Headquarters alone says so. What is shown within a customer moves with it. Refused:
// permission "access.not-yours"; not_found "admin.no-branch", "access.left"; usage "move.other-branch" (an owner of
// another branch), "move.nothing".
#pragma once

#include "client/field/access.h"

namespace satchel::field {

struct MoveWish {
  std::vector<std::string> archives;
  std::string branch;  // empty: headquarters
  std::vector<PersonId> owners;
};

struct MoveStep {
  CustomerRef customer;
  BranchId from;
  std::vector<PersonId> owners;    // until now
  std::vector<PersonId> lose;      // read it now and will not
  std::vector<AudienceId> grants;  // that stay as they are
};

struct MovePlan {
  BranchId to;
  std::vector<PersonId> owners;
  std::vector<MoveStep> steps;
  std::vector<CustomerRef> there;  // already so
};
Result<MovePlan> plan_move(Book& book, const MoveWish& wish);
Result<std::vector<Said>> move_all(Book& book, const MovePlan& plan);

}  // namespace satchel::field
