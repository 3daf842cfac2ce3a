// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/address.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace satchel {

Result<HostPort> parse_address(std::string_view text) {
  const auto wrong = [&] { return fail(ErrorKind::usage, "link.address", std::string(text)); };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && host.find_first_of(":[]") != std::string_view::npos)) return wrong();
  HostPort address{std::string(host), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return wrong();
  return address;
}

Result<HostPort> parse_listen_address(std::string_view text) {
  auto address = parse_address(text);
  boost::system::error_code problem;
  if (address) boost::asio::ip::make_address(address->host, problem);
  if (problem) return fail(ErrorKind::usage, "link.not-numeric", std::string(text));
  return address;
}

std::string format_address(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace satchel
