// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/submission.h"

#include "client/field/attachments.h"

namespace satchel::field {

namespace {

constexpr DomainLabel kSubmissionLabel{"satchel submit"};
constexpr std::string_view kSnapshotName = "report.json";
constexpr std::size_t kTextMax = 2000;

// Of "label: text" pairs, as far as a field takes them.
std::string joined(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [label, text] : pairs) {
    const std::string one = (out.empty() ? "" : "; ") + label + ": " + text;
    if (out.size() + one.size() > kTextMax) break;
    out += one;
  }
  return out;
}

std::string totals_of(const ReportResult& result) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < result.measures.size() && i < result.totals.size(); ++i)
    pairs.emplace_back(result.measures[i].label, result.totals[i].text);
  return joined(pairs);
}

// What the report was asked for: from..to, or a single date.
std::optional<std::string> period_asked(const holder::ReportRequest& request) {
  std::string from, to;
  for (const auto& [id, text] : request.parameters) {
    if (id == "from" || id == "date") from = text;
    if (id == "to" || id == "date") to = text;
  }
  return from.empty() || to.empty() ? std::nullopt : std::optional(from + ".." + to);
}

// How often it was handed in before, from this branch.
Result<int> times_before(Book& book, const std::string& report, const Value& period) {
  SATCHEL_GET(sheet, book.sheet(kSubmissionTemplate));
  const Person* me = book.directory()->person(book.me());
  int times = 0;
  sheet->table.each([&](const SheetView& row) {
    const bool same = row.standing() == kRowInForce && sheet->text(row, "report") == report &&
                      sheet->value(row, "period") == period && (me == nullptr || row.branch() == me->branch());
    times += same ? 1 : 0;
    return true;
  });
  return times;
}

}  // namespace

Result<Submitted> submit(Book& book, const SubmissionWish& wish) {
  SATCHEL_GET(form, book.form(kSubmissionTemplate));
  SATCHEL_GET(snapshot, holder::print_report(wish.report, "json", book.lang()));
  Submitted out;
  out.digest = hash(kSubmissionLabel, view(snapshot)).hex();
  const auto& result = wish.report.result;
  const Date today = date_of(book.device().clock().wall(), kChinaZoneMinutes);
  FieldMap fields{{"title", result.title},
                  {"report", wish.report_id},
                  {"submitted_on", today},
                  {"rows", static_cast<std::int64_t>(result.row_count)},
                  {"snapshot", std::string(kSnapshotName)},
                  {"digest", out.digest}};
  const auto put = [&](const char* field, std::string text) {
    if (!text.empty()) fields.insert_or_assign(field, std::move(text));
  };
  put("parameters", joined(result.parameters));
  put("totals", wish.report.sensitive ? std::string(kMask) : totals_of(result));
  if (wish.report.sensitive) fields.insert_or_assign("confidential", true);
  put("freshness", std::string(trim_blanks(holder::freshness_text(wish.report.freshness, book.lang()))));
  put("note", wish.note);
  const auto period = wish.period.empty() ? period_asked(wish.report.request).value_or("") : wish.period;
  if (!period.empty()) {
    SATCHEL_GET(value, parse_typed(book, *form->field("period"), period));
    const auto& text = std::get<std::string>(value);
    if (const auto end = parse_date(text.substr(text.find('/') + 1))) fields.insert_or_assign("period_end", *end);
    fields.insert_or_assign("period", value);
  }
  SATCHEL_GET(before, times_before(book, wish.report_id, fields.contains("period") ? fields.at("period") : Value{}));
  out.again = before + 1;
  fields.insert_or_assign("again", std::int64_t{out.again});
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(archive, desk.own_archive(*form));
    SATCHEL_GET(saved, desk.add({form, archive, fields, {}, true}));
    out.saved = std::move(saved);
    return {};
  }));
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(place, book.place_of(out.saved.archive, out.saved.record));
  const auto bytes = view(snapshot);
  SATCHEL_TRY(attach(
      book, {place, {}, Bytes(bytes.begin(), bytes.end()), std::string(kSnapshotName), "application/json", {}, {}}));
  return out;
}

}  // namespace satchel::field
