// SPDX-License-Identifier: AGPL-3.0-or-later
// Tasks: records of the template `task` (schema/packs/tasks.toml), in lists. A company whose packs have no such
// template has no tasks; that is no error.
#pragma once

#include "client/field/records.h"
#include "sync/holder/follow_ups.h"

namespace satchel::field {

using holder::kTaskTemplate;

struct TaskRow {
  RecordId record;
  ArchiveId archive;
  std::optional<CustomerRef> customer;  // none: its card is not readable here
  std::string text;
  std::string kind_id;  // stable
  std::string kind;     // as shown
  PersonId assignee;    // none: whoever owns the archive
  PersonId author;
  std::optional<Date> due;
  std::optional<Date> done;
  int overdue_days = 0;  // of an open one
  bool held = false;     // its author had lost the right: counts when somebody admits it
};

struct TaskFilter {
  bool done = false;       // done ones, too
  bool everybody = false;  // all that can be read, not only one's own
  std::optional<ArchiveId> archive;
  std::optional<Date> today;  // by default the device's day
};

// Open ones by due day, those without one last; then done ones, the latest first. One's own: named as assignee; without
// an assignee, what lies in an archive one owns or was written by oneself.
Result<std::vector<TaskRow>> list_tasks(Book& book, const TaskFilter& filter = {});

// The fields of an edit that closes the task; `note` may be empty. usage "task.done-already", not_found
// "record.not-found" when the id is no task's.
Result<Edit> closing(Book& book, std::string_view id, Date done, const std::string& note);

}  // namespace satchel::field
