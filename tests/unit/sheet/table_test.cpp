// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sync/sheet/table.h"
#include "tests/unit/sheet/rows.h"

using namespace satchel;

namespace {

constexpr std::uint16_t kName = 0;
constexpr std::uint16_t kSum = 3;

SheetRow plain_row(std::uint64_t n, std::int64_t created, std::string name = "福田百货") {
  SheetRow row;
  row.record = id_of<RecordId>(n);
  row.archive = id_of<ArchiveId>(n / 10);
  row.archive_no = static_cast<std::uint32_t>(n / 10);
  row.author = id_of<PersonId>(n % 50);
  row.branch = id_of<BranchId>(n % 3);
  row.created.ms = created;
  row.values = {{kName, Value(std::move(name))}, {kSum, Value(Decimal{static_cast<std::int64_t>(n), 2})}};
  return row;
}

std::vector<std::int64_t> times(const SheetTable& table, bool newest) {
  std::vector<std::int64_t> out;
  const auto take = [&](const SheetView& row) {
    out.push_back(row.created().ms);
    return true;
  };
  newest ? table.each_newest(take) : table.each(take);
  return out;
}

}  // namespace

TEST_CASE("sheet table: a row is found by record and read by column", "[sheet][table]") {
  SheetTable table;
  const auto position = table.upsert(plain_row(7, 1000, "长沙银行"));
  REQUIRE(position.has_value());
  CHECK(table.find(id_of<RecordId>(7)) == *position);
  CHECK_FALSE(table.find(id_of<RecordId>(8)).has_value());
  CHECK(table.text(*position, kName) == "长沙银行");
  CHECK(table.get(*position, kSum) == Value(Decimal{7, 2}));
  CHECK(empty(table.get(*position, 9)));
  CHECK(table.text(*position, kSum).empty());
  CHECK(table.at(*position).has(kSum));
  CHECK_FALSE(table.at(*position).has(1));
  CHECK(table.at(*position).row() == plain_row(7, 1000, "长沙银行"));
}

TEST_CASE("sheet table: an upsert of a known record keeps its position", "[sheet][table]") {
  SheetTable table;
  const auto position = *table.upsert(plain_row(1, 10, "短"));
  (void)table.upsert(plain_row(2, 20));
  SheetRow changed = plain_row(1, 30, "很长很长很长的名字");
  changed.standing = kRowBinned;
  changed.contested = changed.corrected = true;
  CHECK(*table.upsert(changed) == position);
  CHECK(table.size() == 2);
  CHECK(table.at(position).row() == changed);
  CHECK(times(table, false) == std::vector<std::int64_t>{20, 30});
}

TEST_CASE("sheet table: walks rows from the oldest and from the newest whatever the order of arrival",
          "[sheet][table]") {
  SheetTable table;
  for (const std::int64_t t : {50, 10, 40, 20, 30}) (void)table.upsert(plain_row(static_cast<std::uint64_t>(t), t));
  CHECK(times(table, false) == std::vector<std::int64_t>{10, 20, 30, 40, 50});
  (void)table.upsert(plain_row(25, 25));
  CHECK(table.erase(id_of<RecordId>(40)));
  CHECK_FALSE(table.erase(id_of<RecordId>(40)));
  CHECK(times(table, true) == std::vector<std::int64_t>{50, 30, 25, 20, 10});
  std::size_t seen = 0;
  table.each_newest([&](const SheetView&) { return ++seen < 2; });
  CHECK(seen == 2);
}

TEST_CASE("sheet table: bytes that are no row change nothing", "[sheet][table]") {
  SheetTable table;
  Bytes bytes = *encode_row(plain_row(1, 1));
  bytes.pop_back();
  CHECK(table.upsert_encoded(bytes).error().code == "sheet.row");
  CHECK(table.size() == 0);
  CHECK(table.by_creation().empty());
}

TEST_CASE("sheet table: agrees with a plain map under any upserts and erasures", "[sheet][table]") {
  const auto ok = rc::check("model", [] {
    SheetTable table;
    std::map<RecordId, SheetRow> model;
    const auto steps = *rc::gen::inRange(0, 300);
    for (int i = 0; i < steps; ++i) {
      const auto n = *rc::gen::inRange<std::uint64_t>(0, 60);
      if (*rc::gen::inRange(0, 3) == 0) {
        RC_ASSERT(table.erase(id_of<RecordId>(n)) == (model.erase(id_of<RecordId>(n)) == 1));
      } else {
        const auto name = std::string(*rc::gen::inRange<std::size_t>(0, 400), 'x');
        const SheetRow row = plain_row(n, *rc::gen::inRange(0, 30), name);
        RC_ASSERT(table.upsert(row).has_value());
        model[row.record] = row;
      }
      if (*rc::gen::inRange(0, 10) == 0) (void)table.by_creation();
    }
    RC_ASSERT(table.size() == model.size());
    std::set<std::uint32_t> positions;
    std::pair<std::int64_t, RecordId> before{-1, {}};
    table.each([&](const SheetView& view) {
      positions.insert(view.position());
      RC_ASSERT(view.row() == model.at(view.record()));
      RC_ASSERT(table.find(view.record()) == view.position());
      const std::pair now{view.created().ms, view.record()};
      RC_ASSERT(before < now);
      before = now;
      return true;
    });
    RC_ASSERT(positions.size() == model.size());
  });
  REQUIRE(ok);
}

TEST_CASE("sheet table: space of replaced and erased rows comes back", "[sheet][table]") {
  SheetTable table;
  for (int round = 0; round < 40; ++round) {
    const std::string name(100 + static_cast<std::size_t>(round), 'x');
    for (std::uint64_t n = 0; n < 2000; ++n) (void)table.upsert(plain_row(n, 1, name));
  }
  CHECK(table.memory() < 3'000'000);
  for (std::uint64_t n = 0; n < 200'000; ++n) {
    (void)table.upsert(plain_row(10'000 + n, 1));
    table.erase(id_of<RecordId>(10'000 + n));
  }
  CHECK(table.size() == 2000);
  CHECK(table.memory() < 3'000'000);
  CHECK(table.text(*table.find(id_of<RecordId>(5)), kName) == std::string(139, 'x'));
}

TEST_CASE("sheet table: 20,000 customers stay well under 20 MB, 200,000 visits under 60", "[sheet][table][volume]") {
  for (const std::uint64_t count : {20'000u, 200'000u}) {
    SheetTable table;
    for (std::uint64_t n = 0; n < count; ++n) {
      const SheetRow row = plain_row(n * 7919, static_cast<std::int64_t>(n), std::string(120, 'x'));
      (void)table.upsert_encoded(*encode_row(row));
    }
    std::size_t letters = 0;
    table.each_newest([&](const SheetView& view) {
      letters += view.text(kName).size();
      return true;
    });
    CHECK(letters == count * 120);
    CHECK(table.memory() < count * 300);
  }
}
