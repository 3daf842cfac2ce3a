// SPDX-License-Identifier: AGPL-3.0-or-later
// Cards on paper, and what is said beside the values that stand on them.
#include "client/field/printing.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "client/field/masking.h"
#include "client/field/remarks.h"
#include "schema/template/pack.h"
#include "sync/node/catalogue.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

constexpr std::string_view kSlips = R"(
format = 1
id = "slips"
version = 1
label = { zh = "签收", en = "Slips" }
[[template]]
id = "slip"
label = { zh = "签收单", en = "Slip" }
scope = ["customer"]
title_field = "text"
[[template.field]]
id = "text"
label = { zh = "内容", en = "Text" }
[[template.field]]
id = "signature"
label = { zh = "签名", en = "Signature" }
type = "signature"
[[template.field]]
id = "file"
label = { zh = "原件", en = "Paper" }
type = "attachment"
)";

struct Paper {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& yi = company.join("乙", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  field::Saved card = company.open(
      jia, "<b>福田百货", {{"credit_limit", "314159"}, {"phone", "0755-1"}, {"contact", "/"}}, {jia.person, yi.person});
  TempFolder folder;

  Paper() {
    company.say(node::publication_of(must(parse_pack(kSlips)), kSlips));
    company.sync_all();
  }
  field::CustomerCard card_of(holder::Book& book) {
    must(book.refresh());
    return must(field::show_customer(book, must(book.find_customer(card.number))));
  }
  Result<std::string> print(const std::string& file, bool reveal, const std::string& purpose = "年会") {
    const auto done = field::print_customer(*jia.book, card_of(*jia.book), {(folder / file).string(), purpose, reveal});
    if (!done) return std::unexpected(done.error());
    std::ostringstream text;
    text << std::ifstream(folder / file, std::ios::binary).rdbuf();
    return text.str();
  }
  RecordId slip(std::vector<field::Typed> typed) {
    const auto* form = must(jia.book->form("slip"));
    const auto saved = must(field::add_typed(*jia.book, *form, card.archive, typed));
    must(jia.book->refresh());
    return saved.record;
  }
  holder::RecordPlace place(Seat& seat, const RecordId& record) {
    must(seat.book->refresh());
    return must(seat.book->find_record(record.hex()));
  }
  // What is said beside a field, as that seat reads it.
  std::string beside(Seat& seat, const RecordId& record, const std::string& field, Lang lang = Lang::zh) {
    holder::Book book(*seat.device, lang);
    must(book.refresh());
    const auto shown = must(field::show_record(book, must(book.find_record(record.hex()))));
    for (const auto& f : shown.fields)
      if (f.field->id == field) return field::remark_on(book, shown, *f.field, f.given.front());
    return "-";
  }
  Result<field::AttachedNow> attach(const RecordId& record, const std::string& name, const std::string& as) {
    std::ofstream(folder / name, std::ios::binary) << name;
    return field::attach(*jia.book, {place(jia, record), folder / name, {}, {}, {}, as, {}});
  }
};

bool says(const std::string& page, std::string_view what) { return page.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("printing: a card goes into a file of its own, masked unless asked otherwise", "[printing]") {
  Paper p;
  const auto page = must(p.print("a.html", false));
  for (const auto* word : {"&lt;b&gt;福田百货", "0755-1", "信用额度", "（划掉）", "甲", "打印", "敏感内容未印出：1"})
    CHECK(says(page, word));
  CHECK(says(page, kMask));
  CHECK(says(page, p.jia.book->directory()->name()));
  CHECK(says(page, p.card.number));
  CHECK_FALSE(says(page, "314159"));
  CHECK_FALSE(says(page, "<b>"));
  struct stat about{};
  REQUIRE(::stat((p.folder / "a.html").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);

  CHECK(p.print("a.html", false).error().code == "file.exists");
  CHECK(p.print("b.html", false, " ").error().code == "export.no-purpose");
  CHECK(says(must(p.print("c.html", true)), "314159"));
  CHECK(p.folder.names() == std::vector<std::string>{"a.html", "c.html"});
}

TEST_CASE("printing: values in conflict stand side by side, in the reader's language", "[printing]") {
  Paper p;
  REQUIRE(p.company.edit(p.jia, p.card.record, {{"credit_limit", "60001"}}).has_value());
  REQUIRE(p.company.edit(p.yi, p.card.record, {{"credit_limit", "80001"}}).has_value());
  p.company.visit(p.jia, p.card.number, {{"summary", "要二十箱"}, {"place", "22.5,114 ±8m 3s mock"}});
  p.company.sync_all();
  holder::Book english(*p.jia.device, Lang::en);
  const auto page = field::customer_page(english, p.card_of(english));
  for (const auto* word : {"lang=\"en\"", "⚑ conflict", "1) ", "2) ", "60001", "80001", "(struck out)", "要二十箱",
                           "MOCK", "Printed by 甲 on ", "Credit limit"}) {
    INFO(word);
    CHECK(says(page, word));
  }
  auto masked = p.card_of(english);
  field::mask(masked);
  const auto hidden = field::customer_page(english, masked);
  CHECK_FALSE(says(hidden, "60001"));
  CHECK_FALSE(says(hidden, "80001"));
}

TEST_CASE("remarks: a signature is its author's own, or was written down by him", "[printing]") {
  Paper p;
  const auto own = p.slip({{"text", "收到"}, {"signature", "甲"}});
  const auto other = p.slip({{"text", "收到"}, {"signature", "王总"}});
  const auto struck = p.slip({{"text", "收到"}, {"signature", "/"}});
  p.company.sync_all();
  for (Seat* seat : {&p.jia, &p.manager}) {
    CHECK(p.beside(*seat, own, "signature") == "甲 签名");
    CHECK(p.beside(*seat, own, "signature", Lang::en) == "signed by 甲");
    CHECK(p.beside(*seat, other, "signature") == "由 甲 代记 王总 的签名");
    CHECK(p.beside(*seat, other, "signature", Lang::en) == "written down by 甲 for 王总");
    CHECK(p.beside(*seat, struck, "signature").empty());
  }
  CHECK(p.beside(p.jia, own, "text").empty());
  // Whoever corrects it answers for it from then on.
  REQUIRE(p.company.edit(p.manager, own, {{"signature", "甲 "}, {"text", "已收到"}}).has_value());
  REQUIRE(p.company.edit(p.manager, other, {{"signature", "经理"}}).has_value());
  CHECK(p.beside(p.manager, own, "signature") == "甲 签名");  // the same value: nothing was written
  CHECK(p.beside(p.manager, other, "signature") == "经理 签名");

  const auto shown = must(field::show_record(*p.jia.book, p.place(p.jia, other)));
  CHECK(says(field::record_page(*p.jia.book, shown), "由 甲 代记 王总 的签名"));
  // A masked one tells no name.
  const auto* form = must(p.jia.book->form("slip"));
  CHECK(field::remark_on(*p.jia.book, shown, *form->field("signature"), {{}, std::string(kMask), p.jia.person, {}})
            .empty());
}

TEST_CASE("remarks: a field that names no attached file says so, and attaching may fill it", "[printing]") {
  Paper p;
  const auto named = p.slip({{"text", "合同"}, {"file", "a.pdf"}});
  CHECK(p.beside(p.jia, named, "file") == "没有名为此的附件：a.pdf");
  CHECK(p.beside(p.jia, named, "file", Lang::en) == "names no attached file: a.pdf");
  CHECK(says(field::record_page(*p.jia.book, must(field::show_record(*p.jia.book, p.place(p.jia, named)))),
             "没有名为此的附件"));
  must(p.attach(named, "a.pdf", {}));
  CHECK(p.beside(p.jia, named, "file").empty());
  CHECK(p.attach(named, "b.pdf", "file").error().code == "attach.field-filled");
  CHECK(p.attach(named, "b.pdf", "text").error().code == "attach.not-for-files");
  CHECK(p.attach(named, "b.pdf", "nope").error().code == "field.unknown");
  const auto there = must(field::attachments_of(*p.jia.book, p.place(p.jia, named)));
  REQUIRE(there.size() == 1);
  must(field::detach(*p.jia.book, p.place(p.jia, named), there.front(), "贴错"));
  CHECK_FALSE(p.beside(p.jia, named, "file").empty());

  const auto open = p.slip({{"text", "合同"}});
  must(p.attach(open, "c.pdf", "原件"));  // by its label
  CHECK(p.company.text(p.jia, open, "file") == "c.pdf");
  CHECK(p.beside(p.jia, open, "file").empty());
  // A file that the record has already is not attached again; the field is filled all the same.
  const auto later = p.slip({{"text", "合同"}});
  must(p.attach(later, "d.pdf", {}));
  CHECK(must(p.attach(later, "d.pdf", "file")).saved.unchanged);
  CHECK(p.company.text(p.jia, later, "file") == "d.pdf");
  // What no file may be called is named as the file is.
  const auto odd = p.slip({{"text", "合同"}, {"file", "a:1.pdf"}});
  must(field::attach(*p.jia.book, {p.place(p.jia, odd), p.folder / "d.pdf", {}, "a:1.pdf", {}, {}, {}}));
  CHECK(p.beside(p.jia, odd, "file").empty());
  p.company.sync_all();
  p.company.sync_all();
  CHECK(p.company.text(p.manager, later, "file") == "d.pdf");
  CHECK(p.beside(p.manager, later, "file").empty());
}
