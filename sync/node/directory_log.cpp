// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/directory_log.h"

#include "schema/base/planted.h"
#include "schema/wire/limits.h"
#include "sync/directory/limits.h"

namespace satchel::node {

namespace {

constexpr std::string_view kHeadKey = "directory_head";
constexpr std::string_view kForkKey = "directory_fork";
constexpr std::size_t kRunBytesMax = kFrameBytesMax / 2;
constexpr std::uint8_t kApplied = 1;  // had effect: need not be verified again on replay

Bytes position_key(const Position& p) {
  Bytes key = key_of(p.incarnation);
  put_be64(key, p.n);
  return key;
}

struct Stored {
  View ordered;
  bool applied = false;
  View envelope;
};

Result<Stored> read_stored(View value) {
  Reader in(value);
  Stored s;
  s.ordered = in.sized(Ordered::kBytes);
  s.applied = in.u8() == kApplied;
  s.envelope = in.raw(in.left());
  if (!in.ok()) return damaged("directory");
  return s;
}

Result<void> put_record(WriteTxn& txn, const Ordered& ordered, const Envelope* envelope, bool applied) {
  Writer out(512);
  out.sized(encode(ordered)).u8(applied ? kApplied : 0);
  if (envelope != nullptr) out.raw(envelope->encode());
  return txn.put(Table::directory, position_key(ordered.position), out.bytes());
}

}  // namespace

namespace {

Result<Directory> replay(const ReadTxn& txn, const OrgId& org, const Position& last = {UINT32_MAX, UINT64_MAX}) {
  Directory directory(org);
  SATCHEL_GET(cursor, txn.cursor(Table::directory));
  auto pair = cursor->seek({});
  while (pair && *pair && Position{be32((*pair)->key), be64((*pair)->key.subspan(4))} <= last) {
    SATCHEL_GET(stored, read_stored((*pair)->value));
    SATCHEL_GET(ordered, decode_ordered(stored.ordered));
    std::optional<Envelope> envelope;
    if (!stored.envelope.empty()) {
      SATCHEL_GET(decoded, decode_envelope(stored.envelope));
      envelope = std::move(decoded);
    }
    SATCHEL_TRY(
        directory.apply(ordered, envelope ? &*envelope : nullptr, stored.applied ? Trust::replay : Trust::check));
    pair = cursor->next();
  }
  if (!pair) return std::unexpected(pair.error());
  return directory;
}

}  // namespace

Result<Directory> load_directory(const ReadTxn& txn, const OrgId& org) {
  auto loaded = replay(txn, org);
  // It was in order when it was written: whatever does not hold now is the disk's doing, nobody's statement.
  if (!loaded && loaded.error().kind != ErrorKind::storage)
    return fail(ErrorKind::integrity, "log.damaged", "directory: " + loaded.error().code);
  return loaded;
}

Result<Position> directory_end(const ReadTxn& txn) {
  SATCHEL_GET(cursor, txn.cursor(Table::directory));
  SATCHEL_GET(last, cursor->seek_before({}));
  if (!last) return Position{};
  return Position{be32(last->key), be64(last->key.subspan(4))};
}

Result<Effect> append_ordered(WriteTxn& txn, Directory& directory, const Ordered& ordered, const Envelope* envelope) {
  SATCHEL_GET(effect, directory.apply(ordered, envelope));
  SATCHEL_TRY(put_record(txn, ordered, envelope, effect.outcome == Effect::Outcome::applied));
  SATCHEL_TRY(erase_pending(txn, ordered.statement));
  return effect;
}

namespace {

struct Past {
  Bytes key;
  Ordered ordered;
  Bytes envelope;
};

// As far as the head reaches that headquarters signed for it: without one it proves nothing.
Result<std::optional<payload::FormerOrder>> former_order(const ReadTxn& txn, const Position& after,
                                                         std::span<const Past> past) {
  SATCHEL_GET(bytes, directory_head(txn));
  const auto head = decode_head(bytes);
  if (!head) return std::nullopt;
  payload::FormerOrder out;
  out.after = after;
  out.head = bytes;
  for (const auto& [key, o, envelope] : past) {
    if (o.position > head->position || out.records.size() == kFormerRecordsMax) break;
    out.records.push_back({o.scope, o.position.incarnation, o.statement, o.envelope, o.hub_time});
    if (o.position == head->position) return out;
  }
  return std::nullopt;
}

// A restored headquarters goes on from a head before the end of this log, by an administrator's word. What stands past
// it here was told to nobody else that could be asked, and is handed in again.
Result<void> fall_back(WriteTxn& txn, Directory& directory, const Ordered& ordered, const Envelope& envelope,
                       TakenRun& out) {
  const auto gap = fail(ErrorKind::conflict, "directory.gap", std::to_string(ordered.position.n));
  if (envelope.statement().kind != StatementKind::order_resumed) return gap;
  const auto said = decode_payload<payload::OrderResumed>(envelope.statement().payload);
  if (!said || said->head.n + 1 != ordered.position.n) return gap;
  SATCHEL_GET(held, order_hash_at(txn, said->head));
  if (held != said->order_hash) return fail(ErrorKind::integrity, "directory.fork", std::to_string(said->head.n));
  SATCHEL_GET(before, replay(txn, directory.org(), said->head));
  // Tried on what was so at that head: only who was an administrator then can say it.
  Directory trial = before;
  SATCHEL_TRY(trial.apply(ordered, &envelope));
  std::vector<Past> past;
  SATCHEL_GET(cursor, txn.cursor(Table::directory));
  auto pair = cursor->seek(position_key({said->head.incarnation, said->head.n + 1}));
  for (; pair && *pair; pair = cursor->next()) {
    SATCHEL_GET(stored, read_stored((*pair)->value));
    SATCHEL_GET(order, decode_ordered(stored.ordered));
    past.push_back({copy((*pair)->key), order, copy(stored.envelope)});
  }
  if (!pair) return std::unexpected(pair.error());
  SATCHEL_GET(former, former_order(txn, said->head, past));
  out.former = std::move(former);
  for (const auto& [key, order, bytes] : past) {
    SATCHEL_TRY(txn.erase(Table::directory, key));
    if (bytes.empty()) continue;
    SATCHEL_GET(undone, decode_envelope(bytes));
    // A hub's leases were its own to give, and a former order is no statement to make twice.
    const auto kind = undone.statement().kind;
    if (kind == StatementKind::number_range || kind == StatementKind::order_resumed) continue;
    SATCHEL_TRY(put_pending(txn, {undone.id(), bytes, wire::SubmitStatus::pending, {}}));
  }
  SATCHEL_TRY(txn.erase(Table::meta, view(kHeadKey)));
  // What was worked out from the directory is told by how much was said, which may come out the same again.
  for (const std::string_view mark : {"dropped_for", "wrapped_for", "looked_again_at"})
    SATCHEL_TRY(txn.erase(Table::meta, view(mark)));
  SATCHEL_TRY(set_counter(txn, "judged_at", UINT64_MAX));
  directory = std::move(before);
  out.undone += past.size();
  return {};
}

}  // namespace

Result<TakenRun> take_run(WriteTxn& txn, Directory& directory, const wire::DirectoryRun& run) {
  TakenRun out;
  for (const auto& record : run.records) {
    SATCHEL_GET(ordered, decode_ordered(record.ordered));
    std::optional<Envelope> envelope;
    if (!record.envelope.empty()) {
      SATCHEL_GET(decoded, decode_envelope(record.envelope));
      envelope = std::move(decoded);
    }
    if (ordered.position <= directory.position() && directory.has(ordered.statement)) {
      // Known; but it may have been withheld so far and be ours to see now, at the place where we have it.
      const auto withheld = directory.withheld().find(ordered.statement);
      const bool told = envelope && envelope->id() == ordered.statement && withheld != directory.withheld().end() &&
                        withheld->second == ordered;
      if (told && !SATCHEL_PLANTED(withheld_for_ever)) {
        SATCHEL_GET(effect, directory.reveal(*envelope));
        SATCHEL_TRY(put_record(txn, ordered, &*envelope, effect.outcome == Effect::Outcome::applied));
        ++out.records;
        if (effect.outcome == Effect::Outcome::applied) out.said.push_back(std::move(*envelope));
      }
      continue;
    }
    SATCHEL_GET(ours, order_hash_at(txn, ordered.position));
    if (!ours.none() && ours != order_hash(ordered)) return fail(ErrorKind::integrity, kDirectoryFork);
    SATCHEL_GET(frozen, directory_frozen(txn, ordered.position));
    if (frozen) break;
    const auto& here = directory.position();
    if (envelope && ordered.position.incarnation > here.incarnation && ordered.position.n <= here.n) {
      SATCHEL_TRY(fall_back(txn, directory, ordered, *envelope, out));
    }
    SATCHEL_GET(effect, append_ordered(txn, directory, ordered, envelope ? &*envelope : nullptr));
    ++out.records;
    if (effect.outcome == Effect::Outcome::applied) out.said.push_back(std::move(*envelope));
  }
  if (!run.head.empty()) {
    SATCHEL_GET(head, decode_head(run.head));
    SATCHEL_TRY(check_against(txn, directory, head));
    // An older one than ours must not take its place.
    if (head.position >= directory.position()) SATCHEL_TRY(put_head(txn, head));
  }
  return out;
}

namespace {

std::optional<PersonId> whom_it_gives(const Statement& said) {
  if (said.kind == StatementKind::handover) {
    const auto rule = decode_payload<payload::Handover>(said.payload);
    if (rule) return rule->to;
  }
  if (said.kind == StatementKind::person_changed) {
    const auto change = decode_payload<payload::PersonChanged>(said.payload);
    if (change) return change->person;
  }
  return std::nullopt;
}

}  // namespace

Result<RunBytes> run_after(const ReadTxn& txn, const Position& position, const MaySee& may_see, const Position& last) {
  RunBytes run;
  SATCHEL_GET(cursor, txn.cursor(Table::directory));
  auto pair = cursor->seek(position_key({position.incarnation, position.n + 1}));
  std::size_t bytes = 0;
  bool cut = false;
  while (pair && *pair) {
    const Position at{be32((*pair)->key), be64((*pair)->key.subspan(4))};
    cut = at > last;
    if (cut) break;
    SATCHEL_GET(stored, read_stored((*pair)->value));
    RunBytes::Record record{copy(stored.ordered), {}};
    std::optional<PersonId> given;
    if (!stored.envelope.empty()) {
      SATCHEL_GET(envelope, decode_envelope(stored.envelope));
      const auto& statement = envelope.statement();
      given = whom_it_gives(statement);
      if (statement.scope == Scope::organisation || may_see(statement.archive, at))
        record.envelope = copy(stored.envelope);
    }
    bytes += record.ordered.size() + record.envelope.size() + 48;
    if (!run.records.empty() && (bytes > kRunBytesMax || run.records.size() == wire::kStatementsMax)) {
      run.more = true;
      break;
    }
    run.records.push_back(std::move(record));
    if (given) run.given.insert(*given);
    pair = cursor->next();
  }
  if (!pair) return std::unexpected(pair.error());
  // The head is of the whole log.
  if (!run.more && !cut) {
    SATCHEL_GET(head, directory_head(txn));
    run.head = std::move(head);
  }
  return run;
}

Result<RunBytes::Record> record_at(const ReadTxn& txn, const Position& position) {
  SATCHEL_GET(found, txn.get(Table::directory, position_key(position)));
  if (!found) return fail(ErrorKind::not_found, "directory.no-record");
  SATCHEL_GET(stored, read_stored(*found));
  return RunBytes::Record{copy(stored.ordered), copy(stored.envelope)};
}

Result<void> each_run(const ReadTxn& txn, std::span<const Position> places, std::size_t bytes_most,
                      const std::function<Result<void>(const wire::DirectoryRun&)>& use) {
  std::vector<RunBytes::Record> records;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    wire::DirectoryRun run;
    for (const auto& record : records) run.records.push_back({record.ordered, record.envelope});
    if (!run.records.empty()) SATCHEL_TRY(use(run));
    records.clear();
    bytes = 0;
    return {};
  };
  for (const auto& place : places) {
    SATCHEL_GET(record, record_at(txn, place));
    const std::size_t size = record.ordered.size() + record.envelope.size();
    if (records.size() == kStatementsPerRun || bytes + size > bytes_most) SATCHEL_TRY(flush());
    bytes += size;
    records.push_back(std::move(record));
  }
  return flush();
}

Result<Position> place_before(const ReadTxn& txn, const Position& position) {
  SATCHEL_GET(cursor, txn.cursor(Table::directory));
  SATCHEL_GET(last, cursor->seek_before(position_key({position.incarnation, position.n + 1})));
  if (!last) return Position{};
  return Position{be32(last->key), be64(last->key.subspan(4))};
}

Result<Digest> order_hash_at(const ReadTxn& txn, const Position& position) {
  SATCHEL_GET(found, txn.get(Table::directory, position_key(position)));
  if (!found) return Digest{};
  SATCHEL_GET(stored, read_stored(*found));
  SATCHEL_GET(ordered, decode_ordered(stored.ordered));
  return order_hash(ordered);
}

Result<void> put_head(WriteTxn& txn, const DirectoryHead& head) {
  return txn.put(Table::meta, view(kHeadKey), encode(head));
}

Result<void> check_against(const ReadTxn& txn, const Directory& directory, const DirectoryHead& head) {
  SATCHEL_TRY(directory.check_head(head));
  if (head.position >= directory.position()) return {};
  SATCHEL_GET(ours, order_hash_at(txn, head.position));
  if (!ours.none() && ours != head.order_hash) return fail(ErrorKind::integrity, kDirectoryFork);
  return {};
}

Result<std::optional<DirectoryFork>> directory_fork(const ReadTxn& txn) {
  SATCHEL_GET(found, txn.get(Table::meta, view(kForkKey)));
  if (!found) return std::nullopt;
  constexpr std::size_t kHeadBytesMax = 512;
  Reader in(*found);
  DirectoryFork fork;
  fork.at.incarnation = in.u32();
  fork.at.n = in.u64();
  fork.told_by = NodeId::of(in.raw(NodeId::size));
  fork.noticed.ms = in.i64();
  fork.ours = copy(in.sized(kHeadBytesMax));
  fork.theirs = copy(in.sized(kHeadBytesMax));
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "directory_fork");
  return fork;
}

Result<void> note_directory_fork(WriteTxn& txn, DirectoryFork fork) {
  SATCHEL_GET(known, directory_fork(txn));
  if (known && (known->proven() || !fork.proven())) return {};
  SATCHEL_GET(ours, directory_head(txn));
  Writer out(512);
  out.u32(fork.at.incarnation).u64(fork.at.n).raw(fork.told_by.view()).i64(fork.noticed.ms);
  out.sized(ours).sized(fork.theirs);
  return txn.put(Table::meta, view(kForkKey), out.bytes());
}

Result<bool> directory_frozen(const ReadTxn& txn, const Position& next) {
  SATCHEL_GET(fork, directory_fork(txn));
  return fork && fork->proven() && next.incarnation <= fork->at.incarnation;
}

Result<Bytes> directory_head(const ReadTxn& txn) {
  SATCHEL_GET(head, txn.get(Table::meta, view(kHeadKey)));
  return head ? copy(*head) : Bytes{};
}

namespace {

// Kept in the order they were made: a later one may build on an earlier one.
struct PendingRow {
  std::uint64_t number = 0;
  Pending pending;
};

Result<std::vector<PendingRow>> pending_rows(const ReadTxn& txn) {
  std::vector<PendingRow> rows;
  bool sound = true;
  SATCHEL_TRY(scan_prefix(txn, Table::pending, {}, [&](KeyValue pair) {
    Reader in(pair.value);
    PendingRow row;
    row.number = be64(pair.key);
    row.pending.id = Digest::of(in.raw(Digest::size));
    row.pending.status = static_cast<wire::SubmitStatus>(in.u8());
    row.pending.code = in.string(256);
    row.pending.envelope = copy(in.raw(in.left()));
    sound = in.ok();
    rows.push_back(std::move(row));
    return sound;
  }));
  if (!sound) return damaged("pending");
  return rows;
}

}  // namespace

Result<void> put_pending(WriteTxn& txn, const Pending& pending) {
  SATCHEL_GET(rows, pending_rows(txn));
  const auto known = std::ranges::find(rows, pending.id, [](const PendingRow& r) { return r.pending.id; });
  const auto number = known != rows.end() ? known->number : rows.empty() ? 1 : rows.back().number + 1;
  Writer out(512);
  out.raw(pending.id.view()).u8(static_cast<std::uint8_t>(pending.status)).sized(pending.code).raw(pending.envelope);
  return txn.put(Table::pending, key_of(number), out.bytes());
}

Result<std::vector<Pending>> all_pending(const ReadTxn& txn) {
  SATCHEL_GET(rows, pending_rows(txn));
  std::vector<Pending> all;
  for (auto& row : rows) all.push_back(std::move(row.pending));
  return all;
}

Result<void> erase_pending(WriteTxn& txn, const Digest& id) {
  SATCHEL_GET(rows, pending_rows(txn));
  for (const auto& row : rows) {
    if (row.pending.id == id) SATCHEL_TRY(txn.erase(Table::pending, key_of(row.number)));
  }
  return {};
}

}  // namespace satchel::node
