// SPDX-License-Identifier: AGPL-3.0-or-later
// Result<T>: a value, or an Error that names what the caller does about it.
// Expected outcomes (conflict found, duplicate, nothing new, held) are values, not errors. `code` is a
// stable word such as "vault.wrong-passphrase": programs match it, and client/cli/messages turns it into the
// person's language; `detail` carries the names and numbers that belong in that sentence.
// g++ 12's expected has no and_then: write `if (!r) return std::unexpected(r.error());` or SATCHEL_TRY.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace satchel {

// At most ten; each has its exit code in client/cli.
enum class ErrorKind {
  failed,      // could not be done; trying again as it is will not help
  usage,       // the person asked for something that cannot be meant
  not_found,   // no such customer, person, record, file
  permission,  // may not
  conflict,    // a person has to decide first
  integrity,   // bytes are not what was written, or a peer lied
  offline,     // no hub could be reached
  storage,     // the disk refused: full, read-only, failing; nothing already saved is lost
  invalid,     // foreign bytes or text that do not follow their format
};

struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string code;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string detail = {}) {
  return std::unexpected(Error{kind, std::move(code), std::move(detail)});
}

// What must always hold. Stays on in release: a broken invariant stops the program before it spreads.
#define SATCHEL_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::satchel::assertion_failed(#condition, __FILE__, __LINE__))
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

// For a Result<void> or a Result whose value is not needed: hand the error on.
#define SATCHEL_TRY(expression) SATCHEL_TRY_AS(SATCHEL_JOIN(tried_, __LINE__), expression)
#define SATCHEL_TRY_AS(name, expression)                                       \
  do {                                                                         \
    if (auto name = (expression); !name) return std::unexpected(name.error()); \
  } while (false)
#define SATCHEL_JOIN(a, b) SATCHEL_JOIN_NOW(a, b)
#define SATCHEL_JOIN_NOW(a, b) a##b

// SATCHEL_GET(name, expression): `name` is the value of a Result, or the error is handed on.
#define SATCHEL_GET(name, expression)                                  \
  auto name##_result_ = (expression);                                  \
  if (!name##_result_) return std::unexpected(name##_result_.error()); \
  auto& name = *name##_result_

}  // namespace satchel
