// SPDX-License-Identifier: AGPL-3.0-or-later
// Disk states after a power cut, rebuilt from a write log. The model: a write is a number of 512-byte sectors; until a
// sync that began after it has ended, each of them may be on the disk or not, in any combination, also while the write
// is still going on; an O_DSYNC write is durable when it returns; a sector is written whole or not at all; the flush is
// honest. A file's size follows what was kept, or is the last size asked for. The moment of the cut runs over every
// call of the log, from the one after the rename that gave the file its final name (its birth, if it has one).
//
// Everything follows from (log, seed, states): state n is the same in each run, whatever was checked before it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/crash/write_log.h"

namespace satchel::crash {

// One state, in a folder that holds data.mdb and nothing else from before but perhaps lock.mdb.
struct DiskState {
  const std::filesystem::path& folder;
  std::uint64_t number;
  // What had been acknowledged when the power went.
  std::span<const std::string> acked;
};

struct Budget {
  std::uint64_t seed = 1;
  std::uint64_t states = 20'000;
  std::optional<std::uint64_t> only;  // this one state, to look at a failure
  // The check opens the file for writing, so it is written whole for each state and not only where it differs.
  bool check_writes = false;
  // A check that takes longer has been led into a circle by a damaged file.
  unsigned seconds_each = 20;
};

struct Verdict {
  std::uint64_t states = 0;
  std::uint64_t wrong = 0;            // the check said so
  std::uint64_t died = 0;             // the check's process was killed by a signal
  std::vector<std::string> examples;  // of either, the first few, with their state numbers
  std::uint64_t violations() const { return wrong + died; }
};

// Empty when the state is as it must be, otherwise what is not. Runs in a child process, in order of state numbers.
using Check = std::function<std::string(const DiskState&)>;

// `folder` is made and removed; memory-backed is faster. Throws std::runtime_error when the harness itself fails.
Verdict check_states(const WriteLog& log, FileId file, const Budget& budget, const std::filesystem::path& folder,
                     const Check& check);

// The same states in this process, for what needs no protection from them.
void for_each_state(const WriteLog& log, FileId file, const Budget& budget, const std::filesystem::path& folder,
                    const std::function<void(const DiskState&)>& visit);

}  // namespace satchel::crash
