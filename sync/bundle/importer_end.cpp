// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/planted.h"
#include "sync/bundle/importer.h"
#include "sync/bundle/limits.h"
#include "sync/node/grants.h"

namespace satchel::bundle {

// ---- what became of a bundle of ours ----

Result<void> Importer::take_acknowledgement(WriteTxn& txn, const Acknowledgement& ack) {
  if (ack.sender != replica_.self().chain()) return {};  // another device of the person, or a former life
  const NodeId& from = reader_.header().from.node;
  const KnownNode* sender = replica_.directory()->node(from);
  if (sender == nullptr) return {};
  if (sender->kind == NodeKind::hub) return settle_given(txn, to_hub(from), ack);
  return settle_given(txn, to_person(sender->person), ack);
}

Result<void> Importer::settle_given(WriteTxn& txn, const Recipient& to, const Acknowledgement& ack) {
  SATCHEL_GET(found, given(txn, to, ack.number));
  if (!found || found->id != ack.id) return {};  // acknowledged before
  ++step_.acknowledged;
  if (to.kind == RecipientKind::hub) SATCHEL_TRY(settle_hub(txn, *found, ack));
  SATCHEL_GET(told, told_up_to(txn, source_.node));
  SATCHEL_TRY(set_told(txn, source_.node, std::max(told, found->heads)));
  for (const auto& source : found->acknowledged) {
    if (source.node == source_.node) SATCHEL_TRY(settle(txn, source));
  }
  SATCHEL_TRY(forget_refused(txn, source_.node));
  for (const auto& name : found->told) {
    SATCHEL_TRY(forget_whole(txn, source_.node, name));
    SATCHEL_TRY(forget_wanted(txn, source_.node, name));
  }
  // Other devices of a person acknowledge in their own time.
  if (to.kind == RecipientKind::hub) return forget_given(txn, to, ack.number);
  return ack.number > kBundlesTold ? forget_given(txn, to, ack.number - kBundlesTold) : Result<void>{};
}

// As the hub's answers on a line do.
Result<void> Importer::settle_hub(WriteTxn& txn, const Given& found, const Acknowledgement& ack) {
  // It only listed what is here.
  if (found.end == 0) return {};
  const auto life = reader_.header().from.incarnation;
  SATCHEL_GET(marks, node::peer_marks(txn, source_.node, life));
  // What was owed, and sent again in this bundle, is settled, but for what is owed still.
  SATCHEL_GET(owed, node::owed(txn, source_.node, life));
  for (const auto batch : owed) SATCHEL_TRY(node::settle_owed(txn, source_.node, life, batch));
  for (const auto& id : ack.outcomes.owed) {
    SATCHEL_GET(batch, node::find_batch(txn, id));
    if (batch) SATCHEL_TRY(node::owe(txn, source_.node, life, *batch));
  }
  SATCHEL_TRY(forget_repairs(txn, source_.node));
  for (const auto& r : ack.outcomes.refused) {
    if (r.verdict == wire::EntryVerdict::gap) SATCHEL_TRY(put_repair(txn, source_.node, r.archive));
    if (r.verdict != wire::EntryVerdict::rejected) continue;
    ++step_.rejected;
    SATCHEL_TRY(node::note_refusal(txn, r.archive, r.first_seq, r.code));
  }
  for (const auto& wrap : found.wraps) SATCHEL_TRY(node::unqueue_wrap(txn, wrap));
  marks.pushed = std::max(marks.pushed, found.end);
  return node::put_peer_marks(txn, source_.node, life, marks);
}

// ---- when the last part is in ----

Result<void> Importer::finish() {
  std::vector<Waiting> pages;
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(rows, waiting(*txn, Waits::page, source_));
    pages = std::move(rows);
  }
  std::map<AudienceId, std::uint64_t> reached;
  for (const auto& [audience, cursor] : taken_.from) reached[audience] = cursor.position;
  for (const auto& page : pages) {
    step_ = {};
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) { return finish_page(txn, page, reached); }));
    out_.add(step_);
  }
  taken_.complete = true;
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    const auto life = reader_.header().from.incarnation;
    SATCHEL_GET(left, waiting(txn, Waits::directory, source_));
    for (const auto& row : left) SATCHEL_TRY(erase_waiting(txn, row));
    for (const auto& [audience, up_to] : taken_.stamps) {
      const auto from = taken_.from.find(audience);
      if (up_to == 0 || up_to == UINT64_MAX || from == taken_.from.end()) continue;
      if (audience.none()) {
        SATCHEL_GET(marks, node::peer_marks(txn, source_.node, life));
        if (marks.receipts < from->second.stamps) continue;
        marks.receipts = std::max(marks.receipts, up_to);
        SATCHEL_TRY(node::put_peer_marks(txn, source_.node, life, marks));
        continue;
      }
      SATCHEL_GET(cursor, node::feed_cursor(txn, source_.node, life, audience));
      if (cursor.stamps < from->second.stamps) continue;
      cursor.stamps = std::max(cursor.stamps, up_to);
      SATCHEL_TRY(node::put_feed_cursor(txn, source_.node, life, audience, cursor));
    }
    return put_taken(txn, source_, taken_);
  });
}

// Pages of an audience follow one another: the cursor moves past one only from where it begins, and if what it
// promised came.
Result<void> Importer::finish_page(WriteTxn& txn, const Waiting& one, std::map<AudienceId, std::uint64_t>& reached) {
  SATCHEL_GET(bytes, waiting_bytes(txn, one));
  SATCHEL_GET(received, wire::Received::decode(bytes));
  const auto& page = std::get<wire::Touched>(received.frame());
  SATCHEL_TRY(erase_waiting(txn, one));
  const auto from = reached.find(page.audience);
  if (from == reached.end()) return {};
  const auto life = reader_.header().from.incarnation;
  SATCHEL_GET(cursor, node::feed_cursor(txn, source_.node, life, page.audience));
  SATCHEL_GET(came, kept(txn, page));
  if ((!came && !SATCHEL_PLANTED(bundle_cursor_leaps)) || cursor.position < from->second) {
    ++step_.pages_unkept;
    reached.erase(from);
    return {};
  }
  from->second = page.up_to;
  if (page.up_to <= cursor.position) return {};
  cursor.position = page.up_to;
  return node::put_feed_cursor(txn, source_.node, life, page.audience, cursor);
}

Result<bool> Importer::kept(const ReadTxn& txn, const wire::Touched& page) {
  SATCHEL_GET(marks, node::peer_marks(txn, source_.node, reader_.header().from.incarnation));
  for (const auto& item : page.items) {
    SATCHEL_GET(no, node::find_archive(txn, item.archive));
    if (!no) return false;
    SATCHEL_GET(heads, node::heads_of(txn, *no));
    if (node::digest_of(heads) == item.heads) continue;
    // More than promised is no broken promise: entries that the hub has yet to be given, by us or through us.
    bool ahead = false;
    for (const auto& h : heads) {
      if (h.last <= marks.pushed) continue;
      SATCHEL_GET(run, node::run_of(txn, h.last));
      ahead = ahead || !run || run->from != source_.node;
    }
    if (!ahead) return false;
  }
  return true;
}

}  // namespace satchel::bundle
