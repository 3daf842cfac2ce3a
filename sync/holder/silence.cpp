// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/silence.h"

#include "schema/calendar/period.h"
#include "schema/calendar/span.h"

namespace satchel::holder {

namespace {

// Whether this person's work is read here by role.
bool reads_of(const Person* me, const Person& other) {
  if (me == nullptr || me->role() == Role::general_manager || me->role() == Role::auditor) return true;
  const bool keeps = me->role() == Role::branch_manager || me->role() == Role::archive_administrator;
  if (me->branch().none()) return keeps || me->role() == Role::department;
  return keeps && other.branch() == me->branch();
}

}  // namespace

Silence silence_of(Book& book, const node::Heard& heard, WallTime now) {
  Silence out;
  out.since = start_of_day(stretch_of(Period::week, date_of(now, kChinaZoneMinutes)).first, kChinaZoneMinutes);
  const auto directory = book.directory();
  const Person* me = directory->person(book.me());
  std::vector<std::pair<NodeId, std::string>> silent;
  for (const auto& [id, node] : directory->nodes()) {
    const Person* person = node.kind == NodeKind::device ? directory->person(node.person) : nullptr;
    const bool counts = person != nullptr && person->active() && node.state() == NodeState::confirmed &&
                        person->id != book.me() && reads_of(me, *person);
    if (counts) silent.emplace_back(id, person->name);
  }
  out.devices = silent.size();
  for (auto& [id, name] : silent) {
    const auto last = heard.find(id);
    if (last == heard.end() || last->second < out.since) out.silent.push_back(std::move(name));
  }
  std::ranges::sort(out.silent);
  return out;
}

}  // namespace satchel::holder
