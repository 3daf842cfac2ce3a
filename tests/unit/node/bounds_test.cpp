// SPDX-License-Identifier: AGPL-3.0-or-later
// What is looked up inside write transactions reads as much as it answers, however much else is there: counted in
// store operations, so that no clock is asked.
#include "sync/node/grants.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

class CountingCursor final : public Cursor {
 public:
  CountingCursor(std::unique_ptr<Cursor> inner, std::size_t& reads) : inner_(std::move(inner)), reads_(reads) {}
  Result<std::optional<KeyValue>> seek(View from) override { return ++reads_, inner_->seek(from); }
  Result<std::optional<KeyValue>> seek_before(View before) override { return ++reads_, inner_->seek_before(before); }
  Result<std::optional<KeyValue>> next() override { return ++reads_, inner_->next(); }
  Result<std::optional<KeyValue>> prev() override { return ++reads_, inner_->prev(); }

 private:
  std::unique_ptr<Cursor> inner_;
  std::size_t& reads_;
};

class CountingTxn final : public WriteTxn {
 public:
  explicit CountingTxn(WriteTxn& inner) : inner_(inner) {}
  Result<std::optional<View>> get(Table table, View key) const override { return ++reads, inner_.get(table, key); }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override {
    SATCHEL_GET(inner, inner_.cursor(table));
    return std::make_unique<CountingCursor>(std::move(inner), reads);
  }
  Result<std::uint64_t> count(Table table) const override { return ++reads, inner_.count(table); }
  Result<void> put(Table table, View key, View value) override { return inner_.put(table, key, value); }
  Result<void> append(Table table, View key, View value) override { return inner_.append(table, key, value); }
  Result<bool> erase(Table table, View key) override { return inner_.erase(table, key); }
  Result<void> commit() override { return inner_.commit(); }
  mutable std::size_t reads = 0;

 private:
  WriteTxn& inner_;
};

// A hub with one archive of two visits, and `others` more batches beside it, all in that archive or each in its own.
struct Crowd : Desk {
  ArchiveId archive = world.open_customer(rep, "福田百货");
  Arrival opening = next_parcel(rep);
  Crowd(int others, bool same_archive) {
    world.add_visit(rep, archive, "一");
    must(push(hub, opening.parcel(), rep));
    must(push(hub, next_parcel(rep, 1).parcel(), rep));
    for (int i = 0; i < others; ++i) {
      if (same_archive) {
        world.add_visit(rep, archive, "又一");
      } else {
        world.open_customer(rep, "别的");
      }
      must(push(hub, next_parcel(rep, static_cast<node::Ordinal>(2 + i)).parcel(), rep));
    }
  }
  std::size_t reads(const std::function<void(CountingTxn&)>& work) {
    std::size_t out = 0;
    must(hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      CountingTxn counting(txn);
      work(counting);
      out = counting.reads;
      return {};
    }));
    return out;
  }
};

std::size_t reads_for_archives(int others) {
  Crowd crowd(others, false);
  return crowd.reads([](CountingTxn& txn) { CHECK(must(node::archives_of(txn, 1)).size() == 1); });
}

std::size_t reads_for_wrap(int others) {
  Crowd crowd(others, true);
  const auto wraps = node::verify_wraps(crowd.opening.parcel().wraps, crowd.hub.replica().author_keys());
  REQUIRE_FALSE(wraps.empty());
  return crowd.reads([&](CountingTxn& txn) {
    // As after a backup, which has no grants.
    std::vector<Bytes> held = must(node::wraps_of(txn, 1));
    CHECK_FALSE(held.empty());
    std::vector<Bytes> keys;
    must(scan_prefix(txn, Table::grants, {}, [&](KeyValue pair) {
      keys.push_back(copy(pair.key));
      return true;
    }));
    for (const auto& key : keys) must(txn.erase(Table::grants, key));
    txn.reads = 0;
    CHECK(must(node::take_wraps(txn, wraps)).size() == wraps.size());
  });
}

}  // namespace

TEST_CASE("bounds: the archives of a batch are found without walking the other batches", "[node][bounds]") {
  const auto few = reads_for_archives(2);
  CHECK(reads_for_archives(60) == few);
  CHECK(few < 12);
}

TEST_CASE("bounds: whether an opening promised a wrap is told without walking the archive", "[node][bounds]") {
  const auto few = reads_for_wrap(2);
  CHECK(reads_for_wrap(60) == few);
}

TEST_CASE("bounds: what is here of a batch is found whole, also when it came in parts and out of order",
          "[node][bounds]") {
  Desk desk;
  std::vector<ArchiveId> archives;
  for (int i = 0; i < 4; ++i) archives.push_back(desk.world.open_customer(desk.rep, "店"));
  desk.seal(desk.rep);
  auto second = desk.part(desk.rep, {2, 4});
  auto first = desk.part(desk.rep, {1});
  must(desk.push(desk.hub, second.parcel(), desk.rep));
  desk.world.open_customer(desk.other, "别家");
  must(desk.push(desk.hub, desk.next_parcel(desk.other).parcel(), desk.other));
  must(desk.push(desk.hub, first.parcel(), desk.rep));
  must(desk.push(desk.hub, desk.part(desk.rep, {3}).parcel(), desk.rep));
  auto txn = must(desk.hub.replica().store().begin_read());
  CHECK(must(node::ordinals_of(*txn, 1)) == std::vector<node::Ordinal>{1, 2, 4, 5});
  CHECK(must(node::archives_of(*txn, 1)).size() == 4);
  CHECK(must(node::ordinals_of(*txn, 2)) == std::vector<node::Ordinal>{3});
  CHECK(must(node::ordinals_of(*must(desk.rep.replica().store().begin_read()), 1)).size() == 4);
}

TEST_CASE("intake: an archive opened and its key changed in one batch is known with the newer epoch",
          "[node][intake]") {
  // Only the first clear part of a chain was looked at.
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  auto arrival = desk.next_parcel(desk.rep);
  auto verified = must(desk.verify(arrival.parcel(), &desk.hub));
  node::SeenOpening next = verified.segments.at(0).openings.at(0);
  next.opening.epoch = 1;
  next.opening.key.bytes.fill(9);
  verified.segments[0].openings.push_back(next);
  must(desk.hub.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(node::take_parcel(txn, effects, desk.hub.replica(), verified, desk.rep.identity.id, true));
    return {};
  }));
  auto txn = must(desk.hub.replica().store().begin_read());
  CHECK(must(node::archive_info(*txn, 1))->epoch == 1);
  CHECK(must(node::archive_info(*txn, 1))->key == next.opening.key);
  CHECK(must(node::openings_of(*txn, 1, 0)).size() == 1);
}
