// SPDX-License-Identifier: AGPL-3.0-or-later
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "schema/wire/frames.capnp.h"
#include "schema/wire/limits.h"
#include "sync/wire/frame.h"

namespace satchel::wire {

namespace {

constexpr std::size_t kTextBytesMax = 1024;

// Thrown inside this file only, for fields of the wrong size; Cap'n Proto throws its own.
struct Broken {};

View view_of(capnp::Data::Reader d) { return {d.begin(), d.size()}; }

template <class AnyId>
AnyId exact(capnp::Data::Reader d) {
  if (d.size() != AnyId::size) throw Broken();
  return AnyId::of(view_of(d));
}
template <class AnyId>
AnyId exact_or_none(capnp::Data::Reader d) {
  return d.size() == 0 ? AnyId{} : exact<AnyId>(d);
}
std::string string_of(capnp::Text::Reader t) {
  if (t.size() > kTextBytesMax) throw Broken();
  return {t.begin(), t.size()};
}

template <class List, class Get>
auto gather(List list, std::size_t most, Get get) {
  if (list.size() > most) throw Broken();
  std::vector<decltype(get(list[0]))> out;
  out.reserve(list.size());
  for (auto item : list) out.push_back(get(item));
  return out;
}

ChainId chain(::Chain::Reader r) { return {exact<NodeId>(r.getNode()), r.getIncarnation()}; }
ChainId chain_or_none(::Chain::Reader r) { return {exact_or_none<NodeId>(r.getNode()), r.getIncarnation()}; }
Position position(::Position::Reader r) { return {r.getIncarnation(), r.getN()}; }
SignedView signed_view(::Signed::Reader r) { return {view_of(r.getBytes()), exact<Signature>(r.getSignature())}; }
FeedMark feed_mark(::FeedMark::Reader r) {
  return {exact<AudienceId>(r.getAudience()), r.getPosition(), r.getStamps()};
}
TouchedItem touched_item(::Touched::Item::Reader r) {
  return {exact<ArchiveId>(r.getArchive()), exact<Digest>(r.getHeads()), r.getWraps()};
}
ArchiveHeads archive_heads(::ArchiveHeads::Reader r) {
  return {exact<ArchiveId>(r.getArchive()),
          gather(r.getHeads(), kHeadsPerArchiveMax,
                 [](auto h) {
                   return ChainHead{{exact<NodeId>(h.getNode()), h.getIncarnation()},
                                    {h.getSeq(), exact<Digest>(h.getHash())}};
                 }),
          r.getWantWraps()};
}

Segment segment(::Parcel::Segment::Reader r) {
  return {exact<ArchiveId>(r.getArchive()),
          r.getFirstSeq(),
          exact_or_none<Digest>(r.getPrevious()),
          r.getLeaf(),
          r.getEpoch(),
          position(r.getDirectory()),
          gather(r.getEntries(), kBatchEntriesMax,
                 [](auto e) { return Item{view_of(e.getBody()), view_of(e.getExtra())}; })};
}

Parcel parcel(::Parcel::Reader r) {
  Parcel p;
  p.number = r.getNumber();
  p.batch = signed_view(r.getBatch());
  p.stamps = gather(r.getStamps(), kStampsMax, signed_view);
  p.proof = view_of(r.getProof());
  p.chains = gather(r.getChains(), kLeavesMax, segment);
  p.wraps = gather(r.getWraps(), kWrapsMax, view_of);
  return p;
}

Accepted accepted(::Accepted::Reader r) {
  Accepted a;
  a.number = r.getNumber();
  a.stamps = gather(r.getStamps(), kStampsMax, signed_view);
  a.refused = gather(r.getRefused(), kLeavesMax, [](auto x) {
    return Refusal{exact<ArchiveId>(x.getArchive()), x.getFirstSeq(), static_cast<EntryVerdict>(x.getVerdict()),
                   string_of(x.getCode()), x.getHave()};
  });
  a.moved = gather(r.getMoved(), kFeedsMax,
                   [](auto m) { return FeedMove{exact<AudienceId>(m.getAudience()), m.getFrom(), m.getTo()}; });
  a.code = string_of(r.getCode());
  return a;
}

Hello hello(::Hello::Reader r) {
  Hello h;
  h.versions = gather(r.getVersions(), 16, [](auto v) { return v; });
  h.org = exact<OrgId>(r.getOrg());
  h.chain = chain(r.getChain());
  h.role = static_cast<Role>(r.getRole());
  h.to_hub = exact_or_none<NodeId>(r.getToHub());
  h.sign_public = exact_or_none<SignPublic>(r.getSignPublic());
  h.box_public = exact_or_none<BoxPublic>(r.getBoxPublic());
  h.signature = exact<Signature>(r.getSignature());
  return h;
}

Welcome welcome(::Welcome::Reader r) {
  Welcome h;
  h.version = r.getVersion();
  h.hub = chain(r.getHub());
  h.standing = static_cast<Standing>(r.getStanding());
  h.window_bytes = r.getWindowBytes();
  h.top = r.getTop();
  h.time = {r.getTime()};
  h.signature = exact<Signature>(r.getSignature());
  return h;
}

Sync sync(::Sync::Reader r) {
  return {r.getRound(),
          position(r.getDirectory()),
          exact_or_none<Digest>(r.getOrderHash()),
          gather(r.getFeeds(), kFeedsMax, feed_mark),
          r.getReceipts(),
          chain_or_none(r.getHub()),
          {r.getHanded()}};
}

DirectoryRun directory_run(::DirectoryRun::Reader r) {
  DirectoryRun d;
  d.records = gather(r.getRecords(), kStatementsMax, [](auto x) {
    return DirectoryRun::Record{view_of(x.getOrderedBytes()), view_of(x.getEnvelope())};
  });
  d.head = view_of(r.getHeadBytes());
  d.waiting = gather(r.getWaiting(), kStatementsMax, view_of);
  return d;
}

Submitted submitted(::Submitted::Reader r) {
  return {gather(r.getResults(), kStatementsMax, [](auto x) {
    return SubmitResult{exact<Digest>(x.getId()), static_cast<SubmitStatus>(x.getStatus()), string_of(x.getCode())};
  })};
}

Served served(::Served::Reader r) {
  Served s{r.getPage(),
           gather(r.getBehind(), kTouchedItemsMax, archive_heads),
           gather(r.getWraps(), kWrapsMax, view_of),
           gather(r.getGone(), kTouchedItemsMax, [](auto g) { return exact<ArchiveId>(g); }),
           {},
           r.getMore()};
  if (r.getKeptBack() > s.gone.size() || (s.more && !(s.behind.empty() && s.gone.empty()))) throw Broken();
  const auto kept = s.gone.end() - static_cast<std::ptrdiff_t>(r.getKeptBack());
  s.kept_back.assign(kept, s.gone.end());
  s.gone.erase(kept, s.gone.end());
  return s;
}

BlobName blob_name(::BlobName::Reader r) { return {exact<ArchiveId>(r.getArchive()), exact<Digest>(r.getRoot())}; }

BlobState blob_state(::BlobStates::Item::Reader r) {
  return {blob_name(r.getName()),
          static_cast<BlobStatus>(r.getStatus()),
          r.getList(),
          view_of(r.getHeld()),
          r.getPartIndex(),
          r.getPartBytes(),
          string_of(r.getCode())};
}

Frame read_blob_frame(::Frame::Reader r) {
  switch (r.which()) {
    case ::Frame::BLOB_OFFER:
      return BlobOffer{gather(r.getBlobOffer().getItems(), kBlobsMax, blob_name)};
    case ::Frame::BLOB_STATES:
      return BlobStates{gather(r.getBlobStates().getItems(), kBlobsMax, blob_state), r.getBlobStates().getWant()};
    case ::Frame::BLOB_LIST:
      return BlobList{blob_name(r.getBlobList().getName()), view_of(r.getBlobList().getIds())};
    case ::Frame::BLOB_PIECE: {
      const auto p = r.getBlobPiece();
      return BlobPiece{blob_name(p.getName()), p.getIndex(), p.getOffset(), view_of(p.getBytes())};
    }
    case ::Frame::BLOB_TAKEN: {
      const auto t = r.getBlobTaken();
      return BlobTaken{blob_name(t.getName()), t.getIndex(), string_of(t.getCode())};
    }
    case ::Frame::BLOB_WANT: {
      const auto w = r.getBlobWant();
      return BlobWant{blob_name(w.getName()), w.getList(), w.getFirst(), w.getOffset(), w.getCount()};
    }
    default:
      throw Broken();
  }
}

Frame read_frame(::Frame::Reader r) {
  switch (r.which()) {
    case ::Frame::HELLO:
      return hello(r.getHello());
    case ::Frame::WELCOME:
      return welcome(r.getWelcome());
    case ::Frame::BYE:
      return Bye{string_of(r.getBye().getCode()), string_of(r.getBye().getDetail())};
    case ::Frame::SYNC:
      return sync(r.getSync());
    case ::Frame::SYNCED:
      return Synced{r.getSynced().getRound(),
                    gather(r.getSynced().getFeeds(), kFeedsMax, feed_mark),
                    r.getSynced().getReceipts(),
                    {r.getSynced().getThrough()},
                    r.getSynced().getOrderWaits()};
    case ::Frame::SUBMIT:
      return Submit{gather(r.getSubmit().getEnvelopes(), kStatementsMax, view_of)};
    case ::Frame::SUBMITTED:
      return submitted(r.getSubmitted());
    case ::Frame::DIRECTORY:
      return directory_run(r.getDirectory());
    case ::Frame::PARCEL:
      return parcel(r.getParcel());
    case ::Frame::ACCEPTED:
      return accepted(r.getAccepted());
    case ::Frame::TOUCHED: {
      const auto t = r.getTouched();
      return Touched{t.getPage(), exact<AudienceId>(t.getAudience()), t.getUpTo(),
                     gather(t.getItems(), kTouchedItemsMax, touched_item)};
    }
    case ::Frame::WANT:
      return Want{r.getWant().getPage(), gather(r.getWant().getItems(), kTouchedItemsMax, archive_heads)};
    case ::Frame::SERVED:
      return served(r.getServed());
    case ::Frame::COMPARE: {
      const auto c = r.getCompare();
      return Compare{c.getPage(), gather(c.getItems(), kTouchedItemsMax, touched_item), view_of(c.getRanges())};
    }
    case ::Frame::DIFFER:
      return Differ{r.getDiffer().getPage(), gather(r.getDiffer().getItems(), kTouchedItemsMax, archive_heads),
                    r.getDiffer().getConfirm(), view_of(r.getDiffer().getRanges())};
    case ::Frame::RECEIPTS: {
      const auto x = r.getReceipts();
      return Receipts{x.getUpTo(), gather(x.getStamps(), kReceiptsMax, signed_view), x.getMore(),
                      exact_or_none<AudienceId>(x.getAudience())};
    }
    case ::Frame::NOTIFY:
      return Notify{};
    case ::Frame::PING:
      return Ping{r.getPing()};
    case ::Frame::WRAPS:
      return Wraps{r.getWraps().getNumber(), gather(r.getWraps().getWraps(), kWrapsMax, view_of)};
    case ::Frame::PONG:
      return Pong{r.getPong()};
    case ::Frame::DIRECTORY_WANTED:
      return DirectoryWanted{position(r.getDirectoryWanted())};
    default:
      return read_blob_frame(r);
  }
}

}  // namespace

Result<Received> Received::decode(View frame) {
  const auto broken = [](const char* why) { return fail(ErrorKind::integrity, "wire.broken", why); };
  if (frame.size() > kFrameBytesMax || frame.size() < 16 || frame.size() % 8 != 0) return broken("frame size");
  Reader head(frame);
  // A segment count above one, or a size that is not the rest of the frame, is refused before Cap'n Proto sees it.
  if (head.u32() != 0 || head.u32() != frame.size() / 8 - 1) return broken("segments");
  Received received;
  const auto* start = frame.data();
  if (reinterpret_cast<std::uintptr_t>(start) % 8 != 0) {
    received.aligned_.resize(frame.size() / 8);
    std::memcpy(received.aligned_.data(), start, frame.size());
    start = reinterpret_cast<const Byte*>(received.aligned_.data());
  }
  const kj::ArrayPtr<const capnp::word> words(reinterpret_cast<const capnp::word*>(start), frame.size() / 8);
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words.size() * kTraversalFactor;
  options.nestingLimit = kNestingMax;
  try {
    capnp::FlatArrayMessageReader reader(words, options);
    received.frame_ = read_frame(reader.getRoot<::Frame>());
  } catch (const Broken&) {
    return broken("field size");
  } catch (const kj::Exception& e) {
    return broken(e.getDescription().cStr());
  }
  return received;
}

}  // namespace satchel::wire
