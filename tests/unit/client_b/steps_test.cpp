// SPDX-License-Identifier: AGPL-3.0-or-later
// Workflows, duties and submissions as people use them, over several devices.
#include <catch2/catch.hpp>

#include "client/field/attachments.h"
#include "client/field/closing.h"
#include "client/field/masking.h"
#include "client/field/matters.h"
#include "client/field/submission.h"
#include "client/field/today.h"
#include "schema/template/pack.h"
#include "sync/holder/duties.h"
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

field::Saved put(Seat& seat, const std::string& form_id, FieldMap fields, const ArchiveId& archive = {}) {
  must(seat.book->refresh());
  const auto* form = must(seat.book->form(form_id));
  field::NewRecord record{form, archive, std::move(fields), {}};
  field::Saved saved;
  must(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
    if (record.archive.none()) {
      SATCHEL_GET(own, desk.own_archive(*form));
      record.archive = own;
    }
    SATCHEL_GET(one, desk.add(record));
    saved = one;
    return {};
  }));
  return saved;
}

std::size_t rows(Seat& seat, const std::string& form) {
  must(seat.book->refresh());
  std::size_t count = 0;
  must(seat.book->sheet(form))->table.each([&](const SheetView& row) {
    count += row.standing() == kRowInForce;
    return true;
  });
  return count;
}

constexpr std::string_view kPool = R"(
format = 1
id = "claims"
version = 1
label = { zh = "认领", en = "Claims" }
[[template]]
id = "claim"
label = { zh = "认领", en = "Claim" }
scope = ["customer"]
[[template.field]]
id = "note"
label = { zh = "备注", en = "Note" }
[[template.field]]
id = "claimant"
label = { zh = "认领人", en = "Claimant" }
type = "person"
sheet = true
[[workflow]]
id = "claim"
label = { zh = "认领", en = "Claim" }
source = "claim"
start = "asked"
  [[workflow.state]]
  id = "asked"
  label = { zh = "待批", en = "Asked" }
  [[workflow.state]]
  id = "given"
  label = { zh = "已给", en = "Given" }
  final = true
  [[workflow.step]]
  id = "give"
  label = { zh = "给", en = "Give" }
  from = ["asked"]
  to = "given"
  by = ["manager"]
  owners = ["field:claimant"]
  [[workflow.step]]
  id = "back"
  label = { zh = "收回", en = "Take back" }
  from = ["given"]
  to = "asked"
  by = ["manager"]
  owners = ["manager"]
)";

constexpr std::string_view kPrices = R"(
format = 1
id = "prices"
version = 1
label = { zh = "价目", en = "Prices" }
[[template]]
id = "list_price"
label = { zh = "价目", en = "List price" }
scope = ["everyone"]
sheet = true
[[template.field]]
id = "text"
label = { zh = "内容", en = "Text" }
)";

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
  const auto first = put(jia, "duty_entry", {{"text", "甲当班"}});
  company.sync_all();
  const auto second = put(yi, "duty_entry", {{"text", "乙接班"}});
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
  const auto archive = card.customer.archive;
  CHECK(must(field::leaving_a_trace(*manager.book, std::span(&archive, 1))) == std::vector{archive});
  must(jia.book->refresh());
  CHECK(must(field::leaving_a_trace(*jia.book, std::span(&archive, 1))).empty());
  field::mask(card);
  for (const auto& shown : card.card.fields) {
    CHECK(shown.masked == (shown.field->id == "credit_limit"));
    CHECK((shown.text == kMask) == shown.masked);
    if (shown.masked)
      for (const auto& given : shown.given) CHECK((empty(given.value) && given.text == kMask));
  }
  CHECK(field::sensitive_fields(card) == 1);  // that there is something still shows
}

TEST_CASE("everyone: headquarters writes it, all branches read it, and nobody else's word counts", "[common]") {
  Company company(2);
  company.say(node::publication_of(must(parse_pack(kPrices)), kPrices));
  auto& jia = company.join("甲", Role::salesperson, "branch1");
  auto& ding = company.join("丁", Role::branch_manager, "branch2");
  auto& finance = company.join("财务", Role::department, "");
  company.sync_all();
  const auto* form = must(jia.book->form("list_price"));
  for (auto* seat : {&jia, &ding}) {
    must(seat->book->refresh());
    const auto refused = field::at_desk(*seat->book, [&](field::Desk& desk) -> Result<void> {
      const auto own = desk.own_archive(*form);
      return own ? Result<void>{} : std::unexpected(own.error());
    });
    REQUIRE(!refused);
    CHECK(refused.error().code == "archive.headquarters-writes");
  }
  const auto listed = put(finance, "list_price", {{"text", "九折起"}});
  company.sync_all();
  CHECK(company.text(jia, listed.record, "text") == "九折起");
  CHECK(company.text(ding, listed.record, "text") == "九折起");
  const auto edited = company.edit(jia, listed.record, {{"text", "五折起"}});
  REQUIRE(!edited);
  CHECK(edited.error().code == "archive.not-yours");

  // One that a salesperson opens with a program of his own gives him no say over others' prices, nor does his own
  // archive.
  ArchiveId forged;
  must(jia.device->write([&](WriteTxn&, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(
        info,
        scribe.open_archive(
            {ArchiveKind::common, {}, {jia.person}},
            {RecordChange{
                random_id<RecordId>(jia.device->entropy()), "list_price", 1, {{"text", std::string("白送"), {}}}}}));
    forged = info.id;
    SATCHEL_GET(own, scribe.open_archive({ArchiveKind::person, info.branch, {jia.person}}, {}));
    SATCHEL_TRY(scribe.write(
        own, {RecordChange{
                 random_id<RecordId>(jia.device->entropy()), "list_price", 1, {{"text", std::string("白送"), {}}}}}));
    return {};
  }));
  company.sync_all();
  for (auto* seat : {&ding, &finance, &jia}) CHECK(rows(*seat, "list_price") == 1);
  CHECK(put(finance, "list_price", {{"text", "八折起"}}).archive == listed.archive);
}

TEST_CASE("closing: nothing falls due in a closed archive, what comes all the same counts, and it opens again",
          "[closing]") {
  Company company;
  company.say(node::publication_of(must(parse_pack(kPool)), kPool));
  auto& jia = company.join("甲", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  company.open(jia, "福田百货");
  company.open(jia, "南山商行");
  company.visit(jia, "福田百货", {{"date", "2026-11-18"}, {"next", "2026-11-19"}});
  company.sync_all();
  const auto customer = [](Seat& seat) {
    must(seat.book->refresh());
    return must(seat.book->find_customer("福田百货"));
  };
  const auto due = [](Seat& seat) { return must(field::today(*seat.book, {std::nullopt, 3650, true})).due.size(); };
  const auto names = [](Seat& seat, bool closed) {
    std::vector<std::string> out;
    for (const auto& row : must(field::list_customers(*seat.book, {{}, 0, closed})).rows)
      out.push_back(row.customer.name);
    return out;
  };
  using Names = std::vector<std::string>;
  REQUIRE(due(jia) == 1);

  const auto asked = must(field::close_archive(*jia.book, {customer(jia), {{"reason", "gone"}}, {}, false}));
  CHECK(asked.asked);
  CHECK(due(jia) == 1);
  CHECK(names(jia, true).empty());
  const auto twice = field::close_archive(*jia.book, {customer(jia), {{"reason", "gone"}}, {}, false});
  REQUIRE(!twice);
  CHECK(twice.error().code == "close.asked");
  company.sync_all();
  must(manager.book->refresh());
  REQUIRE(must(holder::list_duties(*manager.book)).size() == 1);
  must(field::take_step(*manager.book,
                        {must(manager.book->find_record(asked.saved.record.hex())), "close", {}, {}, {}}));
  company.sync_all();
  for (auto* seat : {&jia, &manager}) {
    CHECK(customer(*seat).name == "福田百货");
    CHECK(due(*seat) == 0);
    CHECK(names(*seat, false) == Names{"南山商行"});
    CHECK(names(*seat, true) == Names{"福田百货"});
  }
  // A visit made all the same is kept and counts; whoever records it is told.
  const auto visit = company.visit(jia, "福田百货", {{"date", "2026-11-21"}});
  CHECK(visit.closed);
  company.sync_all();
  CHECK(rows(manager, "visit") == 2);
  CHECK(must(field::reopen_archive(*jia.book, customer(jia), "又来订货")).record == asked.saved.record);
  company.sync_all();
  CHECK(names(manager, false).size() == 2);
  CHECK(due(jia) == 0);  // the plan was of before the last visit
  const auto open = field::reopen_archive(*manager.book, customer(manager), "再");
  REQUIRE(!open);
  CHECK(open.error().code == "close.not-closed");

  // A manager closes at once, but not over matters that are open.
  put(manager, "claim", {{"note", "还在谈"}}, customer(manager).archive);
  must(manager.book->refresh());
  const auto open_yet = field::close_archive(*manager.book, {customer(manager), {{"reason", "lost"}}, {}, false});
  REQUIRE(!open_yet);
  CHECK(open_yet.error().code == "close.open-matters");
  CHECK(names(manager, true).empty());
  CHECK_FALSE(must(field::close_archive(*manager.book, {customer(manager), {{"reason", "lost"}}, {}, true})).asked);
  CHECK(names(manager, true) == Names{"福田百货"});
}

TEST_CASE("owners: a step that gives the archive says so to the directory, and an archive is given to nobody unnamed",
          "[owners]") {
  Company company;
  company.say(node::publication_of(must(parse_pack(kPool)), kPool));
  auto& jia = company.join("甲", Role::salesperson);
  auto& manager = company.join("经理", Role::branch_manager);
  company.sync_all();
  const auto customer = company.open(manager, "福田百货");
  company.sync_all();
  must(jia.book->refresh());
  CHECK(jia.book->find_customer("福田百货").error().code == "customer.not-found");
  const auto claim = put(manager, "claim", {{"note", "活动来客"}}, customer.archive);
  const auto step = [&](const std::string& name, FieldMap fields) {
    must(manager.book->refresh());
    return field::take_step(*manager.book,
                            {must(manager.book->find_record(claim.record.hex())), name, {}, std::move(fields), {}});
  };
  const auto nobody = step("give", {});
  REQUIRE(!nobody);
  CHECK(nobody.error().code == "step.no-owner");
  CHECK(state(manager, claim.record) == "asked");
  const auto given = must(step("give", {{"claimant", Ref{jia.person.bytes}}}));
  CHECK(given.owners == std::vector{jia.person});
  REQUIRE(given.said.has_value());
  company.sync_all();
  company.sync_all();
  must(jia.book->refresh());
  CHECK(must(jia.book->find_customer("福田百货")).name == "福田百货");
  CHECK(state(jia, claim.record) == "given");
  const auto owners = [&](Seat& seat) {
    must(seat.book->refresh());
    return seat.book->owners(must(seat.book->find_record(claim.record.hex())).info);
  };
  CHECK(owners(jia) == std::vector{jia.person});
  CHECK(must(step("back", {})).owners == std::vector{manager.person});
  company.sync_all();
  CHECK(owners(manager) == std::vector{manager.person});
  CHECK(company.world().hq().replica().directory()->owners(
            node::access_of(must(manager.book->find_record(claim.record.hex())).info)) == std::vector{manager.person});
}
