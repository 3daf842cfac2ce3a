// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames: the protocol's messages as plain values, and the only code that reads or writes Cap'n Proto
// (schema/wire/frames.capnp; meaning and order in wire.md). decode() makes every check that foreign bytes need
// before anything is allocated for them: one segment, traversal 8 x the frame, nesting 16, fixed sizes of ids,
// list lengths. Views inside a decoded Frame borrow from the frame's bytes and live as long as those do.
// Frame bytes must start 8-byte aligned; decode() copies when they do not.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sync/model/batch.h"

namespace satchel::wire {

inline constexpr std::uint16_t kProtocolVersion = 1;

// Values are permanent.
enum class Role : std::uint8_t { device = 1, hub = 2, reader = 3 };
enum class Standing : std::uint8_t { confirmed = 1, unconfirmed = 2 };
enum class SubmitStatus : std::uint8_t { ordered = 1, pending = 2, refused = 3 };
enum class EntryVerdict : std::uint8_t { held = 1, rejected = 2, gap = 3, fork = 4 };

struct SignedView {
  View bytes;
  Signature signature;
};

struct Hello {
  std::vector<std::uint16_t> versions;
  OrgId org;
  ChainId chain;
  Role role = Role::device;
  NodeId to_hub;
  SignPublic sign_public;
  BoxPublic box_public;
  Signature signature;
};

struct Welcome {
  std::uint16_t version = 0;
  ChainId hub;
  Standing standing = Standing::confirmed;
  std::uint32_t window_bytes = 0;
  bool top = false;
  WallTime time;  // the hub's clock
  Signature signature;
};

struct Bye {
  std::string code;
  std::string detail;
};

struct FeedMark {
  AudienceId audience;
  std::uint64_t position = 0;
  std::uint64_t stamps = 0;
};

struct Sync {
  std::uint32_t round = 0;
  Position directory;
  Digest order_hash;
  std::vector<FeedMark> feeds;
  std::uint64_t receipts = 0;
  ChainId hub;
  WallTime handed;  // of a hub: all it stamped up to this time was handed up; 0: not said
};

struct Synced {
  std::uint32_t round = 0;
  std::vector<FeedMark> feeds;
  std::uint64_t receipts = 0;
  WallTime through;          // all the hub stamped up to this time is in the feeds shown; 0: not said
  bool order_waits = false;  // of headquarters': it was restored, and orders nothing until an administrator says so
};

struct Submit {
  std::vector<View> envelopes;
};

struct SubmitResult {
  Digest id;
  SubmitStatus status = SubmitStatus::pending;
  std::string code;
};

struct Submitted {
  std::vector<SubmitResult> results;
};

struct DirectoryRun {
  struct Record {
    View ordered;
    View envelope;
  };
  std::vector<Record> records;
  View head;
  std::vector<View> waiting;  // statements not ordered yet that take something from the receiver
};

// One entry of a segment. What the entry before it implies is not sent.
struct Item {
  View body;   // sealed; empty when there is none or it is withheld
  View extra;  // see encode_extra()
};

// The ways an entry may differ from what its place implies.
struct ItemExtra {
  std::optional<std::uint32_t> epoch;
  std::optional<Position> directory;
  Digest withheld_body;  // set when the body exists but is not sent
  std::uint32_t withheld_size = 0;
  View clear;  // borrows
  bool empty() const { return !epoch && !directory && withheld_body.none() && clear.empty(); }
};
Bytes encode_extra(const ItemExtra& extra);
Result<ItemExtra> decode_extra(View bytes);

struct Segment {
  ArchiveId archive;
  std::uint64_t first_seq = 0;
  Digest previous;
  std::uint32_t leaf = 0;
  std::uint32_t epoch = 0;
  Position directory;
  std::vector<Item> entries;
};

struct Parcel {
  std::uint32_t number = 0;
  SignedView batch;
  std::vector<SignedView> stamps;
  View proof;
  std::vector<Segment> chains;
  std::vector<View> wraps;
};

struct Refusal {
  ArchiveId archive;
  std::uint64_t first_seq = 0;
  EntryVerdict verdict = EntryVerdict::rejected;
  std::string code;
  std::uint64_t have = 0;  // for a gap: the seq the hub has
};

struct FeedMove {
  AudienceId audience;
  std::uint64_t from = 0;  // position before
  std::uint64_t to = 0;
};

struct Accepted {
  std::uint32_t number = 0;
  std::vector<SignedView> stamps;
  std::vector<Refusal> refused;
  std::vector<FeedMove> moved;
  std::string code;
};

struct TouchedItem {
  ArchiveId archive;
  Digest heads;
  std::uint64_t wraps = 0;  // exclusive or of the wraps' first eight hash bytes, for the page's audience
};

struct Touched {
  std::uint32_t page = 0;
  AudienceId audience;
  std::uint64_t up_to = 0;
  std::vector<TouchedItem> items;
};

struct ArchiveHeads {
  ArchiveId archive;
  std::vector<ChainHead> heads;
  bool want_wraps = false;  // in a want; in a differ: its heads were left out, the frame was full
};

struct Want {
  std::uint32_t page = 0;
  std::vector<ArchiveHeads> items;
};

struct Served {
  std::uint32_t page = 0;
  std::vector<ArchiveHeads> behind;
  std::vector<View> wraps;
  std::vector<ArchiveId> gone;
  std::vector<ArchiveId> kept_back;  // no room for them in the asker's replica
  bool more = false;                 // wraps alone, because one frame does not hold them all: the page goes on
};

// Either ranges or archives one by one.
struct Compare {
  std::uint32_t page = 0;
  std::vector<TouchedItem> items;
  View ranges;  // a ReconcileMessage (sync/model/reconcile.h)
};

struct Differ {
  std::uint32_t page = 0;
  std::vector<ArchiveHeads> items;
  std::uint32_t confirm = 0;  // compare_mark() of the page as the hub has it, or ranges_mark()
  View ranges;
};

struct Receipts {
  std::uint64_t up_to = 0;
  std::vector<SignedView> stamps;
  bool more = false;
  AudienceId audience;  // none: receipts for the asking node's own batches
};

struct Wraps {
  std::uint32_t number = 0;
  std::vector<View> wraps;
};

// ---- attachments ----

struct BlobName {
  ArchiveId archive;
  Digest root;
  auto operator<=>(const BlobName&) const = default;
};

// Values are permanent.
enum class BlobStatus : std::uint8_t { unknown = 1, lacking = 2, whole = 3, refused = 4 };

struct BlobOffer {
  std::vector<BlobName> items;
};

struct BlobState {
  BlobName name;
  BlobStatus status = BlobStatus::unknown;
  bool list = false;  // the list of chunks is needed, too
  View held;          // one bit a chunk, lowest first
  std::uint32_t part_index = 0;
  std::uint32_t part_bytes = 0;
  std::string code;
};

struct BlobStates {
  std::vector<BlobState> items;
  bool want = false;  // it is a want that this answers
};

struct BlobList {
  BlobName name;
  View ids;
};

struct BlobPiece {
  BlobName name;
  std::uint32_t index = 0;
  std::uint32_t offset = 0;
  View bytes;
};

struct BlobTaken {
  BlobName name;
  std::uint32_t index = 0;
  std::string code;
};

struct BlobWant {
  BlobName name;
  bool list = false;
  std::uint32_t first = 0;
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

// From a restored HQ hub to a caller that holds more of the order: directory runs after this position, please.
struct DirectoryWanted {
  Position after;
};

struct Notify {};
struct Ping {
  std::uint64_t token = 0;
};
struct Pong {
  std::uint64_t token = 0;
};

using Frame = std::variant<Hello, Welcome, Bye, Sync, Synced, Submit, Submitted, DirectoryRun, Parcel, Accepted,
                           Touched, Want, Served, Compare, Differ, Receipts, Notify, Ping, Pong, Wraps, BlobOffer,
                           BlobStates, BlobList, BlobPiece, BlobTaken, BlobWant, DirectoryWanted>;

// Limits of lists, over and above what a frame of kFrameBytesMax can hold.
inline constexpr std::size_t kFeedsMax = 4096;         // a branch hub follows every person of its branch
inline constexpr std::size_t kTouchedItemsMax = 1024;  // about 60 KiB a page
inline constexpr std::size_t kWrapsMax = 2048;         // about 500 KiB
inline constexpr std::size_t kStampsMax = 16;          // hubs on the way
inline constexpr std::size_t kHeadsPerArchiveMax = 4096;
// Of all archives a frame names: 80 bytes each, so that it stays a frame. Beyond it an archive is named without heads,
// as if nothing of it were there: what is sent again is skipped where it is.
inline constexpr std::size_t kHeadsPerFrameMax = 8192;
inline constexpr std::size_t kReceiptsMax = 512;
inline constexpr std::size_t kStatementsMax = 1024;
inline constexpr std::size_t kBlobsMax = 16;  // offered at once: the answer may take a look at every chunk of each

Bytes encode(const Frame& frame);

// A decoded frame together with the bytes its views borrow from.
class Received {
 public:
  // integrity "wire.broken" (drop the peer) on anything that does not follow the format.
  static Result<Received> decode(View frame);
  const Frame& frame() const { return frame_; }
  Frame& frame() { return frame_; }

 private:
  std::vector<std::uint64_t> aligned_;  // only when the input was not
  Frame frame_;
};

// What both ends sign at the start of a connection.
Bytes hello_subject(View exporter, const Hello& hello);
Bytes welcome_subject(View exporter, const Hello& hello, const Welcome& welcome);
// Of a page compared at first contact: its archives and the heads digests one end has for them.
std::uint32_t compare_mark(std::uint32_t page, std::span<const TouchedItem> items);
// Of ranges compared: the question as it came, and the answer to it.
std::uint32_t ranges_mark(std::uint32_t page, View question, View answer);
inline constexpr DomainLabel kRangesLabel{"satchel ranges"};
inline constexpr DomainLabel kCompareLabel{"satchel compare"};
inline constexpr DomainLabel kHelloLabel{"satchel hello"};
inline constexpr DomainLabel kWelcomeLabel{"satchel welcome"};

}  // namespace satchel::wire
