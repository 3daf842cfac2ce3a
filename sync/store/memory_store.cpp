// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/store/memory_store.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "sync/store/checks.h"

namespace satchel {

bool MemoryDisk::Less::operator()(View a, View b) const {
  const std::size_t shared = std::min(a.size(), b.size());
  const int order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
  return order != 0 ? order < 0 : a.size() < b.size();
}

// One transaction's sight of the tables: the snapshot it began with under its own changes.
class MemoryAccess {
 public:
  using Rows = MemoryDisk::Rows;
  using Changes = MemoryDisk::Changes;
  using Less = MemoryDisk::Less;

  explicit MemoryAccess(std::shared_ptr<const MemoryDisk::Tables> base) : base_(std::move(base)) {}

  std::optional<View> get(Table table, View key) const {
    const Changes& changed = changes_[index(table)];
    if (const auto own = changed.find(key); own != changed.end()) {
      if (!own->second) return std::nullopt;
      return View(*own->second);
    }
    const Rows& rows = base(table);
    const auto found = rows.find(key);
    if (found == rows.end()) return std::nullopt;
    return View(found->second);
  }

  // The first pair with key >= from, or > from.
  std::optional<KeyValue> at_or_after(Table table, View from, bool beyond) const {
    const Changes& changed = changes_[index(table)];
    const Rows& rows = base(table);
    auto row = beyond ? rows.upper_bound(from) : rows.lower_bound(from);
    auto own = beyond ? changed.upper_bound(from) : changed.lower_bound(from);
    while (row != rows.end() || own != changed.end()) {
      if (own == changed.end() || (row != rows.end() && Less{}(row->first, own->first))) {
        return KeyValue{row->first, row->second};
      }
      if (row != rows.end() && !Less{}(own->first, row->first)) ++row;
      if (own->second) return KeyValue{own->first, *own->second};
      ++own;
    }
    return std::nullopt;
  }

  // The last pair with key < before; without `before`, the last of all.
  std::optional<KeyValue> ahead_of(Table table, std::optional<View> before) const {
    const Changes& changed = changes_[index(table)];
    const Rows& rows = base(table);
    auto row = before ? rows.lower_bound(*before) : rows.end();
    auto own = before ? changed.lower_bound(*before) : changed.end();
    while (row != rows.begin() || own != changed.begin()) {
      if (own == changed.begin() || (row != rows.begin() && Less{}(std::prev(own)->first, std::prev(row)->first))) {
        return KeyValue{std::prev(row)->first, std::prev(row)->second};
      }
      --own;
      if (row != rows.begin() && !Less{}(std::prev(row)->first, own->first)) --row;
      if (own->second) return KeyValue{own->first, *own->second};
    }
    return std::nullopt;
  }

  std::uint64_t count(Table table) const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(base(table).size()) + grown_[index(table)]);
  }

  void put(Table table, View key, View value) {
    if (!get(table, key)) ++grown_[index(table)];
    Changes& changed = changes_[index(table)];
    if (const auto own = changed.find(key); own != changed.end()) {
      own->second = copy(value);
    } else {
      changed.emplace(copy(key), copy(value));
    }
  }

  bool erase(Table table, View key) {
    if (!get(table, key)) return false;
    --grown_[index(table)];
    Changes& changed = changes_[index(table)];
    const bool in_base = base(table).contains(key);
    const auto own = changed.find(key);
    if (!in_base) {
      changed.erase(own);
    } else if (own != changed.end()) {
      own->second.reset();
    } else {
      changed.emplace(copy(key), std::nullopt);
    }
    return true;
  }

  bool live() const { return base_ != nullptr; }
  void end() { base_.reset(); }
  std::array<Changes, kTableCount>& changes() { return changes_; }

 private:
  static std::size_t index(Table table) {
    SATCHEL_ASSERT(static_cast<std::size_t>(table) < kTableCount);
    return static_cast<std::size_t>(table);
  }
  const Rows& base(Table table) const {
    static const Rows empty;
    const auto& rows = base_->rows[index(table)];
    return rows ? *rows : empty;
  }

  std::shared_ptr<const MemoryDisk::Tables> base_;  // null: ended
  std::array<Changes, kTableCount> changes_;
  std::array<std::int64_t, kTableCount> grown_{};
};

class MemoryCursor final : public Cursor {
 public:
  MemoryCursor(std::shared_ptr<const MemoryAccess> access, Table table) : access_(std::move(access)), table_(table) {}

  Result<std::optional<KeyValue>> seek(View from) override {
    if (!access_->live()) return ended();
    return land(access_->at_or_after(table_, from, false), Place::end);
  }
  Result<std::optional<KeyValue>> seek_before(View before) override {
    if (!access_->live()) return ended();
    return land(access_->ahead_of(table_, before.empty() ? std::nullopt : std::optional(before)), Place::start);
  }
  Result<std::optional<KeyValue>> next() override {
    if (!access_->live()) return ended();
    if (place_ == Place::end) return std::nullopt;
    return land(access_->at_or_after(table_, key_, place_ == Place::at), Place::end);
  }
  Result<std::optional<KeyValue>> prev() override {
    if (!access_->live()) return ended();
    if (place_ == Place::start) return std::nullopt;
    return land(access_->ahead_of(table_, place_ == Place::at ? std::optional<View>(key_) : std::nullopt),
                Place::start);
  }

 private:
  enum class Place { start, at, end };

  std::optional<KeyValue> land(std::optional<KeyValue> found, Place when_none) {
    place_ = found ? Place::at : when_none;
    key_ = found ? copy(found->key) : Bytes{};
    return found;
  }

  std::shared_ptr<const MemoryAccess> access_;
  Table table_;
  Place place_ = Place::start;
  Bytes key_;
};

namespace {

Result<std::optional<View>> get_from(const MemoryAccess& access, Table table, View key) {
  if (!access.live()) return ended();
  SATCHEL_TRY(check_key(key));
  return access.get(table, key);
}

Result<std::unique_ptr<Cursor>> cursor_on(const std::shared_ptr<MemoryAccess>& access, Table table) {
  if (!access->live()) return ended();
  return std::make_unique<MemoryCursor>(access, table);
}

Result<std::uint64_t> count_in(const MemoryAccess& access, Table table) {
  if (!access.live()) return ended();
  return access.count(table);
}

}  // namespace

class MemoryReadTxn final : public ReadTxn {
 public:
  MemoryReadTxn(std::shared_ptr<MemoryDisk> disk, std::shared_ptr<MemoryAccess> access)
      : disk_(std::move(disk)), access_(std::move(access)) {}
  ~MemoryReadTxn() override;
  Result<std::optional<View>> get(Table table, View key) const override { return get_from(*access_, table, key); }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override { return cursor_on(access_, table); }
  Result<std::uint64_t> count(Table table) const override { return count_in(*access_, table); }

 private:
  std::shared_ptr<MemoryDisk> disk_;
  std::shared_ptr<MemoryAccess> access_;
};

class MemorySoleUse final : public SoleUse {
 public:
  MemorySoleUse(std::shared_ptr<MemoryDisk> disk, std::uint64_t life) : disk_(std::move(disk)), life_(life) {}
  ~MemorySoleUse() override {
    std::lock_guard lock(disk_->mutex_);
    if (life_ != disk_->life_) return;
    disk_->sole_ = false;
    disk_->turn_over_.notify_all();
  }
  MemorySoleUse(const MemorySoleUse&) = delete;
  MemorySoleUse& operator=(const MemorySoleUse&) = delete;

 private:
  std::shared_ptr<MemoryDisk> disk_;
  std::uint64_t life_;
};

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {
    std::unique_lock lock(disk_->mutex_);
    disk_->turn_over_.wait(lock, [this] { return !disk_->sole_; });
    life_ = disk_->life_;
    ++disk_->opened_;
  }
  ~MemoryStore() override {
    std::lock_guard lock(disk_->mutex_);
    if (life_ == disk_->life_) --disk_->opened_;
  }
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;
  Result<std::unique_ptr<ReadTxn>> begin_read() override;
  Result<std::unique_ptr<WriteTxn>> begin_write() override;
  Result<std::unique_ptr<SoleUse>> sole_use() override;
  Result<bool> compact(const SoleUse& sole) override;

 private:
  friend class MemoryWriteTxn;
  Result<void> usable() const;

  std::shared_ptr<MemoryDisk> disk_;
  std::uint64_t life_ = 0;
  // After "store.unknown"; shared with the transaction that met it. Guarded by the disk's mutex.
  std::shared_ptr<bool> unknown_ = std::make_shared<bool>(false);
};

class MemoryWriteTxn final : public WriteTxn {
 public:
  MemoryWriteTxn(const MemoryStore& store, std::shared_ptr<MemoryAccess> access)
      : disk_(store.disk_), life_(store.life_), unknown_(store.unknown_), access_(std::move(access)) {}
  ~MemoryWriteTxn() override {
    if (!access_->live()) return;
    std::lock_guard lock(disk_->mutex_);
    end_turn();
  }
  Result<std::optional<View>> get(Table table, View key) const override { return get_from(*access_, table, key); }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override { return cursor_on(access_, table); }
  Result<std::uint64_t> count(Table table) const override { return count_in(*access_, table); }

  Result<void> put(Table table, View key, View value) override {
    SATCHEL_TRY(ready(key, value));
    access_->put(table, key, value);
    return {};
  }
  Result<void> append(Table table, View key, View value) override {
    SATCHEL_TRY(ready(key, value));
    const auto last = access_->ahead_of(table, std::nullopt);
    if (last && !MemoryDisk::Less{}(last->key, key)) return fail(ErrorKind::failed, "store.order", hex(key));
    access_->put(table, key, value);
    return {};
  }
  Result<bool> erase(Table table, View key) override {
    SATCHEL_TRY(ready(key, {}));
    return access_->erase(table, key);
  }
  Result<void> commit() override;

 private:
  Result<void> ready(View key, View value) const {
    if (!access_->live()) return ended();
    SATCHEL_TRY(check_key(key));
    if (value.size() <= kStoreValueBytesMax) return {};
    return fail(ErrorKind::failed, "store.value-size", std::to_string(value.size()));
  }
  // With the disk's mutex held. After a crash the turn belongs to somebody else.
  void end_turn() {
    access_->end();
    if (life_ != disk_->life_) return;
    disk_->writing_ = false;
    disk_->writer_ = {};
    disk_->turn_over_.notify_all();
  }

  std::shared_ptr<MemoryDisk> disk_;
  std::uint64_t life_;
  std::shared_ptr<bool> unknown_;
  std::shared_ptr<MemoryAccess> access_;
};

// Under the mutex, so that whoever finds nobody else holding a table may change it.
MemoryReadTxn::~MemoryReadTxn() {
  std::lock_guard lock(disk_->mutex_);
  access_->end();
}

Result<void> MemoryWriteTxn::commit() {
  if (!access_->live()) return ended();
  std::lock_guard lock(disk_->mutex_);
  end_turn();
  if (life_ != disk_->life_) return ended();
  const bool fails = disk_->fail_at_ != 0 && --disk_->fail_at_ == 0;
  const bool lost = fails && disk_->fault_ != CommitFault::unknown_kept;
  if (!lost) disk_->apply(access_->changes());
  if (!fails) return {};
  if (disk_->fault_ == CommitFault::full) return fail(ErrorKind::storage, "store.full", "planned");
  if (disk_->fault_ == CommitFault::io) return fail(ErrorKind::storage, "store.io", "planned");
  *unknown_ = true;
  return fail(ErrorKind::storage, "store.unknown", "planned");
}

Result<void> MemoryStore::usable() const {
  if (life_ != disk_->life_) return ended();
  if (*unknown_) return fail(ErrorKind::storage, "store.unknown", "to be reopened");
  return {};
}

Result<std::unique_ptr<ReadTxn>> MemoryStore::begin_read() {
  std::lock_guard lock(disk_->mutex_);
  SATCHEL_TRY(usable());
  return std::make_unique<MemoryReadTxn>(disk_, std::make_shared<MemoryAccess>(disk_->tables_));
}

Result<std::unique_ptr<WriteTxn>> MemoryStore::begin_write() {
  std::unique_lock lock(disk_->mutex_);
  // A second one on the same thread would wait for itself for ever.
  SATCHEL_ASSERT(!disk_->writing_ || disk_->writer_ != std::this_thread::get_id());
  disk_->turn_over_.wait(lock, [this] { return !disk_->writing_; });
  SATCHEL_TRY(usable());
  disk_->writing_ = true;
  disk_->writer_ = std::this_thread::get_id();
  return std::make_unique<MemoryWriteTxn>(*this, std::make_shared<MemoryAccess>(disk_->tables_));
}

Result<std::unique_ptr<SoleUse>> MemoryStore::sole_use() {
  std::lock_guard lock(disk_->mutex_);
  SATCHEL_TRY(usable());
  if (disk_->opened_ > 1 || disk_->sole_) return nullptr;
  disk_->sole_ = true;
  return std::make_unique<MemorySoleUse>(disk_, life_);
}

// A reader shares the tables, and a writer has the turn.
Result<bool> MemoryStore::compact(const SoleUse&) {
  std::lock_guard lock(disk_->mutex_);
  SATCHEL_TRY(usable());
  if (disk_->writing_ || disk_->tables_.use_count() > 1) return false;
  disk_->old_.clear();
  return true;
}

void MemoryDisk::remember(const Rows& rows, const Bytes& key) {
  const auto before = rows.find(key);
  if (before != rows.end()) old_.push_back(before->second);
}

// Tables nobody reads are changed in place. Shares are taken and given back under the mutex, so a count of one stays
// one.
void MemoryDisk::apply(std::array<Changes, kTableCount>& changes) {
  if (tables_.use_count() > 1) tables_ = std::make_shared<Tables>(*tables_);
  for (std::size_t table = 0; table < kTableCount; ++table) {
    if (changes[table].empty()) continue;
    auto& rows = tables_->rows[table];
    if (!rows) {
      rows = std::make_shared<Rows>();
    } else if (rows.use_count() > 1) {
      rows = std::make_shared<Rows>(*rows);
    }
    for (auto& [key, value] : changes[table]) {
      bytes_written_ += key.size() + (value ? value->size() : 0);
      if (keep_old_) remember(*rows, key);
      if (value) {
        rows->insert_or_assign(key, std::move(*value));
      } else {
        rows->erase(key);
      }
    }
  }
  ++commits_;
}

std::shared_ptr<MemoryDisk> MemoryDisk::clone() const {
  std::lock_guard lock(mutex_);
  auto made = std::make_shared<MemoryDisk>();
  // Whole copies: rows shared with another disk would be counted under two mutexes.
  for (std::size_t table = 0; table < kTableCount; ++table) {
    if (const auto& rows = tables_->rows[table]) made->tables_->rows[table] = std::make_shared<Rows>(*rows);
  }
  return made;
}

void MemoryDisk::crash() {
  std::lock_guard lock(mutex_);
  ++life_;
  opened_ = 0;
  sole_ = false;
  writing_ = false;
  writer_ = {};
  turn_over_.notify_all();
}

void MemoryDisk::fail_commit(std::uint64_t nth, CommitFault fault) {
  std::lock_guard lock(mutex_);
  fail_at_ = nth;
  fault_ = fault;
}

std::uint64_t MemoryDisk::commits() const {
  std::lock_guard lock(mutex_);
  return commits_;
}

std::uint64_t MemoryDisk::bytes_written() const {
  std::lock_guard lock(mutex_);
  return bytes_written_;
}

void MemoryDisk::keep_old_values() {
  std::lock_guard lock(mutex_);
  keep_old_ = true;
}

bool MemoryDisk::holds(View bytes) const {
  std::lock_guard lock(mutex_);
  const auto within = [&](const Bytes& value) {
    return std::search(value.begin(), value.end(), bytes.begin(), bytes.end()) != value.end();
  };
  for (const auto& rows : tables_->rows) {
    if (rows && std::ranges::any_of(*rows, [&](const auto& row) { return within(row.second); })) return true;
  }
  return std::ranges::any_of(old_, within);
}

std::unique_ptr<Store> open_memory(std::shared_ptr<MemoryDisk> disk) {
  return std::make_unique<MemoryStore>(std::move(disk));
}

}  // namespace satchel
