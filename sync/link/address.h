// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub's address as people write it: "hub.example.cn:7440", "10.0.0.5:7440", "[fd00::5]:7440".
#pragma once

#include <string>
#include <string_view>

#include "schema/base/result.h"

namespace satchel {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};

// usage error "link.address" when host or port is missing or the port is not 0..65535.
Result<HostPort> parse_address(std::string_view text);
// The same, with a numeric host: what a socket can be bound to without asking anybody.
Result<HostPort> parse_listen_address(std::string_view text);
std::string format_address(const HostPort& address);

}  // namespace satchel
