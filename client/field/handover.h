// SPDX-License-Identifier: AGPL-3.0-or-later
// Handing one person's archives to another, as one act: a plan that shows what moves and what is not here yet, then one
// statement by rule (docs/directory.md, 'Rules'), which takes in what the leaver opened offline and hands in later. The
// successor reads the whole history; who wrote what stays as it is. Afterwards every archive taken over has a task to
// tell the customer (sync/holder/follow_ups.h).
#pragma once

#include "client/field/revoking.h"
#include "client/field/said.h"
#include "client/field/tasks.h"
#include "client/field/today.h"

namespace satchel::field {

struct HandoverWish {
  std::string from;  // a person who left is found, too
  std::string to;
  std::vector<std::string> only;  // customers; empty: all, and whatever arrives later
};

struct HandedArchive {
  ArchiveId archive;
  CustomerRef customer;          // without a name when its key is not here
  bool reached = true;           // false: this person's word does not reach it, so the successor does not get it
  std::vector<PersonId> others;  // owners beside the leaver
};

struct HandoverPlan {
  PersonId from, to;
  std::vector<HandedArchive> archives;
  std::vector<TaskRow> tasks;       // open, in these archives
  std::vector<DueVisit> plans;      // visits planned there
  std::vector<DeviceNews> devices;  // of the leaver, as this one knows them
  std::size_t from_owns = 0;        // customers, as known here
  std::size_t to_owns = 0;
  bool successor_ready = false;  // has a confirmed device
  std::size_t unreached() const;
};

// not_found "person.not-found", "customer.not-found"; usage "handover.same", "handover.successor-left",
// "handover.not-theirs" (an archive named that is not the leaver's).
Result<HandoverPlan> plan_handover(Book& book, const HandoverWish& wish);

// Whether it is this person's to say, before it is shown as if it could be done. The directory's codes.
Result<void> may_hand_over(Book& book, const HandoverWish& wish, const HandoverPlan& plan);

struct HandedOver {
  Said said;
  std::size_t from_owns = 0;
  std::size_t to_owns = 0;
  std::size_t tasks = 0;  // to tell customers, that are in the archives here
};
Result<HandedOver> hand_over(Book& book, const HandoverWish& wish, const HandoverPlan& plan);

}  // namespace satchel::field
