// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/export_sink.h"

#include <boost/json.hpp>

#include "schema/exchange/csv.h"
#include "schema/exchange/vcard.h"
#include "schema/exchange/xlsx_writer.h"
#include "sync/holder/disk_file.h"

namespace satchel::field {

namespace {

namespace json = boost::json;

bool is_number_value(const Value& v) {
  return std::holds_alternative<std::int64_t>(v) || std::holds_alternative<Decimal>(v);
}

std::string other_text(const ExportShape& shape, const ExportRow& row, Lang lang) {
  return shape.customers ? join_list(row.owners, lang) : row.customer.number;
}

class TextSink : public ExportSink {
 public:
  TextSink(Book& book, holder::AsideFile file) : ExportSink(book), file_(std::move(file)) {}
  Result<void> keep() override { return file_.keep(false); }

 protected:
  holder::AsideFile file_;
};

class CsvSink : public TextSink {
 public:
  using TextSink::TextSink;
  Result<void> begin(const ExportShape& shape) {
    CsvWriter csv(true);
    std::vector<std::string> titles;
    for (const auto& c : shape.columns) titles.push_back(c.title);
    csv.row(titles);
    return file_.write(view(csv.text()));
  }
  Result<void> put(const ExportShape& shape, const ExportRow& row) override {
    CsvWriter csv;
    std::vector<CsvCell> cells;
    for (const auto& column : shape.columns) {
      CsvCell cell;
      if (column.field == nullptr) {
        cell.text = other_text(shape, row, book_.lang());
      } else if (const auto at = row.fields.find(column.field->id); at != row.fields.end()) {
        cell.number = is_number_value(at->second);
        cell.text = cell.number ? format_value(at->second) : export_text(book_, *column.field, at->second);
      }
      cells.push_back(std::move(cell));
    }
    csv.row(cells);
    return file_.write(view(csv.text()));
  }
};

class JsonSink : public TextSink {
 public:
  using TextSink::TextSink;
  // What `add --stdin` takes: nothing the program fills in itself.
  Result<void> put(const ExportShape& shape, const ExportRow& row) override {
    json::object out;
    out["type"] = shape.form->id;
    if (!shape.customers && shape.form->lives_in(RecordScope::customer)) out["customer"] = row.customer.number;
    if (shape.customers) {
      json::array owners;
      for (const auto& owner : row.owners) owners.emplace_back(owner);
      out["owners"] = std::move(owners);
    }
    for (const auto& column : shape.columns) {
      if (column.field == nullptr || column.field->system || column.field->formula) continue;
      const auto at = row.fields.find(column.field->id);
      if (at != row.fields.end()) out[column.field->id] = value_of(*column.field, at->second);
    }
    const std::string line = json::serialize(out) + "\n";
    return file_.write(view(line));
  }

 private:
  json::value value_of(const Field& field, const Value& value) {
    const bool list =
        field.type == FieldType::choices || field.type == FieldType::persons || field.type == FieldType::texts;
    const auto* items = std::get_if<std::vector<std::string>>(&value);
    if (list && items != nullptr) {
      json::array out;
      for (const auto& item : *items)
        out.emplace_back(export_text(book_, field, Value(std::vector<std::string>{item})));
      return out;
    }
    if (const auto* yes = std::get_if<bool>(&value)) return *yes;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    return json::value(is_number_value(value) ? format_value(value) : export_text(book_, field, value));
  }
};

class VCardSink : public TextSink {
 public:
  using TextSink::TextSink;
  Result<void> put(const ExportShape& shape, const ExportRow& row) override {
    row_ = &row;
    shape_ = &shape;
    const auto card = shape.customers ? company() : person();
    return file_.write(view(write_vcard(card)));
  }

 private:
  std::string text(std::string_view id) const {
    const Field* field = nullptr;
    for (const auto& column : shape_->columns) {  // only what may go out
      if (column.field != nullptr && column.field->id == id) field = column.field;
    }
    const auto at = row_->fields.find(id);
    return field == nullptr || at == row_->fields.end() ? std::string() : export_text(book_, *field, at->second);
  }
  void add_ways(VCard& card) const {
    if (const auto phone = text("phone"); !phone.empty()) card.phones.push_back({phone, {"work"}});
    if (const auto fax = text("fax"); !fax.empty()) card.phones.push_back({fax, {"fax"}});
    if (const auto mail = text("email"); !mail.empty()) card.emails.push_back({mail, {}});
    card.birthday = text("birthday");
  }
  // The company's, in the name of whoever is spoken to there.
  VCard company() const {
    VCard card;
    card.organisation = text("name");
    card.formatted = text("contact").empty() ? card.organisation : text("contact");
    card.family = card.formatted == card.organisation ? "" : card.formatted;
    card.title = text("contact_title");
    add_ways(card);
    VCardAddress address{{}, {}, text("address"), text("city"), text("region"), text("postcode"), text("country"), {}};
    if (!address.text().empty()) card.addresses.push_back(std::move(address));
    card.uid = text("external_number").empty() ? row_->customer.number : text("external_number");
    say_whose(card);
    return card;
  }
  VCard person() const {
    VCard card;
    card.formatted = card.family = text("name");
    card.organisation = row_->customer.name;
    card.title = text("title");
    add_ways(card);
    card.uid = row_->record.hex();
    say_whose(card);
    return card;
  }
  // So that import knows it again.
  void say_whose(VCard& card) const {
    card.own_form = shape_->form->id;
    card.own_record = row_->record.hex();
  }

  const ExportShape* shape_ = nullptr;
  const ExportRow* row_ = nullptr;
};

class XlsxSink : public ExportSink {
 public:
  XlsxSink(Book& book, XlsxTable table, holder::AsideFile file)
      : ExportSink(book), table_(std::move(table)), file_(std::move(file)) {}
  Result<void> put(const ExportShape& shape, const ExportRow& row) override {
    std::vector<ReportCell> cells;
    for (const auto& column : shape.columns) {
      ReportCell cell;
      if (column.field == nullptr) {
        cell.text = other_text(shape, row, book_.lang());
        cell.value = cell.text;
      } else if (const auto at = row.fields.find(column.field->id); at != row.fields.end()) {
        cell = {at->second, export_text(book_, *column.field, at->second)};
      }
      cells.push_back(std::move(cell));
    }
    return table_.row(cells);
  }
  Result<void> keep() override {
    SATCHEL_TRY(table_.finish());
    return file_.keep(false);
  }

 private:
  XlsxTable table_;
  holder::AsideFile file_;
};

}  // namespace

std::string export_text(Book& book, const Field& field, const Value& value) {
  const auto* entries = std::get_if<std::vector<std::string>>(&value);
  if (field.merge == MergePolicy::log && entries != nullptr) {
    std::string out;
    for (const auto& entry : *entries) out += (out.empty() ? "" : "\n") + entry;
    return out;
  }
  const auto names = book.names();
  return format_field(field, value, book.lang(), &names);
}

Result<std::unique_ptr<ExportSink>> make_sink(Book& book, const ExportShape& shape, const ExportOptions& options) {
  const std::filesystem::path target = options.out;
  SATCHEL_GET(file, holder::AsideFile::make(target, book.device().entropy()));
  if (options.format == ExportFormat::xlsx) {
    std::vector<XlsxColumn> columns;
    for (const auto& c : shape.columns)
      columns.push_back({c.title, c.field != nullptr ? c.field->type : FieldType::text});
    SATCHEL_GET(table, XlsxTable::create(file.path(), shape.form->label.in(book.lang()), columns));
    return std::make_unique<XlsxSink>(book, std::move(table), std::move(file));
  }
  if (options.format == ExportFormat::jsonl) return std::make_unique<JsonSink>(book, std::move(file));
  if (options.format == ExportFormat::vcard) return std::make_unique<VCardSink>(book, std::move(file));
  auto csv = std::make_unique<CsvSink>(book, std::move(file));
  SATCHEL_TRY(csv->begin(shape));
  return csv;
}

}  // namespace satchel::field
