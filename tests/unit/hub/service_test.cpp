// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/condition.h"
#include "sync/node/verify_log.h"
#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

node::VerifyReport verify(Hub& hub) {
  auto open = must(hub::open_hub(hub.folder(), true));
  const auto txn = must(open.store->begin_read());
  const auto directory = must(node::verify_directory(*txn, open.config.org));
  return must(node::verify_log(*txn, directory, {open.identity.id, true}));
}

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

TEST_CASE("hub: what one device hands in another one gets, over TLS", "[hub]") {
  Company company;
  company.add_branch("深圳");
  auto& rep = company.hire("甲", Role::salesperson, "深圳");
  company.settle(2);
  const auto archive = rep.open_customer("福田百货");
  rep.add_visits(archive, 20, "陈列");
  const auto sent = must(rep.sync(company.place(company.hq)));
  CHECK(sent.sent == 21);
  CHECK(sent.accepted == 21);
  CHECK(sent.rejected == 0);
  const auto got = must(company.admin().sync(company.place(company.hq)));
  CHECK(got.received == 21);
  CHECK(company.admin().heads(archive) == rep.heads(archive));
  CHECK(has(rep.stamped_by(archive), company.place(company.hq).hub.hex()));

  SECTION("and nothing moves the second time") {
    CHECK(must(rep.sync(company.place(company.hq))).sent == 0);
    CHECK(must(company.admin().sync(company.place(company.hq))).received == 0);
  }
  SECTION("and no content stands in its log") {
    company.hq.stop();
    CHECK(company.hq.log().find("session.open") != std::string::npos);
    for (const char* secret : {"福田", "陈列", "甲"}) CHECK(company.hq.log().find(secret) == std::string::npos);
  }
}

TEST_CASE("hub: a restart and a kill keep all that was acknowledged", "[hub]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  company.settle(2);
  const auto archive = rep.open_customer("福田百货");
  rep.add_visits(archive, 50, "x");
  must(rep.sync(company.place(company.hq)));
  const auto directory = company.hq.service().replica().directory()->position();

  SECTION("after a stop") { company.hq.stop(); }
  SECTION("after a kill") { company.hq.crash(); }
  CHECK(verify(company.hq).sound());
  company.hq.start();
  CHECK(company.hq.entries() == 51);
  CHECK(company.hq.service().replica().directory()->position() == directory);
  rep.add_visits(archive, 5, "y");
  const auto report = must(rep.sync(company.place(company.hq)));
  CHECK(report.sent == 5);
  CHECK(company.hq.entries() == 56);
}

TEST_CASE("hub: a connected device hears of another one's work without asking", "[hub][live]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  company.settle(2);
  LiveLink admin(company.admin(), company.place(company.hq));
  REQUIRE(admin.await([](Member& m) { return m.entries() == 0; }));
  const auto archive = rep.open_customer("福田百货");
  must(rep.sync(company.place(company.hq)));
  CHECK(admin.await([&](Member& m) { return m.heads(archive) == rep.heads(archive); }));
}

TEST_CASE("hub: a device that is connected learns that it was confirmed", "[hub][live]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  LiveLink live(rep, company.place(company.hq));
  REQUIRE(live.await([](Member&) { return true; }));
  const auto before = company.admin().replica->directory()->position();
  company.hire("乙", Role::salesperson);
  CHECK(live.await([&](Member& m) { return m.replica->directory()->position() > before; }));
}

TEST_CASE("branch hub: work goes up by itself and headquarters' stamp comes back down", "[hub][branch]") {
  Company company;
  Hub& branch = company.add_branch("深圳");
  auto& rep = company.hire("甲", Role::salesperson, "深圳");
  company.settle(2);
  REQUIRE(soon([&] { return branch.service().upstream_settled(); }));
  const auto hq_id = company.place(company.hq).hub.hex();
  REQUIRE(soon([&] { return branch.service().replica().directory()->node(rep.identity.id) != nullptr; }));

  LiveLink live(rep, company.place(branch));
  REQUIRE(live.await([](Member&) { return true; }));
  ArchiveId archive;
  REQUIRE(live.await([&, once = false](Member& m) mutable {  // looked at after every round, and once at first
    if (std::exchange(once, true)) return true;
    archive = m.open_customer("福田百货");
    m.add_visits(archive, 10, "x");
    return true;
  }));
  live.poke();
  CHECK(soon([&] { return company.hq.entries() == 11; }));
  CHECK(live.await([&](Member& m) { return has(m.stamped_by(archive), hq_id) && m.stamped_by(archive).size() == 2; }));
  CHECK(must(company.admin().sync(company.place(company.hq))).received == 11);

  SECTION("and what headquarters adds comes down to the connected device") {
    company.admin().add_visits(archive, 1, "y");
    const auto heads = company.admin().heads(archive);
    must(company.admin().sync(company.place(company.hq)));
    CHECK(live.await([&](Member& m) { return m.heads(archive) == heads; }));
  }
}

TEST_CASE("branch hub: goes on by itself when headquarters is back", "[hub][branch]") {
  Company company;
  Hub& branch = company.add_branch("深圳");
  auto& rep = company.hire("甲", Role::salesperson, "深圳");
  company.settle(2);
  REQUIRE(soon([&] { return branch.service().replica().directory()->node(rep.identity.id) != nullptr; }));
  company.hq.stop();
  const auto archive = rep.open_customer("福田百货");
  rep.add_visits(archive, 9, "x");
  const auto report = must(rep.sync(company.place(branch)));
  CHECK(report.accepted == 10);
  CHECK_FALSE(report.top);
  REQUIRE(soon([&] { return branch.log().find("upstream.down code=link.refused") != std::string::npos; }));
  company.hq.start();
  CHECK(soon([&] { return company.hq.entries() == 10; }));
  company.hq.stop();
  branch.stop();
  CHECK(verify(company.hq).sound());
  CHECK(verify(branch).sound());
  const auto condition = must(hub::condition_of(branch.folder(), company.clock, company.entropy));
  CHECK_FALSE(condition.headquarters);
  CHECK(condition.branch == "深圳");
  CHECK(condition.entries == 10);
  CHECK(condition.upstream.complete.ms > 0);
}

TEST_CASE("branch hub: statements handed in there reach headquarters and come back ordered", "[hub][branch]") {
  Company company;
  Hub& branch = company.add_branch("深圳");
  REQUIRE(soon([&] { return branch.service().upstream_settled(); }));
  const auto id = random_id<BranchId>(company.entropy);
  company.admin().propose(payload::BranchAdded{id, "广州", {}});
  must(company.admin().sync(company.place(branch)));
  CHECK(soon([&] { return company.hq.service().replica().directory()->branch(id) != nullptr; }));
  CHECK(soon([&] { return branch.service().replica().directory()->branch(id) != nullptr; }));
  must(company.admin().sync(company.place(branch)));
  CHECK(company.admin().replica->directory()->branch(id) != nullptr);
}

TEST_CASE("hub: stopping says goodbye to whoever is connected and loses nothing", "[hub]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  company.settle(2);
  const auto archive = rep.open_customer("福田百货");
  LiveLink live(rep, company.place(company.hq));
  REQUIRE(live.await([](Member& m) { return m.entries() == 1; }));
  REQUIRE(live.await([&, once = false](Member& m) mutable {
    if (!std::exchange(once, true)) m.add_visits(archive, 2000, "很长的一段拜访小结");
    return true;
  }));
  live.poke();
  REQUIRE(soon([&] { return company.hq.entries() > 1; }));
  company.hq.stop();
  CHECK(soon([&] { return live.over(); }));
  CHECK(verify(company.hq).sound());
  company.hq.start();
  must(rep.sync(company.place(company.hq)));
  CHECK(company.hq.entries() == 2001);
}

TEST_CASE("hub: what is written while a device first meets a hub is not passed over", "[hub]") {
  // The mark of the first comparison once took in what was written after the comparison began.
  Company company;
  Hub& branch = company.add_branch("深圳");
  auto& rep = company.hire("甲", Role::salesperson, "深圳");
  company.settle(2);
  REQUIRE(soon([&] { return branch.service().replica().directory()->node(rep.identity.id) != nullptr; }));
  rep.meanwhile = [&] { rep.open_customer("福田百货"); };
  must(rep.sync(company.place(branch)));
  REQUIRE_FALSE(rep.meanwhile);
  must(rep.sync(company.place(branch)));
  CHECK(branch.entries() == 1);
}

TEST_CASE("hub: somebody of another organisation is turned away", "[hub]") {
  Company company;
  Company other;
  const auto report = other.admin().sync(company.place(company.hq));
  REQUIRE_FALSE(report);
  CHECK(report.error().code == "session.other-organisation");
}
