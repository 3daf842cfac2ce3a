// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/hub_word.h"

#include "sync/node/replica.h"

namespace satchel::node {

namespace {

constexpr std::string_view kHubTime = "hub_time";
// Beside the peers' marks, whose numbers never reach this one.
constexpr std::uint32_t kBrokenMarks = 0xfffffffa;
// A grant that ran out about then may have been over by one clock and not by the other.
constexpr Millis kExpiryMargin{3'600'000};

// What was said of all feeds at once, beside those of the audiences.
AudienceId all_feeds() { return {}; }
AudienceId handed_up() {
  AudienceId id;
  id.bytes.fill(0xff);
  return id;
}

Bytes broken_key(NodeNo hub, std::uint32_t incarnation, const ArchiveId& archive, Breach breach) {
  Bytes key = key_of(kBrokenMarks, hub, incarnation);
  key.insert(key.end(), archive.bytes.begin(), archive.bytes.end());
  key.push_back(static_cast<Byte>(breach));
  return key;
}

Result<BrokenWord> read_word(const ReadTxn& txn, KeyValue pair) {
  BrokenWord word;
  Reader key(pair.key);
  key.raw(4);
  const NodeNo hub = be32(key.raw(4));
  word.hub.incarnation = be32(key.raw(4));
  word.archive = ArchiveId::of(key.raw(ArchiveId::size));
  word.breach = static_cast<Breach>(key.u8());
  SATCHEL_GET(node, node_of(txn, hub));
  word.hub.node = node;
  Reader in(pair.value);
  word.author.node = NodeId::of(in.raw(NodeId::size));
  word.author.incarnation = in.u32();
  word.seq = in.u64();
  word.through.ms = in.i64();
  word.at.incarnation = in.u32();
  word.at.n = in.u64();
  word.shown_by = NodeId::of(in.raw(NodeId::size));
  word.noticed.ms = in.i64();
  constexpr std::size_t kStampBytesMax = 96 + kRestrictionsMax * Digest::size;
  word.stamp.bytes = copy(in.sized(kStampBytesMax));
  word.stamp.signature = Signature::of(in.raw(Signature::size));
  if (!in.done() || !key.done()) return fail(ErrorKind::integrity, "log.damaged", "marks");
  return word;
}

bool vouches(const Stamp& stamp) { return stamp.whole && stamp.restrictions.empty(); }

// Whether the archive was in a feed that this hub said it had shown through after the stamp's time.
Result<std::optional<FeedCursor>> should_have_shown(const ReadTxn& txn, const Directory& directory,
                                                    const StoredArchive& info, NodeNo hub, const Stamp& stamp,
                                                    WallTime now) {
  const auto access = access_of(info);
  for (const auto& reader : directory.readers(access, now)) {
    SATCHEL_GET(cursor, feed_cursor(txn, hub, stamp.hub.incarnation, reader.audience));
    if (cursor.through < stamp.time || cursor.through.ms == 0) continue;
    const auto then = directory.readers_at(access, cursor.at, cursor.through + kExpiryMargin);
    if (std::ranges::find(then, reader.audience, &ArchiveReader::audience) != then.end()) return cursor;
  }
  return std::nullopt;
}

}  // namespace

Result<WallTime> hub_time(const ReadTxn& txn) {
  SATCHEL_GET(time, counter(txn, kHubTime));
  return WallTime{static_cast<std::int64_t>(time)};
}

Result<void> move_hub_time(WriteTxn& txn, WallTime clock) {
  SATCHEL_GET(time, hub_time(txn));
  if (clock <= time) return {};
  return set_counter(txn, kHubTime, static_cast<std::uint64_t>(clock.ms));
}

Result<WallTime> next_hub_time(WriteTxn& txn, WallTime clock) {
  SATCHEL_GET(time, hub_time(txn));
  const WallTime next = std::max(clock, time + Millis{1});
  SATCHEL_TRY(set_counter(txn, kHubTime, static_cast<std::uint64_t>(next.ms)));
  return next;
}

Result<void> forget_hub_time(WriteTxn& txn) { return set_counter(txn, kHubTime, 0); }

Result<bool> followed_further(const ReadTxn& txn, const Followed& followed) {
  SATCHEL_GET(known, feed_cursor(txn, followed.hub, followed.incarnation, all_feeds()));
  return followed.through > known.through || followed.at != known.at;
}

Result<void> note_followed(WriteTxn& txn, const Followed& followed) {
  const auto note = [&](const AudienceId& audience) -> Result<void> {
    SATCHEL_GET(cursor, feed_cursor(txn, followed.hub, followed.incarnation, audience));
    cursor.through = std::max(cursor.through, followed.through);
    cursor.at = followed.at;
    return put_feed_cursor(txn, followed.hub, followed.incarnation, audience, cursor);
  };
  for (const auto& audience : followed.audiences) SATCHEL_TRY(note(audience));
  return note(all_feeds());
}

Result<WallTime> shown_through(const ReadTxn& txn, NodeNo hub, std::uint32_t incarnation) {
  SATCHEL_GET(cursor, feed_cursor(txn, hub, incarnation, all_feeds()));
  return cursor.through;
}

Result<WallTime> handed_through(const ReadTxn& txn, NodeNo hub, std::uint32_t incarnation) {
  SATCHEL_GET(cursor, feed_cursor(txn, hub, incarnation, handed_up()));
  return cursor.through;
}

Result<void> note_handed(WriteTxn& txn, NodeNo hub, std::uint32_t incarnation, WallTime through) {
  SATCHEL_GET(cursor, feed_cursor(txn, hub, incarnation, handed_up()));
  if (through <= cursor.through) return {};
  cursor.through = through;
  return put_feed_cursor(txn, hub, incarnation, handed_up(), cursor);
}

Result<void> note_broken_word(WriteTxn& txn, const BrokenWord& word) {
  SATCHEL_GET(hub, node_no(txn, word.hub.node));
  const Bytes key = broken_key(hub, word.hub.incarnation, word.archive, word.breach);
  // The first evidence is enough; a stream of it must not fill the disk.
  SATCHEL_GET(known, txn.get(Table::marks, key));
  if (known) return {};
  Writer out(320);
  out.raw(word.author.node.view()).u32(word.author.incarnation).u64(word.seq).i64(word.through.ms);
  out.u32(word.at.incarnation).u64(word.at.n).raw(word.shown_by.view()).i64(word.noticed.ms);
  out.sized(word.stamp.bytes).raw(word.stamp.signature.view());
  return txn.put(Table::marks, key, out.bytes());
}

Result<std::vector<BrokenWord>> broken_words(const ReadTxn& txn) {
  std::vector<BrokenWord> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kBrokenMarks), [&](KeyValue pair) {
    auto word = read_word(txn, pair);
    if (!word) {
      inner = std::unexpected(word.error());
      return false;
    }
    out.push_back(std::move(*word));
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

Result<void> notice_kept_back(WriteTxn& txn, const Directory& directory, const Arrival& arrival) {
  for (const auto& s : arrival.stamps) {
    const Stamp& stamp = s.stamp;
    if (!vouches(stamp) || stamp.hub.node == arrival.self) continue;
    SATCHEL_GET(hub, find_node(txn, stamp.hub.node));
    if (!hub) continue;
    // Most of what comes was stamped after the last time the hub spoke.
    SATCHEL_GET(shown, shown_through(txn, *hub, stamp.hub.incarnation));
    SATCHEL_GET(handed, handed_through(txn, *hub, stamp.hub.incarnation));
    if (shown < stamp.time && handed < stamp.time) continue;
    for (const auto& info : arrival.touched) {
      BrokenWord word;
      word.hub = stamp.hub;
      word.archive = info.id;
      word.author = arrival.author;
      word.shown_by = arrival.from;
      word.noticed = arrival.now;
      word.stamp = s.signed_bytes;
      SATCHEL_GET(author, find_node(txn, arrival.author.node));
      SATCHEL_GET(head, author ? head_of(txn, info.no, *author, arrival.author)
                               : Result<std::optional<StoredHead>>(std::nullopt));
      word.seq = head ? head->chain.head.seq : 0;
      if (handed >= stamp.time) {
        word.breach = Breach::not_handed_up;
        word.through = handed;
        SATCHEL_TRY(note_broken_word(txn, word));
        continue;
      }
      SATCHEL_GET(said, should_have_shown(txn, directory, info, *hub, stamp, arrival.now));
      if (!said) continue;
      word.breach = Breach::kept_back;
      word.through = said->through;
      word.at = said->at;
      SATCHEL_TRY(note_broken_word(txn, word));
    }
  }
  return {};
}

Result<std::optional<BrokenWord>> denied(const ReadTxn& txn, const ShownHeads& shown) {
  SATCHEL_GET(no, find_archive(txn, shown.archive));
  if (!no) return std::nullopt;
  SATCHEL_GET(heads, heads_of(txn, *no));
  for (const auto& mine : heads) {
    if (shown.only && mine.chain.chain != *shown.only) continue;
    const auto theirs = std::ranges::find(shown.heads, mine.chain.chain, &ChainHead::chain);
    const std::uint64_t have = theirs == shown.heads.end() ? 0 : theirs->head.seq;
    if (have >= mine.chain.head.seq) continue;
    SATCHEL_GET(beyond, chain_after(txn, mine, have));
    for (const auto ordinal : beyond) {
      SATCHEL_GET(run, run_of(txn, ordinal));
      if (!run) break;
      SATCHEL_GET(stamps, stamps_of(txn, run->batch));
      const auto signed_for =
          std::ranges::find_if(stamps, [&](const StoredStamp& s) { return s.stamp.hub == shown.hub && s.stamp.whole; });
      if (signed_for == stamps.end()) continue;
      SATCHEL_GET(entry, entry_at(txn, ordinal));
      return BrokenWord{Breach::denied,
                        shown.hub,
                        shown.archive,
                        mine.chain.chain,
                        entry.header.seq,
                        signed_for->stamp.time,
                        signed_for->stamp.directory,
                        shown.hub.node,
                        {},
                        signed_for->signed_bytes};
    }
  }
  return std::nullopt;
}

}  // namespace satchel::node
