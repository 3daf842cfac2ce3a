// SPDX-License-Identifier: AGPL-3.0-or-later
// Looking at what was derived costs nothing while nothing new is there, and receiving makes no work for others.
#include "sync/node/deriver.h"
#include "schema/template/pack.h"
#include "sync/node/dropping.h"
#include "sync/node/grants.h"
#include "sync/node/upkeep.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

TEST_CASE("deriver: records that wait are looked at again when stamps came, and then no more", "[node][deriver]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货", {desk.rep.person, desk.other.person});
  desk.world.settle(3);
  const auto card = desk.world.card_of(desk.rep, archive).value();
  desk.world.set_field(desk.rep, archive, card, "customer", "name", Value(std::string("福田百货一店")));
  desk.world.set_field(desk.other, archive, card, "customer", "name", Value(std::string("福田百货二店")));
  desk.world.settle(3);
  must(desk.rep.deriver().apply());
  {
    auto txn = must(desk.rep.replica().store().begin_read());
    REQUIRE(must(desk.rep.deriver().waiting(*txn)).size() == 1);
  }
  // A full disk is no obstacle to reading: nothing is written.
  desk.rep.disk->fail_commit(1, CommitFault::full);
  CHECK(code(desk.rep.deriver().apply()) == "");
  CHECK(code(desk.world.try_add_visit(desk.rep, archive, "磁盘已满")) == "store.full");
}

TEST_CASE("deriver: a right that comes back without the newest key shows what the older ones open", "[node][deriver]") {
  Desk desk;
  auto& rep = desk.rep;
  const auto archive = desk.world.open_customer(rep, "福田百货");
  desk.world.add_visit(rep, archive, "旧钥匙");
  const auto here = [&](const ReadTxn& txn) {
    return *must(node::archive_info(txn, *must(node::find_archive(txn, archive))));
  };
  desk.world.add_visit_under_new_key(rep, archive, "新钥匙");
  desk.world.settle(3);
  const auto derived = [&] {
    must(rep.deriver().apply());
    const auto txn = must(rep.replica().store().begin_read());
    return must(node::records_of(*txn, here(*txn).no)).size();
  };
  REQUIRE(derived() == 3);
  must(rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    const auto info = here(txn);
    const auto wraps = must(node::wraps_of(txn, info.no));
    SATCHEL_TRY(node::drop_keys(txn, rep.keyring(), info, rep.replica().self().chain()));
    for (const auto& bytes : wraps) {
      const auto wrap = must(Wrap::decode(bytes));
      if (wrap.epoch == 0) must(node::put_wrap(txn, info.no, wrap, bytes));
    }
    return {};
  }));
  CHECK(derived() == 2);
}

TEST_CASE("upkeep: who receives an archive wraps it for nobody whom its opening provided for", "[node][upkeep]") {
  Desk desk;
  sim::Node& manager = desk.world.device("manager", Role::branch_manager, "branch1");
  desk.world.settle(3);
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.settle(3);
  must(node::do_upkeep(manager.replica(), manager.keyring()));
  auto txn = must(manager.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive)).value();
  CHECK(must(node::wraps_of(*txn, no)).size() == 1);  // his own
  CHECK(must(node::queued_wraps(*txn, 10)).empty());
}

TEST_CASE("deriver: a sheet of many archives by turns comes back whole, or with the columns asked for",
          "[node][deriver]") {
  constexpr int kRows = 6000;  // more than are opened at once
  constexpr std::string_view kVisits = R"(
format = 1
id = "visits"
version = 1
label = { zh = "拜访", en = "Visits" }
[[template]]
id = "visit"
label = { zh = "拜访", en = "Visit" }
scope = ["customer"]
sheet = true
  [[template.field]]
  id = "summary"
  label = { zh = "情况", en = "Summary" }
  sheet = true
  [[template.field]]
  id = "purpose"
  label = { zh = "目的", en = "Purpose" }
  sheet = true
)";
  Desk desk;
  desk.world.state(node::publication_of(must(parse_pack(kVisits)), kVisits));
  desk.world.settle(4);
  std::vector<ArchiveId> archives;
  for (int i = 0; i < 3; ++i) archives.push_back(desk.world.open_customer(desk.rep, "客户" + std::to_string(i)));
  std::map<RecordId, std::string> said;
  for (int i = 0; i < kRows; ++i) {
    const std::string summary = "走访" + std::to_string(i);
    said[desk.world.add_visit(desk.rep, archives[static_cast<std::size_t>(i) % archives.size()], summary)] = summary;
  }
  must(desk.rep.deriver().apply());
  auto txn = must(desk.rep.replica().store().begin_read());
  const auto schema = must(desk.rep.deriver().schema(*txn, "visit"));
  txn.reset();
  const auto all = must(desk.rep.deriver().load_sheet("visit"));
  REQUIRE(all.size() == kRows);
  const auto summary = schema.column("summary").value(), purpose = schema.column("purpose").value();
  int right = 0;
  all.each([&](const SheetView& row) { return right += row.text(summary) == said.at(row.record()) ? 1 : 0, true; });
  CHECK(right == kRows);
  const auto some = must(desk.rep.deriver().load_sheet("visit", 0, 0, std::vector<std::string>{"purpose", "no-such"}));
  REQUIRE(some.size() == kRows);
  CHECK(some.memory() < all.memory());
  some.each([&](const SheetView& row) {
    const auto whole = all.at(all.find(row.record()).value());
    const bool same = row.archive() == whole.archive() && row.created() == whole.created();
    right -= same && row.text(summary).empty() && row.text(purpose) == "拜访" ? 1 : 0;
    return true;
  });
  CHECK(right == 0);
}

TEST_CASE("deriver: a record that no hub has yet waits for nobody, and its stamp puts right when it began",
          "[node][deriver]") {
  Desk desk;
  constexpr std::int64_t kYearMs = 365LL * 24 * 3'600'000;
  constexpr std::string_view toml = R"(
format = 1
id = "cards"
version = 1
label = { zh = "卡", en = "Cards" }
[[template]]
id = "customer"
label = { zh = "客户", en = "Customer" }
scope = ["customer"]
sheet = true
[[template.field]]
id = "name"
label = { zh = "名称", en = "Name" }
)";
  desk.world.state(node::publication_of(must(parse_pack(toml)), toml));
  desk.world.settle(4);
  const auto right = desk.world.open_customer(desk.rep, "福田百货");
  const auto begun = desk.world.time.ms;
  desk.rep.clock.set_offset(kYearMs);
  const auto ahead = desk.world.open_customer(desk.rep, "罗湖商行");
  must(desk.rep.deriver().apply());
  const auto created = [&](const ArchiveId& archive) {
    const auto card = desk.world.card_of(desk.rep, archive).value();
    const auto table = must(desk.rep.deriver().load_sheet("customer"));
    return table.at(*table.find(card)).created().ms;
  };
  const auto waiting = [&] {
    return must(desk.rep.deriver().waiting(*must(desk.rep.replica().store().begin_read()))).size();
  };
  CHECK(waiting() == 0);
  CHECK(created(ahead) >= begun + kYearMs);
  desk.world.sync(desk.rep, desk.hub);
  must(desk.rep.deriver().apply());
  CHECK(std::abs(created(right) - begun) < 1000);
  CHECK(created(ahead) <= desk.world.time.ms + node::kStampGrace.count());
  CHECK(waiting() == 1);  // an earlier stamp could still cut the one that was ahead
}
