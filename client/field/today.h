// SPDX-License-Identifier: AGPL-3.0-or-later
// What waits for a person today: visits that were planned and not made, tasks, matters of workflows, what rules find,
// and what only a person can decide.
#pragma once

#include "client/field/tasks.h"
#include "sync/holder/duties.h"

namespace satchel::field {

struct DueVisit {
  CustomerRef customer;
  Date due;
  int overdue_days = 0;
  Date planned_on;  // the visit that planned it
  std::string next_step;
  std::string phone;
  RecordId visit;
};

struct Today {
  Date date;
  std::vector<DueVisit> due;              // the longest overdue first
  std::vector<TaskRow> tasks;             // open, by due day; those without one last
  std::vector<holder::Duty> matters;      // of workflows, that wait for this person
  std::vector<holder::Finding> findings;  // of rules: what falls due (birthdays, too) and what is not in order
  std::size_t conflicts = 0;
  std::size_t held = 0;
  std::size_t unsent = 0;
  std::size_t drafts = 0;    // begun on this device and not finished
  std::size_t requests = 0;  // for access, that wait for this person's answer
};

struct TodayOptions {
  std::optional<Date> date;  // by default the device's day
  int ahead_days = 0;        // also visits that fall due within so many days
  bool everybody = false;    // for managers: all that can be read, not only one's own
};

// A plan is open until the customer was visited on or after that day, or a later visit made another plan.
Result<Today> today(Book& book, const TodayOptions& options = {});

}  // namespace satchel::field
