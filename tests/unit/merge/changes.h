// SPDX-License-Identifier: AGPL-3.0-or-later
// Changes to one record by a few people on a few devices, made up at random or by hand.
#pragma once

#include <rapidcheck.h>
#include <set>

#include "sync/merge/resolve.h"

namespace satchel::merge_test {

inline constexpr const char* kFields[] = {"name", "phone", "tags"};

struct Written {
  merge::Source source;
  RecordChange change;
};

inline PersonId person(int n) {
  PersonId id;
  id.bytes.fill(static_cast<Byte>(n));
  return id;
}
inline ChainId chain(int n) {
  ChainId id;
  id.node.bytes.fill(static_cast<Byte>(n + 100));
  id.incarnation = 1;
  return id;
}

inline Written set_by(int who, std::uint64_t seq, std::string field, Value value, std::int64_t at = 1000) {
  Written w;
  w.source = {chain(who), seq, person(who), HybridClock::of({at}), {at}, {at}};
  w.change.type = "customer";
  w.change.version = 1;
  w.change.ops.push_back({std::move(field), std::move(value), {}});
  return w;
}
inline Dot dot_of(const Written& w, std::uint16_t op = 0) { return {w.source.chain, w.source.seq, op}; }

inline void apply(merge::RecordState& state, const Written& w) { state.apply(w.source, w.change, 0); }
inline merge::RecordState in_order(const std::vector<Written>& history) {
  merge::RecordState state;
  for (const auto& w : history) apply(state, w);
  return state;
}
inline merge::RecordState merged(merge::RecordState a, const merge::RecordState& b) {
  a.merge(b);
  return a;
}

// Up to a dozen changes; each may replace any value given before it, on any device.
inline std::vector<Written> random_history() {
  std::vector<Written> history;
  std::uint64_t seqs[4] = {};
  std::map<std::string, std::vector<Dot>> given;
  for (int n = *rc::gen::inRange(0, 12); n > 0; --n) {
    const int who = *rc::gen::inRange(1, 4);
    const auto at = *rc::gen::inRange<std::int64_t>(0, 50);
    Written w = set_by(who, ++seqs[who], "", {}, at);
    w.change.type = *rc::gen::inRange(0, 9) == 0 ? "contact" : "customer";
    w.change.version = *rc::gen::inRange<std::uint32_t>(1, 4);
    w.change.ops.clear();
    for (int ops = *rc::gen::inRange(1, 4); ops > 0; --ops) {
      Op op{kFields[*rc::gen::inRange(0, 3)], std::to_string(*rc::gen::inRange(0, 4)), {}};
      auto& before = given[op.field];
      for (const auto& dot : before) {
        if (*rc::gen::inRange(0, 2) == 0) op.replaces.push_back(dot);
      }
      w.change.ops.push_back(std::move(op));
    }
    std::uint16_t number = 0;
    for (const auto& op : w.change.ops) given[op.field].push_back({w.source.chain, w.source.seq, number++});
    history.push_back(std::move(w));
  }
  return history;
}

}  // namespace satchel::merge_test
