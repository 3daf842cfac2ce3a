// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import.h"

#include <unordered_set>

#include "client/field/numbers.h"
#include "schema/exchange/csv.h"

namespace satchel::field {

namespace {

constexpr std::size_t kRowsPerTransaction = 500;
constexpr std::string_view kStatusColumn = "status";
constexpr std::string_view kMessageColumn = "message";
constexpr std::string_view kNumberColumn = "archive_number";
constexpr std::string_view kBroken = "broken";  // status of a row whose cells did not fit the columns
constexpr std::string_view kOwner = "owner";
constexpr std::string_view kOriginalAuthor = "original_author";
constexpr std::string_view kOriginalDate = "original_date";

bool is_ours(std::string_view column) {
  return column == kStatusColumn || column == kMessageColumn || column == kNumberColumn;
}

// Where a column goes: a field, or one of the other destinations.
struct Target {
  std::size_t column = 0;
  const Field* field = nullptr;
  std::string_view other;
};

struct Work {
  ImportRow row;
  std::vector<std::string> cells;
  NewCustomer customer;
  bool broken = false;
};

class Importer {
 public:
  Importer(Book& book, const ImportOptions& options, const std::function<std::string(const Error&)>& words)
      : book_(book), options_(options), words_(words) {}

  Result<ImportResult> run(View file);

 private:
  Result<void> map_columns(const CsvReader& csv);
  Result<void> add_target(std::size_t column, const std::string& name, const std::string& to);
  void read_row(const CsvReader& csv, CsvRow& cells);
  Result<void> fill(Work& work);
  void look_for_doubles(Work& work);
  Result<void> apply();
  std::string result_file(const CsvReader& csv) const;
  std::string say(std::string_view zh, std::string_view en) const {
    return std::string(book_.lang() == Lang::zh ? zh : en);
  }

  Book& book_;
  const ImportOptions& options_;
  const std::function<std::string(const Error&)>& words_;
  const Template* form_ = nullptr;
  std::vector<Target> targets_;
  std::optional<std::size_t> status_;          // column of an earlier run's result
  std::unordered_set<std::string> phones_;     // of rows before
  std::unordered_set<std::string> externals_;  // the same
  std::vector<Work> work_;
  ImportResult out_;
};

Result<void> Importer::add_target(std::size_t column, const std::string& name, const std::string& to) {
  Target target{column};
  for (const auto other : {kOwner, kOriginalAuthor, kOriginalDate}) {
    if (to == other) target.other = other;
  }
  if (target.other.empty()) {
    SATCHEL_GET(field, find_field(*form_, to, book_.lang()));
    target.field = field;
  }
  const bool twice = std::ranges::any_of(
      targets_, [&](const Target& t) { return t.field == target.field && t.other == target.other; });
  if (twice) return fail(ErrorKind::usage, "import.mapped-twice", to);
  targets_.push_back(target);
  out_.mapped.emplace_back(name, target.field != nullptr ? target.field->id : std::string(target.other));
  return {};
}

Result<void> Importer::map_columns(const CsvReader& csv) {
  const auto& header = csv.header();
  status_ = csv.column(kStatusColumn);
  for (const auto& [name, to] : options_.map) {
    const auto column = csv.column(name);
    std::string known;
    for (const auto& h : header) known += (known.empty() ? "" : ", ") + h;
    if (!column) return fail(ErrorKind::usage, "import.no-such-column", name + " (" + known + ")");
    SATCHEL_TRY(add_target(*column, name, to));
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool named = std::ranges::any_of(options_.map, [&](const auto& m) { return m.first == header[i]; });
    if (named || is_ours(header[i])) continue;
    const bool fits = header[i] == kOwner || header[i] == kOriginalAuthor || header[i] == kOriginalDate ||
                      find_field(*form_, header[i], book_.lang());
    if (!fits || !add_target(i, header[i], header[i])) out_.unmapped.push_back(header[i]);
  }
  const bool has_name = std::ranges::any_of(
      targets_, [&](const Target& t) { return t.field != nullptr && t.field->id == form_->title_field; });
  if (!has_name) return fail(ErrorKind::usage, "import.no-name", form_->title_field);
  return {};
}

Result<void> Importer::fill(Work& work) {
  auto& customer = work.customer;
  customer.owners = options_.owners;
  std::string wrong;
  for (const auto& target : targets_) {
    const std::string& cell = work.cells[target.column];
    if (trim_blanks(cell).empty()) continue;
    if (target.other == kOriginalAuthor)
      customer.origin.insert_or_assign(std::string(kOriginalAuthorField), Value(cell));
    if (target.other == kOriginalDate) {
      const auto date = parse_any_date(cell);
      customer.origin.insert_or_assign(std::string(kOriginalDateField), date ? Value(*date) : Value(cell));
    }
    if (target.other == kOwner) {
      for (const auto& name : split_list(cell)) {
        SATCHEL_GET(person, book_.find_person(name));
        if (std::ranges::find(customer.owners, person) == customer.owners.end()) customer.owners.push_back(person);
      }
    }
    if (target.field == nullptr) continue;
    auto value = parse_typed(book_, *target.field, cell);
    if (!value) {  // all of a row's faults at once, so that one correction does
      wrong += (wrong.empty() ? "" : "; ") + words_(value.error());
      continue;
    }
    if (!empty(*value)) customer.card.insert_or_assign(target.field->id, std::move(*value));
  }
  if (!wrong.empty()) return fail(ErrorKind::invalid, "import.row", wrong);
  return check_record(*form_, customer.card, book_.lang());
}

void Importer::look_for_doubles(Work& work) {
  const auto text_of = [&](std::string_view id) {
    const auto at = work.customer.card.find(id);
    const auto* text = at == work.customer.card.end() ? nullptr : std::get_if<std::string>(&at->second);
    return text != nullptr ? *text : std::string();
  };
  if (const auto external = text_of("external_number"); !external.empty()) {
    const auto known = book_.with_external_number(external);
    if ((known && !known->empty()) || !externals_.insert(external).second) {
      work.row.status = RowStatus::skipped;
      work.row.message = say("原编号已有档案：", "this external number has an archive: ") + external;
      if (known && !known->empty()) work.row.number = known->front().number;
      return;
    }
  }
  std::string same;
  if (const auto twins = find_twins(book_, work.customer.card)) {
    for (const auto& c : twins->same_phone) same += (same.empty() ? "" : "；") + c.name + " " + c.number;
    for (const auto& c : twins->same_name) {
      if (twins->same_phone.empty()) work.row.message = say("已有同名客户：", "same name as ") + c.number;
    }
  }
  const auto phone = normalise_phone(text_of("phone"));
  if (!phone.empty() && !phones_.insert(phone).second && same.empty())
    same = say("本文件中的前一行", "an earlier row of this file");
  if (same.empty()) return;
  work.row.message = say("电话相同：", "same phone as ") + same;
  if (!options_.doubles_too) work.row.status = RowStatus::double_;
}

void Importer::read_row(const CsvReader& csv, CsvRow& cells) {
  Work work;
  work.row.line = cells.line;
  work.cells = std::move(cells.cells);
  const auto width = csv.header().size();
  for (std::size_t i = width; i < work.cells.size(); ++i) work.cells[width - 1] += csv.delimiter() + work.cells[i];
  work.cells.resize(width);
  for (const auto& target : targets_) {
    if (target.field != nullptr && target.field->id == form_->title_field) work.row.name = work.cells[target.column];
  }
  const bool before = status_ && (work.cells[*status_] == name_of(RowStatus::imported) ||
                                  work.cells[*status_] == name_of(RowStatus::skipped));
  // The result file had to bend such a row to the columns: a person looks at it and clears its status.
  const bool unseen = status_ && work.cells[*status_] == kBroken;
  work.broken = cells.fault != CsvFault::none || unseen;
  if (unseen) {
    work.row.status = RowStatus::error;
    work.row.message = words_({ErrorKind::invalid, "import.broken-row", std::to_string(cells.line)});
  } else if (cells.fault != CsvFault::none) {
    work.row.status = RowStatus::error;
    work.row.message =
        words_({ErrorKind::invalid, "csv." + std::string(name_of(cells.fault)), std::to_string(cells.line)});
  } else if (before) {
    work.row.status = RowStatus::skipped;
    work.row.message = say("此前已导入", "imported before");
  } else if (auto filled = fill(work); !filled) {
    work.row.status = RowStatus::error;
    work.row.message = filled.error().code == "import.row" ? filled.error().detail : words_(filled.error());
  } else {
    look_for_doubles(work);
  }
  work_.push_back(std::move(work));
}

Result<void> Importer::apply() {
  for (std::size_t from = 0; from < work_.size(); from += kRowsPerTransaction) {
    const auto part = std::span(work_).subspan(from, std::min(kRowsPerTransaction, work_.size() - from));
    SATCHEL_TRY(at_desk(book_, [&](Desk& desk) -> Result<void> {
      for (auto& work : part) {
        if (work.row.status != RowStatus::ready) continue;
        const auto saved = desk.open_customer(work.customer);
        if (!saved && saved.error().kind == ErrorKind::storage) return std::unexpected(saved.error());
        work.row.status = saved ? RowStatus::imported : RowStatus::error;
        if (saved) {
          work.row.number = saved->number;
        } else {
          work.row.message = words_(saved.error());
        }
      }
      return {};
    }));
  }
  SATCHEL_TRY(settle_numbers(book_));
  return {};
}

std::string Importer::result_file(const CsvReader& csv) const {
  CsvWriter writer(true);
  std::vector<std::size_t> kept;
  std::vector<std::string> header;
  for (std::size_t i = 0; i < csv.header().size(); ++i) {
    if (is_ours(csv.header()[i])) continue;
    kept.push_back(i);
    header.push_back(csv.header()[i]);
  }
  for (const auto name : {kStatusColumn, kMessageColumn, kNumberColumn}) header.emplace_back(name);
  writer.row(header);
  for (const auto& work : work_) {
    std::vector<std::string> cells;
    for (const auto i : kept) cells.push_back(work.cells[i]);
    cells.emplace_back(work.broken ? kBroken : name_of(work.row.status));
    cells.push_back(work.row.message);
    cells.push_back(work.row.number);
    writer.row(cells);
  }
  return writer.take();
}

Result<ImportResult> Importer::run(View file) {
  SATCHEL_TRY(book_.refresh());
  SATCHEL_GET(form, book_.form(holder::kCustomerTemplate));
  form_ = form;
  SATCHEL_GET(decoded, decode_text(file, options_.encoding));
  SATCHEL_GET(csv, CsvReader::open(decoded.text));
  out_.encoding = decoded.encoding;
  out_.delimiter = csv.delimiter();
  SATCHEL_TRY(map_columns(csv));
  for (CsvRow row; csv.next(row);) read_row(csv, row);
  if (options_.apply) SATCHEL_TRY(apply());
  out_.result_csv = result_file(csv);
  for (auto& work : work_) out_.rows.push_back(std::move(work.row));
  return std::move(out_);
}

}  // namespace

std::string_view name_of(RowStatus status) {
  static constexpr std::string_view kNames[] = {"ready", "imported", "skipped", "double", "error"};
  return kNames[static_cast<std::size_t>(status)];
}

std::size_t ImportResult::count(RowStatus status) const {
  return static_cast<std::size_t>(std::ranges::count(rows, status, &ImportRow::status));
}

Result<ImportResult> import_customers(Book& book, View file, const ImportOptions& options,
                                      const std::function<std::string(const Error&)>& words) {
  return Importer(book, options, words).run(file);
}

}  // namespace satchel::field
