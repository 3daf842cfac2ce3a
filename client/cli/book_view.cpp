// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/book_view.h"

#include <boost/json.hpp>

#include "client/cli/attachment_view.h"
#include "client/cli/words.h"
#include "client/field/remarks.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;

std::string span_text(const Frame& frame, Millis off) {
  const bool ahead = off.count() > 0;
  return frame.tr(ahead ? "设备时钟快 " : "设备时钟慢 ", ahead ? "device clock ahead by " : "device clock behind by ") +
         span_word(off, frame.globals().lang);
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  for (auto have = display_width(text); have < width; ++have) out += ' ';
  return out;
}

std::string indented(const std::string& text, std::size_t width) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(width, ' ');
  }
  return out;
}

std::string lines_printable(const std::string& text) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', from)) {
    out += printable(std::string_view(text).substr(from, at - from)) + "\n";
    from = at + 1;
  }
  return out + printable(std::string_view(text).substr(from));
}

// Who and when, or all the values that stand side by side; and what is to be said of them (remarks.h).
std::string given_text(const Frame& frame, holder::Book& book, const field::ShownRecord& record,
                       const field::ShownField& shown) {
  const auto by = [&](const field::GivenValue& g) {
    const auto remark = printable(field::remark_on(book, record, *shown.field, g));
    return "  (" + book.person_name(g.person) + " " + moment(g.claimed) + ")" + (remark.empty() ? "" : "  " + remark);
  };
  std::string out;
  const bool several = shown.given.size() > 1;
  if (!several && !shown.given.empty()) out = by(shown.given.front());
  if (shown.corrected) out += frame.tr("  已更正", "  corrected");
  if (!several) return out;
  if (shown.contested) out += frame.tr("  ⚑ 有冲突", "  ⚑ conflict");
  std::size_t number = 0;
  for (const auto& g : shown.given) {
    out += "\n" + std::string(6, ' ') + (shown.contested ? std::to_string(++number) + ") " : "· ") + printable(g.text) +
           by(g);
  }
  return out;
}

std::string field_line(const Frame& frame, holder::Book& book, const field::ShownRecord& record,
                       const field::ShownField& shown, std::size_t width) {
  const bool log = shown.field->merge == MergePolicy::log && shown.given.size() > 1;
  const std::string text = log ? std::string() : indented(lines_printable(shown.text), width + 4);
  return "  " + padded(shown.field->label.in(book.lang()), width) + "  " + text +
         given_text(frame, book, record, shown) + "\n";
}

std::string part_text(const Frame& frame, const field::EventPart& part) {
  std::string out = part.label;
  if (!part.title.empty()) out += " " + part.title;
  if (part.standing == "withdrawn")
    return out + frame.tr(" 撤回", " withdrawn") + (part.reason.empty() ? "" : " (" + part.reason + ")");
  if (part.standing == "in_force") out += frame.tr(" 恢复", " restored");
  constexpr std::size_t kFieldsNamed = 6;
  const std::span named = std::span(part.fields).first(std::min(part.fields.size(), kFieldsNamed));
  if (!named.empty())
    out +=
        frame.tr("：", ": ") + join_list(named, frame.globals().lang) + (part.fields.size() > kFieldsNamed ? " …" : "");
  if (!part.reason.empty()) out += frame.tr("；原因：", "; reason: ") + part.reason;
  return out;
}

}  // namespace

int with_book(const Frame& frame, const std::function<Result<int>(holder::Book&)>& work,
              const std::optional<node::Days>& asked) {
  int code = 0;
  const auto device = frame.open(code, asked);
  if (!device) return code;
  holder::Book book(*device, frame.globals().lang);
  if (const auto fresh = book.refresh(); !fresh) return frame.explain(fresh.error());
  const auto done = work(book);
  return done ? *done : frame.explain(done.error());
}

Result<std::vector<field::Typed>> split_fields(const std::vector<std::string>& options) {
  std::vector<field::Typed> out;
  for (const auto& option : options) {
    const auto at = option.find('=');
    if (at == std::string::npos || at == 0) return fail(ErrorKind::usage, "usage.field", option);
    out.push_back({option.substr(0, at), option.substr(at + 1)});
    if (std::ranges::count(out, out.back().field, &field::Typed::field) > 1)
      return fail(ErrorKind::usage, "usage.field-twice", out.back().field);
  }
  return out;
}

Result<Date> parse_day(holder::Book& book, std::string_view text) {
  const auto day = parse_day_said(text, date_of(book.device().clock().wall(), kChinaZoneMinutes));
  if (!day) return fail(ErrorKind::usage, "usage.day", std::string(text));
  return *day;
}

Result<std::vector<PersonId>> find_people(holder::Book& book, const std::vector<std::string>& names) {
  std::vector<PersonId> out;
  for (const auto& name : names) {
    SATCHEL_GET(person, book.find_person(name));
    out.push_back(person);
  }
  return out;
}

std::string badge(const Frame& frame, node::Reached reached) {
  switch (reached) {
    case node::Reached::here_only:
      return frame.tr("○ 仅本机", "○ only here");
    case node::Reached::branch:
      return frame.tr("◐ 已到分部", "◐ at branch");
    case node::Reached::headquarters:
      return frame.tr("● 已到总部", "● at HQ");
  }
  return {};
}

std::string moment(WallTime time) { return time.ms == 0 ? "-" : format_time(time, kChinaZoneMinutes); }

std::string day_text(const Frame& frame, Date date) {
  static constexpr std::string_view kZh[] = {"日", "一", "二", "三", "四", "五", "六"};
  static constexpr std::string_view kEn[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto weekday = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(date.days))).c_encoding();
  return format_date(date) +
         (frame.globals().lang == Lang::zh ? " 周" + std::string(kZh[weekday]) : " " + std::string(kEn[weekday]));
}

std::string people_text(holder::Book& book, const std::vector<PersonId>& people) {
  std::vector<std::string> out;
  for (const auto& p : people) out.push_back(book.person_name(p));
  return join_list(out, book.lang());
}

// ---- json ----

json::value value_json(const Value& value) {
  if (empty(value)) return nullptr;
  if (const auto* yes = std::get_if<bool>(&value)) return *yes;
  if (const auto* n = std::get_if<std::int64_t>(&value)) return *n;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    json::array out;
    for (const auto& s : *list) out.emplace_back(s);
    return out;
  }
  return json::value(format_value(value));  // decimals as exact text
}

json::array people_json(holder::Book& book, const std::vector<PersonId>& people) {
  json::array out;
  for (const auto& person : people) out.emplace_back(book.person_name(person));
  return out;
}

json::object customer_json(const holder::CustomerRef& customer) {
  json::object out;
  out["archive"] = customer.archive.hex();
  out["record"] = customer.card.hex();
  out["number"] = customer.number;
  out["provisional"] = customer.provisional;
  out["name"] = customer.name;
  return out;
}

json::object saved_json(const field::Saved& saved) {
  json::object out;
  out["ok"] = true;
  out["type"] = saved.type;
  out["id"] = saved.record.hex();
  out["archive"] = saved.archive.hex();
  if (!saved.number.empty()) {
    out["number"] = saved.number;
    out["provisional"] = saved.provisional;
  }
  out["held"] = saved.held;
  out["unchanged"] = saved.unchanged;
  return out;
}

json::object record_json(holder::Book& book, const field::ShownRecord& record) {
  static constexpr std::string_view kStandings[] = {"in_force", "withdrawn", "binned"};
  json::object out, fields;
  out["id"] = record.place.record.hex();
  out["archive"] = record.place.info.id.hex();
  out["type"] = record.type;
  out["version"] = record.version;
  out["author"] = book.person_name(record.author);
  out["created"] = moment(record.created);
  out["standing"] = kStandings[static_cast<std::size_t>(record.standing)];
  out["reached"] = field::reached_name(record.reached);
  out["held"] = record.held;
  for (const auto& shown : record.fields) {
    json::object one;
    one["label"] = shown.field->label.in(book.lang());
    one["text"] = shown.text;
    one["contested"] = shown.contested;
    one["corrected"] = shown.corrected;
    one["masked"] = shown.masked;
    json::array given;
    for (const auto& g : shown.given) {
      given.push_back(json::object{{"value", value_json(g.value)},
                                   {"text", g.text},
                                   {"person", book.person_name(g.person)},
                                   {"time", moment(g.claimed)},
                                   {"remark", field::remark_on(book, record, *shown.field, g)}});
    }
    one["given"] = std::move(given);
    fields[shown.field->id] = std::move(one);
  }
  for (const auto& [name, text] : record.unknown) fields[name] = json::object{{"text", text}};
  out["fields"] = std::move(fields);
  json::array attachments;
  for (const auto& a : record.attachments) attachments.push_back(attachment_json(book, a));
  out["attachments"] = std::move(attachments);
  return out;
}

json::object event_json(holder::Book& book, const field::Event& event) {
  static constexpr std::string_view kJudgements[] = {"in_force", "held", "refused", "foreign"};
  json::object out;
  out["entry"] = event.hash.hex();
  out["node"] = event.header.chain.node.hex();
  out["incarnation"] = event.header.chain.incarnation;
  out["seq"] = event.header.seq;
  out["person"] = book.person_name(event.person);
  out["claimed"] = event.unread.empty() ? json::value(moment(event.claimed)) : json::value(nullptr);
  out["received"] = event.received ? json::value(moment(*event.received)) : json::value(nullptr);
  json::array stamps;
  for (const auto& [hub, time] : event.stamps) stamps.push_back(json::object{{"hub", hub}, {"time", moment(time)}});
  out["stamps"] = std::move(stamps);
  out["skew_ms"] = event.skew ? json::value(event.skew->count()) : json::value(nullptr);
  out["judgement"] = kJudgements[static_cast<std::size_t>(event.judgement)];
  out["reached"] = field::reached_name(event.reached);
  if (!event.unread.empty()) out["unread"] = event.unread;
  json::array parts;
  for (const auto& part : event.parts) {
    json::object one{{"record", part.record.hex()}, {"type", part.type}, {"title", part.title}};
    json::array fields;
    for (const auto& f : part.fields) fields.emplace_back(f);
    one["fields"] = std::move(fields);
    if (!part.reason.empty()) one["reason"] = part.reason;
    if (!part.standing.empty()) one["standing"] = part.standing;
    parts.push_back(std::move(one));
  }
  out["records"] = std::move(parts);
  return out;
}

// ---- for people ----

std::string record_text(const Frame& frame, holder::Book& book, const field::ShownRecord& record) {
  std::string out;
  std::size_t width = 0;
  for (const auto& shown : record.fields)
    width = std::max(width, std::min<std::size_t>(24, display_width(shown.field->label.in(book.lang()))));
  const auto group_lines = [&](const std::string& group) {
    std::string lines;
    for (const auto& shown : record.fields) {
      if (shown.field->group == group) lines += field_line(frame, book, record, shown, width);
    }
    return lines;
  };
  if (record.form != nullptr) {
    for (const auto& group : record.form->groups) {
      if (const auto lines = group_lines(group.id); !lines.empty())
        out += "[" + group.label.in(book.lang()) + "]\n" + lines;
    }
  }
  if (const auto lines = group_lines({}); !lines.empty()) {
    if (!out.empty()) out += frame.tr("[其他]\n", "[Other]\n");
    out += lines;
  }
  for (const auto& [name, text] : record.unknown) out += "  " + name + "  " + printable(text) + "\n";
  if (!record.attachments.empty())
    out += frame.tr("[附件]\n", "[Attachments]\n") + attachments_text(frame, book, record.attachments);
  if (record.standing == merge::RecordStanding::withdrawn) out += frame.tr("  已撤回\n", "  withdrawn\n");
  if (!record.reason.empty()) out += frame.tr("  更正原因：", "  Reason given: ") + printable(record.reason) + "\n";
  if (record.held > 0)
    out += (record.only_held ? frame.tr("  ⚑ 待裁定，尚未生效：", "  ⚑ Held for a verdict, not in force yet: ")
                             : frame.tr("  另有待裁定的改动：", "  Changes held for a verdict: ")) +
           std::to_string(record.held) + "\n";
  return out;
}

std::string judgement_text(const Frame& frame, Judgement judgement) {
  switch (judgement) {
    case Judgement::in_force:
      return frame.tr("有效", "in force");
    case Judgement::held:
      return frame.tr("待裁定", "held");
    case Judgement::refused:
      return frame.tr("已拒绝", "refused");
    case Judgement::foreign:
      return frame.tr("无权", "foreign");
  }
  return {};
}

std::string event_line(const Frame& frame, holder::Book& book, const field::Event& event) {
  std::string what;
  for (const auto& part : event.parts) what += (what.empty() ? "" : frame.tr("；", "; ")) + part_text(frame, part);
  const auto before = [&](const std::string& word) { what = word + (what.empty() ? "" : frame.tr("，", ", ") + what); };
  if (event.opening) before(frame.tr("建档", "opened"));
  if (event.new_key) before(frame.tr("换新密钥", "new key"));
  if (event.unread == "keyring.no-key")
    what = frame.tr("（对您不开放：密钥不在本机）", "(closed to you: its key is not here)");
  else if (!event.unread.empty())
    what = frame.tr("（内容无法读取：", "(cannot be read: ") + event.unread + frame.tr("）", ")");
  std::string out = "  " + (event.unread.empty() ? moment(event.claimed) : std::string(16, ' ')) + "  " +
                    padded(book.person_name(event.person), 8) + "  " + printable(what);
  out += "  [" +
         (event.received ? frame.tr("收到 ", "received ") + moment(*event.received) : badge(frame, event.reached)) +
         "]";
  if (event.skew) out += "  ⚠ " + span_text(frame, *event.skew);
  if (event.judgement != Judgement::in_force) out += "  ⚑ " + judgement_text(frame, event.judgement);
  return out;
}

void remark_masked(const Frame& frame, std::size_t fields) {
  if (fields == 0) return;
  frame.note(frame.tr("敏感内容未显示：", "Sensitive fields not shown: ") + std::to_string(fields) +
             frame.tr(" 项。加 --reveal 显示，会登记。", ". Add --reveal to see them; it is noted."));
}

void remark_saved(const Frame& frame, const field::Saved& saved) {
  if (saved.closed) {
    frame.note(frame.tr("此档案已结案；已照样记下。若又往来，请用 `satchel customer reopen` 重新启用。",
                        "This archive is closed; it was recorded all the same. If business goes on, reopen it with "
                        "`satchel customer reopen`."));
  }
  if (saved.provisional) {
    frame.note(
        frame.tr("编号暂定：本机的号段已用完，下次同步后自动取得正式编号。",
                 "The number is provisional: this device's range is used up; the next sync brings the final one."));
  }
  if (saved.held) {
    frame.note(frame.tr("已保存，但您对此档案的权限已被收回：须经主管裁定后才生效。",
                        "Saved, but your right to this archive was taken back: it counts once a manager admits it."));
  }
}

}  // namespace satchel::cli
