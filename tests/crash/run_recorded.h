// SPDX-License-Identifier: AGPL-3.0-or-later
// Starts a program with record_writes preloaded. SATCHEL_CRASH_SHIM, a compile definition, is the library's path.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace satchel::crash {

// {program, arguments...}, {"NAME=value"...} added to this process's environment. Waits; the exit code, or 128 +
// signal. The log is begun anew. Output goes where this process's goes.
int run_recorded(const std::vector<std::string>& command, const std::filesystem::path& log,
                 const std::vector<std::string>& environment = {});
// The environment that run_recorded adds, for a test that starts programs in its own way.
std::vector<std::string> recording_environment(const std::filesystem::path& log);

}  // namespace satchel::crash
