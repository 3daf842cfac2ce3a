// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/store/lmdb_store.h"

#include <algorithm>
#include <cerrno>

#include "sync/store/checks.h"
#include "sync/store/lmdb_env.h"

namespace satchel {

static_assert(kLmdbNoSyncForTests == MDB_NOSYNC && kLmdbNoMetaSyncForTests == MDB_NOMETASYNC);
static_assert(sizeof(void*) == 8, "the map may grow to 1 TiB");

namespace {

class LmdbCursor;

// What both kinds of transaction read through. Knows its cursors: LMDB frees those of a write transaction at its end,
// and ours may live longer.
class Access {
 public:
  Access(LmdbEnv& env, MDB_txn* txn, bool writing) : env_(env), txn_(txn), writing_(writing) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  Result<std::optional<View>> get(Table table, View key) const;
  Result<std::unique_ptr<Cursor>> cursor(Table table);
  Result<std::uint64_t> count(Table table) const;

  // Before anything is written: cursors find their place anew by key, so LMDB never has to move one under us.
  void let_go_cursors();
  // Cursors that outlive the transaction answer "store.ended" from here on.
  MDB_txn* end();
  void forget(LmdbCursor* cursor) { std::erase(cursors_, cursor); }

  LmdbEnv& env() const { return env_; }
  MDB_txn* txn() const { return txn_; }
  bool writing() const { return writing_; }

 private:
  LmdbEnv& env_;
  MDB_txn* txn_;
  bool writing_;
  std::vector<LmdbCursor*> cursors_;
};

class LmdbCursor final : public Cursor {
 public:
  LmdbCursor(Access& access, MDB_dbi dbi) : access_(&access), dbi_(dbi) {}
  ~LmdbCursor() override {
    let_go();
    if (access_ != nullptr) access_->forget(this);
  }

  Result<std::optional<KeyValue>> seek(View from) override {
    return from.empty() ? move(MDB_FIRST, {}, Place::end) : move(MDB_SET_RANGE, from, Place::end);
  }

  Result<std::optional<KeyValue>> seek_before(View before) override {
    if (before.empty()) return move(MDB_LAST, {}, Place::start);
    auto found = move(MDB_SET_RANGE, before, Place::end);
    if (!found) return found;
    return move(*found ? MDB_PREV : MDB_LAST, {}, Place::start);
  }

  Result<std::optional<KeyValue>> next() override {
    if (access_ == nullptr) return ended();
    if (place_ == Place::end) return std::nullopt;
    if (place_ == Place::start) return move(MDB_FIRST, {}, Place::end);
    if (cursor_ != nullptr) return move(MDB_NEXT, {}, Place::end);
    const Bytes last = key_;
    auto found = move(MDB_SET_RANGE, last, Place::end);
    if (!found || !*found || !equal((**found).key, last)) return found;
    return move(MDB_NEXT, {}, Place::end);
  }

  Result<std::optional<KeyValue>> prev() override {
    if (access_ == nullptr) return ended();
    if (place_ == Place::start) return std::nullopt;
    if (place_ == Place::end) return move(MDB_LAST, {}, Place::start);
    if (cursor_ != nullptr) return move(MDB_PREV, {}, Place::start);
    const Bytes last = key_;
    return seek_before(last);
  }

  void let_go() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
    cursor_ = nullptr;
  }
  void end() {
    let_go();
    access_ = nullptr;
  }

 private:
  enum class Place { start, at, end };

  Result<std::optional<KeyValue>> move(MDB_cursor_op op, View target, Place when_none) {
    if (access_ == nullptr) return ended();
    int code = cursor_ == nullptr ? mdb_cursor_open(access_->txn(), dbi_, &cursor_) : 0;
    MDB_val key = lmdb_val(target), value{};
    if (code == 0) code = mdb_cursor_get(cursor_, &key, &value, op);
    if (code == MDB_NOTFOUND) {
      place_ = when_none;
      return std::nullopt;
    }
    if (code != 0) return std::unexpected(access_->env().error(code));
    place_ = Place::at;
    const KeyValue pair{lmdb_view(key), lmdb_view(value)};
    if (access_->writing()) key_.assign(pair.key.begin(), pair.key.end());
    return pair;
  }

  Access* access_;
  MDB_dbi dbi_;
  MDB_cursor* cursor_ = nullptr;
  Place place_ = Place::start;
  Bytes key_;  // the pair it stands at; kept in write transactions only
};

Result<std::optional<View>> Access::get(Table table, View key) const {
  if (txn_ == nullptr) return ended();
  SATCHEL_TRY(check_key(key));
  MDB_val wanted = lmdb_val(key), value{};
  const int code = mdb_get(txn_, env_.dbi(table), &wanted, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return std::unexpected(env_.error(code));
  return lmdb_view(value);
}

Result<std::unique_ptr<Cursor>> Access::cursor(Table table) {
  if (txn_ == nullptr) return ended();
  auto made = std::make_unique<LmdbCursor>(*this, env_.dbi(table));
  cursors_.push_back(made.get());
  return made;
}

Result<std::uint64_t> Access::count(Table table) const {
  if (txn_ == nullptr) return ended();
  MDB_stat stat{};
  const int code = mdb_stat(txn_, env_.dbi(table), &stat);
  if (code != 0) return std::unexpected(env_.error(code));
  return stat.ms_entries;
}

void Access::let_go_cursors() {
  for (LmdbCursor* cursor : cursors_) cursor->let_go();
}

MDB_txn* Access::end() {
  for (LmdbCursor* cursor : cursors_) cursor->end();
  cursors_.clear();
  return std::exchange(txn_, nullptr);
}

class LmdbReadTxn final : public ReadTxn {
 public:
  LmdbReadTxn(LmdbEnv& env, MDB_txn* txn) : access_(env, txn, false) {}
  ~LmdbReadTxn() override {
    LmdbEnv& env = access_.env();
    env.end_read(access_.end());
  }
  Result<std::optional<View>> get(Table table, View key) const override {
    auto found = access_.get(table, key);
    if (found && *found) access_.env().read_long(**found);
    return found;
  }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override { return access_.cursor(table); }
  Result<std::uint64_t> count(Table table) const override { return access_.count(table); }

 private:
  mutable Access access_;
};

class LmdbWriteTxn final : public WriteTxn {
 public:
  LmdbWriteTxn(LmdbEnv& env, MDB_txn* txn) : access_(env, txn, true) {}
  ~LmdbWriteTxn() override {
    if (MDB_txn* txn = access_.end()) access_.env().abort(txn);
  }
  Result<std::optional<View>> get(Table table, View key) const override { return access_.get(table, key); }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override { return access_.cursor(table); }
  Result<std::uint64_t> count(Table table) const override { return access_.count(table); }

  Result<void> put(Table table, View key, View value) override { return store(table, key, value, 0); }
  Result<void> append(Table table, View key, View value) override { return store(table, key, value, MDB_APPEND); }

  Result<bool> erase(Table table, View key) override {
    SATCHEL_TRY(ready(key));
    MDB_val wanted = lmdb_val(key);
    const int code = mdb_del(access_.txn(), access_.env().dbi(table), &wanted, nullptr);
    if (code == MDB_NOTFOUND) return false;
    if (code != 0) return broken(code);
    return true;
  }

  Result<void> commit() override {
    MDB_txn* txn = access_.end();
    if (txn == nullptr) return ended();
    if (!broken_) return access_.env().commit(txn);
    access_.env().abort(txn);
    return std::unexpected(*broken_);
  }

 private:
  Result<void> ready(View key) {
    if (access_.txn() == nullptr) return ended();
    if (broken_) return std::unexpected(*broken_);
    SATCHEL_TRY(check_key(key));
    access_.let_go_cursors();
    return {};
  }

  Result<void> store(Table table, View key, View value, unsigned flags) {
    SATCHEL_TRY(ready(key));
    if (value.size() > kStoreValueBytesMax) {
      return fail(ErrorKind::failed, "store.value-size", std::to_string(value.size()));
    }
    MDB_val where = lmdb_val(key), what = lmdb_val(value);
    const int code = mdb_put(access_.txn(), access_.env().dbi(table), &where, &what, flags);
    if (code == MDB_KEYEXIST) return fail(ErrorKind::failed, "store.order", hex(key));
    if (code != 0) return broken(code);
    return {};
  }

  // LMDB gives up the whole transaction after such an error; so do we, and the first error is the one reported.
  std::unexpected<Error> broken(int code) {
    broken_ = access_.env().error(code);
    return std::unexpected(*broken_);
  }

  mutable Access access_;
  std::optional<Error> broken_;
};

class LmdbSoleUse final : public SoleUse {
 public:
  explicit LmdbSoleUse(LmdbEnv& env) : env_(env) {}
  ~LmdbSoleUse() override { env_.not_only(); }
  LmdbSoleUse(const LmdbSoleUse&) = delete;
  LmdbSoleUse& operator=(const LmdbSoleUse&) = delete;

 private:
  LmdbEnv& env_;
};

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(std::unique_ptr<LmdbEnv> env) : env_(std::move(env)) {}

  Result<std::unique_ptr<ReadTxn>> begin_read() override {
    auto txn = env_->begin_read();
    if (!txn) return std::unexpected(txn.error());
    return std::make_unique<LmdbReadTxn>(*env_, *txn);
  }

  Result<std::unique_ptr<WriteTxn>> begin_write() override {
    auto txn = env_->begin_write();
    if (!txn) return std::unexpected(txn.error());
    return std::make_unique<LmdbWriteTxn>(*env_, *txn);
  }

  std::uint64_t bytes_at_most() const override { return env_->bytes_used(); }
  Result<std::unique_ptr<SoleUse>> sole_use() override {
    const auto only = env_->only();
    if (!only) return std::unexpected(only.error());
    if (!*only) return nullptr;
    return std::make_unique<LmdbSoleUse>(*env_);
  }
  Result<bool> compact(const SoleUse&) override { return env_->compact(); }

 private:
  std::unique_ptr<LmdbEnv> env_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_lmdb(const std::filesystem::path& folder, const LmdbOptions& options) {
  std::error_code error;
  // Without a trailing slash, so that the folder has a name and a parent.
  auto place = std::filesystem::absolute(folder, error).lexically_normal();
  if (error) return std::unexpected(lmdb_error(error.value(), folder));
  if (place.filename().empty()) place = place.parent_path();
  if (!options.read_only && options.create) SATCHEL_TRY(create_lmdb(place));
  auto env = std::make_unique<LmdbEnv>(place);
  SATCHEL_TRY(env->open(options));
  return std::make_unique<LmdbStore>(std::move(env));
}

}  // namespace satchel
