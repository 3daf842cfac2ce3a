// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "schema/base/result.h"

namespace satchel::holder {

Stop::Stop() { SATCHEL_ASSERT(::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) == 0); }

Stop::~Stop() {
  ::close(ends_[0]);
  ::close(ends_[1]);
}

void Stop::request() noexcept {
  const int before = errno;  // a signal handler must leave it as it was
  requested_.store(true);
  const char byte = 1;
  [[maybe_unused]] const auto written = ::write(ends_[1], &byte, 1);
  errno = before;
}

bool Stop::wait(Millis most) const {
  pollfd end{ends_[0], POLLIN, 0};
  const auto ms = std::clamp<std::int64_t>(most.count(), 0, INT_MAX);
  if (!requested()) ::poll(&end, 1, static_cast<int>(ms));  // the byte is never read: every later wait returns at once
  return requested();
}

}  // namespace satchel::holder
