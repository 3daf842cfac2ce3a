// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/exchange_commands.h"
#include "client/cli/locked_view.h"
#include "client/cli/print_view.h"
#include "client/field/customers.h"
#include "client/field/masking.h"
#include "client/field/numbers.h"
#include "client/field/printing.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

std::string twins_text(const Frame& frame, const std::vector<holder::CustomerRef>& twins) {
  std::vector<std::string> out;
  for (const auto& t : twins) out.push_back(t.name + " (" + t.number + ")");
  return join_list(out, frame.globals().lang);
}

// ---- add ----

struct CustomerAddOptions {
  std::string name, kind;
  std::vector<std::string> fields, owners;
  bool yes = false;
};

Result<int> add_customer(const Frame& frame, Book& book, const CustomerAddOptions& options) {
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  SATCHEL_GET(typed, split_fields(options.fields));
  typed.push_back({"name", options.name});
  typed.push_back({"kind", options.kind});
  field::NewCustomer customer;
  SATCHEL_GET(card, field::parse_fields(book, *form, typed));
  customer.card = std::move(card);
  SATCHEL_GET(owners, find_people(book, options.owners));
  customer.owners = std::move(owners);
  SATCHEL_GET(twins, field::find_twins(book, customer.card));
  if (!twins.same_phone.empty() && !options.yes)
    return fail(ErrorKind::conflict, "customer.same-phone", twins_text(frame, twins.same_phone));
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(opened, desk.open_customer(customer));
    saved = std::move(opened);
    return {};
  }));
  SATCHEL_TRY(field::settle_numbers(book));
  auto out = saved_json(saved);
  json::array alike;
  for (const auto* list : {&twins.same_phone, &twins.same_name}) {
    for (const auto& t : *list) alike.push_back(customer_json(t));
  }
  out["alike"] = std::move(alike);
  frame.print(out);
  frame.say(frame.tr("已建档：", "Archive opened: ") + printable(options.name) + "  " + saved.number + "  (" +
            holder::short_id(saved.archive) + ")");
  if (!twins.same_name.empty())
    frame.note(frame.tr("注意，已有同名客户：", "Note: a customer of that name exists: ") +
               twins_text(frame, twins.same_name));
  remark_saved(frame, saved);
  return kOk;
}

// ---- list, search ----

json::object row_json(Book& book, const field::CustomerRow& row) {
  auto out = customer_json(row.customer);
  out["kind"] = row.kind;
  out["phone"] = row.phone;
  json::array owners;
  for (const auto& p : row.owners) owners.emplace_back(book.person_name(p));
  out["owners"] = std::move(owners);
  out["last_visit"] = row.last_visit ? json::value(format_date(*row.last_visit)) : json::value(nullptr);
  out["reached"] = field::reached_name(row.reached);
  out["contested"] = row.contested;
  out["closed"] = row.closed ? json::value(moment(*row.closed)) : json::value(nullptr);
  return out;
}

std::vector<TableColumn> row_columns(const Frame& frame) {
  return {{frame.tr("编号", "Number"), false, 14},  {frame.tr("客户名称", "Name"), false, 40},
          {frame.tr("类型", "Kind"), false, 14},    {frame.tr("电话", "Phone"), false, 20},
          {frame.tr("负责人", "Owner"), false, 24}, {frame.tr("最近拜访", "Last visit"), false, 10},
          {frame.tr("状态", "State"), false, 24}};
}

std::vector<std::string> row_cells(const Frame& frame, Book& book, const field::CustomerRow& row,
                                   const std::string& name) {
  return {row.customer.number,
          name,
          row.kind,
          row.phone,
          people_text(book, row.owners),
          row.last_visit ? format_date(*row.last_visit) : "-",
          badge(frame, row.reached) + (row.closed ? frame.tr(" ▣ 已结案", " ▣ closed") : "") +
              (row.contested ? frame.tr(" ⚑ 有冲突", " ⚑ conflict") : "")};
}

Result<int> list_customers(const Frame& frame, Book& book, const field::CustomerListOptions& options) {
  SATCHEL_GET(list, field::list_customers(book, options));
  json::array rows;
  TextTable table(row_columns(frame));
  for (const auto& row : list.rows) {
    if (frame.globals().json) rows.push_back(row_json(book, row));
    table.row(row_cells(frame, book, row, row.customer.name));
  }
  SATCHEL_GET(locked_all, book.locked());
  SATCHEL_GET(locked, field::locked_rows(book, *locked_all));
  frame.print(json::object{{"customers", std::move(rows)},
                           {"total", list.total},
                           {"closed", list.closed},
                           {"locked", locked_json(book, locked)}});
  if (list.rows.empty() && !locked.empty()) {
    say_locked(frame, book, locked);
    return kOk;
  }
  const std::string more_closed = list.closed == 0 ? ""
                                                   : frame.tr("，另有已结案 ", ", and ") + std::to_string(list.closed) +
                                                         frame.tr(" 户（--closed）", " that are closed (--closed)");
  if (list.rows.empty() && (list.closed > 0 || options.closed)) {
    frame.say(frame.tr("没有这样的客户", "No such customers") + more_closed);
    return kOk;
  }
  if (list.rows.empty()) {
    frame.say(frame.tr("还没有客户。用 customer add 建档，或用 customer import 导入。",
                       "No customers yet. Open one with 'customer add' or bring them with 'customer import'."));
    return kOk;
  }
  std::string text = table.text();
  text.pop_back();
  frame.say(text);
  const std::string shown = list.rows.size() < list.total ? std::to_string(list.rows.size()) + "/" : "";
  frame.say(frame.tr("共 ", "") + shown + std::to_string(list.total) + frame.tr(" 户", " customers") + more_closed);
  say_locked(frame, book, locked);
  return kOk;
}

std::string_view match_name(MatchClass match) {
  static constexpr std::string_view kNames[] = {"exact",           "prefix",      "word_start",    "substring",
                                                "phone_tail",      "number_part", "pinyin_prefix", "pinyin",
                                                "initials_prefix", "initials",    "other_text",    "scattered"};
  return kNames[static_cast<std::size_t>(match)];
}

std::string marked(const holder::CustomerHit& hit) {
  const auto& name = hit.customer.name;
  if (hit.begin >= hit.end || hit.end > name.size()) return name;
  return name.substr(0, hit.begin) + "[" + name.substr(hit.begin, hit.end - hit.begin) + "]" + name.substr(hit.end);
}

Result<int> search(const Frame& frame, Book& book, const std::string& text, std::size_t limit) {
  SATCHEL_GET(hits, book.search(text, limit));
  std::vector<holder::CustomerRef> refs;
  for (const auto& hit : hits) refs.push_back(hit.customer);
  SATCHEL_GET(rows, field::customer_rows(book, refs));
  json::array out;
  TextTable table(row_columns(frame));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto one = row_json(book, rows[i]);
    one["match"] = match_name(hits[i].match);
    one["begin"] = hits[i].begin;
    one["end"] = hits[i].end;
    out.push_back(std::move(one));
    table.row(row_cells(frame, book, rows[i], marked(hits[i])));
  }
  SATCHEL_GET(all_locked, book.locked());
  SATCHEL_GET(found_locked, book.search_locked(text));
  SATCHEL_GET(locked, field::locked_rows(book, found_locked));
  frame.print(json::object{{"hits", std::move(out)}, {"locked", locked_json(book, locked)}});
  if (rows.empty() && locked.empty()) {
    if (frame.globals().json) return static_cast<int>(ExitCode::not_found);
    return fail(ErrorKind::not_found, all_locked->empty() ? "customer.no-hit" : "customer.no-hit-locked", text);
  }
  std::string lines = table.text();
  lines.pop_back();
  if (!rows.empty()) frame.say(lines);
  say_locked(frame, book, locked);
  return kOk;
}

// ---- show ----

std::string record_line(const Frame& frame, Book& book, const field::ShownRecord& record) {
  std::string out = "  " + holder::short_id(record.place.record) + "  ";
  std::size_t listed = 0;
  for (const auto& shown : record.fields) {
    if (listed++ == 6) break;
    out +=
        (listed > 1 ? "  " : "") + shown.field->label.in(book.lang()) + " " + cut_to_width(printable(shown.text), 40);
  }
  if (record.standing != merge::RecordStanding::in_force) out += frame.tr("  已撤回", "  withdrawn");
  return out + "  (" + book.person_name(record.author) + ")  " + badge(frame, record.reached);
}

void say_card(const Frame& frame, Book& book, const field::CustomerCard& card) {
  frame.say(printable(card.customer.name) + "   " + card.customer.number + "   " + badge(frame, card.card.reached));
  frame.say(frame.tr("负责人 ", "Owners ") + people_text(book, card.owners) + "   " + frame.tr("分公司 ", "Branch ") +
            book.branch_name(card.branch) + "   " + frame.tr("档案 ", "Archive ") +
            holder::short_id(card.customer.archive) +
            (card.closed ? frame.tr("   ▣ 已结案，自 ", "   ▣ closed since ") + moment(*card.closed) : "") + "\n");
  std::string text = record_text(frame, book, card.card);
  if (!text.empty()) text.pop_back();
  frame.say(text);
  const auto list = [&](const std::string& title, const std::vector<field::ShownRecord>& records, std::size_t count) {
    if (records.empty()) return;
    frame.say("\n[" + title + "]" +
              (count > records.size() ? " " + std::to_string(records.size()) + "/" + std::to_string(count) : ""));
    for (const auto& r : records) frame.say(record_line(frame, book, r));
  };
  if (!card.parts.empty()) {
    frame.say("\n[" + frame.tr("显示在此之内的档案", "Archives shown within this one") + "]");
    for (const auto& part : card.parts) {
      frame.say("  " + printable(part.customer.name) + "  " + part.customer.number + "  (" +
                holder::short_id(part.customer.archive) + ")");
      frame.say(record_line(frame, book, part.card));
    }
  }
  list(frame.tr("联系人", "Contacts"), card.contacts, card.contacts.size());
  list(frame.tr("最近拜访", "Last visits"), card.visits, card.visit_count);
  list(frame.tr("其他记录", "Other records"), card.others, card.other_count);
  frame.say("\n[" + frame.tr("时间线", "Timeline") + "]");
  for (const auto& event : card.timeline) frame.say(event_line(frame, book, event));
}

// Of a locked one: what stands in the clear, and when something was written.
Result<int> show_locked(const Frame& frame, Book& book, const field::CustomerCard& card) {
  SATCHEL_GET(found, book.search_locked(card.customer.archive.hex()));
  SATCHEL_GET(rows, field::locked_rows(book, found));
  json::array timeline;
  for (const auto& e : card.timeline) timeline.push_back(event_json(book, e));
  auto out = customer_json(card.customer);
  out["locked"] = locked_json(book, rows);
  out["timeline"] = std::move(timeline);
  frame.print(out);
  say_locked(frame, book, rows);
  frame.say("\n[" + frame.tr("时间线", "Timeline") + "]");
  for (const auto& event : card.timeline) frame.say(event_line(frame, book, event));
  return kOk;
}

struct CustomerShowOptions {
  std::string name, purpose, print;
  bool reveal = false;
  field::CardOptions card;
};

Result<int> show_customer(const Frame& frame, Book& book, const CustomerShowOptions& options) {
  SATCHEL_GET(customer, book.find_customer(options.name));
  SATCHEL_GET(card, field::show_customer(book, customer, options.card));
  if (customer.locked && !options.print.empty())
    return fail(ErrorKind::permission, "customer.card-locked", customer.number);
  if (customer.locked) return show_locked(frame, book, card);
  if (!options.print.empty()) {
    SATCHEL_GET(printed,
                field::print_customer(book, std::move(card), {options.print, options.purpose, options.reveal}));
    return say_printed(frame, options.print, printed);
  }
  SATCHEL_TRY(field::note_showing(book, customer.archive, field::sensitive_fields(card),
                                  {customer.number, options.purpose, options.reveal}));
  if (!options.reveal) {
    remark_masked(frame, field::sensitive_fields(card));
    field::mask(card);
  }
  if (!frame.globals().json) {
    say_card(frame, book, card);
    return kOk;
  }
  auto out = customer_json(card.customer);
  out["branch"] = book.branch_name(card.branch);
  json::array owners, contacts, visits, others, timeline, parts;
  for (const auto& p : card.parts) {
    auto one = customer_json(p.customer);
    one["card"] = record_json(book, p.card);
    parts.push_back(std::move(one));
  }
  out["parts"] = std::move(parts);
  for (const auto& p : card.owners) owners.emplace_back(book.person_name(p));
  for (const auto& r : card.contacts) contacts.push_back(record_json(book, r));
  for (const auto& r : card.visits) visits.push_back(record_json(book, r));
  for (const auto& r : card.others) others.push_back(record_json(book, r));
  for (const auto& e : card.timeline) timeline.push_back(event_json(book, e));
  out["owners"] = std::move(owners);
  out["card"] = record_json(book, card.card);
  out["contacts"] = std::move(contacts);
  out["visits"] = std::move(visits);
  out["visit_count"] = card.visit_count;
  out["others"] = std::move(others);
  out["timeline"] = std::move(timeline);
  frame.print(out);
  return kOk;
}

// ---- set ----

Result<int> set_fields(const Frame& frame, Book& book, const std::string& name, const std::vector<std::string>& fields,
                       const std::string& reason) {
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  SATCHEL_GET(customer, book.find_customer(name));
  if (customer.locked) return fail(ErrorKind::permission, "customer.card-locked", customer.number);
  SATCHEL_GET(typed, split_fields(fields));
  field::Edit edit;
  edit.reason = reason;
  SATCHEL_GET(values, field::parse_fields(book, *form, typed));
  edit.fields = std::move(values);
  SATCHEL_GET(place, book.place_of(customer.archive, customer.card));
  edit.place = std::move(place);
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(done, desk.edit(edit));
    saved = std::move(done);
    return {};
  }));
  frame.print(saved_json(saved));
  frame.say(saved.unchanged ? frame.tr("没有变化。", "Nothing changed.")
                            : frame.tr("已保存：", "Saved: ") + printable(customer.name));
  remark_saved(frame, saved);
  return kOk;
}

// ---- the command line ----

void add_customer_add(CLI::App& customer, Frame& frame) {
  auto options = std::make_shared<CustomerAddOptions>();
  auto* add = customer.add_subcommand("add", frame.tr("为一个客户建档", "Open a customer's archive"));
  add->add_option("--name", options->name, frame.tr("客户名称", "Name"))->required();
  add->add_option("--kind", options->kind, frame.tr("客户类型（代码或名称）", "Kind, by id or label"))->required();
  add->add_option("--field", options->fields, frame.tr("字段=值，可重复", "field=value, may be repeated"))
      ->allow_extra_args(false);
  add->add_option("--owner", options->owners, frame.tr("负责人，可重复", "Owner, may be repeated"))
      ->allow_extra_args(false);
  add->add_flag("--yes", options->yes,
                frame.tr("电话与已有客户相同也照样建档", "Open it although another customer has that phone"));
  add->footer(
      frame.example("satchel --vault rep customer add --name 福田百货 --kind distributor --field phone=0755-83001122"));
  add->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return add_customer(frame, b, *options); }); });
  });
}

void add_looks(CLI::App& customer, Frame& frame) {
  auto list_options = std::make_shared<field::CustomerListOptions>();
  auto* list = customer.add_subcommand("list", frame.tr("列出客户（按拼音排序）", "List customers, by name"));
  list->add_option("--kind", list_options->kind, frame.tr("只列此类型", "Only of this kind"));
  list->add_option("--limit", list_options->limit, frame.tr("最多几户", "At most so many"))
      ->check(CLI::Range(1, 1'000'000));
  list->add_flag("--closed", list_options->closed, frame.tr("只列已结案的", "Only those that are closed"));
  list->footer(frame.example("satchel --vault rep customer list --kind 经销商"));
  list->callback([&frame, list_options] {
    frame.choose([&frame, list_options] {
      return with_book(frame, [&](Book& b) { return list_customers(frame, b, *list_options); });
    });
  });

  auto show_options = std::make_shared<CustomerShowOptions>();
  auto* show = customer.add_subcommand("show", frame.tr("显示一个客户的卡片、联系人、拜访与时间线",
                                                        "Show a customer's card, contacts, visits and timeline"));
  show->add_option("name", show_options->name,
                   frame.tr("名称、编号、档案号或其开头", "Name, number, id, or the beginning of one"))
      ->required();
  show->add_option("--visits", show_options->card.visits, frame.tr("最近几次拜访", "How many visits"))
      ->capture_default_str();
  show->add_option("--events", show_options->card.events,
                   frame.tr("时间线最近几条（0 为全部）", "How many events (0: all)"))
      ->capture_default_str();
  show->add_flag("--reveal", show_options->reveal,
                 frame.tr("显示敏感内容；会登记", "Show what is sensitive; it is noted"));
  show->add_option("--purpose", show_options->purpose, frame.tr("查阅的用途", "What for"));
  add_print_option(*show, frame, show_options->print);
  show->footer(frame.example("satchel --vault rep customer show 福田百货"));
  show->callback([&frame, show_options] {
    frame.choose([&frame, show_options] {
      return with_book(frame, [&](Book& b) { return show_customer(frame, b, *show_options); });
    });
  });

  struct Search {
    std::string text;
    std::size_t limit = 20;
  };
  auto search_options = std::make_shared<Search>();
  auto* find = customer.add_subcommand("search", frame.tr("搜索：汉字、拼音、首字母、电话尾号",
                                                          "Search by characters, pinyin, initials, end of a phone"));
  find->add_option("text", search_options->text, frame.tr("要找的文字", "What to look for"))->required();
  find->add_option("--limit", search_options->limit, frame.tr("最多几户", "At most so many"))
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  find->footer(frame.example("satchel --vault rep customer search ftbh"));
  find->callback([&frame, search_options] {
    frame.choose([&frame, search_options] {
      return with_book(frame, [&](Book& b) { return search(frame, b, search_options->text, search_options->limit); });
    });
  });
}

void add_set(CLI::App& customer, Frame& frame) {
  struct Set {
    std::string name, reason;
    std::vector<std::string> fields;
  };
  auto options = std::make_shared<Set>();
  auto* set = customer.add_subcommand("set", frame.tr("修改卡片字段", "Change fields of the card"));
  set->add_option("name", options->name,
                  frame.tr("名称、编号、档案号或其开头", "Name, number, id, or the beginning of one"))
      ->required();
  set->add_option("--field", options->fields,
                  frame.tr("字段=值，可重复；值为空即清除", "field=value, may be repeated; no value clears it"))
      ->required()
      ->allow_extra_args(false);
  set->add_option("--reason", options->reason, frame.tr("原因", "Reason"));
  set->footer(
      frame.example("satchel --vault rep customer set 福田百货 --field contact=王店长 --field phone=13800138000"));
  set->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame,
                       [&](Book& b) { return set_fields(frame, b, options->name, options->fields, options->reason); });
    });
  });
}

}  // namespace

void add_customer_commands(CLI::App& app, Frame& frame) {
  auto* customer = app.add_subcommand("customer", frame.tr("客户档案：建档、导入、列出、显示、搜索、修改、结案",
                                                           "Customers: add, import, list, show, search, set, close"));
  customer->require_subcommand(1);
  add_customer_add(*customer, frame);
  add_customer_import(*customer, frame);
  add_looks(*customer, frame);
  add_set(*customer, frame);
  add_customer_closing(*customer, frame);
}

}  // namespace satchel::cli
