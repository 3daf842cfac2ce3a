// SPDX-License-Identifier: AGPL-3.0-or-later
// Workflows, duties and submissions as people use them, over several devices.
#include <catch2/catch.hpp>

#include "client/field/attachments.h"
#include "client/field/masking.h"
#include "client/field/matters.h"
#include "client/field/submission.h"
#include "sync/holder/duties.h"
#include "schema/template/pack.h"
#include "sync/node/catalogue.h"
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

  // It says what only its writer, his managers and headquarters may read.
  must(yi.book->refresh());
  CHECK(yi.book->find_record(record.hex()).error().code == "record.not-found");
  const auto place = must(boss.book->find_record(record.hex()));
  CHECK(must(field::attachments_of(*boss.book, place)).size() == 1);
  CHECK(company.text(boss, record, "rows") == "1");
  CHECK(company.text(boss, record, "period") == "2026-11-16 至 2026-11-22");
  CHECK(company.text(boss, record, "days_after").size() > 0);

  const auto mine = must(holder::list_duties(*boss.book));
  REQUIRE(mine.size() == 1);
  CHECK(mine[0].state->id == "submitted");
  CHECK(mine[0].due.has_value());
  CHECK(must(holder::list_duties(*jia.book)).empty());
  CHECK(must(holder::list_duties(*jia.book, {.everybody = true})).size() == 1);

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
  for (auto* seat : {&jia, &boss, &finance}) CHECK(state(*seat, record) == "forwarded");
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

TEST_CASE("branch: its own archive is written and read by all its people, and by no other branch's", "[branch]") {
  Company company(2);
  constexpr std::string_view kDutyLog = R"(
format = 1
id = "duty"
version = 1
label = { zh = "值班", en = "Duty" }
[[template]]
id = "duty_entry"
label = { zh = "值班记录", en = "Duty entry" }
scope = ["branch"]
sheet = true
[[template.field]]
id = "text"
label = { zh = "内容", en = "Text" }
)";
  company.say(node::publication_of(must(parse_pack(kDutyLog)), kDutyLog));
  auto& jia = company.join("甲", Role::salesperson, "branch1");
  auto& yi = company.join("乙", Role::salesperson, "branch1");
  auto& ding = company.join("丁", Role::salesperson, "branch2");
  company.sync_all();
  const auto note = [&](Seat& seat, const std::string& text) {
    must(seat.book->refresh());
    const auto* form = must(seat.book->form("duty_entry"));
    field::NewRecord record{form, {}, {{"text", text}}, {}};
    field::Saved saved;
    must(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
      SATCHEL_GET(archive, desk.own_archive(*form));
      record.archive = archive;
      SATCHEL_GET(one, desk.add(record));
      saved = one;
      return {};
    }));
    return saved;
  };
  const auto first = note(jia, "甲当班");
  company.sync_all();
  const auto second = note(yi, "乙接班");
  CHECK(second.archive == first.archive);
  company.sync_all();
  CHECK(company.text(yi, first.record, "text") == "甲当班");
  CHECK(company.text(jia, second.record, "text") == "乙接班");
  must(ding.book->refresh());
  CHECK(ding.book->find_record(first.record.hex()).error().code == "record.not-found");
}

TEST_CASE("masking: sensitive fields stand masked, and a confidential archive knows its owners", "[masking]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  company.open(jia, "福田百货", {{"credit_limit", "5000"}, {"confidential", "是"}, {"city", "深圳"}});
  company.sync_all();
  const auto card_of = [](Seat& seat) {
    must(seat.book->refresh());
    return must(field::show_customer(*seat.book, must(seat.book->find_customer("福田百货"))));
  };
  auto card = card_of(manager);
  CHECK(field::sensitive_fields(card) == 1);
  CHECK(field::leaves_a_trace(*manager.book, card));
  CHECK_FALSE(field::leaves_a_trace(*jia.book, card_of(jia)));
  field::mask(card);
  for (const auto& shown : card.card.fields) {
    CHECK(shown.masked == (shown.field->id == "credit_limit"));
    CHECK((shown.text == kMask) == shown.masked);
    if (shown.masked)
      for (const auto& given : shown.given) CHECK((empty(given.value) && given.text == kMask));
  }
  CHECK(field::sensitive_fields(card) == 1);  // that there is something still shows
}
