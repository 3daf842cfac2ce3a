// SPDX-License-Identifier: AGPL-3.0-or-later
// Where an import's columns go, and by what its rows find what is there already. Part of import.h.
#pragma once

#include <unordered_map>

#include "client/field/import.h"

namespace satchel::field {

inline constexpr std::string_view kOwnerTarget = "owner";
inline constexpr std::string_view kCustomerTarget = "customer";
inline constexpr std::string_view kNumberTarget = "number";
inline constexpr std::string_view kAuthorTarget = "original_author";
inline constexpr std::string_view kDateTarget = "original_date";

// A field, or one of the other destinations.
struct ImportTarget {
  std::size_t column = 0;
  const Field* field = nullptr;
  std::string_view other;
};

struct ImportTargets {
  const Template* form = nullptr;
  bool customers = false;
  std::vector<ImportTarget> all;
  FieldMap constants;  // of ImportOptions::set
  ColumnMap mapped;
  std::vector<std::string> unmapped;

  const ImportTarget* find(std::string_view field_or_other) const;
};
Result<ImportTargets> find_targets(Book& book, const ImportTable& table, const ImportOptions& options);

// What the column of a field is called in a file that can be read back: its label, and its id behind that where the
// label means something else, too: "Phone (phone2)". find_field takes such a name.
std::string column_title(const Template& form, const Field& field, Lang lang);
// A cell's value, by the whole names and numbers of what it refers to.
Result<Value> parse_cell(Book& book, const Field& field, std::string_view text);

// The columns that a result file has besides the original ones: one is known by its having them all.
inline constexpr std::string_view kStatusColumn = "_satchel_status";
inline constexpr std::string_view kMessageColumn = "_satchel_message";
inline constexpr std::string_view kNumberColumn = "_satchel_number";
bool is_result_column(std::string_view column);

struct ResultColumns {
  std::size_t status = 0, number = 0;
};
std::optional<ResultColumns> result_columns(const ImportTable& table);

// The rows of a template by one field, as people spell it.
class KeyIndex {
 public:
  struct Place {
    ArchiveId archive;
    RecordId record;
  };
  // usage "import.no-such-key": not a field of the form that lists have.
  static Result<KeyIndex> make(Book& book, const Template& form, std::string_view field);
  const std::vector<Place>& find(std::string_view text) const;

 private:
  std::string key_of(std::string_view text) const;
  const Field* field_ = nullptr;
  std::unordered_map<std::string, std::vector<Place>> places_;
};

}  // namespace satchel::field
