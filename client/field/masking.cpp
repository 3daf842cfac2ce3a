// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/masking.h"

#include <algorithm>

namespace satchel::field {

namespace {

bool is_sensitive(const ShownField& shown) { return shown.field->sensitivity == Sensitivity::sensitive; }

template <class Card, class Visit>
void each_record(Card& card, Visit visit) {
  visit(card.card);
  for (auto* list : {&card.contacts, &card.visits, &card.others})
    for (auto& record : *list) visit(record);
  for (auto& part : card.parts) visit(part.card);
}

}  // namespace

std::size_t sensitive_fields(const ShownRecord& record) {
  return static_cast<std::size_t>(std::ranges::count_if(record.fields, is_sensitive));
}

std::size_t sensitive_fields(const CustomerCard& card) {
  std::size_t count = 0;
  each_record(card, [&](const ShownRecord& record) { count += sensitive_fields(record); });
  return count;
}

void mask(ShownRecord& record) {
  for (auto& shown : record.fields) {
    if (!is_sensitive(shown)) continue;
    if (shown.field->id == record.form->title_field) record.title = kMask;
    shown.text = kMask;
    shown.masked = true;
    for (auto& given : shown.given) {
      given.value = {};
      given.text = kMask;
    }
  }
}

void mask(CustomerCard& card) {
  each_record(card, [](ShownRecord& record) { mask(record); });
}

bool leaves_a_trace(Book& book, const CustomerCard& card) {
  const auto at =
      std::ranges::find(card.card.fields, kConfidentialField, [](const ShownField& f) { return f.field->id; });
  if (at == card.card.fields.end() || at->given.empty()) return false;
  const auto* yes = std::get_if<bool>(&at->given.front().value);
  return yes != nullptr && *yes && std::ranges::find(card.owners, book.me()) == card.owners.end();
}

}  // namespace satchel::field
