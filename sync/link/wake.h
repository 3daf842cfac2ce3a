// SPDX-License-Identifier: AGPL-3.0-or-later
// WakeGate: lets any thread ask that something be done soon on an io_context's thread, however often and however
// late: many calls become one, and calls after close() do nothing, also when the io_context is gone by then.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace boost::asio {
class io_context;
}

namespace satchel {

class WakeGate : public std::enable_shared_from_this<WakeGate> {
 public:
  explicit WakeGate(boost::asio::io_context& io) : io_(&io) {}
  // What to do; before the first wake().
  void aim(std::function<void()> action);
  void wake();
  // On the io_context's thread. The action neither runs nor lives after this.
  void close();

 private:
  void run();

  std::mutex lock_;
  boost::asio::io_context* io_;  // null once closed
  bool posted_ = false;
  std::function<void()> action_;
};

}  // namespace satchel
