// SPDX-License-Identifier: AGPL-3.0-or-later
// What becomes of statements at a hub: headquarters' gives them their place, others keep them for the way up; and how a
// restored headquarters comes by the order again (replica.h).
#include "schema/wire/limits.h"
#include "sync/node/copies.h"
#include "sync/node/replica.h"

namespace satchel::node {

namespace {

constexpr const char* kCrowded = "directory.crowded";  // no refusal: it is not kept here, and may come again

// The word that lets this life of headquarters' hub order: it names the head this log stands at.
bool resumes_here(const Self& self, const Envelope& envelope) {
  if (envelope.statement().kind != StatementKind::order_resumed) return false;
  const auto said = decode_payload<payload::OrderResumed>(envelope.statement().payload);
  return said && said->incarnation == self.identity.incarnation;
}

// What was handed in while nothing could be ordered, in the order in which it came.
Result<void> order_waiting(WriteTxn& txn, Effects& effects, Replica& replica) {
  SATCHEL_GET(waiting, all_pending(txn));
  for (auto& p : waiting) {
    if (p.status == wire::SubmitStatus::refused) continue;
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    const auto allowed = effects.directory().check(envelope, replica.clock().wall());
    // Its author hands it in again and is told why then.
    if (!allowed) SATCHEL_TRY(erase_pending(txn, p.id));
    if (allowed) SATCHEL_TRY(order_statement(txn, effects, replica, envelope));
  }
  return {};
}

// Whose share of what is kept a statement takes: its author's, or the one of all strangers.
std::optional<NodeId> share_of(const Directory& directory, const Envelope& envelope) {
  const NodeId& by = envelope.statement().by;
  if (by.none() || directory.node(by) != nullptr) return by;
  return std::nullopt;
}

// Nobody fills a hub with what is never ordered. What headquarters refused of the same author goes first: who asks for
// it again is told again.
Result<bool> room_to_keep(WriteTxn& txn, const Directory& directory, std::span<const Pending> kept,
                          const Envelope& envelope) {
  const auto share = share_of(directory, envelope);
  const std::size_t most = share ? kKeptPerAuthorMax : kKeptOfStrangersMax;
  std::size_t count = 1;
  std::size_t bytes = envelope.encode().size();
  std::vector<const Pending*> refused;
  for (const auto& p : kept) {
    SATCHEL_GET(decoded, decode_envelope(p.envelope));
    if (share_of(directory, decoded) != share) continue;
    ++count;
    bytes += p.envelope.size();
    if (p.status == wire::SubmitStatus::refused) refused.push_back(&p);
  }
  for (const Pending* p : refused) {
    if (count <= most && bytes <= kKeptBytesMax) break;
    SATCHEL_TRY(erase_pending(txn, p->id));
    --count;
    bytes -= p->envelope.size();
  }
  return count <= most && bytes <= kKeptBytesMax;
}

Result<wire::SubmitResult> keep_statement(WriteTxn& txn, Effects& effects, const Envelope& envelope) {
  SATCHEL_GET(known, all_pending(txn));
  for (const auto& p : known) {
    if (p.id == envelope.id()) return wire::SubmitResult{p.id, p.status, p.code};
  }
  SATCHEL_GET(room, room_to_keep(txn, effects.directory(), known, envelope));
  if (!room) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::pending, kCrowded};
  SATCHEL_TRY(put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
  effects.pending_changed();
  return wire::SubmitResult{envelope.id(), wire::SubmitStatus::pending, {}};
}

}  // namespace

Result<void> lease_due_numbers(WriteTxn& txn, Effects& effects, Replica& replica) {
  const auto& self = replica.self();
  if (!may_order(self, effects.directory())) return {};
  for (const auto& task : effects.directory().upkeep(self.identity.id)) {
    const auto* lease = std::get_if<LeaseNumbers>(&task);
    if (lease == nullptr) continue;
    const Speaker speaker{self.org, self.identity.id, {}, effects.directory().position(), replica.clock().wall()};
    payload::NumberRange range;
    range.node = lease->node;
    range.incarnation = lease->incarnation;
    range.first = lease->first;
    range.count = lease->count;
    const Envelope envelope = make_statement(speaker, self.identity.sign, range, replica.entropy());
    if (!effects.directory().check(envelope, replica.clock().wall())) continue;
    SATCHEL_TRY(order_statement(txn, effects, replica, envelope));
  }
  return {};
}

namespace {

// What can never be in order is not carried up: it would be kept until headquarters refuses it. What else is wrong with
// it headquarters judges, which may know more.
std::string never_in_order(const Directory& directory, Replica& replica, const Envelope& envelope) {
  // What else is wrong with it may be found before its signature is looked at.
  if (is_forged(directory, envelope)) return "directory.bad-signature";
  const auto checked = directory.check(envelope, replica.clock().wall());
  if (checked) return {};
  const std::string& code = checked.error().code;
  for (const std::string_view never :
       {"directory.bad-signature", "directory.bad-payload", "directory.wrong-organisation", "directory.wrong-scope"}) {
    if (code == never) return code;
  }
  return {};
}

// Whether what a person may read fits the device that is being invited.
Result<bool> room_for_invited(const ReadTxn& txn, const Directory& directory, Replica& replica,
                              const Statement& statement) {
  if (statement.kind != StatementKind::invitation) return true;
  const auto invited = decode_payload<payload::Invitation>(statement.payload);
  if (!invited || invited->purpose != InvitePurpose::person) return true;
  const auto limit = volume_limit(directory);
  SATCHEL_GET(sure, surely_within(txn, limit, replica.store().bytes_at_most()));
  if (sure) return true;
  SATCHEL_GET(volume, volume_for(txn, replica.sizes(), directory, invited->person, replica.clock().wall()));
  return limit.holds(volume);
}

constexpr std::int64_t kShareDay = 86'400'000;

// Who admits people and directs archives has much to say on some days.
bool decides(const Directory& directory, const KnownNode& node) {
  if (node.state() != NodeState::confirmed) return false;
  if (node.kind == NodeKind::hub) return true;
  const Person* person = directory.person(node.person);
  return person != nullptr && person->active() &&
         (person->role() == Role::archive_administrator || person->role() == Role::general_manager ||
          person->role() == Role::branch_manager);
}

// Counts it, unless its author has said as much today as it may.
Result<bool> within_share(WriteTxn& txn, const Directory& directory, const Envelope& envelope, WallTime now) {
  const KnownNode* author = directory.node(envelope.statement().by);
  if (author == nullptr || decides(directory, *author)) return true;
  const Bytes key = Writer(32).raw(view("said:")).raw(author->id.view()).take();
  const std::int64_t today = now.ms / kShareDay;
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;
  SATCHEL_GET(known, txn.get(Table::meta, key));
  if (known) {
    Reader in(*known);
    const bool same_day = in.i64() == today;
    count = in.u32();
    bytes = in.u64();
    if (!in.done()) return damaged("said");
    if (!same_day) count = 0, bytes = 0;
  }
  bytes += envelope.encode().size();
  if (count >= kSaidPerDayMax || bytes > kSaidBytesPerDayMax) return false;
  SATCHEL_TRY(txn.put(Table::meta, key, Writer(32).i64(today).u32(count + 1).u64(bytes).bytes()));
  return true;
}

}  // namespace

bool is_forged(const Directory& directory, const Envelope& envelope) {
  const NodeId& by = envelope.statement().by;
  const KnownNode* author = directory.node(by);
  const SignPublic* key = author != nullptr ? &author->sign : by.none() ? &directory.root() : nullptr;
  return directory.founded() && key != nullptr && !envelope.signed_by(*key);
}

Result<wire::SubmitResult> take_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope) {
  if (effects.directory().has(envelope.id())) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::ordered, {}};
  const KnownNode* me = effects.directory().node(replica.self().identity.id);
  const bool top = me != nullptr && me->hq_hub;
  const bool resumes = top && !may_order(replica.self(), effects.directory()) && resumes_here(replica.self(), envelope);
  const bool orders = may_order(replica.self(), effects.directory());
  if (!resumes && !orders) {
    if (const auto never = never_in_order(effects.directory(), replica, envelope); !never.empty())
      return wire::SubmitResult{envelope.id(), wire::SubmitStatus::refused, never};
    return keep_statement(txn, effects, envelope);
  }
  SATCHEL_GET(frozen, directory_frozen(txn, effects.directory().position()));
  if (frozen && !resumes) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::pending, "directory.frozen"};
  auto allowed = effects.directory().check(envelope, replica.clock().wall());
  // One that names another life of ours would leave nobody to order.
  const bool elsewhere = orders && envelope.statement().kind == StatementKind::order_resumed;
  if (allowed && elsewhere) allowed = fail(ErrorKind::conflict, "directory.stale-head");
  if (!allowed) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::refused, allowed.error().code};
  SATCHEL_GET(room, room_for_invited(txn, effects.directory(), replica, envelope.statement()));
  if (!room) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::refused, kReplicaOverLimit};
  SATCHEL_GET(within, within_share(txn, effects.directory(), envelope, replica.clock().wall()));
  if (!within) return wire::SubmitResult{envelope.id(), wire::SubmitStatus::pending, kCrowded};
  SATCHEL_TRY(order_statement(txn, effects, replica, envelope));
  if (resumes) SATCHEL_TRY(order_waiting(txn, effects, replica));
  SATCHEL_TRY(lease_due_numbers(txn, effects, replica));
  return wire::SubmitResult{envelope.id(), wire::SubmitStatus::ordered, {}};
}

Result<std::size_t> take_order_back(WriteTxn& txn, Effects& effects, Replica& replica,
                                    std::span<const wire::DirectoryRun> runs) {
  // The order of statements is headquarters' word alone: all of it is tried first, against the head it signed.
  Directory trial = effects.directory();
  View head;
  for (const auto& run : runs) {
    for (const auto& record : run.records) {
      SATCHEL_GET(ordered, decode_ordered(record.ordered));
      if (ordered.position <= trial.position()) continue;
      std::optional<Envelope> envelope;
      if (!record.envelope.empty()) {
        SATCHEL_GET(decoded, decode_envelope(record.envelope));
        envelope = std::move(decoded);
      }
      SATCHEL_TRY(trial.apply(ordered, envelope ? &*envelope : nullptr));
    }
    if (!run.head.empty()) head = run.head;
  }
  SATCHEL_GET(signed_head, decode_head(head));
  if (signed_head.position != trial.position()) return fail(ErrorKind::integrity, "directory.bad-head");
  SATCHEL_TRY(trial.check_head(signed_head));
  std::size_t fresh = 0;
  for (const auto& run : runs) {
    SATCHEL_GET(taken, take_directory(txn, effects, replica, run));
    fresh += taken;
  }
  return fresh;
}

}  // namespace satchel::node
