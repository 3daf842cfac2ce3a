// SPDX-License-Identifier: AGPL-3.0-or-later
#include <capnp/message.h>
#include <capnp/serialize.h>

#include "schema/wire/frames.capnp.h"
#include "sync/wire/frame.h"

namespace satchel::wire {

namespace {

kj::ArrayPtr<const kj::byte> data(View v) { return {v.data(), v.size()}; }
template <class AnyId>
kj::ArrayPtr<const kj::byte> data(const AnyId& id) {
  return data(id.view());
}
template <class AnyId>
kj::ArrayPtr<const kj::byte> data_or_empty(const AnyId& id) {
  return id.none() ? kj::ArrayPtr<const kj::byte>() : data(id.view());
}
kj::StringPtr chars(const std::string& s) { return {s.c_str(), s.size()}; }

template <class List, class Items, class Put>
void fill(List list, const Items& items, Put put) {
  unsigned i = 0;
  for (const auto& item : items) put(list[i++], item);
}

void put(::Chain::Builder b, const ChainId& c) {
  b.setNode(data(c.node));
  b.setIncarnation(c.incarnation);
}
void put(::Position::Builder b, const Position& p) {
  b.setIncarnation(p.incarnation);
  b.setN(p.n);
}
void put(::Signed::Builder b, const SignedView& s) {
  b.setBytes(data(s.bytes));
  b.setSignature(data(s.signature));
}
void put(::FeedMark::Builder b, const FeedMark& m) {
  b.setAudience(data(m.audience));
  b.setPosition(m.position);
  b.setStamps(m.stamps);
}
void put(::ArchiveHeads::Builder b, const ArchiveHeads& a) {
  b.setArchive(data(a.archive));
  b.setWantWraps(a.want_wraps);
  fill(b.initHeads(static_cast<unsigned>(a.heads.size())), a.heads, [](auto h, const ChainHead& head) {
    h.setNode(data(head.chain.node));
    h.setIncarnation(head.chain.incarnation);
    h.setSeq(head.head.seq);
    h.setHash(data(head.head.hash));
  });
}
void put(::Touched::Item::Builder b, const TouchedItem& t) {
  b.setArchive(data(t.archive));
  b.setHeads(data(t.heads));
  b.setWraps(t.wraps);
}
void put(::BlobName::Builder b, const BlobName& n) {
  b.setArchive(data(n.archive));
  b.setRoot(data(n.root));
}
template <class List>
void put_views(List list, const std::vector<View>& views) {
  for (unsigned i = 0; i < views.size(); ++i) list.set(i, data(views[i]));
}
unsigned count(const auto& list) { return static_cast<unsigned>(list.size()); }
template <class List, class Items>
void put_all(List list, const Items& items) {
  fill(list, items, [](auto b, const auto& item) { put(b, item); });
}

struct Build {
  ::Frame::Builder frame;

  void operator()(const Hello& h) {
    auto b = frame.initHello();
    auto versions = b.initVersions(count(h.versions));
    for (unsigned i = 0; i < h.versions.size(); ++i) versions.set(i, h.versions[i]);
    b.setOrg(data(h.org));
    put(b.initChain(), h.chain);
    b.setRole(static_cast<std::uint8_t>(h.role));
    b.setToHub(data_or_empty(h.to_hub));
    b.setSignPublic(data_or_empty(h.sign_public));
    b.setBoxPublic(data_or_empty(h.box_public));
    b.setSignature(data(h.signature));
  }
  void operator()(const Welcome& h) {
    auto b = frame.initWelcome();
    b.setVersion(h.version);
    put(b.initHub(), h.hub);
    b.setStanding(static_cast<std::uint8_t>(h.standing));
    b.setWindowBytes(h.window_bytes);
    b.setTop(h.top);
    b.setTime(h.time.ms);
    b.setSignature(data(h.signature));
  }
  void operator()(const Bye& h) {
    auto b = frame.initBye();
    b.setCode(chars(h.code));
    b.setDetail(chars(h.detail));
  }
  void operator()(const Sync& s) {
    auto b = frame.initSync();
    b.setRound(s.round);
    put(b.initDirectory(), s.directory);
    b.setOrderHash(data_or_empty(s.order_hash));
    put_all(b.initFeeds(count(s.feeds)), s.feeds);
    b.setReceipts(s.receipts);
    put(b.initHub(), s.hub);
    b.setHanded(s.handed.ms);
  }
  void operator()(const Synced& s) {
    auto b = frame.initSynced();
    b.setRound(s.round);
    put_all(b.initFeeds(count(s.feeds)), s.feeds);
    b.setReceipts(s.receipts);
    b.setThrough(s.through.ms);
    b.setOrderWaits(s.order_waits);
  }
  void operator()(const Submit& s) { put_views(frame.initSubmit().initEnvelopes(count(s.envelopes)), s.envelopes); }
  void operator()(const Submitted& s) {
    fill(frame.initSubmitted().initResults(count(s.results)), s.results, [](auto b, const SubmitResult& r) {
      b.setId(data(r.id));
      b.setStatus(static_cast<std::uint8_t>(r.status));
      b.setCode(chars(r.code));
    });
  }
  void operator()(const DirectoryRun& d) {
    auto b = frame.initDirectory();
    fill(b.initRecords(count(d.records)), d.records, [](auto r, const DirectoryRun::Record& record) {
      r.setOrderedBytes(data(record.ordered));
      if (!record.envelope.empty()) r.setEnvelope(data(record.envelope));
    });
    if (!d.head.empty()) b.setHeadBytes(data(d.head));
    if (!d.waiting.empty()) put_views(b.initWaiting(count(d.waiting)), d.waiting);
  }
  void operator()(const Parcel& p) {
    auto b = frame.initParcel();
    b.setNumber(p.number);
    put(b.initBatch(), p.batch);
    put_all(b.initStamps(count(p.stamps)), p.stamps);
    if (!p.proof.empty()) b.setProof(data(p.proof));
    fill(b.initChains(count(p.chains)), p.chains, [](auto s, const Segment& segment) {
      s.setArchive(data(segment.archive));
      s.setFirstSeq(segment.first_seq);
      if (!segment.previous.none()) s.setPrevious(data(segment.previous));
      s.setLeaf(segment.leaf);
      s.setEpoch(segment.epoch);
      put(s.initDirectory(), segment.directory);
      fill(s.initEntries(count(segment.entries)), segment.entries, [](auto e, const Item& item) {
        if (!item.body.empty()) e.setBody(data(item.body));
        if (!item.extra.empty()) e.setExtra(data(item.extra));
      });
    });
    put_views(b.initWraps(count(p.wraps)), p.wraps);
  }
  void operator()(const Accepted& a) {
    auto b = frame.initAccepted();
    b.setNumber(a.number);
    put_all(b.initStamps(count(a.stamps)), a.stamps);
    fill(b.initRefused(count(a.refused)), a.refused, [](auto r, const Refusal& refusal) {
      r.setArchive(data(refusal.archive));
      r.setFirstSeq(refusal.first_seq);
      r.setVerdict(static_cast<std::uint8_t>(refusal.verdict));
      r.setCode(chars(refusal.code));
      r.setHave(refusal.have);
    });
    fill(b.initMoved(count(a.moved)), a.moved, [](auto m, const FeedMove& move) {
      m.setAudience(data(move.audience));
      m.setFrom(move.from);
      m.setTo(move.to);
    });
    if (!a.code.empty()) b.setCode(chars(a.code));
  }
  void operator()(const Touched& t) {
    auto b = frame.initTouched();
    b.setPage(t.page);
    b.setAudience(data(t.audience));
    b.setUpTo(t.up_to);
    put_all(b.initItems(count(t.items)), t.items);
  }
  void operator()(const Want& w) {
    auto b = frame.initWant();
    b.setPage(w.page);
    put_all(b.initItems(count(w.items)), w.items);
  }
  void operator()(const Served& s) {
    auto b = frame.initServed();
    b.setPage(s.page);
    put_all(b.initBehind(count(s.behind)), s.behind);
    put_views(b.initWraps(count(s.wraps)), s.wraps);
    auto all = s.gone;
    all.insert(all.end(), s.kept_back.begin(), s.kept_back.end());
    auto gone = b.initGone(count(all));
    for (unsigned i = 0; i < all.size(); ++i) gone.set(i, data(all[i]));
    b.setKeptBack(count(s.kept_back));
    b.setMore(s.more);
  }
  void operator()(const Compare& c) {
    auto b = frame.initCompare();
    b.setPage(c.page);
    put_all(b.initItems(count(c.items)), c.items);
    if (!c.ranges.empty()) b.setRanges(data(c.ranges));
  }
  void operator()(const Differ& d) {
    auto b = frame.initDiffer();
    b.setPage(d.page);
    put_all(b.initItems(count(d.items)), d.items);
    b.setConfirm(d.confirm);
    if (!d.ranges.empty()) b.setRanges(data(d.ranges));
  }
  void operator()(const Receipts& r) {
    auto b = frame.initReceipts();
    b.setUpTo(r.up_to);
    put_all(b.initStamps(count(r.stamps)), r.stamps);
    b.setMore(r.more);
    b.setAudience(data_or_empty(r.audience));
  }
  void operator()(const Wraps& w) {
    auto b = frame.initWraps();
    b.setNumber(w.number);
    put_views(b.initWraps(count(w.wraps)), w.wraps);
  }
  void operator()(const BlobOffer& o) { put_all(frame.initBlobOffer().initItems(count(o.items)), o.items); }
  void operator()(const BlobStates& s) {
    auto states = frame.initBlobStates();
    states.setWant(s.want);
    fill(states.initItems(count(s.items)), s.items, [](auto b, const BlobState& item) {
      put(b.initName(), item.name);
      b.setStatus(static_cast<std::uint8_t>(item.status));
      b.setList(item.list);
      b.setHeld(data(item.held));
      b.setPartIndex(item.part_index);
      b.setPartBytes(item.part_bytes);
      b.setCode(chars(item.code));
    });
  }
  void operator()(const BlobList& l) {
    auto b = frame.initBlobList();
    put(b.initName(), l.name);
    b.setIds(data(l.ids));
  }
  void operator()(const BlobPiece& p) {
    auto b = frame.initBlobPiece();
    put(b.initName(), p.name);
    b.setIndex(p.index);
    b.setOffset(p.offset);
    b.setBytes(data(p.bytes));
  }
  void operator()(const BlobTaken& t) {
    auto b = frame.initBlobTaken();
    put(b.initName(), t.name);
    b.setIndex(t.index);
    b.setCode(chars(t.code));
  }
  void operator()(const BlobWant& w) {
    auto b = frame.initBlobWant();
    put(b.initName(), w.name);
    b.setList(w.list);
    b.setFirst(w.first);
    b.setOffset(w.offset);
    b.setCount(w.count);
  }
  void operator()(const DirectoryWanted& w) { put(frame.initDirectoryWanted(), w.after); }
  void operator()(const Notify&) { frame.setNotify(); }
  void operator()(const Ping& p) { frame.setPing(p.token); }
  void operator()(const Pong& p) { frame.setPong(p.token); }
};

std::size_t parcel_bytes(const Parcel& p) {
  std::size_t bytes = 512 + p.proof.size() + p.stamps.size() * 320;
  for (const auto& s : p.chains) {
    bytes += 160 + s.entries.size() * 32;
    for (const auto& e : s.entries) bytes += e.body.size() + e.extra.size() + 16;
  }
  for (const auto& wrap : p.wraps) bytes += wrap.size() + 16;
  return bytes;
}

// What a frame takes up, or nothing when it is small.
std::size_t size_of(const Frame& frame) {
  if (const auto* parcel = std::get_if<Parcel>(&frame)) return parcel_bytes(*parcel);
  if (const auto* piece = std::get_if<BlobPiece>(&frame)) return piece->bytes.size();
  if (const auto* list = std::get_if<BlobList>(&frame)) return list->ids.size();
  return 0;
}

}  // namespace

Bytes encode(const Frame& frame) {
  // One segment by construction: the first one is made large enough, and the reader refuses a second.
  const std::size_t known = size_of(frame);
  std::size_t words = known > 0 ? known / 8 + 64 : 512;
  for (;; words *= 4) {
    capnp::MallocMessageBuilder message(static_cast<unsigned>(words), capnp::AllocationStrategy::FIXED_SIZE);
    std::visit(Build{message.initRoot<::Frame>()}, frame);
    const auto segments = message.getSegmentsForOutput();
    if (segments.size() > 1) continue;
    const auto bytes = segments[0].asBytes();
    // The stream header for one segment: count - 1 = 0, then its size in words.
    Writer out(8 + bytes.size());
    out.u32(0).u32(static_cast<std::uint32_t>(segments[0].size())).raw({bytes.begin(), bytes.size()});
    return out.take();
  }
}

}  // namespace satchel::wire
