// SPDX-License-Identifier: AGPL-3.0-or-later
// Random operations on a store and on a plain std::map; every answer must be the same. Long keys and values make the
// tables several pages deep, where page splits, merges and overflow pages happen.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/conformance/store_suite.h"

using namespace satchel;
using namespace satchel::store_suite;

namespace {

using Model = std::map<std::string, std::string>;

struct Step {
  enum Kind { put, append, erase, get, seek, seek_before, next, prev, count, commit, drop, reopen, fill, kinds };
  int kind;
  std::string key;
  std::size_t value_bytes;
};

rc::Gen<std::string> some_key() {
  // Few distinct heads, so that operations meet one another; a long tail, so that pages hold few keys.
  return rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 60), rc::gen::inRange(0, 3)), [](std::pair<int, int> drawn) {
    std::string key = std::to_string(100 + drawn.first);
    if (drawn.second == 1) key += std::string(200, 'k');
    if (drawn.second == 2) key.front() = static_cast<char>(0xf0);
    return key;
  });
}

rc::Gen<Step> some_step() {
  const auto bytes = rc::gen::oneOf(rc::gen::just(std::size_t{0}), rc::gen::inRange<std::size_t>(1, 300),
                                    rc::gen::inRange<std::size_t>(1500, 9000));
  const auto kind = rc::gen::weightedElement<int>({{20, Step::put},
                                                   {4, Step::append},
                                                   {12, Step::erase},
                                                   {6, Step::get},
                                                   {10, Step::seek},
                                                   {10, Step::seek_before},
                                                   {25, Step::next},
                                                   {25, Step::prev},
                                                   {3, Step::count},
                                                   {3, Step::commit},
                                                   {2, Step::drop},
                                                   {1, Step::reopen},
                                                   {1, Step::fill}});
  return rc::gen::map(rc::gen::tuple(kind, some_key(), bytes), [](std::tuple<int, std::string, std::size_t> drawn) {
    return Step{std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn)};
  });
}

// The cursor's meaning, on a std::map: a place before, at or after the keys.
class ModelCursor {
 public:
  std::string seek(const Model& rows, const std::string& from) { return land(rows, rows.lower_bound(from)); }
  std::string seek_before(const Model& rows, const std::string& before) {
    return land_before(rows, before.empty() ? rows.end() : rows.lower_bound(before));
  }
  std::string next(const Model& rows) {
    if (place_ > 0) return "(nothing)";
    return land(rows, place_ < 0 ? rows.begin() : rows.upper_bound(key_));
  }
  std::string prev(const Model& rows) {
    if (place_ < 0) return "(nothing)";
    return land_before(rows, place_ > 0 ? rows.end() : rows.lower_bound(key_));
  }

 private:
  std::string land(const Model& rows, Model::const_iterator at) {
    place_ = at == rows.end() ? 1 : 0;
    return place_ == 0 ? key_ = at->first : "(nothing)";
  }
  std::string land_before(const Model& rows, Model::const_iterator at) {
    place_ = at == rows.begin() ? -1 : 0;
    return place_ == 0 ? key_ = std::prev(at)->first : "(nothing)";
  }
  int place_ = -1;
  std::string key_;
};

// One store and its model, in the middle of a write transaction with one cursor open.
class Pair {
 public:
  explicit Pair(Bench& bench) : bench_(bench) { begin(); }

  void take(const Step& step) {
    const std::string value(step.value_bytes, step.key.back());
    switch (step.kind) {
      case Step::put:
        put(step.key, value);
        break;
      case Step::append:
        append(step.key, value);
        break;
      case Step::erase:
        RC_ASSERT(txn_->erase(kTable, view(step.key)).value() == (open_.erase(step.key) > 0));
        break;
      case Step::get: {
        const auto found = open_.find(step.key);
        RC_ASSERT(satchel::store_suite::get(*txn_, kTable, step.key) ==
                  (found == open_.end() ? "(nothing)" : found->second));
        break;
      }
      case Step::seek:
        RC_ASSERT(key_of(cursor_->seek(view(step.key))) == at_.seek(open_, step.key));
        break;
      case Step::seek_before:
        RC_ASSERT(key_of(cursor_->seek_before(view(step.key))) == at_.seek_before(open_, step.key));
        break;
      case Step::next:
        RC_ASSERT(key_of(cursor_->next()) == at_.next(open_));
        break;
      case Step::prev:
        RC_ASSERT(key_of(cursor_->prev()) == at_.prev(open_));
        break;
      case Step::count:
        RC_ASSERT(*txn_->count(kTable) == open_.size());
        break;
      case Step::fill:
        for (int i = 100; i < 160; ++i) put(std::to_string(i) + std::string(200, 'k'), value);
        break;
      default:
        finish(step.kind);
        break;
    }
  }

  // The open transaction is dropped: what is left must be the committed state, read either way.
  void settle() { finish(Step::reopen); }

 private:
  static constexpr Table kTable = Table::sheets;

  void begin() {
    txn_ = writing(bench_.store());
    cursor_ = std::move(*txn_->cursor(kTable));
    at_ = {};
    open_ = durable_;
  }

  void put(const std::string& key, const std::string& value) {
    RC_ASSERT(txn_->put(kTable, view(key), view(value)).has_value());
    open_[key] = value;
  }

  void append(const std::string& key, const std::string& value) {
    const bool rises = open_.empty() || open_.rbegin()->first < key;
    RC_ASSERT(code_of(txn_->append(kTable, view(key), view(value))) == (rises ? "ok" : "store.order"));
    if (rises) open_[key] = value;
  }

  void finish(int kind) {
    if (kind == Step::commit) {
      RC_ASSERT(txn_->commit().has_value());
      durable_ = open_;
    }
    // The cursor first or last by turns: both orders must be safe.
    if (kind == Step::drop) cursor_.reset();
    txn_.reset();
    if (kind == Step::reopen) bench_.reopen();
    const auto read = reading(bench_.store());
    const Rows expected(durable_.begin(), durable_.end());
    RC_ASSERT(rows(*read, kTable) == expected);
    RC_ASSERT(rows_backwards(*read, kTable) == expected);
    begin();
  }

  Bench& bench_;
  Model durable_, open_;
  ModelCursor at_;
  std::unique_ptr<WriteTxn> txn_;
  std::unique_ptr<Cursor> cursor_;
};

}  // namespace

TEST_CASE("store: random operations answer as a sorted map does", "[store][property]") {
  for (const auto& kind : all_benches()) {
    CHECK(rc::check(std::string("a sorted map: ") + kind.name, [&] {
      const auto bench = kind.make();
      Pair pair(*bench);
      const auto steps = *rc::gen::scale(3.0, rc::gen::container<std::vector<Step>>(some_step()));
      for (const Step& step : steps) pair.take(step);
      pair.settle();
    }));
  }
}
