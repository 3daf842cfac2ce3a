// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>

#include "client/field/conflicts.h"
#include "client/field/held.h"
#include "client/field/masking.h"
#include "client/field/revoking.h"
#include "client/field/today.h"
#include "client/field/visits.h"
#include "sync/holder/reports.h"
#include "sync/node/verify_derived.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Two {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& yi = company.join("乙", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  field::Saved card = company.open(jia, "福田百货", {{"credit_limit", "50000"}}, {jia.person, yi.person});
  Two() { company.sync_all(); }
};

}  // namespace

TEST_CASE("conflicts: both values are shown with author and original, a person chooses, everybody sees one",
          "[client][conflicts]") {
  Two t;
  REQUIRE(t.company.edit(t.jia, t.card.record, {{"credit_limit", "60000"}, {"city", "深圳"}}).has_value());
  REQUIRE(t.company.edit(t.yi, t.card.record, {{"credit_limit", "80000"}, {"contact", "王店长"}}).has_value());
  t.company.sync_all();
  std::vector<std::string> seen;
  for (Seat* seat : {&t.jia, &t.yi, &t.manager}) {
    const auto disputes = must(field::list_disputes(*seat->book));
    REQUIRE(disputes.size() == 1);
    REQUIRE(disputes[0].fields.size() == 1);  // city and contact merged in silence
    const auto& field = disputes[0].fields[0];
    CHECK(field.field->id == "credit_limit");
    REQUIRE(field.values.size() == 2);
    REQUIRE(field.original.size() == 1);
    CHECK(field.original[0].text == "50000");
    seen.push_back(field.values[0].text + "/" + field.values[1].text);
  }
  CHECK(seen == std::vector<std::string>(3, seen[0]));  // the numbers mean the same everywhere
  auto masked = must(field::list_disputes(*t.manager.book))[0];
  CHECK(field::sensitive_fields(masked) == 1);
  field::mask(masked);
  for (const auto* list : {&masked.fields[0].values, &masked.fields[0].original})
    for (const auto& given : *list) CHECK(given.text == kMask);
  CHECK(must(field::today(*t.manager.book)).conflicts == 1);

  CHECK(field::resolve_dispute(*t.manager.book, {"福田百货", "credit_limit", 3, {}, "x"}).error().code ==
        "conflict.no-such-value");
  CHECK(field::resolve_dispute(*t.manager.book, {"福田百货", "credit_limit", 0, {}, "x"}).error().code ==
        "conflict.choose");
  CHECK(field::resolve_dispute(*t.manager.book, {"福田百货", "city", 1, {}, "x"}).error().code == "conflict.none");
  CHECK(field::resolve_dispute(*t.manager.book, {"福田百货", "信用额度", 0, "七万", "x"}).error().code ==
        "field.not-a-number");
  const auto resolved =
      must(field::resolve_dispute(*t.manager.book, {"福田百货", "信用额度", 0, "70000", "与财务核对"}));
  CHECK(resolved.text == kMask);  // the credit limit is sensitive
  t.company.sync_all();
  for (Seat* seat : {&t.jia, &t.yi, &t.manager}) {
    CHECK(must(field::list_disputes(*seat->book)).empty());
    CHECK(t.company.text(*seat, t.card.record, "credit_limit") == "70000");
    CHECK(t.company.text(*seat, t.card.record, "city") == "深圳");
    CHECK(t.company.text(*seat, t.card.record, "contact") == "王店长");
  }
}

TEST_CASE("held: work of somebody who lost the archive waits, is shown, and counts once it is admitted",
          "[client][held]") {
  Two t;
  t.company.visit(t.jia, "福田百货", {{"summary", "照常"}, {"date", "2026-11-20"}});
  // 乙 works on offline while the archive becomes 甲's alone.
  const auto late = t.company.visit(t.yi, "福田百货", {{"summary", "临走前的拜访"}, {"date", "2026-11-20"}});
  const auto other = t.company.visit(t.yi, "福田百货", {{"summary", "不该有的拜访"}, {"date", "2026-11-20"}});
  t.company.sync(t.manager);
  must(t.manager.device->propose(payload::OwnerSet{{t.jia.person}}, t.card.archive));
  t.company.sync(t.manager);
  const auto told = t.company.sync(t.yi);
  CHECK(told.accepted == 2);
  CHECK(told.held == 2);
  CHECK(told.rejected == 0);
  t.company.sync_all();

  const auto held = must(field::list_held(*t.manager.book));
  REQUIRE(held.size() == 2);
  CHECK(held[0].archive_name == "福田百货");
  CHECK(held[0].event.person == t.yi.person);
  CHECK(std::ranges::find(held[0].says, std::pair<std::string, std::string>("拜访摘要", "临走前的拜访")) !=
        held[0].says.end());
  // Shown to whoever may decide, and marked: nothing looks lost, nothing counts that does not. The author's device let
  // go of an archive that is no longer his.
  const auto listed = must(field::list_visits(*t.manager.book, {}));
  REQUIRE(listed.size() == 3);
  CHECK(std::ranges::count(listed, kRowHeld, &field::VisitRow::standing) == 2);
  const auto shown = must(field::show_record(*t.manager.book, must(t.manager.book->find_record(late.record.hex()))));
  CHECK(shown.only_held);
  CHECK(shown.author == t.yi.person);
  CHECK(must(field::list_visits(*t.yi.book, {})).empty());
  const auto report = must(holder::run_report(*t.manager.book, {"daily-visits", {{"date", "2026-11-20"}}}));
  CHECK(report.result.row_count == 1);
  CHECK(report.result.left_out[static_cast<std::size_t>(RowStanding::held)] == 2);
  CHECK(report.freshness.held == 2);

  CHECK(field::give_verdict(*t.jia.book, held[0].id(), VerdictChoice::admit, {}).error().kind == ErrorKind::permission);
  CHECK(field::give_verdict(*t.manager.book, "00000000", VerdictChoice::admit, {}).error().code == "held.none");
  // No hub can be reached from here: the verdicts wait and go with the next exchange.
  const auto admitted = must(field::give_verdict(*t.manager.book, held[0].id(), VerdictChoice::admit, "交接前"));
  REQUIRE(admitted.entries.size() == 1);
  CHECK(admitted.said.at(admitted.statement.at(0)).pending);
  // Decided, and waiting for headquarters: no word on all takes that back, its own id does.
  auto again = must(field::list_held(*t.manager.book));
  REQUIRE(again.size() == 2);
  REQUIRE(again[0].prepared);
  CHECK(again[0].prepared->choice == VerdictChoice::admit);
  CHECK_FALSE(again[1].prepared);
  const auto rest = must(field::give_verdict(*t.manager.book, "all", VerdictChoice::admit, {}));
  REQUIRE(rest.entries.size() == 1);
  CHECK(rest.entries[0].id() == held[1].id());
  CHECK(field::give_verdict(*t.manager.book, "all", VerdictChoice::refuse, {}).error().code == "held.prepared");
  CHECK(field::give_verdict(*t.manager.book, "福田百货", VerdictChoice::refuse, {}).error().code == "held.prepared");
  must(field::give_verdict(*t.manager.book, held[1].id(), VerdictChoice::refuse, "已交接"));
  CHECK(must(field::list_held(*t.manager.book))[1].prepared->choice == VerdictChoice::refuse);
  t.company.sync_all();
  CHECK(must(field::list_held(*t.manager.book)).empty());
  for (Seat* seat : {&t.jia, &t.manager}) {
    const auto visits = must(field::list_visits(*seat->book, {}));
    CHECK(visits.size() == 2);
    CHECK(std::ranges::find(visits, late.record, &field::VisitRow::record) != visits.end());
    CHECK(std::ranges::find(visits, other.record, &field::VisitRow::record) == visits.end());
  }
}

TEST_CASE("held: whoever revokes cut off from headquarters sees the late work held and prepares the verdicts",
          "[client][held]") {
  Two t;
  auto& branch = t.company.world().hub_of("branch1");
  t.company.world().sync(branch, t.company.world().hq());
  const auto late = t.company.visit(t.yi, "福田百货", {{"summary", "临走前的拜访"}, {"date", "2026-11-20"}});
  const auto made_up = t.company.visit(t.yi, "福田百货", {{"summary", "补记的拜访"}, {"date", "2026-11-20"}});
  const auto plan = must(field::plan_revoke(*t.manager.book, "乙"));
  for (const auto& said : must(field::revoke(*t.manager.book, plan, "离职"))) CHECK(said.pending);
  // From here on the branch's hub alone can be reached.
  t.company.sync(t.manager, branch);
  CHECK(t.company.sync(t.yi, branch).held == 2);
  t.company.sync(t.manager, branch);

  const auto held = must(field::list_held(*t.manager.book));
  REQUIRE(held.size() == 2);
  CHECK_FALSE(held[0].prepared);
  const auto listed = must(field::list_visits(*t.manager.book, {}));
  CHECK(std::ranges::count(listed, kRowHeld, &field::VisitRow::standing) == 2);
  const auto shown = must(field::show_held(*t.manager.book, held[0].id()));
  REQUIRE(shown.restrictions.size() == 2);
  for (const auto& r : shown.restrictions) {
    CHECK(r.pending);
    CHECK(r.by == t.manager.person);
    CHECK(r.time.ms > 0);
  }
  CHECK(shown.restrictions[0].kind != shown.restrictions[1].kind);
  REQUIRE(shown.stamps.size() == 1);
  CHECK(shown.stamps[0].knew == std::vector<std::size_t>{0, 1});
  const auto sound = [](Seat& seat) {
    node::Keyring fresh(seat.device->vault(), seat.device->entropy());
    return must(node::verify_derived(seat.device->replica(), fresh, seat.device->deriver())).sound();
  };
  CHECK(sound(t.manager));

  const auto id_of_made_up = held[1].id();
  CHECK(must(field::give_verdict(*t.manager.book, id_of_made_up, VerdictChoice::refuse, "没有去过")).said[0].pending);
  CHECK(must(field::give_verdict(*t.manager.book, "all", VerdictChoice::admit, "离职前")).entries.size() == 1);
  t.company.sync(t.manager, branch);
  const auto prepared = must(field::list_held(*t.manager.book));
  REQUIRE(prepared.size() == 2);
  for (const auto& entry : prepared)
    CHECK(entry.prepared->choice == (entry.id() == id_of_made_up ? VerdictChoice::refuse : VerdictChoice::admit));
  CHECK(must(field::show_record(*t.manager.book, must(t.manager.book->find_record(late.record.hex())))).only_held);
  CHECK(sound(t.manager));

  // The line returns.
  t.company.world().sync(branch, t.company.world().hq());
  t.company.sync(t.manager, branch);
  t.company.sync_all();
  CHECK(must(field::list_held(*t.manager.book)).empty());
  for (Seat* seat : {&t.jia, &t.manager}) {
    const auto visits = must(field::list_visits(*seat->book, {}));
    REQUIRE(visits.size() == 1);
    CHECK(visits[0].record == late.record);
    CHECK(visits[0].standing == kRowInForce);
    CHECK(sound(*seat));
  }
  CHECK(made_up.record != late.record);
}

TEST_CASE("today: a planned visit is due until it is made or planned anew, the longest overdue first",
          "[client][today]") {
  Two t;
  auto& jia = t.jia;
  t.company.open(jia, "南山商行", {{"phone", "0755-1234567"}});
  t.company.open(jia, "罗湖酒楼");
  t.company.open(jia, "宝安行");
  t.company.visit(jia, "福田百货", {{"date", "2026-11-01"}, {"next", "2026-11-20"}});
  t.company.visit(jia, "南山商行", {{"date", "2026-11-01"}, {"next", "2026-11-10"}, {"next_step", "带样品"}});
  t.company.visit(jia, "南山商行", {{"date", "2026-11-05"}});  // came by before the day: the plan stays
  t.company.visit(jia, "罗湖酒楼", {{"date", "2026-11-01"}, {"next", "2026-11-10"}});
  t.company.visit(jia, "罗湖酒楼", {{"date", "2026-11-11"}});  // made
  t.company.visit(jia, "宝安行", {{"date", "2026-11-01"}, {"next", "2026-11-10"}});
  t.company.visit(jia, "宝安行", {{"date", "2026-11-03"}, {"next", "2026-11-30"}});  // planned anew
  t.company.lines(jia,
                  R"({"type":"contact","customer":"福田百货","name":"王店长","birthday":"1980-11-24"})"
                  "\n",
                  1);

  field::TodayOptions on{parse_date("2026-11-22"), 0, false};
  const auto today = must(field::today(*jia.book, on));
  REQUIRE(today.due.size() == 2);
  CHECK(today.due[0].customer.name == "南山商行");
  CHECK(today.due[0].overdue_days == 12);
  CHECK(today.due[0].next_step == "带样品");
  CHECK(today.due[0].phone == "0755-1234567");
  CHECK(today.due[1].customer.name == "福田百货");
  const auto birthday = std::ranges::find(today.findings, "contact-birthdays",
                                          [](const auto& finding) { return finding.found.rule->id; });
  REQUIRE(birthday != today.findings.end());
  CHECK(birthday->found.due == end_of_day(*parse_date("2026-11-24"), kChinaZoneMinutes));
  CHECK(today.unsent > 0);
  on.ahead_days = 8;
  CHECK(must(field::today(*jia.book, on)).due.size() == 3);
  // A manager's own day is not everybody's, unless asked for.
  t.company.sync_all();
  CHECK(must(field::today(*t.manager.book, on)).due.empty());
  on.everybody = true;
  CHECK(must(field::today(*t.manager.book, on)).due.size() == 3);
}
