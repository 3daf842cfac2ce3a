// SPDX-License-Identifier: AGPL-3.0-or-later
// Tasks, and handing a person's customers over: counts, what arrives late, one task whoever writes it.
#include <catch2/catch.hpp>

#include "client/field/customers.h"
#include "client/field/handover.h"
#include "client/field/held.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Leaving {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& yi = company.join("乙", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);

  field::Saved task(Seat& seat, const std::string& customer, std::vector<field::Typed> typed) {
    const auto* form = must(seat.book->form(field::kTaskTemplate));
    field::NewRecord record{form, must(seat.book->find_customer(customer)).archive,
                            must(field::parse_fields(*seat.book, *form, typed))};
    field::Saved saved;
    must(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
      SATCHEL_GET(added, desk.add(record));
      saved = std::move(added);
      return {};
    }));
    must(seat.book->refresh());
    return saved;
  }
  void hand_over(const std::vector<std::string>& only = {}) {
    const field::HandoverWish wish{"甲", "乙", only};
    const auto plan = must(field::plan_handover(*manager.book, wish));
    const auto done = must(field::hand_over(*manager.book, wish, plan));
    CHECK(done.said.pending);  // no hub to be reached here
    settle();
  }
  void settle() {
    for (int round = 0; round < 2; ++round) {
      company.sync_all();
      for (Seat* seat : {&jia, &yi, &manager}) must(holder::make_handover_tasks(*seat->device));
    }
    company.sync_all();
  }
  std::vector<field::TaskRow> notices(Seat& seat) {
    auto all = must(field::list_tasks(*seat.book, {.everybody = true}));
    std::erase_if(all, [](const field::TaskRow& t) { return t.kind_id != holder::kNotifyCustomer; });
    return all;
  }
  std::vector<std::string> customers(Seat& seat) {
    std::vector<std::string> out;
    for (const auto& row : must(field::list_customers(*seat.book, {})).rows) out.push_back(row.customer.name);
    std::ranges::sort(out);
    return out;
  }
};

}  // namespace

TEST_CASE("tasks: one's own by due day, whoever it is for, until they are done", "[client][tasks]") {
  Leaving b;
  b.company.open(b.jia, "福田百货", {}, {b.jia.person, b.yi.person});
  b.company.sync_all();
  b.task(b.jia, "福田百货", {{"text", "寄样品"}, {"due", "2031-01-09"}});
  const auto call =
      b.task(b.jia, "福田百货", {{"text", "回电"}, {"kind", "回电"}, {"assignee", "乙"}, {"due", "2031-01-02"}});
  b.task(b.jia, "福田百货", {{"text", "没有期限"}});
  b.company.sync_all();
  const auto texts = [](const std::vector<field::TaskRow>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) out.push_back(row.text);
    return out;
  };
  using Texts = std::vector<std::string>;
  CHECK(texts(must(field::list_tasks(*b.jia.book))) == Texts{"寄样品", "没有期限"});
  CHECK(texts(must(field::list_tasks(*b.yi.book))) == Texts{"回电", "寄样品", "没有期限"});
  CHECK(texts(must(field::list_tasks(*b.manager.book))) == Texts{});
  CHECK(texts(must(field::list_tasks(*b.manager.book, {.everybody = true}))) == Texts{"回电", "寄样品", "没有期限"});
  const auto now = must(field::today(*b.yi.book, {Date{22'290}, 0, false}));  // 2031-01-11
  REQUIRE(now.tasks.size() == 3);
  CHECK(now.tasks[0].overdue_days == 9);
  CHECK(now.tasks[0].kind_id == "call_back");

  const auto done = must(field::closing(*b.yi.book, call.record.hex(), Date{22'282}, "已接通"));
  must(field::at_desk(*b.yi.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_TRY(desk.edit(done));
    return {};
  }));
  must(b.yi.book->refresh());
  CHECK(texts(must(field::list_tasks(*b.yi.book))) == Texts{"寄样品", "没有期限"});
  CHECK(texts(must(field::list_tasks(*b.yi.book, {.done = true}))) == Texts{"寄样品", "没有期限", "回电"});
  CHECK(field::closing(*b.yi.book, call.record.hex(), Date{22'282}, {}).error().code == "task.done-already");
}

TEST_CASE("handover: the plan counts what moves, and afterwards it is the successor's with its whole history",
          "[client][handover]") {
  Leaving b;
  b.company.open(b.jia, "福田百货");
  b.company.open(b.jia, "南山超市");
  const auto visit = b.company.visit(b.jia, "福田百货", {{"summary", "从前"}, {"next", "2031-01-01"}});
  b.task(b.jia, "南山超市", {{"text", "寄样品"}});
  b.company.sync_all();
  const auto plan = must(field::plan_handover(*b.manager.book, {"甲", "乙", {}}));
  CHECK(plan.archives.size() == 2);
  CHECK(plan.unreached() == 0);
  CHECK(plan.tasks.size() == 1);
  CHECK(plan.plans.size() == 1);
  CHECK((plan.from_owns == 2 && plan.to_owns == 0));
  CHECK(plan.successor_ready);
  REQUIRE(plan.devices.size() == 1);
  CHECK(plan.devices[0].heard.ms > 0);
  CHECK_FALSE(plan.devices[0].never_heard());
  CHECK(b.customers(b.yi).empty());

  b.hand_over();
  CHECK(b.customers(b.jia).empty());
  CHECK(b.customers(b.yi) == std::vector<std::string>{"南山超市", "福田百货"});
  const auto shown = must(field::show_record(*b.yi.book, must(b.yi.book->find_record(visit.record.hex()))));
  CHECK(shown.author == b.jia.person);
  CHECK(b.notices(b.yi).size() == 2);
  for (const auto& notice : b.notices(b.yi)) {
    CHECK(notice.assignee == b.yi.person);
    CHECK(notice.due);
  }
  // What the leaver opens knowing of it is the leaver's.
  b.company.open(b.jia, "罗湖商行");
  b.settle();
  CHECK(b.customers(b.jia) == std::vector<std::string>{"罗湖商行"});
  CHECK(b.customers(b.yi) == std::vector<std::string>{"南山超市", "福田百货"});
  CHECK(b.notices(b.yi).size() == 2);
}

TEST_CASE("handover: what passes through two hands has one task, the last one's, and once done it is never made again",
          "[client][handover]") {
  Leaving b;
  Seat& bing = b.company.join("丙", Role::salesperson);
  b.company.open(b.jia, "福田百货");
  b.company.sync_all();
  for (const auto& [from, to] : {std::pair{"甲", "乙"}, std::pair{"乙", "丙"}}) {
    const field::HandoverWish wish{from, to, {}};
    must(field::hand_over(*b.manager.book, wish, must(field::plan_handover(*b.manager.book, wish))));
    b.company.sync(b.manager);
  }
  const auto all_look = [&] {
    b.company.sync_all();
    std::size_t written = 0;
    for (Seat* seat : {&b.jia, &b.yi, &bing, &b.manager}) written += must(holder::make_handover_tasks(*seat->device));
    b.company.sync_all();
    return written;
  };
  CHECK(all_look() > 0);
  REQUIRE(b.notices(bing).size() == 1);
  CHECK(b.notices(bing)[0].assignee == bing.person);
  const auto done = must(field::closing(*bing.book, b.notices(bing)[0].record.hex(), Date{22'282}, {}));
  must(field::at_desk(*bing.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_TRY(desk.edit(done));
    return {};
  }));
  // Rights move once more, which has everybody look at everything again.
  b.company.say(payload::OwnerSet{{bing.person}}, must(bing.book->find_customer("福田百货")).archive);
  CHECK(all_look() == 0);
  CHECK(b.notices(b.manager).empty());
}

TEST_CASE("handover: only what was named, and nobody else's", "[client][handover]") {
  Leaving b;
  b.company.open(b.jia, "福田百货");
  b.company.open(b.jia, "南山超市");
  b.company.open(b.yi, "罗湖商行");
  b.company.sync_all();
  const auto code = [&](const field::HandoverWish& wish) {
    return field::plan_handover(*b.manager.book, wish).error().code;
  };
  CHECK(code({"甲", "乙", {"罗湖商行"}}) == "handover.not-theirs");
  CHECK(code({"甲", "甲", {}}) == "handover.same");
  CHECK(code({"甲", "没有的人", {}}) == "person.not-found");
  b.hand_over({"南山超市"});
  CHECK(b.customers(b.jia) == std::vector<std::string>{"福田百货"});
  CHECK(b.customers(b.yi) == std::vector<std::string>{"南山超市", "罗湖商行"});
  CHECK(b.notices(b.yi).size() == 1);
}

TEST_CASE(
    "handover: what the leaver opened offline arrives late, is the successor's, and has one task whoever wrote it",
    "[client][handover]") {
  Leaving b;
  b.company.open(b.jia, "福田百货");
  b.company.sync_all();
  const auto late = b.company.open(b.jia, "罗湖商行");  // on the device alone
  const field::HandoverWish wish{"甲", "乙", {}};
  const auto done = must(field::hand_over(*b.manager.book, wish, must(field::plan_handover(*b.manager.book, wish))));
  b.company.sync(b.manager);
  b.company.sync(b.jia);
  // Both see the late customer, and both write its task before they hear of each other.
  for (Seat* seat : {&b.yi, &b.manager, &b.yi, &b.manager}) b.company.sync(*seat);
  std::size_t written = 0;
  for (Seat* seat : {&b.yi, &b.manager}) written += must(holder::make_handover_tasks(*seat->device));
  CHECK(written >= 2);
  for (Seat* seat : {&b.yi, &b.manager}) CHECK(must(holder::make_handover_tasks(*seat->device)) == 0);
  b.settle();
  // Whoever wrote there without the right waits for a verdict, the customer's card included.
  CHECK(b.customers(b.yi) == std::vector<std::string>{"福田百货"});
  must(field::give_verdict(*b.manager.book, "all", VerdictChoice::admit, "交接之前开的"));
  b.settle();
  CHECK(b.customers(b.yi) == std::vector<std::string>{"福田百货", "罗湖商行"});
  for (Seat* seat : {&b.yi, &b.manager}) {
    const auto notices = b.notices(*seat);
    REQUIRE(notices.size() == 2);
    const auto of_late = std::ranges::find(notices, late.archive, &field::TaskRow::archive);
    REQUIRE(of_late != notices.end());
    CHECK(of_late->record == holder::handover_task(done.said.id, late.archive));
  }
  // Done at one, done at both.
  const auto edit = must(field::closing(*b.yi.book, b.notices(b.yi)[0].record.hex(), Date{22'282}, {}));
  must(field::at_desk(*b.yi.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_TRY(desk.edit(edit));
    return {};
  }));
  b.settle();
  CHECK(b.notices(b.manager).size() == 1);
}
