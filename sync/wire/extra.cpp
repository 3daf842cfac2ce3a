// SPDX-License-Identifier: AGPL-3.0-or-later
// Item extras, the mark of a compared page and the subjects of the two greetings: the protocol's own bytes, without
// Cap'n Proto.
#include "sync/wire/frame.h"

namespace satchel::wire {

namespace {

constexpr std::uint8_t kHasEpoch = 1;
constexpr std::uint8_t kHasDirectory = 2;
constexpr std::uint8_t kHasWithheld = 4;
constexpr std::uint8_t kHasClear = 8;

}  // namespace

Bytes encode_extra(const ItemExtra& extra) {
  if (extra.empty()) return {};
  Writer out(64 + extra.clear.size());
  const auto flags = (extra.epoch ? kHasEpoch : 0) | (extra.directory ? kHasDirectory : 0) |
                     (extra.withheld_body.none() ? 0 : kHasWithheld) | (extra.clear.empty() ? 0 : kHasClear);
  out.u8(static_cast<std::uint8_t>(flags));
  if (extra.epoch) out.u32(*extra.epoch);
  if (extra.directory) out.u32(extra.directory->incarnation).u64(extra.directory->n);
  if (!extra.withheld_body.none()) out.raw(extra.withheld_body.view()).u32(extra.withheld_size);
  if (!extra.clear.empty()) out.sized(extra.clear);
  return out.take();
}

Result<ItemExtra> decode_extra(View bytes) {
  ItemExtra extra;
  if (bytes.empty()) return extra;
  Reader in(bytes);
  const auto flags = in.u8();
  if (flags & kHasEpoch) extra.epoch = in.u32();
  if (flags & kHasDirectory) {
    const auto incarnation = in.u32();
    extra.directory = Position{incarnation, in.u64()};
  }
  if (flags & kHasWithheld) {
    extra.withheld_body = Digest::of(in.raw(Digest::size));
    extra.withheld_size = in.u32();
    if (extra.withheld_body.none() || extra.withheld_size == 0 || extra.withheld_size > kBodyBytesMax) in.fail();
  }
  if (flags & kHasClear) {
    extra.clear = in.sized(kClearBytesMax);
    if (extra.clear.empty()) in.fail();
  }
  const bool known = (flags & ~(kHasEpoch | kHasDirectory | kHasWithheld | kHasClear)) == 0 && flags != 0;
  if (!in.done() || !known) return fail(ErrorKind::integrity, "wire.broken", "item extra");
  return extra;
}

std::uint32_t compare_mark(std::uint32_t page, std::span<const TouchedItem> items) {
  Writer out(16 + items.size() * 48);
  out.u32(page);
  for (const auto& item : items) out.raw(item.archive.view()).raw(item.heads.view());
  const Digest digest = hash(kCompareLabel, out.bytes());
  return be32(digest.view());
}

std::uint32_t ranges_mark(std::uint32_t page, View question, View answer) {
  return be32(hash(kRangesLabel, {Writer().u32(page).sized(question).bytes(), answer}).view());
}

Bytes hello_subject(View exporter, const Hello& hello) {
  Writer out(256);
  out.sized(exporter).varint(hello.versions.size());
  for (const auto v : hello.versions) out.u16(v);
  out.raw(hello.org.view()).raw(hello.chain.node.view()).u32(hello.chain.incarnation);
  out.u8(static_cast<std::uint8_t>(hello.role)).raw(hello.to_hub.view());
  out.raw(hello.sign_public.view()).raw(hello.box_public.view());
  return out.take();
}

Bytes welcome_subject(View exporter, const Hello& hello, const Welcome& welcome) {
  Writer out(320);
  out.sized(hello_subject(exporter, hello)).u16(welcome.version);
  out.raw(welcome.hub.node.view()).u32(welcome.hub.incarnation);
  out.u8(static_cast<std::uint8_t>(welcome.standing)).u32(welcome.window_bytes).u8(welcome.top ? 1 : 0);
  out.i64(welcome.time.ms);
  return out.take();
}

}  // namespace satchel::wire
