// SPDX-License-Identifier: AGPL-3.0-or-later
// What a salesperson can still do with customers whose archives are locked on his device.
#include <catch2/catch.hpp>

#include "client/field/locked.h"
#include "sync/node/references.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

void close(Seat& seat) {
  seat.book.reset();
  seat.device.reset();
}

void open_again(Seat& seat, const std::filesystem::path& folder) {
  seat.device = must(field::Device::open(folder, "correct horse"));
  seat.book = std::make_unique<holder::Book>(*seat.device);
  must(seat.book->refresh());
}

// As after forty days in a drawer.
void let_lease_end(Seat& seat) {
  const auto folder = seat.device->folder();
  const auto wall = seat.device->clock().wall().ms;
  const auto mono = seat.device->clock().mono().ms;
  must(seat.device->replica().write([&](WriteTxn& txn, node::Effects&) {
    return txn.put(Table::meta, view("lease"),
                   Writer().u8(0).i64(std::int64_t{40} * 86'400'000).i64(wall).i64(mono).bytes());
  }));
  close(seat);
  open_again(seat, folder);
  REQUIRE(seat.device->lease().over);
}

std::string refusal(holder::Book& book, const std::string& name) {
  const auto found = book.find_customer(name);
  return found ? "found" : found.error().code;
}

}  // namespace

TEST_CASE("locked: when a lease ran out customers are listed and named by number, and their names are nowhere",
          "[client][locked]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& boss = company.join("总", Role::general_manager, "");
  const auto saved = company.open(jia, "福田百货");
  const auto other = company.open(jia, "南山超市");
  REQUIRE_FALSE(saved.number.empty());
  REQUIRE_FALSE(saved.provisional);
  company.sync(jia);
  let_lease_end(jia);
  auto& book = *jia.book;
  CHECK(refusal(book, "福田百货") == "customer.locked");
  const auto* all = must(book.locked());
  REQUIRE(all->size() == 2);
  CHECK(all->front().why == holder::LockedWhy::lease);
  // The vault has another key by now: numbers were sealed anew with the rest.
  CHECK(all->front().number == saved.number);
  CHECK(all->back().number == other.number);
  const auto rows = must(field::locked_rows(book, *all));
  CHECK(rows.front().owners == std::vector{jia.person});
  CHECK(rows.front().entries > 0);
  CHECK(rows.front().last_stamp.has_value());
  const auto found = must(book.find_customer(saved.number));
  CHECK(found.locked);
  CHECK(found.archive == saved.archive);
  CHECK(must(book.find_customer(saved.archive.hex().substr(0, 8))).archive == saved.archive);
  CHECK(must(book.find_part(saved.number)).archive == saved.archive);
  CHECK(book.archive_name(saved.archive) == saved.number);
  CHECK(must(book.search_locked(saved.number.substr(0, 4))).size() == 2);
  // Both begin like that, and neither is meant.
  CHECK(refusal(book, saved.number.substr(0, 4)) == "customer.ambiguous");
  const auto visit = company.visit(jia, saved.number, {{"purpose", "拜访"}, {"summary", "锁着也记得下"}});
  company.sync(jia);
  must(node::renew_lease(jia.device->replica()));
  // Whoever it was sealed for passes its key on.
  for (int i = 0; i < 3; ++i) company.sync_all();
  CHECK(company.text(boss, visit.record, "summary") == "锁着也记得下");
  CHECK(must(jia.book->find_customer("福田百货")).archive == saved.archive);
  CHECK(must(jia.book->locked())->empty());
  CHECK(company.text(jia, visit.record, "summary") == "锁着也记得下");
}

TEST_CASE("locked: a number goes with the right to its archive", "[client][locked]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  const auto saved = company.open(jia, "福田百货");
  company.sync(jia);
  must(holder::keep_references(*jia.device));
  const auto kept = [&] { return must(must(jia.device->replica().store().begin_read())->count(Table::secrets)); };
  REQUIRE(kept() == 1);
  company.say(payload::OwnerSet{{yi.person}}, saved.archive);
  company.sync(jia);
  company.sync(jia);
  CHECK(kept() == 0);
}
