// SPDX-License-Identifier: AGPL-3.0-or-later
// Reconciliation: any two sets find exactly where they differ, in few rounds and bytes; hostile ends are refused by
// name.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "sync/model/reconcile.h"
#include "tests/vectors/vectors.h"

using namespace satchel;

namespace {

using Items = std::map<ArchiveId, Digest>;

ReconcileSet set_of(const Items& items) {
  std::vector<ReconcileItem> sorted;
  for (const auto& [archive, heads] : items) sorted.push_back({archive, heads});
  return ReconcileSet(std::move(sorted));
}

std::vector<ReconcileDifference> differences(const Items& mine, const Items& theirs, bool both_ways) {
  std::map<ArchiveId, ReconcileDifference> out;
  for (const auto& [archive, heads] : mine) out[archive] = {archive, heads, {}};
  for (const auto& [archive, heads] : theirs) {
    out[archive].archive = archive;
    out[archive].theirs = heads;
  }
  std::vector<ReconcileDifference> list;
  for (const auto& [archive, d] : out) {
    if (d.mine != d.theirs && (both_ways || !d.mine.none())) list.push_back(d);
  }
  return list;
}

struct Talk {
  std::vector<ReconcileDifference> found;
  std::size_t rounds = 0;
  std::size_t up = 0;
  std::size_t down = 0;
  std::size_t largest = 0;
};

Talk talk(const ReconcileSet& mine, const ReconcileSet& theirs, bool both_ways) {
  Talk out;
  Reconciler asker(mine, both_ways);
  auto message = asker.start();
  while (message) {
    out.up += message->size();
    const auto answer = reconcile_answer(theirs, *message);
    REQUIRE(answer.has_value());
    out.down += answer->size();
    out.largest = std::max({out.largest, message->size(), answer->size()});
    auto next = asker.step(*answer);
    INFO((next ? "" : next.error().code));
    REQUIRE(next.has_value());
    message = std::move(*next);
  }
  out.found = asker.differences();
  out.rounds = asker.rounds();
  return out;
}

// Ids that crowd together, so that bounds need many bytes, or spread like real ones.
template <class Random>
ArchiveId some_id(Random& random, bool crowded) {
  ArchiveId id;
  for (auto& b : id.bytes) b = static_cast<Byte>(crowded ? random() % 3 == 0 : random());
  return id;
}
template <class Random>
Digest some_digest(Random& random) {
  Digest digest;
  for (auto& b : digest.bytes) b = static_cast<Byte>(random() | 1);
  return digest;
}

Items many(std::mt19937_64& random, std::size_t n, bool crowded = false) {
  Items out;
  while (out.size() < n) out[some_id(random, crowded)] = some_digest(random);
  return out;
}

std::string code(const Result<std::optional<Bytes>>& r) { return r ? "" : r.error().code; }

}  // namespace

TEST_CASE("reconcile: any two sets find exactly where they differ", "[model][reconcile]") {
  REQUIRE(rc::check("exact", [] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const bool crowded = *rc::gen::arbitrary<bool>();
    const bool both_ways = *rc::gen::arbitrary<bool>();
    // Crowded ids are few: 2^16 of them.
    const auto common = *rc::gen::inRange<std::size_t>(0, crowded ? 400 : 4000);
    Items mine = many(random, common, crowded);
    Items theirs = mine;
    const auto spoil = *rc::gen::inRange<std::size_t>(0, 3) == 0 ? common : std::size_t{20};
    const auto changes = *rc::gen::inRange<std::size_t>(0, spoil + 1);
    for (std::size_t i = 0; i < changes; ++i) {
      auto& side = random() % 2 == 0 ? mine : theirs;
      if (random() % 3 != 0 || side.empty()) {
        side[some_id(random, crowded)] = some_digest(random);
      } else {
        side.erase(std::next(side.begin(), static_cast<std::ptrdiff_t>(random() % side.size())));
      }
    }
    const auto a = set_of(mine);
    const auto b = set_of(theirs);
    const auto done = talk(a, b, both_ways);
    RC_ASSERT(done.found == differences(mine, theirs, both_ways));
    RC_ASSERT(done.largest <= 2 * kReconcileBytes);
    RC_ASSERT(done.rounds <= 8 + (mine.size() + theirs.size()) / 500);
  }));
}

TEST_CASE("reconcile: nothing in common, an empty end, ends that are equal", "[model][reconcile]") {
  std::mt19937_64 random(3);
  const Items none, few = many(random, 10), lots = many(random, 30'000), others = many(random, 20'000);
  for (const auto& [mine, theirs] :
       {std::pair(none, lots), std::pair(lots, none), std::pair(few, lots), std::pair(lots, few),
        std::pair(lots, others), std::pair(none, none), std::pair(lots, lots)}) {
    for (const bool both_ways : {false, true}) {
      const auto done = talk(set_of(mine), set_of(theirs), both_ways);
      CHECK(done.found == differences(mine, theirs, both_ways));
      CHECK(done.largest <= 2 * kReconcileBytes);
    }
  }
  // What the other end has beside costs an asker nothing who did not ask.
  const auto modest = talk(set_of(few), set_of(lots), false);
  CHECK(modest.rounds == 1);
  CHECK(modest.down < 2000);
  CHECK(talk(set_of(lots), set_of(lots), false).rounds == 1);
  CHECK(talk(set_of(none), set_of(lots), false).rounds == 0);
}

TEST_CASE("reconcile: ten differences among a hundred thousand take two round trips and few bytes",
          "[model][reconcile]") {
  std::mt19937_64 random(5);
  Items mine = many(random, 100'000);
  Items theirs = mine;
  for (int i = 0; i < 10; ++i) {
    auto at = std::next(theirs.begin(), static_cast<std::ptrdiff_t>(random() % theirs.size()));
    if (i % 3 == 0) {
      theirs.erase(at);
    } else {
      at->second = some_digest(random);
    }
  }
  const auto done = talk(set_of(mine), set_of(theirs), false);
  CHECK(done.found == differences(mine, theirs, false));
  CHECK(done.rounds <= 3);
  CHECK(done.up < 64 * 1024);
  CHECK(done.down < 64 * 1024);
}

TEST_CASE("reconcile: answers that do not fit what was asked, or lead nowhere, are refused by name",
          "[model][reconcile][hostile]") {
  std::mt19937_64 random(7);
  const auto items = many(random, 500);
  const auto set = set_of(items);
  const auto asked = [&](Reconciler& asker) { return decode_reconcile(*asker.start()).value(); };
  const auto answer_with = [&](auto&& bend) {
    Reconciler asker(set, false);
    auto message = asked(asker);
    // An honest answer of somebody who has nothing: every range listed, none of it there.
    for (auto& range : message.ranges) range = {range.to, RangeMode::items, 0, {}, {}};
    bend(message);
    return code(asker.step(encode(message)));
  };
  CHECK(answer_with([](auto&) {}).empty());
  CHECK(answer_with([](auto& m) { m.ranges.erase(m.ranges.begin() + 3); }) == "reconcile.bounds");
  CHECK(answer_with([](auto& m) { m.ranges[3].mode = RangeMode::difference; }) == "reconcile.bounds");
  CHECK(answer_with([](auto& m) { std::swap(m.ranges[3].to, m.ranges[4].to); }) == "reconcile.broken");
  CHECK(answer_with([](auto& m) { m.ranges[3].to = m.ranges[2].to; }) == "reconcile.broken");
  CHECK(answer_with([](auto& m) { m.ranges.back().to = m.ranges[2].to; }) == "reconcile.broken");
  CHECK(answer_with([&](auto& m) { m.ranges[3].items = {{items.rbegin()->first, {}}}; }) == "reconcile.broken");
  CHECK(answer_with([](auto& m) {
          for (auto& range : m.ranges) range.mode = RangeMode::later;
        }) == "reconcile.endless");

  // A liar who answers every range with another fingerprint of all of it.
  Reconciler asker(set, false);
  auto message = asker.start();
  std::string end;
  std::size_t rounds = 0;
  while (message && end.empty()) {
    auto lie = decode_reconcile(*message).value();
    for (auto& range : lie.ranges) {
      if (range.mode == RangeMode::fingerprint) range.fingerprint = some_digest(random);
      if (range.mode == RangeMode::items) range = {range.to, RangeMode::later, 0, {}, {}};
    }
    auto next = asker.step(encode(lie));
    end = code(next);
    if (next) message = std::move(*next);
    REQUIRE(++rounds < 1000);
  }
  CHECK(end == "reconcile.endless");

  // More archives than anybody may name.
  const ReconcileSet nothing;
  Reconciler modest(nothing, true, 100);
  CHECK(code(modest.step(reconcile_answer(set, *modest.start()).value())) == "reconcile.too-many");
}

TEST_CASE("reconcile: bytes of any kind end in an answer within bounds", "[model][reconcile][hostile]") {
  std::mt19937_64 random(vectors::hostile_seed());
  const auto set = set_of(many(random, 3000));
  auto changed = many(random, 3000);
  const auto other = set_of(changed);
  std::vector<Bytes> asks, answers;
  Reconciler asker(set, true);
  for (auto m = asker.start(); m;) {
    asks.push_back(*m);
    answers.push_back(reconcile_answer(other, *m).value());
    m = asker.step(answers.back()).value();
  }
  const auto spoil = [&](Bytes bytes) {
    for (int hits = static_cast<int>(random() % 4); hits >= 0; --hits) {
      if (bytes.empty()) break;
      const auto at = random() % std::min<std::size_t>(bytes.size(), random() % 2 == 0 ? 40 : bytes.size());
      if (random() % 5 == 0) bytes.resize(at);
      if (at < bytes.size()) bytes[at] = static_cast<Byte>(random());
    }
    return bytes;
  };
  std::size_t taken = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(1500); ++i) {
    const auto answer = reconcile_answer(other, spoil(asks[random() % asks.size()]));
    if (answer) CHECK(answer->size() <= 2 * kReconcileBytes);
    Reconciler fresh(set, true);
    fresh.start();
    const auto next = fresh.step(spoil(answers.front()));
    taken += next.has_value();
    if (!next) CHECK(next.error().code.starts_with("reconcile."));
  }
  CHECK(taken < vectors::hostile_cases(1500));
}
