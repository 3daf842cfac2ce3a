// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import_targets.h"

#include <algorithm>

namespace satchel::field {

namespace {

class Mapper {
 public:
  Mapper(Book& book, const ImportTable& table, const ImportOptions& options)
      : book_(book), table_(table), options_(options) {}

  Result<ImportTargets> map();

 private:
  std::optional<std::string_view> other(std::string_view to) const;
  Result<void> add(std::size_t column, const std::string& to);
  Result<void> named();
  void by_themselves();
  Result<void> constants();
  Result<void> check() const;

  Book& book_;
  const ImportTable& table_;
  const ImportOptions& options_;
  ImportTargets out_;
};

// Destinations that a form's columns have by their name alone, besides its fields.
std::optional<std::string_view> destination(const Template& form, std::string_view to) {
  for (const auto word : {kAuthorTarget, kDateTarget}) {
    if (to == word) return word;
  }
  const bool customers = form.id == holder::kCustomerTemplate;
  if (customers && (to == kOwnerTarget || to == "负责人" || to == "Owner")) return kOwnerTarget;
  const bool names_customer = to == kCustomerTarget || to == "客户" || to == "Customer";
  if (!customers && form.lives_in(RecordScope::customer) && names_customer) return kCustomerTarget;
  return std::nullopt;
}

std::optional<std::string_view> Mapper::other(std::string_view to) const {
  if (const auto word = destination(*out_.form, to)) return word;
  const auto* number = out_.customers ? out_.form->field(kNumberTarget) : nullptr;
  if (number != nullptr && options_.update_by == kNumberTarget &&
      (to == kNumberTarget || to == number->label.zh || to == number->label.en))
    return kNumberTarget;
  return std::nullopt;
}

Result<void> Mapper::add(std::size_t column, const std::string& to) {
  ImportTarget target{column, nullptr, {}};
  if (const auto word = other(to)) {
    target.other = *word;
  } else {
    SATCHEL_GET(field, find_field(*out_.form, to, book_.lang()));
    if (field->formula) return fail(ErrorKind::usage, "import.computed", field->label.in(book_.lang()));
    target.field = field;
  }
  const bool twice = std::ranges::any_of(
      out_.all, [&](const ImportTarget& t) { return t.field == target.field && t.other == target.other; });
  if (twice) return fail(ErrorKind::usage, "import.mapped-twice", to);
  out_.mapped.emplace_back(table_.header[column], target.field != nullptr ? target.field->id : target.other);
  out_.all.push_back(target);
  return {};
}

Result<void> Mapper::named() {
  for (const auto& [name, to] : options_.map) {
    const auto column = table_.column(name);
    if (!column) {
      std::string known;
      for (const auto& h : table_.header) known += (known.empty() ? "" : ", ") + h;
      return fail(ErrorKind::usage, "import.no-such-column", name + " (" + known + ")");
    }
    SATCHEL_TRY(add(*column, to));
  }
  return {};
}

void Mapper::by_themselves() {
  for (std::size_t i = 0; i < table_.header.size(); ++i) {
    const auto& name = table_.header[i];
    const bool done = std::ranges::any_of(options_.map, [&](const auto& m) { return m.first == name; });
    if (done || is_result_column(name) || name == kCardFormColumn || name == kCardRecordColumn) continue;
    if (!add(i, name)) out_.unmapped.push_back(name);
  }
}

Result<void> Mapper::constants() {
  for (const auto& [name, text] : options_.set) {
    SATCHEL_GET(field, find_field(*out_.form, name, book_.lang()));
    SATCHEL_GET(value, parse_cell(book_, *field, text));
    out_.constants.insert_or_assign(field->id, std::move(value));
  }
  return {};
}

Result<void> Mapper::check() const {
  if (!options_.update_by.empty() && out_.find(options_.update_by) == nullptr)
    return fail(ErrorKind::usage, "import.no-such-key", options_.update_by);
  if (!options_.update_by.empty()) return {};  // what is there has a name, and lives somewhere
  const auto& title = out_.form->title_field;
  if (out_.customers && out_.find(title) == nullptr) return fail(ErrorKind::usage, "import.no-name", title);
  const bool lost =
      !out_.customers && out_.form->lives_in(RecordScope::customer) && out_.find(kCustomerTarget) == nullptr;
  if (lost) return fail(ErrorKind::usage, "import.no-customer");
  const bool any = std::ranges::any_of(out_.all, [](const ImportTarget& t) { return t.field != nullptr; });
  if (!any) return fail(ErrorKind::usage, "import.nothing-mapped");
  return {};
}

Result<ImportTargets> Mapper::map() {
  SATCHEL_GET(form, book_.form(options_.into.empty() ? holder::kCustomerTemplate : std::string_view(options_.into)));
  out_.form = form;
  out_.customers = form->id == holder::kCustomerTemplate;
  SATCHEL_TRY(named());
  by_themselves();
  SATCHEL_TRY(constants());
  SATCHEL_TRY(check());
  return std::move(out_);
}

}  // namespace

const ImportTarget* ImportTargets::find(std::string_view wanted) const {
  const auto at = std::ranges::find_if(
      all, [&](const ImportTarget& t) { return t.field != nullptr ? t.field->id == wanted : t.other == wanted; });
  return at == all.end() ? nullptr : &*at;
}

Result<ImportTargets> find_targets(Book& book, const ImportTable& table, const ImportOptions& options) {
  return Mapper(book, table, options).map();
}

std::string column_title(const Template& form, const Field& field, Lang lang) {
  const auto& label = field.label.in(lang);
  const bool its_own = !destination(form, label) && field_named(form, label) == &field;
  return its_own ? label : titled_field(field, lang);
}

Result<Value> parse_cell(Book& book, const Field& field, std::string_view text) {
  const auto finder = book.exact_finder();
  auto value = parse_typed(book, field, text, finder);
  if (value || value.error().code != "field.not-found" || field.type != FieldType::archive) return value;
  const auto customer = book.find_customer_exactly(text);  // says which come near
  if (!customer) value = std::unexpected(customer.error());
  return value;
}

std::optional<ResultColumns> result_columns(const ImportTable& table) {
  const auto status = table.column(kStatusColumn), number = table.column(kNumberColumn);
  if (!status || !number || !table.column(kMessageColumn)) return std::nullopt;
  return ResultColumns{*status, *number};
}

bool is_result_column(std::string_view column) {
  return column == kStatusColumn || column == kMessageColumn || column == kNumberColumn;
}

std::string KeyIndex::key_of(std::string_view text) const {
  return field_->type == FieldType::phone || field_->search == SearchKind::phone ? normalise_phone(text)
                                                                                 : fold_typed(text);
}

Result<KeyIndex> KeyIndex::make(Book& book, const Template& form, std::string_view field) {
  KeyIndex out;
  out.field_ = form.field(field);
  if (out.field_ == nullptr || !out.field_->sheet)
    return fail(ErrorKind::usage, "import.no-such-key", std::string(field));
  SATCHEL_GET(sheet, book.sheet(form.id));
  sheet->table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce) return true;
    const Value value = sheet->value(row, field);
    if (const auto key = empty(value) ? std::string() : out.key_of(format_value(value)); !key.empty())
      out.places_[key].push_back({row.archive(), row.record()});
    return true;
  });
  return out;
}

const std::vector<KeyIndex::Place>& KeyIndex::find(std::string_view text) const {
  static const std::vector<Place> kNone;
  const auto at = places_.find(key_of(text));
  return at == places_.end() ? kNone : at->second;
}

}  // namespace satchel::field
