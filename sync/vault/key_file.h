// SPDX-License-Identifier: AGPL-3.0-or-later
// Small files that hold keys: read whole, replaced whole or not at all, mode 0600. A replacement is written beside
// the file as `<name>.new`, synced, renamed over it, and the folder synced; a power cut leaves the old or the new one.
// Every file ends in a checksum, so that damage is told apart from everything else (store.md, 'Key files').
//
// Errors: storage "vault.full" and "vault.io", the detail names the file and what the system said.
#pragma once

#include <filesystem>
#include <optional>

#include "sync/seal/seal.h"

namespace satchel {

inline constexpr std::size_t kKeyFileBytesMax = 4096;

// Nothing when there is no such file; of a longer one kKeyFileBytesMax + 1 bytes, so that its checksum fails.
Result<std::optional<Bytes>> read_key_file(const std::filesystem::path& file);

// The right to replace `file`. Held by one writer at a time over all processes; begin() waits for it, so whoever holds
// one works out keys before. Dropped without commit() it leaves the file as it was.
class KeyFileChange {
 public:
  static Result<KeyFileChange> begin(const std::filesystem::path& file);
  KeyFileChange(KeyFileChange&& from) noexcept;
  KeyFileChange& operator=(KeyFileChange&&) = delete;
  ~KeyFileChange();
  // Durable when it returns without error; after an error the file is the old or the new one, whole.
  Result<void> commit(View bytes);

 private:
  KeyFileChange(std::filesystem::path file, std::filesystem::path staged, int fd);
  std::filesystem::path file_;
  std::filesystem::path staged_;
  int fd_;
  bool renamed_ = false;
};

// Appends the checksum of all bytes so far.
void write_checksum(Writer& out);
// Everything but the checksum; nothing when it is not right.
std::optional<View> without_checksum(View bytes);

// Wipes a buffer when the scope ends.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(Bytes& bytes) : bytes_(bytes) {}
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;
  ~WipedAtEnd() { wipe(bytes_); }

 private:
  Bytes& bytes_;
};

}  // namespace satchel
