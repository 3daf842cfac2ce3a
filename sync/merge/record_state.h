// SPDX-License-Identifier: AGPL-3.0-or-later
// RecordState: what a set of changes says of one record. A function of the set alone: applying the same changes in any
// order, any number of times, gives the same state (DESIGN: a field is a register of all values not yet replaced).
// Nothing is dropped: replaced values are the field's history, and values whose replacers came first wait as
// 'awaited' dots. Clocks decide nothing here; resolve.h picks a winner where a template asks for one.
// Who may be believed is the caller's: it applies only changes that are in force.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "sync/model/change.h"

namespace satchel::merge {

// Where one entry's operations come from.
struct Source {
  ChainId chain;
  std::uint64_t seq = 0;
  PersonId person;  // none when the author is not known
  std::uint64_t hybrid = 0;
  WallTime claimed;
  WallTime effective;  // min(claimed, earliest stamp + 2 minutes); the claimed time while there is no stamp
  std::optional<WallTime> stamped;  // when a hub had it first
  Position known;    // of the directory, by its author
  Position arrived;  // what the hub knew that stamped it first; the author's own while there is no stamp
};

struct FieldValue {
  Dot dot;
  Value value;
  PersonId person;
  std::uint64_t hybrid = 0;
  WallTime claimed;
  WallTime effective;
  std::optional<WallTime> stamped;
  Position known, arrived;
  std::vector<Dot> replaces;
  // By what it says: of two hubs' stamps one node may know the one, and one the other.
  bool operator==(const FieldValue& other) const {
    const auto said = [](const FieldValue& v) {
      return std::tie(v.dot, v.value, v.person, v.hybrid, v.claimed, v.effective, v.known, v.arrived, v.replaces);
    };
    return said(*this) == said(other) && stamped.has_value() == other.stamped.has_value();
  }
};

class RecordState {
 public:
  // `first_op` is the number of operations in the change before this record's.
  void apply(const Source& source, const RecordChange& change, std::uint16_t first_op);
  // Everything either knows.
  void merge(const RecordState& other);

  bool empty() const { return values_.empty(); }
  const std::string& type() const { return type_; }
  std::uint32_t version() const { return version_; }
  // The record's first writer and (effective) time: of the change that replaces nothing and that a hub had first, then
  // by hybrid time. Whoever can know of a record writes in it after a hub had it, so no clock makes him its author.
  PersonId author() const;
  WallTime created() const;
  // Whether a stamp that is still to come may change them.
  enum class Birth : std::uint8_t {
    settled,
    unstamped,  // the only writer's first change is
    unsure,     // of several writers something is, or the first change's clock was ahead of its stamp
  };
  Birth birth() const;
  // What the clock of the first change said.
  WallTime claimed() const { return first_ ? first_->claimed : WallTime{}; }

  std::vector<std::string> fields() const;
  // All values ever given to the field, by dot.
  std::vector<const FieldValue*> values(std::string_view field) const;
  // `counts(replacer, replaced)` says whether a replacement is allowed (fixed fields); by default all are.
  using Counts = std::function<bool(const FieldValue& replacer, const FieldValue& replaced)>;
  // Values no counted operation has replaced, by dot.
  std::vector<const FieldValue*> standing(std::string_view field, const Counts& counts = {}) const;
  // What a new operation on the field must list as replaced.
  std::vector<Dot> dots(std::string_view field) const;

  bool operator==(const RecordState&) const = default;

 private:
  struct First {
    bool replaces = false;
    std::int64_t stamped = 0;  // far ahead while it is not
    std::uint64_t hybrid = 0;
    ChainId chain;
    std::uint64_t seq = 0;
    PersonId person;
    WallTime claimed, effective;
    bool operator==(const First& other) const { return chain == other.chain && seq == other.seq; }
    auto key() const { return std::tie(replaces, stamped, hybrid, chain, seq); }
  };
  void learn(const First& first);

  std::string type_;
  std::uint32_t version_ = 0;
  std::optional<First> first_;
  std::map<std::string, std::map<Dot, FieldValue>, std::less<>> values_;
};

}  // namespace satchel::merge
