// SPDX-License-Identifier: AGPL-3.0-or-later
// The bare pipeline: what this machine can do for the same work with nothing of Satchel in it. A record of 600 bytes
// is sealed, chained by hash, signed once per 256, sent over TLS 1.3, verified, chained again and committed to LMDB
// with a synced commit; no meaning, no directory, no session, no index. Satchel's figures are given as ratios to these,
// measured alternately in the same run on the same file system.
// The one place outside the rooms that uses LMDB, libsodium and OpenSSL directly: it measures them, not us, so it
// must not go through our own layers.
// Every function blocks, leaves nothing behind in `folder`, and throws std::runtime_error when the machine refuses.
#pragma once

#include <cstddef>
#include <filesystem>

namespace satchel::bench {

inline constexpr std::size_t kBarePlainBytes = 600;
inline constexpr std::size_t kBareSealedBytes = 24 + kBarePlainBytes + 16;  // 640: nonce, ciphertext, tag
inline constexpr std::size_t kBareBatchRecords = 256;                       // one signature each

struct Spread {
  double p50_ms = 0;
  double p99_ms = 0;
};

// ---- LMDB alone; keys in log order ----
// One sealed-size value a synced commit.
Spread bare_commit(const std::filesystem::path& folder, int commits);
// `batch` values a commit; values a second.
double bare_batches(const std::filesystem::path& folder, int records, int batch);

// ---- opening alone ----
// Milliseconds for so many sealed values of that size, of one key, one after the other in memory.
double bare_open(std::size_t values, std::size_t plain_bytes);

// ---- the whole pipeline ----
// One device uploads to one hub over loopback, a commit per `batches_per_commit` batches of 256; records a second, from
// the first seal to the last durable acknowledgement. With 4 it is R of the goals.
double bare_upload(const std::filesystem::path& folder, int records, int batches_per_commit = 4);
// `devices` at once, each connects, shakes hands and uploads `per_device` records, one commit a batch; records a second
// from the first connect to the last acknowledgement. 50 x 200 is F50.
double bare_fan_in(const std::filesystem::path& folder, int devices, int per_device);

// ---- the channel ----
// 64 bytes there and back on a live TLS connection.
Spread bare_round_trip(int trips);
// TCP connect and full TLS handshake, both ends on this machine, one after the other.
Spread bare_connect(int connects);
// Resident memory of the hub's end of an idle TLS connection, KiB.
double bare_idle_kib(int connections);

}  // namespace satchel::bench
