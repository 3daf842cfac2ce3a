// SPDX-License-Identifier: AGPL-3.0-or-later
// A program under test as a process of its own, to be killed: what it says on its standard output comes back line by
// line. A line that was not finished when it died was not said.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace satchel::crash {

class Child {
 public:
  Child() = default;
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // {program, arguments...}. Throws std::runtime_error when it cannot be started.
  void start(const std::vector<std::string>& command);
  bool running() const { return pid_ > 0; }
  // Reads what it says for so long, or until it says `until` or ends; true when that was said.
  bool listen(std::chrono::microseconds most, const std::string& until = {});
  // SIGKILL; waits, and reads what it had said before.
  void kill();
  // The lines since the last call.
  std::vector<std::string> take_lines();

 private:
  bool read_some();
  pid_t pid_ = 0;
  int out_ = -1;
  std::string partial_;
  std::vector<std::string> lines_;
};

}  // namespace satchel::crash
