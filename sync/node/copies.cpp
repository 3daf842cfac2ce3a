// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/copies.h"

namespace satchel::node {

namespace {

constexpr Byte kNumberLetter = 'n';

// In batch_index, told from the other rows by its length.
Bytes number_key(NodeNo author, const Batch& batch) {
  Bytes key{kNumberLetter};
  put_be32(key, author);
  put_be32(key, batch.author.incarnation);
  put_be64(key, batch.number);
  return key;
}

Result<void> say_frozen(WriteTxn& txn, Effects& effects, Replica& replica, const payload::NodeFrozen& found) {
  const auto& self = replica.self();
  const Directory& directory = effects.directory();
  const Speaker speaker{self.org, self.identity.id, {}, directory.position(), replica.clock().wall()};
  const Envelope envelope = make_statement(speaker, self.identity.sign, found, replica.entropy());
  if (!directory.check(envelope, replica.clock().wall())) return {};
  if (may_order(self, directory)) return order_statement(txn, effects, replica, envelope);
  SATCHEL_TRY(put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
  effects.pending_changed();
  return {};
}

}  // namespace

Result<void> look_for_copies(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel) {
  SATCHEL_GET(author, find_node(txn, parcel.batch.author.node));
  if (!author) return {};
  SATCHEL_GET(known, txn.get(Table::batch_index, number_key(*author, parcel.batch)));
  if (!known) return {};
  SATCHEL_GET(other, batch_at(txn, be64(*known)));
  if (batch_id(other.signed_bytes.bytes) == parcel.id) return {};
  SATCHEL_GET(obeyed, replica.obeyed_in(txn, effects));
  const KnownNode* node = obeyed.directory->node(parcel.batch.author.node);
  const auto life = parcel.batch.author.incarnation;
  // Frozen already: however many lives it makes up, one word is enough.
  if (node == nullptr || node->frozen_now() ||
      std::ranges::any_of(node->freezes, [&](const LifeMark& f) { return f.incarnation >= life; }))
    return {};
  payload::NodeFrozen found{node->id, other.signed_bytes, parcel.signed_bytes};
  if (parcel.id < batch_id(other.signed_bytes.bytes)) std::swap(found.first, found.second);
  return say_frozen(txn, effects, replica, found);
}

Result<void> note_number(WriteTxn& txn, const VerifiedParcel& parcel, BatchNo batch) {
  SATCHEL_GET(author, node_no(txn, parcel.batch.author.node));
  const Bytes key = number_key(author, parcel.batch);
  SATCHEL_GET(known, txn.get(Table::batch_index, key));
  if (known) return {};
  return txn.put(Table::batch_index, key, key_of(batch));
}

}  // namespace satchel::node
