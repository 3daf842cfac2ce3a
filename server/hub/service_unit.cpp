// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/service_unit.h"

#include <algorithm>
#include <array>

#include "schema/wire/limits.h"

namespace satchel::hub {

namespace {

constexpr std::size_t kUserBytesMax = 31;

// Goodbyes, cut connections and the last commit must fit what the service manager waits.
static_assert(kLeaveMax + kCutMax + kCloseMax < kStopMax);

// As a unit file quotes a word; '%' begins a specifier, '$' a variable.
std::string quoted(const std::string& word, bool command) {
  std::string out = "\"";
  for (const char ch : word) {
    if (ch == '"' || ch == '\\') out += '\\';
    if (ch == '%' || (ch == '$' && command)) out += ch;
    out += ch;
  }
  return out + "\"";
}

bool nameable(const std::string& path) {
  return path.starts_with('/') && std::ranges::none_of(path, [](unsigned char ch) { return ch < ' ' || ch == 0x7f; });
}

bool is_user(const std::string& user) {
  const auto lower = [](char ch) { return ch >= 'a' && ch <= 'z'; };
  const auto good = [&](char ch) { return lower(ch) || (ch >= '0' && ch <= '9') || ch == '-' || ch == '_'; };
  return !user.empty() && user.size() <= kUserBytesMax && (lower(user[0]) || user[0] == '_') &&
         std::ranges::all_of(user, good);
}

std::string seconds(Millis time) { return std::to_string(time.count() / 1000) + "s"; }

// Where the folder is in a home, homes must be seen; all else in them stays read only.
const char* protect_home(const std::string& data) {
  constexpr std::array kHomes{"/home", "/root", "/run/user"};
  return std::ranges::any_of(kHomes, [&](const std::string& home) { return data.starts_with(home + "/"); })
             ? "read-only"
             : "yes";
}

constexpr const char* kConfined = R"(
# No more rights than a hub needs: sockets, its folder, its own memory.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
UMask=0077
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
)";

}  // namespace

Result<std::string> service_unit(const ServiceUnit& wanted) {
  for (const auto* path : {&wanted.program, &wanted.data}) {
    if (!nameable(*path)) return fail(ErrorKind::invalid, "unit.path", *path);
  }
  if (!is_user(wanted.user)) return fail(ErrorKind::invalid, "unit.user", wanted.user);
  std::string out;
  out += "[Unit]\n";
  out += "Description=Satchel hub\n";
  out += "Wants=network-online.target\n";
  out += "After=network-online.target\n";
  out += "\n[Service]\n";
  out += "Type=notify\n";
  out += "NotifyAccess=main\n";
  out += "ExecStart=" + quoted(wanted.program, true) + " serve --data " + quoted(wanted.data, true) + "\n";
  out += "User=" + wanted.user + "\n";
  out += "Group=" + wanted.user + "\n";
  out += "Restart=on-failure\n";
  out += "RestartSec=5s\n";
  out += "KillMode=mixed\n";
  out += "TimeoutStopSec=" + seconds(kStopMax) + "\n";
  out += "WatchdogSec=" + seconds(kWatchdog) + "\n";
  out += "\n# One folder may be written.\n";
  out += "ProtectSystem=strict\n";
  out += std::string("ProtectHome=") + protect_home(wanted.data) + "\n";
  out += "ReadWritePaths=" + quoted(wanted.data, false) + "\n";
  out += kConfined;
  out += "\n# What schema/wire/limits.h counts on, and an end to what it does not foresee.\n";
  out += "LimitNOFILE=" + std::to_string(4 * kConnectionsMax) + "\n";
  out += "LimitMEMLOCK=64M\n";
  out += "LimitCORE=0\n";
  out += "MemoryMax=4G\n";
  out += "TasksMax=64\n";
  out += "\n[Install]\n";
  out += "WantedBy=multi-user.target\n";
  return out;
}

}  // namespace satchel::hub
