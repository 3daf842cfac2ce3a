// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/handed_down.h"

#include "schema/wire/limits.h"

namespace satchel::node {

namespace {

// Asked before anything is verified: whom it names, as far as it names anybody.
bool names(const Statement& statement, const KnownNode& node) {
  switch (statement.kind) {
    case StatementKind::node_revoked: {
      const auto said = decode_payload<payload::NodeRevoked>(statement.payload);
      return said && said->node == node.id;
    }
    case StatementKind::node_frozen: {
      const auto said = decode_payload<payload::NodeFrozen>(statement.payload);
      return said && said->node == node.id;
    }
    case StatementKind::person_changed: {
      const auto said = decode_payload<payload::PersonChanged>(statement.payload);
      return said && said->person == node.person;
    }
    default:
      return statement.scope == Scope::archive;
  }
}

// Makes room among what others said of this node: what headquarters refused goes first.
Result<bool> room_among(WriteTxn& txn, std::vector<Pending>& kept, const KnownNode& self) {
  std::size_t count = 0;
  auto refused = kept.end();
  for (auto p = kept.begin(); p != kept.end(); ++p) {
    SATCHEL_GET(envelope, decode_envelope(p->envelope));
    if (envelope.statement().by == self.id || !names(envelope.statement(), self)) continue;
    ++count;
    if (refused == kept.end() && p->status == wire::SubmitStatus::refused) refused = p;
  }
  if (count < kHandedDownMax) return true;
  if (refused == kept.end()) return false;
  SATCHEL_TRY(erase_pending(txn, refused->id));
  kept.erase(refused);
  return true;
}

}  // namespace

Result<bool> takes_from(const ReadTxn& txn, const Directory& ordered, const NodeId& node, const Envelope& envelope,
                        WallTime now) {
  const KnownNode* known = ordered.node(node);
  const auto& statement = envelope.statement();
  if (known == nullptr || known->kind == NodeKind::hub || !names(statement, *known)) return false;
  std::optional<ArchiveAccess> access;
  if (statement.scope == Scope::archive) {
    SATCHEL_GET(no, find_archive(txn, statement.archive));
    if (!no) return false;
    SATCHEL_GET(info, archive_info(txn, *no));
    if (!info || !info->opened) return false;
    access = access_of(*info);
    if (!ordered.may_read(node, *access, now)) return false;
  }
  std::vector<Digest> obeyed;
  const Directory after = ordered.obeying({&envelope, 1}, obeyed);
  return !obeyed.empty() && !(access && after.may_read(node, *access, now));
}

Result<HandedDown> to_hand_down(const ReadTxn& txn, const Obeyed& obeyed, const NodeId& node, WallTime now) {
  HandedDown out;
  if (obeyed.restrictions.empty()) return out;
  SATCHEL_GET(pending, all_pending(txn));
  for (auto& p : pending) {
    if (std::ranges::find(obeyed.restrictions, p.id) == obeyed.restrictions.end()) continue;
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    SATCHEL_GET(takes, takes_from(txn, *obeyed.ordered, node, envelope, now));
    if (!takes) continue;
    out.seen = std::max(out.seen, envelope.statement().seen);
    out.statements.push_back(std::move(p));
  }
  return out;
}

Result<std::size_t> take_handed_down(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const View> waiting) {
  const Directory& directory = effects.directory();
  const KnownNode* self = directory.node(replica.self().identity.id);
  if (self == nullptr || self->kind == NodeKind::hub) return 0;
  if (waiting.empty()) return 0;
  SATCHEL_GET(kept, all_pending(txn));
  std::size_t fresh = 0;
  for (const View bytes : waiting) {
    auto envelope = decode_envelope(bytes);
    if (!envelope) return fail(ErrorKind::integrity, "session.bad-statement");
    if (is_forged(directory, *envelope)) return fail(ErrorKind::integrity, "directory.bad-signature");
    const bool known = std::ranges::find(kept, envelope->id(), &Pending::id) != kept.end();
    if (known || directory.has(envelope->id())) continue;
    SATCHEL_GET(takes, takes_from(txn, directory, self->id, *envelope, replica.clock().wall()));
    if (!takes) continue;
    SATCHEL_GET(room, room_among(txn, kept, *self));
    if (!room) break;
    kept.push_back({envelope->id(), copy(bytes), wire::SubmitStatus::pending, {}});
    SATCHEL_TRY(put_pending(txn, kept.back()));
    effects.pending_changed();
    ++fresh;
  }
  return fresh;
}

}  // namespace satchel::node
