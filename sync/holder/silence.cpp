// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/silence.h"

#include "schema/calendar/period.h"
#include "schema/calendar/span.h"
#include "sync/node/batches.h"

namespace satchel::holder {

namespace {

// The newest stamp on anything of each node that was taken since.
Result<std::unordered_set<NodeId>> heard_since(const ReadTxn& txn, WallTime since) {
  std::unordered_set<NodeId> heard;
  SATCHEL_GET(cursor, txn.cursor(Table::stamps));
  SATCHEL_GET(last, cursor->seek_before({}));
  // Stamps stand by their batch, batches by arrival: what is old arrived late at worst, so all are looked at.
  for (auto at = last; at;) {
    Reader in(at->value);
    const auto stamp = Stamp::decode(in.sized(kStoreValueBytesMax));
    if (stamp && since <= stamp->time) {
      SATCHEL_GET(batch, node::batch_at(txn, be64(at->key)));
      heard.insert(batch.batch.author.node);
    }
    SATCHEL_GET(previous, cursor->prev());
    at = previous;
  }
  return heard;
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
  SATCHEL_GET(heard, heard_since(reading->txn(), out.since));
  for (const auto& [id, node] : directory->nodes()) {
    const Person* person = node.kind == NodeKind::device ? directory->person(node.person) : nullptr;
    const bool counts = person != nullptr && person->active() && node.state() == NodeState::confirmed &&
                        person->id != book.me() && reads_of(me, *person);
    if (!counts) continue;
    ++out.devices;
    if (!heard.contains(id)) out.silent.push_back(person->name);
  }
  std::ranges::sort(out.silent);
  return out;
}

}  // namespace satchel::holder
