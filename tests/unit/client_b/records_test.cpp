// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>

#include "client/field/customers.h"
#include "client/field/visits.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

TEST_CASE("records: a fixed field is corrected by its author or the author's manager, with a reason",
          "[client][records]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  company.open(jia, "福田百货", {}, {jia.person, yi.person});
  const auto visit = company.visit(jia, "福田百货", {{"summary", "要二十箱"}});
  company.sync_all();

  CHECK(company.edit(jia, visit.record, {{"summary", "要三十箱"}}).error().code == "field.reason-needed");
  CHECK(company.edit(yi, visit.record, {{"summary", "要三十箱"}}, "我也在场").error().code == "field.fixed");
  CHECK(company.text(jia, visit.record, "summary") == "要二十箱");
  REQUIRE(company.edit(jia, visit.record, {{"summary", "要三十箱"}}, "听错").has_value());
  company.sync_all();
  REQUIRE(company.edit(manager, visit.record, {{"summary", "要四十箱"}}, "核对订单").has_value());
  company.sync_all();
  for (Seat* seat : {&jia, &yi, &manager}) {
    const auto shown = must(field::show_record(*seat->book, must(seat->book->find_record(visit.record.hex()))));
    CHECK(company.text(*seat, visit.record, "summary") == "要四十箱");
    CHECK(shown.reason == "核对订单");
    CHECK(shown.author == jia.person);
  }
  // What may be written beside the fixed fields: anybody's comment, which corrects nothing.
  REQUIRE(company.edit(yi, visit.record, {{"comments", "已读"}}).has_value());
  CHECK(company.text(yi, visit.record, "comments") == "已读");
}

TEST_CASE("records: an edit replaces what stands, appends to logs, and clears", "[client][records]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto card =
      company.open(jia, "福田百货", {{"contact", "王店长"}, {"notes", "第一条"}, {"tags", "老客户、重点"}});
  REQUIRE(
      company.edit(jia, card.record, {{"contact", "李店长"}, {"notes", "第二条"}, {"tags", "重点"}, {"kind", "供应商"}})
          .has_value());
  CHECK(company.text(jia, card.record, "contact") == "李店长");
  CHECK(company.text(jia, card.record, "notes") == "第一条\n第二条");
  CHECK(company.text(jia, card.record, "tags") == "重点");
  CHECK(company.edit(jia, card.record, {{"contact", "李店长"}})->unchanged);
  REQUIRE(company.edit(jia, card.record, {{"contact", ""}}).has_value());
  CHECK(company.text(jia, card.record, "contact").empty());
  CHECK(company.edit(jia, card.record, {{"name", ""}}).error().code == "record.incomplete");
}

TEST_CASE("records: withdrawn and restored, never removed", "[client][records]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  company.open(jia, "福田百货", {}, {jia.person, yi.person});
  const auto visit = company.visit(jia, "福田百货", {});
  company.sync_all();
  const auto stand = [&](Seat& seat, merge::RecordStanding standing) {
    const auto place = must(seat.book->find_record(visit.record.hex()));
    auto done = field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
      SATCHEL_TRY(desk.set_standing(place, standing, "记错客户"));
      return {};
    });
    must(seat.book->refresh());
    return done;
  };
  CHECK(stand(yi, merge::RecordStanding::withdrawn).error().code == "record.not-yours");
  REQUIRE(stand(jia, merge::RecordStanding::withdrawn).has_value());
  CHECK(must(field::list_visits(*jia.book, {})).front().standing == kRowWithdrawn);
  CHECK(must(jia.book->last_visits())->empty());
  REQUIRE(stand(jia, merge::RecordStanding::in_force).has_value());
  CHECK(must(field::list_visits(*jia.book, {})).front().standing == kRowInForce);
}

TEST_CASE("records: visits by day, month and customer; found by the beginning of their id", "[client][visits]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  company.open(jia, "福田百货");
  company.open(jia, "南山商行");
  const auto october = company.visit(jia, "福田百货", {{"date", "2026-10-31"}});
  company.visit(jia, "南山商行", {{"date", "2026-11-01"}, {"with", "甲、外人"}});
  company.visit(jia, "南山商行", {{"date", "2026年11月18日"}, {"next", "2026-12-01"}});
  const auto day = *parse_date("2026-11-01");
  const auto on_day = must(field::list_visits(*jia.book, {day, day, {}, 0}));
  REQUIRE(on_day.size() == 1);
  CHECK(on_day.front().with == std::vector<std::string>{"甲", "外人"});
  CHECK(must(field::list_visits(*jia.book, {day, std::nullopt, {}, 0})).size() == 2);
  CHECK(must(field::list_visits(*jia.book, {})).front().record == october.record);
  CHECK(must(field::list_visits(*jia.book, {{}, {}, must(jia.book->find_customer("南山")).archive, 1})).front().next ==
        parse_date("2026-12-01"));
  const auto found = must(jia.book->find_record(october.record.hex().substr(0, 8)));
  CHECK(found.record == october.record);
  CHECK(jia.book->find_record("abc").error().code == "record.not-found");
  CHECK(must(jia.book->last_visits())->at(must(jia.book->find_customer("南山")).archive) == *parse_date("2026-11-18"));
}

TEST_CASE("records: a person's own forms go into the person's own archive", "[client][records]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  field::LinesDone done;
  const std::string line = R"({"type":"rep_daily_report","date":"2026-11-20","summary":"走访三家","visits":3})"
                           "\n";
  company.lines(jia, line + line, 1, &done);
  CHECK(done.added == 2);
  const auto archive = must(jia.book->own_archive(ArchiveKind::person));
  REQUIRE(archive.has_value());
  auto reading = must(jia.book->read());
  CHECK(must(jia.book->records_of(reading->txn(), *archive)).size() == 2);
  reading.reset();
  company.sync_all();
  CHECK(must(manager.book->sheet("rep_daily_report"))->table.size() == 2);
  CHECK(manager.book->archive_name(*archive) == "甲");
}
