// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/customers.h"

#include <set>

#include "sync/sheet/sort_key.h"

namespace satchel::field {

namespace {

struct Picked {
  std::string key;
  std::uint32_t position = 0;
};

Result<CustomerRow> row_at(Book& book, holder::Reading& reading, const holder::Sheet& cards, const Template& form,
                           const SheetView& row) {
  CustomerRow out;
  SATCHEL_GET(customer, book.customer_of(row.archive()));
  if (customer) out.customer = std::move(*customer);
  SATCHEL_GET(info, book.archive(reading.txn(), row.archive()));
  SATCHEL_GET(index, node::record_index(reading.txn(), info.no, row.record()));
  if (!index) return fail(ErrorKind::integrity, "log.damaged", "records");
  out.owners = book.owners(info);
  SATCHEL_GET(reached, reading.reached(*index));
  out.reached = reached;
  out.card = {std::move(info), row.record(), std::move(*index)};
  out.contested = row.contested();
  const auto shown = [&](std::string_view id) {
    const Field* field = form.field(id);
    const Value value = cards.value(row, id);
    return field != nullptr && !empty(value) ? format_field(*field, value, book.lang()) : std::string();
  };
  out.kind = shown("kind");
  out.phone = shown("phone");
  SATCHEL_GET(visits, book.last_visits());
  if (const auto at = visits->find(row.archive()); at != visits->end()) out.last_visit = at->second;
  SATCHEL_GET(closed, book.closed());
  if (const auto at = closed->find(row.archive()); at != closed->end()) out.closed = at->second;
  return out;
}

void newest_first(std::vector<ShownRecord>& records) {
  std::ranges::sort(records, [](const ShownRecord& a, const ShownRecord& b) {
    return std::pair(a.created, a.place.record) > std::pair(b.created, b.place.record);
  });
}

void keep(std::vector<ShownRecord>& records, std::size_t most) {
  if (records.size() > most) records.erase(records.begin() + static_cast<std::ptrdiff_t>(most), records.end());
}

}  // namespace

Result<CustomerList> list_customers(Book& book, const CustomerListOptions& options) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  SATCHEL_GET(cards, book.sheet(holder::kCustomerTemplate));
  SATCHEL_GET(wholes, book.wholes());
  std::string kind;
  if (!options.kind.empty()) {
    const Field* field = form->field("kind");
    const auto choice = field != nullptr ? find_choice(*field, options.kind) : std::nullopt;
    if (!choice) return fail(ErrorKind::usage, "customer.no-such-kind", options.kind);
    kind = *choice;
  }
  std::vector<Picked> picked;
  CustomerList out;
  SATCHEL_GET(closed, book.closed());
  cards->table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce || wholes->contains(row.archive())) return true;
    if (!kind.empty() && cards->text(row, "kind") != kind) return true;
    if (closed->contains(row.archive()) != options.closed) {
      out.closed += options.closed ? 0 : 1;
      return true;
    }
    picked.push_back({sort_key(cards->text(row, "name")), row.position()});
    return true;
  });
  std::ranges::sort(picked, [](const Picked& a, const Picked& b) {
    return std::tie(a.key, a.position) < std::tie(b.key, b.position);
  });
  out.total = picked.size();
  if (options.limit > 0 && picked.size() > options.limit) picked.resize(options.limit);
  SATCHEL_GET(reading, book.read());
  for (const auto& p : picked) {
    SATCHEL_GET(row, row_at(book, *reading, *cards, *form, cards->table.at(p.position)));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Result<std::vector<CustomerRow>> customer_rows(Book& book, const std::vector<CustomerRef>& customers) {
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  SATCHEL_GET(cards, book.sheet(holder::kCustomerTemplate));
  SATCHEL_GET(reading, book.read());
  std::vector<CustomerRow> out;
  for (const auto& customer : customers) {
    const auto position = cards->table.find(customer.card);
    if (!position) continue;
    SATCHEL_GET(row, row_at(book, *reading, *cards, *form, cards->table.at(*position)));
    out.push_back(std::move(row));
  }
  return out;
}

Result<CustomerCard> show_customer(Book& book, const CustomerRef& customer, const CardOptions& options) {
  CustomerCard out;
  out.customer = customer;
  SATCHEL_GET(closed, book.closed());
  if (const auto at = closed->find(customer.archive); at != closed->end()) out.closed = at->second;
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(parts, book.parts_of(customer.archive));
  std::vector<RecordPlace> records;
  std::set<RecordId> other_cards;
  for (const auto& part : parts) {
    SATCHEL_GET(in_part, book.records_of(reading->txn(), part));
    std::ranges::move(in_part, std::back_inserter(records));
    SATCHEL_GET(ref, book.part_of(part));
    if (ref && part != customer.archive) other_cards.insert(ref->card);
    if (ref && part != customer.archive) out.parts.push_back({std::move(*ref), {}});
  }
  for (const auto& place : records) {
    SATCHEL_GET(shown, show_record(book, *reading, place));
    if (place.record == customer.card) {
      out.branch = reading->directory().standing(node::access_of(place.info)).branch;
      out.owners = book.owners(place.info);
      out.card = std::move(shown);
    } else if (other_cards.contains(place.record)) {
      const auto part = std::ranges::find(out.parts, place.record, [](const auto& p) { return p.customer.card; });
      part->card = std::move(shown);
    } else if (shown.type == holder::kContactTemplate) {
      out.contacts.push_back(std::move(shown));
    } else if (shown.type == holder::kVisitTemplate) {
      out.visits.push_back(std::move(shown));
    } else if (!shown.type.empty()) {
      out.others.push_back(std::move(shown));
    }
  }
  newest_first(out.visits);
  newest_first(out.others);
  out.visit_count = out.visits.size();
  out.other_count = out.others.size();
  keep(out.visits, options.visits);
  keep(out.others, options.others);
  SATCHEL_GET(events, events_of(book, customer.archive, options.events));
  out.timeline = std::move(events);
  return out;
}

Result<Twins> find_twins(Book& book, const FieldMap& card) {
  Twins out;
  SATCHEL_GET(form, book.form(holder::kCustomerTemplate));
  for (const auto& [id, value] : card) {
    const Field* field = form->field(id);
    const auto* text = std::get_if<std::string>(&value);
    if (field == nullptr || text == nullptr) continue;
    if (field->search == SearchKind::phone) {
      SATCHEL_GET(same, book.with_phone(*text));
      out.same_phone.insert(out.same_phone.end(), same.begin(), same.end());
    }
    if (id == form->title_field) {
      SATCHEL_GET(same, book.with_name(*text));
      out.same_name.insert(out.same_name.end(), same.begin(), same.end());
    }
  }
  return out;
}

}  // namespace satchel::field
