// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/wake.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace satchel {

void WakeGate::aim(std::function<void()> action) {
  const std::lock_guard guard(lock_);
  action_ = std::move(action);
}

void WakeGate::wake() {
  // Posted under the lock: close() on the other thread cannot let the io_context go in between.
  const std::lock_guard guard(lock_);
  if (!io_ || posted_) return;
  posted_ = true;
  boost::asio::post(*io_, [self = shared_from_this()] { self->run(); });
}

void WakeGate::run() {
  std::function<void()> action;
  {
    const std::lock_guard guard(lock_);
    posted_ = false;
    if (io_) action = action_;
  }
  if (action) action();
}

void WakeGate::close() {
  const std::lock_guard guard(lock_);
  io_ = nullptr;
  action_ = nullptr;
}

}  // namespace satchel
