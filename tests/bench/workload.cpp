// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/workload.h"

namespace satchel::bench {

namespace {

constexpr std::size_t kPayloadBytes = 585;  // at least; about 605 in the mean
constexpr std::string_view kDateText = "2026-11-22";
constexpr std::int32_t kYear = 2026;
constexpr std::int32_t kMonth = 11;
constexpr std::uint64_t kPhones = 100'000'000;
constexpr int kEarlierMost = 10;  // days that a visit is planned before its turn

constexpr const char* kPurposes[] = {"visit", "sell", "order", "collect", "complaint", "service", "survey"};
constexpr const char* kNotes[] = {
    "客户反映设备运行稳定",   "希望下月增加两台备用机",      "对价格仍有疑虑需要书面报价", "仓库湿度偏高建议加装除湿",
    "现场人员已完成安全培训", "已更换滤芯并记录读数",        "对方负责人出差由副经理接待", "要求提供英文版说明书",
    "pump pressure in range", "asked for a quote by Friday", "serial plate unreadable",    "wants night shift training",
    "ticket can be closed",   "competitor offers less",      "spare parts damaged",        "network is poor on site"};
constexpr const char* kNext[] = {"周五前发送报价 send the quote", "安排工程师上门 schedule engineer",
                                 "两周后电话回访 call back in two weeks", "提交备件申请 file parts request",
                                 "更新合同草稿 update the draft"};
constexpr const char* kFamily[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"};
constexpr const char* kTrade[] = {"食品", "百货", "建材", "医药", "机电", "服饰", "茶业", "物流"};
constexpr const char* kTown[] = {"上海浦东", "杭州西湖", "成都武侯",   "广州天河",
                                 "西安雁塔", "武汉洪山", "哈尔滨南岗", "乌鲁木齐天山"};

}  // namespace

std::string Workload::number(std::uint64_t below) { return std::to_string(random_() % below); }

RecordChange Workload::visit() {
  const auto month = std::chrono::sys_days(std::chrono::year(kYear) / kMonth / 1);
  const auto day = static_cast<std::int32_t>(month.time_since_epoch().count() + static_cast<int>(random_() % 28));
  return visit({day}, {day + 14});
}

RecordChange Workload::visit(Date on, Date again) {
  RecordChange change;
  change.record = random_id<RecordId>(entropy_);
  change.type = "visit";
  change.version = 1;
  change.ops.push_back({"date", on, {}});
  change.ops.push_back({"purpose", std::string(pick(kPurposes)), {}});
  change.ops.push_back({"next", again, {}});
  change.ops.push_back({"next_step", std::string(pick(kNext)), {}});
  change.ops.push_back(
      {"said", std::string(pick(kFamily)) + "经理 1" + number(10'000'000'000) + "：" + pick(kNotes), {}});
  std::string summary = std::string(pick(kTown)) + number(999) + "号";
  const std::size_t without = payload_bytes(change) + std::string_view(R"(,"summary":"")").size();
  while (without + summary.size() < kPayloadBytes) summary += std::string("；") + pick(kNotes) + " " + number(10'000);
  change.ops.push_back({"summary", std::move(summary), {}});
  return change;
}

std::vector<RecordChange> Workload::visits(std::size_t count) {
  std::vector<RecordChange> out;
  out.reserve(count);
  while (out.size() < count) out.push_back(visit());
  return out;
}

std::vector<RecordChange> Workload::visits(std::size_t count, const Stretch& over) {
  std::vector<RecordChange> out;
  out.reserve(count);
  while (out.size() < count) {
    const auto days = out.size() * static_cast<std::size_t>(over.days) / count;
    const Date on{over.first.days + static_cast<std::int32_t>(days)};
    const auto earlier = static_cast<std::int32_t>(random_() % (kEarlierMost + 1));
    out.push_back(visit(on, {on.days + over.every - earlier}));
  }
  return out;
}

RecordChange Workload::customer(bool with_phone) {
  RecordChange change;
  change.record = random_id<RecordId>(entropy_);
  change.type = "customer";
  change.version = 1;
  change.ops.push_back({"name", std::string(pick(kTown)) + pick(kFamily) + "记" + pick(kTrade) + number(100'000), {}});
  change.ops.push_back({"kind", std::string("company"), {}});
  if (with_phone) change.ops.push_back({"phone", "13" + std::to_string(kPhones + random_() % kPhones), {}});
  return change;
}

std::size_t payload_bytes(const RecordChange& change) {
  // {"id":"…","type":"…","field":"value",…}; nothing in the workload needs escaping.
  std::size_t bytes = std::string_view(R"({"id":"","type":""})").size() + 2 * RecordId::size + change.type.size();
  for (const auto& op : change.ops) {
    const auto* text = std::get_if<std::string>(&op.value);
    bytes +=
        std::string_view(R"(,"":"")").size() + op.field.size() + (text != nullptr ? text->size() : kDateText.size());
  }
  return bytes;
}

std::int32_t workload_month() { return kYear * 12 + kMonth - 1; }

}  // namespace satchel::bench
