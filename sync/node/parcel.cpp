// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/parcel.h"

#include <set>
#include <unordered_map>

#include "schema/wire/limits.h"
#include "sync/node/grants.h"

namespace satchel::node {

namespace {

constexpr std::size_t kParcelBytes = 32 * 1024;  // what is there always, and its proof
constexpr std::size_t kItemOverhead = 48;        // pointers and padding of a stamp or wrap

// Everything a parcel's views borrow from until it is encoded.
struct Keep {
  std::vector<Bytes> extras;
  std::vector<StoredStamp> stamps;
  Bytes proof;
  std::vector<Bytes> wraps;
  std::map<ArchiveId, std::set<Digest>> opened;  // the wraps that the parcel's openings promise
  std::size_t bytes = kParcelBytes;              // of the frame so far, at most
};

struct Implied {
  std::uint32_t epoch;
  Position directory;
};

wire::Item item_of(const StoredEntry& entry, Implied& implied, bool first, Keep& keep) {
  wire::ItemExtra extra;
  if (!first && entry.header.epoch != implied.epoch) extra.epoch = entry.header.epoch;
  if (!first && entry.header.directory != implied.directory) extra.directory = entry.header.directory;
  if (entry.body.empty() && entry.header.body_size > 0) {
    extra.withheld_body = entry.header.body;
    extra.withheld_size = entry.header.body_size;
  }
  extra.clear = entry.clear;
  implied = {entry.header.epoch, entry.header.directory};
  wire::Item item{entry.body, {}};
  if (!extra.empty()) {
    keep.extras.push_back(wire::encode_extra(extra));
    item.extra = keep.extras.back();
  }
  return item;
}

void note_promises(const wire::Segment& segment, View clear, Keep& keep) {
  const auto opening = Opening::decode(clear);
  if (!opening || opening->wraps.empty()) return;  // it only names a key
  for (const auto& w : opening->wraps) keep.opened[segment.archive].insert(w.wrap);
}

// What the openings promise first, which a batch has room for, then what else there is of those archives, as far as a
// frame goes: it was made later, and goes alone, too.
Result<void> add_wraps(const ReadTxn& txn, wire::Parcel& parcel, Keep& keep) {
  std::vector<Bytes> others;
  for (const auto& [archive, promised] : keep.opened) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_GET(wraps, wraps_of(txn, *no));
    for (auto& w : wraps) (promised.contains(wrap_hash(w)) ? keep.wraps : others).push_back(std::move(w));
  }
  std::ranges::move(others, std::back_inserter(keep.wraps));
  for (const auto& w : keep.wraps) {
    keep.bytes += w.size() + kItemOverhead;
    if (parcel.wraps.size() == wire::kWrapsMax || keep.bytes > kFrameBytesMax) break;
    parcel.wraps.push_back(w);
  }
  return {};
}

// Groups the ordinals into one segment an archive. They may come in any order and more than once.
Result<void> add_segments(const ReadTxn& txn, const BatchPart& part, const StoredBatch& batch, wire::Parcel& parcel,
                          Keep& keep) {
  std::unordered_map<Digest, std::uint32_t> leaf_of;
  for (const auto& [index, end] : batch.tree.ends()) leaf_of.emplace(end, index);
  std::vector<Ordinal> ordinals = part.ordinals;
  std::ranges::sort(ordinals);  // a chain's entries lie in the order of its seqs
  ordinals.erase(std::ranges::unique(ordinals).begin(), ordinals.end());
  keep.extras.reserve(ordinals.size());  // views into it must stay
  struct Open {
    std::size_t segment = 0;
    Implied implied{};
    Header last{};
  };
  std::unordered_map<ArchiveId, Open> open;
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    const auto& header = entry.header;
    const auto [at, first] = open.try_emplace(header.archive, Open{parcel.chains.size(), {}});
    if (first)
      parcel.chains.push_back({header.archive, header.seq, header.previous, 0, header.epoch, header.directory, {}});
    wire::Segment& segment = parcel.chains[at->second.segment];
    if (segment.first_seq + segment.entries.size() != header.seq) return damaged("outbox");
    segment.entries.push_back(item_of(entry, at->second.implied, first, keep));
    keep.bytes += entry.body.size() + entry.clear.size() + kEntryFrameBytes;
    if (!entry.clear.empty()) note_promises(segment, entry.clear, keep);
    at->second.last = header;
  }
  // What is sent of a chain reaches to its end in the batch.
  for (const auto& [archive, end] : open) {
    const auto leaf = leaf_of.find(header_hash(end.last.encode()));
    if (leaf != leaf_of.end()) parcel.chains[end.segment].leaf = leaf->second;
  }
  return {};
}

}  // namespace

Result<Difference> difference(const ReadTxn& txn, ArchiveNo archive, std::span<const ChainHead> theirs) {
  Difference out;
  SATCHEL_GET(heads, heads_of(txn, archive));
  for (const auto& their : theirs) {
    const auto mine = std::ranges::find(heads, their.chain, [](const StoredHead& h) { return h.chain.chain; });
    if (mine == heads.end() || mine->chain.head.seq < their.head.seq) out.ahead = true;
  }
  for (const auto& head : heads) {
    const auto their = std::ranges::find(theirs, head.chain.chain, &ChainHead::chain);
    const auto after = their == theirs.end() ? 0 : their->head.seq;
    if (after >= head.chain.head.seq) continue;
    SATCHEL_GET(ordinals, chain_after(txn, head, after));
    std::optional<Run> run;
    for (const auto ordinal : ordinals) {
      if (!run || ordinal < run->first || ordinal >= run->first + run->count) {
        SATCHEL_GET(found, run_of(txn, ordinal));
        run = found;
      }
      if (!run) break;  // own entries not yet in a batch, and all after them
      if (out.parts.empty() || out.parts.back().batch != run->batch) out.parts.push_back({run->batch, {}});
      out.parts.back().ordinals.push_back(ordinal);
    }
  }
  return out;
}

std::vector<BatchPart> by_batch(std::vector<BatchPart> parts) {
  std::ranges::stable_sort(parts, {}, &BatchPart::batch);
  std::vector<BatchPart> joined;
  for (auto& part : parts) {
    if (!joined.empty() && joined.back().batch == part.batch) {
      joined.back().ordinals.insert(joined.back().ordinals.end(), part.ordinals.begin(), part.ordinals.end());
    } else {
      joined.push_back(std::move(part));
    }
  }
  return joined;
}

Result<Bytes> build_parcel(const ReadTxn& txn, const BatchPart& part, std::uint32_t number, bool with_wraps) {
  Keep keep;
  wire::Parcel parcel;
  SATCHEL_GET(batch, batch_at(txn, part.batch));
  parcel.number = number;
  parcel.batch = {batch.signed_bytes.bytes, batch.signed_bytes.signature};
  SATCHEL_TRY(add_segments(txn, part, batch, parcel, keep));
  std::ranges::stable_sort(parcel.chains, {}, &wire::Segment::leaf);
  std::vector<std::uint32_t> known;
  for (const auto& segment : parcel.chains) known.push_back(segment.leaf);
  for (const auto& digest : batch.tree.prove(known))
    keep.proof.insert(keep.proof.end(), digest.bytes.begin(), digest.bytes.end());
  parcel.proof = keep.proof;
  SATCHEL_GET(stamps, stamps_beside(txn, part.batch));
  keep.stamps = std::move(stamps);
  for (const auto& s : keep.stamps) {
    parcel.stamps.push_back({s.signed_bytes.bytes, s.signed_bytes.signature});
    keep.bytes += s.signed_bytes.bytes.size() + Signature::size + kItemOverhead;
  }
  if (with_wraps) SATCHEL_TRY(add_wraps(txn, parcel, keep));
  Bytes frame = wire::encode(std::move(parcel));
  SATCHEL_ASSERT(frame.size() <= kFrameBytesMax);
  return frame;
}

}  // namespace satchel::node
