// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights as people give, ask for and take them; no hub is in reach of the field client here, so statements wait and go
// with the next exchange.
#include "client/field/access.h"

#include <catch2/catch.hpp>
#include <set>

#include "client/field/customers.h"
#include "client/field/held.h"
#include "client/field/moving.h"
#include "client/field/requests.h"
#include "client/field/revoking.h"
#include "client/field/today.h"
#include "client/field/visits.h"
#include "sync/holder/verify.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Branches {
  Company company{2};
  Seat& jia = company.join("甲", Role::salesperson, "branch1");
  Seat& far = company.join("丁", Role::salesperson, "branch2");
  Seat& manager = company.join("经理", Role::branch_manager, "branch1");
  Seat& boss = company.join("总", Role::general_manager, "");
  field::Saved card = company.open(jia, "福田百货");
  Branches() { settle(); }

  void settle() {
    company.sync_all();
    company.sync_all();
  }
  Date today() { return date_of(jia.device->clock().wall(), kChinaZoneMinutes); }
  field::GrantPlan give(Seat& by, field::GrantWish wish) {
    auto plan = must(field::plan_grant(*by.book, wish));
    for (const auto& said : must(field::give(*by.book, plan))) CHECK(said.pending);
    settle();
    return plan;
  }
  std::vector<std::string> reads(Seat& seat) {
    std::vector<std::string> out;
    must(seat.book->refresh());
    for (const auto& visit : must(field::list_visits(*seat.book, {}))) out.push_back(visit.summary);
    std::ranges::sort(out);
    return out;
  }
  bool finds(Seat& seat, const std::string& name) {
    must(seat.book->refresh());
    return seat.book->find_customer(name).has_value();
  }
  const field::AccessLine* line_of(const std::vector<field::AccessLine>& lines, const PersonId& person) {
    const auto audience = person_audience(company.world().org(), person);
    const auto at = std::ranges::find_if(lines, [&](const auto& l) { return l.audience == audience; });
    return at == lines.end() ? nullptr : &*at;
  }
};

}  // namespace

TEST_CASE("grants: given, listed with who gave it, taken back and shown as ended", "[client][access]") {
  Branches o;
  o.company.visit(o.jia, "福田百货", {{"summary", "谈补货"}});
  o.settle();
  REQUIRE_FALSE(o.finds(o.far, "福田百货"));
  CHECK(field::plan_grant(*o.jia.book, {o.card.archive, o.far.person}).error().code == "access.not-yours");
  CHECK(field::plan_grant(*o.manager.book, {o.card.archive, o.jia.person}).error().code == "access.has-already");
  const field::GrantWish wish{o.card.archive, o.far.person, GrantRights::write, {}, Date{o.today().days + 3}};
  const auto plan = must(field::plan_grant(*o.manager.book, wish));
  REQUIRE(plan.steps.size() == 1);
  CHECK_FALSE(plan.steps[0].new_epoch);
  CHECK(field::last_day_before(plan.expiry) == *wish.until);
  must(field::give(*o.manager.book, plan));
  must(o.manager.book->refresh());
  auto lines = must(field::access_to(*o.manager.book, o.card.archive));
  CHECK(lines.size() == 4);  // owner, the branch's managers, headquarters, and the one that waits
  CHECK(o.line_of(lines, o.far.person)->state == field::AccessState::pending);
  o.settle();
  CHECK(o.reads(o.far) == std::vector<std::string>{"谈补货"});
  o.company.visit(o.far, "福田百货", {{"summary", "代班"}});
  o.settle();
  CHECK(o.reads(o.jia).size() == 2);

  lines = must(field::access_to(*o.manager.book, o.card.archive));
  const auto* line = o.line_of(lines, o.far.person);
  REQUIRE(line != nullptr);
  CHECK(line->state == field::AccessState::in_force);
  CHECK(line->by == o.manager.person);
  CHECK(line->ends_soon);
  CHECK(line->writes);
  CHECK(must(field::all_grants(*o.manager.book)).size() == 1);

  CHECK(field::plan_take_back(*o.manager.book, o.card.archive, o.jia.person).error().code == "access.no-grant");
  const auto ending = must(field::plan_take_back(*o.manager.book, o.card.archive, o.far.person));
  REQUIRE(ending.endings.size() == 1);
  CHECK(ending.endings.front().customer.archive == o.card.archive);
  const auto said = must(field::take_back(*o.manager.book, ending));
  CHECK(said.front().nature == Nature::restrictive);
  o.settle();
  CHECK_FALSE(o.finds(o.far, "福田百货"));
  lines = must(field::access_to(*o.manager.book, o.card.archive));
  line = o.line_of(lines, o.far.person);
  CHECK(line->state == field::AccessState::ended);
  CHECK(line->ended_by == o.manager.person);
}

TEST_CASE("grants: nothing older than asked is given; inside a key's time a new one is begun first",
          "[client][access]") {
  Branches o;
  o.company.visit(o.jia, "福田百货", {{"summary", "从前"}});
  o.settle();
  field::GrantWish wish{o.card.archive, o.far.person, GrantRights::read, o.today(), {}};
  // Everything was recorded today, in the first epoch: all of it may be read.
  auto plan = must(field::plan_grant(*o.manager.book, wish));
  CHECK_FALSE(plan.steps[0].new_epoch);
  CHECK(plan.steps[0].epoch == 0);
  wish.from = Date{o.today().days + 1};
  CHECK(field::plan_grant(*o.manager.book, wish).error().code == "access.date-ahead");
  wish.from = o.today();
  SECTION("the line falls inside the epoch") {
    // As if the archive were older than the day that is asked for.
    plan.steps[0].new_epoch = true;
    plan.steps[0].epoch = 1;
    plan.wish.with_name = true;
    must(field::give(*o.manager.book, plan));
    o.settle();
    o.company.visit(o.jia, "福田百货", {{"summary", "从此"}});
    o.settle();
    CHECK(o.reads(o.far) == std::vector<std::string>{"从此"});
    CHECK(o.finds(o.far, "福田百货"));  // its name was said once more
    CHECK(o.reads(o.jia) == std::vector<std::string>{"从前", "从此"});
    // The epoch that is there now serves the next one who asks from today on; and nobody is given more than that.
    const auto next =
        must(field::plan_grant(*o.boss.book, {o.card.archive, o.far.person, GrantRights::read, o.today()}));
    CHECK(next.steps[0].before);
    const auto lines = must(field::access_to(*o.manager.book, o.card.archive));
    CHECK(o.line_of(lines, o.far.person)->epoch_from == 1);
    CHECK(o.line_of(lines, o.far.person)->since.ms > 0);
  }
  SECTION("without the name nothing of before is shown at all") {
    plan.steps[0].new_epoch = true;
    plan.steps[0].epoch = 1;
    must(field::give(*o.manager.book, plan));
    o.settle();
    CHECK_FALSE(o.finds(o.far, "福田百货"));
    CHECK(o.reads(o.far).empty());
  }
}

TEST_CASE("grants: an epoch is chosen by when it was begun, never one day too early", "[client][access]") {
  constexpr std::int64_t kTenDays = 864'000'000;
  Branches o;
  // Opened ten days ago by its author's clock, and handed in today.
  auto& device = *o.jia.device;
  ArchiveId old;
  must(device.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), device.identity(), device.keyring(), device.entropy(),
                        {{device.clock().wall().ms - kTenDays}, device.clock().mono(), true});
    RecordChange card{random_id<RecordId>(device.entropy()), "customer", 1, {{"name", std::string("老客户"), {}}}};
    SATCHEL_GET(info, scribe.open_archive({ArchiveKind::customer, o.company.world().branch("branch1"), {o.jia.person}},
                                          {card}));
    old = info.id;
    return scribe.finish();
  }));
  o.settle();
  const auto plan = [&](int days_ago) {
    const Date from{o.today().days - days_ago};
    return must(field::plan_grant(*o.manager.book, {old, o.far.person, GrantRights::read, from})).steps[0];
  };
  CHECK(plan(5).new_epoch);  // falls inside the only epoch
  CHECK(plan(5).epoch == 1);
  CHECK_FALSE(plan(20).new_epoch);
  CHECK(plan(20).epoch == 0);
  must(o.manager.device->write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(info, o.manager.book->archive(txn, old));
    SATCHEL_TRY(scribe.rotate(info));
    SATCHEL_TRY(scribe.write(info, {}));
    return {};
  }));
  o.settle();
  for (const int days_ago : {0, 5, 9}) {  // not the days between, which the first key still covers
    CHECK_FALSE(plan(days_ago).new_epoch);
    CHECK(plan(days_ago).epoch == 1);
    CHECK(plan(days_ago).since >= field::day_begins(o.today()));
  }
  CHECK(plan(20).epoch == 0);
  CHECK(plan(20).since.ms == 0);
}

TEST_CASE("requests: asked of headquarters, read there alone, approved until a day, and refused with a reason",
          "[client][access]") {
  Branches o;
  const Date until{o.today().days + 7};
  CHECK(field::request_access(*o.far.book, {"", "代班", GrantRights::write, until, ""}).error().code == "request.text");
  CHECK(field::request_access(*o.far.book, {"福田百货", "代班", GrantRights::write, until, "没有"}).error().code ==
        "admin.no-branch");
  must(field::request_access(*o.far.book, {"福田百货", "代班一周", GrantRights::write, until, ""}));
  must(field::request_access(*o.far.book, {"不相干的客户", "好奇", GrantRights::read, {}, "branch1"}));
  CHECK(must(field::list_requests(*o.far.book)).front().pending);
  o.settle();

  auto mine = must(field::list_requests(*o.far.book));
  REQUIRE(mine.size() == 2);
  CHECK(mine[0].reference == "福田百货");  // the asking person reads his own words
  CHECK(mine[0].state == RequestState::waiting);
  CHECK_FALSE(mine[0].to_me);
  CHECK(must(field::list_requests(*o.jia.book)).empty());
  // Whoever is asked reads it, nobody else, though everybody has the statement.
  const auto to_boss = must(field::list_requests(*o.boss.book));
  REQUIRE(to_boss.size() == 1);
  CHECK(to_boss[0].purpose == "代班一周");
  CHECK(to_boss[0].to_me);
  CHECK(must(field::today(*o.boss.book)).requests == 1);
  const auto to_manager = must(field::list_requests(*o.manager.book));
  REQUIRE(to_manager.size() == 1);
  CHECK(to_manager[0].reference == "不相干的客户");
  const auto& known = o.manager.device->directory()->requests().at(to_boss[0].id);
  CHECK(o.manager.device->keyring()
            .open_boxed(*o.manager.device->directory(), known.what.audience, known.by, known.what.text)
            .error()
            .code == "keyring.no-key");

  CHECK(field::plan_approval(*o.manager.book, to_manager[0], "", {}, false).error().code == "request.no-archive");
  // Never longer than was asked, and not cut short without a word either.
  const auto longer = field::plan_approval(*o.boss.book, to_boss[0], "", Date{until.days + 1}, false);
  CHECK(longer.error().code == "request.later-than-asked");
  CHECK(longer.error().detail == format_date(until));
  CHECK(must(field::plan_approval(*o.boss.book, to_boss[0], "", Date{until.days - 1}, false)).plan.wish.until ==
        Date{until.days - 1});
  const auto approval = must(field::plan_approval(*o.boss.book, to_boss[0], "", {}, false));
  CHECK(approval.plan.wish.until == until);
  must(field::approve(*o.boss.book, approval));
  must(field::refuse(*o.manager.book, to_manager[0], "先与负责人商量"));
  o.settle();
  CHECK(o.finds(o.far, "福田百货"));
  mine = must(field::list_requests(*o.far.book));
  CHECK(mine[0].state == RequestState::approved);
  CHECK(mine[0].answer->text.find("福田百货") != std::string::npos);
  CHECK(mine[0].answer->by == o.boss.person);
  CHECK(mine[1].state == RequestState::refused);
  CHECK(mine[1].answer->text == "先与负责人商量");
  CHECK(must(field::today(*o.boss.book)).requests == 0);
  CHECK(field::refuse(*o.boss.book, to_boss[0], "x").error().code == "directory.answered-already");
  // It is over by itself.
  CHECK(o.far.device->directory()->requests().at(mine[0].id).state({approval.plan.expiry.ms}) == RequestState::over);
}

TEST_CASE("move: the new branch has it, the former one does not, and the plan said who would lose it",
          "[client][access]") {
  Branches o;
  o.company.visit(o.jia, "福田百货", {{"summary", "谈补货"}});
  o.settle();
  field::MoveWish wish{{"福田百货"}, "branch2", {o.far.person}};
  CHECK(field::plan_move(*o.manager.book, wish).error().code == "directory.not-allowed");
  CHECK(field::plan_move(*o.boss.book, {{"福田百货"}, "branch2", {o.jia.person}}).error().code == "move.other-branch");
  const auto plan = must(field::plan_move(*o.boss.book, wish));
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].owners == std::vector{o.jia.person});
  auto lose = plan.steps[0].lose;
  std::vector expected{o.jia.person, o.manager.person};
  std::ranges::sort(lose);
  std::ranges::sort(expected);
  CHECK(lose == expected);
  must(field::move_all(*o.boss.book, plan));
  o.settle();
  CHECK(o.reads(o.far) == std::vector<std::string>{"谈补货"});
  CHECK_FALSE(o.finds(o.manager, "福田百货"));
  CHECK_FALSE(o.finds(o.jia, "福田百货"));
  CHECK(field::plan_move(*o.boss.book, wish).error().code == "move.nothing");
}

TEST_CASE("revoke: a leaver loses everything, hands in what was unsent, and the list tells when the device let go",
          "[client][access]") {
  Branches o;
  o.company.visit(o.jia, "福田百货", {{"summary", "在职时"}});
  o.settle();
  CHECK(field::plan_revoke(*o.manager.book, "没有的人").error().code == "revoke.nobody");
  CHECK(field::plan_revoke(*o.manager.book, "经理").error().code == "revoke.oneself");
  o.company.visit(o.jia, "福田百货", {{"summary", "没有送出"}});
  const auto plan = must(field::plan_revoke(*o.manager.book, "甲"));
  CHECK(plan.leaves);
  REQUIRE(plan.devices.size() == 1);
  CHECK(plan.devices[0].heard.ms > 0);
  CHECK(plan.owned == 1);
  CHECK(plan.alone == 1);
  const auto said = must(field::revoke(*o.manager.book, plan, "离职"));
  CHECK(said.size() == 2);
  o.company.sync(o.manager);
  must(o.manager.book->refresh());
  auto list = must(field::list_revoked(*o.manager.book));
  REQUIRE(list.size() == 1);
  CHECK(list[0].reason == "离职");
  CHECK(list[0].left);
  CHECK_FALSE(list[0].let_go);
  o.settle();
  CHECK_FALSE(o.finds(o.jia, "福田百货"));
  list = must(field::list_revoked(*o.manager.book));
  CHECK(list[0].let_go);
  CHECK(field::plan_revoke(*o.manager.book, "甲").error().code == "revoke.done");

  const auto held = must(field::list_held(*o.manager.book));
  REQUIRE(held.size() == 1);
  const auto shown = must(field::show_held(*o.manager.book, held[0].id()));
  CHECK(shown.in_force == 2);  // the opening and the first visit
  // He lost two parts of the right: his device was revoked, and he left.
  REQUIRE(shown.restrictions.size() == 2);
  std::set<StatementKind> kinds;
  for (const auto& r : shown.restrictions) {
    kinds.insert(r.kind);
    CHECK(r.by == o.manager.person);
    CHECK_FALSE(r.pending);
    CHECK(r.time.ms > 0);
  }
  CHECK(kinds == std::set{StatementKind::node_revoked, StatementKind::person_changed});
  REQUIRE_FALSE(shown.stamps.empty());
  CHECK(shown.stamps[0].knew == std::vector<std::size_t>{0, 1});
  CHECK(field::show_held(*o.manager.book, "0000").error().code == "held.none");
}

TEST_CASE("revoke: one lost device goes, its person stays", "[client][access]") {
  Branches o;
  const auto node = o.jia.device->identity().id;
  const auto plan = must(field::plan_revoke(*o.manager.book, node.hex().substr(0, 8)));
  CHECK_FALSE(plan.leaves);
  must(field::revoke(*o.manager.book, plan, "丢失"));
  o.company.sync(o.manager);
  CHECK(o.manager.device->directory()->person(o.jia.person)->active());
  CHECK(o.manager.device->directory()->node(node)->state() == NodeState::revoked);
}

TEST_CASE("verify: a key given to somebody whom nothing entitles is found, with whoever gave it", "[client][access]") {
  Branches o;
  REQUIRE(must(holder::verify_device(*o.manager.device)).wraps.found == 0);
  auto& device = *o.jia.device;
  const auto audience = person_audience(o.company.world().org(), o.far.person);
  must(device.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(info, o.jia.book->archive(txn, o.card.archive));
    SATCHEL_GET(key, device.keyring().epoch_key(txn, effects.directory(), info, {info.epoch, info.key}));
    const Bytes bytes = device.keyring().wrap_key(effects.directory(), info.id, info.epoch, key, audience, true);
    SATCHEL_GET(wrap, Wrap::decode(bytes));
    SATCHEL_TRY(node::put_wrap(txn, info.no, wrap, bytes));
    return node::queue_wrap(txn, wrap_hash(bytes), bytes);
  }));
  const auto found = must(holder::verify_device(device)).wraps;
  REQUIRE(found.found == 1);
  CHECK(found.findings[0].archive == o.card.archive);
  CHECK(found.findings[0].wrap.audience == audience);
  CHECK(found.findings[0].wrap.maker == device.identity().id);
  CHECK(found.findings[0].nodes == std::vector{o.far.device->identity().id});
  const auto key = std::ranges::find(found.keys, o.card.archive, &node::AuditedKey::archive);
  REQUIRE(key != found.keys.end());
  CHECK(std::ranges::find(key->readers, audience) != key->readers.end());
}
