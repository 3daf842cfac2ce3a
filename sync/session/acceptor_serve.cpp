// SPDX-License-Identifier: AGPL-3.0-or-later
// The serving half of Acceptor: what goes out, produced piece by piece while the backlog is small.
#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/node/handed_down.h"
#include "sync/node/parcel.h"
#include "sync/node/untold.h"
#include "sync/session/acceptor.h"

namespace satchel::session {

namespace {

constexpr std::size_t kSignedOverhead = 48;  // pointers and padding of one signed item in a frame

std::size_t size_of(const std::vector<Bytes>& frames) {
  std::size_t bytes = 0;
  for (const auto& f : frames) bytes += f.size();
  return bytes;
}

}  // namespace

Result<void> Acceptor::pump() {
  if (!syncing_ && serving_.empty() && wants_.empty()) return {};
  // What was asked for while it was theirs may have been taken from them since.
  refresh_followed();
  SATCHEL_GET(txn, port_.replica().store().begin_read());
  while (state_ == State::serving && backlog_ + size_of(out_) < kBacklogBytes && size_of(out_) < kTurnBytes) {
    // Directory first: what follows may need its people and keys.
    SATCHEL_GET(directory, pump_directory(*txn));
    if (directory || hand_down()) continue;
    SATCHEL_GET(served, pump_serve(*txn));
    if (served) continue;
    SATCHEL_GET(receipts, pump_receipts(*txn));
    if (receipts) continue;
    SATCHEL_GET(feed, pump_feed(*txn));
    if (feed) continue;
    if (backlog_ + size_of(out_) >= kBlobBacklogBytes) break;
    SATCHEL_GET(piece, pump_blobs(*txn));
    if (!piece) break;
  }
  return {};
}

Result<bool> Acceptor::pump_directory(const ReadTxn& txn) {
  if (!directory_at_) return false;
  const bool hub = hub_;
  const auto read = [&](std::span<const Position> besides) {
    return node::run_after(
        txn, *directory_at_,
        [&](const ArchiveId& archive, const Position& at) {
          return hub || std::ranges::find(besides, at) != besides.end() || may_hear(txn, archive, at);
        },
        directory_end());
  };
  SATCHEL_GET(run, read({}));
  const KnownNode* node = obeyed_->ordered->node(peer());
  if (node != nullptr && node->kind == NodeKind::device && run.given.contains(node->person)) {
    // Before what would mislead it, or it would be told never, should the line be cut between them.
    SATCHEL_GET(places, node::places_untold(txn, *obeyed_->ordered, node->person));
    SATCHEL_TRY(send_said(txn, places));
    if (!places.empty()) {
      SATCHEL_GET(again, read(places));
      run = std::move(again);
    }
  }
  wire::DirectoryRun frame;
  for (const auto& r : run.records) frame.records.push_back({r.ordered, r.envelope});
  frame.head = run.head;
  if (!frame.records.empty()) send(frame);
  if (!run.records.empty()) {
    SATCHEL_GET(last, decode_ordered(run.records.back().ordered));
    told_ = last.position;
  }
  if (run.more) {
    directory_at_ = told_;
  } else {
    directory_at_.reset();
    told_ = std::max(told_, directory_end());
  }
  return true;
}

// How far the peer may be told, as we know the order: the transaction may have more of it than we have judged yet.
Position Acceptor::directory_end() const { return std::min(directory_last_, obeyed_->ordered->position()); }

// How far the peer is told of the order, and what takes from it before there is one. Staff names and packs are not for
// who left; the statement that says so is. One that is not ordered yet can be judged by what its author had seen.
Result<void> Acceptor::look_for_takings(const ReadTxn& txn, const wire::Sync& sync) {
  directory_last_ = {UINT32_MAX, UINT64_MAX};
  auto& replica = port_.replica();
  SATCHEL_GET(taking, node::to_hand_down(txn, *obeyed_, peer(), replica.clock().wall()));
  for (auto& statement : taking.statements) {
    if (handed_down_.insert(statement.id).second) handing_down_.push_back(std::move(statement.envelope));
  }
  if (!lost_at(*obeyed_->directory)) return {};
  directory_last_ = lost_at(*obeyed_->ordered).value_or(std::max(sync.directory, taking.seen));
  if (SATCHEL_PLANTED(directory_after_the_end)) directory_last_ = obeyed_->ordered->position();
  if (directory_last_ <= sync.directory) directory_at_.reset();
  return {};
}

bool Acceptor::hand_down() {
  wire::DirectoryRun frame;
  std::size_t bytes = 0;
  for (const auto& envelope : handing_down_) {
    bytes += envelope.size() + 16;
    if (!frame.waiting.empty() && (bytes > kTurnBytes || frame.waiting.size() == wire::kStatementsMax)) break;
    frame.waiting.push_back(envelope);
  }
  if (frame.waiting.empty()) return false;
  send(frame);
  handing_down_.erase(handing_down_.begin(), handing_down_.begin() + static_cast<std::ptrdiff_t>(frame.waiting.size()));
  return true;
}

// As many as a frame may hold. A place is passed only with the last stamp of its batch, so a batch of more stamps than
// that takes several frames.
Result<void> Acceptor::gather_stamps(const ReadTxn& txn, std::span<const node::Receipt> receipts, StampJob& job,
                                     std::vector<SignedBytes>& stamps) {
  std::size_t bytes = 0;
  for (const auto& r : receipts) {
    SATCHEL_GET(of_batch, node::stamps_of(txn, r.batch));
    for (; job.sent < of_batch.size(); ++job.sent) {
      auto& stamp = of_batch[job.sent].signed_bytes;
      bytes += stamp.bytes.size() + sizeof(stamp.signature) + kSignedOverhead;
      if (!stamps.empty() && (stamps.size() == wire::kReceiptsMax || bytes > kTurnBytes)) return {};
      stamps.push_back(std::move(stamp));
    }
    job.at = r.position;
    job.sent = 0;
  }
  return {};
}

Result<bool> Acceptor::pump_receipts(const ReadTxn& txn) {
  while (!stamps_.empty()) {
    StampJob& job = stamps_.front();
    SATCHEL_GET(receipts, node::receipts_after(txn, job.channel, job.at, wire::kReceiptsMax / 4));
    if (receipts.empty()) {
      stamps_.pop_front();
      continue;
    }
    std::vector<SignedBytes> stamps;
    SATCHEL_TRY(gather_stamps(txn, receipts, job, stamps));
    wire::Receipts frame;
    frame.audience = job.audience;
    frame.up_to = job.at;
    frame.more = true;
    for (const auto& s : stamps) frame.stamps.push_back({s.bytes, s.signature});
    send(frame);
    return true;
  }
  return false;
}

Result<bool> Acceptor::may_have(const ReadTxn& txn, const ArchiveId& archive, node::StoredArchive& info) {
  SATCHEL_GET(no, node::find_archive(txn, archive));
  if (!no) return false;
  SATCHEL_GET(found, node::archive_info(txn, *no));
  if (!found) return false;
  info = std::move(*found);
  return follows(info) || SATCHEL_PLANTED(wants_served_to_anybody);
}

bool Acceptor::follows(const node::StoredArchive& info) const {
  const auto readers = node::readers_of(*obeyed_->directory, info, port_.replica().clock().wall());
  return std::ranges::any_of(readers, [&](const AudienceId& a) { return followed_.contains(a); });
}

// Only a person's device is limited; what it may hold is worked out when something new would come to it, and again when
// there are more archives.
Result<bool> Acceptor::has_room(const ReadTxn& txn, const node::StoredArchive& info) {
  const Directory& directory = *obeyed_->directory;
  const KnownNode* node = directory.node(peer());
  if (node == nullptr || node->kind != NodeKind::device) return true;
  const auto limit = node::volume_limit(directory);
  auto& replica = port_.replica();
  SATCHEL_GET(archives, node::archive_count(txn));
  if (!room_ || room_archives_ != archives) {
    room_archives_ = archives;
    room_.emplace();
    SATCHEL_GET(sure, node::surely_within(txn, limit, replica.store().bytes_at_most()));
    if (sure) {
      room_->assign(archives, true);
    } else {
      const std::vector<AudienceId> followed(followed_.begin(), followed_.end());
      SATCHEL_GET(readable,
                  node::readable_by(txn, replica.sizes(), directory, followed, node->person, replica.clock().wall()));
      room_ = node::within(std::move(readable), limit);
    }
  }
  return info.no <= room_->size() && (*room_)[info.no - 1];
}

// What was said of an archive concerns whoever could read it then, also who lost it by that very word.
bool Acceptor::may_hear(const ReadTxn& txn, const ArchiveId& archive, const Position& at) {
  const auto no = node::find_archive(txn, archive);
  const auto info =
      no && *no ? node::archive_info(txn, **no) : Result<std::optional<node::StoredArchive>>(std::nullopt);
  if (!info || !*info) return false;
  const auto readers = obeyed_->directory->readers_around(node::access_of(**info), at);
  return std::ranges::any_of(readers, [&](const AudienceId& a) { return followed_.contains(a); });
}

bool Acceptor::orders_nothing() const {
  const auto& self = port_.replica().self();
  const auto directory = port_.replica().directory();
  const KnownNode* me = directory->node(self.identity.id);
  return me != nullptr && me->hq_hub && !node::may_order(self, *directory);
}

Result<bool> Acceptor::pump_feed(const ReadTxn& txn) {
  if (!syncing_ || pages_.size() >= kPagesInFlight) return false;
  if (feeds_.empty()) {
    // Nothing more will come in this round; pages already sent are finished by Want and Served.
    wire::Synced synced;
    synced.round = round_;
    if (port_.replica().obeyed() == round_obeyed_) synced.through = through_;
    // Said, not left to be concluded: who lost every right is not told how the order went on.
    synced.order_waits = orders_nothing();
    send(synced);
    syncing_ = false;
    if (std::exchange(news_, false)) {
      send(wire::Notify{});
    } else {
      waiting_ = true;
    }
    return false;
  }
  // What was said since goes before the pages that were turned by it, or they would pass over it.
  if (told_ < directory_end()) {
    directory_at_ = told_;
    return true;
  }
  SATCHEL_GET(end, node::directory_end(txn));
  if (obeyed_->ordered->position() < end) {
    // There already, and not judged by us yet: these pages come with the next round.
    feeds_.clear();
    through_ = {};
    return true;
  }
  FeedJob& job = feeds_.front();
  SATCHEL_GET(items, node::feed_after(txn, job.audience, job.at, wire::kTouchedItemsMax / 2));
  if (items.empty()) {
    feeds_.pop_front();
    return true;
  }
  wire::Touched page;
  page.page = next_page_++;
  page.audience = job.audience;
  std::vector<Position> said;
  for (const auto& item : items) {
    if (said.size() >= kStatementsPerRun) break;  // the rest comes with the next page
    page.up_to = item.position;
    SATCHEL_GET(info, node::archive_info(txn, item.archive));
    if (!info) continue;
    // It may have been for them once, and be so no more.
    const auto readers = node::readers_of(*obeyed_->directory, *info, port_.replica().clock().wall());
    const bool theirs = std::ranges::find(readers, job.audience) != readers.end() || SATCHEL_PLANTED(former_reader_fed);
    add_said_of(*info, theirs, said);
    if (!theirs) continue;
    SATCHEL_GET(heads, node::heads_of(txn, item.archive));
    SATCHEL_GET(wraps, node::wraps_mark(txn, item.archive, job.audience));
    page.items.push_back({info->id, node::digest_of(heads), wraps});
  }
  job.at = page.up_to;
  pages_.push_back({page.page, page.audience, false});
  SATCHEL_TRY(send_said(txn, std::move(said)));
  send(page);
  return true;
}

// Statements about an archive may have been withheld from the follower, who could not see it then, or from our
// judgement, because it had not reached us. Who lost it is told what he could hear.
void Acceptor::add_said_of(const node::StoredArchive& info, bool theirs, std::vector<Position>& places) const {
  const auto& directory = *obeyed_->ordered;
  if (!theirs) {
    std::ranges::copy(directory.heard(node::access_of(info), followed_), std::back_inserter(places));
    return;
  }
  const auto said = directory.archive_facts().find(info.id);
  if (said == directory.archive_facts().end()) return;
  for (const auto& fact : said->second) places.push_back(fact.said.at);
}

// What lies beyond the peer's directory comes in its turn.
Result<void> Acceptor::send_said(const ReadTxn& txn, std::vector<Position> places) {
  std::erase_if(places, [&](const Position& at) { return told_ < at; });
  return node::each_run(txn, places, kTurnBytes, [this](const wire::DirectoryRun& run) -> Result<void> {
    send(run);
    return {};
  });
}

void Acceptor::handle(const wire::Want& want) {
  const auto page = std::ranges::find(pages_, want.page, &Page::number);
  if (page == pages_.end()) return drop("session.unknown-page");
  if (std::exchange(page->wanted, true)) return drop("session.unknown-page", "wanted twice");
  ServeJob job;
  job.page = want.page;
  job.audience = page->audience;
  job.items = want.items;
  job.served.page = want.page;
  serving_.push_back(std::move(job));
}

Result<void> Acceptor::plan(const ReadTxn& txn, ServeJob& job) {
  job.planned = true;
  std::vector<node::BatchPart> parts;
  std::size_t behind_heads = 0;
  for (auto& item : job.items) {
    node::StoredArchive info;
    SATCHEL_GET(allowed, may_have(txn, item.archive, info));
    if (!allowed) {
      job.served.gone.push_back(item.archive);
      continue;
    }
    // What is on the device already goes on.
    if (item.heads.empty()) {
      SATCHEL_GET(room, has_room(txn, info));
      if (!room) {
        job.served.kept_back.push_back(item.archive);
        continue;
      }
    }
    SATCHEL_GET(difference, node::difference(txn, info.no, item.heads));
    for (auto& part : difference.parts) parts.push_back(std::move(part));
    if (difference.ahead) {
      SATCHEL_GET(heads, node::heads_of(txn, info.no));
      behind_heads += heads.size();
      wire::ArchiveHeads behind{item.archive, {}, false};
      for (const auto& h : heads) behind.heads.push_back(h.chain);
      // The rest is told of by a later page, or when it is pushed.
      if (behind_heads <= wire::kHeadsPerFrameMax / 4) job.served.behind.push_back(std::move(behind));
    }
    if (!item.want_wraps || !followed_.contains(job.audience)) continue;
    SATCHEL_GET(wraps, node::wraps_for(txn, info.no, job.audience));
    for (auto& w : wraps) job.wraps.push_back(std::move(w));
  }
  job.items.clear();
  job.parts = node::by_batch(std::move(parts));
  return {};
}

Result<bool> Acceptor::pump_serve(const ReadTxn& txn) {
  if (serving_.empty()) return false;
  ServeJob& job = serving_.front();
  if (!job.planned) SATCHEL_TRY(plan(txn, job));
  if (job.next_part < job.parts.size()) {
    SATCHEL_GET(frame, node::build_parcel(txn, job.parts[job.next_part++], 0, false));
    out_.push_back(std::move(frame));
    return true;
  }
  // A page of archives with several epochs each has more of them than a frame holds.
  const auto wraps = std::span(job.wraps).subspan(job.next_wrap);
  if (wraps.size() > wire::kWrapsMax) {
    const auto part = wraps.first(wire::kWrapsMax);
    job.next_wrap += part.size();
    send(wire::Served{job.page, {}, {part.begin(), part.end()}, {}, {}, true});
    return true;
  }
  job.served.wraps.assign(wraps.begin(), wraps.end());
  send(job.served);
  std::erase_if(pages_, [&](const Page& p) { return p.number == job.page; });
  serving_.pop_front();
  return true;
}

}  // namespace satchel::session
