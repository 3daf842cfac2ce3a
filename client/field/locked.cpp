// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/locked.h"

#include "sync/node/batches.h"

namespace satchel::field {

namespace {

Result<std::optional<WallTime>> last_stamp(const ReadTxn& txn, const std::vector<node::StoredHead>& heads) {
  std::optional<WallTime> last;
  for (const auto& head : heads) {
    SATCHEL_GET(run, node::run_of(txn, head.last));
    if (!run) continue;
    SATCHEL_GET(stamps, node::stamps_of(txn, run->batch));
    for (const auto& s : stamps) last = std::max(last.value_or(s.stamp.time), s.stamp.time);
  }
  return last;
}

}  // namespace

Result<std::vector<LockedRow>> locked_rows(holder::Book& book, std::span<const holder::LockedCustomer> customers) {
  std::vector<LockedRow> out;
  SATCHEL_GET(txn, book.device().replica().store().begin_read());
  for (const auto& one : customers) {
    LockedRow row;
    row.customer = holder::Book::ref_of(one);
    row.why = one.why;
    row.numbered = !one.number.empty();
    row.owners = book.owners(one.info);
    row.branch = book.directory()->standing(node::access_of(one.info)).branch;
    SATCHEL_GET(heads, node::heads_of(*txn, one.info.no));
    for (const auto& head : heads) row.entries += head.chain.head.seq;
    SATCHEL_GET(last, last_stamp(*txn, heads));
    row.last_stamp = last;
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace satchel::field
