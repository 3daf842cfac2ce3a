// SPDX-License-Identifier: AGPL-3.0-or-later
// What statements about the lives of nodes demand beyond the table of authority.
#include "sync/directory/rules.h"

namespace satchel::directory {

namespace {

Result<Batch> batch_of(const Case& c, const KnownNode& node, const SignedBytes& bytes) {
  auto batch = Batch::decode(bytes.bytes);
  const bool good =
      batch && batch->author.node == node.id && (c.trust == Trust::replay || verify_batch(bytes, node.sign));
  if (!good) return refuse(ErrorKind::integrity, "bad-evidence", node.id.hex());
  return batch;
}

}  // namespace

// Whoever brings them, two batches under one number prove that two held the pen.
Result<void> demand(const Case& c, const payload::NodeFrozen& said) {
  const auto* node = find_node(c.state, said.node);
  if (!node) return refuse(ErrorKind::not_found, "unknown-node", said.node.hex());
  const auto first = batch_of(c, *node, said.first);
  if (!first) return std::unexpected(first.error());
  const auto second = batch_of(c, *node, said.second);
  if (!second) return std::unexpected(second.error());
  const bool proof = first->author == second->author && first->number == second->number &&
                     batch_id(said.first.bytes) < batch_id(said.second.bytes);
  if (!proof) return refuse(ErrorKind::integrity, "bad-evidence", node->name);
  const bool known =
      std::ranges::any_of(node->freezes, [&](const LifeMark& f) { return f.incarnation >= first->author.incarnation; });
  if (known) return refuse(ErrorKind::conflict, "frozen", node->name);
  return {};
}

Result<void> demand(const Case& c, const payload::NodeRenewed& said) {
  if (said.node != c.actor.node) return refuse(ErrorKind::permission, "not-allowed", "a node says it of itself");
  const auto* node = find_node(c.state, said.node);
  if (node->lives.empty() || node->lives.back().incarnation < said.incarnation) return {};
  return refuse(ErrorKind::conflict, "former-life", node->name);
}

Result<void> demand(const Case& c, const payload::BackupKey& said) {
  if (!usable(said.key)) return refuse(ErrorKind::invalid, "bad-key");
  if (said.key == c.state.backup_key) return refuse(ErrorKind::conflict, "key-reused");
  return {};
}

}  // namespace satchel::directory
