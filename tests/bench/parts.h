// SPDX-License-Identifier: AGPL-3.0-or-later
// The parts of the benchmark, by the letters of the goals. Each call is one run: it measures the bare limit, then
// Satchel, and adds what it found to the table; nothing is kept between runs but the table.
#pragma once

#include <filesystem>

#include "tests/bench/table.h"

namespace satchel::bench {

struct Sizes {
  std::size_t visits = 20'000;  // (b), (c), (e)
  std::size_t many = 200'000;
  std::size_t few = 1'000;
  std::size_t saves = 500;
  std::size_t looks = 50;
  std::size_t syncs = 300;  // no-ops in a row
  std::size_t deltas = 20;
  int devices = 50;
  int per_device = 200;
  int idle = 300;
  std::size_t attachment_mib = 200;
  std::size_t archives = 100'000;  // (r)
  std::size_t managed = 20'000;    // (g)
  std::size_t handed_over = 1'000;
};

struct Run {
  std::filesystem::path folder;  // on the file system to be measured
  const Sizes& sizes;
  Table& table;
};

void measure_saving(const Run& run);                             // (a)
void measure_exchange(const Run& run, std::size_t per_archive);  // (b) (c) (d) (e)
void measure_crowd(const Run& run, std::size_t per_archive);     // (f)
void measure_idle(const Run& run);
void measure_few(const Run& run);
// At 200,000 records: once, with `repeats` of what is quick.
void measure_many(const Run& run, int repeats);

// (r): two stores of as many archives with ten differences.
void measure_reconciling(const Run& run, int repeats);

void measure_attachment(const Run& run);  // (p)

void measure_access(const Run& run);  // (g)

void describe(Table& table, const Sizes& sizes);

}  // namespace satchel::bench
