// SPDX-License-Identifier: AGPL-3.0-or-later
// The outbox: own entries become batches once, in one stretch of the log each, and go out in order.
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

std::vector<node::Run> runs(sim::Node& at) {
  auto txn = must(at.replica().store().begin_read());
  std::vector<node::Run> out;
  for (node::Ordinal after = 1;;) {
    const auto run = must(node::run_from(*txn, after));
    if (!run) return out;
    out.push_back(*run);
    after = run->first + run->count;
  }
}
bool unsealed(sim::Node& at) { return must(node::has_unsealed(*must(at.replica().store().begin_read()))); }
std::size_t unsent(sim::Node& at) {
  return must(node::count_unsent(*must(at.replica().store().begin_read()), at.replica().self().chain()));
}

}  // namespace

TEST_CASE("outbox: sealing covers every own entry once, and twice is nothing", "[node][outbox]") {
  Desk desk;
  CHECK_FALSE(unsealed(desk.rep));
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.add_visit(desk.rep, archive, "一");
  CHECK(unsealed(desk.rep));
  CHECK(unsent(desk.rep) == 2);
  desk.seal(desk.rep);
  CHECK_FALSE(unsealed(desk.rep));
  desk.seal(desk.rep);
  const auto all = runs(desk.rep);
  REQUIRE(all.size() == 1);
  CHECK(all[0].first == 1);
  CHECK(all[0].count == 2);
  CHECK(all[0].from == 0);
  CHECK(unsent(desk.rep) == 2);  // sealed is not sent
}

TEST_CASE("outbox: a push cut short is repeated with the same bytes", "[node][outbox]") {
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  const auto first = desk.next_parcel(desk.rep).frame;
  desk.rep.stop();
  desk.rep.start();
  CHECK(hex(desk.next_parcel(desk.rep).frame) == hex(first));
}

TEST_CASE("outbox: batch numbers count on, and each batch names what its author knew", "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.seal(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  desk.seal(desk.rep);
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto one = must(node::batch_at(*txn, 1)), two = must(node::batch_at(*txn, 2));
  CHECK(two.batch.number == one.batch.number + 1);
  CHECK(two.batch.author == desk.rep.replica().self().chain());
  CHECK(two.batch.directory == desk.rep.replica().directory()->position());
  CHECK(verify_batch(two.signed_bytes, desk.rep.identity.sign.pub));
}

TEST_CASE("outbox: entries of others between own ones part the batches, so that each is one stretch of the log",
          "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货", {desk.rep.person, desk.other.person});
  desk.world.settle(2);
  desk.world.add_visit(desk.rep, archive, "一");
  desk.world.add_visit(desk.other, archive, "他");
  must(desk.push(desk.rep, desk.next_parcel(desk.other, 1).parcel(), desk.other));
  desk.world.add_visit(desk.rep, archive, "二");
  CHECK(unsent(desk.rep) == 2);
  desk.seal(desk.rep);
  CHECK(unsent(desk.rep) == 2);
  const auto all = runs(desk.rep);
  REQUIRE(all.size() >= 3);
  const auto& before = all[all.size() - 3];
  const auto& theirs = all[all.size() - 2];
  const auto& after = all[all.size() - 1];
  CHECK(before.from == 0);
  CHECK(theirs.from != 0);
  CHECK(after.from == 0);
  CHECK(before.batch != after.batch);
  CHECK(before.first + before.count == theirs.first);
  CHECK(theirs.first + theirs.count == after.first);
}

TEST_CASE("outbox: a batch never holds more than its bounds", "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, archive));
    SATCHEL_GET(info, node::archive_info(txn, *no));
    node::Scribe scribe(txn, effects.directory(), desk.rep.identity, desk.rep.keyring(), desk.rep.entropy,
                        {{1}, {1}, false});
    for (int i = 0; i < 1100; ++i) SATCHEL_TRY(scribe.write(*info, {}));
    RecordChange large{random_id<RecordId>(desk.rep.entropy), "visit", 1, {}};
    for (int i = 0; i < 3; ++i) large.ops.push_back({"summary", std::string(60'000, 'x'), {}});
    for (int i = 0; i < 6; ++i) SATCHEL_TRY(scribe.write(*info, {large}));
    return scribe.finish();
  }));
  desk.seal(desk.rep);
  std::uint64_t covered = 0;
  auto txn = must(desk.rep.replica().store().begin_read());
  for (const auto& run : runs(desk.rep)) {
    const auto batch = must(node::batch_at(*txn, run.batch)).batch;
    CHECK(batch.entries <= kBatchEntriesMax);
    CHECK(batch.leaves <= batch.entries);
    CHECK(run.first == covered + 1);
    covered += run.count;
    node::BatchPart part{run.batch, {}};
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < run.count; ++i) {
      part.ordinals.push_back(run.first + i);
      bytes += must(node::entry_at(*txn, run.first + i)).body.size();
    }
    CHECK(bytes <= kBatchBytesMax);
    CHECK(must(node::build_parcel(*txn, part, 1, true)).size() <= 1024 * 1024);
  }
  CHECK(covered == 1107);
}

TEST_CASE("outbox: what goes to a peer stops at unsealed entries and leaves out what came from it", "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  must(desk.push(desk.hub, desk.next_parcel(desk.rep).parcel(), desk.rep));
  {
    auto txn = must(desk.hub.replica().store().begin_read());
    const auto rep_no = must(node::find_node(*txn, desk.rep.identity.id));
    const auto back = must(node::next_outgoing(*txn, *rep_no, 0));
    CHECK_FALSE(back.part.has_value());
    CHECK(back.end == 1);  // looked at, so that it is not looked at again
    CHECK(must(node::next_outgoing(*txn, 0, 0)).part.has_value());
  }
  desk.world.add_visit(desk.rep, archive, "一");
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto out = must(node::next_outgoing(*txn, 0, 1));
  CHECK_FALSE(out.part.has_value());
  CHECK(out.end == 1);  // the mark does not pass what is not sealed yet
}

TEST_CASE("outbox: 'unsent' is what has no stamp, and a stamp from any hub ends it", "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.sync(desk.rep, desk.hub);
  CHECK(unsent(desk.rep) == 0);
  desk.world.add_visit(desk.rep, archive, "一");
  CHECK(unsent(desk.rep) == 1);
  desk.world.sync(desk.rep, desk.hub);
  CHECK(unsent(desk.rep) == 0);
}

TEST_CASE("marks: kept per incarnation of the peer, the feeds' beside them", "[node][outbox]") {
  Desk desk;
  auto store = open_memory();
  auto txn = must(store->begin_write());
  const AudienceId audience = hq_audience(desk.world.org());
  must(node::put_peer_marks(*txn, 3, 1, {true, 77, 8}));
  must(node::put_feed_cursor(*txn, 3, 1, audience, {9, 4}));
  const auto marks = must(node::peer_marks(*txn, 3, 1));
  CHECK(marks.met);
  CHECK(marks.pushed == 77);
  CHECK(marks.receipts == 8);
  CHECK(must(node::feed_cursor(*txn, 3, 1, audience)).position == 9);
  CHECK(must(node::feed_cursor(*txn, 3, 1, audience)).stamps == 4);
  CHECK_FALSE(must(node::peer_marks(*txn, 3, 2)).met);
  CHECK(must(node::feed_cursor(*txn, 3, 2, audience)).position == 0);
}

TEST_CASE("outbox: what another process wrote on in a former life is signed as that life's", "[node][outbox]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.seal(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    auto now = desk.rep.replica().author();
    ++now.chain.incarnation;
    SATCHEL_GET(covered, node::seal_outbox(txn, now));
    CHECK(covered == 1);
    return {};
  }));
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto run = must(node::run_of(*txn, 2));
  REQUIRE(run);
  const auto stored = must(node::batch_at(*txn, run->batch));
  CHECK(stored.batch.author == desk.rep.replica().self().chain());
  CHECK(stored.batch.number >= node::kSignedAgain);
  CHECK(verify_batch(stored.signed_bytes, desk.rep.identity.sign.pub));
}

TEST_CASE("outbox: a batch names no earlier place of the directory than its entries", "[node][outbox]") {
  // Another process may have learned more meanwhile.
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    auto behind = desk.rep.replica().author();
    behind.directory = {1, 1};
    SATCHEL_TRY(node::seal_outbox(txn, behind));
    return {};
  }));
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto run = must(node::run_of(*txn, 1));
  REQUIRE(run);
  CHECK(must(node::entry_at(*txn, 1)).header.directory > Position{1, 1});
  CHECK(must(node::batch_at(*txn, run->batch)).batch.directory == must(node::entry_at(*txn, 1)).header.directory);
}
