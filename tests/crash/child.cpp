// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace satchel::crash {

void Child::start(const std::vector<std::string>& command) {
  kill();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int code = ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  out_ = ends[0];
  if (code == 0) return;
  pid_ = 0;
  throw std::runtime_error(command[0] + ": " + std::strerror(code));
}

bool Child::read_some() {
  char bytes[4096];
  const ssize_t got = ::read(out_, bytes, sizeof bytes);
  if (got <= 0) return false;
  partial_.append(bytes, static_cast<std::size_t>(got));
  for (std::size_t end; (end = partial_.find('\n')) != std::string::npos; partial_.erase(0, end + 1)) {
    lines_.push_back(partial_.substr(0, end));
  }
  return true;
}

bool Child::listen(std::chrono::microseconds most, const std::string& until) {
  const auto end = std::chrono::steady_clock::now() + most;
  for (std::size_t seen = lines_.size();;) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec patience{ns / 1'000'000'000, ns % 1'000'000'000};
    pollfd fd{out_, POLLIN, 0};
    if (::ppoll(&fd, 1, &patience, nullptr) <= 0) continue;
    if (!read_some()) return false;
    for (; seen < lines_.size(); ++seen) {
      if (!until.empty() && lines_[seen] == until) return true;
    }
  }
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0) {
  }
  pid_ = 0;
  while (read_some()) {
  }
  ::close(out_);
  partial_.clear();
}

std::vector<std::string> Child::take_lines() { return std::exchange(lines_, {}); }

}  // namespace satchel::crash
