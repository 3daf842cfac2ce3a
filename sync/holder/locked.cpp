// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/locked.h"

#include <numeric>

#include "sync/holder/book.h"
#include "sync/node/dropping.h"
#include "sync/node/lease.h"
#include "sync/node/references.h"
#include "sync/node/restored.h"

namespace satchel::holder {

Result<std::vector<LockedCustomer>> locked_customers(Device& device) {
  std::vector<LockedCustomer> out;
  const auto directory = device.directory();
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(over, node::lease_over(*txn));
  SATCHEL_GET(restored, node::restored_of(*txn));
  const bool waiting = restored && restored->waiting;
  std::vector<node::ArchiveNo> looked;
  if (over || waiting) {
    SATCHEL_GET(archives, node::archive_count(*txn));
    looked.resize(archives);
    std::iota(looked.begin(), looked.end(), node::ArchiveNo{1});
  } else {
    SATCHEL_GET(noted, device.deriver().locked(*txn));
    looked = std::move(noted);
  }
  for (const auto no : looked) {
    SATCHEL_GET(info, node::archive_info(*txn, no));
    if (!info || !info->opened || info->kind != ArchiveKind::customer) continue;
    SATCHEL_GET(gone, node::is_dropped(*txn, no));
    if (gone) continue;
    SATCHEL_GET(opens, device.keyring().has_key(*txn, *directory, *info));
    if (opens) continue;
    LockedCustomer one;
    if (over) {
      one.why = LockedWhy::lease;
    } else if (waiting && no <= restored->archives) {
      one.why = LockedWhy::restored;
    }
    SATCHEL_GET(number, node::reference_of(*txn, device.vault(), *info));
    one.number = number.value_or(std::string{});
    one.info = std::move(*info);
    out.push_back(std::move(one));
  }
  std::ranges::sort(out, {}, [](const LockedCustomer& c) {
    return std::tuple(c.number.empty(), std::string_view(c.number), c.info.id);
  });
  return out;
}

Result<void> keep_references(Device& device) {
  Book book(device);
  SATCHEL_GET(cards, book.sheet(kCustomerTemplate));
  std::vector<node::Reference> all;
  cards->table.each([&](const SheetView& row) {
    const auto number = cards->text(row, "number");
    if (row.standing() == kRowInForce && !number.empty()) all.push_back({row.archive_no(), std::string(number)});
    return true;
  });
  if (all.empty()) return {};
  return device.replica().write(
      [&](WriteTxn& txn, node::Effects&) { return node::note_references(txn, device.vault(), device.entropy(), all); });
}

}  // namespace satchel::holder
