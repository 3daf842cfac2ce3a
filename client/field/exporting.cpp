// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/exporting.h"

#include <unordered_set>

#include "client/field/export_sink.h"
#include "client/field/import_targets.h"
#include "sync/holder/disk_file.h"
#include "sync/holder/reading_note.h"

namespace satchel::field {

namespace {

struct Filter {
  const Field* field = nullptr;
  Value value;
  std::string text;
};

bool holds(const Filter& filter, const FieldMap& fields) {
  const auto at = fields.find(filter.field->id);
  if (at == fields.end()) return empty(filter.value);
  const auto* have = std::get_if<std::vector<std::string>>(&at->second);
  const auto* want = std::get_if<std::vector<std::string>>(&filter.value);
  if (have == nullptr) return at->second == filter.value || fold_typed(format_value(at->second)) == filter.text;
  if (want == nullptr) return std::ranges::find(*have, format_value(filter.value)) != have->end();
  return std::ranges::all_of(*want, [&](const auto& w) { return std::ranges::find(*have, w) != have->end(); });
}

class Exporter {
 public:
  Exporter(Book& book, const ExportOptions& options) : book_(book), options_(options) {}
  Result<Exported> run();

 private:
  Result<void> find_shape();
  Result<void> find_filters();
  Result<void> find_archives();
  Result<void> put_form(ExportSink& sink, const ExportShape& shape);
  Result<std::optional<ExportRow>> row_at(holder::Reading& reading, const SheetView& at, const ExportShape& shape);
  Result<holder::BegunReading> begin() const;
  Result<void> end(const holder::BegunReading& begun);
  std::string say(std::string_view zh, std::string_view en) const {
    return std::string(book_.lang() == Lang::zh ? zh : en);
  }
  ExportShape shape_of(const Template& form);

  Book& book_;
  const ExportOptions& options_;
  ExportShape shape_;
  std::vector<Filter> filters_;
  std::optional<std::unordered_set<ArchiveId>> only_;  // --customer
  std::unordered_set<ArchiveId> archives_;
  Exported out_;
};

ExportShape Exporter::shape_of(const Template& form) {
  ExportShape shape{&form, form.id == holder::kCustomerTemplate, {}};
  if (!shape.customers && form.lives_in(RecordScope::customer))
    shape.columns.push_back({nullptr, say("客户", "Customer")});
  for (const auto& field : form.fields) {
    if (field.sensitivity == Sensitivity::sensitive && !options_.sensitive) {
      out_.left_out.push_back(field.label.in(book_.lang()));
    } else if (!field.retired && field.type != FieldType::attachment) {
      shape.columns.push_back({&field, column_title(form, field, book_.lang())});
    }
  }
  if (shape.customers) shape.columns.push_back({nullptr, say("负责人", "Owner")});
  return shape;
}

Result<void> Exporter::find_shape() {
  const bool customers = options_.what.empty() || options_.what == "customers";
  SATCHEL_GET(form, book_.form(customers ? holder::kCustomerTemplate : std::string_view(options_.what)));
  const bool cards = form->id == holder::kCustomerTemplate || form->id == holder::kContactTemplate;
  if (options_.format == ExportFormat::vcard && !cards) return fail(ErrorKind::usage, "export.no-vcard", form->id);
  shape_ = shape_of(*form);
  out_.what = form->id;
  return {};
}

Result<void> Exporter::find_filters() {
  for (const auto& typed : options_.filter) {
    Filter filter{shape_.form->field(typed.field), {}, fold_typed(typed.text)};
    if (filter.field == nullptr) {
      SATCHEL_GET(field, find_field(*shape_.form, typed.field, book_.lang()));
      filter.field = field;
    }
    // Who picks by what is sensitive learns it.
    if (filter.field->sensitivity == Sensitivity::sensitive && !options_.sensitive)
      return fail(ErrorKind::usage, "export.sensitive-filter", filter.field->label.in(book_.lang()));
    SATCHEL_GET(value, parse_typed(book_, *filter.field, typed.text));
    filter.value = std::move(value);
    filters_.push_back(std::move(filter));
  }
  return {};
}

Result<void> Exporter::find_archives() {
  if (options_.customer.empty()) return {};
  SATCHEL_GET(customer, book_.find_customer(options_.customer));
  if (customer.locked) return fail(ErrorKind::permission, "customer.card-locked", customer.number);
  SATCHEL_GET(parts, book_.parts_of(customer.archive));
  only_.emplace(parts.begin(), parts.end());
  return {};
}

Result<std::optional<ExportRow>> Exporter::row_at(holder::Reading& reading, const SheetView& at,
                                                  const ExportShape& shape) {
  SATCHEL_GET(info, book_.archive(reading.txn(), at.archive()));
  SATCHEL_GET(index, node::record_index(reading.txn(), info.no, at.record()));
  if (!index) return fail(ErrorKind::integrity, "log.damaged", "records");
  SATCHEL_GET(loaded, reading.load({info, at.record(), *index}));
  ExportRow row;
  row.record = at.record();
  row.fields = values_in_force(*shape.form, loaded.state, *book_.directory());
  if (shape.form == shape_.form &&
      !std::ranges::all_of(filters_, [&](const Filter& f) { return holds(f, row.fields); }))
    return std::optional<ExportRow>();
  SATCHEL_GET(customer, shape.customers ? book_.part_of(at.archive()) : book_.customer_of(at.archive()));
  if (customer) row.customer = std::move(*customer);
  for (const auto& person : book_.owners(info)) row.owners.push_back(book_.person_name(person));
  return row;
}

Result<void> Exporter::put_form(ExportSink& sink, const ExportShape& shape) {
  SATCHEL_GET(sheet, book_.sheet(shape.form->id));
  SATCHEL_GET(reading, book_.read());
  Result<void> done;
  sheet->table.each([&](const SheetView& at) {
    if (at.standing() != kRowInForce || (only_ && !only_->contains(at.archive()))) return true;
    auto row = row_at(*reading, at, shape);
    // What no longer opens since the sheet was made is not this person's to take.
    if (!row && row.error().kind == ErrorKind::permission) return true;
    if (!row) {
      done = std::unexpected(row.error());
      return false;
    }
    if (!*row) return true;
    done = sink.put(shape, **row);
    ++out_.records;
    archives_.insert(at.archive());
    return done.has_value();
  });
  return done;
}

Result<holder::BegunReading> Exporter::begin() const {
  SATCHEL_TRY(holder::may_make(options_.out));
  holder::ReadingNote note;
  note.kind = options_.sensitive ? "sensitive" : "export";
  note.what = out_.what + " " + std::string(kExportFormatNames[static_cast<std::size_t>(options_.format)]);
  if (!options_.customer.empty()) note.what += " customer=" + options_.customer;
  for (std::size_t i = 0; i < options_.filter.size(); ++i) {
    const bool sensitive = filters_[i].field->sensitivity == Sensitivity::sensitive;
    note.what += " " + options_.filter[i].field + "=" + (sensitive ? std::string(kMask) : options_.filter[i].text);
  }
  note.purpose = options_.purpose;
  return holder::begin_reading(book_, note);
}

Result<void> Exporter::end(const holder::BegunReading& begun) {
  return holder::end_reading(book_, begun, out_.records, {archives_.begin(), archives_.end()});
}

Result<Exported> Exporter::run() {
  SATCHEL_TRY(book_.refresh());
  if (trim_blanks(options_.purpose).empty()) return fail(ErrorKind::usage, "export.no-purpose");
  SATCHEL_TRY(find_shape());
  SATCHEL_TRY(find_filters());
  SATCHEL_TRY(find_archives());
  SATCHEL_GET(begun, begin());
  SATCHEL_GET(sink, make_sink(book_, shape_, options_));
  SATCHEL_TRY(put_form(*sink, shape_));
  // A customer's card goes with the people one speaks to there.
  const auto* contacts = book_.catalogue().find_template(holder::kContactTemplate);
  if (options_.format == ExportFormat::vcard && shape_.customers && contacts != nullptr && filters_.empty()) {
    SATCHEL_TRY(put_form(*sink, shape_of(*contacts)));
  }
  SATCHEL_GET(locked, book_.locked());
  out_.locked = shape_.form->lives_in(RecordScope::customer) && !only_ ? locked->size() : 0;
  SATCHEL_TRY(end(begun));
  SATCHEL_TRY(sink->keep());
  return std::move(out_);
}

}  // namespace

Result<Exported> export_records(Book& book, const ExportOptions& options) { return Exporter(book, options).run(); }

}  // namespace satchel::field
