// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/conflicts.h"

#include "sync/holder/attention.h"

namespace satchel::field {

namespace {

GivenValue given(Book& book, const Field& field, const merge::FieldValue& value) {
  const auto names = book.names();
  return {value.value, format_field(field, value.value, book.lang(), &names), value.person, value.claimed};
}

// Values that every disputed one replaced: what people saw before they parted.
std::vector<GivenValue> original_of(Book& book, const Field& field, const merge::RecordState& state,
                                    const std::vector<const merge::FieldValue*>& standing) {
  std::vector<GivenValue> out;
  for (const auto* value : state.values(field.id)) {
    const bool by_all = std::ranges::all_of(
        standing, [&](const auto* s) { return std::ranges::find(s->replaces, value->dot) != s->replaces.end(); });
    if (by_all) out.push_back(given(book, field, *value));
  }
  return out;
}

Result<Dispute> dispute_of(Book& book, holder::Reading& reading, const holder::Contested& contested) {
  Dispute out;
  out.form = book.catalogue().find_template(contested.type);
  SATCHEL_ASSERT(out.form != nullptr);
  SATCHEL_GET(info, book.archive(reading.txn(), contested.archive));
  SATCHEL_GET(index, node::record_index(reading.txn(), info.no, contested.record));
  if (!index) return fail(ErrorKind::integrity, "log.damaged", "records");
  out.place = {std::move(info), contested.record, std::move(*index)};
  SATCHEL_GET(customer, book.customer_of(contested.archive));
  if (customer) out.customer = std::move(*customer);
  SATCHEL_GET(loaded, reading.load(out.place));
  const auto& state = loaded.state;
  for (const auto& field : out.form->fields) {
    const auto now = node::resolved(field, state, reading.directory());
    if (field.id == out.form->title_field) {
      const auto names = book.names();
      out.title = shown_openly(&field, format_field(field, now.value, book.lang(), &names));
    }
    if (!now.contested) continue;
    auto standing = now.standing;
    std::ranges::sort(standing, {}, [](const auto* v) { return v->dot; });
    Dispute::Disputed disputed{&field, {}, original_of(book, field, state, standing)};
    for (const auto* value : standing) disputed.values.push_back(given(book, field, *value));
    out.fields.push_back(std::move(disputed));
  }
  return out;
}

// The record meant: by its own id, or a customer's card.
bool is_meant(const Dispute& dispute, const std::string& text, const std::optional<CustomerRef>& customer) {
  if (text.size() >= 4 && dispute.place.record.hex().starts_with(text)) return true;
  return customer && dispute.place.record == customer->card;
}

}  // namespace

Result<std::vector<Dispute>> list_disputes(Book& book) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(attention, holder::attention_of(book.device()));
  SATCHEL_GET(reading, book.read());
  std::vector<Dispute> out;
  for (const auto& contested : attention.contested) {
    SATCHEL_GET(dispute, dispute_of(book, *reading, contested));
    out.push_back(std::move(dispute));
  }
  std::ranges::sort(out, [](const Dispute& a, const Dispute& b) {
    return std::tie(a.customer.name, a.place.record) < std::tie(b.customer.name, b.place.record);
  });
  return out;
}

Result<Resolved> resolve_dispute(Book& book, const Resolution& resolution) {
  if ((resolution.keep > 0) == resolution.value.has_value()) return fail(ErrorKind::usage, "conflict.choose");
  SATCHEL_GET(disputes, list_disputes(book));
  std::optional<CustomerRef> customer;
  if (auto found = book.find_customer(resolution.record)) customer = std::move(*found);
  const auto meant =
      std::ranges::find_if(disputes, [&](const Dispute& d) { return is_meant(d, resolution.record, customer); });
  if (meant == disputes.end()) return fail(ErrorKind::not_found, "conflict.none", resolution.record);
  SATCHEL_GET(field, find_field(*meant->form, resolution.field, book.lang()));
  const auto disputed = std::ranges::find(meant->fields, field, &Dispute::Disputed::field);
  if (disputed == meant->fields.end()) return fail(ErrorKind::not_found, "conflict.none", field->label.in(book.lang()));
  Value value;
  if (resolution.value) {
    SATCHEL_GET(typed, parse_typed(book, *field, *resolution.value));
    value = std::move(typed);
  } else {
    if (resolution.keep > disputed->values.size())
      return fail(ErrorKind::usage, "conflict.no-such-value", std::to_string(disputed->values.size()));
    value = disputed->values[resolution.keep - 1].value;
  }
  const FieldMap only{{field->id, value}};
  SATCHEL_TRY(check_record(*meant->form, only, book.lang(), &only));
  Resolved out;
  const auto names = book.names();
  out.text = shown_openly(field, format_field(*field, value, book.lang(), &names));
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(saved, desk.choose(meant->place, *field, value, resolution.reason));
    out.saved = std::move(saved);
    return {};
  }));
  return out;
}

}  // namespace satchel::field
