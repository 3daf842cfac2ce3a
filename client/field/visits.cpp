// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/visits.h"

namespace satchel::field {

namespace {

constexpr std::int32_t kFirstMonth = 1;
constexpr std::int32_t kLastMonth = std::numeric_limits<std::int32_t>::max();

std::optional<Date> date_in(const holder::Sheet& sheet, const SheetView& row, std::string_view field) {
  const Value value = sheet.value(row, field);
  const auto* date = std::get_if<Date>(&value);
  return date != nullptr ? std::optional(*date) : std::nullopt;
}

}  // namespace

Result<std::vector<VisitRow>> list_visits(Book& book, const VisitFilter& filter) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(form, book.form(holder::kVisitTemplate));
  const bool bounded = filter.from || filter.to;
  const auto from = filter.from ? node::month_number(*filter.from) : kFirstMonth;
  const auto to = filter.to ? node::month_number(*filter.to) : kLastMonth;
  SATCHEL_GET(sheet, book.sheet(form->id, bounded ? from : 0, bounded ? to : 0));
  SATCHEL_GET(wholes, book.wholes());
  const auto wanted_whole = filter.archive ? std::optional(holder::whole_in(*wholes, *filter.archive)) : std::nullopt;
  std::vector<std::pair<Date, std::uint32_t>> found;
  sheet->table.each([&](const SheetView& row) {
    const auto date = date_in(*sheet, row, "date").value_or(date_of(row.created(), kChinaZoneMinutes));
    const bool wanted = !(filter.from && date < *filter.from) && !(filter.to && *filter.to < date) &&
                        !(wanted_whole && holder::whole_in(*wholes, row.archive()) != *wanted_whole);
    if (wanted) found.emplace_back(date, row.position());
    return true;
  });
  std::ranges::stable_sort(found, {}, &std::pair<Date, std::uint32_t>::first);
  if (filter.limit > 0 && found.size() > filter.limit)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(filter.limit));
  SATCHEL_GET(reading, book.read());
  const auto names = book.names();
  std::vector<VisitRow> out;
  for (const auto& [date, position] : found) {
    const auto row = sheet->table.at(position);
    VisitRow visit{row.record(), row.archive(), {}, row.author(), date};
    SATCHEL_GET(customer, book.customer_of(row.archive()));
    if (customer) visit.customer = std::move(*customer);
    if (const Field* purpose = form->field("purpose"))
      visit.purpose = format_field(*purpose, sheet->value(row, "purpose"), book.lang());
    visit.summary = std::string(sheet->text(row, "summary"));
    visit.next = date_in(*sheet, row, "next");
    const Value with = sheet->value(row, "with");
    if (const auto* list = std::get_if<std::vector<std::string>>(&with)) {
      for (const auto& item : *list) {
        const auto id = PersonId::parse(item);
        visit.with.push_back(id ? book.person_name(*id) : item);
      }
    }
    visit.standing = row.standing();
    visit.corrected = row.corrected();
    SATCHEL_GET(index, node::record_index(reading->txn(), row.archive_no(), row.record()));
    if (index) {
      SATCHEL_GET(reached, reading->reached(*index));
      visit.reached = reached;
    }
    out.push_back(std::move(visit));
  }
  return out;
}

}  // namespace satchel::field
