// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_sheet.h"

#include <algorithm>
#include <charconv>

#include "schema/exchange/xlsx_format.h"

namespace satchel {

namespace {

constexpr std::size_t kCellCharactersMax = 32'767;
constexpr std::size_t kSheetNameMax = 31;
constexpr std::size_t kDigitsKept = 15;
constexpr double kSecondsADay = 86'400;
constexpr std::uint32_t kHeaderColor = 0xE7ECEF;

// UTF-16 units, which is what Excel counts.
std::string cut_characters(std::string_view utf8, std::size_t most) {
  std::size_t units = 0, at = 0;
  while (at < utf8.size()) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    units += bytes == 4 ? 2 : 1;
    if (units > most) break;
    at = std::min(at + bytes, utf8.size());
  }
  return std::string(utf8.substr(0, at));
}

// XML has no word for most control characters.
std::string without_controls(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = ' ';
  }
  return out;
}

struct Number {
  double value = 0;
  std::string format;
};

std::optional<Number> number_of(const std::string& digits) {
  const auto count = std::ranges::count_if(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (static_cast<std::size_t>(count) > kDigitsKept) return std::nullopt;
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return Number{value, {}};
}

std::optional<Number> number_of(const ReportCell& cell, FieldType type) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell.value)) {
    auto out = number_of(std::to_string(*integer));
    if (out) out->format = "0";
    return out;
  }
  if (const auto* decimal = std::get_if<Decimal>(&cell.value)) {
    auto out = number_of(format_decimal(*decimal));
    if (!out) return out;
    out->format = type == FieldType::money ? "#,##0" : "0";
    const std::size_t scale = type == FieldType::money ? std::max<std::size_t>(decimal->scale, 2) : decimal->scale;
    if (scale > 0) out->format += "." + std::string(scale, '0');
    return out;
  }
  if (const auto* date = std::get_if<Date>(&cell.value)) {
    const auto serial = serial_of(*date);
    // A date cut to its month or quarter shows as its text says.
    if (!serial || cell.text != format_date(*date)) return std::nullopt;
    return Number{*serial, "yyyy-mm-dd"};
  }
  if (const auto* time = std::get_if<WallTime>(&cell.value)) {
    const auto serial = serial_of(date_of(*time, kChinaZoneMinutes));
    if (!serial || cell.text.size() < 16) return std::nullopt;
    const auto local = time->ms + static_cast<std::int64_t>(kChinaZoneMinutes) * 60'000;
    const auto in_day = ((local % 86'400'000) + 86'400'000) % 86'400'000;
    return Number{*serial + static_cast<double>(in_day) / 1000 / kSecondsADay, "yyyy-mm-dd hh:mm"};
  }
  return std::nullopt;
}

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace

double column_width(std::size_t text_width) {
  return static_cast<double>(std::clamp<std::size_t>(text_width, 6, 48)) + 2;
}

Result<XlsxFile> XlsxFile::create(const std::string& file) {
  std::string folder = folder_of(file);
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = folder.data();  // copied by the library; what is in clear stays where the person wants it
  options.use_zip64 = LXW_FALSE;
  XlsxFile out;
  out.file_ = file;
  out.book_.reset(workbook_new_opt(file.c_str(), &options));
  if (out.book_ == nullptr) return fail(ErrorKind::storage, "file.io", file);
  return out;
}

lxw_worksheet* XlsxFile::add_sheet(const std::string& name) {
  std::string fit = name;
  std::ranges::replace_if(
      fit, [](char c) { return std::string_view("[]:*?/\\'").find(c) != std::string_view::npos; }, ' ');
  fit = cut_characters(without_controls(fit), kSheetNameMax);
  auto* sheet = workbook_add_worksheet(book_.get(), fit.c_str());
  return sheet != nullptr ? sheet : workbook_add_worksheet(book_.get(), nullptr);
}

lxw_format* XlsxFile::format(const std::string& number_format, XlsxLook look) {
  if (number_format.empty() && look == XlsxLook{}) return nullptr;
  auto& known = formats_[{number_format, look}];
  if (known != nullptr) return known;
  known = workbook_add_format(book_.get());
  if (!number_format.empty()) format_set_num_format(known, number_format.c_str());
  if (look.bold) format_set_bold(known);
  if (look.top_line) format_set_top(known, LXW_BORDER_THIN);
  return known;
}

void XlsxFile::put_text(lxw_worksheet* sheet, std::size_t row, std::size_t column, std::string_view text,
                        XlsxLook look) {
  const auto fit = cut_characters(without_controls(text), kCellCharactersMax);
  worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), fit.c_str(),
                         format({}, look));
}

void XlsxFile::put(lxw_worksheet* sheet, std::size_t row, std::size_t column, const ReportCell& cell, FieldType type,
                   XlsxLook look) {
  const auto number = number_of(cell, type);
  if (!number) return put_text(sheet, row, column, cell.text, look);
  worksheet_write_number(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), number->value,
                         format(number->format, look));
}

void XlsxFile::put_header(lxw_worksheet* sheet, std::size_t row, std::size_t column, std::string_view text) {
  if (header_ == nullptr) {
    header_ = workbook_add_format(book_.get());
    format_set_bold(header_);
    format_set_bottom(header_, LXW_BORDER_THIN);
    format_set_bg_color(header_, kHeaderColor);
  }
  const auto fit = cut_characters(without_controls(text), kCellCharactersMax);
  worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), fit.c_str(), header_);
}

void XlsxFile::put_title(lxw_worksheet* sheet, std::size_t row, std::string_view text) {
  if (title_ == nullptr) {
    title_ = workbook_add_format(book_.get());
    format_set_bold(title_);
    format_set_font_size(title_, 14);
  }
  const auto fit = cut_characters(without_controls(text), kCellCharactersMax);
  worksheet_write_string(sheet, static_cast<lxw_row_t>(row), 0, fit.c_str(), title_);
}

Result<void> XlsxFile::close() {
  // The library frees the book, whatever comes of it.
  if (workbook_close(book_.release()) != LXW_NO_ERROR) return fail(ErrorKind::storage, "file.io", file_);
  return {};
}

}  // namespace satchel
