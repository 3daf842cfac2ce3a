// SPDX-License-Identifier: AGPL-3.0-or-later
// Change: what an entry's body says once it is open (wire.md, 'Change'): operations on records, the author's claimed
// times, and the heads it had seen. And how a change becomes a sealed body: encoded, compressed, padded so that
// its size tells little (64-byte steps up to 1 KiB, then Padmé), sealed with the header as associated data.
// A dot names one operation for ever: a later operation lists the dots it replaces, so that concurrency is seen,
// not guessed from clocks. Fields and record types this program does not know are kept as they are.
#pragma once

#include <string>

#include "schema/base/value.h"
#include "sync/model/entry.h"

namespace satchel {

struct Dot {
  ChainId chain;
  std::uint64_t seq = 0;
  std::uint16_t op = 0;  // place among the operations of its change
  auto operator<=>(const Dot&) const = default;
};

struct Op {
  std::string field;
  Value value;
  std::vector<Dot> replaces;
  bool operator==(const Op&) const = default;
};

struct RecordChange {
  RecordId record;
  std::string type;           // template id
  std::uint32_t version = 0;  // pack version it was written with
  std::vector<Op> ops;
  bool operator==(const RecordChange&) const = default;
};

// The field every record has: in force (nothing), withdrawn, or binned until a date.
inline constexpr std::string_view kStandingField = "_standing";
// Why a 'fixed' field was corrected; written beside the correction.
inline constexpr std::string_view kReasonField = "_reason";

struct Seen {
  ChainId chain;
  std::uint64_t seq = 0;
  std::array<Byte, 8> hash{};  // front of the header hash: enough to notice a fork
  bool operator==(const Seen&) const = default;
};

struct Change {
  std::uint64_t hybrid = 0;  // hybrid clock: milliseconds << 16 | counter
  WallTime claimed;          // what the device's clock said
  MonoTime mono;             // and its monotonic clock
  std::vector<Seen> seen;    // chains of this archive that moved since the author's previous entry here
  std::vector<RecordChange> records;
  bool operator==(const Change&) const = default;

  Bytes encode() const;
  // invalid "change.broken" on anything that does not follow the format or its limits.
  static Result<Change> decode(View bytes);
};

inline constexpr std::size_t kRecordsPerChangeMax = 1024;
inline constexpr std::size_t kOpsPerRecordMax = 1024;
inline constexpr std::size_t kReplacesMax = 256;
inline constexpr std::size_t kFieldNameBytesMax = 64;
inline constexpr std::size_t kSeenMax = 4096;

// Values are permanent.
enum class BodyCodec : std::uint8_t { plain = 0, zstd = 1 };

// Packs an encoded change for sealing: codec byte, length, content, padding. `compress` off is for measuring.
Bytes pack_body(View encoded_change, bool compress = true);
// invalid "change.broken"; refuses to unfold more than kUnpackedBytesMax.
Result<Bytes> unpack_body(View packed);
inline constexpr std::size_t kUnpackedBytesMax = 1024 * 1024;
// The size a body of `size` bytes is padded to.
std::size_t padded_size(std::size_t size);

// Completes `header` (body size and hash) and returns the sealed body.
Bytes seal_body(Header& header, View packed, const Secret32& epoch_key, Entropy& entropy);
// integrity "seal.broken", or invalid "change.broken".
Result<Change> open_body(const Header& header, View sealed, const Secret32& epoch_key);

// Hybrid clock: never behind the claimed time nor behind what it has issued; what others claim does not move it.
// Persist last() and give it back at the next start.
class HybridClock {
 public:
  explicit HybridClock(std::uint64_t last = 0) : last_(last) {}
  std::uint64_t next(WallTime claimed);
  std::uint64_t last() const { return last_; }
  static std::uint64_t of(WallTime t);
  static WallTime wall(std::uint64_t hybrid) { return {static_cast<std::int64_t>(hybrid >> 16)}; }

 private:
  std::uint64_t last_;
};

}  // namespace satchel
