// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/conflicts.h"
#include "client/field/held.h"
#include "client/field/masking.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/reading_note.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

// ---- conflicts ----

json::array given_json(Book& book, const std::vector<field::GivenValue>& values) {
  json::array out;
  for (const auto& v : values) {
    out.push_back(json::object{{"value", value_json(v.value)},
                               {"text", v.text},
                               {"person", book.person_name(v.person)},
                               {"time", moment(v.claimed)}});
  }
  return out;
}

json::object dispute_json(Book& book, const field::Dispute& dispute) {
  json::object out;
  out["record"] = dispute.place.record.hex();
  out["archive"] = dispute.place.info.id.hex();
  out["type"] = dispute.form->id;
  out["customer"] = book.archive_name(dispute.place.info.id);
  json::array fields;
  for (const auto& f : dispute.fields) {
    fields.push_back(json::object{{"field", f.field->id},
                                  {"label", f.field->label.in(book.lang())},
                                  {"values", given_json(book, f.values)},
                                  {"original", given_json(book, f.original)}});
  }
  out["fields"] = std::move(fields);
  return out;
}

void say_dispute(const Frame& frame, Book& book, const field::Dispute& dispute) {
  frame.say("⚑ " + printable(book.archive_name(dispute.place.info.id)) + "  " + dispute.form->label.in(book.lang()) +
            (dispute.place.record == dispute.customer.card ? "" : " " + printable(dispute.title)) + "  " +
            holder::short_id(dispute.place.record));
  for (const auto& f : dispute.fields) {
    frame.say("  " + f.field->label.in(book.lang()) + " (" + f.field->id + ")");
    for (const auto& o : f.original)
      frame.say(frame.tr("     原值  ", "     original  ") + printable(o.text) + "  (" + book.person_name(o.person) +
                " " + moment(o.claimed) + ")");
    std::size_t number = 0;
    for (const auto& v : f.values) {
      const std::string text = v.text.empty() ? frame.tr("（清除）", "(cleared)") : printable(v.text);
      frame.say("     " + std::to_string(++number) + ") " + text + "  (" + book.person_name(v.person) + " " +
                moment(v.claimed) + ")");
    }
  }
}

Result<int> list_conflicts(const Frame& frame, Book& book, bool reveal, const std::string& purpose) {
  SATCHEL_GET(disputes, field::list_disputes(book));
  std::size_t sensitive = 0;
  std::vector<ArchiveId> archives, revealed;
  for (auto& d : disputes) {
    archives.push_back(d.place.info.id);
    const auto fields = field::sensitive_fields(d);
    if (fields > 0) revealed.push_back(d.place.info.id);
    sensitive += fields;
    if (!reveal) field::mask(d);
  }
  if (reveal && sensitive > 0)
    SATCHEL_TRY(holder::note_reading(book, {"sensitive", "conflicts", purpose, sensitive, std::move(revealed)}));
  SATCHEL_TRY(field::note_opening(book, archives, "conflicts", purpose));
  json::array out;
  for (const auto& d : disputes) {
    out.push_back(dispute_json(book, d));
    say_dispute(frame, book, d);
  }
  frame.print(json::object{{"conflicts", std::move(out)}});
  if (!reveal) remark_masked(frame, sensitive);
  frame.say(disputes.empty()
                ? frame.tr("没有冲突。", "No conflicts.")
                : frame.tr("用 conflicts resolve 记录 字段 --keep 序号（或 --value 值）--reason 原因 来决定。",
                           "Decide with: conflicts resolve RECORD FIELD --keep N (or --value V) --reason R"));
  return kOk;
}

Result<int> resolve_conflict(const Frame& frame, Book& book, const field::Resolution& resolution) {
  SATCHEL_GET(resolved, field::resolve_dispute(book, resolution));
  auto out = saved_json(resolved.saved);
  out["text"] = resolved.text;
  frame.print(out);
  frame.say(frame.tr("已决定，现为：", "Decided; it is now: ") + printable(resolved.text));
  remark_saved(frame, resolved.saved);
  return kOk;
}

void add_conflicts(CLI::App& app, Frame& frame) {
  auto* conflicts = app.add_subcommand(
      "conflicts",
      frame.tr("有冲突的字段：谁写了什么，由人决定", "Fields in conflict: who wrote what, for a person to decide"));
  conflicts->require_subcommand(0, 1);
  conflicts->footer(frame.example("satchel --vault rep conflicts"));
  struct Look {
    bool reveal = false;
    std::string purpose;
  };
  auto look = std::make_shared<Look>();
  conflicts->add_flag("--reveal", look->reveal,
                      frame.tr("显示敏感内容；会登记", "Show what is sensitive; it is noted"));
  conflicts->add_option("--purpose", look->purpose, frame.tr("查阅的用途", "What for"));
  conflicts->preparse_callback([&frame, look](std::size_t) {
    frame.choose([&frame, look] {
      return with_book(frame, [&](Book& b) { return list_conflicts(frame, b, look->reveal, look->purpose); });
    });
  });
  struct Options {
    field::Resolution resolution;
    std::string value;
  };
  auto options = std::make_shared<Options>();
  auto* resolve = conflicts->add_subcommand("resolve", frame.tr("决定一个字段", "Decide one field"));
  resolve
      ->add_option("record", options->resolution.record,
                   frame.tr("记录号的开头，或客户", "The beginning of the record's id, or the customer"))
      ->required();
  resolve->add_option("field", options->resolution.field, frame.tr("字段", "Field"))->required();
  resolve->add_option("--keep", options->resolution.keep, frame.tr("保留第几个值", "Keep the value of this number"));
  auto* value = resolve->add_option("--value", options->value, frame.tr("另定一个值", "Set another value"));
  resolve->add_option("--reason", options->resolution.reason, frame.tr("原因", "Reason"))->required();
  resolve->footer(
      frame.example("satchel --vault manager conflicts resolve 福田百货 credit_limit --keep 2 --reason 与财务核对"));
  resolve->callback([&frame, options, value] {
    if (value->count() > 0) options->resolution.value = options->value;
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return resolve_conflict(frame, b, options->resolution); });
    });
  });
}

// ---- held ----

std::string_view verdict_name(VerdictChoice choice) { return choice == VerdictChoice::admit ? "admit" : "refuse"; }

json::object held_json(Book& book, const field::HeldEntry& entry) {
  auto out = event_json(book, entry.event);
  out["id"] = entry.id();
  out["archive"] = entry.archive.hex();
  out["customer"] = entry.archive_name;
  json::array says;
  for (const auto& [label, text] : entry.says) says.push_back(json::object{{"field", label}, {"text", text}});
  out["says"] = std::move(says);
  out["prepared"] = nullptr;
  if (const auto& p = entry.prepared)
    out["prepared"] = json::object{{"verdict", verdict_name(p->choice)},
                                   {"state", "pending"},
                                   {"statement", p->statement.hex()},
                                   {"time", moment(p->claimed)}};
  return out;
}

// Of one that was decided here already.
std::string prepared_text(const Frame& frame, const field::HeldEntry& entry) {
  if (!entry.prepared) return {};
  return "  " + (entry.prepared->choice == VerdictChoice::admit
                     ? frame.tr("〔已准备准许，待总部处理〕", "[admit, pending at HQ]")
                     : frame.tr("〔已准备拒绝，待总部处理〕", "[refuse, pending at HQ]"));
}

Result<int> list_held(const Frame& frame, Book& book) {
  SATCHEL_GET(held, field::list_held(book));
  json::array out;
  for (const auto& entry : held) {
    out.push_back(held_json(book, entry));
    frame.say("⚑ " + entry.id() + "  " + printable(entry.archive_name) + "  " + book.person_name(entry.event.person) +
              "  " + moment(entry.event.claimed) +
              (entry.event.received ? frame.tr("  收到 ", "  received ") + moment(*entry.event.received) : "") +
              prepared_text(frame, entry));
    for (const auto& [label, text] : entry.says) frame.say("     " + label + "  " + cut_to_width(printable(text), 100));
  }
  frame.print(json::object{{"held", std::move(out)}});
  frame.say(
      held.empty()
          ? frame.tr("没有待裁定的记录。", "Nothing is held.")
          : frame.tr("用 held show 编号 看依据，held admit 编号 或 held refuse 编号 裁定；编号可以是条目、客户或 all。",
                     "Look with: held show ID; decide with: held admit ID or held refuse ID; ID is an entry, a "
                     "customer or 'all'."));
  return kOk;
}

// ---- held show ----

std::string restriction_text(const Frame& frame, Book& book, const field::Restriction& r) {
  if (r.ran_out) return frame.tr("授权到期 ", "a grant ran out ") + moment(r.time);
  const std::string place = r.pending ? frame.tr("待总部处理", "pending at HQ") : position_text(r.said.at);
  return statement_word(r.kind, frame.globals().lang) + "  " + book.person_name(r.by) + "  " + moment(r.time) + "  (" +
         place + ")";
}

json::array restrictions_json(const Frame& frame, Book& book, const field::HeldShown& shown) {
  json::array out;
  for (const auto& r : shown.restrictions) {
    json::object one{{"kind", kind_name(r.kind)},
                     {"ran_out", r.ran_out},
                     {"state", r.pending ? "pending" : "ordered"},
                     {"by", book.person_name(r.by)},
                     {"time", moment(r.time)},
                     {"position", nullptr},
                     {"statement", r.said.statement.hex()},
                     {"text", restriction_text(frame, book, r)}};
    if (!r.pending) one["position"] = r.said.at.n;
    out.push_back(std::move(one));
  }
  return out;
}

json::object shown_json(const Frame& frame, Book& book, const field::HeldShown& shown) {
  auto out = held_json(book, shown.entry);
  out["device"] = shown.device;
  out["branch"] = shown.branch;
  out["restrictions"] = restrictions_json(frame, book, shown);
  json::array taken;
  for (const auto& t : shown.stamps) {
    json::array knew;
    for (const auto i : t.knew) knew.push_back(json::string(shown.restrictions[i].said.statement.hex()));
    taken.push_back(json::object{
        {"hub", t.hub}, {"time", moment(t.time)}, {"known_position", t.known.n}, {"knew", std::move(knew)}});
  }
  out["taken"] = std::move(taken);
  out["others"] = json::object{{"in_force", shown.in_force},
                               {"held", shown.held},
                               {"refused", shown.refused},
                               {"held_elsewhere", shown.held_elsewhere}};
  return out;
}

// What the hub knew when it took the work, by the numbers the restrictions are listed under.
std::string knew_text(const Frame& frame, const field::HeldShown& shown, const field::HeldShown::Taken& taken) {
  if (taken.knew.empty()) return frame.tr("当时对收回还一无所知", "it knew of no removal yet");
  if (shown.restrictions.size() == 1) return frame.tr("当时已知道权限被收回", "it knew of the removal");
  std::string numbers;
  for (const auto i : taken.knew) numbers += (numbers.empty() ? "" : ", ") + std::to_string(i + 1);
  return frame.tr("当时已知道收回 ", "it knew of removal ") + numbers;
}

void say_restrictions(const Frame& frame, Book& book, const field::HeldShown& shown) {
  const bool several = shown.restrictions.size() > 1;
  for (std::size_t i = 0; i < shown.restrictions.size(); ++i)
    frame.say(frame.tr("收回权限　", "removed by   ") + (several ? std::to_string(i + 1) + ") " : std::string{}) +
              restriction_text(frame, book, shown.restrictions[i]));
}

Result<int> show_held(const Frame& frame, Book& book, const std::string& id) {
  SATCHEL_GET(shown, field::show_held(book, id));
  const auto& entry = shown.entry;
  frame.print(shown_json(frame, book, shown));
  frame.say("⚑ " + entry.id() + "  " + printable(entry.archive_name) + prepared_text(frame, entry));
  frame.say(frame.tr("作者　　　", "author       ") + book.person_name(entry.event.person) + "  " + shown.branch +
            "  " + printable(shown.device));
  frame.say(frame.tr("设备时间　", "device time  ") + moment(entry.event.claimed) +
            (entry.event.skew ? "  ⚠ " + frame.tr("与枢纽相差 ", "off the hub's clock by ") +
                                    span_word(*entry.event.skew, frame.globals().lang)
                              : std::string{}));
  say_restrictions(frame, book, shown);
  for (const auto& t : shown.stamps)
    frame.say(frame.tr("枢纽收取　", "taken        ") + t.hub + "  " + moment(t.time) + "  " +
              knew_text(frame, shown, t));
  frame.say(frame.tr("同一作者　", "same author  ") + frame.tr("此档案有效 ", "here in force ") +
            std::to_string(shown.in_force) + frame.tr("，待裁定 ", ", held ") + std::to_string(shown.held) +
            frame.tr("，已拒绝 ", ", refused ") + std::to_string(shown.refused) +
            frame.tr("；其他档案待裁定 ", "; held elsewhere ") + std::to_string(shown.held_elsewhere));
  frame.say("");
  for (const auto& [label, text] : entry.says) frame.say("  " + label + "  " + printable(text));
  return kOk;
}

Result<int> judge_held(const Frame& frame, Book& book, const std::string& id, VerdictChoice choice,
                       const std::string& reason) {
  SATCHEL_GET(given, field::give_verdict(book, id, choice, reason));
  json::array out;
  for (std::size_t i = 0; i < given.entries.size(); ++i) {
    auto one = held_json(book, given.entries[i]);
    one.erase("prepared");
    one["verdict"] = verdict_name(choice);
    one["fate"] = given.said[given.statement[i]].pending ? "waiting" : "ordered";
    out.push_back(std::move(one));
  }
  const std::string count = std::to_string(given.entries.size());
  const bool admits = choice == VerdictChoice::admit;
  const bool waits = std::ranges::any_of(given.said, &field::Said::pending);
  if (waits)
    frame.say(
        (admits ? frame.tr("已准备准许 ", "Prepared to admit: ") : frame.tr("已准备拒绝 ", "Prepared to refuse: ")) +
        count +
        frame.tr(" 条，总部排序之前仍待裁定、不生效。",
                 given.entries.size() == 1
                     ? " entry; it stays held, without effect, until headquarters has ordered it."
                     : " entries; they stay held, without effect, until headquarters has ordered it."));
  return tell_all_said(frame, given.said,
                       (admits ? frame.tr("已准许 ", "Admitted ") : frame.tr("已拒绝 ", "Refused ")) + count +
                           frame.tr(" 条", given.entries.size() == 1 ? " entry" : " entries"),
                       json::object{{"verdicts", std::move(out)}, {"pending", waits}});
}

void add_held(CLI::App& app, Frame& frame) {
  auto* held = app.add_subcommand("held", frame.tr("作者失去权限后的记录：等待主管裁定",
                                                   "Work of people who lost the right to it, waiting for a verdict"));
  held->require_subcommand(0, 1);
  held->footer(frame.example("satchel --vault manager held"));
  held->preparse_callback([&frame](std::size_t) {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_held(frame, b); }); });
  });
  auto* all = held->add_subcommand("list", frame.tr("列出待裁定的记录", "List what is held"));
  all->footer(frame.example("satchel --vault manager held list"));
  all->callback(
      [&frame] { frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_held(frame, b); }); }); });
  auto shown = std::make_shared<std::string>();
  auto* show = held->add_subcommand(
      "show", frame.tr("一条待裁定记录的全部依据", "All there is to decide one by: what it says, who took it when"));
  show->add_option("id", *shown, frame.tr("条目编号的开头", "The beginning of the entry's id"))->required();
  show->footer(frame.example("satchel --vault manager held show 3f2a91c0"));
  show->callback([&frame, shown] {
    frame.choose([&frame, shown] { return with_book(frame, [&](Book& b) { return show_held(frame, b, *shown); }); });
  });
  struct Verb {
    std::string_view name, zh, en;
    VerdictChoice choice;
  };
  for (const auto& verb :
       {Verb{"admit", "准许：从此生效", "Admit: it counts from now on", VerdictChoice::admit},
        Verb{"refuse", "拒绝：保留但不生效", "Refuse: kept, without effect", VerdictChoice::refuse}}) {
    struct Options {
      std::string id, reason;
    };
    auto options = std::make_shared<Options>();
    auto* command = held->add_subcommand(std::string(verb.name), frame.tr(verb.zh, verb.en));
    command->add_option("id", options->id, frame.tr("条目编号、客户或 all", "An entry's id, a customer, or 'all'"))
        ->required();
    command->add_option(
        "--reason", options->reason,
        frame.tr("原因（只有能读这份档案的人看得到）", "Reason (only those who read the archive see it)"));
    command->footer(
        frame.example("satchel --vault manager held " + std::string(verb.name) + " 福田百货 --reason 交接前的拜访"));
    command->callback([&frame, options, choice = verb.choice] {
      frame.choose([&frame, options, choice] {
        return with_book(frame, [&](Book& b) { return judge_held(frame, b, options->id, choice, options->reason); });
      });
    });
  }
}

}  // namespace

void add_review_commands(CLI::App& app, Frame& frame) {
  add_conflicts(app, frame);
  add_held(app, frame);
}

}  // namespace satchel::cli
