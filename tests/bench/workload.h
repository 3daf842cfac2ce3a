// SPDX-License-Identifier: AGPL-3.0-or-later
// Visits as a salesperson writes them, about 600 bytes each, in Chinese and English, from a seed. Made before anything
// is measured: composing text is the person's work, not Satchel's.
#pragma once

#include <random>

#include "schema/base/entropy.h"
#include "sync/model/change.h"

namespace satchel::bench {

class Workload {
 public:
  explicit Workload(std::uint64_t seed, Entropy& entropy) : random_(seed), entropy_(entropy) {}
  RecordChange visit();
  std::vector<RecordChange> visits(std::size_t count);
  // Spread evenly over so many days; whoever visits plans to come again when `every` days are over, or a little before.
  struct Stretch {
    Date first;
    int days = 1;
    int every = 30;
  };
  std::vector<RecordChange> visits(std::size_t count, const Stretch& over);
  RecordChange customer(bool with_phone = false);

 private:
  RecordChange visit(Date on, Date again);
  template <std::size_t kCount>
  const char* pick(const char* const (&list)[kCount]) {
    return list[random_() % kCount];
  }
  std::string number(std::uint64_t below);

  std::mt19937_64 random_;
  Entropy& entropy_;
};

// The size of the record as the peers' are counted: its id, type and fields as JSON text.
std::size_t payload_bytes(const RecordChange& change);
// The month all of the workload's visits lie in, as year * 12 + month - 1.
std::int32_t workload_month();

}  // namespace satchel::bench
