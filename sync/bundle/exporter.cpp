// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/exporter.h"

#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace {

constexpr std::size_t kShortIdMin = 4;
constexpr std::size_t kHeadsPerFrame = 4096;  // about 400 KiB

bool begins(std::string_view id, std::string_view part) { return part.size() >= kShortIdMin && id.starts_with(part); }

}  // namespace

Result<Recipient> find_recipient(const Directory& directory, std::string_view name) {
  std::vector<Recipient> found;
  std::vector<Recipient> by_id;
  for (const auto& [id, node] : directory.nodes()) {
    if (node.kind != NodeKind::hub || node.state() != NodeState::confirmed) continue;
    const Branch* branch = directory.branch(node.branch);
    const bool top = node.hq_hub && (name == "HQ" || name == "hq" || name == "总部");
    if (top || node.name == name || (branch != nullptr && (branch->name == name || branch->code == name)))
      found.push_back(to_hub(id));
    if (begins(id.hex(), name)) by_id.push_back(to_hub(id));
  }
  for (const auto& [id, person] : directory.people()) {
    if (!person.active()) continue;
    if (person.name == name) found.push_back(to_person(id));
    if (begins(id.hex(), name)) by_id.push_back(to_person(id));
  }
  if (found.empty()) found = std::move(by_id);
  if (found.empty()) return fail(ErrorKind::not_found, "bundle.no-recipient", std::string(name));
  if (found.size() > 1) return fail(ErrorKind::conflict, "bundle.ambiguous", std::string(name));
  return found.front();
}

std::string name_of(const Directory& directory, const NodeId& id) {
  const KnownNode* node = directory.node(id);
  if (node == nullptr) return id.hex();
  const Person* person = directory.person(node->person);
  if (person != nullptr) return person->name;
  return node->name.empty() ? id.hex() : node->name;
}

std::string name_of(const Directory& directory, const Recipient& recipient) {
  if (recipient.kind == RecipientKind::hub) return name_of(directory, NodeId::of(recipient.id));
  const Person* person = directory.person(PersonId::of(recipient.id));
  return person != nullptr ? person->name : hex(recipient.id);
}

Result<Exported> export_bundle(node::Replica& replica, const ExportWishes& wishes) {
  SATCHEL_TRY(replica.refresh());
  return Exporter(replica, wishes).run();
}

Result<Exported> Exporter::run() {
  obeyed_ = replica_.obeyed();
  directory_ = obeyed_->directory;
  SATCHEL_TRY(find_targets());
  SATCHEL_TRY(prepare());
  SATCHEL_TRY(learn_base());
  SATCHEL_TRY(open_writer());
  SATCHEL_TRY(put_standing());
  SATCHEL_TRY(put_acknowledgements());
  SATCHEL_TRY(writer_->end_chunk());
  if (!wishes_.list_only) SATCHEL_TRY(put_content());
  SATCHEL_TRY(put_holdings());
  if (!wishes_.list_only) SATCHEL_TRY(put_blobs());
  txn_.reset();
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    // Only now: an export that was refused, or ran out of room, has used up none.
    SATCHEL_GET(ours, claim_number(txn, wishes_.to, out_.number));
    if (!ours) return fail(ErrorKind::conflict, "bundle.at-once", bundle::name_of(*directory_, wishes_.to));
    return bundle::put_given(txn, wishes_.to, out_.number, given_);
  }));
  SATCHEL_GET(files, writer_->finish());
  out_.files = std::move(files);
  out_.bytes = writer_->bytes();
  return std::move(out_);
}

Result<void> Exporter::put_content() {
  if (down_ || shared_) SATCHEL_TRY(put_directory());
  SATCHEL_TRY(put_statements());
  SATCHEL_TRY(writer_->end_chunk());
  if (up_) {
    SATCHEL_TRY(put_owed_and_repairs());
    SATCHEL_TRY(put_runs());
    SATCHEL_TRY(put_queued_wraps());
  }
  if (down_) {
    SATCHEL_TRY(put_feeds());
    SATCHEL_TRY(put_receipts());
  }
  if (shared_) {
    SATCHEL_TRY(put_shared());
    SATCHEL_TRY(put_stamps_of_theirs());
  }
  return writer_->end_chunk();
}

Result<void> Exporter::find_targets() {
  const auto& self = replica_.self();
  const KnownNode* me = directory_->node(self.identity.id);
  if (me == nullptr || me->state() != NodeState::confirmed) return fail(ErrorKind::permission, "bundle.unconfirmed");
  const bool to_a_hub = wishes_.to.kind == RecipientKind::hub;
  const auto add = [&](const KnownNode& node) {
    if (node.state() == NodeState::confirmed && node.id != self.identity.id && usable(node.box))
      targets_.push_back({node.id, 0, node.box});
  };
  const KnownNode* hub = to_a_hub ? directory_->node(NodeId::of(wishes_.to.id)) : nullptr;
  if (hub != nullptr && hub->id == self.identity.id) return fail(ErrorKind::usage, "bundle.to-self");
  if (hub != nullptr && hub->kind == NodeKind::hub) add(*hub);
  if (!to_a_hub) {
    for (const KnownNode* node : directory_->nodes_of(PersonId::of(wishes_.to.id))) add(*node);
  }
  if (targets_.empty() || targets_.size() > kRecipientsMax)
    return fail(ErrorKind::failed, "bundle.nobody", bundle::name_of(*directory_, wishes_.to));
  for (const auto& target : targets_) {
    for (const auto& audience : node::followed(*directory_, target.node)) audiences_.insert(audience);
  }
  // A hub hands down to whoever follows it; to headquarters, as from a device to any hub, everything goes up.
  down_ = is_hub() && (!to_a_hub || me->hq_hub);
  up_ = to_a_hub && !down_;
  shared_ = !is_hub() && !to_a_hub;
  out_.devices = targets_.size();
  return {};
}

// What is to go is made whole first: own entries are in batches.
Result<void> Exporter::prepare() {
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    if (!is_hub()) SATCHEL_TRY(node::seal_outbox(txn, replica_.author()));
    for (auto& target : targets_) {
      SATCHEL_GET(no, node::node_no(txn, target.node));
      target.no = no;
    }
    SATCHEL_GET(number, next_number(txn, wishes_.to));
    out_.number = number;
    SATCHEL_GET(waiting, unacknowledged(txn, wishes_.to));
    out_.outstanding = waiting.size();
    SATCHEL_GET(last, node::last_ordinal(txn));
    last_ = given_.heads = last;
    SATCHEL_GET(life, node::hub_incarnation(txn, targets_.front().node));
    if (up_) SATCHEL_TRY(blob::make_due(txn, targets_.front().no, std::max<std::uint32_t>(life, 1)));
    return {};
  });
}

Result<void> Exporter::learn_base() {
  SATCHEL_GET(txn, reading());
  bool first = true;
  for (const auto& target : targets_) {
    SATCHEL_GET(stands, standing(*txn, target.no));
    Base base;
    if (stands) {
      SATCHEL_GET(received, wire::Received::decode(stands->sync));
      const auto& sync = std::get<wire::Sync>(received.frame());
      base.directory = sync.directory;
      base.order_hash = sync.order_hash;
      if (sync.hub == replica_.self().chain()) {
        base.receipts = sync.receipts;
        for (const auto& mark : sync.feeds) base.feeds[mark.audience] = {mark.position, mark.stamps};
      }
      hub_life_ = stands->incarnation;
    }
    if (std::exchange(first, false)) {
      base_ = std::move(base);
      continue;
    }
    // As far as all of them are.
    if (base.directory < base_.directory) {
      base_.directory = base.directory;
      base_.order_hash = base.order_hash;
    }
    base_.receipts = std::min(base_.receipts, base.receipts);
    for (auto& [audience, cursor] : base_.feeds) {
      const auto other = base.feeds.find(audience);
      const auto theirs = other == base.feeds.end() ? node::FeedCursor{} : other->second;
      cursor = {std::min(cursor.position, theirs.position), std::min(cursor.stamps, theirs.stamps)};
    }
  }
  SATCHEL_GET(met, node::hub_incarnation(*txn, targets_.front().node));
  hub_life_ = std::max({hub_life_, met, std::uint32_t{1}});
  // A position we both have must have the same history.
  SATCHEL_GET(held, node::order_hash_at(*txn, base_.directory));
  if (!held.none() && !base_.order_hash.none() && held != base_.order_hash)
    return fail(ErrorKind::integrity, "directory.fork");
  return {};
}

Result<void> Exporter::open_writer() {
  const auto& self = replica_.self();
  Header header;
  header.org = self.org;
  header.id = out_.id = given_.id = random_id<BundleId>(replica_.entropy());
  header.from = self.chain();
  header.to = wishes_.to;
  header.number = out_.number;
  header.made = replica_.clock().wall();
  const Secret32 key = Secret32::random(replica_.entropy());
  Boxer boxer(replica_.entropy());
  const Bytes bound = bound_to(header);
  for (const auto& target : targets_) header.boxes.push_back({target.node, boxer.box(target.box, bound, key.view())});
  SATCHEL_GET(writer, PartWriter::open({wishes_.folder, wishes_.part_bytes, std::move(header), key, self.identity.sign,
                                        replica_.entropy()}));
  writer_ = std::move(writer);
  return {};
}

Result<const ReadTxn*> Exporter::reading() {
  txn_.reset();
  SATCHEL_GET(txn, replica_.store().begin_read());
  txn_ = std::move(txn);
  return txn_.get();
}

bool Exporter::may_have(const node::StoredArchive& info) const {
  const auto readers = node::readers_of(*directory_, info, replica_.clock().wall());
  return std::ranges::any_of(readers, [&](const AudienceId& a) { return audiences_.contains(a); });
}

// What was said of an archive concerns whoever could read it then, also who lost it by that very word.
bool Exporter::may_hear(const node::StoredArchive& info, const Position& said) const {
  const auto readers = directory_->readers_around(node::access_of(info), said);
  return std::ranges::any_of(readers, [&](const AudienceId& a) { return audiences_.contains(a); });
}

// ---- about ourselves ----

Result<void> Exporter::put_standing() {
  SATCHEL_GET(txn, reading());
  wire::Synced built_on;  // what the pages below take for granted
  built_on.receipts = base_.receipts;
  for (const auto& audience : audiences_) {
    const auto cursor = base_.feeds.find(audience);
    const auto at = cursor == base_.feeds.end() ? node::FeedCursor{} : cursor->second;
    if (down_) built_on.feeds.push_back({audience, at.position, at.stamps});
  }
  SATCHEL_TRY(send(built_on));
  wire::Sync sync;
  sync.directory = directory_->position();
  sync.order_hash = directory_->last_order_hash();
  if (wishes_.to.kind == RecipientKind::hub) {
    const auto& hub = targets_.front();
    SATCHEL_GET(marks, node::peer_marks(*txn, hub.no, hub_life_));
    sync.hub = {hub.node, hub_life_};
    sync.receipts = marks.receipts;
    for (const auto& audience : node::followed(*directory_, replica_.self().identity.id)) {
      SATCHEL_GET(cursor, node::feed_cursor(*txn, hub.no, hub_life_, audience));
      sync.feeds.push_back({audience, cursor.position, cursor.stamps});
    }
  }
  return send(sync);
}

Result<void> Exporter::put_acknowledgements() {
  SATCHEL_GET(txn, reading());
  wire::Submitted refused;
  for (const auto& target : targets_) {
    SATCHEL_GET(all, taken_from(*txn, target.no));
    std::erase_if(all, [](const auto& t) { return !t.second.complete || t.second.acknowledged; });
    if (all.size() > kBundlesTold) all.erase(all.begin(), all.end() - kBundlesTold);
    for (const auto& [source, taken] : all) {
      SATCHEL_GET(outcomes, outcomes_of(*txn, source));
      const Acknowledgement ack{{target.node, source.incarnation}, source.number, taken.id, std::move(outcomes)};
      SATCHEL_TRY(writer_->add(RecordKind::acknowledgement, encode(ack)));
      ++out_.acknowledged;
    }
    if (!all.empty()) given_.acknowledged.push_back(all.back().first);
    SATCHEL_GET(results, refused_of(*txn, target.no));
    refused.results.insert(refused.results.end(), results.begin(), results.end());
  }
  // Statements of theirs that headquarters refused later.
  SATCHEL_GET(pending, node::all_pending(*txn));
  for (const auto& p : pending) {
    if (p.status != wire::SubmitStatus::refused || !is_hub()) continue;
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    if (std::ranges::find(targets_, envelope.statement().by, &Target::node) != targets_.end())
      refused.results.push_back({p.id, p.status, p.code});
  }
  if (refused.results.size() > wire::kStatementsMax) refused.results.resize(wire::kStatementsMax);
  return refused.results.empty() ? Result<void>{} : send(refused);
}

Result<std::vector<ArchiveId>> Exporter::moved_since_told(const ReadTxn& txn) {
  node::Ordinal told = last_;
  for (const auto& target : targets_) {
    SATCHEL_GET(up_to, told_up_to(txn, target.no));
    told = std::min(told, up_to);
  }
  std::set<ArchiveId> moved;
  SATCHEL_GET(archives, node::archive_count(txn));
  if (last_ - told > archives) {
    SATCHEL_TRY(scan_prefix(txn, Table::archives, {}, [&](KeyValue pair) {
      moved.insert(ArchiveId::of(pair.key));
      return true;
    }));
  } else {
    for (auto at = told + 1; at <= last_; ++at) {
      SATCHEL_GET(entry, node::entry_at(txn, at));
      moved.insert(entry.header.archive);
    }
  }
  return std::vector<ArchiveId>(moved.begin(), moved.end());
}

Result<void> Exporter::put_holdings() {
  SATCHEL_GET(first, reading());
  SATCHEL_GET(moved, moved_since_told(*first));
  for (std::size_t at = 0; at < moved.size(); at += kPageArchives) {
    SATCHEL_GET(txn, reading());
    wire::Want page;
    std::size_t heads = 0;
    SATCHEL_TRY(
        put_holding(*txn, std::span(moved).subspan(at, std::min(kPageArchives, moved.size() - at)), page, heads));
    if (!page.items.empty()) SATCHEL_TRY(send(page));
  }
  return {};
}

Result<void> Exporter::put_holding(const ReadTxn& txn, std::span<const ArchiveId> archives, wire::Want& page,
                                   std::size_t& heads) {
  for (const auto& id : archives) {
    SATCHEL_GET(no, node::find_archive(txn, id));
    if (!no) continue;
    SATCHEL_GET(info, node::archive_info(txn, *no));
    // A person is told of no archive that is not theirs; a hub sees the clear parts of all anyway.
    if (!info || (wishes_.to.kind == RecipientKind::person && !may_have(*info))) continue;
    SATCHEL_GET(held, node::heads_of(txn, *no));
    if (heads + held.size() > kHeadsPerFrame && !page.items.empty()) {
      SATCHEL_TRY(send(page));
      page.items.clear();
      heads = 0;
    }
    wire::ArchiveHeads item{id, {}, false};
    for (const auto& h : held) item.heads.push_back(h.chain);
    heads += held.size();
    if (item.heads.size() > wire::kHeadsPerArchiveMax) item.heads.resize(wire::kHeadsPerArchiveMax);
    page.items.push_back(std::move(item));
    ++out_.archives_told;
  }
  return {};
}

}  // namespace satchel::bundle
