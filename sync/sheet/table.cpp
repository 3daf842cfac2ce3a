// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/table.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace satchel {

namespace {

// A row never crosses blocks, so one must hold the largest. Untouched pages of a block cost no memory.
constexpr std::size_t kBlockBytes = 1024 * 1024;
static_assert(kBlockBytes >= kSheetRowBytesMax);
constexpr std::size_t kGarbageMin = kBlockBytes;  // below this nothing is gained by compacting
constexpr std::size_t kDeadMax = 1024;            // erased rows that may wait in the order when there are few others
constexpr std::size_t kBucketsMin = 64;

constexpr std::uint32_t kStandingMask = 0x03;
constexpr std::uint32_t kContestedFlag = 0x04;
constexpr std::uint32_t kCorrectedFlag = 0x08;
constexpr std::uint32_t kLiveFlag = 0x10;

std::uint32_t flags_of(const SheetRow& row) {
  return (row.standing & kStandingMask) | (row.contested ? kContestedFlag : 0) | (row.corrected ? kCorrectedFlag : 0) |
         kLiveFlag;
}

std::uint64_t hash_of(const RecordId& record) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, record.bytes.data(), 8);
  std::memcpy(&high, record.bytes.data() + 8, 8);
  std::uint64_t h = (low ^ (high * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  return h ^ (h >> 32);
}

}  // namespace

template <class AnyId>
std::uint32_t SheetTable::Names<AnyId>::number(const AnyId& id) {
  const auto [at, fresh] = numbers.try_emplace(id, static_cast<std::uint32_t>(ids.size()));
  if (fresh) ids.push_back(id);
  return at->second;
}

Result<std::uint32_t> SheetTable::upsert(const SheetRow& row) {
  const auto encoded = encode_row(row);
  if (!encoded) return std::unexpected(encoded.error());
  return upsert_encoded(*encoded);
}

Result<std::uint32_t> SheetTable::upsert_encoded(View encoded) {
  const auto parts = split_row(encoded);
  if (!parts) return std::unexpected(parts.error());
  const SheetRow& row = parts->fixed;
  if (dead_ > live_ + kDeadMax) settle();
  const auto known = find(row.record);
  const std::uint32_t position = known ? *known : add_slot(row);
  Slot& slot = slots_[position];
  if (slot.created != row.created.ms) sorted_ = 0;
  slot.created = row.created.ms;
  slot.archive = row.archive;
  slot.archive_no = row.archive_no;
  slot.author = people_.number(row.author);
  slot.branch = branches_.number(row.branch) & 0xffffff;
  slot.flags = flags_of(row);
  store_columns(slot, parts->columns);
  return position;
}

std::uint32_t SheetTable::add_slot(const SheetRow& row) {
  index_for(live_ + 1);
  std::uint32_t position = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    position = free_.back();
    free_.pop_back();
    slots_[position] = {};
  }
  slots_[position].record = row.record;
  slots_[position].created = row.created.ms;
  buckets_[bucket_of(row.record)] = position + 1;
  ++live_;
  const bool last = sorted_ == order_.size() && (order_.empty() || earlier(order_.back(), position));
  order_.push_back(position);
  if (last) ++sorted_;
  return position;
}

void SheetTable::store_columns(Slot& slot, View columns) {
  used_ += columns.size();
  used_ -= slot.columns_size;
  if (columns.size() <= slot.columns_size) {
    Byte* at = blocks_[slot.columns_at / kBlockBytes].get() + slot.columns_at % kBlockBytes;
    std::memcpy(at, columns.data(), columns.size());
    garbage_ += slot.columns_size - columns.size();
  } else {
    garbage_ += slot.columns_size;
    slot.columns_at = append(columns);
  }
  slot.columns_size = static_cast<std::uint32_t>(columns.size());
  if (garbage_ > kGarbageMin && garbage_ > used_) compact();
}

std::uint64_t SheetTable::append(View columns) {
  if (blocks_.empty() || block_used_ + columns.size() > kBlockBytes) {
    blocks_.push_back(std::make_unique_for_overwrite<Byte[]>(kBlockBytes));
    block_used_ = 0;
  }
  std::memcpy(blocks_.back().get() + block_used_, columns.data(), columns.size());
  const std::uint64_t at = (blocks_.size() - 1) * kBlockBytes + block_used_;
  block_used_ += columns.size();
  return at;
}

void SheetTable::compact() {
  const auto old = std::exchange(blocks_, {});
  block_used_ = 0;
  garbage_ = 0;
  for (Slot& slot : slots_) {
    if ((slot.flags & kLiveFlag) == 0) continue;
    const Byte* at = old[slot.columns_at / kBlockBytes].get() + slot.columns_at % kBlockBytes;
    slot.columns_at = append({at, slot.columns_size});
  }
}

View SheetTable::columns_of(const Slot& slot) const {
  return {blocks_[slot.columns_at / kBlockBytes].get() + slot.columns_at % kBlockBytes, slot.columns_size};
}

bool SheetTable::live(std::uint32_t position) const {
  return position < slots_.size() && (slots_[position].flags & kLiveFlag) != 0;
}

bool SheetTable::erase(const RecordId& record) {
  const auto position = find(record);
  if (!position) return false;
  free_bucket(bucket_of(record));
  Slot& slot = slots_[*position];
  slot.flags &= ~kLiveFlag;
  used_ -= slot.columns_size;
  garbage_ += slot.columns_size;
  slot.columns_size = 0;
  --live_;
  ++dead_;
  if (garbage_ > kGarbageMin && garbage_ > used_) compact();
  return true;
}

void SheetTable::clear() { *this = SheetTable(); }

std::optional<std::uint32_t> SheetTable::find(const RecordId& record) const {
  if (buckets_.empty()) return std::nullopt;
  const std::uint32_t found = buckets_[bucket_of(record)];
  if (found == 0) return std::nullopt;
  return found - 1;
}

SheetView SheetTable::at(std::uint32_t position) const {
  SATCHEL_ASSERT(live(position));
  return {*this, position};
}

std::size_t SheetTable::bucket_of(const RecordId& record) const {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t bucket = hash_of(record) & mask;
  while (buckets_[bucket] != 0 && slots_[buckets_[bucket] - 1].record != record) bucket = (bucket + 1) & mask;
  return bucket;
}

// Linear probing without tombstones: whatever stands behind the hole and would no longer be found moves into it.
void SheetTable::free_bucket(std::size_t bucket) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t hole = bucket;
  for (std::size_t next = (hole + 1) & mask; buckets_[next] != 0; next = (next + 1) & mask) {
    const std::size_t home = hash_of(slots_[buckets_[next] - 1].record) & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    buckets_[hole] = buckets_[next];
    hole = next;
  }
  buckets_[hole] = 0;
}

void SheetTable::index_for(std::size_t rows) {
  std::size_t wanted = std::max(kBucketsMin, buckets_.size());
  while (wanted < rows * 2) wanted *= 2;
  if (wanted == buckets_.size()) return;
  const auto old = std::exchange(buckets_, std::vector<std::uint32_t>(wanted));
  for (const std::uint32_t entry : old) {
    if (entry != 0) buckets_[bucket_of(slots_[entry - 1].record)] = entry;
  }
}

void SheetTable::reserve(std::size_t rows) {
  index_for(rows);
  slots_.reserve(rows);
  order_.reserve(rows);
}

bool SheetTable::earlier(std::uint32_t a, std::uint32_t b) const {
  const Slot& x = slots_[a];
  const Slot& y = slots_[b];
  return x.created != y.created ? x.created < y.created : x.record < y.record;
}

void SheetTable::settle() const {
  if (dead_ > 0) {
    std::size_t kept = 0;
    std::size_t sorted = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!live(order_[i])) {
        free_.push_back(order_[i]);
        continue;
      }
      if (i < sorted_) ++sorted;
      order_[kept++] = order_[i];
    }
    order_.resize(kept);
    sorted_ = sorted;
    dead_ = 0;
  }
  if (sorted_ == order_.size()) return;
  const auto before = [this](std::uint32_t a, std::uint32_t b) { return earlier(a, b); };
  const auto middle = order_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(middle, order_.end(), before);
  std::vector<std::uint32_t> merged;
  merged.reserve(order_.size());
  std::merge(order_.begin(), middle, middle, order_.end(), std::back_inserter(merged), before);
  order_ = std::move(merged);
  sorted_ = order_.size();
}

std::span<const std::uint32_t> SheetTable::by_creation() const {
  settle();
  return order_;
}

std::size_t SheetTable::memory() const {
  const std::size_t names = (people_.ids.size() + branches_.ids.size()) * 64;
  const std::size_t tail = blocks_.empty() ? 0 : kBlockBytes - block_used_;
  return slots_.capacity() * sizeof(Slot) + blocks_.size() * kBlockBytes - tail + names +
         (buckets_.capacity() + order_.capacity() + free_.capacity()) * sizeof(std::uint32_t);
}

const RecordId& SheetView::record() const { return table_->slots_[position_].record; }
std::uint32_t SheetView::archive_no() const { return table_->slots_[position_].archive_no; }
const ArchiveId& SheetView::archive() const { return table_->slots_[position_].archive; }
const PersonId& SheetView::author() const { return table_->people_.ids[table_->slots_[position_].author]; }
const BranchId& SheetView::branch() const { return table_->branches_.ids[table_->slots_[position_].branch]; }
WallTime SheetView::created() const { return {table_->slots_[position_].created}; }
std::uint8_t SheetView::standing() const { return table_->slots_[position_].flags & kStandingMask; }
bool SheetView::contested() const { return (table_->slots_[position_].flags & kContestedFlag) != 0; }
bool SheetView::corrected() const { return (table_->slots_[position_].flags & kCorrectedFlag) != 0; }

bool SheetView::has(std::uint16_t column) const {
  return !column_bytes(table_->columns_of(table_->slots_[position_]), column).empty();
}

Value SheetView::value(std::uint16_t column) const {
  const View bytes = column_bytes(table_->columns_of(table_->slots_[position_]), column);
  if (bytes.empty()) return {};
  Reader in(bytes);
  return read_value(in);
}

std::string_view SheetView::text(std::uint16_t column) const {
  const View bytes = column_bytes(table_->columns_of(table_->slots_[position_]), column);
  if (bytes.empty() || bytes[0] != Value(std::string()).index()) return {};
  Reader in(bytes.subspan(1));
  return satchel::text(in.sized(kValueBytesMax));
}

SheetRow SheetView::row() const {
  return {
      record(),  archive_no(), archive(),   author(),    branch(),
      created(), standing(),   contested(), corrected(), read_columns(table_->columns_of(table_->slots_[position_]))};
}

}  // namespace satchel
