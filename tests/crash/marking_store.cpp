// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/marking_store.h"

#include "tests/crash/content_digest.h"
#include "tests/crash/mark.h"
#include "tests/crash/node_marks.h"

namespace satchel::crash {

namespace {

class MarkingTxn final : public WriteTxn {
 public:
  MarkingTxn(std::unique_ptr<WriteTxn> inner, const std::string& node) : inner_(std::move(inner)), node_(node) {}
  Result<std::optional<View>> get(Table table, View key) const override { return inner_->get(table, key); }
  Result<std::unique_ptr<Cursor>> cursor(Table table) const override { return inner_->cursor(table); }
  Result<std::uint64_t> count(Table table) const override { return inner_->count(table); }
  Result<void> put(Table table, View key, View value) override { return inner_->put(table, key, value); }
  Result<void> append(Table table, View key, View value) override { return inner_->append(table, key, value); }
  Result<bool> erase(Table table, View key) override { return inner_->erase(table, key); }
  Result<void> commit() override {
    SATCHEL_GET(digest, content_digest(*inner_));
    SATCHEL_TRY(inner_->commit());
    crash_mark(to_text(node_, CommitMark{digest}));
    return {};
  }

 private:
  std::unique_ptr<WriteTxn> inner_;
  const std::string& node_;
};

class MarkingStore final : public Store {
 public:
  MarkingStore(std::unique_ptr<Store> inner, std::string node) : inner_(std::move(inner)), node_(std::move(node)) {}
  Result<std::unique_ptr<ReadTxn>> begin_read() override { return inner_->begin_read(); }
  Result<std::unique_ptr<WriteTxn>> begin_write() override {
    SATCHEL_GET(txn, inner_->begin_write());
    return std::make_unique<MarkingTxn>(std::move(txn), node_);
  }
  Result<std::unique_ptr<SoleUse>> sole_use() override { return inner_->sole_use(); }
  Result<bool> compact(const SoleUse& sole) override { return inner_->compact(sole); }

 private:
  std::unique_ptr<Store> inner_;
  std::string node_;
};

}  // namespace

std::unique_ptr<Store> marking_store(std::unique_ptr<Store> inner, const std::string& node) {
  return std::make_unique<MarkingStore>(std::move(inner), node);
}

}  // namespace satchel::crash
