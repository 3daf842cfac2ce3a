// SPDX-License-Identifier: AGPL-3.0-or-later
// Sheet rows for tests: any row RapidCheck can think of, and plain ones by number.
#pragma once

#include <rapidcheck.h>

#include "sync/sheet/row.h"

namespace satchel {

inline Value value_of(int kind, std::int64_t n) {
  switch (kind) {
    case 0:
      return Struck{};
    case 1:
      return n % 2 == 0;
    case 2:
      return n;
    case 3:
      return std::string("福田百货") + std::to_string(n);
    case 4:
      return Decimal{n, static_cast<std::uint8_t>(static_cast<std::uint64_t>(n) % 10)};
    case 5:
      return Date{static_cast<std::int32_t>(n)};
    case 6:
      return WallTime{n};
    case 7:
      return Ref{{static_cast<Byte>(n), 7}};
    case 8:
      return Bytes(static_cast<std::size_t>(static_cast<std::uint64_t>(n) % 40), 0xab);
    default:
      return std::vector<std::string>{"甲", std::to_string(n), ""};
  }
}

template <class AnyId>
AnyId id_of(std::uint64_t n) {
  AnyId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<Byte>(n >> (8 * i));
  return id;
}

inline rc::Gen<SheetRow> any_row() {
  return rc::gen::exec([] {
    const auto n = [] { return *rc::gen::arbitrary<std::uint64_t>(); };
    SheetRow row;
    row.record = id_of<RecordId>(n());
    row.archive_no = static_cast<std::uint32_t>(n());
    row.archive = id_of<ArchiveId>(n());
    row.author = id_of<PersonId>(n());
    row.branch = id_of<BranchId>(n());
    row.created.ms = static_cast<std::int64_t>(n());
    row.standing = static_cast<std::uint8_t>(n() % 3);
    row.contested = n() % 2 == 0;
    row.corrected = n() % 2 == 0;
    std::uint16_t column = 0;
    const auto count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
      column = static_cast<std::uint16_t>(column + *rc::gen::inRange(1, 80));
      row.values.emplace_back(column, value_of(*rc::gen::inRange(0, 10), *rc::gen::arbitrary<std::int64_t>()));
    }
    return row;
  });
}

}  // namespace satchel
