// SPDX-License-Identifier: AGPL-3.0-or-later
// satchel_bench: measures Satchel and the bare pipeline by turns and prints medians as a table.
// --runs N (default 5), --quick (a smoke run: small, once), --only LETTERS of abfgmpqr, --folder PATH (where the stores
// go).
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

#include "sync/seal/seal.h"
#include "tests/bench/parts.h"
#include "tests/bench/worker.h"

namespace satchel::bench {

namespace {

struct Wishes {
  int runs = 5;
  bool quick = false;
  std::string only = "abfgmpqr";
  std::filesystem::path folder = "/var/tmp";
};

Wishes read_wishes(const Words& words) {
  Wishes out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool more = i + 1 < words.size();
    if (words[i] == "--quick") {
      out.quick = true;
    } else if (words[i] == "--runs" && more) {
      out.runs = std::stoi(words[++i]);
    } else if (words[i] == "--only" && more) {
      out.only = words[++i];
    } else if (words[i] == "--folder" && more) {
      out.folder = words[++i];
    } else {
      throw std::runtime_error(
          "satchel_bench [--runs N] [--quick] [--only LETTERS of a b f g m p q r] [--folder PATH]; no " + words[i]);
    }
  }
  return out;
}

Sizes quick_sizes() {
  Sizes s;
  s.visits = 2'000;
  s.many = 8'000;
  s.few = 400;
  s.saves = s.syncs = 50;
  s.looks = s.deltas = 5;
  s.devices = 5;
  s.idle = 30;
  s.attachment_mib = 5;
  s.archives = 5'000;
  s.managed = 500;
  s.handed_over = 100;
  s.branch_people = 3;
  s.branch_visits = 3'000;
  s.branch_archives = 300;
  s.branches = 2;
  s.people = 4;
  s.all_visits = 6'000;
  s.all_archives = 600;
  s.days = 100;
  s.customers = 200;
  s.customers_visits = 800;
  s.imported = 1'000;
  return s;
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string one, five, fifteen;
  file >> one >> five >> fifteen;
  return fmt::format("{} {} {}", one, five, fifteen);
}

void measure_all(const Wishes& wishes, const Run& run, int runs) {
  const auto wants = [&](char part) { return wishes.only.find(part) != std::string::npos; };
  for (int i = 1; i <= runs; ++i) {
    progress(fmt::format("run {} of {}", i, runs));
    if (wants('a')) measure_saving(run);
    if (wants('b')) {
      measure_exchange(run, 40);
      measure_exchange(run, 1);
      measure_few(run);
    }
    if (wants('p')) measure_attachment(run);
    if (wants('g')) measure_access(run);
    if (wants('f')) {
      measure_crowd(run, 40);
      measure_crowd(run, 1);
      measure_idle(run);
    }
  }
  if (wants('r')) {
    progress(fmt::format("{} archives reconciled", run.sizes.archives));
    measure_reconciling(run, runs);
  }
  if (wants('q')) {
    progress("reports, today, rules, imports");
    measure_querying(run, runs);
  }
  if (!wants('m')) return;
  progress(fmt::format("{} visits", run.sizes.many));
  measure_many(run, runs);
}

int bench(const Words& words) {
  const Wishes wishes = read_wishes(words);
  const Sizes sizes = wishes.quick ? quick_sizes() : Sizes{};
  const int runs = wishes.quick ? 1 : wishes.runs;
  const auto folder = wishes.folder / fmt::format("satchel-bench.{}", ::getpid());
  std::filesystem::create_directories(folder);
  Table table;
  const std::string before = load_average();
  try {
    measure_all(wishes, {folder, sizes, table}, runs);
  } catch (...) {
    std::filesystem::remove_all(folder);
    throw;
  }
  std::filesystem::remove_all(folder);
  fmt::print(
      "Satchel against the bare pipeline: medians of {}, {} cores, stores in {}, load average {} before and {} after\n",
      runs, ::sysconf(_SC_NPROCESSORS_ONLN), wishes.folder.string(), before, load_average());
  if (wishes.quick) fmt::print("A smoke run: sizes are small and nothing here is a measurement.\n");
  describe(table, sizes);
  const int short_of = table.print();
  fmt::print("{} short of their goals\n", short_of);
  return 0;
}

int run(int argc, char** argv) {
  start_crypto();
  const Words words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == "worker") {
    const Words rest(words.begin() + 2, words.end());
    if (words[1] == "query") return query_worker(rest);
    return words[1] == "hub" ? hub_worker(rest) : device_worker(rest);
  }
  return bench(words);
}

}  // namespace

void progress(const std::string& what) { fmt::print(stderr, "satchel_bench: {}\n", what); }

}  // namespace satchel::bench

int main(int argc, char** argv) {
  try {
    return satchel::bench::run(argc, argv);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "satchel_bench: {}\n", problem.what());
    return 1;
  }
}
