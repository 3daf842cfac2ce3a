// SPDX-License-Identifier: AGPL-3.0-or-later
// SheetTable: the rows of one sheet in memory, decoded as far as lists need: ids, time and standing in fixed slots,
// columns as bytes in large blocks that are read only when somebody asks. A row costs 64 bytes and its columns.
// Rows have positions: small numbers, fixed from a row's first upsert until it is erased; an erased row's position may
// go to a later row. A SheetView and the text it hands out live until the next upsert or erase.
// One thread at a time, also for the const functions (the order of creation is put right when it is asked for).
#pragma once

#include <memory>
#include <unordered_map>

#include "sync/sheet/row.h"

namespace satchel {

class SheetTable;

class SheetView {
 public:
  const RecordId& record() const;
  std::uint32_t archive_no() const;
  const ArchiveId& archive() const;
  const PersonId& author() const;
  const BranchId& branch() const;
  WallTime created() const;
  std::uint8_t standing() const;
  bool contested() const;
  bool corrected() const;
  std::uint32_t position() const { return position_; }
  bool has(std::uint16_t column) const;
  // The empty value when the row has no such column.
  Value value(std::uint16_t column) const;
  // A text column without a copy; empty when it is missing or not text.
  std::string_view text(std::uint16_t column) const;
  SheetRow row() const;

 private:
  friend class SheetTable;
  SheetView(const SheetTable& table, std::uint32_t position) : table_(&table), position_(position) {}
  const SheetTable* table_;
  std::uint32_t position_;
};

class SheetTable {
 public:
  // Room for so many rows in all, so that adding them moves nothing.
  void reserve(std::size_t rows);
  // Puts the row in the place of the one with the same record, or adds it. The position, or the codec's error.
  Result<std::uint32_t> upsert(const SheetRow& row);
  // The same from encode_row's bytes, without decoding the columns: how a sheet is loaded.
  Result<std::uint32_t> upsert_encoded(View encoded);
  bool erase(const RecordId& record);
  void clear();

  std::optional<std::uint32_t> find(const RecordId& record) const;
  std::size_t size() const { return live_; }
  // `position` must be a live row's.
  SheetView at(std::uint32_t position) const;
  Value get(std::uint32_t position, std::uint16_t column) const { return at(position).value(column); }
  std::string_view text(std::uint32_t position, std::uint16_t column) const { return at(position).text(column); }

  // All positions, oldest first (equal times by record id). Lives until the next upsert or erase.
  std::span<const std::uint32_t> by_creation() const;
  // use(SheetView) for each row; a false from it ends the walk. The table must not be changed meanwhile.
  template <class F>
  void each(F use) const {
    for (const std::uint32_t position : by_creation()) {
      if (!use(at(position))) return;
    }
  }
  template <class F>
  void each_newest(F use) const {
    const auto order = by_creation();
    for (std::size_t i = order.size(); i-- > 0;) {
      if (!use(at(order[i]))) return;
    }
  }

  // Bytes held, for limits and tests.
  std::size_t memory() const;

 private:
  friend class SheetView;
  struct Slot {
    RecordId record;
    ArchiveId archive;
    std::int64_t created = 0;
    std::uint64_t columns_at = 0;  // block number * kBlockBytes + offset
    std::uint32_t columns_size = 0;
    std::uint32_t archive_no = 0;
    std::uint32_t author = 0;       // in people_
    std::uint32_t branch : 24 = 0;  // in branches_
    std::uint32_t flags : 8 = 0;    // standing, contested, corrected, live
  };
  // Ids that repeat in every row, numbered.
  template <class AnyId>
  struct Names {
    std::vector<AnyId> ids;
    std::unordered_map<AnyId, std::uint32_t> numbers;
    std::uint32_t number(const AnyId& id);
  };

  std::uint32_t add_slot(const SheetRow& row);
  void store_columns(Slot& slot, View columns);
  std::uint64_t append(View columns);
  void compact();
  View columns_of(const Slot& slot) const;
  bool live(std::uint32_t position) const;
  // The bucket that holds the record, or the free one where it would stand.
  std::size_t bucket_of(const RecordId& record) const;
  void free_bucket(std::size_t bucket);
  void index_for(std::size_t rows);
  bool earlier(std::uint32_t a, std::uint32_t b) const;
  void settle() const;

  std::vector<Slot> slots_;
  Names<PersonId> people_;
  Names<BranchId> branches_;
  std::vector<std::unique_ptr<Byte[]>> blocks_;
  std::size_t block_used_ = 0;          // of the last block
  std::size_t used_ = 0;                // bytes of the live rows' columns
  std::size_t garbage_ = 0;             // bytes of replaced and erased ones
  std::vector<std::uint32_t> buckets_;  // position + 1, 0 free; a power of two, at most half full
  std::size_t live_ = 0;
  mutable std::vector<std::uint32_t> order_;  // [0, sorted_) in order of creation; the rest as they came
  mutable std::size_t sorted_ = 0;
  mutable std::size_t dead_ = 0;  // erased rows still in order_; their positions become free when they leave it
  mutable std::vector<std::uint32_t> free_;
};

}  // namespace satchel
