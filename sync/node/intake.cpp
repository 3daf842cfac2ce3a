// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/intake.h"

#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/node/outbox.h"

namespace satchel::node {

namespace {

constexpr const char* kUnknownArchive = "intake.unknown-archive";
constexpr const char* kHeld = "intake.held";
constexpr const char* kDestroyed = "intake.destroyed";
constexpr const char* kOpenedAlready = "intake.opened-already";
constexpr const char* kEpochLeap = "intake.epoch";
constexpr const char* kBatchTooLarge = "intake.batch-too-large";
constexpr const char* kBatchTorn = "intake.batch-torn";

// The first opening stands, and only one of epoch 0 is any: who comes with a later one has not sent what it goes on
// from. A later epoch changes epoch and key only. Of two keys for one epoch everybody goes on with
// the smaller id, whichever came first.
void learn_opening(StoredArchive& info, const SeenOpening& seen, const Batch& batch, const Gate& gate) {
  const Opening& opening = seen.opening;
  if (!info.opened) {
    if (opening.epoch != 0) return;
    info.opened = true;
    info.kind = opening.kind;
    info.branch = opening.branch;
    info.opener = gate.person_of(batch.author.node);
    info.owners = opening.owners;
    info.audiences = gate.audiences(opening);
    info.epoch = opening.epoch;
    info.key = opening.key;
    // Hubs compare what the batch names with the directory; what an opening names, beyond that, is nobody's knowledge.
    info.opened_at = std::min(seen.seen, batch.directory);
    return;
  }
  const bool next = opening.epoch > info.epoch && opening.epoch - info.epoch <= kEpochLeapMax;
  const bool same = opening.epoch == info.epoch && opening.epoch > 0 &&
                    (opening.key < info.key || SATCHEL_PLANTED(last_epoch_to_arrive_wins));
  if ((!next && !same) || !gate.may_rotate(batch.author, info)) return;
  info.epoch = opening.epoch;
  info.key = opening.key;
}

class Taker {
 public:
  Taker(WriteTxn& txn, const VerifiedParcel& parcel, NodeNo from, const Gate& gate)
      : txn_(txn), parcel_(parcel), from_(from), gate_(gate) {}

  Result<Intake> run() {
    SATCHEL_GET(later, must_wait());
    if (later) {
      out_.later = true;
      return std::move(out_);
    }
    SATCHEL_GET(author, node_no(txn_, parcel_.batch.author.node));
    author_ = author;
    SATCHEL_TRY(note_batch());
    for (const auto& segment : parcel_.segments) SATCHEL_TRY(take(segment));
    if (out_.appended > 0) SATCHEL_TRY(pass_unsealed(txn_, first_, first_ + out_.appended - 1));
    for (const auto& stamp : parcel_.stamps) {
      SATCHEL_GET(fresh, add_stamp(txn_, out_.batch, stamp.stamp, stamp.signed_bytes));
      out_.news = out_.news || fresh;
    }
    SATCHEL_GET(wraps, good_wraps());
    SATCHEL_GET(granted, take_wraps(txn_, wraps));
    out_.news = out_.news || !granted.empty() || out_.appended > 0;
    out_.granted = std::move(granted);
    return std::move(out_);
  }

 private:
  Result<std::vector<VerifiedWrap>> good_wraps() const {
    std::vector<VerifiedWrap> wraps;
    for (const auto& w : parcel_.wraps) {
      // What opens a destroyed archive is no more welcome than what was written in it.
      if (gate_.destroyed(w.wrap.archive)) continue;
      SATCHEL_GET(no, find_archive(txn_, w.wrap.archive));
      if (!no) continue;
      SATCHEL_GET(info, archive_info(txn_, *no));
      if (info && gate_.may_wrap(w.wrap, *info)) wraps.push_back(w);
    }
    return wraps;
  }

  Result<void> note_batch() {
    SATCHEL_GET(known, find_batch(txn_, parcel_.id));
    if (!known) {
      PartialTree tree(parcel_.batch.leaves);
      if (!parcel_.segments.empty()) SATCHEL_TRY(tree.absorb(parcel_.batch.root, parcel_.leaves, parcel_.proof));
      SATCHEL_GET(no, add_batch(txn_, parcel_.signed_bytes, tree));
      out_.batch = no;
      return {};
    }
    out_.batch = *known;
    SATCHEL_GET(stored, batch_at(txn_, *known));
    const bool all_there =
        std::ranges::all_of(parcel_.leaves, [&](const KnownLeaf& l) { return stored.tree.ends().contains(l.index); });
    if (all_there) return {};
    SATCHEL_TRY(stored.tree.absorb(parcel_.batch.root, parcel_.leaves, parcel_.proof));
    return put_tree(txn_, stored);
  }

  // One archive that our directory is too old for keeps the whole parcel waiting: a stamp is for a whole batch, and
  // must not vouch for what was left out.
  Result<bool> must_wait() {
    if (!gate_.behind(parcel_.batch.directory)) return false;
    for (const auto& segment : parcel_.segments) {
      SATCHEL_GET(info, info_with(segment));
      if (!info.opened || !gate_.refuse(author(), info).empty()) return true;
    }
    return false;
  }

  // The archive as it is here, and as the segment opens it; number 0 when it is new.
  Result<StoredArchive> info_with(const VerifiedSegment& segment, StoredArchive* before = nullptr) {
    StoredArchive info;
    SATCHEL_GET(no, find_archive(txn_, segment.archive));
    if (no) {
      SATCHEL_GET(stored, archive_info(txn_, *no));
      if (!stored) return damaged("archive_info");
      info = std::move(*stored);
    }
    if (before != nullptr) *before = info;
    for (const auto& opening : segment.openings) learn_opening(info, opening, parcel_.batch, gate_);
    return info;
  }

  // Why a hub does not take it; a reader takes what its hub took.
  std::string refusal(const VerifiedSegment& segment, const StoredArchive& before, const StoredArchive& info) const {
    if (!gate_.judges()) return {};
    for (const auto& seen : segment.openings) {
      // Who opened it first said whose it is; a second one would say something else to whoever hears it first.
      if (before.opened && seen.opening.epoch == 0 && before.opener != gate_.person_of(author().node))
        return kOpenedAlready;
      if (before.opened && seen.opening.epoch > before.epoch + kEpochLeapMax) return kEpochLeap;
    }
    return gate_.refuse(author(), info);
  }

  const ChainId& author() const { return parcel_.batch.author; }

  void refuse(const VerifiedSegment& segment, wire::EntryVerdict verdict, std::string code, std::uint64_t have) {
    out_.refused.push_back({segment.archive, segment.first_seq, verdict, std::move(code), have});
  }

  static std::uint64_t last_seq(const VerifiedSegment& segment) {
    return segment.first_seq + segment.entries.size() - 1;
  }

  Result<void> take(const VerifiedSegment& segment) {
    StoredArchive before;
    SATCHEL_GET(info, info_with(segment, &before));
    // For ever, also where nobody had sent anything of it yet.
    if (gate_.destroyed(segment.archive) && !SATCHEL_PLANTED(destroyed_archive_taken)) {
      refuse(segment, wire::EntryVerdict::rejected, kDestroyed, last_seq(segment));
      return {};
    }
    if (!info.opened) {
      refuse(segment, wire::EntryVerdict::gap, kUnknownArchive, 0);
      return {};
    }
    if (auto code = refusal(segment, before, info); !code.empty()) {
      refuse(segment, wire::EntryVerdict::rejected, std::move(code), last_seq(segment));
      return {};
    }
    return append(segment, before, std::move(info));
  }

  // Nothing is said of an archive before there is an entry to say it.
  Result<void> keep_archive(const VerifiedSegment& segment, const StoredArchive& before, StoredArchive& info) {
    if (info.no == 0) {
      SATCHEL_GET(added, add_archive(txn_, segment.archive));
      info.no = added.no;
      info.id = added.id;
    }
    if (info == before) return {};
    return put_archive_info(txn_, info);
  }

  Result<void> append(const VerifiedSegment& segment, const StoredArchive& before, StoredArchive info) {
    const ChainId& chain = parcel_.batch.author;
    std::optional<StoredHead> head;
    if (info.no != 0) {
      SATCHEL_GET(found, head_of(txn_, info.no, author_, chain));
      head = std::move(found);
    }
    const std::uint64_t have = head ? head->chain.head.seq : 0;
    if (segment.first_seq > have + 1 && !SATCHEL_PLANTED(gap_taken)) {
      refuse(segment, wire::EntryVerdict::gap, "intake.gap", have);
      return {};
    }
    // The last entry both have must be the same one.
    const auto overlap = std::min<std::uint64_t>(have - (segment.first_seq - 1), segment.entries.size());
    const auto common = segment.first_seq - 1 + overlap;
    if (common > 0) {
      const Digest& theirs = overlap == 0 ? segment.previous : segment.entries[overlap - 1].hash;
      SATCHEL_GET(ours, hash_at(txn_, *head, common));
      if (ours != theirs) return keep_fork(segment, info, *head, common);
    }
    out_.known += overlap;
    if (overlap == segment.entries.size()) return {};
    const auto fresh = std::span(segment.entries).subspan(overlap);
    SATCHEL_GET(fault, unfit(segment.archive, have + 1, fresh));
    if (fault != nullptr) {
      refuse(segment, wire::EntryVerdict::rejected, fault, last_seq(segment));
      return {};
    }
    SATCHEL_TRY(keep_archive(segment, before, info));
    if (!before.opened) out_.opened.push_back(info);
    SATCHEL_GET(first, append_entries(txn_, info.no, author_, chain, head, fresh));
    SATCHEL_TRY(add_run(txn_, {first, static_cast<std::uint32_t>(fresh.size()), out_.batch, from_}));
    // What one parcel brings lies side by side.
    if (out_.appended == 0) {
      SATCHEL_TRY(add_stretch(txn_, out_.batch, first));
      first_ = first;
    }
    out_.appended += fresh.size();
    if (gate_.holds(author(), info)) {
      out_.refused.push_back({segment.archive, have + 1, wire::EntryVerdict::held, kHeld, last_seq(segment)});
    }
    if (out_.touched.empty() || out_.touched.back().no != info.no) out_.touched.push_back(info);
    return {};
  }

  // Why a batch may not have these entries too, in however many parcels it comes: it must go on fitting a frame, be no
  // more than its author signed, and cover one stretch of a chain, so that it can be handed on as a whole.
  Result<const char*> unfit(const ArchiveId& archive, std::uint64_t first_seq, std::span<const NewEntry> fresh) {
    if (!covered_) {
      Covered covered;
      SATCHEL_GET(held, ordinals_of(txn_, out_.batch));
      for (const auto ordinal : held) {
        SATCHEL_GET(entry, entry_at(txn_, ordinal));
        covered.bytes += frame_bytes(entry);
        covered.ends[entry.header.archive] = entry.header.seq;
      }
      covered.entries = held.size();
      covered_ = std::move(covered);
    }
    std::size_t bytes = covered_->bytes;
    for (const auto& entry : fresh) bytes += frame_bytes(entry);
    if (bytes > kBatchBytesMax || covered_->entries + fresh.size() > parcel_.batch.entries) return kBatchTooLarge;
    const auto end = covered_->ends.find(archive);
    if (end != covered_->ends.end() && end->second + 1 != first_seq) return kBatchTorn;
    covered_->bytes = bytes;
    covered_->entries += fresh.size();
    covered_->ends[archive] = first_seq + fresh.size() - 1;
    return nullptr;
  }

  // Up to `common` both have entries, and those are different ones; told is the first that is.
  Result<void> keep_fork(const VerifiedSegment& segment, const StoredArchive& info, const StoredHead& head,
                         std::uint64_t common) {
    std::uint64_t seq = common;
    SATCHEL_GET(held, hash_at(txn_, head, common));
    Digest other = segment.previous;
    SATCHEL_GET(ordinals, chain_after(txn_, head, segment.first_seq - 1));
    for (std::size_t i = 0; i < ordinals.size() && i < segment.entries.size(); ++i) {
      SATCHEL_GET(ours, entry_at(txn_, ordinals[i]));
      const Digest hash = header_hash(ours.header.encode());
      if (hash == segment.entries[i].hash) continue;
      seq = segment.first_seq + i;
      held = hash;
      other = segment.entries[i].hash;
      break;
    }
    Bytes key = key_of(info.no, author_, parcel_.batch.author.incarnation);
    put_be64(key, seq);
    Writer evidence(512);
    evidence.raw(held.view())
        .raw(other.view())
        .sized(parcel_.signed_bytes.bytes)
        .raw(parcel_.signed_bytes.signature.view());
    evidence.varint(segment.entries.size());
    for (const auto& e : segment.entries) evidence.raw(e.raw);
    // The first evidence is enough; a stream of forks must not fill the disk.
    SATCHEL_GET(known, txn_.get(Table::forks, key));
    if (!known && !SATCHEL_PLANTED(fork_without_proof)) SATCHEL_TRY(txn_.put(Table::forks, key, evidence.bytes()));
    ++out_.forks;
    refuse(segment, wire::EntryVerdict::fork, "intake.fork", seq);
    return {};
  }

  WriteTxn& txn_;
  const VerifiedParcel& parcel_;
  NodeNo from_;
  const Gate& gate_;
  NodeNo author_ = 0;
  Ordinal first_ = 0;  // of what was appended
  struct Covered {
    std::size_t entries = 0;
    std::size_t bytes = 0;
    std::map<ArchiveId, std::uint64_t> ends;  // seq of the last
  };
  std::optional<Covered> covered_;  // what is here of the batch
  Intake out_;
};

}  // namespace

Result<Intake> take_in(WriteTxn& txn, const VerifiedParcel& parcel, NodeNo from, const Gate& gate) {
  return Taker(txn, parcel, from, gate).run();
}

namespace {

// Whether an opening entry of the archive promises this wrap.
Result<bool> committed(const ReadTxn& txn, ArchiveNo archive, const VerifiedWrap& wrap) {
  SATCHEL_GET(ordinals, openings_of(txn, archive, wrap.wrap.epoch));
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    SATCHEL_GET(opening, Opening::decode(entry.clear));
    if (opening.key != wrap.wrap.key) continue;
    if (std::ranges::find(opening.wraps, wrap.hash, &WrapCommitment::wrap) != opening.wraps.end()) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<GrantedWrap>> take_wraps(WriteTxn& txn, std::span<const VerifiedWrap> wraps) {
  std::vector<GrantedWrap> granted;
  for (const auto& w : wraps) {
    SATCHEL_GET(no, find_archive(txn, w.wrap.archive));
    if (!no) continue;
    if (w.wrap.by.none()) {
      SATCHEL_GET(promised, committed(txn, *no, w));
      if (!promised) continue;
    }
    SATCHEL_GET(fresh, put_wrap(txn, *no, w.wrap, w.bytes));
    if (fresh) granted.push_back({*no, w});
  }
  return granted;
}

Result<std::vector<Fork>> forks(const ReadTxn& txn) {
  std::vector<Fork> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::forks, {}, [&](KeyValue pair) {
    Reader key(pair.key);
    const ArchiveNo archive = be32(key.raw(4));
    const NodeNo author = be32(key.raw(4));
    const auto incarnation = be32(key.raw(4));
    const auto seq = be64(key.raw(8));
    auto info = archive_info(txn, archive);
    auto node = node_of(txn, author);
    if (!info || !*info || !node) {
      inner = damaged("forks");
      return false;
    }
    Reader value(pair.value);
    const auto held = Digest::of(value.raw(Digest::size));
    const auto other = Digest::of(value.raw(Digest::size));
    out.push_back({(*info)->id, {*node, incarnation}, seq, held, other});
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

}  // namespace satchel::node
