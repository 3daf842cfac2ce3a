// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sodium.h>
#include <sys/resource.h>

#include "sync/seal/seal.h"

namespace satchel {

static_assert(crypto_pwhash_argon2id_SALTBYTES == sizeof(StretchParams::salt));

Result<Secret32> stretch(std::string_view passphrase, const StretchParams& params) {
  const std::string given = std::to_string(params.passes) + " passes, " + std::to_string(params.memory_kib) + " KiB";
  if (params.passes < kStretchPassesMin || params.memory_kib < kStretchMemoryKibMin) {
    return fail(ErrorKind::integrity, "seal.downgraded", given);
  }
  if (params.passes > kStretchPassesMax || params.memory_kib > kStretchMemoryKibMax) {
    return fail(ErrorKind::integrity, "seal.excessive", given);
  }
  Secret32 key;
  const char* const characters = passphrase.empty() ? "" : passphrase.data();
  if (crypto_pwhash_argon2id(key.writable().data(), key.writable().size(), characters, passphrase.size(),
                             params.salt.data(), params.passes, std::size_t{params.memory_kib} * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::storage, "seal.no-memory", std::to_string(params.memory_kib / 1024) + " MiB");
  }
  return key;
}

void start_crypto() {
  SATCHEL_ASSERT(sodium_init() >= 0);
  // A core file would carry keys to the disk. Raising the limit again needs intent, so a failure here is ours.
  const rlimit none{0, 0};
  SATCHEL_ASSERT(setrlimit(RLIMIT_CORE, &none) == 0);
}

}  // namespace satchel
