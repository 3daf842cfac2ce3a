// SPDX-License-Identifier: AGPL-3.0-or-later
// What a hub sees once TLS is taken off: every frame and every log line of a company at work, and what its store and a
// locked device's store keep.
#include <catch2/catch.hpp>

#include "client/field/conflicts.h"
#include "sync/directory/identity.h"
#include "tests/unit/privacy/overheard.h"
#include "tests/unit/privacy/sieve.h"

using namespace satchel;
using namespace satchel::test;

namespace {

// Stems that stand in every text a story writes; the last line of the sieve is how GB18030 spells the first.
constexpr std::string_view kChinese = "琥珀鹦鹉";
constexpr std::string_view kAscii = "zephyrqux";
constexpr std::string_view kPhone = "73194682";

Sieve word_sieve() {
  Sieve sieve;
  sieve.word("Chinese", kChinese).word("ASCII", kAscii).word("phone", kPhone);
  sieve.word("pinyin", "hupoyingwu").word("initials", "hpywftbh");
  sieve.spelling("Chinese GB18030", unhex("e7fae7eaf0d0f0c4"));
  return sieve;
}

std::string repeated(std::size_t times) {
  std::string out;
  for (std::size_t n = 0; n < times; ++n)
    out += "第" + std::to_string(n) + "点：琥珀鹦鹉的货架，zephyrqux，0755-73194682。";
  return out;
}

std::string story_lines() {
  const std::string customer = R"("customer":"琥珀鹦鹉福田百货")";
  return R"({"type":"customer","name":"琥珀鹦鹉福田百货","kind":"distributor","phone":"0755-73194682","owner":["甲","乙"],)"
         R"("contact":"琥珀鹦鹉店长","email":"zephyrqux@example.cn","address":"琥珀鹦鹉路 8 号","tags":["Zephyrqux tag"],)"
         R"("notes":")" +
         repeated(80) + "\"}\n" + R"({"type":"contact",)" + customer +
         R"(,"name":"王琥珀鹦鹉","phone":"13873194682","notes":"爱喝琥珀鹦鹉茶"})" + "\n" + R"({"type":"visit",)" +
         customer +
         R"(,"date":"2026-11-20","purpose":"琥珀鹦鹉促销","summary":"zephyrqux 要二十箱","with":["琥珀鹦鹉外人"],"said":")" +
         repeated(60) + "\"}\n" + R"({"type":"order",)" + customer +
         R"(,"number":"ZEPHYRQUX-1","date":"2026-11-20","amount":"1234.50","ship_address":"琥珀鹦鹉码头"})" + "\n" +
         R"({"type":"rep_daily_report","date":"2026-11-20","summary":"琥珀鹦鹉小结","plan":"zephyrqux plan"})" + "\n";
}

// Two days of a branch: written offline, pushed, forwarded, pulled, edited by two at once, decided, corrected.
struct Story {
  Overheard at;
  Seat& jia = at.company.join("甲", Role::salesperson);
  Seat& yi = at.company.join("乙", Role::salesperson);
  Seat& manager = at.company.join("经理", Role::branch_manager);
  Seat& general = at.company.join("总经理", Role::general_manager, "");

  Story() {
    at.forward();  // the branch's hub hears of everybody, and everybody of each other
    everybody();
    field::LinesDone done;
    const auto answers = at.company.lines(jia, story_lines(), 2, &done);
    CAPTURE(answers);
    REQUIRE(done.added == 5);
    everybody();
    const auto card = must(yi.book->find_customer("琥珀鹦鹉福田百货")).card;
    must(at.company.edit(jia, card, {{"grade", "琥珀鹦鹉甲级"}, {"city", "zephyrqux city"}}));
    must(at.company.edit(yi, card, {{"grade", "Zephyrqux grade"}}));
    everybody();
    must(field::resolve_dispute(*manager.book, {"琥珀鹦鹉福田百货", "grade", 1, {}, "琥珀鹦鹉说了算"}));
    at.company.visit(manager, "琥珀鹦鹉福田百货", {{"summary", "琥珀鹦鹉复查"}});
    everybody();
  }

  void everybody() {
    for (int round = 0; round < 2; ++round) {
      for (Seat* seat : {&jia, &yi, &manager}) at.sync(*seat, at.branch());
      at.forward();
      at.sync(general, at.hq());
    }
  }
};

std::vector<std::string> all_heard(const Sieve& sieve, const Overheard& at) {
  std::vector<std::string> out;
  for (const auto& frame : at.frames()) {
    for (auto& hit : sieve.find(frame.bytes, frame.line + (frame.up ? " up" : " down"))) out.push_back(std::move(hit));
  }
  for (auto& hit : sieve.find(at.log(), "the log")) out.push_back(std::move(hit));
  return out;
}

std::vector<std::string> all_stored(const Sieve& sieve, Store& store, const std::string& whose) {
  std::vector<std::string> out;
  for (const auto& [table, row] : rows_of(store)) {
    for (auto& hit : sieve.find(row, whose + ", " + table)) out.push_back(std::move(hit));
  }
  return out;
}

// What opens things: of everybody who holds keys.
Sieve key_sieve(Story& story) {
  Sieve sieve;
  for (Seat* seat : {&story.jia, &story.yi, &story.manager, &story.general}) {
    auto& device = *seat->device;
    const auto directory = device.directory();
    sieve.secret(seat->name + "'s signing seed", device.identity().sign.seed.view());
    sieve.secret(seat->name + "'s box secret", device.identity().box.secret.view());
    const auto txn = must(device.replica().store().begin_read());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = must(node::archive_info(*txn, no));
      const auto keys = must(device.keyring().keys_of(*txn, *directory, *info));
      for (const auto& [epoch, key] : keys->epochs) sieve.secret("an archive's key", key.view());
      if (keys->has_local) sieve.secret("a local key", keys->local.view());
      for (const auto& audience : info->audiences) {
        if (const auto seed = device.keyring().audience_seed(*directory, audience, 1))
          sieve.secret("an audience's secret", seed->view());
      }
    }
  }
  return sieve;
}

}  // namespace

TEST_CASE("privacy: the sieve finds a word in every spelling, whole texts or pieces, also packed", "[privacy]") {
  const Sieve sieve = word_sieve();
  CHECK(sieve.find("nothing to see: 琥珀 alone is no 鹦鹉, zephyr is a wind, 7319-4682", "here").empty());
  for (const std::string there :
       {"对琥珀鹦鹉说", "a ZephyrQux.", "0755-73194682", "HuPoYingWu", "xuqryhpez", "00E790A5E78F80E9B9A6E9B98900",
        "emVwaHlycXV4", "eHplcGh5cnF1eHg=", "eHh6ZXBoeXJxdXg="}) {
    CHECK(sieve.find(there, there).size() == 1);
  }
  for (const std::string there :
       {"7a0065007000680079007200710075007800", "2574c073669e499e", "742573c09e669e49", "e7fae7eaf0d0f0c4"}) {
    CAPTURE(there);
    CHECK_FALSE(sieve.find(View(unhex(there)), there).empty());
    CHECK(sieve.find(View(unhex(there)).first(7), there)
              .empty());  // half a character short, or of ASCII only half a word
  }
  // Packed so that not every word stands there plainly.
  const Bytes packed = pack_body(view("zephyrqux" + repeated(40)));
  const auto found = sieve.find(Writer().u64(0x28b52ffd28b52ffd).raw(packed).u32(0xfd2fb528).bytes(), "packed");
  CHECK(std::ranges::count_if(found, [](const auto& hit) { return hit.find("unpacked") != std::string::npos; }) == 3);
}

TEST_CASE("privacy: a frame whose body was not sealed is noticed, compressed or not", "[privacy]") {
  const Sieve sieve = word_sieve();
  const bool compress = GENERATE(false, true);
  Change change;
  change.records.push_back(
      {RecordId{}, "customer", 1, {{"name", std::string("琥珀鹦鹉福田百货"), {}}, {"notes", repeated(9), {}}}});
  const Bytes body = pack_body(change.encode(), compress);
  wire::Parcel parcel;
  parcel.chains.push_back({});
  parcel.chains.back().entries.push_back({body, {}});
  const auto found = sieve.find(wire::encode(parcel), "frame");
  CHECK(std::ranges::any_of(found, [](const auto& hit) { return hit.starts_with("Chinese in frame"); }));
}

TEST_CASE("privacy: a hub carries a company's work and sees no word of it, in frames, log or store", "[privacy]") {
  Story story;
  auto& at = story.at;
  // All of it arrived, at the far end of two hubs.
  const auto customer = must(story.general.book->find_customer("琥珀鹦鹉福田百货"));
  CHECK(at.company.text(story.general, customer.card, "notes") == repeated(80));
  CHECK(at.company.text(story.general, customer.card, "city") == "zephyrqux city");
  CHECK(must(field::list_disputes(*story.general.book)).empty());
  CHECK(at.log().find("session.open") != std::string::npos);

  const Sieve sieve = word_sieve();
  CHECK(all_heard(sieve, at) == std::vector<std::string>{});
  CHECK(all_stored(sieve, at.branch().replica().store(), "the branch's hub") == std::vector<std::string>{});
  CHECK(all_stored(sieve, at.hq().replica().store(), "headquarters' hub") == std::vector<std::string>{});
  // The same rows, as they lie in a device's file.
  for (Seat* seat : {&story.jia, &story.manager, &story.general})
    CHECK(all_stored(sieve, seat->device->replica().store(), seat->name + "'s device") == std::vector<std::string>{});

  // What is meant to be legible is found, also what travels packed: people and the forms in packs.
  Sieve known;
  known.word("a person", "总经理").word("a label in a pack", "客户基本信息卡");
  const auto heard = all_heard(known, at);
  const auto stored = all_stored(known, at.hq().replica().store(), "HQ");
  for (const auto* found : {&heard, &stored}) {
    CHECK(std::ranges::any_of(*found, [](const auto& hit) { return hit.starts_with("a person in"); }));
    CHECK(std::ranges::any_of(*found, [](const auto& hit) {
      return hit.starts_with("a label in a pack in") && hit.find("unpacked") != std::string::npos;
    }));
  }
}

TEST_CASE("privacy: no key leaves a device, and none lies open in its file", "[privacy]") {
  Story story;
  auto& at = story.at;
  const Sieve keys = key_sieve(story);
  REQUIRE(keys.spellings() > 100);
  CHECK(keys.find(View(story.jia.device->identity().box.secret.view()), "here").size() == 1);
  CHECK(all_heard(keys, at) == std::vector<std::string>{});
  CHECK(all_stored(keys, at.branch().replica().store(), "the branch's hub") == std::vector<std::string>{});
  CHECK(all_stored(keys, at.hq().replica().store(), "headquarters' hub") == std::vector<std::string>{});
  for (Seat* seat : {&story.jia, &story.yi, &story.manager, &story.general})
    CHECK(all_stored(keys, seat->device->replica().store(), seat->name + "'s device") == std::vector<std::string>{});
}
