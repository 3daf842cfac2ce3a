// SPDX-License-Identifier: AGPL-3.0-or-later
// What a person does at a device, timed: opens archives, writes visits one at a time or in batches, looks at the list.
// Everything is durable when a call returns. Times in seconds, from Satchel's first instruction to its last.
#pragma once

#include "sync/holder/device.h"
#include "tests/bench/workload.h"

namespace satchel::bench {

class Desk {
 public:
  Desk(holder::Device& device, std::uint64_t seed) : device_(device), workload_(seed, device.entropy()) {}

  void open_archives(std::size_t count, bool with_phone = false);
  struct Wrote {
    double seconds = 0;
    std::size_t payload = 0;
  };
  // `run` visits in a row go into each archive, in transactions of `batch`.
  Wrote write(std::size_t visits, std::size_t run, std::size_t batch = 1000, bool compress = true);
  // One after the other to each archive, spread over the days.
  void write_over(std::size_t visits, const Workload::Stretch& days);
  struct Saves {
    std::vector<double> saved;    // milliseconds from the call to durable
    std::vector<double> visible;  // and until the month's list holds it
  };
  Saves save_one_by_one(std::size_t visits, bool look);
  // Brings the derived tables up to the log; entries applied.
  std::size_t derive(double& seconds);
  std::size_t listed();

 private:
  void put(std::vector<RecordChange>& visits, std::size_t first, std::size_t count, std::size_t run, bool compress);

  holder::Device& device_;
  Workload workload_;
  std::vector<node::StoredArchive> archives_;
  std::size_t written_ = 0;
};

}  // namespace satchel::bench
