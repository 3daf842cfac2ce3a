// SPDX-License-Identifier: AGPL-3.0-or-later
// crash_store_workload FOLDER STEPS [nosync|nometasync]: runs the script and marks each step once its commit has
// returned. A step that fails is tried again a few times, after reopening where the outcome is unknown: what a program
// must do. Exit codes: 0 all steps done, 3 the disk refused for good, 4 an answer no disk error should lead to.
#include <cstdio>
#include <string>

#include "sync/store/lmdb_store.h"
#include "tests/crash/mark.h"
#include "tests/crash/store_script.h"

using namespace satchel;

namespace {

constexpr int kTries = 4;

class Workload {
 public:
  Workload(std::string folder, std::string_view mode) : folder_(std::move(folder)) {
    if (mode == "nosync") options_.extra_flags_for_tests = kLmdbNoSyncForTests;
    if (mode == "nometasync") options_.extra_flags_for_tests = kLmdbNoMetaSyncForTests;
  }

  int run(std::uint64_t steps) {
    for (std::uint64_t n = 1; n <= steps; ++n) {
      if (const int code = until_done(n)) return code;
      crash::crash_mark("saved " + std::to_string(n));
    }
    return 0;
  }

 private:
  int until_done(std::uint64_t n) {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      if (!store_ && !reopen()) continue;
      const auto done = step(n);
      if (done) return 0;
      if (!expected(done.error())) return 4;
      if (done.error().code == "store.unknown") store_.reset();
    }
    return wrong_ ? 4 : 3;
  }

  Result<void> step(std::uint64_t n) {
    {
      const auto txn = store_->begin_read();
      // An unknown outcome is told by the commit, and reopened after at once: nothing else may find it.
      if (!txn && txn.error().code == "store.unknown") return fail(ErrorKind::failed, "workload.untold");
      if (!txn) return std::unexpected(txn.error());
      const auto done = crash::steps_done(**txn);
      if (!done) return std::unexpected(done.error());
      if (*done == n) return {};  // it was kept although its outcome had been unknown
    }
    return crash::run_script_step(*store_, n);
  }

  bool reopen() {
    auto opened = open_lmdb(folder_, options_);
    if (opened) store_ = std::move(*opened);
    if (!opened && !expected(opened.error())) wrong_ = true;
    return opened.has_value();
  }

  static bool expected(const Error& error) {
    if (error.code == "store.full" || error.code == "store.io" || error.code == "store.unknown") return true;
    std::fprintf(stderr, "unexpected: %s (%s)\n", error.code.c_str(), error.detail.c_str());
    return false;
  }

  std::string folder_;
  LmdbOptions options_;
  std::unique_ptr<Store> store_;
  bool wrong_ = false;
};

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  return Workload(words[1], count > 3 ? words[3] : "").run(std::stoull(words[2]));
}
