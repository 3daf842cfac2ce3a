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
  // (q): a branch's people, visits and archives, evenly over them and over the days; headquarters' the same
  int branch_people = 40;
  std::size_t branch_visits = 200'000;
  std::size_t branch_archives = 10'000;
  int branches = 10;
  int people = 100;  // of all branches
  std::size_t all_visits = 2'000'000;
  std::size_t all_archives = 100'000;
  int days = 400;
  std::size_t customers = 5'000;  // of one salesperson, for today and rules
  std::size_t customers_visits = 20'000;
  std::size_t imported = 50'000;
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

// (q): what is asked of vaults: reports, today, rules; and an import.
inline constexpr const char* kSystemsAsked[] = {"", "s06", "s16", "s26"};  // none: the standard packs alone
void measure_querying(const Run& run, int repeats);

void describe(Table& table, const Sizes& sizes);

// A line to standard error, for whoever waits.
void progress(const std::string& what);

}  // namespace satchel::bench
