// SPDX-License-Identifier: AGPL-3.0-or-later
// What this node may read, as reports and rules take it: rows of sheets, fields of customer cards, names and roles.
// What it hands out lives as long as it does, until the book's next refresh(); the book must outlive it.
#pragma once

#include "schema/template/report.h"
#include "sync/holder/book.h"

namespace satchel::holder {

class BookRows {
 public:
  static Result<std::unique_ptr<BookRows>> of(Book& book);

  // Rows of the template; archives shown as one are one. For those that ask many things of the same rows.
  RowSource source(const std::string& template_id);
  // The same of months from..to (0, 0: all), of which no more is read into memory than what is asked.
  RowSource source_once(const std::string& template_id, std::int32_t from_month, std::int32_t to_month);
  // Without cards no field of one is found but "owner": they need not be read for what asks for none.
  Result<ReportContext> context(WallTime now, bool with_cards = true);
  // Owners of an archive as the directory has them; none where it is not known.
  const std::vector<PersonId>& owners(const ArchiveId& archive);

 private:
  explicit BookRows(Book& book) : book_(book) {}
  Result<void> read_cards();
  void hand_out(const Sheet& sheet, bool cards, std::span<const std::string> fields, const RowSink& sink);
  const Value* card_field(const ArchiveId& archive, std::string_view field);

  Book& book_;
  const Sheet* cards_ = nullptr;
  const Wholes* wholes_ = nullptr;
  std::unique_ptr<Reading> reading_;
  std::unordered_map<ArchiveId, std::uint32_t> card_at_;
  std::unordered_map<ArchiveId, std::vector<PersonId>> owners_;
  Value value_;
};

}  // namespace satchel::holder
