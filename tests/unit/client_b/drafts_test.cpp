// SPDX-License-Identifier: AGPL-3.0-or-later
// Drafts as people use them: kept incomplete, sealed, pinned to a version, finished once, gone with what is destroyed.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "client/field/certificate.h"
#include "client/field/customers.h"
#include "client/field/drafts.h"
#include "client/field/today.h"
#include "client/field/visits.h"
#include "schema/template/pack.h"
#include "sync/node/catalogue.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

constexpr std::string_view kAsks = R"(
format = 1
id = "asks"
version = 1
label = { zh = "请示", en = "Asks" }
[[template]]
id = "ask"
label = { zh = "请示", en = "Ask" }
scope = ["customer"]
sheet = true
[[template.field]]
id = "text"
label = { zh = "内容", en = "Text" }
required = true
[[template.field]]
id = "answer"
label = { zh = "答复", en = "Answer" }
[[workflow]]
id = "ask"
label = { zh = "请示", en = "Ask" }
source = "ask"
start = "asked"
  [[workflow.state]]
  id = "asked"
  label = { zh = "待批", en = "Asked" }
  [[workflow.state]]
  id = "granted"
  label = { zh = "已准", en = "Granted" }
  final = true
  [[workflow.state]]
  id = "refused"
  label = { zh = "不准", en = "Refused" }
  final = true
  [[workflow.step]]
  id = "grant"
  label = { zh = "批准", en = "Grant" }
  from = ["asked"]
  to = "granted"
  by = ["anyone"]
  needs = ["answer"]
  comment = true
  [[workflow.step]]
  id = "refuse"
  label = { zh = "拒绝", en = "Refuse" }
  from = ["asked"]
  to = "refused"
  by = ["anyone"]
  priority = 1
)";

// The same with one field more that must be filled.
std::string asks_two() {
  std::string out(kAsks);
  out.replace(out.find("version = 1"), 11, "version = 2");
  const std::string more =
      "[[template.field]]\nid = \"urgency\"\nlabel = { zh = \"缓急\", en = \"Urgency\" }\nrequired = true\n";
  out.insert(out.find("[[workflow]]"), more);
  return out;
}

// A salesperson with a customer, and what he does with drafts.
struct Drafting {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  ArchiveId customer = company.open(jia, "福田百货").archive;

  void publish(const std::string& toml) {
    company.say(node::publication_of(must(parse_pack(toml)), toml));
    company.sync_all();
  }
  holder::Book& book() { return *jia.book; }
  Result<field::Draft> begin(const std::string& form, const std::vector<field::Typed>& typed) {
    return field::keep_record_draft(book(), *must(book().form(form)), customer, typed);
  }
  std::vector<field::Draft> all() { return must(field::list_drafts(book())); }
  field::DraftStanding standing(const field::Draft& draft) { return must(field::draft_standing(book(), draft)); }
  std::string finish(const field::Draft& draft) {
    const auto done = field::finish_draft(book(), draft);
    must(book().refresh());
    return done ? "written" : done.error().code;
  }
  std::size_t visits() { return must(field::list_visits(book(), {})).size(); }
  RecordId ask() {
    const std::vector<field::Typed> typed{{"text", "可否九折"}};
    const auto saved = must(field::add_typed(book(), *must(book().form("ask")), customer, typed));
    must(book().refresh());
    return saved.record;
  }
  field::Draft decide(const RecordId& record, const std::string& step) {
    return must(field::keep_step_draft(book(), {must(book().place_of(customer, record)), step, {}, {}, {}}));
  }
  std::string state(const RecordId& record) {
    return must(field::show_matter(book(), must(book().place_of(customer, record)))).matter.standing.state();
  }
  void leave_and_return() {
    const auto folder = jia.device->folder();
    jia.book.reset();
    jia.device.reset();
    jia.device = must(field::Device::open(folder, "correct horse"));
    jia.book = std::make_unique<holder::Book>(*jia.device);
    must(jia.book->refresh());
  }
  bool on_disk(std::string_view bytes) const {
    for (const auto& file : std::filesystem::recursive_directory_iterator(jia.device->folder())) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string whole{std::istreambuf_iterator<char>(in), {}};
      if (whole.find(bytes) != std::string::npos) return true;
    }
    return false;
  }
};

std::string sealed_piece(const field::Draft& draft) {
  return std::string(text(View(draft.kept.row).subspan(draft.kept.row.size() / 2, 24)));
}

}  // namespace

TEST_CASE("drafts: an incomplete visit stays on this device, sealed, until it is finished", "[client][drafts]") {
  Drafting d;
  const std::string words = "续签意向良好，下月再谈";
  const auto draft = must(d.begin("visit", {{"summary", words}}));
  CHECK(d.standing(draft).missing.size() == 1);  // the purpose; a visit has its day by itself
  CHECK_FALSE(d.standing(draft).newer());
  CHECK(must(field::today(d.book())).drafts == 1);
  d.leave_and_return();
  d.company.sync_all();
  REQUIRE(d.all().size() == 1);
  const auto kept = d.all().front();
  CHECK(kept.typed == draft.typed);
  CHECK(kept.begun == draft.begun);
  CHECK(kept.version == must(d.book().form("visit"))->version);
  CHECK(kept.archive == d.customer);
  CHECK(d.visits() == 0);
  CHECK(d.on_disk(sealed_piece(kept)));
  CHECK_FALSE(d.on_disk(words));

  const auto changed = must(field::change_draft(d.book(), kept, {{{"目的", "拜访"}}, {}, {}}));
  CHECK(d.standing(changed).missing.empty());
  CHECK(must(field::find_draft(d.book(), changed.id.hex().substr(0, 8))).typed.size() == 2);
  CHECK(d.finish(changed) == "written");
  CHECK(d.all().empty());
  const auto visits = must(field::list_visits(d.book(), {}));
  REQUIRE(visits.size() == 1);
  CHECK(visits[0].summary == words);
  CHECK(visits[0].date == date_of(draft.begun, kChinaZoneMinutes));
  CHECK(must(field::today(d.book())).drafts == 0);
}

TEST_CASE("drafts: whatever refuses the entry keeps the draft, and none is written twice", "[client][drafts]") {
  Drafting d;
  const auto first = must(d.begin("visit", {{"summary", "要二十箱"}, {"next", "不知道哪天"}}));
  CHECK(d.standing(first).missing.size() == 2);
  CHECK(d.finish(first) == "field.not-a-date");
  const auto second = must(field::change_draft(d.book(), first, {{{"next", ""}}, {}, {}}));
  CHECK(d.finish(second) == "record.incomplete");
  CHECK(field::change_draft(d.book(), second, {{{"colour", "red"}}, {}, {}}).error().code == "field.unknown");
  REQUIRE(d.all().size() == 1);
  CHECK(d.all()[0].typed == second.typed);

  const auto third = must(field::change_draft(d.book(), second, {{{"purpose", "拜访"}}, {}, {}}));
  // As it was read before: what would be written is not what lies there.
  const auto old = must(field::change_draft(d.book(), third, {{{"summary", "要三十箱"}}, {}, {}}));
  CHECK(d.finish(third) == "draft.changed");
  CHECK(field::drop_draft(d.book(), third).error().code == "draft.changed");
  CHECK(d.visits() == 0);
  CHECK(d.finish(old) == "written");
  CHECK(d.finish(old) == "draft.not-found");
  CHECK(d.visits() == 1);
  CHECK(field::find_draft(d.book(), old.id.hex()).error().code == "draft.not-found");
}

TEST_CASE("drafts: finished by the version they were begun with, whatever is in force", "[client][drafts]") {
  Drafting d;
  d.publish(std::string(kAsks));
  const auto draft = must(d.begin("ask", {{"text", "可否九折"}}));
  d.publish(asks_two());
  CHECK(d.standing(draft).newer());
  CHECK(d.standing(draft).in_force == 2);
  CHECK(d.standing(draft).missing.empty());
  const auto later = must(d.begin("ask", {{"text", "可否八折"}}));
  CHECK(d.standing(later).missing.size() == 1);
  CHECK(d.finish(later) == "record.incomplete");
  CHECK(field::change_draft(d.book(), draft, {{{"urgency", "急"}}, {}, {}}).error().code == "field.unknown");

  auto elsewhere = draft;
  elsewhere.version = 9;
  CHECK(d.finish(elsewhere) == "draft.form-unknown");
  CHECK(d.all().size() == 2);

  const auto done = must(field::finish_draft(d.book(), draft));
  must(d.book().refresh());
  const auto place = must(d.book().place_of(d.customer, done.saved.record));
  CHECK(must(must(d.book().read())->load(place)).state.version() == 1);
}

TEST_CASE("drafts: a decision is judged anew, and one that was overtaken stays a draft", "[client][drafts]") {
  Drafting d;
  d.publish(std::string(kAsks));
  const auto record = d.ask();
  const auto draft = d.decide(record, "批准");
  CHECK(d.standing(draft).comment_needed);
  CHECK(d.standing(draft).missing.size() == 1);
  CHECK(d.standing(draft).not_open.empty());
  CHECK(d.finish(draft) == "step.comment-needed");
  const auto reasoned = must(field::change_draft(d.book(), draft, {{}, "老客户", {}}));
  CHECK(d.finish(reasoned) == "step.fields-needed");
  const auto whole = must(field::change_draft(d.book(), reasoned, {{{"answer", "同意"}}, {}, {}}));
  CHECK(d.state(record) == "asked");
  CHECK(d.finish(whole) == "written");
  CHECK(d.state(record) == "granted");
  CHECK(d.company.text(d.jia, record, "answer") == "同意");
  CHECK(d.all().empty());

  const auto other = d.ask();
  const auto late = must(field::change_draft(d.book(), d.decide(other, "grant"), {{{"answer", "好"}}, "可", {}}));
  must(field::take_step(d.book(), {must(d.book().place_of(d.customer, other)), "refuse", {}, {}, {}}));
  must(d.book().refresh());
  CHECK_FALSE(d.standing(late).not_open.empty());
  const auto refused = field::finish_draft(d.book(), late);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "step.not-open");
  CHECK(refused.error().kind == ErrorKind::conflict);
  REQUIRE(d.all().size() == 1);
  CHECK(d.company.text(d.jia, other, "answer").empty());
  must(field::drop_draft(d.book(), d.all()[0]));
  CHECK(d.all().empty());
  const field::StepTyped unknown{must(d.book().place_of(d.customer, other)), "sign", {}, {}, {}};
  CHECK(field::keep_step_draft(d.book(), unknown).error().code == "step.unknown");
}

TEST_CASE("drafts: there are so many and no longer ones", "[client][drafts]") {
  Drafting d;
  CHECK(d.begin("visit", {{"summary", std::string(node::kDraftBytesMax, 'x')}}).error().code == "draft.too-large");
  const std::string most(node::kDraftBytesMax - 200, 'x');
  const auto long_one = must(d.begin("visit", {{"summary", most}}));
  CHECK(d.all().at(0).typed.at(0).text == most);
  const auto& device = d.jia.device;
  const node::DraftKeys keys{device->vault(), device->keyring(), *d.book().directory(), device->entropy()};
  must(device->replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (std::size_t i = 2; i < node::kDraftsMax; ++i) {
      auto one = long_one.kept;
      one.id = random_id<DraftId>(device->entropy());
      one.body = Bytes{0, 0, 0, 0};
      one.row.clear();
      SATCHEL_TRY(node::put_draft(txn, keys, one));
    }
    return {};
  }));
  const auto last = must(d.begin("visit", {{"summary", "第一千份"}}));
  CHECK(d.begin("visit", {{"summary", "再一份"}}).error().code == "draft.too-many");
  // One that is there already can still be typed into.
  must(field::change_draft(d.book(), last, {{{"purpose", "拜访"}}, {}, {}}));
  CHECK(must(field::today(d.book())).drafts == node::kDraftsMax);
}

TEST_CASE("drafts: what was typed comes back byte for byte", "[client][drafts]") {
  Drafting d;
  std::mt19937_64 random(20261130);
  std::vector<std::string> hostile{"a=b",
                                   "=",
                                   " ",
                                   "\n\t\r",
                                   std::string("\0\0", 2),
                                   "\xff\xfe\x80",
                                   "'; drop table drafts; --",
                                   "../../vault.key",
                                   "{\"json\":1}",
                                   "\xe2\x80\xae"
                                   "gnp.exe",
                                   "\x1b[2J",
                                   "📦"};
  for (int i = 0; i < 20; ++i) {
    std::string one(1 + random() % 3000, ' ');
    for (auto& c : one) c = static_cast<char>(random());
    hostile.push_back(std::move(one));
  }
  for (const auto& one : hostile) {
    CAPTURE(hex(view(one)));
    const auto draft = must(d.begin("visit", {{"summary", one}, {"purpose", one}}));
    const auto kept = d.all();
    REQUIRE(kept.size() == 1);
    REQUIRE(kept[0].typed.size() == 2);
    CHECK(kept[0].typed[0].text == one);
    CHECK(kept[0].typed[1].text == one);
    CHECK_FALSE(kept[0].broken);
    must(field::drop_draft(d.book(), draft));
  }
  CHECK(d.all().empty());
}

TEST_CASE("drafts: those of one's own forms need no archive yet", "[client][drafts]") {
  Drafting d;
  const auto* form = must(d.book().form("rep_daily_report"));
  const std::vector<field::Typed> typed{{"date", "今天"}, {"summary", "走访三家"}, {"visits", "3"}};
  const auto draft = must(field::keep_record_draft(d.book(), *form, {}, typed));
  CHECK(draft.archive.none());
  CHECK_FALSE(must(d.book().own_archive(ArchiveKind::person)));
  CHECK(d.standing(draft).missing.empty());
  CHECK(field::keep_record_draft(d.book(), *must(d.book().form("visit")), {}, {}).error().code == "customer.not-named");
  CHECK(d.finish(draft) == "written");
  CHECK(must(d.book().own_archive(ArchiveKind::person)));
  CHECK(d.all().empty());
}

TEST_CASE("drafts: sealed while a lease is over, and back with the keys", "[client][drafts]") {
  Drafting d;
  const auto draft = must(d.begin("visit", {{"summary", "要二十箱"}}));
  d.company.sync(d.jia);
  const auto wall = d.jia.device->clock().wall().ms;
  const auto mono = d.jia.device->clock().mono().ms;
  must(d.jia.device->replica().write([&](WriteTxn& txn, node::Effects&) {
    const auto used = std::int64_t{40} * 86'400'000;
    return txn.put(Table::meta, view("lease"), Writer().u8(0).i64(used).i64(wall).i64(mono).bytes());
  }));
  d.leave_and_return();  // shreds, too: the vault has another key
  REQUIRE(d.jia.device->lease().over);
  REQUIRE(d.all().size() == 1);
  CHECK(d.all()[0].locked);
  CHECK_FALSE(d.all()[0].broken);
  CHECK(d.all()[0].form == "visit");
  CHECK(d.all()[0].typed.empty());
  CHECK(d.finish(d.all()[0]) == "keyring.no-key");
  d.company.sync(d.jia);
  must(node::renew_lease(d.jia.device->replica()));
  for (int i = 0; i < 3; ++i) d.company.sync_all();
  REQUIRE(d.all().size() == 1);
  CHECK_FALSE(d.all()[0].locked);
  CHECK(d.all()[0].typed == draft.typed);
}

TEST_CASE("drafts: of a customer that was lost they are listed, not read, and can be dropped", "[client][drafts]") {
  Drafting d;
  auto& yi = d.company.join("乙", Role::salesperson);
  must(d.begin("visit", {{"summary", "要二十箱"}, {"purpose", "拜访"}}));
  d.company.sync_all();
  d.company.say(payload::OwnerSet{{yi.person}}, d.customer);
  d.company.sync_all();
  const auto lost = d.all();
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].locked);
  const auto refused = field::finish_draft(d.book(), lost[0]);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::permission);
  CHECK(field::change_draft(d.book(), lost[0], {{{"summary", "x"}}, {}, {}}).error().kind == ErrorKind::permission);
  CHECK_FALSE(d.begin("visit", {{"summary", "要三十箱"}}));
  must(field::drop_draft(d.book(), lost[0]));
  CHECK(d.all().empty());
}

TEST_CASE("drafts: with a destroyed archive they are gone, from the file, too", "[client][drafts][destroy]") {
  Drafting d;
  auto& manager = d.company.join("经理", Role::branch_manager);
  auto& general = d.company.join("总经理", Role::general_manager, "");
  const auto other = d.company.open(d.jia, "南山商行").archive;
  d.company.sync_all();
  const auto going = must(d.begin("visit", {{"summary", "要二十箱"}}));
  d.customer = other;
  const auto staying = must(d.begin("visit", {{"summary", "要三十箱"}}));
  REQUIRE(d.on_disk(sealed_piece(going)));

  const auto reason = DestroyReason::mistake;
  const auto plan = must(field::plan_destruction(*manager.book, {"福田百货"}, reason));
  must(field::propose_destruction(*manager.book, plan, reason));
  d.company.sync_all();
  must(field::countersign(*general.book, must(field::list_proposals(*general.book)).list.at(0)));
  d.company.sync_all();
  d.company.sync_all();
  d.leave_and_return();
  REQUIRE(d.all().size() == 1);
  CHECK(d.all()[0].id == staying.id);
  CHECK(d.all()[0].typed == staying.typed);
  CHECK_FALSE(d.on_disk(sealed_piece(going)));
  d.customer = going.archive;
  CHECK_FALSE(d.begin("visit", {{"summary", "要四十箱"}}));
}
