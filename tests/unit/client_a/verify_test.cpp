// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/verify.h"

#include <catch2/catch.hpp>

#include "sync/holder/standing.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

// A salesperson with a customer and two visits, all derived.
struct Story {
  Company company;
  Seat& rep = company.join("甲", Role::salesperson);

  Story() {
    company.open(rep, "福田百货");
    company.visit(rep, "福田百货", {{"purpose", "拜访"}, {"summary", "谈了年货"}});
    company.visit(rep, "福田百货", {{"purpose", "拜访"}, {"summary", "送样品"}});
    company.sync(rep);
    must(rep.device->deriver().apply());
  }

  holder::DeviceVerification verify() { return must(holder::verify_device(*rep.device)); }

  void tamper(const std::function<Result<void>(WriteTxn&)>& work) {
    must(rep.device->replica().write([&](WriteTxn& txn, node::Effects&) { return work(txn); }));
  }

  std::vector<std::pair<Bytes, Bytes>> rows(Table table) {
    std::vector<std::pair<Bytes, Bytes>> out;
    const auto txn = must(rep.device->replica().store().begin_read());
    must(scan_prefix(*txn, table, {}, [&](KeyValue pair) {
      out.emplace_back(copy(pair.key), copy(pair.value));
      return true;
    }));
    return out;
  }
};

bool found(const holder::DeviceVerification& v, std::string_view code) {
  return std::ranges::any_of(v.derived.findings, [&](const node::Finding& f) { return f.code == code; });
}

}  // namespace

TEST_CASE("verify: a vault nobody touched is sound, and its rows were compared", "[client]") {
  Story story;
  const auto v = story.verify();
  CHECK(v.sound());
  CHECK(v.derived.records == 3);
  CHECK(v.derived.rows == 3);
  CHECK(v.derived.keys == 1);
}

TEST_CASE("verify: a row that is missing, and one that stands in another's place, are found", "[client]") {
  Story story;
  const auto rows = story.rows(Table::sheets);
  REQUIRE(rows.size() == 3);
  SECTION("missing") {
    story.tamper([&](WriteTxn& txn) -> Result<void> {
      SATCHEL_TRY(txn.erase(Table::sheets, rows[0].first));
      return {};
    });
    CHECK(found(story.verify(), "verify.row"));
  }
  SECTION("two swapped") {
    story.tamper([&](WriteTxn& txn) -> Result<void> {
      SATCHEL_TRY(txn.put(Table::sheets, rows[1].first, rows[2].second));
      return txn.put(Table::sheets, rows[2].first, rows[1].second);
    });
    CHECK(found(story.verify(), "verify.row"));
  }
  SECTION("one bit") {
    auto damaged = rows[1].second;
    damaged.back() ^= 1;
    story.tamper([&](WriteTxn& txn) { return txn.put(Table::sheets, rows[1].first, damaged); });
    CHECK(found(story.verify(), "verify.row"));
  }
  SECTION("one too many") {
    story.tamper([&](WriteTxn& txn) { return txn.put(Table::sheets, node::key_of(9u, 9u), rows[0].second); });
    CHECK(found(story.verify(), "verify.row-unfounded"));
  }
  CHECK_FALSE(story.verify().sound());
}

TEST_CASE("verify: an index that leaves a record or an entry out is found", "[client]") {
  Story story;
  const auto records = story.rows(Table::records);
  REQUIRE(records.size() == 3);
  story.tamper([&](WriteTxn& txn) -> Result<void> {
    SATCHEL_TRY(txn.erase(Table::records, records[0].first));
    return {};
  });
  const auto v = story.verify();
  CHECK(found(v, "verify.record-missing"));
  CHECK(found(v, "verify.row-unfounded"));
}

TEST_CASE("verify: archive keys that do not open are found", "[client]") {
  Story story;
  const auto keys = story.rows(Table::keys);
  REQUIRE(keys.size() == 1);
  auto damaged = keys[0].second;
  damaged[damaged.size() / 2] ^= 1;
  story.tamper([&](WriteTxn& txn) { return txn.put(Table::keys, keys[0].first, damaged); });
  CHECK(found(story.verify(), "verify.key"));
}

TEST_CASE("standing: says who the vault is and what it still owes", "[client]") {
  Story story;
  story.company.visit(story.rep, "福田百货", {{"purpose", "拜访"}, {"summary", "还没送出"}});
  const auto standing = must(holder::standing_of(*story.rep.device));
  CHECK(standing.person_name == "甲");
  CHECK(standing.role == Role::salesperson);
  CHECK(standing.branch == "branch1");
  CHECK(standing.archives == 1);
  CHECK(standing.entries == 4);
  CHECK(standing.unsent == 1);
  CHECK(standing.oldest_unsent.ms > 0);
  CHECK(standing.numbers_leased == 200);
  CHECK(standing.conflicts == 0);
}
