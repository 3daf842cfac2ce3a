// SPDX-License-Identifier: AGPL-3.0-or-later
// What a verified parcel does to the log: nothing twice, nothing over a gap, a fork kept as evidence.
#include "sync/node/intake.h"
#include "schema/wire/limits.h"
#include "sync/node/grants.h"
#include "sync/node/verify_log.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;
using wire::EntryVerdict;

namespace {

node::VerifyReport checked(sim::Node& at) {
  auto txn = must(at.replica().store().begin_read());
  return must(node::verify_log(*txn, *at.replica().directory(), {at.identity.id, at.role == wire::Role::hub}));
}
std::uint64_t entries(sim::Node& at) { return must(must(at.replica().store().begin_read())->count(Table::log)); }

}  // namespace

TEST_CASE("intake: the same parcel twice changes nothing the second time", "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.add_visit(desk.rep, archive, "一");
  auto arrival = desk.next_parcel(desk.rep);
  const auto once = must(desk.push(desk.hub, arrival.parcel(), desk.rep));
  CHECK(once.intake.appended == 2);
  CHECK(once.intake.news);
  CHECK(once.stamps.size() == 1);
  CHECK_FALSE(once.moved.empty());
  const auto twice = must(desk.push(desk.hub, arrival.parcel(), desk.rep));
  CHECK(twice.intake.appended == 0);
  CHECK(twice.intake.known == 2);
  CHECK_FALSE(twice.intake.news);
  CHECK(twice.intake.refused.empty());
  CHECK(twice.stamps == once.stamps);  // the answer is the same: the first one may have been lost
  CHECK(twice.moved.empty());
  CHECK(entries(desk.hub) == 2);
  CHECK(checked(desk.hub).sound());
}

TEST_CASE("intake: what does not follow what is held is refused with what is held", "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto opening = desk.next_parcel(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  auto first = desk.next_parcel(desk.rep, 1);
  desk.world.add_visit(desk.rep, archive, "二");
  auto second = desk.next_parcel(desk.rep, 2);

  const auto unknown = must(desk.push(desk.hub, second.parcel(), desk.rep));
  REQUIRE(unknown.intake.refused.size() == 1);
  CHECK(unknown.intake.refused[0].verdict == EntryVerdict::gap);
  CHECK(unknown.intake.refused[0].code == "intake.unknown-archive");
  CHECK(unknown.stamps.empty());  // nothing was taken, nothing is stamped

  must(desk.push(desk.hub, opening.parcel(), desk.rep));
  const auto gap = must(desk.push(desk.hub, second.parcel(), desk.rep));
  REQUIRE(gap.intake.refused.size() == 1);
  CHECK(gap.intake.refused[0].verdict == EntryVerdict::gap);
  CHECK(gap.intake.refused[0].code == "intake.gap");
  CHECK(gap.intake.refused[0].have == 1);
  CHECK(entries(desk.hub) == 1);

  must(desk.push(desk.hub, first.parcel(), desk.rep));
  CHECK(must(desk.push(desk.hub, second.parcel(), desk.rep)).intake.appended == 1);
  CHECK(entries(desk.hub) == 3);
  CHECK(checked(desk.hub).sound());
}

TEST_CASE("intake: work in a foreign archive is rejected by a hub, and named", "[node][intake]") {
  Desk desk;
  const auto theirs = desk.world.open_customer(desk.other, "南山超市");
  auto opening = desk.next_parcel(desk.other);
  must(desk.push(desk.hub, opening.parcel(), desk.other));
  // A modified program of rep's writes where it may not.
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(info, node::add_archive(txn, theirs));
    info.opened = true;
    SATCHEL_TRY(node::put_archive_info(txn, info));
    const Secret32 made_up = Secret32::random(desk.rep.entropy);
    info.key = key_id(made_up);
    SATCHEL_TRY(desk.rep.keyring().adopt(txn, info, 0, made_up));
    SATCHEL_TRY(node::put_archive_info(txn, info));
    node::Scribe scribe(txn, effects.directory(), desk.rep.identity, desk.rep.keyring(), desk.rep.entropy,
                        {{1}, {1}, true});
    SATCHEL_TRY(scribe.write(info, {}));
    return scribe.finish();
  }));
  auto intruder = desk.next_parcel(desk.rep);
  const auto taken = must(desk.push(desk.hub, intruder.parcel(), desk.rep));
  REQUIRE(taken.intake.refused.size() == 1);
  CHECK(taken.intake.refused[0].verdict == EntryVerdict::rejected);
  CHECK(taken.intake.refused[0].code == "intake.foreign");
  CHECK(entries(desk.hub) == 1);
  CHECK(taken.moved.empty());
}

TEST_CASE("intake: a fork is kept as evidence, once, and the first entry stays", "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  must(desk.push(desk.hub, desk.next_parcel(desk.rep).parcel(), desk.rep));
  // The device is put back to a copy of its disk, and goes on from there a second time.
  const auto copied = desk.rep.disk->clone();
  desk.world.add_visit(desk.rep, archive, "一");
  must(desk.push(desk.hub, desk.next_parcel(desk.rep, 1).parcel(), desk.rep));
  desk.rep.stop();
  desk.rep.disk = copied;
  desk.rep.start();
  desk.world.add_visit(desk.rep, archive, "又一");
  auto forked = desk.next_parcel(desk.rep, 1);

  const auto taken = must(desk.push(desk.hub, forked.parcel(), desk.rep));
  CHECK(taken.intake.forks == 1);
  REQUIRE(taken.intake.refused.size() == 1);
  CHECK(taken.intake.refused[0].verdict == EntryVerdict::fork);
  CHECK(taken.intake.refused[0].have == 2);
  must(desk.push(desk.hub, forked.parcel(), desk.rep));

  auto txn = must(desk.hub.replica().store().begin_read());
  const auto evidence = must(node::forks(*txn));
  REQUIRE(evidence.size() == 1);
  CHECK(evidence[0].archive == archive);
  CHECK(evidence[0].chain.node == desk.rep.identity.id);
  CHECK(evidence[0].seq == 2);
  CHECK(evidence[0].held != evidence[0].other);
  const auto heads = must(node::heads_of(*txn, *must(node::find_archive(*txn, archive))));
  REQUIRE(heads.size() == 1);
  CHECK(heads[0].chain.head.hash == evidence[0].held);
  txn.reset();
  CHECK(entries(desk.hub) == 2);
  CHECK(checked(desk.hub).sound());
}

TEST_CASE("intake: a wrap nobody committed to and nobody signed is not stored", "[node][intake]") {
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  auto arrival = desk.next_parcel(desk.rep);
  Wrap wrap = must(Wrap::decode(arrival.parcel().wraps.at(0)));
  wrap.box[50] ^= 1;
  const Bytes altered = wrap.encode();
  const auto honest = arrival.parcel().wraps;
  arrival.parcel().wraps = {altered};
  must(desk.push(desk.hub, arrival.parcel(), desk.rep));
  const auto held = [&] {
    auto txn = must(desk.hub.replica().store().begin_read());
    return must(node::wraps_of(*txn, 1)).size();
  };
  CHECK(held() == 0);
  arrival.parcel().wraps = honest;
  CHECK(must(desk.push(desk.hub, arrival.parcel(), desk.rep)).intake.news);
  CHECK(held() == honest.size());
}

TEST_CASE("intake: a withheld body keeps the chain whole and counts as no change", "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.add_visit(desk.rep, archive, "一");
  auto arrival = desk.next_parcel(desk.rep);
  auto& item = arrival.parcel().chains.at(0).entries.at(1);
  wire::ItemExtra extra;
  extra.withheld_body = body_hash(item.body);
  extra.withheld_size = static_cast<std::uint32_t>(item.body.size());
  const Bytes bytes = wire::encode_extra(extra);
  item = {{}, bytes};
  CHECK(must(desk.push(desk.hub, arrival.parcel(), desk.rep)).intake.appended == 2);
  const auto report = checked(desk.hub);
  CHECK(report.sound());
  CHECK(report.withheld == 1);
  // And it is passed on as it came.
  auto onward = desk.next_parcel(desk.hub);
  CHECK(code(desk.verify(onward.parcel())).empty());
}

TEST_CASE("intake: what was destroyed before anything of it came is refused by that word", "[node][intake]") {
  Desk desk;
  sim::Node& hq = desk.world.hq();
  sim::Node& boss = desk.world.device("boss", Role::general_manager, "");
  desk.world.settle(3);
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.seal(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  auto visit = desk.next_parcel(desk.rep, 1);
  const auto proposal = desk.world.state_as(boss, payload::DestroyProposed{{archive}});
  desk.world.sync(boss, hq);
  desk.world.state(payload::Destroy{proposal});
  desk.world.sync(desk.world.admin(), hq);
  // Not 'first what came before it': whoever has it would offer it for ever.
  const auto taken = must(desk.push(hq, visit.parcel(), desk.rep));
  REQUIRE(taken.intake.refused.size() == 1);
  CHECK(taken.intake.refused[0].verdict == EntryVerdict::rejected);
  CHECK(taken.intake.refused[0].code == "intake.destroyed");
}

TEST_CASE("intake: a later epoch opens no archive", "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto opening = desk.next_parcel(desk.rep);
  auto verified = must(desk.verify(opening.parcel(), &desk.hub));
  // As by somebody who knows the archive's id before the hub does.
  verified.segments.at(0).openings.at(0).opening.epoch = 1;
  verified.segments[0].openings[0].opening.owners = {desk.other.person};
  must(desk.hub.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(taken, node::take_parcel(txn, effects, desk.hub.replica(), verified, desk.rep.identity.id, true));
    CHECK(taken.intake.appended == 0);
    CHECK(taken.intake.refused.at(0).verdict == EntryVerdict::gap);
    CHECK(taken.intake.refused.at(0).code == "intake.unknown-archive");
    return {};
  }));
  CHECK(must(desk.push(desk.hub, opening.parcel(), desk.rep)).intake.appended == 1);
  auto txn = must(desk.hub.replica().store().begin_read());
  const auto info = must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  CHECK(info->opener == desk.rep.person);
  CHECK(info->epoch == 0);
}

TEST_CASE("intake: an opening knows no more of the directory than its batch", "[node][intake]") {
  // Else it would stand outside every handover to come, and its key would never be changed for whoever leaves.
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto opening = desk.next_parcel(desk.rep);
  auto verified = must(desk.verify(opening.parcel(), &desk.hub));
  CHECK(verified.segments.at(0).openings.at(0).seen <= verified.batch.directory);
  verified.segments[0].openings[0].seen = {1, 1'000'000};
  must(desk.hub.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(node::take_parcel(txn, effects, desk.hub.replica(), verified, desk.rep.identity.id, true));
    return {};
  }));
  auto txn = must(desk.hub.replica().store().begin_read());
  const auto info = must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  CHECK(info->opened_at == verified.batch.directory);
}

TEST_CASE("intake: a wrap beside somebody's own work is not taken for an archive its maker has nothing to do with",
          "[node][intake]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto opening = desk.next_parcel(desk.rep);
  must(desk.push(desk.hub, opening.parcel(), desk.rep));
  desk.world.open_customer(desk.other, "南山超市", {desk.other.person});
  const auto push_wrap = [&](sim::Node& maker) {
    Wrap wrap;
    wrap.archive = archive;
    wrap.audience = person_audience(desk.world.org(), desk.other.person);
    wrap.key = KeyId::of(Bytes(KeyId::size, 9));
    wrap.box = Bytes(112, 1);
    sign_wrap(wrap, maker.identity.id, maker.identity.sign);
    const Bytes bytes = wrap.encode();
    auto own = desk.next_parcel(maker);
    own.parcel().wraps = {bytes};
    must(desk.push(desk.hub, own.parcel(), maker));
    return must(node::wraps_for(*must(desk.hub.replica().store().begin_read()), 1, wrap.audience)).size();
  };
  CHECK(push_wrap(desk.other) == 0);
  CHECK(push_wrap(desk.rep) == 1);
}

namespace {

// A batch of rep's that no honest program seals: each of its archives opens with a body of 200 KiB.
struct Giant : Desk {
  static constexpr std::size_t kLeaves = 3;
  const Bytes body = Bytes(200 * 1024, 7);
  std::vector<Header> headers;
  std::vector<Bytes> extras;
  std::vector<Bytes> proofs;
  SignedBytes signed_batch;

  Giant() {
    std::vector<Digest> ends;
    for (std::size_t i = 0; i < kLeaves; ++i) {
      Opening opening;
      opening.kind = ArchiveKind::customer;
      opening.owners = {rep.person};
      opening.key = random_id<KeyId>(rep.entropy);
      const Bytes clear = opening.encode();
      Header header;
      header.archive = random_id<ArchiveId>(rep.entropy);
      header.chain = {rep.identity.id, rep.identity.incarnation};
      header.seq = 1;
      header.body = body_hash(body);
      header.body_size = static_cast<std::uint32_t>(body.size());
      header.clear = clear_hash(clear);
      wire::ItemExtra extra;
      extra.clear = clear;
      extras.push_back(wire::encode_extra(extra));
      headers.push_back(header);
      ends.push_back(header_hash(header.encode()));
    }
    Batch batch;
    batch.author = headers.front().chain;
    batch.number = 1;
    batch.entries = batch.leaves = kLeaves;
    batch.root = merkle_root(ends);
    signed_batch = sign_batch(batch, rep.identity.sign);
    const auto tree = PartialTree::full(ends);
    for (std::uint32_t i = 0; i < kLeaves; ++i) {
      Bytes& proof = proofs.emplace_back();
      for (const auto& digest : tree.prove(std::vector<std::uint32_t>{i}))
        proof.insert(proof.end(), digest.bytes.begin(), digest.bytes.end());
    }
  }
  wire::Segment segment(std::size_t i) const {
    return {headers[i].archive, 1, {}, static_cast<std::uint32_t>(i), 0, {}, {{body, extras[i]}}};
  }
  wire::Parcel parcel(std::size_t i) const {
    wire::Parcel one;
    one.batch = {signed_batch.bytes, signed_batch.signature};
    one.proof = proofs[i];
    one.chains.push_back(segment(i));
    return one;
  }
};

}  // namespace

TEST_CASE("intake: a batch grows no larger than a frame, in however many parcels it comes", "[node][intake]") {
  Giant desk;
  wire::Parcel whole = desk.parcel(0);
  whole.proof = {};
  for (std::size_t i = 1; i < Giant::kLeaves; ++i) whole.chains.push_back(desk.segment(i));
  CHECK(code(desk.verify(whole)) == "parcel.too-large");

  CHECK(must(desk.push(desk.hub, desk.parcel(0), desk.rep)).intake.appended == 1);
  CHECK(must(desk.push(desk.hub, desk.parcel(1), desk.rep)).intake.appended == 1);
  const auto third = must(desk.push(desk.hub, desk.parcel(2), desk.rep));
  CHECK(third.intake.appended == 0);
  REQUIRE(third.intake.refused.size() == 1);
  CHECK(third.intake.refused[0].verdict == EntryVerdict::rejected);
  CHECK(third.intake.refused[0].code == "intake.batch-too-large");
  CHECK(must(desk.push(desk.hub, desk.parcel(0), desk.rep)).intake.known == 1);
  CHECK(entries(desk.hub) == 2);
  CHECK(checked(desk.hub).sound());

  // The hub hands it on as a whole.
  auto txn = must(desk.hub.replica().store().begin_read());
  const auto out = must(node::next_outgoing(*txn, 0, 0));
  REQUIRE(out.part);
  CHECK(out.part->ordinals.size() == 2);
  CHECK(must(node::build_parcel(*txn, *out.part, 1, true)).size() <= kFrameBytesMax);
}

TEST_CASE("intake: a batch covers one stretch of a chain, so that it can be handed on whole", "[node][intake]") {
  // Two entries of one chain under one batch, and the one between them under another.
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  must(desk.push(desk.hub, desk.next_parcel(desk.rep).parcel(), desk.rep));
  auto txn = must(desk.rep.replica().store().begin_read());
  Digest previous = must(node::heads_of(*txn, 1)).front().chain.head.hash;
  std::array<Digest, 3> hashes;
  std::array<Digest, 3> before;
  const Bytes body(60, 1);
  for (std::uint64_t i = 0; i < 3; ++i) {
    Header header;
    header.archive = archive;
    header.chain = {desk.rep.identity.id, desk.rep.identity.incarnation};
    header.seq = 2 + i;
    header.previous = before[i] = previous;
    header.body = body_hash(body);
    header.body_size = static_cast<std::uint32_t>(body.size());
    previous = hashes[i] = header_hash(header.encode());
  }
  const auto sealed = [&](std::uint64_t number, const std::vector<Digest>& ends) {
    Batch batch;
    batch.author = {desk.rep.identity.id, desk.rep.identity.incarnation};
    batch.number = number;
    batch.entries = batch.leaves = static_cast<std::uint32_t>(ends.size());
    batch.root = merkle_root(ends);
    return sign_batch(batch, desk.rep.identity.sign);
  };
  const std::vector<Digest> outer_ends{hashes[0], hashes[2]};
  const auto outer = sealed(50, outer_ends);
  const auto inner = sealed(51, {hashes[1]});
  const auto pushed = [&](const SignedBytes& batch, std::uint64_t i, std::uint32_t leaf, View proof) {
    wire::Parcel parcel;
    parcel.batch = {batch.bytes, batch.signature};
    parcel.proof = proof;
    parcel.chains.push_back({archive, 2 + i, before[i], leaf, 0, {}, {{body, {}}}});
    return must(desk.push(desk.hub, parcel, desk.rep)).intake;
  };
  const auto proof = [&](std::uint32_t leaf) {
    Bytes out;
    for (const auto& d : PartialTree::full(outer_ends).prove(std::vector<std::uint32_t>{leaf}))
      out.insert(out.end(), d.bytes.begin(), d.bytes.end());
    return out;
  };
  CHECK(pushed(outer, 0, 0, proof(0)).appended == 1);
  CHECK(pushed(inner, 1, 0, {}).appended == 1);
  const auto torn = pushed(outer, 2, 1, proof(1));
  CHECK(torn.appended == 0);
  REQUIRE(torn.refused.size() == 1);
  CHECK(torn.refused[0].code == "intake.batch-torn");
  // Whoever comes new is served.
  auto at_hub = must(desk.hub.replica().store().begin_read());
  for (auto& part : node::by_batch(must(node::difference(*at_hub, 1, {})).parts))
    CHECK(node::build_parcel(*at_hub, part, 1, true).has_value());
}
