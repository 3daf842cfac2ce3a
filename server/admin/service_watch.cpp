// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/admin/service_watch.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdlib>
#include <string>

namespace satchel::admin {

namespace asio = boost::asio;

ServiceWatch::ServiceWatch(asio::io_context& io) : socket_(io), timer_(io) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (*path != '/' && *path != '@')) return;
  std::string name = path;
  if (name[0] == '@') name[0] = '\0';  // an abstract name
  boost::system::error_code problem;
  socket_.open({}, problem);
  if (!problem && name.size() < sizeof(sockaddr_un::sun_path)) socket_.connect({name}, problem);
  socket_.non_blocking(true, problem);  // or asio would wait for a manager that does not read
  if (const char* patience = std::getenv("WATCHDOG_USEC"); patience != nullptr) {
    const std::string_view text = patience;
    std::int64_t us = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), us).ec == std::errc{} && us > 0)
      every_ = std::chrono::microseconds(us / 3);
  }
}

void ServiceWatch::tell(std::string_view word) {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.send(asio::buffer(word.data(), word.size()), 0, ignored);
}

void ServiceWatch::keep(std::function<void()> pulse) {
  pulse_ = std::move(pulse);
  if (every_.count() > 0) wait();
}

void ServiceWatch::wait() {
  timer_.expires_after(every_);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    pulse_();
    wait();
  });
}

}  // namespace satchel::admin
