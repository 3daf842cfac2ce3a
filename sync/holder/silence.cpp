// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/silence.h"

#include "schema/calendar/period.h"
#include "schema/calendar/span.h"
#include "sync/node/batches.h"

namespace satchel::holder {

namespace {

// Takes those off of whom something was stamped since. Batches stand by arrival, but an old one may get a new stamp:
// all are looked at while anybody is left.
Result<void> drop_heard(const ReadTxn& txn, WallTime since, std::unordered_map<NodeId, std::string>& silent) {
  SATCHEL_GET(cursor, txn.cursor(Table::stamps));
  SATCHEL_GET(last, cursor->seek_before({}));
  for (auto at = last; at && !silent.empty();) {
    Reader in(at->value);
    const auto stamp = Stamp::decode(in.sized(kStoreValueBytesMax));
    if (stamp && since <= stamp->time) {
      SATCHEL_GET(batch, node::batch_at(txn, be64(at->key)));
      silent.erase(batch.batch.author.node);
    }
    SATCHEL_GET(previous, cursor->prev());
    at = previous;
  }
  return {};
}

// Whether this person's work is read here by role.
bool reads_of(const Person* me, const Person& other) {
  if (me == nullptr || me->role() == Role::general_manager || me->role() == Role::auditor) return true;
  const bool keeps = me->role() == Role::branch_manager || me->role() == Role::archive_administrator;
  if (me->branch().none()) return keeps || me->role() == Role::department;
  return keeps && other.branch() == me->branch();
}

}  // namespace

Result<Silence> silence_of(Book& book, WallTime now) {
  Silence out;
  out.since = start_of_day(stretch_of(Period::week, date_of(now, kChinaZoneMinutes)).first, kChinaZoneMinutes);
  const auto directory = book.directory();
  const Person* me = directory->person(book.me());
  SATCHEL_GET(reading, book.read());
  std::unordered_map<NodeId, std::string> silent;
  for (const auto& [id, node] : directory->nodes()) {
    const Person* person = node.kind == NodeKind::device ? directory->person(node.person) : nullptr;
    const bool counts = person != nullptr && person->active() && node.state() == NodeState::confirmed &&
                        person->id != book.me() && reads_of(me, *person);
    if (counts) silent.emplace(id, person->name);
  }
  out.devices = silent.size();
  SATCHEL_TRY(drop_heard(reading->txn(), out.since, silent));
  for (auto& [id, name] : silent) out.silent.push_back(std::move(name));
  std::ranges::sort(out.silent);
  return out;
}

}  // namespace satchel::holder
