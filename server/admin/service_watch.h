// SPDX-License-Identifier: AGPL-3.0-or-later
// ServiceWatch: tells a service manager (sd_notify's protocol, without its library) that the program is ready, alive
// and stopping. Does nothing where none asked for it (NOTIFY_SOCKET, WATCHDOG_USEC). Datagrams that cannot be sent are
// let go: the manager draws its own conclusion. On the io_context's thread but alive(), which any thread may call.
#pragma once

#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string_view>

namespace satchel::admin {

class ServiceWatch {
 public:
  explicit ServiceWatch(boost::asio::io_context& io);
  void ready() { tell("READY=1"); }
  void stopping() { tell("STOPPING=1"); }
  // Calls `pulse` three times in the manager's patience; what it watches answers with alive().
  void keep(std::function<void()> pulse);
  void alive() { tell("WATCHDOG=1"); }
  void end() { timer_.cancel(); }

 private:
  void tell(std::string_view word);
  void wait();

  boost::asio::local::datagram_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  std::function<void()> pulse_;
  std::chrono::microseconds every_{0};
};

}  // namespace satchel::admin
