// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/locked_view.h"

#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

constexpr std::size_t kLockedNamed = 8;  // in one line

}  // namespace

std::string_view locked_name(holder::LockedWhy why) {
  switch (why) {
    case holder::LockedWhy::lease:
      return "lease";
    case holder::LockedWhy::restored:
      return "restored";
    case holder::LockedWhy::no_key:
      return "no_key";
  }
  return {};
}

std::string locked_word(holder::LockedWhy why, Lang lang) {
  const bool en = lang == Lang::en;
  switch (why) {
    case holder::LockedWhy::lease:
      return en ? "no hub met for too long" : "太久没有连接枢纽";
    case holder::LockedWhy::restored:
      return en ? "restored, no hub met since" : "恢复后还没有联系枢纽";
    case holder::LockedWhy::no_key:
      return en ? "its key has not come yet" : "密钥还没有到";
  }
  return {};
}

std::string locked_numbers(const std::vector<holder::LockedCustomer>& customers, Lang lang) {
  std::vector<std::string> names;
  for (const auto& one : customers) {
    if (names.size() == kLockedNamed) break;
    names.push_back(holder::Book::ref_of(one).number);
  }
  return join_list(names, lang) + (customers.size() > names.size() ? " …" : "");
}

boost::json::array locked_json(holder::Book& book, const std::vector<field::LockedRow>& rows) {
  boost::json::array out;
  for (const auto& row : rows) {
    boost::json::array owners;
    for (const auto& p : row.owners) owners.emplace_back(book.person_name(p));
    out.push_back({{"archive", row.customer.archive.hex()},
                   {"number", row.numbered ? row.customer.number : ""},
                   {"named", row.customer.number},
                   {"why", locked_name(row.why)},
                   {"owners", std::move(owners)},
                   {"branch", book.branch_name(row.branch)},
                   {"entries", row.entries},
                   {"last_stamp_ms", row.last_stamp ? row.last_stamp->ms : 0}});
  }
  return out;
}

void say_locked(const Frame& frame, holder::Book& book, const std::vector<field::LockedRow>& rows) {
  if (rows.empty() || frame.globals().json) return;
  TextTable table({{frame.tr("编号", "Number"), false, 14},
                   {frame.tr("档案号", "Archive"), false, 10},
                   {frame.tr("负责人", "Owner"), false, 24},
                   {frame.tr("分公司", "Branch"), false, 20},
                   {frame.tr("条目", "Entries"), true},
                   {frame.tr("最近上交", "Last handed in"), false, 16},
                   {frame.tr("为什么锁着", "Why"), false, 30}});
  const Lang lang = frame.globals().lang;
  for (const auto& row : rows) {
    table.row({row.customer.number, holder::short_id(row.customer.archive), people_text(book, row.owners),
               book.branch_name(row.branch), std::to_string(row.entries),
               row.last_stamp ? time_word(*row.last_stamp) : "-", locked_word(row.why, lang)});
  }
  std::string text = table.text();
  text.pop_back();
  frame.say(frame.tr("锁着的客户（名称要解锁后才看得到）：", "Locked (their names are seen when they open again):"));
  frame.say(text);
  frame.say(frame.tr("锁着也可以照常记录：写编号或档案号，例如 `satchel visit add --customer ",
                     "Work can be recorded on them all the same, by number or archive id: `satchel visit add "
                     "--customer ") +
            rows.front().customer.number + frame.tr("`。同步后恢复。", "`. They open again with the next sync."));
}

}  // namespace satchel::cli
