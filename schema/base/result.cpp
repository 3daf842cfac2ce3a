// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace satchel {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "satchel: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace satchel
