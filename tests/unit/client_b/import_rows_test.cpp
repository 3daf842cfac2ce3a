// SPDX-License-Identifier: AGPL-3.0-or-later
// Which rows an import takes for done, where it files them, and what undoing it leaves alone.
#include <catch2/catch.hpp>

#include "client/field/access.h"
#include "client/field/import.h"
#include "client/field/import_undo.h"
#include "client/field/visits.h"
#include "schema/template/workflow.h"
#include "tests/unit/client_b/company.h"
#include "tests/unit/exchange/workbook.h"

using namespace satchel;
using namespace satchel::test;
using field::RowStatus;
using field::UndoStatus;

namespace {

// Somebody with files.
struct Importing {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);

  static std::string words(const Error& e) { return e.code + " " + e.detail; }
  field::ImportResult dry(const std::string& file, const field::ImportOptions& with = {}) {
    return dry(jia, file, with);
  }
  field::ImportResult dry(Seat& seat, const std::string& file, const field::ImportOptions& with = {}) {
    auto result = must(field::import_records(*seat.book, view(file), with, words));
    must(seat.book->refresh());
    return result;
  }
  field::ImportResult in(const std::string& file, const field::ImportOptions& with = {}) { return in(jia, file, with); }
  field::ImportResult in(Seat& seat, const std::string& file, field::ImportOptions with = {}) {
    with.apply = true;
    return dry(seat, file, with);
  }
  void work_by(std::string_view system) {
    company.publish_system(system);
    company.sync_all();
  }
  field::UndoResult undo(const std::string& id) {
    auto result = must(field::undo_import(*jia.book, id, true));
    must(jia.book->refresh());
    return result;
  }
  std::size_t in_force(std::string_view form) {
    std::size_t n = 0;
    must(jia.book->sheet(form))->table.each([&](const SheetView& row) {
      n += row.standing() == kRowInForce ? 1 : 0;
      return true;
    });
    return n;
  }
  RecordId only(std::string_view form) {
    RecordId found;
    must(jia.book->sheet(form))->table.each([&](const SheetView& row) {
      if (row.standing() == kRowInForce) found = row.record();
      return true;
    });
    return found;
  }
  void note_step(Seat& seat, const RecordId& record, const std::string& comment) {
    must(seat.book->refresh());
    const field::StepWish wish{must(seat.book->find_record(record.hex())), "note", comment, {}, {}};
    must(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
      SATCHEL_TRY(desk.step(wish));
      return {};
    }));
  }
};

std::string as_text(const Bytes& bytes) { return std::string(text(bytes)); }

std::string cells_xml(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += "<row r=\"" + std::to_string(r + 1) + "\">";
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      out += "<c r=\"" + std::string(1, static_cast<char>('A' + c)) + std::to_string(r + 1) +
             "\" t=\"inlineStr\"><is><t>" + rows[r][c] + "</t></is></c>";
    out += "</row>";
  }
  return out;
}

// Sheets 北 and 南, two customers each.
std::string two_sheets() {
  auto parts = workbook(cells_xml({{"name", "kind"}, {"北一", "经销商"}, {"北二", "经销商"}}));
  parts["xl/workbook.xml"] =
      "<workbook xmlns:r=\"x\"><sheets><sheet name=\"北\" sheetId=\"1\" r:id=\"s1\"/>"
      "<sheet name=\"南\" sheetId=\"2\" r:id=\"s4\"/></sheets></workbook>";
  auto& relations = parts["xl/_rels/workbook.xml.rels"];
  relations.replace(
      relations.find("</Relationships>"), std::string::npos,
      "<Relationship Id=\"s4\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
      "worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>");
  parts["xl/worksheets/sheet2.xml"] = "<worksheet><sheetData>" +
                                      cells_xml({{"name", "kind"}, {"南一", "经销商"}, {"南二", "经销商"}}) +
                                      "</sheetData></worksheet>";
  return as_text(zip_of(parts));
}

const std::string kThree =
    "name,kind,external_number,phone\n福田百货,经销商,X1,0755-1001\n南山商行,经销商,X2,0755-1002\n"
    "罗湖酒楼,企业客户,X3,0755-1003\n";

void put_for(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("import: each sheet of a workbook comes in for itself", "[client][import]") {
  // The file's mark was of its bytes alone: the second sheet's lines counted as in, and one undoing took both.
  Importing d;
  const auto file = two_sheets();
  const auto north = d.in(file, {.sheet = "北"});
  const auto south = d.in(file, {.sheet = "南"});
  CHECK(north.count(RowStatus::imported) == 2);
  CHECK(south.count(RowStatus::imported) == 2);
  CHECK(north.id != south.id);
  CHECK(d.in(file, {.sheet = "南"}).count(RowStatus::skipped) == 2);
  CHECK(d.undo(north.id).count(UndoStatus::withdrawn) == 2);
  CHECK(d.jia.book->find_customer("南二").has_value());
  CHECK(d.in_force("customer") == 2);
}

TEST_CASE("import: a file that came in may come again to update what it brought", "[client][import]") {
  Importing d;
  d.in(kThree);
  const auto card = must(d.jia.book->find_customer("福田百货")).card;
  must(d.company.edit(d.jia, card, {{"phone", "0755-9"}}));
  CHECK(d.in(kThree, {.update_by = "external_number"}).count(RowStatus::updated) == 1);
  CHECK(d.company.text(d.jia, card, "phone") == "0755-1001");
}

TEST_CASE("import: every run has a number of its own, and is undone for itself", "[client][import]") {
  Importing d;
  d.in(kThree);
  const std::string visits = "customer,purpose,summary\n福田百货,拜访,补货\n盐田铺,拜访,对账\n";
  const auto first = d.in(visits, {.into = "visit"});
  CHECK(first.count(RowStatus::error) == 1);
  d.company.open(d.jia, "盐田铺");
  const auto second = d.in(visits, {.into = "visit"});
  CHECK(second.rows[0].status == RowStatus::skipped);
  CHECK(second.rows[0].message.find(first.id) != std::string::npos);
  CHECK(second.rows[1].status == RowStatus::imported);
  CHECK(second.id != first.id);
  CHECK(d.undo(second.id).rows.size() == 1);
  CHECK(d.in_force("visit") == 1);
}

TEST_CASE("import undo: what somebody took a step on stays", "[client][import]") {
  Importing d;
  auto& boss = d.company.join("主管", Role::branch_manager);
  d.work_by("s06_complaints.toml");
  d.in(kThree);
  const auto done = d.in("customer,received,channel,name,content\n福田百货,2026-11-20 09:00,电话,王店长,缺货\n",
                         {.into = "complaint"});
  REQUIRE(done.count(RowStatus::imported) == 1);
  const auto record = d.only("complaint");
  d.company.sync_all();
  d.note_step(boss, record, "已电话安抚");
  d.company.sync_all();
  const auto back = d.undo(done.id);
  REQUIRE(back.rows.size() == 1);
  CHECK(back.rows[0].status == UndoStatus::kept);
  CHECK(back.rows[0].reason == "changed");
  CHECK(back.rows[0].detail == "主管");
  CHECK(d.in_force("complaint") == 1);
}

TEST_CASE("import undo: what other records refer to stays", "[client][import]") {
  Importing d;
  d.work_by("s06_complaints.toml");
  d.in(kThree);
  const auto done = d.in(
      "customer,received,channel,name,content\n福田百货,2026-11-20 09:00,电话,王店长,缺货\n"
      "福田百货,2026-11-21 09:00,电话,王店长,破损\n",
      {.into = "complaint"});
  REQUIRE(done.count(RowStatus::imported) == 2);
  const auto record = d.only("complaint");
  const auto* form = must(d.jia.book->form("complaint_important"));
  const std::vector<field::Typed> typed{{"complaint", record.hex()}, {"date", "2026-11-22"}, {"reason", "批量"}};
  must(field::add_typed(*d.jia.book, *form, must(d.jia.book->find_customer("福田百货")).archive, typed));
  must(d.jia.book->refresh());
  const auto back = d.undo(done.id);
  CHECK(back.count(UndoStatus::withdrawn) == 1);
  REQUIRE(back.count(UndoStatus::kept) == 1);
  CHECK(std::ranges::find(back.rows, record, &field::UndoRow::record)->reason == "referred-to");
  CHECK(d.only("complaint") == record);
}

TEST_CASE("import: a customer is named whole, and one that only begins alike is a fault that names it",
          "[client][import]") {
  // The beginning of a name, a number or an id was enough: a row of 福 went to 福田百货.
  Importing d;
  d.work_by("s03_reception.toml");
  d.in(kThree);
  const auto at = must(d.jia.book->find_customer("福田百货"));
  const auto id = at.archive.hex();
  const auto done = d.dry("客户,姓名\n福,甲\n" + at.number.substr(0, at.number.size() - 1) + ",乙\n" +
                              id.substr(0, 12) + ",丙\n福田百货,丁\n" + at.number + ",戊\nx1,己\n" + id + ",庚\n",
                          {.into = "contact"});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(done.rows[i].status == RowStatus::error);
    CHECK(done.rows[i].message.find("customer.not-found-near") != std::string::npos);
    CHECK(done.rows[i].message.find("福田百货") != std::string::npos);
  }
  CHECK(done.count(RowStatus::ready) == 4);
  const auto daily = d.dry("date,kind,customer,name\n2026-11-20,first,福,x\n2026-11-20,first,福田百货,x\n",
                           {.into = "reception_daily"});
  CHECK(daily.rows[0].status == RowStatus::error);
  CHECK(daily.rows[0].message.find("福田百货") != std::string::npos);
  CHECK(daily.rows[1].status == RowStatus::ready);
}

TEST_CASE("import: one person's external number that is another's name is nobody's", "[client][import]") {
  Importing d;
  d.in("name,kind,external_number\n大发,经销商,小发\n小发,经销商,Y2\n");
  const auto done = d.dry("客户,姓名\n小发,甲\nY2,乙\n", {.into = "contact"});
  CHECK(done.rows[0].message.find("customer.ambiguous") != std::string::npos);
  CHECK(done.rows[1].status == RowStatus::ready);
}

TEST_CASE("import: a file's own status, message and number columns are its own", "[client][import]") {
  // Their names were taken for those of a result file: a row of status 'updated' counted as in.
  Importing d;
  const std::string file =
      "name,kind,status,message,archive_number\n福田百货,经销商,updated,请回电,A-1\n南山商行,经销商,broken,x,A-2\n";
  field::ImportOptions with;
  with.map = {{"message", "notes"}, {"archive_number", "external_number"}, {"status", "tags"}};
  const auto done = d.in(file, with);
  CHECK(done.count(RowStatus::imported) == 2);
  const auto card = must(d.jia.book->find_customer("福田百货")).card;
  CHECK(d.company.text(d.jia, card, "notes") == "请回电");
  CHECK(done.result_csv.find("updated,请回电,A-1,imported") != std::string::npos);
  CHECK(d.in(done.result_csv, with).count(RowStatus::skipped) == 2);
  // One of ours alone is no result file.
  CHECK(d.dry("name,kind,_satchel_status\n罗湖酒楼,经销商,imported\n").count(RowStatus::ready) == 1);
}

TEST_CASE("import: a row that was skipped is judged anew once it is corrected, and what is in stays in",
          "[client][import]") {
  Importing d;
  const std::string file = "name,kind,external_number\n福田百货,经销商,X1\n南山商行,经销商,X1\n";
  const auto first = d.in(file);
  CHECK(first.rows[1].status == RowStatus::skipped);
  auto corrected = first.result_csv;
  put_for(corrected, "南山商行,经销商,X1", "南山商行,经销商,X2");
  put_for(corrected, "福田百货,经销商,X1", "福田百货,经销商,");  // nothing but its status says that it is in
  const auto second = d.in(corrected);
  CHECK(second.rows[0].status == RowStatus::skipped);
  CHECK(second.rows[1].status == RowStatus::imported);
  // What was passed over is still in when its result comes back once more.
  const auto third = d.in(second.result_csv);
  CHECK(third.count(RowStatus::skipped) == 2);
  CHECK(third.rows[0].number == first.rows[0].number);
  CHECK(d.in_force("customer") == 2);
}

TEST_CASE("import undo: what was kept does not come in a second time", "[client][import]") {
  // The whole batch counted as undone: the row that was kept came in again.
  Importing d;
  d.in(kThree);
  const std::string visits = "customer,purpose,summary\n福田百货,拜访,补货\n南山商行,拜访,对账\n";
  const auto first = d.in(visits, {.into = "visit"});
  must(d.company.edit(d.jia, d.only("visit"), {{"summary", "对账清楚"}}, "更正"));
  const auto back = d.undo(first.id);
  CHECK(back.count(UndoStatus::withdrawn) == 1);
  CHECK(back.count(UndoStatus::kept) == 1);
  const auto listed = must(field::list_imports(*d.jia.book)).front();
  CHECK(listed.import == first.id);
  CHECK_FALSE(listed.undone);
  const auto again = d.in(visits, {.into = "visit"});
  CHECK(again.count(RowStatus::imported) == 1);
  CHECK(again.count(RowStatus::skipped) == 1);
  CHECK(d.in_force("visit") == 2);
}

TEST_CASE("import: a dry run says where nothing may be written", "[client][import]") {
  Importing d;
  auto& boss = d.company.join("主管", Role::branch_manager);
  auto& yi = d.company.join("乙", Role::salesperson);
  d.in(kThree);
  for (int i = 0; i < 2; ++i) d.company.sync_all();
  const auto at = must(d.jia.book->find_customer("福田百货"));
  must(boss.book->refresh());
  const auto plan = must(field::plan_grant(*boss.book, {at.archive, yi.person, GrantRights::read}));
  must(field::give(*boss.book, plan));
  for (int i = 0; i < 3; ++i) d.company.sync_all();
  must(yi.book->refresh());
  REQUIRE(yi.book->find_customer("福田百货").has_value());
  const auto visits = d.dry(yi, "customer,purpose,summary\n福田百货,拜访,补货\n", {.into = "visit"});
  CHECK(visits.rows[0].status == RowStatus::error);
  CHECK(visits.rows[0].message.find("archive.not-yours") != std::string::npos);
  const auto update = d.dry(yi, "external_number,city\nX1,深圳\n", {.update_by = "external_number"});
  CHECK(update.rows[0].message.find("archive.not-yours") != std::string::npos);
  // Nor may everybody open an archive for anybody.
  field::ImportOptions others;
  others.owners = {boss.person};
  const auto dry = d.dry(yi, "name,kind\n盐田铺,经销商\n", others);
  others.apply = true;
  CHECK(dry.rows[0].status == (d.dry(yi, "name,kind\n盐田铺,经销商\n", others).count(RowStatus::imported) == 1
                                   ? RowStatus::ready
                                   : RowStatus::error));
}

TEST_CASE("import: an author's name is bounded as fields are", "[client][import]") {
  // It was written unchecked, and nobody could decode the record.
  Importing d;
  const std::string file = "name,kind,original_author,original_date\n福田百货,经销商," + std::string(70'000, 'a') +
                           ",\n南山商行,经销商,," + std::string(70'000, 'b') + "\n罗湖酒楼,经销商,老赵,从前\n";
  const auto done = d.in(file);
  CHECK(done.rows[0].status == RowStatus::error);
  CHECK(done.rows[0].message.find("field.too-long") != std::string::npos);
  CHECK(done.rows[1].status == RowStatus::error);
  CHECK(done.rows[2].status == RowStatus::imported);
  CHECK(must(d.jia.book->find_customer("罗湖酒楼")).name == "罗湖酒楼");
}

TEST_CASE("import: what an update replaces may be as long as a value may be, and comes back", "[client][import]") {
  // The mark held it in hexadecimal, twice as long: the record could not be decoded any more.
  Importing d;
  d.in(kThree);
  const auto card = must(d.jia.book->find_customer("福田百货")).card;
  const std::string longest(kValueBytesMax, 's');
  must(d.company.edit(d.jia, card, {{"scope", longest}}));
  const auto update = d.in("external_number,scope\nX1,百货零售\n", {.update_by = "external_number"});
  CHECK(update.count(RowStatus::updated) == 1);
  CHECK(d.company.text(d.jia, card, "scope") == "百货零售");
  CHECK(must(field::show_record(*d.jia.book, must(d.jia.book->find_record(card.hex())))).unknown.empty());
  CHECK(d.undo(update.id).count(UndoStatus::restored) == 1);
  CHECK(d.company.text(d.jia, card, "scope") == longest);
}
