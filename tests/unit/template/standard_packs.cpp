// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fstream>
#include <set>
#include <sstream>

#include "schema/template/field_text.h"
#include "schema/template/report.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using namespace satchel::test;

TEST_CASE("packs: the built-in texts are the files, byte for byte", "[packs]") {
  REQUIRE(standard_packs().size() >= 4);
  for (const auto& [name, text] : standard_packs()) {
    std::ifstream file("schema/packs/" + std::string(name), std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    INFO(name);
    REQUIRE(content.str() == text);
  }
}

TEST_CASE("packs: every standard pack reads and lints clean beside the others", "[packs]") {
  const Catalogue all = standard_catalogue();
  for (const auto& [name, text] : standard_packs()) {
    const Pack pack = pack_of(text);
    const auto findings = lint_pack(pack, nullptr, &all);
    for (const auto& f : findings) UNSCOPED_INFO(name << ": " << f.where << " " << f.code << " " << f.message.en);
    REQUIRE(findings.empty());
  }
}

TEST_CASE("packs: every system's pack reads and lints clean beside all others", "[packs]") {
  Catalogue all = standard_catalogue();
  for (const auto& [name, text] : system_packs()) all.add(pack_of(text));
  REQUIRE(system_packs().size() == 26);
  for (const auto& [name, text] : system_packs()) {
    const auto findings = lint_pack(pack_of(text), nullptr, &all);
    for (const auto& f : findings) UNSCOPED_INFO(name << ": " << f.where << " " << f.code << " " << f.message.en);
    CHECK(findings.empty());
  }
}

TEST_CASE("packs: the forms and reports the programs name are there", "[packs]") {
  const Catalogue all = standard_catalogue();
  for (const auto id :
       {"customer", "contact", "order", "order_line", "visit", "rep_daily_report", "supervisor_daily_report", "task"}) {
    INFO(id);
    REQUIRE(all.find_template(id));
  }
  for (const auto id : {"daily-visits", "supervisor-daily-visits", "customer-register", "visits-by-branch",
                        "orders-by-person", "orders-by-country"}) {
    INFO(id);
    REQUIRE(all.find_report(id));
  }
  REQUIRE(all.find_template("customer")->single);
  REQUIRE(all.find_template("rep_daily_report")->lives_in(RecordScope::person));
  // Handovers leave such a task.
  REQUIRE(all.find_template("task")->field("kind")->choice("notify_customer"));
  REQUIRE(all.find_template("task")->retention == Retention{366, false});
  REQUIRE(all.numbering(RecordScope::customer).prefix == "K");
}

TEST_CASE("packs: policies follow what may be lost and what may not", "[packs]") {
  const Catalogue all = standard_catalogue();
  REQUIRE(all.merge_policy("customer", "phone") == MergePolicy::latest);
  REQUIRE(all.merge_policy("customer", "address") == MergePolicy::latest);
  REQUIRE(all.merge_policy("customer", "grade") == MergePolicy::review);
  REQUIRE(all.merge_policy("customer", "credit_limit") == MergePolicy::review);
  REQUIRE(all.merge_policy("customer", "tags") == MergePolicy::set);
  REQUIRE(all.merge_policy("customer", "notes") == MergePolicy::log);
  REQUIRE(all.merge_policy("customer", "no_such_field") == MergePolicy::latest);
  REQUIRE(all.merge_policy("no_such_template", "x") == MergePolicy::latest);
  const Template& visit = *all.find_template("visit");
  REQUIRE(visit.field("summary")->permission == Permission::fixed);
  REQUIRE(visit.field("comments")->permission == Permission::anyone);
  REQUIRE(all.find_template("customer")->field("credit_limit")->sensitivity == Sensitivity::sensitive);
}

// The three cases of the supervisors' report: the first two must name whom they accompanied.
TEST_CASE("packs: a supervisor's report names whom it accompanied, unless alone", "[packs]") {
  const Catalogue all = standard_catalogue();
  const Template& form = *all.find_template("supervisor_daily_report");
  FieldMap record{{"date", Date{20000}},
                  {"case", std::string("branch_with_rep")},
                  {"customers", std::vector<std::string>{"福田百货"}},
                  {"summary", std::string("拜访")}};
  auto problems = validate(form, record, Lang::zh);
  REQUIRE(problems.size() == 1);
  REQUIRE(problems[0].field == "with");
  REQUIRE(problems[0].code == "field.missing");
  record["case"] = std::string("branch_alone");
  REQUIRE(validate(form, record, Lang::zh).empty());
  record["case"] = std::string("sales_manager_with_branch");
  record["with"] = std::vector<std::string>{"乙"};
  REQUIRE(validate(form, record, Lang::zh).empty());
}

TEST_CASE("packs: labels of the basic card are the regulation's words", "[packs]") {
  const Catalogue all = standard_catalogue();
  std::set<std::string> labels;
  for (const auto& f : all.find_template("customer")->fields) labels.insert(f.label.zh);
  for (const auto* word : {"客户名称",     "客户类型",     "法定代表人或法人代表",
                           "成立日期",     "注册资本",     "经营范围",
                           "所属行业",     "地址",         "邮编",
                           "电话",         "传真",         "联系人",
                           "联系方式",     "邮件",         "性别",
                           "年龄",         "职业",         "需求",
                           "业务往来记录", "合同协议",     "反馈",
                           "投诉记录",     "信用等级",     "信用额度",
                           "付款记录",     "欠款情况",     "产品结构",
                           "市场竞争状况", "市场竞争能力", "与我方交易状况",
                           "资信能力",     "市场容量",     "经营业绩",
                           "客户组织结构", "竞争对手状况"}) {
    INFO(word);
    REQUIRE(labels.contains(word));
  }
}
