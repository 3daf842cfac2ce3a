// SPDX-License-Identifier: AGPL-3.0-or-later
// verify_parcel: every lie a peer can tell about a batch, refused by its name.
#include <numeric>

#include "schema/wire/limits.h"
#include "sync/node/grants.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

// Two archives: the first with its opening and two visits, the second with its opening. Four entries, two leaves.
struct Four : Desk {
  ArchiveId first = world.open_customer(rep, "福田百货");
  ArchiveId second = world.open_customer(rep, "罗湖商行");
  Arrival arrival = [this] {
    world.add_visit(rep, first, "一");
    world.add_visit(rep, first, "二");
    return next_parcel(rep);
  }();
  wire::Parcel& parcel = arrival.parcel();
  wire::Segment& longest() { return parcel.chains[parcel.chains[0].entries.size() == 3 ? 0 : 1]; }
  std::string refused() { return code(verify(parcel)); }
};

// Entries whose headers their author signed all right, whatever they say.
struct Forged {
  Bytes batch;
  Bytes extra;
  wire::Parcel parcel;
};
Forged forge(const sim::Node& author, Header header, const wire::ItemExtra& extra) {
  header.chain = {author.identity.id, author.identity.incarnation};
  const Digest end = header_hash(header.encode());
  Batch batch;
  batch.author = header.chain;
  batch.number = 99;
  batch.entries = batch.leaves = 1;
  batch.root = merkle_root(std::span(&end, 1));
  const auto signed_batch = sign_batch(batch, author.identity.sign);
  Forged f{signed_batch.bytes, wire::encode_extra(extra), {}};
  f.parcel.batch.signature = signed_batch.signature;
  f.parcel.chains.push_back({header.archive, header.seq, header.previous, 0, header.epoch, header.directory, {{}}});
  return f;
}
// Only now, because views must point into where the value has come to rest.
wire::Parcel& settled(Forged& f) {
  f.parcel.batch.bytes = f.batch;
  f.parcel.chains[0].entries[0].extra = f.extra;
  return f.parcel;
}

}  // namespace

TEST_CASE("parcel: an honest one verifies, whole and in part", "[node][parcel]") {
  Four desk;
  const auto whole = desk.verify(desk.parcel);
  REQUIRE(whole.has_value());
  CHECK(whole->batch.entries == 4);
  CHECK(whole->batch.leaves == 2);
  CHECK(whole->proof.empty());
  CHECK_FALSE(whole->wraps.empty());
  CHECK(whole->segments[0].openings.size() == 1);

  const auto archive = desk.second;
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto info = must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  const auto ordinals = must(node::chain_after(*txn, must(node::heads_of(*txn, info->no)).front(), 0));
  auto part = desk.part(desk.rep, ordinals);
  const auto verified = desk.verify(part.parcel());
  REQUIRE(verified.has_value());
  CHECK(verified->segments.size() == 1);
  CHECK(verified->proof.size() == 1);
}

TEST_CASE("parcel: a wrong signature", "[node][parcel]") {
  Four desk;
  SECTION("flipped") { desk.parcel.batch.signature.bytes[5] ^= 1; }
  SECTION("by somebody else") {
    desk.parcel.batch.signature =
        sign_batch(must(Batch::decode(desk.parcel.batch.bytes)), desk.other.identity.sign).signature;
  }
  CHECK(desk.refused() == "parcel.bad-signature");
}

TEST_CASE("parcel: an altered batch", "[node][parcel]") {
  Four desk;
  Bytes bytes = copy(desk.parcel.batch.bytes);
  desk.parcel.batch.bytes = bytes;
  SECTION("whose root is another") {
    bytes.back() ^= 1;
    CHECK(desk.refused() == "parcel.bad-signature");
  }
  SECTION("that is none") {
    bytes[0] = 9;
    CHECK(desk.refused() == "parcel.batch");
  }
}

TEST_CASE("parcel: an author the directory does not know is no lie", "[node][parcel]") {
  Four desk;
  const auto nobody = [](const NodeId&) -> const SignPublic* { return nullptr; };
  const auto verified = node::verify_parcel(desk.parcel, nobody, nobody);
  CHECK(code(verified) == "parcel.unknown-author");
  CHECK(verified.error().kind == ErrorKind::not_found);
}

TEST_CASE("parcel: a moved, doubled or invented leaf", "[node][parcel]") {
  Four desk;
  SECTION("two chains exchanged") { std::swap(desk.parcel.chains[0].leaf, desk.parcel.chains[1].leaf); }
  SECTION("one twice") { desk.parcel.chains[1].leaf = desk.parcel.chains[0].leaf; }
  SECTION("beyond the tree") { desk.parcel.chains[1].leaf = 2; }
  SECTION("far beyond") { desk.parcel.chains[1].leaf = UINT32_MAX; }
  CHECK(desk.refused() == "parcel.root");
}

TEST_CASE("parcel: a missing, ragged or superfluous proof", "[node][parcel]") {
  Four desk;
  const Bytes hashes(64, 7);
  SECTION("missing") {
    desk.parcel.chains.pop_back();
    CHECK(desk.refused() == "parcel.root");
  }
  SECTION("wrong") {
    desk.parcel.chains.pop_back();
    desk.parcel.proof = View(hashes).first(32);
    CHECK(desk.refused() == "parcel.root");
  }
  SECTION("superfluous") {
    desk.parcel.proof = View(hashes).first(32);
    CHECK(desk.refused() == "parcel.root");
  }
  SECTION("ragged") {
    desk.parcel.proof = View(hashes).first(33);
    CHECK(desk.refused() == "parcel.proof");
  }
}

TEST_CASE("parcel: an altered entry", "[node][parcel]") {
  Four desk;
  auto& chain = desk.longest();
  Bytes body = copy(chain.entries[1].body);
  SECTION("its body") {
    body[40] ^= 1;
    chain.entries[1].body = body;
  }
  SECTION("its body left out without saying so") { chain.entries[1].body = {}; }
  SECTION("two bodies exchanged") { std::swap(chain.entries[1].body, chain.entries[2].body); }
  SECTION("left out of the middle") { chain.entries.erase(chain.entries.begin() + 1); }
  SECTION("left out at the end") { chain.entries.pop_back(); }
  SECTION("its clear part") { chain.entries[0].extra = {}; }
  SECTION("its epoch") { ++chain.epoch; }
  SECTION("its directory position") { ++chain.directory.n; }
  SECTION("its archive") {
    chain.archive =
        desk.parcel.chains[0].archive == chain.archive ? desk.parcel.chains[1].archive : desk.parcel.chains[0].archive;
  }
  SECTION("its place in the chain, and so its predecessor") {
    chain.first_seq = 2;
    chain.previous.bytes[0] = 1;
  }
  CHECK(desk.refused() == "parcel.root");
}

TEST_CASE("parcel: an altered predecessor", "[node][parcel]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto opening = desk.next_parcel(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  auto visit = desk.next_parcel(desk.rep, 1);
  auto& segment = visit.parcel().chains.at(0);
  REQUIRE(segment.first_seq == 2);
  REQUIRE(code(desk.verify(visit.parcel())).empty());
  segment.previous.bytes[31] ^= 1;
  CHECK(code(desk.verify(visit.parcel())) == "parcel.root");
  segment.previous = {};
  CHECK(code(desk.verify(visit.parcel())) == "parcel.segment");
}

TEST_CASE("parcel: a segment that cannot be one", "[node][parcel]") {
  Four desk;
  SECTION("empty") { desk.parcel.chains[0].entries.clear(); }
  SECTION("from seq 0") { desk.parcel.chains[0].first_seq = 0; }
  SECTION("a first entry with a predecessor") { desk.parcel.chains[0].previous.bytes[0] = 1; }
  SECTION("a later entry without one") { desk.parcel.chains[0].first_seq = 2; }
  CHECK(desk.refused() == "parcel.segment");
}

TEST_CASE("parcel: a foreign segment, and more entries than were signed", "[node][parcel]") {
  Four desk;
  desk.world.open_customer(desk.other, "南山超市");
  auto theirs = desk.next_parcel(desk.other);
  SECTION("beside the signed ones") {
    desk.parcel.chains.push_back(theirs.parcel().chains[0]);
    CHECK(desk.refused() == "parcel.count");
  }
  SECTION("in the place of one") {
    auto& shorter = desk.parcel.chains[&desk.longest() == &desk.parcel.chains[0] ? 1 : 0];
    const auto leaf = shorter.leaf;
    shorter = theirs.parcel().chains[0];
    shorter.leaf = leaf;
    CHECK(desk.refused() == "parcel.root");
  }
  SECTION("an entry doubled") {
    desk.longest().entries.push_back(desk.longest().entries[2]);
    CHECK(desk.refused() == "parcel.count");
  }
}

TEST_CASE("parcel: items that contradict themselves", "[node][parcel]") {
  Four desk;
  auto& item = desk.longest().entries[1];
  wire::ItemExtra extra;
  extra.withheld_body = body_hash(item.body);
  extra.withheld_size = static_cast<std::uint32_t>(item.body.size());
  SECTION("a body both sent and withheld") {
    const Bytes bytes = wire::encode_extra(extra);
    item.extra = bytes;
    CHECK(desk.refused() == "parcel.item");
  }
  SECTION("an extra that is none") {
    const Bytes bytes{0x40};
    item.extra = bytes;
    CHECK(desk.refused() == "wire.broken");
  }
  SECTION("a body larger than any may be") {
    const Bytes bytes(kBodyBytesMax + 1);
    item.body = bytes;
    CHECK(desk.refused() == "parcel.body-too-large");
  }
  SECTION("a withheld body of another size") {
    ++extra.withheld_size;
    const Bytes bytes = wire::encode_extra(extra);
    item = {{}, bytes};
    CHECK(desk.refused() == "parcel.root");
  }
  SECTION("a withheld body told rightly is no lie") {
    const Bytes bytes = wire::encode_extra(extra);
    item = {{}, bytes};
    CHECK(desk.refused().empty());
    CHECK(desk.verify(desk.parcel)->segments[&desk.longest() - desk.parcel.chains.data()].entries[1].body.empty());
  }
}

TEST_CASE("parcel: a clear part that is no opening, though its author signed it", "[node][parcel]") {
  Desk desk;
  Header header;
  header.archive = random_id<ArchiveId>(desk.rep.entropy);
  header.seq = 1;
  wire::ItemExtra extra;
  extra.clear = view("no opening");
  header.clear = clear_hash(extra.clear);
  auto forged = forge(desk.rep, header, extra);
  CHECK(code(desk.verify(settled(forged))) == "parcel.opening");
}

// A member could otherwise have a hub store a header that it cannot read back: every later look at that place of the
// log would fail.
TEST_CASE("parcel: a withheld body larger than any may be, though its author signed it", "[node][parcel]") {
  Desk desk;
  Header header;
  header.archive = random_id<ArchiveId>(desk.rep.entropy);
  header.seq = 1;
  header.body.bytes.fill(1);
  header.body_size = kBodyBytesMax + 1;
  wire::ItemExtra extra;
  extra.withheld_body = header.body;
  extra.withheld_size = header.body_size;
  auto forged = forge(desk.rep, header, extra);
  CHECK(code(desk.verify(settled(forged))) == "wire.broken");
}

TEST_CASE("parcel: a stamp that is false is a lie, one of a hub we do not know is left out", "[node][parcel]") {
  Four desk;
  const Digest id = batch_id(desk.parcel.batch.bytes);
  const auto stamped = [&](const Digest& batch, const sim::Node& by, const SignKeys& keys) {
    const auto s = sign_stamp({batch, {by.identity.id, 1}, {1000}, {1, 5}, {}}, keys);
    desk.parcel.stamps = {{s.bytes, s.signature}};
    const auto verified = desk.verify(desk.parcel);
    if (!verified) return verified.error().code;
    return std::to_string(verified->stamps.size()) + (verified->strange_stamps ? " and strange ones" : "");
  };
  CHECK(stamped(id, desk.hub, desk.hub.identity.sign) == "1");
  CHECK(stamped(id, desk.hub, desk.rep.identity.sign) == "parcel.stamp");        // not by the hub it names
  CHECK(stamped({}, desk.hub, desk.hub.identity.sign) == "parcel.stamp");        // of another batch
  CHECK(stamped(id, desk.rep, desk.rep.identity.sign) == "0 and strange ones");  // not by a hub
  const auto s = sign_stamp({id, {desk.hub.identity.id, 1}, {1000}, {1, 5}, {}}, desk.hub.identity.sign);
  desk.parcel.stamps = {{View(s.bytes).first(40), s.signature}};
  CHECK(code(desk.verify(desk.parcel)) == "parcel.stamp");
}

TEST_CASE("parcel: of an archive with more wraps than a frame holds those go that its opening promises",
          "[node][parcel]") {
  Four desk;
  std::vector<Bytes> promised;
  for (const View w : desk.parcel.wraps) promised.push_back(copy(w));
  REQUIRE_FALSE(promised.empty());
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, desk.first));
    for (std::uint32_t i = 0; i < 4000; ++i) {
      Wrap late;
      late.archive = desk.first;
      late.epoch = i;
      late.key = random_id<KeyId>(desk.rep.entropy);
      late.box = Bytes(200, 1);
      late.by = desk.rep.identity.id;
      SATCHEL_TRY(node::put_wrap(txn, *no, late, late.encode()));
    }
    return {};
  }));
  std::vector<node::Ordinal> all(4);
  std::iota(all.begin(), all.end(), 1);
  auto arrival = desk.part(desk.rep, all);
  CHECK(arrival.frame.size() <= kFrameBytesMax);
  const auto& wraps = arrival.parcel().wraps;
  CHECK(wraps.size() > promised.size());
  CHECK(wraps.size() <= wire::kWrapsMax);
  for (const auto& p : promised) CHECK(std::ranges::any_of(wraps, [&](View w) { return std::ranges::equal(w, p); }));
}

TEST_CASE("parcel: of a batch that bears more stamps than a frame holds the earliest go with it", "[node][parcel]") {
  Four desk;
  const Digest id = batch_id(desk.parcel.batch.bytes);
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::find_batch(txn, id));
    for (std::uint32_t life = 1; life <= wire::kStampsMax + 4; ++life) {
      const Stamp stamp{id, {desk.hub.identity.id, life}, {100'000 - life}, {1, 5}, {}};
      SATCHEL_TRY(node::add_stamp(txn, *no, stamp, sign_stamp(stamp, desk.hub.identity.sign)));
    }
    return {};
  }));
  auto arrival = desk.part(desk.rep, {1, 2, 3, 4});
  const auto verified = must(desk.verify(arrival.parcel()));
  CHECK(verified.stamps.size() == wire::kStampsMax);
  for (const auto& s : verified.stamps) CHECK(s.stamp.hub.incarnation > 4);
}

TEST_CASE("parcel: late wraps count only with their maker's signature", "[node][parcel]") {
  Four desk;
  Wrap wrap = must(Wrap::decode(desk.parcel.wraps.at(0)));
  sign_wrap(wrap, desk.rep.identity.id, desk.rep.identity.sign);
  const auto left = [&](const Wrap& w) {
    const Bytes bytes = w.encode();
    const std::vector<View> one{bytes};
    return node::verify_wraps(one, desk.hub.replica().author_keys()).size();
  };
  CHECK(left(wrap) == 1);
  wrap.box[0] ^= 1;
  CHECK(left(wrap) == 0);
  wrap.box[0] ^= 1;
  wrap.by = desk.other.identity.id;
  CHECK(left(wrap) == 0);
}
