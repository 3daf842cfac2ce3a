// SPDX-License-Identifier: AGPL-3.0-or-later
// The real Entropy: 4 KiB at a time from a fresh 32-byte seed of the kernel, because a system call costs half
// of what sealing a visit does. Each thread has its own pool; any number of objects and threads may be used at once.
// Every byte is handed out once and wiped when it is; a forked child draws anew, and a thread's rest is wiped
// when it ends. A virtual machine resumed twice from one memory snapshot repeats at most one pool: whoever
// snapshots running nodes must restart them.
#pragma once

#include "schema/base/entropy.h"

namespace satchel {

class SystemEntropy final : public Entropy {
 public:
  SystemEntropy();
  void fill(std::span<Byte> out) override;
};

}  // namespace satchel
