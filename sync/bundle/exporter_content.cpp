// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/exporter.h"
#include "sync/bundle/limits.h"
#include "sync/node/grants.h"
#include "sync/node/handed_down.h"
#include "sync/node/untold.h"

namespace satchel::bundle {

namespace {

constexpr std::size_t kFrameTarget = 256 * 1024;  // frames that gather small things stop here
constexpr std::size_t kParcelsPerLook = 32;       // parcels built in one read transaction

}  // namespace

// Ordered statements, what archives are concerned as far as the recipients may see them.
Result<void> Exporter::put_directory() {
  const bool hub = wishes_.to.kind == RecipientKind::hub;
  std::vector<node::Pending> taking;
  SATCHEL_GET(until, look_for_takings(taking));
  std::set<PersonId> recipients;
  for (const auto& target : targets_) {
    const KnownNode* node = obeyed_->ordered->node(target.node);
    if (!hub && node != nullptr) recipients.insert(node->person);
  }
  for (Position at = base_.directory; at < until;) {
    SATCHEL_GET(txn, reading());
    std::vector<Position> untold;
    const auto may_see = [&](const ArchiveId& archive, const Position& said) {
      if (hub || std::ranges::find(untold, said) != untold.end()) return true;
      auto no = node::find_archive(*txn, archive);
      if (!no || !*no) return false;
      auto info = node::archive_info(*txn, **no);
      return info && *info && may_hear(**info, said);
    };
    SATCHEL_GET(run, node::run_after(*txn, at, may_see, until));
    for (const auto& person : recipients) {
      if (!run.given.contains(person)) continue;
      SATCHEL_GET(places, node::places_untold(*txn, *obeyed_->ordered, person));
      untold.insert(untold.end(), places.begin(), places.end());
    }
    if (!untold.empty()) {
      std::vector<Position> before;
      std::ranges::copy_if(untold, std::back_inserter(before), [&](const Position& place) { return place <= at; });
      SATCHEL_TRY(put_said(*txn, before));
      SATCHEL_GET(again, node::run_after(*txn, at, may_see, until));
      run = std::move(again);
    }
    wire::DirectoryRun frame;
    for (const auto& r : run.records) frame.records.push_back({r.ordered, r.envelope});
    frame.head = run.head;
    out_.directory += run.records.size();
    if (!frame.records.empty()) SATCHEL_TRY(send(frame));
    if (!run.more) break;
    SATCHEL_GET(last, decode_ordered(run.records.back().ordered));
    at = last.position;
  }
  wire::DirectoryRun handed_down;
  for (const auto& statement : taking) {
    handed_down.waiting.push_back(statement.envelope);
    if (handed_down.waiting.size() < kStatementsPerRun && &statement != &taking.back()) continue;
    SATCHEL_TRY(send(handed_down));
    handed_down.waiting.clear();
  }
  return writer_->end_chunk();
}

// What takes from the recipients and is not ordered yet, and how far they are told of the order: who lost every right
// is told that, and nothing that was said after it.
Result<Position> Exporter::look_for_takings(std::vector<node::Pending>& taking) {
  Position until{UINT32_MAX, UINT64_MAX};
  SATCHEL_GET(txn, reading());
  for (const auto& target : targets_) {
    SATCHEL_GET(found, node::to_hand_down(*txn, *obeyed_, target.node, replica_.clock().wall()));
    for (auto& statement : found.statements) {
      if (std::ranges::find(taking, statement.id, &node::Pending::id) == taking.end())
        taking.push_back(std::move(statement));
    }
    if (!directory_->lost_at(target.node)) continue;
    const auto ordered = obeyed_->ordered->lost_at(target.node);
    until = std::min(until, ordered.value_or(std::max(base_.directory, found.seen)));
  }
  return until;
}

Result<void> Exporter::put_statements() {
  if (!up_) return {};
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(pending, node::all_pending(*txn));
  wire::Submit submit;
  std::size_t bytes = 0;
  for (const auto& p : pending) {
    if (p.status == wire::SubmitStatus::refused) continue;
    if (bytes + p.envelope.size() > kFrameTarget && !submit.envelopes.empty()) {
      SATCHEL_TRY(send(submit));
      submit.envelopes.clear();
      bytes = 0;
    }
    submit.envelopes.push_back(p.envelope);
    bytes += p.envelope.size() + 16;
    ++out_.statements;
  }
  return submit.envelopes.empty() ? Result<void>{} : send(submit);
}

Result<void> Exporter::put_parcel(const ReadTxn& txn, const node::BatchPart& part, bool with_wraps) {
  SATCHEL_GET(frame, node::build_parcel(txn, part, 0, with_wraps));
  out_.entries += part.ordinals.size();
  return writer_->add(RecordKind::frame, frame);
}

// ---- up ----

// Everything past the mark that did not come from there, in the order it came: what follows never lacks what it
// follows.
Result<void> Exporter::put_runs() {
  const auto& hub = targets_.front();
  SATCHEL_GET(first, reading());
  SATCHEL_GET(marks, node::peer_marks(*first, hub.no, hub_life_));
  given_.end = marks.pushed;
  for (bool more = true; more;) {
    SATCHEL_GET(txn, reading());
    for (std::size_t i = 0; i < kParcelsPerLook && more; ++i) {
      SATCHEL_GET(next, node::next_outgoing(*txn, hub.no, given_.end));
      given_.end = next.end;
      more = next.part.has_value() && next.end <= last_;
      if (!next.part) break;
      SATCHEL_GET(part, lacking_there(*txn, *next.part));
      if (!part.ordinals.empty()) SATCHEL_TRY(put_parcel(*txn, part, true));
    }
  }
  return {};
}

// What the hub told by a bundle of its own that it holds does not go again.
Result<node::BatchPart> Exporter::lacking_there(const ReadTxn& txn, const node::BatchPart& part) {
  node::BatchPart out{part.batch, {}};
  for (const auto ordinal : part.ordinals) {
    SATCHEL_GET(entry, node::entry_at(txn, ordinal));
    SATCHEL_GET(no, node::find_archive(txn, entry.header.archive));
    SATCHEL_GET(known, known_heads(txn, targets_.front().no, no.value_or(0)));
    const auto there = std::ranges::find(known, entry.header.chain, &ChainHead::chain);
    if (there == known.end() || there->head.seq < entry.header.seq) out.ordinals.push_back(ordinal);
  }
  return out;
}

Result<void> Exporter::put_owed_and_repairs() {
  const auto& hub = targets_.front();
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(batches, node::owed(*txn, hub.no, hub_life_));
  for (const auto no : batches) {
    SATCHEL_GET(ordinals, node::ordinals_of(*txn, no));
    if (!ordinals.empty()) SATCHEL_TRY(put_parcel(*txn, {no, std::move(ordinals)}, true));
  }
  SATCHEL_GET(archives, repairs(*txn, hub.no));
  std::vector<node::BatchPart> parts;
  for (const auto& id : archives) {
    SATCHEL_GET(no, node::find_archive(*txn, id));
    if (!no) continue;
    SATCHEL_GET(lacking, node::difference(*txn, *no, {}));
    for (auto& part : lacking.parts) parts.push_back(std::move(part));
  }
  for (const auto& part : node::by_batch(std::move(parts))) SATCHEL_TRY(put_parcel(*txn, part, true));
  return {};
}

Result<void> Exporter::put_queued_wraps() {
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(wraps, node::queued_wraps(*txn, wire::kWrapsMax));
  for (const auto& w : wraps) given_.wraps.push_back(wrap_hash(w));
  return put_wraps(wraps);
}

Result<void> Exporter::put_wraps(std::span<const Bytes> wraps) {
  wire::Wraps frame;
  std::size_t bytes = 0;
  for (const auto& w : wraps) {
    if (!frame.wraps.empty() && (bytes + w.size() > kFrameTarget || frame.wraps.size() == wire::kWrapsMax)) {
      SATCHEL_TRY(send(frame));
      frame.wraps.clear();
      bytes = 0;
    }
    frame.wraps.push_back(w);
    bytes += w.size() + 16;
  }
  out_.wraps += wraps.size();
  return frame.wraps.empty() ? Result<void>{} : send(frame);
}

// ---- down ----

Result<void> Exporter::put_feeds() {
  for (const auto& audience : audiences_) {
    const auto base = base_.feeds.find(audience);
    for (std::uint64_t at = base == base_.feeds.end() ? 0 : base->second.position;;) {
      SATCHEL_GET(txn, reading());
      SATCHEL_GET(items, node::feed_after(*txn, audience, at, kPageArchives));
      if (items.empty()) break;
      at = items.back().position;
      SATCHEL_TRY(put_page(*txn, audience, items));
    }
  }
  return {};
}

// What the page's archives should be at the other end stands behind what makes them so.
Result<void> Exporter::put_page(const ReadTxn& txn, const AudienceId& audience,
                                const std::vector<node::FeedItem>& items) {
  wire::Touched page;
  page.audience = audience;
  page.up_to = items.back().position;
  std::vector<node::ArchiveNo> fresh;
  std::vector<Bytes> wraps;
  std::vector<Position> heard;
  for (const auto& item : items) {
    SATCHEL_GET(info, node::archive_info(txn, item.archive));
    if (!info) continue;
    if (!may_have(*info)) {
      // It was theirs once: they may have lost it by that very word.
      std::ranges::copy(obeyed_->ordered->heard(node::access_of(*info), audiences_), std::back_inserter(heard));
      continue;
    }
    SATCHEL_GET(heads, node::heads_of(txn, item.archive));
    page.items.push_back({info->id, node::digest_of(heads), 0});
    if (sent_.insert(item.archive).second) fresh.push_back(item.archive);
    SATCHEL_TRY(add_wraps(txn, item.archive, audience, wraps));
  }
  SATCHEL_TRY(put_said(txn, heard));
  SATCHEL_TRY(put_archives(txn, fresh, {}, wraps));
  SATCHEL_TRY(put_wraps(wraps));
  return send(page);
}

Result<void> Exporter::add_wraps(const ReadTxn& txn, node::ArchiveNo archive, const AudienceId& audience,
                                 std::vector<Bytes>& wraps) {
  SATCHEL_GET(for_them, node::wraps_for(txn, archive, audience));
  for (auto& w : for_them) wraps.push_back(std::move(w));
  return {};
}

// Statements about the archives, and entries past what all are known to have; wraps for `audiences` of those that have
// news.
Result<void> Exporter::put_archives(const ReadTxn& txn, std::span<const node::ArchiveNo> archives,
                                    std::span<const AudienceId> audiences, std::vector<Bytes>& wraps) {
  SATCHEL_TRY(put_said_of(txn, archives));
  std::vector<node::BatchPart> parts;
  for (const auto no : archives) {
    SATCHEL_GET(known, known_by_all(txn, no));
    SATCHEL_GET(lacking, node::difference(txn, no, known));
    for (const auto& audience : audiences) {
      if (!lacking.parts.empty()) SATCHEL_TRY(add_wraps(txn, no, audience, wraps));
    }
    for (auto& part : lacking.parts) parts.push_back(std::move(part));
  }
  for (const auto& part : node::by_batch(std::move(parts))) SATCHEL_TRY(put_parcel(txn, part, false));
  return {};
}

Result<std::vector<ChainHead>> Exporter::known_by_all(const ReadTxn& txn, node::ArchiveNo archive) {
  SATCHEL_GET(common, known_heads(txn, targets_.front().no, archive));
  for (std::size_t i = 1; i < targets_.size(); ++i) {
    SATCHEL_GET(theirs, known_heads(txn, targets_[i].no, archive));
    std::erase_if(common, [&](ChainHead& head) {
      const auto other = std::ranges::find(theirs, head.chain, &ChainHead::chain);
      if (other != theirs.end() && other->head.seq < head.head.seq) head = *other;
      return other == theirs.end();
    });
  }
  return common;
}

// Statements about an archive are withheld from whoever may not see it yet: they are told again beside it.
Result<void> Exporter::put_said_of(const ReadTxn& txn, std::span<const node::ArchiveNo> archives) {
  const auto& all = obeyed_->ordered->archive_facts();  // what is obeyed before it is ordered has no place yet
  if (all.empty()) return {};
  std::vector<Position> places;
  for (const auto no : archives) {
    SATCHEL_GET(info, node::archive_info(txn, no));
    const auto said = info ? all.find(info->id) : all.end();
    if (said == all.end()) continue;
    std::set<Position> of_it;
    for (const auto& fact : said->second) of_it.insert(fact.said.at);
    places.insert(places.end(), of_it.begin(), of_it.end());
  }
  return put_said(txn, places);
}

Result<void> Exporter::put_said(const ReadTxn& txn, std::span<const Position> places) {
  return node::each_run(txn, places, kFrameTarget, [this](const wire::DirectoryRun& run) { return send(run); });
}

// Receipts for the recipients' own batches, and late stamps of what they follow.
Result<void> Exporter::put_receipts() {
  // Of several devices each has a place of its own: their cursors stay, and move when they meet us on a line.
  const bool one = targets_.size() == 1;
  for (const auto& target : targets_) SATCHEL_TRY(put_channel(target.node.bytes, {}, base_.receipts, one));
  for (const auto& audience : audiences_) {
    const auto base = base_.feeds.find(audience);
    SATCHEL_TRY(put_channel(audience.bytes, audience, base == base_.feeds.end() ? 0 : base->second.stamps, true));
  }
  return {};
}

Result<void> Exporter::put_channel(const node::Channel& channel, const AudienceId& audience, std::uint64_t after,
                                   bool moves) {
  for (;;) {
    SATCHEL_GET(txn, reading());
    SATCHEL_GET(receipts, node::receipts_after(*txn, channel, after, wire::kReceiptsMax / 4));
    if (receipts.empty()) return {};
    std::vector<node::StoredStamp> stamps;
    for (const auto& r : receipts) {
      SATCHEL_GET(of_batch, node::stamps_of(*txn, r.batch));
      if (!stamps.empty() && stamps.size() + of_batch.size() > wire::kReceiptsMax) break;
      if (of_batch.size() > wire::kReceiptsMax) of_batch.resize(wire::kReceiptsMax);
      for (auto& s : of_batch) stamps.push_back(std::move(s));
      after = r.position;
    }
    wire::Receipts frame;
    frame.audience = audience;
    frame.up_to = moves ? after : 0;
    for (const auto& s : stamps) frame.stamps.push_back({s.signed_bytes.bytes, s.signed_bytes.signature});
    out_.stamps += frame.stamps.size();
    SATCHEL_TRY(send(frame));
  }
}

// ---- from device to device ----

Result<void> Exporter::put_shared() {
  std::vector<node::ArchiveNo> archives;
  const std::vector<AudienceId> audiences(audiences_.begin(), audiences_.end());
  {
    SATCHEL_GET(txn, reading());
    SATCHEL_GET(count, node::archive_count(*txn));
    for (node::ArchiveNo no = 1; no <= count; ++no) {
      SATCHEL_GET(info, node::archive_info(*txn, no));
      if (info && info->opened && may_have(*info)) archives.push_back(no);
    }
  }
  for (std::size_t at = 0; at < archives.size(); at += kPageArchives) {
    SATCHEL_GET(txn, reading());
    const auto page = std::span(archives).subspan(at, std::min(kPageArchives, archives.size() - at));
    std::vector<Bytes> wraps;
    SATCHEL_TRY(put_archives(*txn, page, audiences, wraps));
    SATCHEL_TRY(put_wraps(wraps));
  }
  return {};
}

// We may have met a hub that the recipient has not: stamps of the recipient's own batches, newest first.
Result<void> Exporter::put_stamps_of_theirs() {
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(cursor, txn->cursor(Table::batches));
  std::vector<node::StoredStamp> stamps;
  const auto flush = [&]() -> Result<void> {
    wire::Receipts frame;
    for (const auto& s : stamps) frame.stamps.push_back({s.signed_bytes.bytes, s.signed_bytes.signature});
    out_.stamps += frame.stamps.size();
    if (!frame.stamps.empty()) SATCHEL_TRY(send(frame));
    stamps.clear();
    return {};
  };
  auto pair = cursor->seek_before({});
  for (std::size_t looked = 0; pair && *pair && looked < kBatchesLookedAt; ++looked, pair = cursor->prev()) {
    SATCHEL_GET(batch, node::batch_at(*txn, be64((*pair)->key)));
    if (std::ranges::find(targets_, batch.batch.author.node, &Target::node) == targets_.end()) continue;
    SATCHEL_GET(of_batch, node::stamps_of(*txn, batch.no));
    if (stamps.size() + of_batch.size() > wire::kReceiptsMax) SATCHEL_TRY(flush());
    for (auto& s : of_batch) stamps.push_back(std::move(s));
  }
  if (!pair) return std::unexpected(pair.error());
  return flush();
}

}  // namespace satchel::bundle
