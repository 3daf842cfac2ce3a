// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments between nodes: pushed after text, resumed where the line was cut, fetched on demand by who may, refused
// by name when they are not what was signed for.
#include "sync/node/attachments.h"
#include "sync/node/verify_log.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

constexpr std::size_t kChunk = blob::kChunkPlainBytes;

Bytes content_of(std::size_t size, Byte seed = 1) {
  Bytes out(size);
  std::uint32_t x = seed;
  for (auto& b : out) b = static_cast<Byte>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}

struct Album : Desk {
  ArchiveId customer = world.open_customer(rep, "福田百货");
  RecordId visit = world.add_visit(rep, customer, "谈价");
  sim::Node& manager = world.device("manager", Role::branch_manager, "branch1");
  sim::Node& boss = world.device("boss", Role::general_manager, "");

  node::StoredArchive info(sim::Node& at) {
    auto txn = must(at.replica().store().begin_read());
    return *must(node::archive_info(*txn, *must(node::find_archive(*txn, customer))));
  }
  Result<blob::Manifest> try_attach(sim::Node& at, const Bytes& content, const std::string& name = "照片.jpg") {
    std::size_t done = 0;
    node::Incoming file{name, "image/jpeg", content.size(), {}, {}};
    file.read = [&](std::span<Byte> out) -> Result<std::size_t> {
      const auto n = std::min(out.size(), content.size() - done);
      std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(done), n, out.begin());
      done += n;
      return n;
    };
    const auto archive = info(at);
    SATCHEL_GET(cut, node::cut_file(at.replica(), at.keyring(), archive, file));
    SATCHEL_TRY(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                          {at.clock.wall(), at.clock.mono(), true});
      SATCHEL_TRY(node::add_attachment(txn, scribe, archive, {visit, "visit", 1, {}}, cut));
      return scribe.finish();
    }));
    return cut.manifest;
  }
  blob::Manifest attach(sim::Node& at, const Bytes& content) { return must(try_attach(at, content)); }

  std::vector<node::AttachedValue> listed(sim::Node& at) {
    return node::attachments_in(world.read(at, customer, visit).state);
  }
  blob::Row row(sim::Node& at, const blob::Manifest& m) {
    auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, customer));
    return no ? must(blob::find(*txn, {*no, m.root})).value_or(blob::Row{}) : blob::Row{};
  }
  std::uint32_t have(sim::Node& at, const blob::Manifest& m) { return row(at, m).have; }
  bool whole(sim::Node& at, const blob::Manifest& m) { return row(at, m).chunks() > 0 && row(at, m).whole(); }
  std::uint64_t unsent(sim::Node& at) { return must(blob::unsent(*must(at.replica().store().begin_read()))).first; }
  void want(sim::Node& at, const blob::Manifest& m) {
    must(at.replica().write([&](WriteTxn& txn, node::Effects&) { return blob::want(txn, {info(at).no, m.root}); }));
  }
  Result<Bytes> content(sim::Node& at, const blob::Manifest& m) {
    Bytes out;
    SATCHEL_TRY(node::read_attachment(at.replica(), at.keyring(), info(at), m, [&](View part) -> Result<void> {
      out.insert(out.end(), part.begin(), part.end());
      return {};
    }));
    return out;
  }
  std::vector<std::string> findings(sim::Node& at) {
    auto txn = must(at.replica().store().begin_read());
    std::vector<std::string> out;
    const auto report =
        must(node::verify_log(*txn, *at.replica().directory(), {at.identity.id, at.role == wire::Role::hub}));
    for (const auto& f : report.findings) out.push_back(f.code);
    return out;
  }
  // Frames until the line is cut, or the end.
  std::size_t run_for(sim::Link& link, std::size_t frames) {
    std::size_t done = 0;
    for (int quiet = 0; !link.over() && quiet < 2 && done < frames;) {
      if (link.step()) {
        ++done;
        quiet = 0;
      } else {
        ++quiet;
      }
    }
    return done;
  }
};

template <class F>
bool is(const Bytes& frame) {
  const auto received = wire::Received::decode(frame);
  return received && std::holds_alternative<F>(received->frame());
}

}  // namespace

TEST_CASE("attachments: a photo goes after its text to the branch, on to headquarters, and to who asks for it",
          "[node][blob]") {
  Album album;
  const Bytes photo = content_of(3 * kChunk + 777);
  const auto m = album.attach(album.rep, photo);
  CHECK(album.unsent(album.rep) == 1);
  const auto link = album.world.connect(album.rep, album.hub);
  std::size_t parcels_after_pieces = 0, pieces = 0;
  link->tap = [&](bool up, const Bytes& frame) {
    if (up && is<wire::BlobPiece>(frame)) ++pieces;
    if (up && is<wire::Parcel>(frame)) parcels_after_pieces += pieces > 0 ? 1 : 0;
  };
  album.world.run(*link);
  const auto report = link->initiator().report();
  CHECK(report.complete);
  CHECK(link->initiator().outcome());
  CHECK(report.blobs_sent == 1);
  CHECK(report.blob_bytes_up == m.reference().sealed);
  CHECK(pieces > 20);
  CHECK(parcels_after_pieces == 0);
  CHECK(album.whole(album.hub, m));
  CHECK(album.unsent(album.rep) == 0);
  CHECK(album.row(album.rep, m).at_hub);

  CHECK(album.world.sync(album.hub, album.world.hq()).blobs_sent == 1);
  CHECK(album.whole(album.world.hq(), m));
  album.world.settle(2);
  // The text is there, the photo only when somebody wants it.
  REQUIRE(album.listed(album.boss).size() == 1);
  CHECK(album.listed(album.boss)[0].manifest == m);
  CHECK(album.have(album.boss, m) == 0);
  CHECK(code(album.content(album.boss, m)) == "attachment.not-here");
  album.want(album.boss, m);
  const auto fetched = album.world.sync(album.boss, album.world.hq());
  CHECK(fetched.blobs_received == 1);
  CHECK(*album.content(album.boss, m) == photo);
  for (sim::Node* node : {&album.rep, &album.hub, &album.world.hq(), &album.boss}) CHECK(album.findings(*node).empty());
  // Nothing is left to do.
  CHECK(album.world.sync(album.rep, album.hub).blob_bytes_up == 0);
  CHECK(album.world.sync(album.boss, album.world.hq()).blob_bytes_down == 0);
}

TEST_CASE("attachments: cut after any frame, a push goes on where it was and sends nothing twice", "[node][blob]") {
  Album album;
  album.world.sync(album.rep, album.hub);
  const Bytes photo = content_of(2 * kChunk + 5'000);
  const auto m = album.attach(album.rep, photo);
  const auto sealed = m.reference().sealed;
  std::uint64_t pushed = 0;
  std::size_t cuts = 0;
  // A line that breaks after ever more frames.
  for (std::size_t frames = 8; !album.whole(album.hub, m); frames += 1) {
    REQUIRE(++cuts < 200);
    auto link = album.world.connect(album.rep, album.hub);
    link->tap = [&](bool up, const Bytes& frame) {
      if (!up || !is<wire::BlobPiece>(frame)) return;
      const auto received = must(wire::Received::decode(frame));
      pushed += std::get<wire::BlobPiece>(received.frame()).bytes.size();
    };
    album.run_for(*link, frames);
    link->cut();
  }
  CHECK(cuts > 3);
  // What was on its way when a line broke went again; nothing else did.
  CHECK(pushed < sealed + cuts * (kBlobBacklogBytes + 2 * kBlobPieceBytes));
  CHECK(album.world.sync(album.rep, album.hub).complete);
  CHECK(album.unsent(album.rep) == 0);
  album.world.settle(2);
  album.want(album.manager, m);
  album.world.sync(album.manager, album.hub);
  CHECK(*album.content(album.manager, m) == photo);
}

TEST_CASE("attachments: a push goes on inside a chunk, to the byte", "[node][blob]") {
  Album album;
  album.world.sync(album.rep, album.hub);
  const auto m = album.attach(album.rep, content_of(kChunk - 10'000));
  auto link = album.world.connect(album.rep, album.hub);
  std::size_t delivered = 0;
  for (int i = 0; i < 500 && delivered < 3; ++i) {
    if (!link->up().empty() && is<wire::BlobPiece>(link->up().front())) ++delivered;
    link->step();
  }
  REQUIRE(delivered == 3);
  link->cut();
  CHECK(album.have(album.hub, m) == 0);
  auto again = album.world.connect(album.rep, album.hub);
  std::vector<std::uint32_t> offsets;
  again->tap = [&](bool up, const Bytes& frame) {
    if (!up || !is<wire::BlobPiece>(frame)) return;
    const auto received = must(wire::Received::decode(frame));
    offsets.push_back(std::get<wire::BlobPiece>(received.frame()).offset);
  };
  album.world.run(*again);
  REQUIRE(!offsets.empty());
  CHECK(offsets.front() == 3 * kBlobPieceBytes);
  CHECK(album.whole(album.hub, m));
}

TEST_CASE("attachments: a beginning that was not the chunk's is thrown away and the chunk sent again", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(kChunk - 10'000));
  // Text only, then somebody leaves a false beginning.
  auto link = album.world.connect(album.rep, album.hub);
  while (link->step()) {
    if (std::ranges::any_of(link->up(), is<wire::BlobOffer>)) break;
  }
  link->cut();
  must(album.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    const auto no = must(node::find_archive(txn, album.customer));
    return blob::put_part(txn, {*no, m.root}, 0, Bytes(100'000, 7));
  }));
  const auto report = album.world.sync(album.rep, album.hub);
  CHECK(report.blobs_sent == 1);
  CHECK(report.blobs_refused == 0);
  CHECK(album.whole(album.hub, m));
  CHECK(album.findings(album.hub).empty());
}

TEST_CASE("attachments: fetching goes on inside a chunk after a cut", "[node][blob]") {
  Album album;
  const Bytes photo = content_of(2 * kChunk);
  const auto m = album.attach(album.rep, photo);
  album.world.settle(2);
  album.want(album.manager, m);
  std::uint64_t served = 0;
  std::size_t cuts = 0;
  for (std::size_t frames = 9; !album.whole(album.manager, m); frames += 1) {
    REQUIRE(++cuts < 200);
    auto link = album.world.connect(album.manager, album.hub);
    link->tap = [&](bool up, const Bytes& frame) {
      if (up || !is<wire::BlobPiece>(frame)) return;
      const auto received = must(wire::Received::decode(frame));
      served += std::get<wire::BlobPiece>(received.frame()).bytes.size();
    };
    album.run_for(*link, frames);
    link->cut();
  }
  CHECK(cuts > 3);
  CHECK(served < m.reference().sealed + cuts * (kBlobBacklogBytes + 2 * kBlobPieceBytes));
  CHECK(*album.content(album.manager, m) == photo);
}

TEST_CASE("attachments: a hub that serves other bytes is named and nothing of it is kept", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(kChunk / 2));
  album.world.settle(2);
  album.want(album.manager, m);
  auto link = album.world.connect(album.manager, album.hub);
  bool bent = false;
  for (int i = 0; i < 1000 && !link->over(); ++i) {
    for (auto& frame : link->down()) {
      if (bent || !is<wire::BlobPiece>(frame)) continue;
      frame[frame.size() - 100] ^= 1;
      bent = true;
    }
    link->step();
  }
  REQUIRE(bent);
  CHECK(code(link->initiator().outcome()) == "blob.chunk");
  CHECK(album.have(album.manager, m) == 0);
  // An honest one serves it all the same.
  CHECK(album.world.sync(album.manager, album.hub).blobs_received == 1);
}

TEST_CASE("attachments: a device that pushes other bytes is dropped by name", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(kChunk / 2));
  auto link = album.world.connect(album.rep, album.hub);
  bool bent = false;
  for (int i = 0; i < 1000 && !link->over(); ++i) {
    for (auto& frame : link->up()) {
      if (bent || !is<wire::BlobPiece>(frame)) continue;
      frame[frame.size() - 100] ^= 1;
      bent = true;
    }
    link->step();
  }
  REQUIRE(bent);
  CHECK(link->acceptor().reason() == "blob.chunk");
  CHECK(album.have(album.hub, m) == 0);
}

TEST_CASE("attachments: who has nothing to do with the archive learns and gets nothing", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(5'000));
  album.world.settle(2);
  // 'other' works in the same branch, knows archive and root, and says what a client of ours never would.
  const auto ask = [&](const wire::Frame& frame) {
    auto link = album.world.connect(album.other, album.hub, true);
    album.world.run(*link);
    link->up().push_back(wire::encode(frame));
    std::vector<Bytes> answers;
    link->tap = [&](bool up, const Bytes& f) {
      if (!up) answers.push_back(f);
    };
    for (int i = 0; i < 5; ++i) link->step();
    return answers;
  };
  const wire::BlobName name{album.customer, m.root};
  auto answers = ask(wire::BlobWant{name, true, 0, 0, 1});
  REQUIRE(answers.size() == 1);
  auto received = must(wire::Received::decode(answers[0]));
  CHECK(std::get<wire::BlobStates>(received.frame()).items.at(0).status == wire::BlobStatus::unknown);
  answers = ask(wire::BlobOffer{{name}});
  REQUIRE(answers.size() == 1);
  received = must(wire::Received::decode(answers[0]));
  CHECK(std::get<wire::BlobStates>(received.frame()).items.at(0).status == wire::BlobStatus::unknown);
  const Bytes piece(100);
  answers = ask(wire::BlobPiece{name, 0, 0, piece});
  REQUIRE(answers.size() == 1);
  received = must(wire::Received::decode(answers[0]));
  CHECK(std::get<wire::BlobTaken>(received.frame()).code == "blob.unknown");
}

TEST_CASE("attachments: naming another archive's root in one's own archive gives no right to its bytes",
          "[node][blob]") {
  Album album;
  const Bytes secret = content_of(5'000);
  const auto m = album.attach(album.rep, secret);
  album.world.settle(2);
  // 'other' opens an archive and signs an entry that names the same root there.
  const ArchiveId own = album.world.open_customer(album.other, "自己的");
  must(album.other.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    const auto no = must(node::find_archive(txn, own));
    const auto info = *must(node::archive_info(txn, *no));
    node::Scribe scribe(txn, effects.directory(), album.other.identity, album.other.keyring(), album.other.entropy,
                        {album.other.clock.wall(), album.other.clock.mono(), true});
    const blob::Reference r = m.reference();
    RecordChange change{random_id<RecordId>(album.other.entropy), "visit", 1, {}};
    change.ops.push_back({std::string(blob::kField), m.encode(), {}});
    SATCHEL_TRY(scribe.write(info, {change}, blob::encode_references(std::span(&r, 1))));
    SATCHEL_TRY(scribe.finish());
    return blob::want(txn, {*no, m.root});
  }));
  const auto report = album.world.sync(album.other, album.hub);
  CHECK(report.accepted == 2);
  CHECK(report.blobs_missing == 1);
  CHECK(report.blob_bytes_down == 0);
}

TEST_CASE("attachments: chunks and lists that no entry names, or that are not the named ones, are refused by name",
          "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(2 * kChunk));
  album.world.sync(album.rep, album.hub);
  const auto more = album.attach(album.rep, content_of(3 * kChunk, 9));
  album.seal(album.rep);
  const auto reason_after = [&](const wire::Frame& frame) {
    auto link = album.world.connect(album.rep, album.hub, true);
    while (link->step()) {
      if (std::ranges::any_of(link->up(), is<wire::BlobOffer>)) break;
    }
    link->up().clear();
    link->up().push_back(wire::encode(frame));
    for (int i = 0; i < 20; ++i) link->step();
    const auto reason = link->acceptor().reason();
    link->cut();
    return reason;
  };
  const wire::BlobName whole{album.customer, m.root};
  const wire::BlobName name{album.customer, more.root};
  const Bytes one(32, 1);
  const Bytes some(100, 1);
  const Bytes lots(blob::kChunkSealedBytes + 1);
  CHECK(reason_after(wire::BlobList{name, one}) == "blob.list");
  CHECK(reason_after(wire::BlobList{name, Bytes(3 * 32, 1)}) == "blob.list");
  CHECK(reason_after(wire::BlobPiece{name, 0, 0, some}) == "blob.piece");    // before its list
  CHECK(reason_after(wire::BlobPiece{whole, 0, 0, lots}) == "blob.piece");   // longer than the chunk
  CHECK(reason_after(wire::BlobPiece{whole, 9, 0, some}) == "blob.piece");   // no such chunk
  CHECK(reason_after(wire::BlobPiece{whole, 0, 50, some}) == "blob.piece");  // nothing was begun
  CHECK(reason_after(wire::BlobPiece{whole, 0, 0, View()}) == "blob.piece");
  CHECK(reason_after(wire::BlobWant{whole, false, 0, 0, 900}) == "blob.want");
  CHECK(reason_after(wire::BlobWant{whole, false, 0, 0xffffffff, 1}) == "blob.want");
  CHECK(reason_after(wire::BlobWant{whole, false, 0xffffffff, 0, 1}) == "blob.want");
  CHECK(album.world.sync(album.rep, album.hub).blobs_sent == 1);
}

TEST_CASE("attachments: what a branch hub has not got it fetches from headquarters for who asked", "[node][blob]") {
  Album album;
  const Bytes photo = content_of(kChunk + 1);
  const auto m = album.attach(album.rep, photo);
  album.world.sync(album.rep, album.world.hq());  // the branch's line is down
  album.world.settle(2);
  album.want(album.manager, m);
  if (!album.whole(album.hub, m)) {
    CHECK(album.world.sync(album.manager, album.hub).blobs_missing == 1);
    CHECK(album.world.sync(album.hub, album.world.hq()).blobs_received == 1);
  }
  CHECK(album.world.sync(album.manager, album.hub).blobs_received == 1);
  CHECK(*album.content(album.manager, m) == photo);
}

TEST_CASE("attachments: text written while a file moves goes before the next pieces", "[node][blob]") {
  Album album;
  album.world.sync(album.rep, album.hub);
  album.attach(album.rep, content_of(8 * kChunk));
  auto link = album.world.connect(album.rep, album.hub);
  std::size_t pieces = 0;
  std::optional<std::size_t> text_at;
  link->tap = [&](bool up, const Bytes& frame) {
    if (up && is<wire::BlobPiece>(frame)) ++pieces;
    if (up && is<wire::Parcel>(frame) && pieces > 0) text_at = pieces;
  };
  bool wrote = false;
  for (int quiet = 0; !link->over() && quiet < 2;) {
    std::size_t waiting = 0;
    for (const auto& frame : link->up()) waiting += frame.size();
    link->initiator().on_backlog(waiting);
    quiet = link->step() ? 0 : quiet + 1;
    if (pieces > 10 && !std::exchange(wrote, true)) album.world.add_visit(album.rep, album.customer, "又来");
  }
  REQUIRE(text_at);
  CHECK(*text_at < 40);
  CHECK(pieces > 60);
  CHECK(link->initiator().outcome());
}

TEST_CASE("attachments: a hub that answers but sends nothing is given up", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(kChunk));
  album.world.settle(2);
  album.want(album.manager, m);
  auto link = album.world.connect(album.manager, album.hub);
  link->tap = [&](bool up, const Bytes& frame) {
    // From now on it makes nothing, as if its line were full; pings it answers.
    if (up && is<wire::BlobWant>(frame)) link->acceptor().on_backlog(1 << 30);
  };
  for (std::int64_t waited = 0; waited < 3 * kBlobAnswerWithin.count() && !link->over(); waited += 20'000) {
    album.world.run(*link);
    album.world.time.ms += 20'000;
    link->initiator().on_tick({album.world.time.ms});
  }
  album.world.run(*link);
  CHECK(code(link->initiator().outcome()) == "session.silent");
  CHECK(album.have(album.manager, m) == 0);
}

TEST_CASE("attachments: a restored hub that lost them is given them again", "[node][blob]") {
  Album album;
  const auto m = album.attach(album.rep, content_of(kChunk + 9));
  album.world.settle(2);
  REQUIRE(album.whole(album.hub, m));
  must(album.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    return blob::drop_blobs(txn, *must(node::find_archive(txn, album.customer)), blob::Drop::lost);
  }));
  album.hub.stop();
  ++album.hub.identity.incarnation;
  album.hub.start();
  CHECK(album.world.sync(album.rep, album.hub).blobs_sent == 1);
  CHECK(album.whole(album.hub, m));
}

TEST_CASE("attachments: a file that changes while it is read is not attached, and nothing of it stays",
          "[node][blob]") {
  Album album;
  const auto archive = album.info(album.rep);
  node::Incoming file{"x", "", 3 * kChunk, {}, {}};
  std::size_t calls = 0;
  file.read = [&](std::span<Byte> out) -> Result<std::size_t> { return ++calls < 3 ? out.size() : 10; };
  CHECK(code(node::cut_file(album.rep.replica(), album.rep.keyring(), archive, file)) == "attach.changed");
  file.size = blob::kFileBytesMax + 1;
  CHECK(code(node::cut_file(album.rep.replica(), album.rep.keyring(), archive, file)) == "attach.too-large");
  auto txn = must(album.rep.replica().store().begin_read());
  CHECK(must(txn->count(Table::chunks)) == 0);
}

TEST_CASE("attachments: a full disk stops the cut, says so, and loses nothing", "[node][blob]") {
  Album album;
  album.world.settle(1);
  album.rep.disk->fail_commit(2, CommitFault::full);
  CHECK(code(album.try_attach(album.rep, content_of(40 * kChunk))) == "store.full");
  auto txn = must(album.rep.replica().store().begin_read());
  CHECK(must(txn->count(Table::chunks)) == 0);
  CHECK(album.findings(album.rep).empty());
  txn.reset();
  const auto m = album.attach(album.rep, content_of(kChunk));
  album.hub.disk->fail_commit(3, CommitFault::full);
  album.world.sync_outcome(album.rep, album.hub).error();
  album.world.sync(album.rep, album.hub);
  CHECK(album.whole(album.hub, m));
}

TEST_CASE("attachments: two people attach to one record at once and both stay", "[node][blob]") {
  Album album;
  album.world.settle(4);
  const auto a = album.attach(album.rep, content_of(1'000, 3));
  const auto b = album.attach(album.manager, content_of(2'000, 4));
  album.world.settle(3);
  CHECK(album.listed(album.rep).size() == 2);
  CHECK(album.listed(album.manager).size() == 2);
  CHECK(album.whole(album.world.hq(), a));
  CHECK(album.whole(album.world.hq(), b));
}
