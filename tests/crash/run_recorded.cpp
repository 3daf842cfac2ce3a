// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/run_recorded.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace satchel::crash {

std::vector<std::string> recording_environment(const std::filesystem::path& log) {
  return {"LD_PRELOAD=" SATCHEL_CRASH_SHIM, "SATCHEL_CRASH_LOG=" + log.string(),
          // The sanitizers' own interceptors come after the shim and work all the same.
          "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"};
}

int run_recorded(const std::vector<std::string>& command, const std::filesystem::path& log,
                 const std::vector<std::string>& environment) {
  std::filesystem::remove(log);
  std::vector<std::string> strings = recording_environment(log);
  strings.insert(strings.end(), environment.begin(), environment.end());
  std::vector<char*> arguments, variables;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (auto& variable : strings) variables.push_back(variable.data());
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  variables.push_back(nullptr);
  pid_t pid = 0;
  if (const int code = ::posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), variables.data())) {
    throw std::runtime_error(command[0] + ": " + std::strerror(code));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace satchel::crash
