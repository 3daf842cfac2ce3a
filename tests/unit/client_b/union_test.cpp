// SPDX-License-Identifier: AGPL-3.0-or-later
// Archives of one customer shown as one: lists, looks, searches, plans and reports; and two again.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "client/field/customers.h"
#include "client/field/destruction.h"
#include "client/field/merging.h"
#include "client/field/today.h"
#include "client/field/visits.h"
#include "sync/holder/reports.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Pair {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& yi = company.join("乙", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  field::Saved a = company.open(jia, "福田百货", {{"phone", "0755-83001122"}});
  field::Saved b = company.open(yi, "福田百货公司", {{"phone", "0755-83009999"}, {"city", "深圳"}});
  Pair() {
    company.visit(jia, "福田百货", {{"summary", "甲访"}, {"date", "2026-11-02"}, {"next", "2026-11-20"}});
    company.visit(yi, "福田百货公司", {{"summary", "乙访"}, {"date", "2026-11-05"}, {"next", "2026-11-18"}});
    company.sync_all();
    company.sync_all();
  }
  void settle() {
    company.sync_all();
    company.sync_all();
  }
  std::vector<std::string> names(Seat& seat) {
    std::vector<std::string> out;
    for (const auto& row : must(field::list_customers(*seat.book, {})).rows) out.push_back(row.customer.name);
    return out;
  }
  std::size_t visits(Seat& seat, const std::string& customer) {
    field::VisitFilter filter;
    filter.archive = must(seat.book->find_customer(customer)).archive;
    return must(field::list_visits(*seat.book, filter)).size();
  }
};

}  // namespace

TEST_CASE("union: two archives are one customer for whoever reads both, and two for whoever does not",
          "[client][union]") {
  Pair t;
  auto plan = must(field::plan_merge(*t.manager.book, "福田百货", "福田百货公司"));
  CHECK(plan.whole.records == 2);
  CHECK(plan.part.by_type.at("拜访记录") == 1);
  CHECK(std::ranges::find(plan.differences, "深圳", &field::CardDifference::part) != plan.differences.end());
  CHECK(plan.only_whole == std::vector{t.jia.person});
  CHECK(plan.only_part == std::vector{t.yi.person});
  CHECK(field::plan_merge(*t.manager.book, "福田百货", "福田百货").error().code == "merge.itself");
  must(field::apply_merge(*t.manager.book, plan));
  t.settle();

  auto& book = *t.manager.book;
  CHECK(t.names(t.manager) == std::vector<std::string>{"福田百货"});
  CHECK(t.names(t.jia) == std::vector<std::string>{"福田百货"});
  CHECK(t.names(t.yi) == std::vector<std::string>{"福田百货公司"});
  // The part's name, number and phone are addresses of the whole.
  for (const auto& word : {std::string("福田百货公司"), t.b.number, t.b.archive.hex(), t.b.archive.hex().substr(0, 8)})
    CHECK(must(book.find_customer(word)).archive == t.a.archive);
  CHECK(must(book.with_phone("0755-83009999")).front().archive == t.a.archive);
  const auto hits = must(book.search("83009999", 10));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].customer.archive == t.a.archive);
  CHECK(must(book.search("福田", 10)).size() == 1);
  CHECK(must(book.find_part("福田百货公司")).archive == t.b.archive);

  const auto card = must(field::show_customer(book, must(book.find_customer("福田百货"))));
  CHECK(card.visits.size() == 2);
  REQUIRE(card.parts.size() == 1);
  CHECK(card.parts[0].customer.number == t.b.number);
  CHECK(card.timeline.size() == 4);
  CHECK(must(field::list_customers(book, {})).rows[0].last_visit == parse_date("2026-11-05"));
  CHECK(t.visits(t.manager, "福田百货") == 2);
  for (const auto& visit : must(field::list_visits(book, {}))) CHECK(visit.customer.name == "福田百货");
  // One plan: the latest made.
  const auto today = must(field::today(book, {parse_date("2026-11-22"), 0, true}));
  REQUIRE(today.due.size() == 1);
  CHECK(today.due[0].due == parse_date("2026-11-18"));
  const auto report = must(holder::run_report(book, {"daily-visits", {{"date", "2026-11-05"}}}));
  CHECK(report.result.row_count == 1);

  // What is destroyed is what was named, never the one it is shown within.
  const auto doomed = must(field::plan_destruction(book, {t.b.number}, DestroyReason::mistake));
  REQUIRE(doomed.archives.size() == 1);
  CHECK(doomed.archives[0].archive == t.b.archive);
  CHECK(doomed.archives[0].customer.number == t.b.number);

  CHECK(field::plan_merge(book, "福田百货公司", "福田百货").error().code == "merge.circle");
  CHECK(field::plan_merge(book, "福田百货", "福田百货公司").error().code == "merge.already");
}

TEST_CASE("union: new records go into the whole, late ones to a part are seen, and undo shows two and tells what came",
          "[client][union]") {
  Pair t;
  must(field::apply_merge(*t.manager.book, must(field::plan_merge(*t.manager.book, "福田百货", "福田百货公司"))));
  t.company.sync(t.manager);
  // 乙 has not heard of it, nor could he write elsewhere.
  const auto late = t.company.visit(t.yi, "福田百货公司", {{"summary", "迟到的拜访"}});
  t.settle();
  const auto fresh = t.company.visit(t.manager, t.b.number, {{"summary", "主管的拜访"}});
  CHECK(fresh.archive == t.a.archive);
  CHECK(late.archive == t.b.archive);
  t.settle();
  CHECK(t.visits(t.manager, "福田百货") == 4);
  CHECK(t.visits(t.jia, "福田百货") == 2);  // reads the whole alone
  CHECK(t.visits(t.yi, "福田百货公司") == 2);
  // A right in the part alone still lets one write: there.
  t.company.say(payload::Grant{person_audience(t.company.world().org(), t.yi.person), GrantRights::read, 0, {}},
                t.a.archive);
  t.settle();
  t.settle();
  CHECK(t.names(t.yi) == std::vector<std::string>{"福田百货"});
  CHECK(t.company.visit(t.yi, "福田百货", {{"summary", "乙写在自己那份"}}).archive == t.b.archive);
  t.settle();

  CHECK(field::plan_undo(*t.manager.book, "福田百货").error().code == "merge.none");
  CHECK(field::plan_undo(*t.jia.book, "福田百货").error().code == "merge.none");
  const auto undo = must(field::plan_undo(*t.manager.book, t.b.number));
  CHECK(undo.by == t.manager.person);
  CHECK(std::ranges::find(undo.in_whole, fresh.record, &field::WrittenSince::record) != undo.in_whole.end());
  CHECK(std::ranges::find(undo.in_part, late.record, &field::WrittenSince::record) != undo.in_part.end());
  must(field::undo_merge(*t.manager.book, undo));
  t.settle();
  CHECK(t.names(t.manager) == std::vector<std::string>{"福田百货", "福田百货公司"});
  CHECK(t.visits(t.manager, "福田百货") == 2);
  CHECK(t.visits(t.manager, "福田百货公司") == 3);
}

namespace {

// Six customers of one salesperson, each with a visit more than the one before; and a model of what is shown within
// what that walks until it is in a circle or at an end.
struct Six {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  std::vector<field::Saved> cards;
  std::map<ArchiveId, std::size_t> visits;
  std::map<ArchiveId, ArchiveId> direct;

  Six() {
    for (std::size_t i = 0; i < 6; ++i) {
      const std::string name = "客户" + std::to_string(i);
      cards.push_back(company.open(jia, name));
      for (std::size_t v = 0; v <= i; ++v) company.visit(jia, name, {{"summary", "访" + std::to_string(v)}});
      visits[cards[i].archive] = i + 1;
    }
    company.sync_all();
  }
  ArchiveId whole_of(ArchiveId at) {
    for (std::size_t steps = 0; direct.contains(at) && steps < 100; ++steps) at = direct[at];
    if (!direct.contains(at)) return at;
    std::set<ArchiveId> circle;
    while (circle.insert(at).second) at = direct[at];
    return *circle.begin();
  }
  void merge(const ArchiveId& into, const ArchiveId& part) {
    company.say(payload::Merge{into}, part);
    direct[part] = into;
  }
  void undo(const ArchiveId& part) {
    company.say(payload::MergeUndone{}, part);
    direct.erase(part);
  }
  std::size_t visits_of(const ArchiveId& archive) {
    field::VisitFilter filter;
    filter.archive = archive;
    return must(field::list_visits(*jia.book, filter)).size();
  }
  void check() {
    company.sync(jia);
    std::map<ArchiveId, std::size_t> expected;
    for (const auto& [archive, count] : visits) expected[whole_of(archive)] += count;
    const auto list = must(field::list_customers(*jia.book, {}));
    REQUIRE(list.total == expected.size());
    for (const auto& row : list.rows) {
      const auto& archive = row.customer.archive;
      REQUIRE(expected.contains(archive));
      CHECK(must(field::show_customer(*jia.book, row.customer, {100, 100, 1})).visit_count == expected[archive]);
      CHECK(visits_of(archive) == expected[archive]);
    }
    for (const auto& card : cards) {
      CHECK(must(jia.book->find_customer(card.number)).archive == whole_of(card.archive));
      CHECK(must(jia.book->find_part(card.number)).archive == card.archive);
    }
    CHECK(must(field::list_visits(*jia.book, {})).size() == 21);
  }
};

}  // namespace

// Random statements, circles among them: the union is exactly its parts, and what was undone is as it was.
TEST_CASE("union: whatever is merged and undone, every record is shown exactly once under its whole",
          "[client][union]") {
  Six t;
  std::mt19937 random(20261128);
  std::size_t circles = 0, deep = 0;
  for (int step = 0; step < 40; ++step) {
    const auto& part = t.cards[random() % t.cards.size()].archive;
    const auto& into = t.cards[random() % t.cards.size()].archive;
    if (random() % 4 == 0 || into == part) {
      t.undo(part);
    } else {
      t.merge(into, part);
    }
    for (const auto& [from, to] : t.direct) {
      circles += t.whole_of(from) == from;
      deep += t.direct.contains(to);
    }
    t.check();
  }
  CHECK(circles > 0);
  CHECK(deep > 0);
  for (const auto& card : t.cards) t.undo(card.archive);
  t.check();
  CHECK(must(field::list_customers(*t.jia.book, {})).total == t.cards.size());
}
