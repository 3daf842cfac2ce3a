// SPDX-License-Identifier: AGPL-3.0-or-later
// State is a function of entries, stamps, verdicts and directory position, and of nothing else: what one node learned
// in its order, another is handed piece by piece in any order, and reads the same to the byte.
#include <rapidcheck.h>

#include "sync/node/grants.h"
#include "tests/simulation/readings.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

// A company that has something to disagree about: concurrent values under wrong clocks, work after the right was
// lost, verdicts both ways, stamps of two hubs.
struct Story {
  Desk d;
  sim::Node& manager = d.world.device("manager", Role::branch_manager, "branch1", 3'600'000);
  sim::Node& boss = d.world.device("boss", Role::general_manager, "");
  ArchiveId customer;

  Story() {
    auto& w = d.world;
    w.settle(3);
    customer = w.open_customer(d.rep, "福田百货");
    w.settle(3);
    const auto card = *w.card_of(d.rep, customer);
    w.set_field(d.rep, customer, card, "customer", "phone", std::string("1"));
    w.set_field(manager, customer, card, "customer", "phone", std::string("2"));
    w.sync(d.rep, w.hq());  // past the branch, whose stamp comes later
    w.set_field(d.rep, customer, card, "customer", "grade", std::string("甲"));
    w.settle(3);
    dismiss();
    for (int i = 0; i < 3; ++i) {
      w.add_visit(d.rep, customer, "离职之后" + std::to_string(i));
      w.set_field(d.rep, customer, card, "customer", "phone", std::string(1, static_cast<char>('3' + i)));
      d.seal(d.rep);  // a batch each
    }
    w.sync(d.rep, d.hub);  // hands in, and learns of it
    verdict(manager, VerdictChoice::admit, 5, 6);
    verdict(boss, VerdictChoice::refuse, 6, 7);
    w.settle(5);
  }
  void dismiss() {
    payload::PersonChanged left{.person = d.rep.person};
    left.active = false;
    d.world.state(left);
    d.world.sync(d.world.admin(), d.world.hq());
    d.world.sync(d.hub, d.world.hq());  // the hubs know, the device does not
  }
  void verdict(sim::Node& by, VerdictChoice choice, std::uint64_t from, std::uint64_t to) {
    payload::Verdict verdict;
    verdict.choice = choice;
    verdict.ranges.push_back({d.rep.identity.id, d.rep.identity.incarnation, from, to});
    d.world.state_as(by, verdict, customer);
  }
};

// One thing to be told, by itself.
struct Piece {
  enum { parcel, stamps, statement } kind;
  Bytes bytes;                    // of a parcel without stamps
  std::vector<SignedBytes> told;  // stamps
  node::RunBytes::Record record;
};

std::vector<Piece> pieces_of(sim::Node& at) {
  std::vector<Piece> out;
  const auto txn = must(at.replica().store().begin_read());
  for (node::BatchNo no = 1; no <= must(txn->count(Table::batches)); ++no) {
    const Bytes whole = must(node::build_parcel(*txn, {no, must(node::ordinals_of(*txn, no))}, 1, false));
    auto received = must(wire::Received::decode(whole));
    std::get<wire::Parcel>(received.frame()).stamps.clear();
    out.push_back({Piece::parcel, wire::encode(received.frame()), {}, {}});
    for (const auto& s : must(node::stamps_of(*txn, no))) out.push_back({Piece::stamps, {}, {s.signed_bytes}, {}});
  }
  const auto run = must(node::run_after(*txn, {}, [](auto&&...) { return true; }));
  for (const auto& record : run.records) {
    if (must(decode_ordered(record.ordered)).scope == Scope::archive) out.push_back({Piece::statement, {}, {}, record});
  }
  return out;
}

// Whether it could be taken now: some pieces need others first, and are handed over again.
bool hand_over(sim::Node& to, const Piece& piece, const NodeId& from) {
  auto& replica = to.replica();
  bool taken = true;
  must(replica.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    if (piece.kind == Piece::statement) {
      wire::DirectoryRun run;
      run.records.push_back({piece.record.ordered, piece.record.envelope});
      SATCHEL_GET(fresh, node::take_directory(txn, effects, replica, run));
      (void)fresh;
    } else if (piece.kind == Piece::stamps) {
      const auto stamp = must(Stamp::decode(piece.told.front().bytes));
      SATCHEL_GET(batch, node::find_batch(txn, stamp.batch));
      taken = batch.has_value();
      const wire::SignedView view{piece.told.front().bytes, piece.told.front().signature};
      SATCHEL_TRY(node::take_receipts(txn, effects, replica, std::span(&view, 1)));
    } else {
      const auto received = must(wire::Received::decode(piece.bytes));
      const auto& parcel = std::get<wire::Parcel>(received.frame());
      SATCHEL_GET(verified, node::verify_parcel(parcel, replica.author_keys(), replica.hub_keys()));
      SATCHEL_GET(intake, node::take_parcel(txn, effects, replica, verified, from, false));
      taken = intake.intake.refused.empty();
    }
    return {};
  }));
  return taken;
}

// A second device with the first one's keys, which knows the directory but for what was said of archives.
std::unique_ptr<sim::Node> newcomer(Story& story) {
  sim::Node& boss = story.boss;
  auto copy = std::make_unique<sim::Node>(story.d.world, "copy", boss.identity, boss.role, boss.org, 99, 0);
  copy->person = boss.person;
  copy->vault_key = boss.vault_key;
  copy->start();
  const auto txn = must(boss.replica().store().begin_read());
  const auto run = must(node::run_after(*txn, {}, [](auto&&...) { return false; }));
  wire::DirectoryRun frame;
  for (const auto& r : run.records) frame.records.push_back({r.ordered, r.envelope});
  must(copy->replica().write([&](WriteTxn& write, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(fresh, node::take_directory(write, effects, copy->replica(), frame));
    (void)fresh;
    return {};
  }));
  return copy;
}

Bytes read(sim::Node& at, const ArchiveId& archive) {
  const auto txn = must(at.replica().store().begin_read());
  const auto info = *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  const auto reading = sim::read_slowly(at, *txn, info);
  RC_ASSERT(reading.unread == 0U);
  Bytes out = sim::state_bytes(reading);
  out.push_back(static_cast<Byte>(reading.held));
  return out;
}

}  // namespace

TEST_CASE("order: entries, stamps and verdicts told in any order add up to the same state", "[node][order]") {
  Story story;
  const auto pieces = pieces_of(story.boss);
  const Bytes expected = read(story.boss, story.customer);
  REQUIRE(expected.back() > 0);  // something is still held
  REQUIRE(std::ranges::count(pieces, Piece::statement, &Piece::kind) == 2);
  REQUIRE(std::ranges::count(pieces, Piece::stamps, &Piece::kind) > 5);
  REQUIRE(rc::check("any order", [&] {
    auto order = pieces;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    auto copy = newcomer(story);
    while (!order.empty()) {
      const auto before = order.size();
      std::erase_if(order, [&](const Piece& p) { return hand_over(*copy, p, story.d.world.hq().identity.id); });
      RC_ASSERT(order.size() < before);
    }
    const auto txn = must(story.boss.replica().store().begin_read());
    std::vector<Bytes> wraps;
    must(scan_prefix(*txn, Table::grants, {}, [&](KeyValue pair) {
      wraps.push_back(satchel::copy(pair.value));
      return true;
    }));
    const std::vector<View> views(wraps.begin(), wraps.end());
    must(copy->replica().write([&](WriteTxn& write, node::Effects& effects) {
      return node::take_late_wraps(write, effects, copy->replica(),
                                   node::verify_wraps(views, copy->replica().author_keys()), false);
    }));
    RC_ASSERT(read(*copy, story.customer) == expected);
  }));
}
