// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/wire/samples.h"

namespace satchel::wire_test {

namespace {

class Text {
 public:
  std::string out;

  template <class... Parts>
  void all(const Parts&... parts) {
    out += '(';
    (put(parts), ...);
    out += ')';
  }

  void operator()(const wire::Hello& h) {
    all(h.versions, h.org, h.chain, h.role, h.to_hub, h.sign_public, h.box_public, h.signature);
  }
  void operator()(const wire::Welcome& h) {
    all(h.version, h.hub, h.standing, h.window_bytes, h.top, h.time.ms, h.signature);
  }
  void operator()(const wire::Bye& h) { all(h.code, h.detail); }
  void operator()(const wire::Sync& s) {
    all(s.round, s.directory, s.order_hash, s.feeds, s.receipts, s.hub, s.handed);
  }
  void operator()(const wire::Synced& s) { all(s.round, s.feeds, s.receipts, s.through, s.order_waits); }
  void operator()(const wire::Submit& s) { all(s.envelopes); }
  void operator()(const wire::Submitted& s) { all(s.results); }
  void operator()(const wire::DirectoryRun& d) { all(d.records, d.head, d.waiting); }
  void operator()(const wire::Parcel& p) { all(p.number, p.batch, p.stamps, p.proof, p.chains, p.wraps); }
  void operator()(const wire::Accepted& a) { all(a.number, a.stamps, a.refused, a.moved, a.code); }
  void operator()(const wire::Touched& t) { all(t.page, t.audience, t.up_to, t.items); }
  void operator()(const wire::Want& w) { all(w.page, w.items); }
  void operator()(const wire::Served& s) { all(s.page, s.behind, s.wraps, s.gone, s.kept_back); }
  void operator()(const wire::Compare& c) { all(c.page, c.items, c.ranges); }
  void operator()(const wire::Differ& d) { all(d.page, d.items, d.confirm, d.ranges); }
  void operator()(const wire::Receipts& r) { all(r.up_to, r.stamps, r.more, r.audience); }
  void operator()(const wire::Wraps& w) { all(w.number, w.wraps); }
  void operator()(const wire::BlobOffer& o) { all(o.items); }
  void operator()(const wire::BlobStates& s) { all(s.items, s.want); }
  void operator()(const wire::BlobList& l) { all(l.name, l.ids); }
  void operator()(const wire::BlobPiece& p) { all(p.name, p.index, p.offset, p.bytes); }
  void operator()(const wire::BlobTaken& t) { all(t.name, t.index, t.code); }
  void operator()(const wire::BlobWant& w) { all(w.name, w.list, w.first, w.offset, w.count); }
  void operator()(const wire::DirectoryWanted& w) { all(w.after); }
  void operator()(const wire::Notify&) {}
  void operator()(const wire::Ping& p) { all(p.token); }
  void operator()(const wire::Pong& p) { all(p.token); }

 private:
  template <class N>
    requires std::is_integral_v<N> || std::is_enum_v<N>
  void put(N n) {
    out += std::to_string(static_cast<std::uint64_t>(n)) + ' ';
  }
  template <class Tag, std::size_t kSize>
  void put(const Id<Tag, kSize>& id) {
    out += id.hex() + ' ';
  }
  void put(const std::string& s) { out += '\'' + s + "' "; }
  void put(View v) { out += hex(v) + ' '; }
  template <class T>
  void put(const std::vector<T>& list) {
    out += '[';
    for (const auto& item : list) put(item);
    out += ']';
  }
  void put(const Position& p) { all(p.incarnation, p.n); }
  void put(const ChainId& c) { all(c.node, c.incarnation); }
  void put(const ChainHead& h) { all(h.chain, h.head.seq, h.head.hash); }
  void put(const wire::SignedView& s) { all(s.bytes, s.signature); }
  void put(const wire::FeedMark& m) { all(m.audience, m.position, m.stamps); }
  void put(const wire::FeedMove& m) { all(m.audience, m.from, m.to); }
  void put(const wire::SubmitResult& r) { all(r.id, r.status, r.code); }
  void put(const wire::DirectoryRun::Record& r) { all(r.ordered, r.envelope); }
  void put(const wire::Item& i) { all(i.body, i.extra); }
  void put(const wire::Segment& s) { all(s.archive, s.first_seq, s.previous, s.leaf, s.epoch, s.directory, s.entries); }
  void put(const wire::Refusal& r) { all(r.archive, r.first_seq, r.verdict, r.code, r.have); }
  void put(const wire::TouchedItem& t) { all(t.archive, t.heads, t.wraps); }
  // As wide whatever it is, so that a field added later leaves the choice of samples as it was.
  void put(const WallTime& t) {
    const auto digits = std::to_string(t.ms);
    out += std::string(20 - std::min<std::size_t>(20, digits.size()), '0') + digits;
  }
  void put(const wire::BlobName& n) { all(n.archive, n.root); }
  void put(const wire::BlobState& s) { all(s.name, s.status, s.list, s.held, s.part_index, s.part_bytes, s.code); }
  void put(const wire::ArchiveHeads& a) { all(a.archive, a.heads, a.want_wraps); }
};

template <std::size_t... kIndices>
wire::Frame empty_frame(std::size_t kind, std::index_sequence<kIndices...>) {
  wire::Frame frame;
  ((kind == kIndices ? static_cast<void>(frame.emplace<kIndices>()) : static_cast<void>(0)), ...);
  return frame;
}

}  // namespace

std::string describe(const wire::Frame& frame) {
  Text text;
  text.out = std::to_string(frame.index()) + ' ';
  std::visit(text, frame);
  return text.out;
}

View Maker::bytes(std::size_t most) {
  Bytes& made = kept_.emplace_back(below(most) + 1);
  for (auto& b : made) b = static_cast<Byte>(random_());
  return made;
}

std::string Maker::word() {
  static constexpr const char* kWords[] = {"", "intake.gap", "store.full", "已满"};
  return kWords[below(std::size(kWords))];
}

wire::ArchiveHeads Maker::archive_heads() {
  return {id<ArchiveId>(), some(5, [&] { return ChainHead{chain(), {random_(), id<Digest>()}}; }), below(2) == 1};
}

wire::Hello Maker::hello() {
  return {some(3, [&] { return static_cast<std::uint16_t>(random_()); }),
          id<OrgId>(),
          chain(),
          static_cast<wire::Role>(below(3) + 1),
          below(2) == 0 ? NodeId{} : id<NodeId>(),
          id<SignPublic>(),
          id<BoxPublic>(),
          id<Signature>()};
}

wire::Parcel Maker::parcel() {
  const auto item = [&] {
    return wire::Item{below(4) == 0 ? View() : bytes(3000), below(3) == 0 ? bytes(90) : View()};
  };
  return {u32(),
          signed_view(),
          some(3, [&] { return signed_view(); }),
          below(2) == 0 ? View() : bytes(320),
          some(4,
               [&] {
                 return wire::Segment{id<ArchiveId>(), random_(), below(2) == 0 ? Digest{} : id<Digest>(),
                                      u32(),           u32(),     position(),
                                      some(6, item)};
               }),
          some(4, [&] { return bytes(250); })};
}

wire::Accepted Maker::accepted() {
  return {u32(), some(3, [&] { return signed_view(); }),
          some(3,
               [&] {
                 return wire::Refusal{id<ArchiveId>(), random_(), static_cast<wire::EntryVerdict>(below(4) + 1), word(),
                                      random_()};
               }),
          some(3, [&] { return wire::FeedMove{id<AudienceId>(), random_(), random_()}; }), word()};
}

wire::DirectoryRun Maker::directory_run() {
  wire::DirectoryRun run;
  run.records = some(9, [&] { return wire::DirectoryRun::Record{bytes(118), below(3) == 0 ? View() : bytes(400)}; });
  run.head = below(2) == 0 ? View() : bytes(170);
  // No further chance is taken: the frames of before come out as they were.
  if (!run.head.empty()) run.waiting = {run.head.first(run.head.size() / 2), run.head};
  return run;
}

wire::Frame Maker::make(std::size_t kind) {
  wire::Frame frame = empty_frame(kind, std::make_index_sequence<kKinds>());
  if (auto* f = std::get_if<wire::Hello>(&frame)) *f = hello();
  if (auto* f = std::get_if<wire::Welcome>(&frame)) {
    *f = {static_cast<std::uint16_t>(random_()),
          chain(),
          static_cast<wire::Standing>(below(2) + 1),
          u32(),
          below(2) == 1,
          {static_cast<std::int64_t>(random_())},
          id<Signature>()};
  }
  if (auto* f = std::get_if<wire::Bye>(&frame)) *f = {word(), word()};
  const auto mark = [&] { return wire::FeedMark{id<AudienceId>(), random_(), random_()}; };
  if (auto* f = std::get_if<wire::Sync>(&frame)) {
    *f = {u32(),         position(), below(2) == 0 ? Digest{} : id<Digest>(),
          some(9, mark), random_(),  below(2) == 0 ? ChainId{} : chain()};
    f->handed.ms = static_cast<std::int64_t>(f->receipts >> 1);
  }
  if (auto* f = std::get_if<wire::Synced>(&frame)) {
    *f = {u32(), some(9, mark), random_()};
    f->through.ms = static_cast<std::int64_t>(f->receipts >> 1);
    f->order_waits = f->feeds.size() % 2 == 1;
  }
  if (auto* f = std::get_if<wire::Submit>(&frame)) f->envelopes = some(9, [&] { return bytes(500); });
  if (auto* f = std::get_if<wire::Submitted>(&frame)) {
    f->results = some(
        9, [&] { return wire::SubmitResult{id<Digest>(), static_cast<wire::SubmitStatus>(below(3) + 1), word()}; });
  }
  if (auto* f = std::get_if<wire::DirectoryRun>(&frame)) *f = directory_run();
  if (auto* f = std::get_if<wire::Parcel>(&frame)) *f = parcel();
  if (auto* f = std::get_if<wire::Accepted>(&frame)) *f = accepted();
  const auto touched = [&] { return touched_item(); };
  const auto heads = [&] { return archive_heads(); };
  if (auto* f = std::get_if<wire::Touched>(&frame)) *f = {u32(), id<AudienceId>(), random_(), some(30, touched)};
  if (auto* f = std::get_if<wire::Want>(&frame)) *f = {u32(), some(9, heads)};
  if (auto* f = std::get_if<wire::Served>(&frame))
    *f = {u32(), some(5, heads), some(5, [&] { return bytes(250); }), some(5, [&] { return id<ArchiveId>(); })};
  if (auto* f = std::get_if<wire::Compare>(&frame))
    *f = {u32(), some(30, touched), below(2) == 0 ? View() : bytes(900)};
  if (auto* f = std::get_if<wire::Differ>(&frame))
    *f = {u32(), some(9, heads), u32(), below(2) == 0 ? View() : bytes(900)};
  if (auto* f = std::get_if<wire::Receipts>(&frame)) {
    *f = {random_(), some(9, [&] { return signed_view(); }), below(2) == 1,
          below(2) == 0 ? AudienceId{} : id<AudienceId>()};
  }
  if (auto* f = std::get_if<wire::Wraps>(&frame)) *f = {u32(), some(9, [&] { return bytes(250); })};
  const auto blob = [&] { return wire::BlobName{id<ArchiveId>(), id<Digest>()}; };
  if (auto* f = std::get_if<wire::BlobOffer>(&frame)) f->items = some(9, blob);
  if (auto* f = std::get_if<wire::BlobStates>(&frame)) {
    f->items = some(9, [&] {
      return wire::BlobState{blob(),        static_cast<wire::BlobStatus>(below(4) + 1),
                             below(2) == 1, below(2) == 0 ? View() : bytes(64),
                             u32(),         u32(),
                             word()};
    });
    f->want = below(2) == 1;
  }
  if (auto* f = std::get_if<wire::BlobList>(&frame)) *f = {blob(), bytes(600)};
  if (auto* f = std::get_if<wire::BlobPiece>(&frame)) *f = {blob(), u32(), u32(), bytes(3000)};
  if (auto* f = std::get_if<wire::BlobTaken>(&frame)) *f = {blob(), u32(), word()};
  if (auto* f = std::get_if<wire::BlobWant>(&frame)) *f = {blob(), below(2) == 1, u32(), u32(), u32()};
  if (auto* f = std::get_if<wire::DirectoryWanted>(&frame)) f->after = position();
  if (auto* f = std::get_if<wire::Ping>(&frame)) f->token = random_();
  if (auto* f = std::get_if<wire::Pong>(&frame)) f->token = random_();
  return frame;
}

}  // namespace satchel::wire_test
