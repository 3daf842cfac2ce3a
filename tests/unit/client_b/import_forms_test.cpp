// SPDX-License-Identifier: AGPL-3.0-or-later
// Imports of any form and format: updates by a key, going on after an interruption, undoing.
#include <catch2/catch.hpp>

#include "client/field/import.h"
#include "client/field/import_table.h"
#include "client/field/import_undo.h"
#include "client/field/mappings.h"
#include "schema/exchange/vcard.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;
using field::RowStatus;
using field::UndoStatus;

namespace {

field::ImportResult read_in(Seat& seat, const std::string& file, field::ImportOptions with = {}) {
  with.apply = true;
  auto result =
      must(field::import_records(*seat.book, view(file), with, [](const Error& e) { return e.code + " " + e.detail; }));
  must(seat.book->refresh());
  return result;
}

std::string code(Seat& seat, const std::string& file, const field::ImportOptions& with) {
  const auto result = field::import_records(*seat.book, view(file), with, code_of);
  return result ? "" : result.error().code;
}

const std::string kCustomers =
    "name,kind,external_number,phone\n福田百货,经销商,X1,0755-1001\n南山商行,经销商,X2,0755-1002\n罗湖酒楼,企业客户,X3,"
    "0755-1003\n";

holder::CustomerRef customer(Seat& seat, const std::string& name) { return must(seat.book->find_customer(name)); }

std::size_t in_force(Seat& seat, std::string_view form) {
  std::size_t n = 0;
  must(seat.book->sheet(form))->table.each([&](const SheetView& row) {
    n += row.standing() == kRowInForce ? 1 : 0;
    return true;
  });
  return n;
}

field::UndoResult undo(Seat& seat, const std::string& id, bool apply = true) {
  return must(field::undo_import(*seat.book, id.substr(0, 8), apply));
}

}  // namespace

TEST_CASE("import: records find their customer by number, external number or name", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  read_in(jia, kCustomers);
  const auto number = customer(jia, "罗湖酒楼").number;
  const auto done = read_in(jia,
                        "客户,姓名,电话,original_author\nX1,王店长,13800138000,老赵\n" + number +
                            ",李经理,,\n南山商行,陈小姐,,\n无此户,张三,,\n,赵六,,\n",
                        {.into = "contact"});
  CHECK(done.count(RowStatus::imported) == 3);
  CHECK(done.rows[3].message.find("customer.not-found") != std::string::npos);
  CHECK(done.rows[4].message.find("import.row-no-customer") != std::string::npos);
  const auto card = must(field::show_customer(*jia.book, customer(jia, "福田百货")));
  REQUIRE(card.contacts.size() == 1);
  CHECK(card.contacts[0].title == "王店长");
  CHECK(card.contacts[0].unknown == std::vector<std::pair<std::string, std::string>>{{"_original_author", "老赵"}});
  CHECK(code(jia, "姓名\n甲\n", {.into = "contact"}) == "import.no-customer");
  CHECK(code(jia, "姓名\n甲\n", {.into = "nothing"}) == "template.unknown");
  CHECK(code(jia, kCustomers, {.sheet = "客户"}) == "import.no-sheets");
}

TEST_CASE("import: visiting cards become companies with a contact, or contacts of their company", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  VCard card;
  card.formatted = "王建国";
  card.organisation = "福田百货";
  card.title = "店长";
  card.phones = {{"0755-83001122", {"work"}}, {"13800138000", {"cell"}}};
  card.emails = {{"wang@example.com", {}}};
  card.uid = "u-1";
  const auto file = write_vcard(card);
  const auto first = read_in(jia, file, {.set = {{"kind", "distributor"}}});
  CHECK(first.format == field::FileFormat::vcard);
  CHECK(first.count(RowStatus::imported) == 1);
  CHECK(first.unmapped == std::vector<std::string>{"phone.2"});
  const auto at = customer(jia, "福田百货");
  CHECK(company.text(jia, at.card, "contact") == "王建国");
  CHECK(company.text(jia, at.card, "contact_title") == "店长");
  CHECK(company.text(jia, at.card, "external_number") == "u-1");
  CHECK(read_in(jia, file, {.into = "contact"}).count(RowStatus::imported) == 1);
  CHECK(must(field::show_customer(*jia.book, at)).contacts.front().title == "王建国");
}

TEST_CASE("import: a key column updates what is there, and only what differs", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  read_in(jia, kCustomers);
  const auto done = read_in(jia,
                        "external_number,phone,kind,city\nX1,0755-9,经销商,深圳\nX2,0755-1002,,\nX9,0755-1,供应商,\nX1,"
                        "0755-2,,\n,0755-3,,\n",
                        {.update_by = "external_number"});
  CHECK(done.rows[0].status == RowStatus::updated);
  CHECK(done.rows[1].status == RowStatus::skipped);                            // nothing changes
  CHECK(done.rows[2].message.find("record.incomplete") != std::string::npos);  // new, and without a name
  CHECK(done.rows[3].message.find("import.key-twice") != std::string::npos);
  CHECK(done.rows[4].message.find("import.key-empty") != std::string::npos);
  const auto card = customer(jia, "福田百货").card;
  CHECK(company.text(jia, card, "phone") == "0755-9");
  CHECK(company.text(jia, card, "city") == "深圳");
  // By phone, however it is spelled; by number.
  CHECK(read_in(jia, "phone,city\n(0755) 1002,广州\n", {.update_by = "phone"}).count(RowStatus::updated) == 1);
  const auto number = customer(jia, "罗湖酒楼").number;
  CHECK(read_in(jia, "number,city\n" + number + ",上海\nK-9,x\n", {.update_by = "number"}).count(RowStatus::updated) == 1);
  CHECK(company.text(jia, customer(jia, "罗湖酒楼").card, "city") == "上海");
  CHECK(code(jia, kCustomers, {.update_by = "city"}) == "import.no-such-key");
}

TEST_CASE("import: the same file goes on where it was, and again only when told", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  read_in(jia, kCustomers);
  const std::string visits = "customer,purpose,summary\n福田百货,拜访,补货\n南山商行,拜访,对账\n";
  const auto first = read_in(jia, visits, {.into = "visit"});
  CHECK(first.count(RowStatus::imported) == 2);
  const auto second = read_in(jia, visits, {.into = "visit"});
  CHECK(second.count(RowStatus::skipped) == 2);
  CHECK(second.rows[0].message.find(first.id) != std::string::npos);
  CHECK(in_force(jia, "visit") == 2);
  CHECK(read_in(jia, visits, {.into = "visit", .again = true}).count(RowStatus::imported) == 2);
  CHECK(in_force(jia, "visit") == 4);
}

TEST_CASE("import undo: what came is withdrawn, what changed is set back, and the same file may come again",
          "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto first = read_in(jia, kCustomers);
  const auto update = read_in(jia, "external_number,phone,city\nX1,0755-9,深圳\n", {.update_by = "external_number"});
  CHECK(undo(jia, update.id, false).count(UndoStatus::restored) == 1);
  const auto card = customer(jia, "福田百货").card;
  CHECK(company.text(jia, card, "phone") == "0755-9");  // that was a dry run
  CHECK(undo(jia, update.id).count(UndoStatus::restored) == 1);
  CHECK(company.text(jia, card, "phone") == "0755-1001");
  CHECK(company.text(jia, card, "city").empty());
  CHECK(undo(jia, update.id).count(UndoStatus::already) == 1);

  const auto listed = must(field::list_imports(*jia.book));
  REQUIRE(listed.size() == 2);
  CHECK((listed[0].undone != listed[1].undone));
  // The card that was changed and set back has been worked on.
  const auto back = undo(jia, first.id);
  CHECK(back.count(UndoStatus::withdrawn) == 2);
  CHECK(back.count(UndoStatus::kept) == 1);
  CHECK(in_force(jia, "customer") == 1);
  CHECK(read_in(jia, kCustomers).count(RowStatus::imported) == 2);
}

TEST_CASE("import undo: nothing somebody has worked on is touched", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& boss = company.join("主管", Role::branch_manager);
  const auto first = read_in(jia, kCustomers);
  const auto update = read_in(jia, "external_number,phone,city\nX2,0755-8,深圳\n", {.update_by = "external_number"});
  company.visit(jia, "福田百货", {{"purpose", "拜访"}, {"summary", "x"}});
  must(company.edit(jia, customer(jia, "南山商行").card, {{"city", "惠州"}}));
  must(jia.book->refresh());
  company.sync_all();
  must(boss.book->refresh());
  must(company.edit(boss, must(boss.book->find_customer("罗湖酒楼")).card, {{"phone", "0755-7"}}));
  company.sync_all();
  must(jia.book->refresh());

  const auto changed = undo(jia, update.id);
  CHECK(changed.rows[0].status == UndoStatus::restored);
  CHECK_FALSE(changed.rows[0].detail.empty());  // the city stays
  CHECK(company.text(jia, customer(jia, "南山商行").card, "phone") == "0755-1002");
  CHECK(company.text(jia, customer(jia, "南山商行").card, "city") == "惠州");
  const auto all = undo(jia, first.id);
  CHECK(all.count(UndoStatus::kept) == 3);
  CHECK(all.rows[0].reason == "worked-on");
  CHECK(all.rows[2].reason == "changed");
  CHECK(all.rows[2].detail == "主管");
  CHECK(in_force(jia, "customer") == 3);
}

TEST_CASE("import undo: an import is known by the beginning of its number", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  CHECK(field::undo_import(*jia.book, "12345678", true).error().code == "import.no-such-import");
  const auto first = read_in(jia, kCustomers);
  CHECK(field::undo_import(*jia.book, "", true).error().code == "import.no-such-import");
  // The device is opened anew, as after a restart.
  holder::Book again(*jia.device, Lang::zh);
  CHECK(must(field::undo_import(again, first.id.substr(0, 6), true)).count(UndoStatus::withdrawn) == 3);
}

TEST_CASE("import marks: what was before comes back as it was", "[client][import]") {
  field::ImportMark mark{
      "3f2a", false, {{"a", Value()}, {"b", Decimal{1230, 2}}, {"c", std::vector<std::string>{"x、", ""}}}};
  field::Origin origin;
  field::put_mark(origin, mark);
  RecordChange change;
  for (const auto& [field, value] : origin) change.ops.push_back({field, value, {}});
  const auto written = [&] {
    merge::RecordState state;
    state.apply({ChainId{}, 7}, change, 3);
    return state;
  };
  const auto back = field::find_mark(written(), "3f2a");
  REQUIRE(back);
  CHECK(back->mark.before == mark.before);
  CHECK_FALSE(back->mark.created);
  CHECK(back->entry.seq == 7);
  CHECK_FALSE(field::find_mark(written(), "3f2b"));
  change.ops.pop_back();
  CHECK_FALSE(field::find_mark(written(), "3f2a"));
  change.ops[0].value = std::string("3f2a");
  CHECK_FALSE(field::find_mark(written(), "3f2a"));
}

TEST_CASE("mappings: are saved by name beside the vault", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const field::Mapping mapping{"contact", {{"公司", "customer"}}, {{"title", "店长"}}, "联系人", "phone"};
  CHECK(field::load_mapping(*jia.device, "月报").error().code == "import.no-such-mapping");
  must(field::save_mapping(*jia.device, "月报", mapping));
  must(field::save_mapping(*jia.device, "b", {}));
  CHECK(must(field::load_mapping(*jia.device, "月报")) == mapping);
  CHECK(must(field::mapping_names(*jia.device)) == std::vector<std::string>{"b", "月报"});
  CHECK(field::save_mapping(*jia.device, "", {}).error().code == "import.mapping-name");
}

TEST_CASE("import: a table is bounded by its cells, because a short line is as wide as the header",
          "[client][import][hostile]") {
  // Two bytes of a line were thirty kilobytes in memory.
  std::string file = "c0";
  for (int i = 1; i < 1024; ++i) file += ",c" + std::to_string(i);
  file += "\n";
  for (int i = 0; i < 40'000; ++i) file += "x\n";
  const auto table = field::read_table(view(file), {});
  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().code == "import.too-many-rows");
  CHECK(table.error().detail == "39062");
}
