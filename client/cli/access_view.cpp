// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/access_view.h"

#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/words.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;

std::string step_text(const Frame& frame, const field::GrantStep& step, const field::GrantWish& wish) {
  std::string out = "  " + printable(step.customer.name) + " (" + step.customer.number + ")" + frame.tr("：", ": ");
  if (step.new_epoch) {
    const std::string from = format_date(*wish.from);
    out += frame.tr("只有从现在起的新记录。" + from +
                        " 落在现用密钥的期间里，所以先换一把新密钥；换钥之前的记录，"
                        "包括 " +
                        from + " 之后的，都读不到。",
                    "only what is recorded from now on. " + from +
                        " falls into the time of the key in use, so a new key is begun first; what was recorded "
                        "before that, also since " +
                        from + ", stays closed.");
  } else if (step.since.ms != 0) {
    out += frame.tr(
        "自 " + moment(step.since) + " 起的记录（密钥第 " + std::to_string(step.epoch) + " 期）；更早的读不到。",
        "what was recorded since " + moment(step.since) + " (key epoch " + std::to_string(step.epoch) +
            "); nothing older.");
  } else {
    out += frame.tr("全部历史。", "the whole history.");
  }
  if (step.new_epoch || step.since.ms != 0)
    out += wish.with_name ? frame.tr("另给客户名称和编号。", " The customer's name and number as well.")
                          : frame.tr("客户卡片（名称、电话）写于更早，也读不到；要给名称，加 --with-name。",
                                     " The card (name, phones) was written before and stays closed, too; add "
                                     "--with-name to give the name.");
  if (step.before)
    out += frame.tr("取代现有的授权（", " It takes the place of a grant (") + rights_word(frame, step.before->rights) +
           frame.tr("，至 ", ", until ") + last_day_word(step.before->expiry) + frame.tr("）。", ").");
  return out;
}

std::string why_word(const Frame& frame, const field::AccessLine& line) {
  switch (line.why) {
    case Why::owner:
      return frame.tr("负责人", "owner");
    case Why::role:
      return frame.tr("职务", "role");
    case Why::grant:
      return frame.tr("授权", "grant");
  }
  return {};
}

std::string state_text(const Frame& frame, holder::Book& book, const field::AccessLine& line) {
  switch (line.state) {
    case field::AccessState::in_force:
      return line.ends_soon ? frame.tr("有效 ⚑ 即将到期", "in force ⚑ ends soon") : frame.tr("有效", "in force");
    case field::AccessState::pending:
      return frame.tr("待总部处理", "pending at HQ");
    case field::AccessState::ended:
      return frame.tr("已收回 ", "ended ") + moment(line.ended) + " " + book.person_name(line.ended_by);
    case field::AccessState::over:
      return frame.tr("已到期 ", "expired ") + moment(line.ended);
  }
  return {};
}

}  // namespace

std::string_view rights_name(GrantRights rights) { return rights == GrantRights::write ? "write" : "read"; }

std::string rights_word(const Frame& frame, GrantRights rights) {
  return rights == GrantRights::write ? frame.tr("读写", "reads and writes") : frame.tr("只读", "reads");
}

std::string last_day_word(WallTime end) { return end.ms == 0 ? "-" : format_date(field::last_day_before(end)); }

std::string grant_text(const Frame& frame, holder::Book& book, const field::GrantPlan& plan) {
  const auto& wish = plan.wish;
  std::string out = book.person_name(wish.to) + frame.tr(" 将能", " will ") +
                    (wish.rights == GrantRights::write ? frame.tr("读写", "read and write") : frame.tr("读", "read")) +
                    (plan.expiry.ms != 0 ? frame.tr("，到 ", ", until ") + last_day_word(plan.expiry) +
                                               frame.tr(" 当天为止", " inclusive")
                                         : std::string{}) +
                    frame.tr("：", ":") + "\n";
  for (const auto& step : plan.steps) out += step_text(frame, step, wish) + "\n";
  for (const auto& left : plan.left_out)
    out += "  " + printable(left.name) + " (" + left.number + ")" +
           frame.tr("：不包括，这一份不归您授权。", ": not included; it is not yours to give.") + "\n";
  out.pop_back();
  return out;
}

std::string take_back_text(const Frame& frame, holder::Book& book, const field::TakeBack& plan) {
  std::string out = frame.tr("将收回 ", "Would take back from ") + book.person_name(plan.from) + frame.tr(" 的：", ":");
  for (const auto& one : plan.endings) {
    out += "\n  " + printable(one.customer.name) + " (" + one.customer.number + ")" + frame.tr("：", ": ") +
           rights_word(frame, one.grant.rights) +
           (one.grant.expiry.ms != 0 ? frame.tr("，到 ", ", until ") + last_day_word(one.grant.expiry) : std::string{});
  }
  for (const auto& left : plan.left_out)
    out += "\n  " + printable(left.name) + " (" + left.number + ")" +
           frame.tr("：不包括，这一份不归您收回。", ": not included; it is not yours to take back.");
  return out;
}

json::object take_back_json(holder::Book& book, const field::TakeBack& plan) {
  json::array grants, left_out;
  for (const auto& one : plan.endings) {
    auto grant = customer_json(one.customer);
    grant["rights"] = rights_name(one.grant.rights);
    grant["until"] = one.grant.expiry.ms != 0 ? json::value(last_day_word(one.grant.expiry)) : json::value(nullptr);
    grants.push_back(std::move(grant));
  }
  for (const auto& left : plan.left_out) left_out.push_back(customer_json(left));
  return {{"person", book.person_name(plan.from)},
          {"archives", plan.endings.size()},
          {"grants", std::move(grants)},
          {"left_out", std::move(left_out)}};
}

json::object grant_json(holder::Book& book, const field::GrantPlan& plan) {
  json::array archives, left_out;
  for (const auto& step : plan.steps) {
    auto one = customer_json(step.customer);
    one["reads"] = step.new_epoch ? "from_now_on" : step.since.ms != 0 ? "since" : "everything";
    one["since"] = step.since.ms != 0 ? json::value(moment(step.since)) : json::value(nullptr);
    one["epoch"] = step.epoch;
    one["new_key"] = step.new_epoch;
    archives.push_back(std::move(one));
  }
  for (const auto& left : plan.left_out) left_out.push_back(customer_json(left));
  const auto& wish = plan.wish;
  return {{"person", book.person_name(wish.to)},
          {"rights", rights_name(wish.rights)},
          {"from", wish.from ? json::value(format_date(*wish.from)) : json::value(nullptr)},
          {"until", plan.expiry.ms != 0 ? json::value(last_day_word(plan.expiry)) : json::value(nullptr)},
          {"archives", std::move(archives)},
          {"left_out", std::move(left_out)}};
}

std::vector<TableColumn> access_columns(const Frame& frame) {
  return {{frame.tr("编号", "Number"), false, 14}, {frame.tr("客户", "Customer"), false, 30},
          {frame.tr("谁", "Who"), false, 20},      {frame.tr("凭", "By"), false, 8},
          {frame.tr("权限", "Right"), false, 36},  {frame.tr("可读自", "Reads since"), false, 16},
          {frame.tr("至", "Until"), false, 10},    {frame.tr("授权人", "Given by"), false, 24},
          {frame.tr("状态", "State"), false, 30}};
}

std::vector<std::string> access_cells(const Frame& frame, holder::Book& book, const field::AccessLine& line) {
  const auto& directory = *book.directory();
  const bool hq = line.audience == hq_audience(directory.org());
  std::string right = rights_word(frame, line.writes ? GrantRights::write : GrantRights::read);
  if (hq) right += frame.tr("（审计只读）", " (auditors read)");
  return {line.customer.number,
          line.customer.name,
          audience_word(directory, line.audience, frame.globals().lang),
          why_word(frame, line),
          std::move(right),
          line.since.ms != 0 ? moment(line.since) : frame.tr("开始", "the beginning"),
          last_day_word(line.until),
          line.why == Why::grant ? book.person_name(line.by) + " " + moment(line.given) : "-",
          state_text(frame, book, line)};
}

json::object access_json(const Frame& frame, holder::Book& book, const field::AccessLine& line) {
  static constexpr std::string_view kWhys[] = {"owner", "role", "grant"};
  auto out = customer_json(line.customer);
  out["who"] = audience_word(*book.directory(), line.audience, frame.globals().lang);
  out["why"] = kWhys[static_cast<std::size_t>(line.why)];
  out["rights"] = rights_name(line.writes ? GrantRights::write : GrantRights::read);
  out["since"] = line.since.ms != 0 ? json::value(moment(line.since)) : json::value(nullptr);
  out["until"] = line.until.ms != 0 ? json::value(last_day_word(line.until)) : json::value(nullptr);
  if (line.why == Why::grant) {
    out["given_by"] = book.person_name(line.by);
    out["given"] = moment(line.given);
    out["ends_soon"] = line.ends_soon;
  }
  if (line.ended.ms != 0) out["ended"] = moment(line.ended);
  out["state"] = field::state_name(line.state);
  return out;
}

}  // namespace satchel::cli
