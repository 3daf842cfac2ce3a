// SPDX-License-Identifier: AGPL-3.0-or-later
// The directory's bytes: kept, served and taken as they were received.
#include "sync/node/directory_log.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

const auto kAll = [](const ArchiveId&, const Position&) { return true; };

// One run as a frame; what it borrows from lives in `bytes`.
wire::DirectoryRun frame_of(const node::RunBytes& bytes) {
  wire::DirectoryRun run;
  for (const auto& r : bytes.records) run.records.push_back({r.ordered, r.envelope});
  run.head = bytes.head;
  return run;
}

struct Copy {
  std::unique_ptr<Store> store = open_memory();
  Directory directory;
  explicit Copy(const OrgId& org) : directory(org) {}
  Result<node::TakenRun> take(const wire::DirectoryRun& run) {
    auto txn = must(store->begin_write());
    auto taken = node::take_run(*txn, directory, run);
    if (taken) must(txn->commit());
    return taken;
  }
};

}  // namespace

TEST_CASE("directory log: what one node serves, another replays to the same state", "[node][directory]") {
  Desk desk;
  const auto& org = desk.world.org();
  auto txn = must(desk.world.hq().replica().store().begin_read());
  const auto directory = desk.world.hq().replica().directory();
  const auto bytes = must(node::run_after(*txn, {}, kAll));
  REQUIRE_FALSE(bytes.more);
  Copy copy(org);
  CHECK(must(copy.take(frame_of(bytes))).records == bytes.records.size());
  CHECK(copy.directory.position() == directory->position());
  CHECK(copy.directory.last_order_hash() == directory->last_order_hash());
  CHECK(copy.directory.people().size() == directory->people().size());
  CHECK(must(copy.take(frame_of(bytes))).records == 0);  // nothing twice

  auto read = must(copy.store->begin_read());
  const auto loaded = must(node::load_directory(*read, org));
  CHECK(loaded.position() == directory->position());
  CHECK(loaded.last_order_hash() == directory->last_order_hash());
  CHECK(must(node::directory_end(*read)) == directory->position());
  const auto again = must(node::run_after(*read, {}, kAll));
  REQUIRE(again.records.size() == bytes.records.size());
  for (std::size_t i = 0; i < again.records.size(); ++i) {
    CHECK(again.records[i].ordered == bytes.records[i].ordered);
    CHECK(again.records[i].envelope == bytes.records[i].envelope);
  }
  CHECK(again.head == bytes.head);
}

TEST_CASE("directory log: goes on after any position", "[node][directory]") {
  Desk desk;
  auto txn = must(desk.world.hq().replica().store().begin_read());
  const auto all = must(node::run_after(*txn, {}, kAll));
  Copy copy(desk.world.org());
  for (std::size_t i = 0; i < all.records.size(); ++i) {
    const auto rest = must(node::run_after(*txn, copy.directory.position(), kAll));
    CHECK(rest.records.size() == all.records.size() - i);
    wire::DirectoryRun one;
    one.records.push_back({rest.records[0].ordered, rest.records[0].envelope});
    CHECK(must(copy.take(one)).records == 1);
    CHECK(must(node::order_hash_at(*txn, copy.directory.position())) == copy.directory.last_order_hash());
  }
}

TEST_CASE("directory log: a changed, reordered or left out record is refused and nothing of the run is kept",
          "[node][directory]") {
  Desk desk;
  auto txn = must(desk.world.hq().replica().store().begin_read());
  auto bytes = must(node::run_after(*txn, {}, kAll));
  REQUIRE(bytes.records.size() > 6);
  SECTION("a flipped bit in an envelope") { bytes.records[4].envelope[bytes.records[4].envelope.size() / 2] ^= 1; }
  SECTION("a flipped bit in an ordered record") { bytes.records[4].ordered[60] ^= 1; }
  SECTION("two exchanged") { std::swap(bytes.records[3], bytes.records[4]); }
  SECTION("one left out") { bytes.records.erase(bytes.records.begin() + 4); }
  SECTION("an envelope under another record") { std::swap(bytes.records[3].envelope, bytes.records[4].envelope); }
  SECTION("a cut record") { bytes.records[4].ordered.pop_back(); }
  SECTION("a changed head") { bytes.head.back() ^= 1; }
  Copy copy(desk.world.org());
  const auto taken = copy.take(frame_of(bytes));
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code.starts_with("directory."));
  CHECK(must(must(copy.store->begin_read())->count(Table::directory)) == 0);
}

TEST_CASE("directory log: an archive's statements are withheld from whoever may not see them, and revealed later",
          "[node][directory]") {
  Desk desk;
  sim::Node& manager = desk.world.device("manager", Role::branch_manager, "branch1");
  desk.world.settle(3);
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.settle(2);
  payload::OwnerSet owners;
  owners.owners = {desk.other.person};
  desk.world.state_as(manager, owners, archive);
  desk.world.settle(2);
  auto txn = must(desk.world.hq().replica().store().begin_read());
  const auto seen = must(node::run_after(*txn, {}, kAll));
  const auto unseen = must(node::run_after(*txn, {}, [](const ArchiveId&, const Position&) { return false; }));
  Copy copy(desk.world.org());
  must(copy.take(frame_of(unseen)));
  CHECK(copy.directory.withheld().size() == 1);
  CHECK(copy.directory.position() == desk.world.hq().replica().directory()->position());
  CHECK(copy.directory.last_order_hash() == desk.world.hq().replica().directory()->last_order_hash());
  CHECK(must(copy.take(frame_of(seen))).records == 1);
  CHECK(copy.directory.withheld().empty());
  const auto loaded = must(node::load_directory(*must(copy.store->begin_read()), desk.world.org()));
  CHECK(loaded.withheld().empty());
  CHECK(loaded.archive_facts().size() == 1);
}

TEST_CASE("directory log: what was withheld is told only at the place where it stands", "[node][directory]") {
  Desk desk;
  sim::Node& manager = desk.world.device("manager", Role::branch_manager, "branch1");
  desk.world.settle(3);
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.settle(2);
  payload::OwnerSet owners;
  owners.owners = {desk.other.person};
  desk.world.state_as(manager, owners, archive);
  desk.world.settle(2);
  auto txn = must(desk.world.hq().replica().store().begin_read());
  const auto seen = must(node::run_after(*txn, {}, kAll));
  Copy copy(desk.world.org());
  must(copy.take(frame_of(must(node::run_after(*txn, {}, [](const ArchiveId&, const Position&) { return false; })))));
  REQUIRE(copy.directory.withheld().size() == 1);
  const Ordered place = copy.directory.withheld().begin()->second;
  const auto honest = std::ranges::find(seen.records, encode(place), &node::RunBytes::Record::ordered);
  REQUIRE(honest != seen.records.end());

  const auto stored = [&](const Position& at) {
    return must(node::record_at(*must(copy.store->begin_read()), at)).ordered;
  };
  const Position former{place.position.incarnation, place.position.n - 1};
  const Bytes there = stored(former);
  Ordered elsewhere = place;
  SECTION("at the place of another") { elsewhere.position = former; }
  SECTION("at another time") { elsewhere.hub_time.ms += 1; }
  SECTION("as another statement") { elsewhere = must(decode_ordered(stored(former))); }
  const Bytes bent = encode(elsewhere);
  wire::DirectoryRun lie;
  lie.records.push_back({bent, honest->envelope});
  CHECK(must(copy.take(lie)).records == 0);
  CHECK(copy.directory.withheld().size() == 1);
  CHECK(stored(former) == there);
  CHECK(stored(place.position) == encode(place));
  CHECK(must(node::load_directory(*must(copy.store->begin_read()), desk.world.org())).withheld().size() == 1);
  CHECK(must(copy.take(frame_of(seen))).records == 1);
  CHECK(copy.directory.withheld().empty());
}

TEST_CASE("pending: kept in the order of making, changed in place, gone when ordered", "[node][directory]") {
  auto store = open_memory();
  auto txn = must(store->begin_write());
  const auto pending = [](Byte n) {
    node::Pending p;
    p.id.bytes.fill(n);
    p.envelope = Bytes(3, n);
    return p;
  };
  for (const Byte n : {9, 1, 5}) must(node::put_pending(*txn, pending(n)));
  auto refused = pending(1);
  refused.status = wire::SubmitStatus::refused;
  refused.code = "directory.no-authority";
  must(node::put_pending(*txn, refused));
  auto all = must(node::all_pending(*txn));
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == pending(9).id);
  CHECK(all[1].code == "directory.no-authority");
  CHECK(all[1].status == wire::SubmitStatus::refused);
  CHECK(all[2].envelope == pending(5).envelope);
  must(node::erase_pending(*txn, pending(1).id));
  all = must(node::all_pending(*txn));
  REQUIRE(all.size() == 2);
  CHECK(all[1].id == pending(5).id);
}
