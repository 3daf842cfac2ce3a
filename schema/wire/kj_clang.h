// SPDX-License-Identifier: AGPL-3.0-or-later
// Force-included for clang builds only: Cap'n Proto 0.9.2 leaves out this comparison, which clang 16 and later
// need in C++20 (rewritten candidates make `const char* == StringPtr` ambiguous). g++ 12 needs nothing.
#pragma once
#ifdef __cplusplus
#include <kj/string.h>
namespace kj {
inline bool operator==(const char* a, const StringPtr& b) { return b == StringPtr(a); }
}  // namespace kj
#endif
