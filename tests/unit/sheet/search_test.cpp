// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/sheet/search.h"

using namespace satchel;

namespace {

using Strings = std::vector<std::string>;

// An index of names as rows 0, 1, 2 …, and what a query finds there.
struct Shop {
  SearchIndex index;
  Strings names;

  explicit Shop(Strings all) : names(std::move(all)) {
    for (std::uint32_t i = 0; i < names.size(); ++i) index.add(i, names[i]);
  }
  Strings find(std::string_view query) const {
    Strings found;
    for (const auto& hit : index.query(query, 1000)) found.push_back(names[hit.row]);
    return found;
  }
  bool finds(std::string_view query, std::string_view name) const {
    const Strings found = find(query);
    return std::ranges::count(found, name) == 1;
  }
  // The highlighted part of the best hit.
  std::string lit(std::string_view query) const {
    const auto hits = index.query(query, 1);
    if (hits.empty()) return "(nothing)";
    return names[hits[0].row].substr(hits[0].begin, hits[0].end - hits[0].begin);
  }
  MatchClass best(std::string_view query) const { return index.query(query, 1).at(0).match; }
};

}  // namespace

TEST_CASE("search: full pinyin finds names by any common reading", "[sheet][search]") {
  const std::pair<const char*, const char*> kKnown[] = {
      {"changsha", "长沙"},     {"yinhang", "银行"},      {"chongqing", "重庆"}, {"xiamen", "厦门"},
      {"shanxian", "单县"},     {"zengguofan", "曾国藩"}, {"moqi", "万俟"},      {"yuchi", "尉迟"},
      {"tantai", "澹台"},       {"laoting", "乐亭"},      {"shexian", "歙县"},   {"xingyang", "荥阳"},
      {"luzhi", "甪直"},        {"bengbu", "蚌埠"},       {"dongguan", "东莞"},  {"kuaiji", "会计"},
      {"ouyang", "欧阳"},       {"lvliang", "吕梁"},      {"luliang", "吕梁"},   {"bohai", "渤海"},
      {"wulumuqi", "乌鲁木齐"}, {"chongqing", "重慶"},    {"diao", "调料"},      {"liaowei", "调味料味"}};
  for (const auto& [query, name] : kKnown) {
    INFO(query);
    CHECK(Shop({"无关的名字", name}).finds(query, name));
  }
  CHECK(Shop({"西安"}).finds("xi'an", "西安"));
  std::string name;
  std::string query;
  for (int i = 0; i < 21; ++i) {
    name += "长福";
    query += "zhangf";  // 126 letters
  }
  CHECK(Shop({name}).finds(query, name));
  query[70] = 'x';
  CHECK_FALSE(Shop({name}).finds(query, name));
  CHECK(Shop({"福田百货"}).finds("Fu Tian", "福田百货"));
}

TEST_CASE("search: initials, mixes and an unfinished last syllable", "[sheet][search]") {
  const Shop shop({"福田百货", "长沙银行", "中山食品"});
  CHECK(shop.find("ftbh") == Strings{"福田百货"});
  CHECK(shop.find("futianb") == Strings{"福田百货"});
  CHECK(shop.find("ftbaihuo") == Strings{"福田百货"});
  CHECK(shop.find("ftianbh") == Strings{"福田百货"});
  CHECK(shop.find("csyh") == Strings{"长沙银行"});
  CHECK(shop.find("zhshsp") == Strings{"中山食品"});
  CHECK(shop.find("fh") == Strings{"福田百货"});
  CHECK(shop.find("福tian百h") == Strings{"福田百货"});
  CHECK(shop.find("hbtf").empty());
  CHECK(shop.find("futianx").empty());
  CHECK(Shop({"A8超市"}).finds("a8cs", "A8超市"));
  CHECK(Shop({"福田（新）百货"}).finds("ftxbh", "福田（新）百货"));
  CHECK(Shop({"福田·百货"}).finds("福田百货", "福田·百货"));
  CHECK(Shop({"Taquería del Mar"}).finds("tdm", "Taquería del Mar"));
  CHECK(Shop({"Taquería del Mar"}).finds("taqdelm", "Taquería del Mar"));
  CHECK_FALSE(Shop({"Taquería del Mar"}).finds("taqmar", "Taquería del Mar"));  // 'del' may not be jumped over
  CHECK_FALSE(Shop({"名字800号"}).finds("名字8号", "名字800号"));
  CHECK_FALSE(Shop({"Taquería"}).finds("tri", "Taquería"));
}

TEST_CASE("search: any part of a name, from one Chinese character", "[sheet][search]") {
  const Shop shop({"深圳福田百货有限公司", "广州百货", "北京饭店"});
  CHECK(shop.find("货") == Strings{"广州百货", "深圳福田百货有限公司"});
  CHECK(shop.find("田百") == Strings{"深圳福田百货有限公司"});
  CHECK(shop.find("深圳福田百货有限公司") == Strings{"深圳福田百货有限公司"});
  CHECK(shop.find("龘").empty());
  CHECK(shop.find("").empty());
  CHECK(shop.find(" \t　").empty());
}

TEST_CASE("search: case, accents and width do not count", "[sheet][search]") {
  const Shop shop({"Antonio Moreno Taquería", "Łódź Café", "ＡＢＣ商店", "Straße 7", "ΑΘΗΝΑ"});
  CHECK(shop.find("Taqueria") == Strings{"Antonio Moreno Taquería"});
  CHECK(shop.find("MORENO") == Strings{"Antonio Moreno Taquería"});
  CHECK(shop.find("lodz cafe") == Strings{"Łódź Café"});
  CHECK(shop.find("café") == Strings{"Łódź Café"});
  CHECK(shop.find("abc") == Strings{"ＡＢＣ商店"});
  CHECK(shop.find("ａｂｃ") == Strings{"ＡＢＣ商店"});
  CHECK(shop.find("strasse") == Strings{"Straße 7"});
  CHECK(shop.find("αθηνα") == Strings{"ΑΘΗΝΑ"});
  CHECK(Shop({"Taqueri\u0301a"}).lit("taqueria") == "Taqueri\u0301a");
  CHECK(Shop({"Taqueri\u0301a"}).lit("taqueri") == "Taqueri\u0301");
}

TEST_CASE("search: phones by tail or part, whatever stands between the digits", "[sheet][search]") {
  SearchIndex index;
  index.add(1, "福田百货", Strings{"0755-83001122", "138 0013 8000"});
  index.add(2, "长沙银行", Strings{"(0731) 1122-9999"});
  index.add(3, "1122便利店", Strings{"+86 139-0000-1234"});
  const auto rows = [&](std::string_view query) {
    std::vector<std::uint32_t> out;
    for (const auto& hit : index.query(query)) out.push_back(hit.row);
    return out;
  };
  using Rows = std::vector<std::uint32_t>;
  CHECK(rows("1122") == Rows{3, 1, 2});  // name, tail, part
  CHECK(rows("8300 1122") == Rows{1});
  CHECK(rows("075583001122") == Rows{1});
  CHECK(index.query("0755-8300-1122").at(0).match == MatchClass::exact);
  CHECK(rows("１３８００１３８０００") == Rows{1});
  CHECK(rows("+86 13800138000") == Rows{1});
  CHECK(rows("008613800138000") == Rows{1});
  CHECK(rows("13900001234") == Rows{3});
  CHECK(rows("0001380").empty());  // digits of two phones never join
  CHECK(rows("1221380").empty());
  CHECK(rows("000") == Rows{});  // three digits are too few for a phone
}

TEST_CASE("search: archive numbers and other texts", "[sheet][search]") {
  SearchIndex index;
  index.add(1, "福田百货", {}, Strings{"张三", "深圳市福田区Lucky大厦"}, "000123");
  index.add(2, "长沙银行", {}, Strings{"李四"}, "SZ-45123");
  CHECK(index.query("123").size() == 2);
  CHECK(index.query("123").at(0) == SearchHit{1, MatchClass::exact, 0, 0});
  CHECK(index.query("sz-45123").at(0).match == MatchClass::exact);
  CHECK(index.query("23").empty());
  CHECK(index.query("张三").at(0) == SearchHit{1, MatchClass::other_text, 0, 0});
  CHECK(index.query("lucky").at(0).row == 1);
  CHECK(index.query("李四").at(0).row == 2);
  CHECK(index.query("三\n深").empty());
}

TEST_CASE("search: better matches stand first, then shorter names, then rows", "[sheet][search]") {
  const Shop shop({"老福田百货店", "福田百货", "福田百货商场", "新福田百货"});
  CHECK(shop.find("福田百货") == Strings{"福田百货", "福田百货商场", "新福田百货", "老福田百货店"});
  CHECK(shop.find("futian") == Strings{"福田百货", "福田百货商场", "新福田百货", "老福田百货店"});
  CHECK(shop.find("ftbh") == Strings{"福田百货", "福田百货商场", "新福田百货", "老福田百货店"});

  const Shop classes({"xlalan", "la lan", "lalan", "拉兰", "新拉兰", "a lalan", "lalans", "拉啊里啊新"});
  CHECK(classes.find("lalan") == Strings{"lalan", "lalans", "a lalan", "xlalan", "拉兰", "la lan", "新拉兰"});
  CHECK(Shop({"福田百货"}).best("福田百货") == MatchClass::exact);
  CHECK(Shop({"福田百货"}).best("福田") == MatchClass::prefix);
  CHECK(Shop({"福田百货"}).best("百") == MatchClass::word_start);
  CHECK(Shop({"abcd"}).best("cd") == MatchClass::substring);
  CHECK(Shop({"福田百货"}).best("futianbaihuo") == MatchClass::pinyin_prefix);
  CHECK(Shop({"福田百货"}).best("baihuo") == MatchClass::pinyin);
  CHECK(Shop({"福田百货"}).best("ftb") == MatchClass::initials_prefix);
  CHECK(Shop({"福田百货"}).best("tbh") == MatchClass::initials);
  CHECK(Shop({"福田百货"}).best("fbh") == MatchClass::scattered);
}

TEST_CASE("search: the limit keeps the best", "[sheet][search]") {
  SearchIndex index;
  for (std::uint32_t i = 0; i < 500; ++i) index.add(i, "新百货" + std::to_string(i));
  index.add(900, "百货");
  const auto hits = index.query("百货", 3);
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].row == 900);
  CHECK(hits[1].row == 0);
  CHECK(hits[2].row == 1);
  CHECK(index.query("百货", 0).empty());
}

TEST_CASE("search: the matched part of the name is marked in its own bytes", "[sheet][search]") {
  const Shop shop({"深圳福田百货有限公司", "Antonio Moreno Taquería (Sur)", "  ﬁnal 店"});
  CHECK(shop.lit("福田") == "福田");
  CHECK(shop.lit("ftbh") == "福田百货");
  CHECK(shop.lit("futianb") == "福田百");
  CHECK(shop.lit("szbh") == "深圳福田百货");
  CHECK(shop.lit("taqueria") == "Taquería");
  CHECK(shop.lit("taqueria (s") == "Taquería (S");
  CHECK(shop.lit("nal") == "nal");
  CHECK(shop.lit("fi") == "ﬁ");
  CHECK(Shop({"ab百货"}).lit("bh") == "百货");
  CHECK(Shop({"曹华安查"}).lit("cha") == "查");  // full pinyin beats initials that stand before it
}

TEST_CASE("search: a changed row is found by its new name only, a removed one not at all", "[sheet][search]") {
  SearchIndex index;
  index.add(1, "福田百货", Strings{"0755-83001122"});
  index.add(2, "长沙银行");
  index.update(1, {"罗湖百货", {}, {}, {}});
  CHECK(index.query("福田").empty());
  CHECK(index.query("1122").empty());
  CHECK(index.query("luohu").at(0).row == 1);
  CHECK(index.remove(2));
  CHECK_FALSE(index.remove(2));
  CHECK(index.query("changsha").empty());
  CHECK(index.size() == 1);
}

TEST_CASE("search: many changes leave neither wrong hits nor garbage", "[sheet][search]") {
  SearchIndex index;
  for (std::uint32_t round = 0; round < 200; ++round) {
    for (std::uint32_t row = 0; row < 50; ++row) {
      const Strings phones = {"0755-8300" + std::to_string(1000 + round)};
      index.add(row, "名字" + std::to_string(round) + "号" + std::to_string(row), phones, Strings{},
                std::to_string(row));
    }
  }
  CHECK(index.size() == 50);
  CHECK(index.query("名字199", 100).size() == 50);
  for (std::uint32_t row = 0; row < 50; ++row) {
    const auto hits = index.query("名字199号" + std::to_string(row));
    REQUIRE_FALSE(hits.empty());
    CHECK(hits[0] == SearchHit{row, MatchClass::exact, 0, hits[0].end});
    CHECK(hits[0].end > 10);
  }
  CHECK(index.query("83001199", 100).size() == 50);
  CHECK(index.query("名字198", 100).empty());
  CHECK(index.memory() < 200'000);
}

TEST_CASE("search: what is left after many removals is found as before", "[sheet][search]") {
  SearchIndex index;
  const auto name = [](std::uint32_t row) { return "名字" + std::to_string(row) + "号"; };
  for (std::uint32_t row = 0; row < 1000; ++row) {
    const std::string number = std::to_string(1000 + row);
    index.add(row, name(row), Strings{"0755-8300" + number}, Strings{"地址" + number}, "A" + number);
  }
  const std::size_t before = index.memory();
  for (std::uint32_t row = 0; row < 700; ++row) index.remove(row);
  CHECK(index.memory() < before);
  for (std::uint32_t row = 0; row < 1000; ++row) {
    const std::string number = std::to_string(1000 + row);
    for (const auto& query : {name(row), "07558300" + number, "a" + number, "地址" + number}) {
      const auto hits = index.query(query);
      REQUIRE(hits.size() == (row < 700 ? 0 : 1));
      if (row >= 700) REQUIRE(hits[0].row == row);
    }
  }
}
