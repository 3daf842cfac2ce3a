// SPDX-License-Identifier: AGPL-3.0-or-later
// What can be said of customers whose archives are locked here: what stands in the clear, and their numbers.
#pragma once

#include "client/field/device.h"
#include "sync/holder/book.h"

namespace satchel::field {

struct LockedRow {
  holder::CustomerRef customer;
  holder::LockedWhy why = holder::LockedWhy::no_key;
  bool numbered = false;  // its number is known here, and not made up
  std::vector<PersonId> owners;
  BranchId branch;
  std::uint64_t entries = 0;
  std::optional<WallTime> last_stamp;  // when a hub last took in work on it, as far as that is known here
};

Result<std::vector<LockedRow>> locked_rows(holder::Book& book, std::span<const holder::LockedCustomer> customers);

}  // namespace satchel::field
