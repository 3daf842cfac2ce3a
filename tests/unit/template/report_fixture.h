// SPDX-License-Identifier: AGPL-3.0-or-later
// Rows made in memory for the report engine: visits of a few people in two branches.
#pragma once

#include <algorithm>

#include "schema/template/report.h"
#include "tests/unit/template/packs.h"

namespace satchel::test {

template <class AnyId>
AnyId id_of(int n) {
  AnyId id;
  id.bytes[id.bytes.size() - 2] = static_cast<Byte>(n >> 8);
  id.bytes.back() = static_cast<Byte>(n);
  return id;
}

struct MadeRow {
  int archive = 0, record = 0, author = 0, branch = 0;
  RowStanding standing = RowStanding::in_force;
  FieldMap fields;
};

inline RowSource source_of(const std::vector<MadeRow>& rows) {
  return [&rows](std::span<const std::string> fields, const RowSink& sink) -> Result<void> {
    std::vector<const Value*> cells(fields.size());
    for (const auto& made : rows) {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto at = made.fields.find(fields[i]);
        cells[i] = at == made.fields.end() ? nullptr : &at->second;
      }
      ReportRow row;
      row.archive = id_of<ArchiveId>(made.archive);
      row.record = id_of<RecordId>(made.record);
      row.author = id_of<PersonId>(made.author);
      row.branch = id_of<BranchId>(made.branch);
      row.standing = made.standing;
      row.fields = cells;
      sink(row);
    }
    return {};
  };
}

// Person 1 is 甲, 2 乙, 3 丙; branch 1 深圳, 2 广州; archive n is 客户n.
inline ReportContext context_of(Lang lang = Lang::zh) {
  ReportContext context;
  context.lang = lang;
  const auto number = [](const Ref& ref) { return ref.id[15] + 256 * ref.id[14]; };
  context.names.person = [=](const Ref& ref) {
    static const std::string kNames[] = {"甲", "乙", "丙"};
    const int n = number(ref);
    return n >= 1 && n <= 3 ? kNames[n - 1] : "#" + std::to_string(n);
  };
  context.names.branch = [=](const Ref& ref) { return std::string(number(ref) == 1 ? "深圳" : "广州"); };
  context.names.archive = [=](const Ref& ref) { return "客户" + std::to_string(number(ref)); };
  return context;
}

inline Ref branch_ref(int n) { return Ref{id_of<BranchId>(n).bytes}; }

}  // namespace satchel::test
