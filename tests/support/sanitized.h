// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether this is a sanitizer's build: memory is guarded and what was freed is kept back, so sizes mean nothing.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SATCHEL_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SATCHEL_SANITIZED
#endif
