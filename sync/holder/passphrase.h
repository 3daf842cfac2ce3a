// SPDX-License-Identifier: AGPL-3.0-or-later
// Where a passphrase comes from, never an argument: the first line of a named file, else of the file that the variable
// SATCHEL_PASSPHRASE_FILE names, else a person at the controlling terminal, without echo.
// not_found "passphrase.no-file"; usage "passphrase.too-long", "passphrase.mismatch", "passphrase.no-terminal" and
// "vault.empty-passphrase".
#pragma once

#include <string>

#include "schema/base/result.h"

namespace satchel::holder {

struct PassphrasePrompts {
  std::string ask;
  std::string again;
};

// `fresh`: a new one, typed twice.
Result<std::string> read_passphrase(const std::string& file, bool fresh, const PassphrasePrompts& prompts);

}  // namespace satchel::holder
