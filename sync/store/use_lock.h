// SPDX-License-Identifier: AGPL-3.0-or-later
// Who has a store's folder open: every process holds `use.lock` there as one of many, and one that wants the store to
// itself becomes the only one. An open file description's lock, because those change from one to the other in one step
// and a process does not lose one by closing another descriptor. Included by sync/store only.
#pragma once

#include <filesystem>

#include "schema/base/result.h"

namespace satchel {

class UseLock {
 public:
  UseLock() = default;
  ~UseLock();
  UseLock(const UseLock&) = delete;
  UseLock& operator=(const UseLock&) = delete;

  // One of many; waits while somebody has the store alone. Where nothing may be written, nobody can have it alone, and
  // with `read_only` that is no error.
  Result<void> share(const std::filesystem::path& folder, bool read_only);
  // False: somebody else holds it too, and it stays shared.
  Result<bool> become_only();
  void share_again();

 private:
  int fd_ = -1;
};

}  // namespace satchel
