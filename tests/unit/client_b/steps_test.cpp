// SPDX-License-Identifier: AGPL-3.0-or-later
// Workflows, duties and submissions as people use them, over several devices.
#include <catch2/catch.hpp>

#include "client/field/attachments.h"
#include "client/field/matters.h"
#include "client/field/submission.h"
#include "sync/holder/duties.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

field::Submitted hand_in(Seat& seat, const std::string& note = {}) {
  must(seat.book->refresh());
  field::SubmissionWish wish{
      must(holder::run_report(*seat.book, {"visits-by-branch", {{"from", "2026-11-16"}, {"to", "2026-11-22"}}})),
      "visits-by-branch",
      {},
      note};
  return must(field::submit(*seat.book, wish));
}

Result<field::Saved> take(Seat& seat, const RecordId& record, const std::string& step, const std::string& comment = {},
                          const std::vector<field::Typed>& typed = {}) {
  must(seat.book->refresh());
  field::StepWish wish{must(seat.book->find_record(record.hex())), step, comment, {}, {}};
  const auto* form = must(seat.book->form(field::kSubmissionTemplate));
  wish.fields = must(field::parse_fields(*seat.book, *form, typed));
  field::Saved saved;
  const auto done = field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
    auto one = desk.step(wish);
    if (!one) return std::unexpected(one.error());
    saved = *one;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return saved;
}

std::string refused(Seat& seat, const RecordId& record, const std::string& step, const std::string& comment = {}) {
  const auto done = take(seat, record, step, comment);
  return done ? "taken" : done.error().code;
}

std::string state(Seat& seat, const RecordId& record) {
  must(seat.book->refresh());
  return must(field::show_matter(*seat.book, must(seat.book->find_record(record.hex())))).matter.standing.state();
}

}  // namespace

TEST_CASE("steps: a branch's report is handed in, read, commented and forwarded", "[steps]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  auto& boss = company.join("总经理", Role::general_manager, "");
  auto& finance = company.join("财务", Role::department, "");
  company.open(jia, "福田百货");
  company.visit(jia, "福田百货", {{"date", "2026-11-18"}});
  const auto submitted = hand_in(jia);
  const RecordId record = submitted.saved.record;
  CHECK(submitted.again == 1);
  company.sync_all();

  // Everybody of the branch reads and writes the branch's own archive; headquarters does, too.
  const auto place = must(yi.book->find_record(record.hex()));
  CHECK(must(field::attachments_of(*yi.book, place)).size() == 1);
  CHECK(hand_in(yi, "更正").saved.archive == submitted.saved.archive);
  company.sync_all();
  CHECK(company.text(boss, record, "rows") == "1");
  CHECK(company.text(boss, record, "period") == "2026-11-16 至 2026-11-22");
  CHECK(company.text(boss, record, "days_after").size() > 0);

  const auto mine = must(holder::list_duties(*boss.book));
  REQUIRE(mine.size() == 2);
  CHECK(mine[0].state->id == "submitted");
  CHECK(mine[0].due.has_value());
  CHECK(must(holder::list_duties(*yi.book)).empty());
  CHECK(must(holder::list_duties(*yi.book, {.everybody = true})).size() == 2);

  CHECK(refused(jia, record, "review", "好") == "step.not-yours");
  CHECK(refused(boss, record, "review") == "step.comment-needed");
  CHECK(refused(boss, record, "归档", "好") == "step.not-open");
  CHECK(refused(boss, record, "sign", "好") == "step.unknown");
  CHECK(refused(boss, record, "forward", "请办") == "step.fields-needed");
  CHECK(refused(boss, record, "copy") == "step.no-copy");
  must(take(boss, record, "批阅", "数字清楚"));  // by its label
  CHECK(state(boss, record) == "reviewed");
  CHECK(state(jia, record) == "submitted");  // not synced yet
  must(take(jia, record, "note", "补充说明"));
  must(take(boss, record, "forward", "请核对", {{"forwarded_to", "财务"}}));
  company.sync_all();
  for (auto* seat : {&jia, &yi, &boss, &finance}) CHECK(state(*seat, record) == "forwarded");
  const auto duties = must(holder::list_duties(*finance.book));
  REQUIRE(duties.size() == 1);
  CHECK(duties[0].record == record);
  must(take(finance, record, "file"));
  must(finance.book->refresh());
  const auto shown = must(field::show_matter(*finance.book, must(finance.book->find_record(record.hex()))));
  CHECK(shown.path.size() == 4);
  CHECK(shown.path[1].by == std::vector{boss.person});
  REQUIRE(shown.said.size() == 4);
  CHECK(std::ranges::count(shown.said, StepFate::noted, &node::StepShown::fate) == 1);
  CHECK(shown.matter.state->final);
  CHECK(refused(boss, record, "note") == "step.comment-needed");
}

TEST_CASE("steps: of two who decide without knowing of each other, the stronger counts everywhere", "[steps]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& boss = company.join("总经理", Role::general_manager, "");
  auto& deputy = company.join("副总", Role::general_manager, "");
  company.open(jia, "福田百货");
  company.visit(jia, "福田百货", {{"date", "2026-11-18"}});
  const RecordId record = hand_in(jia).saved.record;
  company.sync_all();
  must(take(boss, record, "review", "可以"));
  must(take(deputy, record, "return", "数字不对"));  // refusing is stronger
  company.sync_all();
  for (auto* seat : {&jia, &boss, &deputy}) CHECK(state(*seat, record) == "returned");
  const auto shown = must(field::show_matter(*jia.book, must(jia.book->find_record(record.hex()))));
  CHECK(std::ranges::count(shown.said, StepFate::overtaken, &node::StepShown::fate) == 1);  // it stays visible
}

TEST_CASE("steps: a branch's archive is its own people's, not another branch's", "[steps]") {
  Company company(2);
  auto& jia = company.join("甲", Role::salesperson, "branch1");
  auto& ding = company.join("丁", Role::salesperson, "branch2");
  company.open(jia, "福田百货");
  company.visit(jia, "福田百货", {{"date", "2026-11-18"}});
  const RecordId record = hand_in(jia).saved.record;
  company.sync_all();
  must(ding.book->refresh());
  CHECK(ding.book->find_record(record.hex()).error().code == "record.not-found");
}
