// SPDX-License-Identifier: AGPL-3.0-or-later
// The book's customers: found by what people remember of them, in memory, after unlock.
#include "sync/holder/book.h"

namespace satchel::holder {

namespace {

constexpr std::size_t kNearShown = 3;

// What two spellings of a name share.
std::string name_key(std::string_view name) { return fold_typed(name); }

std::string texts_of(const std::vector<CustomerRef>& customers, std::size_t most) {
  std::string out;
  for (const auto& c : customers) {
    if (most-- == 0) return out + " …";
    out += (out.empty() ? "" : "；") + c.name + " (" + c.number + ")";
  }
  return out;
}

// What the index may find a row by, as its template says.
struct Found {
  std::vector<std::string> phones;
  std::vector<std::string> others;
};

void gather(const Template& form, const Sheet& sheet, const SheetView& row, Found& found) {
  for (const auto& field : form.fields) {
    if (field.search == SearchKind::none || field.id == form.title_field || field.id == "number") continue;
    const Value value = sheet.value(row, field.id);
    auto& to = field.search == SearchKind::phone ? found.phones : found.others;
    if (const auto* one = std::get_if<std::string>(&value)) to.push_back(*one);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value))
      to.insert(to.end(), list->begin(), list->end());
  }
}

}  // namespace

void Book::enter(Customers& all, const CustomerRef& customer, const Template* form, const FieldMap& card) {
  const auto add = [&](auto& map, std::string key) {
    if (!key.empty()) map[std::move(key)].push_back(customer.archive);
  };
  add(all.by_name, name_key(customer.name));
  if (!customer.provisional) add(all.by_number, fold_typed(customer.number));
  for (const auto& [id, value] : card) {
    const Field* field = form != nullptr ? form->field(id) : nullptr;
    const auto* text = std::get_if<std::string>(&value);
    if (field == nullptr || text == nullptr) continue;
    if (field->search == SearchKind::phone) add(all.by_phone, normalise_phone(*text));
    if (id == "external_number") add(all.by_external, fold_typed(*text));
  }
  all.by_archive.insert_or_assign(customer.archive, customer);
}

void Book::note(const CustomerRef& customer, const FieldMap& card) {
  // Not derived yet, so it would be missed by whatever is read from the sheet later.
  if (!customers()) return;
  enter(*customers_, customer, catalogue().find_template(kCustomerTemplate), card);
}

Result<const Book::Customers*> Book::customers() {
  if (customers_) return &*customers_;
  SATCHEL_GET(cards, sheet(kCustomerTemplate));
  const Template* form = catalogue().find_template(kCustomerTemplate);
  std::vector<std::string> wanted{"external_number"};
  if (form != nullptr) {
    for (const auto& field : form->fields) {
      if (field.search == SearchKind::phone) wanted.push_back(field.id);
    }
  }
  Customers all;
  std::unordered_set<ArchiveId> shown;
  all.by_archive.reserve(cards->table.size());
  cards->table.each([&](const SheetView& row) {
    CustomerRef ref{row.archive(), row.record(), std::string(cards->text(row, "name")),
                    std::string(cards->text(row, "number")), false};
    ref.provisional = ref.number.empty();
    if (ref.provisional) ref.number = provisional_number(ref.archive);
    if (row.standing() != kRowInForce) {
      all.by_archive.try_emplace(ref.archive, std::move(ref));  // by id only
      return true;
    }
    FieldMap card;
    for (const auto& field : wanted) {
      if (Value value = cards->value(row, field); !empty(value)) card.emplace(field, std::move(value));
    }
    enter(all, ref, form, card);
    shown.insert(ref.archive);
    return true;
  });
  SATCHEL_GET(wholes, find_wholes(shown));
  all.wholes = std::move(wholes);
  customers_ = std::move(all);
  return &*customers_;
}

std::vector<CustomerRef> Book::refs(const Customers& all, const std::vector<ArchiveId>& ids) const {
  std::vector<CustomerRef> out;
  for (const auto& id : ids) {
    const auto at = all.by_archive.find(whole_in(all.wholes, id));
    if (at == all.by_archive.end()) continue;
    if (std::ranges::find(out, at->first, &CustomerRef::archive) == out.end()) out.push_back(at->second);
  }
  return out;
}

Result<std::optional<CustomerRef>> Book::customer_of(const ArchiveId& archive) {
  SATCHEL_GET(whole, whole_of(archive));
  return part_of(whole);
}

// The surest reading first; the first that fits anything decides.
Result<std::vector<ArchiveId>> Book::candidates(std::string_view text) {
  SATCHEL_GET(all, customers());
  const std::string folded = fold_typed(text);
  if (const auto id = ArchiveId::parse(folded); id && all->by_archive.contains(*id)) return std::vector{*id};
  const auto known = [&](const auto& map, const std::string& key) {
    const auto at = map.find(key);
    return at == map.end() ? std::vector<ArchiveId>{} : at->second;
  };
  if (auto found = known(all->by_name, name_key(text)); !found.empty()) return found;
  if (auto found = known(all->by_number, folded); !found.empty()) return found;
  const auto digits = id_digits(folded);
  std::vector<ArchiveId> by_id, by_beginning;
  for (const auto& [archive, customer] : all->by_archive) {
    if (digits && archive.hex().starts_with(*digits)) by_id.push_back(archive);
    if (name_key(customer.name).starts_with(folded) || fold_typed(customer.number).starts_with(folded))
      by_beginning.push_back(archive);
  }
  return by_id.empty() ? std::move(by_beginning) : std::move(by_id);
}

Result<CustomerRef> Book::only_one(std::string_view text, std::vector<CustomerRef> found) {
  std::ranges::sort(found, {}, [](const CustomerRef& c) { return std::pair(c.name, c.archive); });
  if (found.size() == 1) return std::move(found.front());
  if (found.size() > 1) return fail(ErrorKind::conflict, "customer.ambiguous", texts_of(found, kCandidatesShown));
  SATCHEL_GET(near, search(text, kNearShown));
  std::vector<CustomerRef> shown;
  for (auto& hit : near) shown.push_back(std::move(hit.customer));
  return not_found(text, shown);
}

std::unexpected<Error> Book::not_found(std::string_view text, const std::vector<CustomerRef>& near) const {
  if (near.empty()) return fail(ErrorKind::not_found, "customer.not-found", std::string(text));
  return fail(ErrorKind::not_found, "customer.not-found-near", std::string(text) + " → " + texts_of(near, kNearShown));
}

Result<CustomerRef> Book::find_customer(std::string_view typed) {
  const auto text = trim_blanks(typed);
  if (text.empty()) return fail(ErrorKind::usage, "customer.not-named");
  SATCHEL_GET(found, candidates(text));
  if (found.empty()) {
    SATCHEL_GET(locked, find_locked(text));
    if (locked) return std::move(*locked);
  }
  SATCHEL_GET(all, customers());
  return only_one(text, refs(*all, found));
}

// All readings together: what one customer is called and another is numbered is neither's.
Result<std::vector<ArchiveId>> Book::exact_candidates(std::string_view text) {
  SATCHEL_GET(all, customers());
  const std::string folded = fold_typed(text);
  std::vector<ArchiveId> out;
  for (const auto* map : {&all->by_name, &all->by_number, &all->by_external}) {
    if (const auto at = map->find(folded); at != map->end())
      out.insert(out.end(), at->second.begin(), at->second.end());
  }
  if (const auto id = ArchiveId::parse(folded); id && all->by_archive.contains(*id)) out.push_back(*id);
  if (!out.empty() || !is_provisional_number(folded)) return out;
  for (const auto& [archive, customer] : all->by_archive) {
    if (provisional_number(archive) == folded) out.push_back(archive);
  }
  return out;
}

Result<CustomerRef> Book::find_customer_exactly(std::string_view typed) {
  const auto text = trim_blanks(typed);
  if (text.empty()) return fail(ErrorKind::usage, "customer.not-named");
  SATCHEL_GET(found, exact_candidates(text));
  SATCHEL_GET(all, customers());
  if (!found.empty()) return only_one(text, refs(*all, found));
  SATCHEL_GET(locked, find_locked_exactly(text));
  if (locked) return std::move(*locked);
  SATCHEL_GET(near, candidates(text));
  if (near.empty()) return only_one(text, {});
  auto shown = refs(*all, near);
  std::ranges::sort(shown, {}, [](const CustomerRef& c) { return std::pair(c.name, c.archive); });
  return not_found(text, shown);
}

Result<CustomerRef> Book::find_part(std::string_view typed) {
  const auto text = trim_blanks(typed);
  if (text.empty()) return fail(ErrorKind::usage, "customer.not-named");
  SATCHEL_GET(found, candidates(text));
  if (found.empty()) {
    SATCHEL_GET(locked, find_locked(text));
    if (locked) return std::move(*locked);
  }
  SATCHEL_GET(all, customers());
  std::vector<CustomerRef> parts;
  for (const auto& id : found) parts.push_back(all->by_archive.at(id));
  return only_one(text, std::move(parts));
}

Result<std::vector<CustomerRef>> Book::with_phone(std::string_view phone) {
  SATCHEL_GET(all, customers());
  const auto at = all->by_phone.find(normalise_phone(phone));
  return at == all->by_phone.end() ? std::vector<CustomerRef>{} : refs(*all, at->second);
}

Result<std::vector<CustomerRef>> Book::with_name(std::string_view name) {
  SATCHEL_GET(all, customers());
  const auto at = all->by_name.find(name_key(name));
  return at == all->by_name.end() ? std::vector<CustomerRef>{} : refs(*all, at->second);
}

Result<std::vector<CustomerRef>> Book::with_external_number(std::string_view number) {
  SATCHEL_GET(all, customers());
  const auto at = all->by_external.find(fold_typed(number));
  return at == all->by_external.end() ? std::vector<CustomerRef>{} : refs(*all, at->second);
}

Result<const SearchIndex*> Book::index() {
  if (index_) return &*index_;
  SATCHEL_GET(cards, sheet(kCustomerTemplate));
  SATCHEL_GET(contacts, sheet(kContactTemplate));
  SATCHEL_GET(wholes, this->wholes());
  const Template* form = catalogue().find_template(kCustomerTemplate);
  const Template* contact_form = catalogue().find_template(kContactTemplate);
  std::unordered_map<ArchiveId, Found> persons;
  contacts->table.each([&](const SheetView& row) {
    if (contact_form == nullptr || row.standing() != kRowInForce) return contact_form != nullptr;
    auto& found = persons[whole_in(*wholes, row.archive())];
    gather(*contact_form, *contacts, row, found);
    found.others.emplace_back(contacts->text(row, contact_form->title_field));
    return true;
  });
  SearchIndex index;
  index_rows_.clear();
  // A part's name, number and phones find the whole it is shown within.
  cards->table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce || !wholes->contains(row.archive())) return true;
    auto& found = persons[whole_in(*wholes, row.archive())];
    found.others.emplace_back(cards->text(row, "name"));
    found.others.emplace_back(cards->text(row, "number"));
    if (form != nullptr) gather(*form, *cards, row, found);
    return true;
  });
  cards->table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce || wholes->contains(row.archive())) return true;
    Found found;
    if (const auto at = persons.find(row.archive()); at != persons.end()) found = std::move(at->second);
    if (form != nullptr) gather(*form, *cards, row, found);
    index.add(static_cast<std::uint32_t>(index_rows_.size()),
              SearchEntry{cards->text(row, "name"), found.phones, found.others, cards->text(row, "number")});
    index_rows_.push_back(row.archive());
    return true;
  });
  index_ = std::move(index);
  return &*index_;
}

Result<std::vector<CustomerHit>> Book::search(std::string_view text, std::size_t limit) {
  SATCHEL_GET(index, this->index());
  SATCHEL_GET(all, customers());
  std::vector<CustomerHit> hits;
  for (const auto& hit : index->query(text, limit)) {
    const auto at = all->by_archive.find(index_rows_[hit.row]);
    if (at != all->by_archive.end()) hits.push_back({at->second, hit.match, hit.begin, hit.end});
  }
  return hits;
}

}  // namespace satchel::holder
