// SPDX-License-Identifier: AGPL-3.0-or-later
// Archive numbers. Headquarters leases ranges to (node, incarnation); this device takes the next free one inside the
// transaction that opens the archive, so a number is final though nobody was asked: gaps are allowed, repeats never.
// Without a range an archive goes without, is shown by a provisional number, and gets its own later from the device
// that opened it (assign_numbers). When few are left the device asks for more; the next exchange sends it.
#pragma once

#include "sync/holder/book.h"

namespace satchel::field {

inline constexpr std::uint64_t kNumbersLow = 20;  // fewer left: ask for the next range

std::string format_number(const Numbering& numbering, std::uint64_t number);

// The next leased number, formatted; nothing when the range is used up.
Result<std::optional<std::string>> take_number(WriteTxn& txn, holder::Book& book);
// An archive was opened without one.
Result<void> count_provisional(WriteTxn& txn);

struct NumberStock {
  std::uint64_t left = 0;
  std::uint64_t provisional = 0;  // archives opened here that wait for one
  bool asked = false;
};
Result<NumberStock> number_stock(holder::Book& book);

// Asks for a range when few are left, once. `wanted`: how many will be needed soon. True when a statement was left to
// send.
Result<bool> ask_for_numbers(holder::Book& book, std::uint64_t wanted = 0);
// Gives the archives opened on this device without a number theirs, as far as the range goes.
Result<std::size_t> assign_numbers(holder::Book& book);
// Both: after an exchange, and after archives were opened.
struct SettledNumbers {
  std::size_t assigned = 0;  // archives that got theirs
  bool asked = false;        // a statement was left to send
  bool any() const { return asked || assigned > 0; }
};
Result<SettledNumbers> settle_numbers(holder::Book& book);

}  // namespace satchel::field
