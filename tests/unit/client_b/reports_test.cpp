// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "sync/holder/reports.h"
#include "sync/store/lmdb_store.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

// Seeded visits of two people over three months, and what a report must make of them, counted here.
struct Expected {
  std::map<std::string, std::size_t> visits;               // by person, in November
  std::map<std::string, std::set<std::string>> customers;  // the same
  std::map<std::string, std::int64_t> cents;
  std::map<std::string, std::size_t> on_the_20th;
};

Expected make_visits(Company& company, std::vector<Seat*> people) {
  std::mt19937 random(3);
  Expected expected;
  for (Seat* seat : people) {
    std::string input;
    for (int i = 0; i < 6; ++i)
      input += R"({"type":"customer","name":")" + seat->name + "客户" + std::to_string(i) +
               R"(","kind":"company"})"
               "\n";
    for (int i = 0; i < 120; ++i) {
      const int month = 10 + static_cast<int>(random() % 3), day = 1 + static_cast<int>(random() % 28);
      const std::string customer = seat->name + "客户" + std::to_string(random() % 6);
      const auto cents = static_cast<std::int64_t>(random() % 100'000);
      const std::string date = "2026-" + std::to_string(month) + "-" + (day < 10 ? "0" : "") + std::to_string(day);
      input += R"({"type":"visit","customer":")" + customer + R"(","purpose":"拜访","summary":"s","date":")" + date +
               R"(","collection":")" + std::to_string(cents / 100) + "." + std::to_string(cents % 100 / 10) +
               std::to_string(cents % 10) + "\"}\n";
      if (month == 11) {
        ++expected.visits[seat->name];
        expected.customers[seat->name].insert(customer);
        expected.cents[seat->name] += cents;
        if (day == 20) ++expected.on_the_20th[seat->name];
      }
    }
    field::LinesDone done;
    company.lines(*seat, input, 40, &done);
    REQUIRE(done.failed == 0);
  }
  return expected;
}

// As a synchronising process does it that runs beside.
bool made_larger_by_another_process(const std::filesystem::path& store) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto other = open_lmdb(store, {.create = false});
    bool done = other.has_value();
    for (int i = 0; done && i < 100; ++i) {
      auto txn = (*other)->begin_write();
      const auto key = "larger " + std::to_string(i);
      done = txn && (*txn)->put(Table::bundles, view(key), Bytes(1024 * 1024, 7)) && (*txn)->commit();
    }
    ::_exit(done ? 0 : 1);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

std::int64_t cents_of(const Value& value) {
  const auto& d = std::get<Decimal>(value);
  return d.scale == 2 ? d.units : d.scale == 1 ? d.units * 10 : d.units * 100;
}

}  // namespace

TEST_CASE("reports: equal what was counted by hand, over just the months asked for", "[client][reports]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  const auto expected = make_visits(company, {&jia, &yi});
  company.sync_all();

  const auto report =
      must(holder::run_report(*manager.book, {"visits-by-branch", {{"from", "2026-11-01"}, {"to", "2026-11-30"}}}));
  std::size_t people = 0;
  for (const auto& group : report.result.groups) {
    if (group.level != 1) continue;
    ++people;
    const auto& name = group.key[1].text;
    CHECK(std::get<std::int64_t>(group.measures[0].value) == static_cast<std::int64_t>(expected.visits.at(name)));
    CHECK(std::get<std::int64_t>(group.measures[1].value) ==
          static_cast<std::int64_t>(expected.customers.at(name).size()));
    CHECK(cents_of(group.measures[2].value) == expected.cents.at(name));
  }
  CHECK(people == 2);
  CHECK(report.freshness.only_here == 0);
  CHECK(report.freshness.newest_stamp.has_value());

  const auto daily = must(holder::run_report(
      *manager.book, {"daily-visits", {{"date", "2026-11-20"}, {"person", "甲"}, {"branch", "branch1"}}}));
  const auto on_day = expected.on_the_20th.contains("甲") ? expected.on_the_20th.at("甲") : 0;
  CHECK(daily.result.row_count == on_day);
  REQUIRE(on_day > 0);
  CHECK(daily.result.lines[0].cells[1].text.starts_with("甲客户"));
  // A salesperson's own report holds only what is the person's to read.
  const auto own =
      must(holder::run_report(*yi.book, {"visits-by-branch", {{"from", "2026-11-01"}, {"to", "2026-11-30"}}}));
  CHECK(own.result.row_count == expected.visits.at("乙"));
}

TEST_CASE("reports: the register joins owners, is filtered by a choice's label, and prints in three forms",
          "[client][reports]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  company.sync_all();
  company.open(jia, "福田百货", {{"city", "=深圳"}}, {yi.person});
  company.open(jia, "供货厂", {{"kind", "供应商"}});
  const auto all = must(holder::run_report(*jia.book, {"customer-register", {}}));
  CHECK(all.result.row_count == 2);
  CHECK(all.freshness.only_here == 2);
  const auto one = must(holder::run_report(*jia.book, {"customer-register", {{"kind", "经销商"}}}));
  REQUIRE(one.result.row_count == 1);
  const auto text = must(holder::print_report(one, "text", Lang::zh));
  CHECK(text.find("乙、甲") != std::string::npos);
  CHECK(text.find("仅在本机的记录 2") != std::string::npos);
  const auto csv = must(holder::print_report(one, "csv", Lang::zh));
  CHECK(csv.starts_with("\xEF\xBB\xBF"));
  CHECK(csv.find("'=深圳") != std::string::npos);  // a spreadsheet must not run it
  const auto json = must(holder::print_report(one, "json", Lang::zh));
  CHECK(json.find(R"("freshness":{"newest_stamp":null,"only_here":2,)") != std::string::npos);

  CHECK(holder::run_report(*jia.book, {"no-such", {}}).error().detail.find("daily-visits") != std::string::npos);
  CHECK(holder::run_report(*jia.book, {"daily-visits", {}}).error().code == "report.parameter-missing");
  CHECK(holder::run_report(*jia.book, {"daily-visits", {{"day", "2026-11-20"}}}).error().code ==
        "report.no-such-parameter");
  CHECK(holder::print_report(one, "pdf", Lang::zh).error().code == "report.no-such-format");
  CHECK(holder::list_reports(jia.book->catalogue(), Lang::zh, false).find("daily-visits --date") != std::string::npos);
}

TEST_CASE("reports: what another process makes larger in the midst is looked up once more", "[client][reports]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  make_visits(company, {&jia});
  must(jia.book->refresh());
  int looks = 0;
  const auto found = holder::look_up(*jia.book, [&]() -> Result<std::size_t> {
    ++looks;
    const auto reading = must(jia.book->read());
    REQUIRE(reading);
    if (looks == 1) REQUIRE(made_larger_by_another_process(jia.device->folder() / "store"));
    SATCHEL_GET(sheet, jia.book->sheet("visit"));
    return sheet->table.size();
  });
  CHECK(must(found) == 120);
  CHECK(looks == 2);
}

TEST_CASE("reports: which devices have said nothing since Monday is told in words", "[client][reports]") {
  holder::Freshness fresh;
  fresh.newest_stamp = parse_time("2026-11-27 18:30", kChinaZoneMinutes);
  fresh.silence = {*parse_time("2026-11-23 00:00", kChinaZoneMinutes), 12, {"甲", "乙", "丙"}};
  CHECK(holder::freshness_text(fresh, Lang::zh) ==
        "数据截至 2026-11-27 18:30\n12 台设备中 3 台自周一（2026-11-23）以来没有送达记录：甲、乙、丙\n");
  CHECK(holder::freshness_text(fresh, Lang::en) ==
        "As of 2026-11-27 18:30\n3 of 12 devices have handed in nothing since Monday (2026-11-23): 甲, 乙, 丙\n");
  fresh.held = 2;
  fresh.silence.silent.clear();
  CHECK(holder::freshness_text(fresh, Lang::zh) == "数据截至 2026-11-27 18:30；待裁定的记录 2\n");
}
