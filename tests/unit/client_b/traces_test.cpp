// SPDX-License-Identifier: AGPL-3.0-or-later
// What was read leaves a trace that nobody takes back, and shows nothing that was not asked for.
#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <fstream>

#include "client/field/exporting.h"
#include "client/field/held.h"
#include "client/field/history.h"
#include "client/field/masking.h"
#include "client/field/printing.h"
#include "client/field/submission.h"
#include "client/field/today.h"
#include "sync/holder/reading_note.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Traces {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  field::Saved card =
      company.open(jia, "福田百货", {{"credit_limit", "5000"}, {"confidential", "是"}, {"phone", "0755-1"}});

  Traces() { company.sync_all(); }
  // Of every reading that the seat may read, the text of that field.
  std::vector<std::string> readings(Seat& seat, const std::string& field) {
    must(seat.book->refresh());
    const auto* sheet = must(seat.book->sheet("reading"));
    const auto* form = must(seat.book->form("reading"));
    std::vector<std::string> out;
    sheet->table.each([&](const SheetView& row) {
      if (row.standing() != kRowInForce) return true;
      out.push_back(format_field(*form->field(field), sheet->value(row, field), Lang::zh));
      return true;
    });
    std::ranges::sort(out);
    return out;
  }
  holder::RecordPlace only_reading(Seat& seat) {
    const auto* sheet = must(seat.book->sheet("reading"));
    std::optional<holder::RecordPlace> place;
    sheet->table.each([&](const SheetView& row) {
      place = must(seat.book->place_of(row.archive(), row.record()));
      return true;
    });
    REQUIRE(place.has_value());
    return *place;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("traces: who took something out neither changes nor withdraws what says so", "[traces]") {
  Traces t;
  must(holder::note_reading(*t.jia.book, {"sensitive", "customer csv", "走访", 1, {t.card.archive}}));
  must(t.jia.book->refresh());
  const auto place = t.only_reading(t.jia);
  const auto edited = t.company.edit(t.jia, place.record, {{"purpose", "年度审计"}}, "笔误");
  REQUIRE(!edited);
  CHECK(edited.error().code == "record.program-writes");
  const auto withdrawn = field::at_desk(*t.jia.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_TRY(desk.set_standing(place, merge::RecordStanding::withdrawn, "笔误"));
    return {};
  });
  REQUIRE(!withdrawn);
  CHECK(withdrawn.error().code == "record.program-writes");
  const auto* form = must(t.jia.book->form("reading"));
  const auto forged = field::at_desk(*t.jia.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_TRY(desk.add({form, place.info.id, {{"kind", std::string("export")}, {"what", std::string("x")}}, {}}));
    return {};
  });
  REQUIRE(!forged);
  CHECK(forged.error().code == "record.program-writes");

  // A program of his own writes it all the same: what was noted stands, and that somebody meddled shows.
  must(t.jia.device->write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(info, t.jia.book->archive(txn, place.info.id));
    std::vector<Op> ops{{"purpose", std::string("年度审计"), {}},
                        {std::string(kStandingField), merge::standing_value(merge::RecordStanding::withdrawn), {}}};
    SATCHEL_TRY(scribe.write(info, {RecordChange{place.record, "reading", 1, std::move(ops)}}));
    return {};
  }));
  t.company.sync_all();
  CHECK(t.readings(t.manager, "purpose") == Texts{"走访"});
  bool contested = false;
  must(t.manager.book->sheet("reading"))->table.each([&](const SheetView& row) {
    contested = contested || row.contested();
    return true;
  });
  CHECK(contested);
}

TEST_CASE("traces: what was opened is noted with whose it is, of a confidential archive by any way in", "[traces]") {
  Traces t;
  const auto other = t.company.open(t.jia, "南山商行", {{"confidential", "是"}});
  const auto plain = t.company.open(t.jia, "罗湖酒楼");
  t.company.sync_all();
  must(t.manager.book->refresh());
  const std::vector<ArchiveId> all{t.card.archive, other.archive, plain.archive, t.card.archive};
  must(field::note_opening(*t.manager.book, all, "visit list"));
  must(field::note_opening(*t.manager.book, std::span(&plain.archive, 1), "log"));
  must(field::note_opening(*t.jia.book, all, "visit list"));  // his own
  CHECK(t.readings(t.jia, "what").empty());
  CHECK(t.readings(t.manager, "what") == Texts{"visit list"});
  CHECK(t.readings(t.manager, "count") == Texts{"2"});
  CHECK(t.readings(t.manager, "archives") == Texts{t.card.number + "、" + other.number});
}

TEST_CASE("traces: histories and held work show no sensitive value", "[traces]") {
  Traces t;
  REQUIRE(t.company.edit(t.jia, t.card.record, {{"credit_limit", "9000"}}, "涨").has_value());
  must(t.jia.book->refresh());
  for (const auto& event : must(field::events_of(*t.jia.book, t.card.archive, 0)))
    for (const auto& part : event.parts) CHECK(part.title.find("9000") == std::string::npos);
  const Field secret{.id = "x", .sensitivity = Sensitivity::sensitive};
  CHECK(field::shown_openly(&secret, "隆鼻手术") == kMask);
  CHECK(field::shown_openly(nullptr, "隆鼻手术") == kMask);
  CHECK(field::shown_openly(&secret, "").empty());
}

TEST_CASE("traces: an export picks by nothing sensitive unless it says so, and its note keeps the value", "[traces]") {
  Traces t;
  TempFolder folder;
  field::ExportOptions with;
  with.filter = {{"credit_limit", "5000"}};
  with.out = (folder.path() / "a.csv").string();
  with.purpose = "查";
  const auto refused = field::export_records(*t.jia.book, with);
  REQUIRE(!refused);
  CHECK(refused.error().code == "export.sensitive-filter");
  with.sensitive = true;
  CHECK(must(field::export_records(*t.jia.book, with)).records == 1);
  const auto notes = t.readings(t.jia, "what");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("5000") == std::string::npos);
}

TEST_CASE("traces: a report goes into a file of its own, for its owner alone, over nobody's", "[traces]") {
  Traces t;
  TempFolder folder;
  const auto report = must(holder::run_report(*t.jia.book, {"customer-register", {}}));
  for (const std::string format : {"csv", "html", "json", "xlsx"}) {
    const std::string file = (folder.path() / ("r." + format)).string();
    must(holder::write_report(*t.jia.book, report, format, {file, "register", "月会"}));
    struct stat about{};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const auto again = holder::write_report(*t.jia.book, report, format, {file, "register", "月会"});
    REQUIRE(!again);
    CHECK(again.error().code == "file.exists");
  }
  auto cut = report;
  cut.result.lines_cut = true;
  CHECK(holder::print_report(cut, "csv", Lang::zh).error().code == "report.cut");
}

TEST_CASE("traces: an auditor reads who printed, revealed and exported; a colleague does not", "[traces]") {
  Traces t;
  TempFolder folder;
  auto& auditor = t.company.join("审计", Role::auditor, "");
  auto& yi = t.company.join("乙", Role::salesperson);
  t.company.sync_all();
  const auto card = must(field::show_customer(*t.jia.book, must(t.jia.book->find_customer("福田百货"))));
  const auto sensitive = field::sensitive_fields(card);
  REQUIRE(sensitive > 0);
  must(field::print_customer(*t.jia.book, card, {(folder.path() / "a.html").string(), "年会", false}));
  must(field::note_showing(*t.jia.book, t.card.archive, sensitive, {t.card.number, "核对", true}));
  must(field::note_showing(*t.jia.book, t.card.archive, sensitive, {t.card.number, "看看", false}));  // nothing shown
  field::ExportOptions with;
  with.out = (folder.path() / "a.csv").string();
  with.purpose = "走访";
  must(field::export_records(*t.jia.book, with));
  t.company.sync_all();
  for (Seat* seat : {&auditor, &t.manager}) {
    CHECK(t.readings(*seat, "kind") == Texts{"导出", "打印", "敏感内容"});
    CHECK(t.readings(*seat, "purpose") == Texts{"年会", "核对", "走访"});
    CHECK(must(holder::run_report(*seat->book, {"readings", {{"person", "甲"}}})).result.row_count == 3);
  }
  CHECK(t.readings(auditor, "about") == Texts(3, t.card.archive.hex()));
  CHECK(t.readings(yi, "kind").empty());
  CHECK(must(holder::run_report(*yi.book, {"readings", {}})).result.row_count == 0);

  // A print that shows what is sensitive is noted as both, one of a confidential archive of others as its opening, too.
  const auto theirs = must(field::show_customer(*t.manager.book, must(t.manager.book->find_customer("福田百货"))));
  must(field::print_customer(*t.manager.book, theirs, {(folder.path() / "b.html").string(), "查", false}));
  must(field::print_customer(*t.manager.book, theirs, {(folder.path() / "c.html").string(), "查", true}));
  t.company.sync_all();
  CHECK(t.readings(auditor, "kind") == Texts{"导出", "开启涉密档案", "打印", "打印", "打印", "敏感内容", "敏感内容"});
  CHECK(t.readings(t.jia, "kind") == Texts{"导出", "打印", "敏感内容"});  // his own alone
}

TEST_CASE("saving: what nobody could read again is refused, not lost", "[traces]") {
  Traces t;
  const std::string huge(70'000, 'x');
  const auto edited = t.company.edit(t.jia, t.card.record, {{"credit_limit", "6000"}}, huge);
  REQUIRE(!edited);
  CHECK(edited.error().code == "scribe.too-large");
  CHECK(t.company.text(t.jia, t.card.record, "credit_limit") == "5000");
}
