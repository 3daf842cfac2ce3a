// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "client/field/exporting.h"
#include "client/field/import.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/vcard.h"
#include "schema/exchange/xlsx_reader.h"
#include "sync/holder/reading_note.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;
using field::ExportFormat;

namespace {

struct ExportDesk {
  Company company;
  TempFolder folder;
  Seat& jia = company.join("甲", Role::salesperson);

  ExportDesk() {
    company.open(jia, "福田百货",
                 {{"kind", "distributor"},
                  {"phone", "0755-1001"},
                  {"contact", "王店长"},
                  {"credit_limit", "5000"},
                  {"tags", "老客户、重点"}});
    company.open(jia, "=cmd|' /C calc'!A0",
                 {{"kind", "company"}, {"registered_capital", "12.50"}, {"founded", "2001-05-06"}});
    must(jia.book->refresh());
    company.lines(jia,
                  "{\"type\":\"contact\",\"customer\":\"福田百货\",\"name\":\"李小姐\",\"phone\":\"13800138000\","
                  "\"birthday\":\"1990-01-02\"}\n",
                  1);
    must(jia.book->refresh());
  }
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  field::Exported out(const std::string& name, ExportFormat format, field::ExportOptions with = {}) {
    with.out = path(name);
    with.format = format;
    with.purpose = "年终走访";
    auto done = must(field::export_records(*jia.book, with));
    must(jia.book->refresh());
    return done;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  std::size_t readings() { return must(jia.book->sheet("reading"))->table.size(); }
};

// While it lives no file can be opened.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    const rlimit now{static_cast<rlim_t>(next), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit before_{};
};

bool contains(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("export: CSV has a mark, no formula and no sensitive field, and every export is noted", "[client][export]") {
  ExportDesk desk;
  const auto done = desk.out("a.csv", ExportFormat::csv);
  CHECK(done.records == 2);
  CHECK_FALSE(done.left_out.empty());
  const auto text = desk.text("a.csv");
  CHECK(text.starts_with("\xef\xbb\xbf"));
  CHECK(contains(text, "'=cmd"));
  CHECK_FALSE(contains(text, "5000"));
  CHECK(contains(text, ",12.50,"));
  REQUIRE(desk.readings() == 1);
  desk.out("b.csv", ExportFormat::csv, {.sensitive = true});
  CHECK(contains(desk.text("b.csv"), "5000"));
  const auto* sheet = must(desk.jia.book->sheet("reading"));
  std::vector<std::string> kinds, purposes;
  sheet->table.each([&](const SheetView& row) {
    kinds.emplace_back(sheet->text(row, "kind"));
    purposes.emplace_back(sheet->text(row, "purpose"));
    return true;
  });
  std::ranges::sort(kinds);
  CHECK(kinds == std::vector<std::string>{"export", "sensitive"});
  CHECK(purposes == std::vector<std::string>{"年终走访", "年终走访"});
}

TEST_CASE("export: nothing leaves without a purpose, over another file, or where no note can be made",
          "[client][export]") {
  ExportDesk desk;
  const auto code = [&](field::ExportOptions with) { return field::export_records(*desk.jia.book, with).error().code; };
  CHECK(code({.out = desk.path("x.csv"), .purpose = "  "}) == "export.no-purpose");
  desk.out("x.csv", ExportFormat::csv);
  for (const auto format : {ExportFormat::csv, ExportFormat::xlsx})
    CHECK(code({.format = format, .out = desk.path("x.csv"), .purpose = "p"}) == "file.exists");
  CHECK(code({.what = "visit", .format = ExportFormat::vcard, .out = desk.path("x.vcf"), .purpose = "p"}) ==
        "export.no-vcard");
  CHECK(code({.what = "nothing", .out = desk.path("x.vcf"), .purpose = "p"}) == "template.unknown");
  CHECK(code({.format = ExportFormat::xlsx, .out = desk.path("no/such/x.xlsx"), .purpose = "p"}) == "file.io");
  CHECK(desk.readings() == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(desk.folder.path()), {}) == 1);
}

TEST_CASE("export: a workbook is read back as what it was", "[client][export]") {
  ExportDesk desk;
  desk.out("a.xlsx", ExportFormat::xlsx);
  CHECK(std::distance(std::filesystem::directory_iterator(desk.folder.path()), {}) == 1);
  const auto bytes = desk.text("a.xlsx");
  auto reader = must(XlsxReader::open(view(bytes)));
  XlsxRow row;
  std::map<std::string, std::map<std::string, std::string>> all;
  while (must(reader.next(row))) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) all[row.cells[0]][reader.header()[i]] = row.cells[i];
  }
  CHECK(all["福田百货"]["电话"] == "0755-1001");
  CHECK(all["福田百货"]["负责人"] == "甲");
  CHECK(all["=cmd|' /C calc'!A0"]["成立日期"] == "2001-05-06");
  CHECK(all["=cmd|' /C calc'!A0"]["注册资本"] == "12.5");
}

TEST_CASE("export: JSON lines are taken back by add --stdin", "[client][export]") {
  ExportDesk desk;
  desk.out("c.jsonl", ExportFormat::jsonl);
  desk.out("k.jsonl", ExportFormat::jsonl, {.what = "contact", .sensitive = true});
  auto& yi = desk.company.join("乙", Role::salesperson);
  auto customers = desk.text("c.jsonl");
  for (auto at = customers.find("甲"); at != std::string::npos; at = customers.find("甲"))
    customers.replace(at, std::string("甲").size(), "乙");
  field::LinesDone done;
  desk.company.lines(yi, customers, 10, &done);
  CHECK((done.added == 2 && done.failed == 0));
  must(yi.book->refresh());
  const auto card = must(yi.book->find_customer("福田百货"));
  CHECK(desk.company.text(yi, card.card, "tags") ==
        desk.company.text(desk.jia, must(desk.jia.book->find_customer("福田百货")).card, "tags"));
  auto contacts = desk.text("k.jsonl");
  const auto old = must(desk.jia.book->find_customer("福田百货")).number;
  contacts.replace(contacts.find(old), old.size(), card.number);
  desk.company.lines(yi, contacts, 10, &done);
  CHECK(done.added == 1);
  must(yi.book->refresh());
  const auto shown = must(field::show_customer(*yi.book, card));
  REQUIRE(shown.contacts.size() == 1);
  CHECK(desk.company.text(yi, shown.contacts[0].place.record, "birthday") == "1990-01-02");
}

TEST_CASE("export: visiting cards of companies and their people", "[client][export]") {
  ExportDesk desk;
  CHECK(desk.out("a.vcf", ExportFormat::vcard).records == 3);
  const auto text = desk.text("a.vcf");
  auto reader = must(VCardReader::open(view(text)));
  std::map<std::string, VCard> cards;
  for (VCard card; reader.next(card);) cards[card.formatted] = card;
  CHECK(cards["王店长"].organisation == "福田百货");
  CHECK(cards["王店长"].phones[0].text == "0755-1001");
  CHECK(cards["李小姐"].organisation == "福田百货");
  CHECK(cards["李小姐"].birthday.empty());  // sensitive
  CHECK(cards.contains("=cmd|' /C calc'!A0"));
}

TEST_CASE("export: filters and one customer's records", "[client][export]") {
  ExportDesk desk;
  CHECK(desk.out("1.csv", ExportFormat::csv, {.filter = {{"kind", "经销商"}}}).records == 1);
  CHECK(desk.out("2.csv", ExportFormat::csv, {.filter = {{"tags", "重点"}, {"kind", "distributor"}}}).records == 1);
  CHECK(desk.out("3.csv", ExportFormat::csv, {.filter = {{"tags", "无"}}}).records == 0);
  CHECK(desk.out("4.csv", ExportFormat::csv, {.what = "contact", .customer = "福田百货"}).records == 1);
  CHECK(desk.out("5.csv", ExportFormat::csv, {.what = "contact", .customer = "=cmd"}).records == 0);
  CHECK(field::export_records(*desk.jia.book, {.out = desk.path("6"), .purpose = "p", .filter = {{"nonsense", "x"}}})
            .error()
            .code == "field.unknown");
}

TEST_CASE("export: what a person may not read is not in it", "[client][export]") {
  ExportDesk desk;
  auto& yi = desk.company.join("乙", Role::salesperson);
  desk.company.sync_all();
  must(yi.book->refresh());
  const auto done = must(field::export_records(*yi.book, {.out = desk.path("y.csv"), .purpose = "p"}));
  CHECK(done.records == 0);
  CHECK_FALSE(contains(desk.text("y.csv"), "福田"));
}

TEST_CASE("export: CSV comes back by import without a loss", "[client][export]") {
  ExportDesk desk;
  desk.out("a.csv", ExportFormat::csv, {.sensitive = true});
  auto& yi = desk.company.join("乙", Role::salesperson);
  auto text = desk.text("a.csv");
  for (auto at = text.find(",甲"); at != std::string::npos; at = text.find(",甲"))
    text.replace(at, std::string(",甲").size(), ",乙");
  field::ImportOptions options;
  options.apply = true;
  const auto result = must(field::import_records(*yi.book, view(text), options, code_of));
  CHECK(result.count(field::RowStatus::imported) == 2);
  must(yi.book->refresh());
  const auto card = must(yi.book->find_customer("=cmd"));
  CHECK(desk.company.text(yi, card.card, "founded") == "2001-05-06");
}

TEST_CASE("export: no file is begun before the reading is noted", "[client][export]") {
  // All of it stood on disk before the note: a kill in between left the file and no trace of who took it.
  ExportDesk desk;
  std::size_t noted = 0;
  for (const auto format : {ExportFormat::csv, ExportFormat::xlsx}) {
    {
      const NoMoreFiles none;
      const auto done =
          field::export_records(*desk.jia.book, {.format = format, .out = desk.path("a"), .purpose = "年终走访"});
      REQUIRE_FALSE(done);
      CHECK(done.error().code == "file.io");
    }
    must(desk.jia.book->refresh());
    CHECK(desk.readings() == ++noted);
    CHECK(std::filesystem::is_empty(desk.folder.path()));
  }
  desk.out("b.csv", ExportFormat::csv);
  std::vector<std::string> counts;
  const auto* sheet = must(desk.jia.book->sheet("reading"));
  sheet->table.each([&](const SheetView& row) {
    counts.push_back(format_value(sheet->value(row, "count")));
    return true;
  });
  std::ranges::sort(counts);
  CHECK(counts == std::vector<std::string>{"", "", "2"});  // how much it was, once it is whole
}

TEST_CASE("export: every form's header names each column once, and import maps each back", "[client][export]") {
  // Two fields with one label, or a field called as the customer's column is: our own reader refused the header.
  ExportDesk desk;
  desk.company.publish_system();
  desk.company.sync_all();
  auto& book = *desk.jia.book;
  for (const auto lang : {Lang::en, Lang::zh}) {
    book.set_lang(lang);
    for (const auto* form : book.catalogue().templates()) {
      const auto name = form->id + (lang == Lang::zh ? ".zh.csv" : ".en.csv");
      INFO(name);
      desk.out(name, ExportFormat::csv, {.what = form->id, .sensitive = true});
      const auto text = desk.text(name);
      const auto header = text.substr(3, text.find('\n') - 2);
      std::vector<std::string> wanted, got;
      for (const auto& field : form->fields) {
        if (!field.retired && field.type != FieldType::attachment && !field.system && !field.formula)
          wanted.push_back(field.id);
      }
      const auto back = field::import_records(book, view(header), {.into = form->id}, code_of);
      if (!back) {
        CHECK(back.error().code == "import.nothing-mapped");
        CHECK(wanted.empty());
        continue;
      }
      for (const auto& [column, to] : back->mapped) {
        if (form->field(to) != nullptr) got.push_back(to);
      }
      CHECK(got == wanted);
    }
  }
}

TEST_CASE("export: visiting cards taken in again make no doubles", "[client][export]") {
  ExportDesk desk;
  desk.out("a.vcf", ExportFormat::vcard);
  const auto text = desk.text("a.vcf");
  const auto bring = [&](Seat& seat, field::ImportOptions with) {
    with.apply = true;
    auto done = must(field::import_records(*seat.book, view(text), with, code_of));
    must(seat.book->refresh());
    return done;
  };
  const field::ImportOptions customers{.set = {{"kind", "distributor"}}};
  const auto own = bring(desk.jia, customers);
  CHECK(own.count(field::RowStatus::imported) == 0);
  CHECK(own.count(field::RowStatus::skipped) == 2);
  CHECK(own.unmapped.empty());
  const auto at = std::ranges::find(own.rows, field::RowStatus::error, &field::ImportRow::status);
  REQUIRE(at != own.rows.end());
  CHECK(at->message == "import.card-of-contact");
  const auto persons = bring(desk.jia, {.into = "contact"});
  CHECK(persons.count(field::RowStatus::imported) == 0);
  CHECK(persons.count(field::RowStatus::skipped) == 1);
  CHECK(must(desk.jia.book->sheet("customer"))->table.size() == 2);
  CHECK(must(desk.jia.book->sheet("contact"))->table.size() == 1);
  // Where nobody has them they come in, the companies first.
  auto& yi = desk.company.join("乙", Role::salesperson);
  CHECK(bring(yi, customers).count(field::RowStatus::imported) == 2);
  CHECK(bring(yi, {.into = "contact"}).count(field::RowStatus::imported) == 1);
  CHECK(must(yi.book->sheet("customer"))->table.size() == 2);
}
