// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/today.h"

#include "sync/holder/attention.h"
#include "sync/node/drafts.h"
#include "sync/node/outbox.h"

namespace satchel::field {

namespace {

struct Plan {
  Date made;
  WallTime created;
  Date due;
  RecordId visit;
  PersonId author;
  std::string next_step;
};

struct Visited {
  std::optional<Plan> plan;  // the latest made
  Date last{std::numeric_limits<std::int32_t>::min()};
};

std::unordered_map<ArchiveId, Visited> plans_of(const holder::Sheet& visits, const holder::Wholes& wholes) {
  std::unordered_map<ArchiveId, Visited> out;
  visits.table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce) return true;
    const Value date = visits.value(row, "date");
    const Value next = visits.value(row, "next");
    const Date made =
        std::holds_alternative<Date>(date) ? std::get<Date>(date) : date_of(row.created(), kChinaZoneMinutes);
    auto& visited = out[holder::whole_in(wholes, row.archive())];
    visited.last = std::max(visited.last, made);
    if (const auto* due = std::get_if<Date>(&next)) {
      const bool later =
          !visited.plan || std::pair(visited.plan->made, visited.plan->created) <= std::pair(made, row.created());
      if (later)
        visited.plan =
            Plan{made, row.created(), *due, row.record(), row.author(), std::string(visits.text(row, "next_step"))};
    }
    return true;
  });
  return out;
}

Result<bool> concerns(Book& book, holder::Reading& reading, const ArchiveId& archive, const PersonId& author) {
  const PersonId me = book.me();
  if (author == me) return true;
  SATCHEL_GET(whole, book.whole_of(archive));
  SATCHEL_GET(parts, book.parts_of(whole));
  for (const auto& part : parts) {
    const auto info = book.archive(reading.txn(), part);
    if (!info && info.error().kind == ErrorKind::not_found) continue;
    if (!info) return std::unexpected(info.error());
    const auto owners = book.owners(*info);
    if (std::ranges::find(owners, me) != owners.end()) return true;
  }
  return false;
}

Result<void> find_due(Book& book, holder::Reading& reading, const TodayOptions& options, Today& out) {
  SATCHEL_GET(visits, book.sheet(holder::kVisitTemplate));
  SATCHEL_GET(cards, book.sheet(holder::kCustomerTemplate));
  SATCHEL_GET(wholes, book.wholes());
  SATCHEL_GET(closed, book.closed());
  for (const auto& [archive, visited] : plans_of(*visits, *wholes)) {
    const auto& plan = visited.plan;
    if (!plan || closed->contains(archive) || plan->due.days > out.date.days + options.ahead_days ||
        (visited.last >= plan->due && visited.last > plan->made))
      continue;
    SATCHEL_GET(mine, concerns(book, reading, archive, plan->author));
    if (!mine && !options.everybody) continue;
    SATCHEL_GET(customer, book.customer_of(archive));
    if (!customer) continue;
    const auto position = cards->table.find(customer->card);
    if (!position || cards->table.at(*position).standing() != kRowInForce) continue;
    std::string phone(cards->text(cards->table.at(*position), "phone"));
    out.due.push_back({std::move(*customer), plan->due, out.date.days - plan->due.days, plan->made, plan->next_step,
                       std::move(phone), plan->visit});
  }
  std::ranges::sort(out.due, [](const DueVisit& a, const DueVisit& b) {
    return std::tie(a.due, a.customer.name) < std::tie(b.due, b.customer.name);
  });
  return {};
}

Result<Today> look_at_today(Book& book, const TodayOptions& options) {
  SATCHEL_TRY(book.refresh());
  Today out;
  out.date = options.date.value_or(date_of(book.device().clock().wall(), kChinaZoneMinutes));
  SATCHEL_GET(tasks, list_tasks(book, {.everybody = options.everybody, .today = out.date}));
  out.tasks = std::move(tasks);
  const Date until = out.date + options.ahead_days;
  // Overdue is what is so by now, whatever day is looked ahead to; of another day, by its end.
  const WallTime now = options.date ? end_of_day(*options.date, kChinaZoneMinutes) : book.device().clock().wall();
  SATCHEL_GET(matters, holder::list_duties(book, {options.everybody, {}, now}));
  out.matters = std::move(matters);
  SATCHEL_GET(findings, holder::list_findings(book, {{}, options.everybody, until, now}));
  out.findings = std::move(findings);
  SATCHEL_GET(reading, book.read());
  SATCHEL_TRY(find_due(book, *reading, options, out));
  SATCHEL_GET(attention, holder::attention_of(book.device()));
  out.conflicts = attention.contested.size();
  out.held = attention.held;
  out.requests = book.directory()->requests_to(book.me(), book.device().clock().wall());
  const auto& self = book.device().identity();
  SATCHEL_GET(unsent, node::count_unsent(reading->txn(), {self.id, self.incarnation}));
  out.unsent = unsent;
  SATCHEL_GET(drafts, node::count_drafts(reading->txn()));
  out.drafts = drafts;
  return out;
}

}  // namespace

Result<Today> today(Book& book, const TodayOptions& options) {
  return holder::look_up(book, [&] { return look_at_today(book, options); });
}

}  // namespace satchel::field
