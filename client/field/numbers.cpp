// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/numbers.h"

#include "client/field/records.h"
#include "sync/directory/limits.h"

namespace satchel::field {

namespace {

constexpr std::string_view kProvisionalCounter = "numbers_provisional";
constexpr std::size_t kAssignedPerTransaction = 500;

// Ranges only ever come behind one another, so one counter names a place in all of them.
std::string taken_counter(std::uint32_t incarnation) { return "numbers_taken:" + std::to_string(incarnation); }

std::uint64_t total(const std::vector<LeasedRange>& ranges) {
  std::uint64_t sum = 0;
  for (const auto& r : ranges) sum += r.count;
  return sum;
}

Result<bool> already_asked(const ReadTxn& txn, const Directory& directory, const Identity& self) {
  if (directory.numbers_wanted(self.id, self.incarnation)) return true;
  SATCHEL_GET(pending, node::all_pending(txn));
  return std::ranges::any_of(pending, [&](const node::Pending& p) {
    const auto envelope = decode_envelope(p.envelope);
    return envelope && p.status != wire::SubmitStatus::refused &&
           envelope->statement().kind == StatementKind::number_range_wanted;
  });
}

// Only the node that opened an archive numbers it, so that two never do.
Result<bool> opened_here(const ReadTxn& txn, const holder::RecordPlace& card, const NodeId& self) {
  if (card.index.ordinals.empty()) return false;
  SATCHEL_GET(entry, node::entry_at(txn, card.index.ordinals.front()));
  return entry.header.chain.node == self;
}

}  // namespace

std::string format_number(const Numbering& numbering, std::uint64_t number) {
  std::string digits = std::to_string(number);
  const auto width = static_cast<std::size_t>(std::max(0, numbering.digits));
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return numbering.prefix + digits;
}

Result<std::optional<std::string>> take_number(WriteTxn& txn, holder::Book& book) {
  const auto& self = book.device().identity();
  const std::string name = taken_counter(self.incarnation);
  SATCHEL_GET(taken, node::counter(txn, name));
  std::uint64_t place = taken;
  for (const auto& range : book.directory()->numbers(self.id, self.incarnation)) {
    if (place >= range.count) {
      place -= range.count;
      continue;
    }
    SATCHEL_TRY(node::set_counter(txn, name, taken + 1));
    return format_number(book.catalogue().numbering(RecordScope::customer), range.first + place);
  }
  return std::nullopt;
}

Result<void> count_provisional(WriteTxn& txn) {
  SATCHEL_GET(before, node::counter(txn, kProvisionalCounter));
  return node::set_counter(txn, kProvisionalCounter, before + 1);
}

Result<NumberStock> number_stock(holder::Book& book) {
  const auto& self = book.device().identity();
  SATCHEL_GET(txn, book.device().replica().store().begin_read());
  SATCHEL_GET(taken, node::counter(*txn, taken_counter(self.incarnation)));
  SATCHEL_GET(provisional, node::counter(*txn, kProvisionalCounter));
  SATCHEL_GET(asked, already_asked(*txn, *book.directory(), self));
  const auto leased = total(book.directory()->numbers(self.id, self.incarnation));
  return NumberStock{leased - std::min(leased, taken), provisional, asked};
}

Result<bool> ask_for_numbers(holder::Book& book, std::uint64_t wanted) {
  if (book.me().none()) return false;
  SATCHEL_GET(stock, number_stock(book));
  const std::uint64_t needed = wanted + stock.provisional;
  if (stock.asked || stock.left >= kNumbersLow + needed) return false;
  const auto& self = book.device().identity();
  payload::NumberRangeWanted ask;
  ask.node = self.id;
  ask.incarnation = self.incarnation;
  ask.count = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(needed + kNumbersPerLease, kNumbersPerLease, kNumbersWantedMax));
  SATCHEL_TRY(book.device().propose(ask));
  return true;
}

Result<std::size_t> assign_numbers(holder::Book& book) {
  SATCHEL_GET(before, number_stock(book));
  if (before.provisional == 0) return 0;  // the usual case, and nothing need be derived for it
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(stock, number_stock(book));
  if (stock.left == 0) return 0;
  SATCHEL_GET(cards, book.sheet(holder::kCustomerTemplate));
  std::vector<std::pair<node::ArchiveNo, RecordId>> without;
  cards->table.each([&](const SheetView& row) {
    if (cards->text(row, "number").empty()) without.emplace_back(row.archive_no(), row.record());
    return true;
  });
  std::size_t assigned = 0, others = 0;
  for (std::size_t from = 0; from < without.size(); from += kAssignedPerTransaction) {
    const std::span part = std::span(without).subspan(from, std::min(kAssignedPerTransaction, without.size() - from));
    SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
      for (const auto& [no, record] : part) {
        SATCHEL_GET(info, node::archive_info(desk.txn(), no));
        SATCHEL_GET(index, node::record_index(desk.txn(), no, record));
        if (!info || !index) continue;
        const holder::RecordPlace card{std::move(*info), record, std::move(*index)};
        SATCHEL_GET(mine, opened_here(desk.txn(), card, book.device().identity().id));
        others += mine ? 0 : 1;
        if (!mine) continue;
        SATCHEL_GET(number, take_number(desk.txn(), book));
        if (!number) break;
        SATCHEL_TRY(desk.set_system(card, "number", *number));
        ++assigned;
      }
      const std::uint64_t left = stock.provisional - std::min<std::uint64_t>(stock.provisional, assigned);
      // When every card here was looked at, what is not ours is not counted any more.
      const bool all = from + part.size() == without.size() && assigned + others == without.size();
      return node::set_counter(desk.txn(), kProvisionalCounter, all ? 0 : left);
    }));
  }
  return assigned;
}

Result<SettledNumbers> settle_numbers(holder::Book& book) {
  SettledNumbers out;
  SATCHEL_GET(assigned, assign_numbers(book));
  out.assigned = assigned;
  SATCHEL_GET(asked, ask_for_numbers(book));
  out.asked = asked;
  return out;
}

}  // namespace satchel::field
