// SPDX-License-Identifier: AGPL-3.0-or-later
// The recovery kit: the organisation's root key and the reserve key of its HQ hub, as a text to be moved off the
// machine and printed. The root seed stands in four lines of base 32, each with a checksum of its own, so that somebody
// who types it from paper is told which line is wrong. Whoever has it is the organisation: wipe what you read.
#pragma once

#include <string>

#include "sync/directory/identity.h"
#include "sync/seal/seal.h"

namespace satchel::hub {

struct RecoveryKit {
  std::string org_name;
  SignKeys root;
  std::string reserve_tls;  // PEM: the key behind the backup pin
};

std::string print_kit(const RecoveryKit& kit);
// Also from lines typed by hand, without the reserve key. invalid "kit.none" or "kit.line" with the line's number.
Result<RecoveryKit> read_kit(std::string_view text);

}  // namespace satchel::hub
