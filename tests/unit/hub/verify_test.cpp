// SPDX-License-Identifier: AGPL-3.0-or-later
// What verification is worth is what it notices: each kind of damage is done to a hub's real store, and must be found.
#include "sync/node/verify_log.h"

#include "sync/node/batches.h"
#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

// A hub with two archives of two authors, stopped; its store open.
struct Shelf {
  Shelf() {
    auto& a = company.hire("甲", Role::salesperson);
    auto& b = company.hire("乙", Role::salesperson);
    company.settle(2);
    for (Member* m : {&a, &b}) {
      const auto archive = m->open_customer("客户");
      m->add_visits(archive, 5, "x");
      must(m->sync(company.place(company.hq)));
    }
    company.hq.stop();
    open = must(hub::open_hub(company.hq.folder()));
  }
  node::VerifyReport verify() {
    const auto txn = must(open->store->begin_read());
    return must(
        node::verify_log(*txn, must(node::verify_directory(*txn, open->config.org)), {open->identity.id, true}));
  }
  std::vector<std::string> codes() {
    std::vector<std::string> out;
    for (const auto& finding : verify().findings) {
      if (std::ranges::find(out, finding.code) == out.end()) out.push_back(finding.code);
    }
    return out;
  }
  void damage(const std::function<Result<void>(WriteTxn&)>& how) {
    auto txn = must(open->store->begin_write());
    must(how(*txn));
    must(txn->commit());
  }
  // Changes one byte, counted from the value's end when `at` is negative.
  void flip(Table table, const Bytes& key, int at) {
    damage([&](WriteTxn& txn) -> Result<void> {
      SATCHEL_GET(found, txn.get(table, key));
      REQUIRE(found.has_value());
      Bytes value = copy(*found);
      value.at(at < 0 ? value.size() - static_cast<std::size_t>(-at) : static_cast<std::size_t>(at)) ^= 1;
      return txn.put(table, key, value);
    });
  }
  void erase(Table table, const Bytes& key) {
    damage([&](WriteTxn& txn) -> Result<void> {
      SATCHEL_GET(erased, txn.erase(table, key));
      REQUIRE(erased);
      return {};
    });
  }
  Bytes first_key(Table table) {
    const auto txn = must(open->store->begin_read());
    const auto cursor = must(txn->cursor(table));
    return copy(must(cursor->seek({}))->key);
  }

  Company company;
  std::optional<hub::OpenHub> open;
};

bool has(const std::vector<std::string>& codes, const char* code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

TEST_CASE("verify: a hub's log is sound and counted", "[hub][verify]") {
  Shelf shelf;
  const auto report = shelf.verify();
  for (const auto& finding : report.findings) UNSCOPED_INFO(finding.code << " " << finding.where);
  REQUIRE(report.sound());
  CHECK(report.archives == 2);
  CHECK(report.chains == 2);
  CHECK(report.entries == 12);
  CHECK(report.bodies == 12);
  CHECK(report.batches == 2);
  CHECK(report.stamps == 2);
  CHECK(report.feed_items >= 4);
}

TEST_CASE("verify: damage to an entry or its chain is found", "[hub][verify]") {
  Shelf shelf;
  const auto entry = [](node::Ordinal ordinal) { return node::key_of(ordinal); };
  SECTION("a body") {
    shelf.flip(Table::log, entry(3), -1);
    CHECK(has(shelf.codes(), "verify.body"));
  }
  SECTION("a header") {
    shelf.flip(Table::log, entry(3), 60);
    CHECK(has(shelf.codes(), "verify.chain"));
  }
  SECTION("an opening") {
    shelf.flip(Table::log, entry(1), Header::kBytes + 8 + 20);
    CHECK(has(shelf.codes(), "verify.clear"));
  }
  SECTION("a lost entry") {
    shelf.erase(Table::log, entry(4));
    const auto codes = shelf.codes();
    CHECK(has(codes, "log.missing"));
    CHECK(has(codes, "verify.unreached"));
  }
  SECTION("a head") {
    shelf.flip(Table::heads, shelf.first_key(Table::heads), 9);
    CHECK(has(shelf.codes(), "verify.chain"));
  }
  SECTION("a lost head") {
    shelf.erase(Table::heads, shelf.first_key(Table::heads));
    CHECK(has(shelf.codes(), "verify.unreached"));
  }
}

TEST_CASE("verify: damage to what proves or routes entries is found", "[hub][verify]") {
  Shelf shelf;
  SECTION("a signed batch") {
    shelf.flip(Table::batches, shelf.first_key(Table::batches), 40);
    CHECK_FALSE(shelf.verify().sound());
  }
  SECTION("a stamp") {
    shelf.flip(Table::stamps, shelf.first_key(Table::stamps), -1);
    CHECK(has(shelf.codes(), "verify.stamp"));
  }
  SECTION("a lost batch") {
    shelf.erase(Table::batches, shelf.first_key(Table::batches));
    CHECK(has(shelf.codes(), "verify.run-batch"));
  }
  SECTION("a lost run") {
    shelf.erase(Table::outbox, shelf.first_key(Table::outbox));
    CHECK(has(shelf.codes(), "verify.uncovered"));
  }
  SECTION("a wrap") {
    shelf.flip(Table::grants, shelf.first_key(Table::grants), -1);
    CHECK(has(shelf.codes(), "verify.wrap"));
  }
  SECTION("a feed") {
    shelf.erase(Table::feeds, shelf.first_key(Table::feeds));
    CHECK(has(shelf.codes(), "verify.feed"));
  }
  SECTION("an archive nobody would be sent") {
    shelf.erase(Table::feed_marks, shelf.first_key(Table::feed_marks));
    CHECK(has(shelf.codes(), "verify.feed-missing"));
  }
  SECTION("a statement of the directory") {
    shelf.flip(Table::directory, shelf.first_key(Table::directory), -1);
    const auto txn = must(shelf.open->store->begin_read());
    const auto directory = node::verify_directory(*txn, shelf.open->config.org);
    REQUIRE_FALSE(directory);
    CHECK(directory.error().kind != ErrorKind::storage);
  }
}
