// SPDX-License-Identifier: AGPL-3.0-or-later
// A calendar is data: when headquarters publishes it anew, what is due moves on every device, in what is read as in
// what is listed, and each says which calendar it went by.
#include <catch2/catch.hpp>

#include "client/field/matters.h"
#include "client/field/records.h"
#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "sync/holder/duties.h"
#include "sync/node/catalogue.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

constexpr std::string_view kAnswers = R"(
format = 1
id = "answers"
version = 1
label = { zh = "答复", en = "Answers" }
[[template]]
id = "question"
label = { zh = "来函", en = "Question" }
scope = ["customer"]
title_field = "text"
sheet = true
  [[template.field]]
  id = "text"
  label = { zh = "内容", en = "Text" }
  [[template.field]]
  id = "came"
  type = "date"
  label = { zh = "收到日期", en = "Came on" }
  sheet = true
[[workflow]]
id = "answering"
label = { zh = "答复", en = "Answering" }
source = "question"
calendar = "china"
start = "open"
state = [
  { id = "open", label = { zh = "待答复", en = "Open" }, limit = "3wd", from_field = "came", due_for = ["author"] },
  { id = "answered", label = { zh = "已答复", en = "Answered" }, final = true },
]
step = [{ id = "answer", label = { zh = "答复", en = "Answer" }, from = ["open"], to = "answered", by = ["author"] }]
)";

std::string calendar_pack() {
  for (const auto packs : {standard_packs(), system_packs()})
    for (const auto& [file, toml] : packs)
      if (file == "calendar.toml") return std::string(toml);
  return {};
}

std::string with(std::string text, std::string_view old, std::string_view fresh) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), fresh);
}

struct Seen {
  std::string due;     // as the matter reads it
  std::string listed;  // as the list of matters has it
  std::string calendar;
  int version = 0;
  bool sure = true;
};

Seen seen(Seat& seat, const RecordId& record) {
  must(seat.book->refresh());
  const auto shown = must(field::show_matter(*seat.book, must(seat.book->find_record(record.hex()))));
  REQUIRE(shown.matter.due.has_value());
  REQUIRE(shown.calendar != nullptr);
  Seen out{format_time(shown.matter.due->at, kChinaZoneMinutes),
           {},
           shown.calendar->label.en,
           shown.calendar->version,
           shown.matter.due->sure};
  for (const auto& duty : must(holder::list_duties(*seat.book))) {
    if (duty.record != record) continue;
    out.listed = duty.due ? format_time(*duty.due, kChinaZoneMinutes) : "";
    CHECK(seat.book->catalogue().calendar_used(*duty.workflow, *duty.state, duty.limit) == shown.calendar);
  }
  return out;
}

}  // namespace

TEST_CASE("calendar: published anew, it moves what is due, and is named", "[client][calendar]") {
  Company company;
  auto& rep = company.join("甲", Role::salesperson);
  company.say(node::publication_of(must(parse_pack(kAnswers)), kAnswers));
  company.sync(rep);
  company.open(rep, "福田百货");
  must(rep.book->refresh());
  const auto* form = must(rep.book->form("question"));
  const auto put = [&](const std::string& came) {
    RecordId record;
    must(field::at_desk(*rep.book, [&](field::Desk& desk) -> Result<void> {
      SATCHEL_GET(customer, rep.book->find_customer("福田百货"));
      SATCHEL_GET(fields,
                  field::parse_fields(*rep.book, *form, std::vector<field::Typed>{{"text", "报价"}, {"came", came}}));
      SATCHEL_GET(saved, desk.add({form, customer.archive, fields, {}}));
      record = saved.record;
      return {};
    }));
    must(rep.book->refresh());
    return record;
  };
  const auto friday = put("2026-11-27"), late_december = put("2026-12-30");
  const auto before = seen(rep, friday);
  CHECK(before.due.starts_with("2026-12-02 23:59"));
  CHECK(before.listed == before.due);
  CHECK(before.calendar == "Working days in China");
  CHECK(before.version == 1);
  CHECK(before.sure);
  CHECK_FALSE(seen(rep, late_december).sure);  // 2027 is not published yet

  // The company closes on the 1st of December and works on the Saturday before, and 2027 is out.
  auto text = with(calendar_pack(), "version = 1", "version = 2");
  text = with(text, "to = 2026-12-31", "to = 2027-12-31");
  text +=
      "\n  [[calendar.holiday]]\n  name = { zh = \"厂庆\", en = \"Company day\" }\n"
      "  off = [2026-12-01, 2026-12-02]\n  work = [2026-11-28]\n";
  company.say(node::publication_of(must(parse_pack(text)), text));
  CHECK(seen(rep, friday).due == before.due);  // has not heard of it
  company.sync(rep);
  const auto after = seen(rep, friday);
  CHECK(after.due.starts_with("2026-12-03 23:59"));
  CHECK(after.listed == after.due);
  CHECK(after.version == 2);
  CHECK(seen(rep, late_december).sure);
}
