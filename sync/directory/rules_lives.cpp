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

FormerPlaces places_of(const payload::FormerOrder& said, const Digest& order_hash) {
  FormerPlaces out{{}, order_hash};
  for (const auto& record : said.records) {
    Ordered o;
    o.scope = record.scope;
    o.position = {record.incarnation, said.after.n + out.places.size() + 1};
    o.statement = record.statement;
    o.envelope = record.envelope;
    o.prev = out.end;
    o.hub_time = record.hub_time;
    out.places.push_back(o.position);
    out.end = satchel::order_hash(o);
  }
  return out;
}

// Whoever brings it: headquarters signed the head then, and the chain leads to it from where it was resumed.
Result<void> demand(const Case& c, const payload::FormerOrder& said) {
  const auto bad = [](const char* what) { return refuse(ErrorKind::integrity, "bad-evidence", what); };
  const OrderLife* life = resumed_from(c.state, said.after);
  if (!life) return bad("no head that was resumed from");
  const auto head = decode_head(said.head);
  const auto* hub = head ? find_node(c.state, head->hub) : nullptr;
  if (!hub || !hub->hq_hub || hub->revoked || head->org != c.state.org) return bad("head");
  if (c.trust == Trust::check && !verify_head(*head, hub->sign)) return bad("head");
  const auto former = places_of(said, life->order_hash);
  const bool rises = std::ranges::is_sorted(former.places) && former.places.front() > said.after;
  if (!rises || head->position != former.places.back() || head->order_hash != former.end) return bad("order");
  const bool news = std::ranges::any_of(said.records, [&](const payload::FormerOrder::Record& record) {
    const auto& place = former.places[static_cast<std::size_t>(&record - said.records.data())];
    const auto known = c.state.former->find(record.statement);
    return known == c.state.former->end() || std::ranges::find(known->second, place) == known->second.end();
  });
  if (!news) return refuse(ErrorKind::conflict, "recalled-already");
  return {};
}

Result<void> demand(const Case& c, const payload::BackupKey& said) {
  if (!usable(said.key)) return refuse(ErrorKind::invalid, "bad-key");
  if (said.key == c.state.backup_key) return refuse(ErrorKind::conflict, "key-reused");
  return {};
}

}  // namespace satchel::directory
