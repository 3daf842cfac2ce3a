// SPDX-License-Identifier: AGPL-3.0-or-later
// Many records as JSON lines, so that a script opens the vault once: {"type": "customer", "name": …, "owner": [people]}
// opens an archive; any other template's line adds a record to the archive of its "customer" (a whole name, number or
// id: nobody looks a batch over line by line, so a beginning is refused as the import does it), or to the person's,
// branch's or organisation's own. The other keys are fields by id or label: texts as people type them, numbers, true
// and false, lists. Each line is one entry; `batch` lines share a transaction.
// One JSON line comes out for each line, in order, once it is durable:
//   {"ok": true, "line": n, "type": …, "id": record, "archive": …, "number": …}   {"ok": false, "line": n, "code": …,
//   "error": …}
#pragma once

#include <istream>

#include "client/field/records.h"

namespace satchel::field {

inline constexpr std::size_t kLineBytesMax = 1024 * 1024;
inline constexpr std::size_t kLinesPerBatchMax = 100'000;

struct LinesDone {
  std::size_t added = 0;
  std::size_t failed = 0;
};

using EmitLine = std::function<void(const std::string& json)>;
// `explain` words an error for people.
using Explain = std::function<std::string(const Error&)>;

// Fails only when the store does; the line of the last emitted answer says how far it came.
Result<LinesDone> add_lines(Book& book, std::istream& in, std::size_t batch, const EmitLine& emit,
                            const Explain& explain);

}  // namespace satchel::field
