// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/printing.h"

#include "client/field/masking.h"
#include "client/field/remarks.h"
#include "schema/exchange/card_html.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/disk_file.h"
#include "sync/holder/reading_note.h"

namespace satchel::field {

namespace {

constexpr std::size_t kFieldsInShort = 8;
constexpr std::size_t kWidthInShort = 80;

// Words a card is made of, in the reader's language.
class CardWriter {
 public:
  explicit CardWriter(Book& book) : book_(book) {}
  PrintedCard customer(const CustomerCard& card);
  PrintedCard record(const ShownRecord& record);

 private:
  std::string say(std::string_view zh, std::string_view en) const {
    return std::string(book_.lang() == Lang::zh ? zh : en);
  }
  static std::string when(WallTime time) { return time.ms == 0 ? "-" : format_time(time, kChinaZoneMinutes); }
  std::string by(const PersonId& person, WallTime time) const { return book_.person_name(person) + " " + when(time); }
  std::string state_of(const ShownRecord& record) const;
  std::string footer(std::size_t masked) const;
  CardValue value(const ShownRecord& record, const Field& field, const GivenValue& given, std::string before) const;
  CardLine line(const ShownRecord& record, const ShownField& shown) const;
  CardLine in_short(const ShownRecord& record) const;
  void put_fields(PrintedCard& out, const ShownRecord& record) const;
  CardSection list(std::string title, const std::vector<ShownRecord>& records, std::size_t count) const;

  Book& book_;
};

std::size_t masked_in(const ShownRecord& record) {
  const auto masked = std::ranges::count_if(record.fields, &ShownField::masked);
  const auto unknown = std::ranges::count_if(record.unknown, [](const auto& u) { return u.second == kMask; });
  return static_cast<std::size_t>(masked + unknown);
}

std::string CardWriter::state_of(const ShownRecord& record) const {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : say("，", ", ")) + word; };
  if (record.standing != merge::RecordStanding::in_force) add(say("已撤回", "withdrawn"));
  if (record.held > 0 && record.only_held) add(say("待裁定，尚未生效", "held for a verdict, not in force yet"));
  if (record.held > 0 && !record.only_held) add(say("另有待裁定的改动", "has changes held for a verdict"));
  return out;
}

CardValue CardWriter::value(const ShownRecord& record, const Field& field, const GivenValue& given,
                            std::string before) const {
  CardValue out{std::move(before) + (given.text.empty() ? "-" : given.text), by(given.person, given.claimed)};
  if (std::holds_alternative<Struck>(given.value)) out.text += say("（划掉）", " (struck out)");
  if (auto remark = remark_on(book_, record, field, given); !remark.empty()) out.aside += say("；", "; ") + remark;
  return out;
}

CardLine CardWriter::line(const ShownRecord& record, const ShownField& shown) const {
  CardLine out{shown.field->label.in(book_.lang()), {}, {}};
  if (shown.contested) out.mark = say("⚑ 有冲突", "⚑ conflict");
  if (shown.corrected) out.mark += (out.mark.empty() ? "" : say("，", ", ")) + say("已更正", "corrected");
  const bool several = shown.given.size() > 1;
  const bool log = several && shown.field->merge == MergePolicy::log;
  if (shown.given.empty() || (several && !shown.contested && !log)) out.values.push_back({shown.text, {}});
  std::size_t number = 0;
  for (const auto& given : shown.given) {
    const std::string before = shown.contested ? std::to_string(++number) + ") " : several ? "· " : "";
    out.values.push_back(value(record, *shown.field, given, before));
  }
  return out;
}

// As on the screen: its first fields, cut.
CardLine CardWriter::in_short(const ShownRecord& record) const {
  CardLine out{record.form != nullptr ? record.form->label.in(book_.lang()) : record.type, state_of(record), {}};
  out.label += " " + holder::short_id(record.place.record);
  std::string text;
  const auto listed = std::span(record.fields).first(std::min(record.fields.size(), kFieldsInShort));
  for (const auto& shown : listed) {
    text += (text.empty() ? "" : say("；", "; ")) + shown.field->label.in(book_.lang()) + say("：", ": ") +
            cut_to_width(printable(shown.text), kWidthInShort);
    if (shown.contested) text += say("（⚑ 有冲突）", " (⚑ conflict)");
  }
  if (listed.size() < record.fields.size()) text += " …";
  out.values.push_back({std::move(text), by(record.author, record.created)});
  return out;
}

CardSection CardWriter::list(std::string title, const std::vector<ShownRecord>& records, std::size_t count) const {
  CardSection out{std::move(title), {}};
  if (count > records.size()) out.title += " " + std::to_string(records.size()) + "/" + std::to_string(count);
  for (const auto& record : records) out.lines.push_back(in_short(record));
  return out;
}

void CardWriter::put_fields(PrintedCard& out, const ShownRecord& record) const {
  const auto section = [&](std::string title, auto belongs) {
    CardSection part{std::move(title), {}};
    for (const auto& shown : record.fields)
      if (belongs(shown.field->group)) part.lines.push_back(line(record, shown));
    return part;
  };
  const bool grouped = record.form != nullptr && !record.form->groups.empty();
  if (grouped) {
    for (const auto& group : record.form->groups)
      out.sections.push_back(section(group.label.in(book_.lang()), [&](const auto& id) { return id == group.id; }));
  }
  auto rest = section(grouped ? say("其他", "Other") : std::string(), [](const auto& id) { return id.empty(); });
  for (const auto& [name, text] : record.unknown) rest.lines.push_back({name, {}, {{text, {}}}});
  if (!record.reason.empty()) rest.lines.push_back({say("更正原因", "Reason given"), {}, {{record.reason, {}}}});
  out.sections.push_back(std::move(rest));
  CardSection files{say("附件", "Attachments"), {}};
  for (const auto& a : record.attachments)
    files.lines.push_back({std::to_string(a.number),
                           {},
                           {{blob::safe_name(a.value.manifest.name), by(a.value.person, a.value.claimed)}}});
  out.sections.push_back(std::move(files));
}

std::string CardWriter::footer(std::size_t masked) const {
  const std::string who = book_.person_name(book_.me()), at = when(book_.device().clock().wall());
  std::string out = book_.directory()->name() + "\n";
  out += say("由 " + who + " 于 " + at + " 打印，内容以其设备当时所收到的为准",
             "Printed by " + who + " on " + at + ", of what had reached the device by then");
  if (masked > 0)
    out += "\n" + say("敏感内容未印出：", "Sensitive fields not printed: ") + std::to_string(masked) + say(" 项", "");
  return out;
}

PrintedCard CardWriter::customer(const CustomerCard& card) {
  PrintedCard out{card.customer.name, {}, {}, {}};
  const auto fact = [&](std::string label, std::string text) {
    if (!text.empty()) out.facts.emplace_back(std::move(label), std::move(text));
  };
  std::vector<std::string> owners;
  for (const auto& person : card.owners) owners.push_back(book_.person_name(person));
  fact(say("编号", "Number"),
       card.customer.number + (card.customer.provisional ? say("（暂定）", " (provisional)") : ""));
  fact(say("负责人", "Owners"), join_list(owners, book_.lang()));
  fact(say("分公司", "Branch"), book_.branch_name(card.branch));
  fact(say("档案", "Archive"), holder::short_id(card.customer.archive));
  if (card.closed) fact(say("已结案，自", "Closed since"), when(*card.closed));
  fact(say("状态", "State"), state_of(card.card));
  put_fields(out, card.card);
  CardSection parts{say("显示在此之内的档案", "Archives shown within this one"), {}};
  std::size_t masked = masked_in(card.card);
  for (const auto& part : card.parts) {
    auto one = in_short(part.card);
    one.label = part.customer.name + " " + part.customer.number;
    parts.lines.push_back(std::move(one));
    masked += masked_in(part.card);
  }
  out.sections.push_back(std::move(parts));
  out.sections.push_back(list(say("联系人", "Contacts"), card.contacts, card.contacts.size()));
  out.sections.push_back(list(say("最近拜访", "Last visits"), card.visits, card.visit_count));
  out.sections.push_back(list(say("其他记录", "Other records"), card.others, card.other_count));
  for (const auto* records : {&card.contacts, &card.visits, &card.others})
    for (const auto& record : *records) masked += masked_in(record);
  out.footer = footer(masked);
  return out;
}

PrintedCard CardWriter::record(const ShownRecord& record) {
  PrintedCard out{record.form != nullptr ? record.form->label.in(book_.lang()) : record.type, {}, {}, {}};
  out.facts.emplace_back(say("客户或档案", "Archive"), book_.archive_name(record.place.info.id));
  out.facts.emplace_back(say("记录号", "Id"), holder::short_id(record.place.record));
  if (!record.author.none()) out.facts.emplace_back(say("填报人", "Author"), by(record.author, record.created));
  if (auto state = state_of(record); !state.empty()) out.facts.emplace_back(say("状态", "State"), std::move(state));
  put_fields(out, record);
  out.footer = footer(masked_in(record));
  return out;
}

// What both leave behind before their file is begun, and the file.
struct PrintOf {
  ArchiveId archive;
  std::string opened;  // as showing it is noted
  std::string what;    // as the print is
  std::size_t sensitive = 0;
  std::size_t records = 1;
};

Result<Printed> print_page(Book& book, const PrintOf& of, const Printing& how,
                           const std::function<std::string()>& page) {
  if (trim_blanks(how.purpose).empty()) return fail(ErrorKind::usage, "export.no-purpose");
  SATCHEL_TRY(holder::may_make(how.path));
  SATCHEL_TRY(note_showing(book, of.archive, of.sensitive, {of.opened, how.purpose, how.reveal}));
  SATCHEL_TRY(holder::note_reading(book, {"print", of.what, how.purpose, of.records, {of.archive}}));
  const std::string text = page();
  SATCHEL_GET(aside, holder::AsideFile::make(how.path, book.device().entropy()));
  SATCHEL_TRY(aside.write(view(text)));
  SATCHEL_TRY(aside.keep(false));
  return Printed{of.records, how.reveal ? 0 : of.sensitive};
}

}  // namespace

std::string customer_page(Book& book, const CustomerCard& card) {
  return card_html(CardWriter(book).customer(card), book.lang());
}

std::string record_page(Book& book, const ShownRecord& record) {
  return card_html(CardWriter(book).record(record), book.lang());
}

Result<Printed> print_customer(Book& book, CustomerCard card, const Printing& how) {
  const std::size_t records = 1 + card.contacts.size() + card.visits.size() + card.others.size() + card.parts.size();
  const PrintOf of{card.customer.archive, card.customer.number, "customer " + card.customer.number,
                   sensitive_fields(card), records};
  return print_page(book, of, how, [&] {
    if (!how.reveal) mask(card);
    return customer_page(book, card);
  });
}

Result<Printed> print_record(Book& book, ShownRecord record, const Printing& how) {
  const std::string id = holder::short_id(record.place.record);
  return print_page(book, {record.place.info.id, id, "record " + id, sensitive_fields(record), 1}, how, [&] {
    if (!how.reveal) mask(record);
    return record_page(book, record);
  });
}

}  // namespace satchel::field
