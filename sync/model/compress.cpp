// SPDX-License-Identifier: AGPL-3.0-or-later
// Body packing: zstd before sealing, because sealed bytes do not compress. Contexts are kept per thread: making
// one costs more than compressing a visit.
#include <zstd.h>

#include <memory>

#include "sync/model/change.h"

namespace satchel {

namespace {

// Entropy coding takes more time than everything else a saved visit costs and wins 3 % of its size; long texts earn it.
constexpr int kShortLevel = -1;
constexpr int kLongLevel = 1;
constexpr std::size_t kShortBytesMax = 2048;
constexpr std::size_t kHeadBytesMax = 1 + 10;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};

ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  SATCHEL_ASSERT(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  SATCHEL_ASSERT(context != nullptr);
  return context.get();
}

Bytes framed(BodyCodec codec, View content) {
  Writer out(padded_size(content.size() + kHeadBytesMax));
  out.u8(static_cast<std::uint8_t>(codec)).sized(content);
  Bytes packed = out.take();
  packed.resize(padded_size(packed.size()));
  return packed;
}

}  // namespace

Bytes pack_body(View encoded_change, bool compress) {
  if (compress) {
    thread_local Bytes squeezed;
    squeezed.resize(ZSTD_compressBound(encoded_change.size()));
    const auto size =
        ZSTD_compressCCtx(compressor(), squeezed.data(), squeezed.size(), encoded_change.data(), encoded_change.size(),
                          encoded_change.size() <= kShortBytesMax ? kShortLevel : kLongLevel);
    if (!ZSTD_isError(size) && size < encoded_change.size()) {
      return framed(BodyCodec::zstd, View(squeezed).first(size));
    }
  }
  return framed(BodyCodec::plain, encoded_change);
}

Result<Bytes> unpack_body(View packed) {
  const auto broken = [] { return fail(ErrorKind::invalid, "change.broken"); };
  Reader in(packed);
  const auto codec = static_cast<BodyCodec>(in.u8());
  const View content = in.sized(kBodyBytesMax);
  for (const Byte b : in.raw(in.left())) {
    if (b != 0) return broken();
  }
  if (!in.done()) return broken();
  if (codec == BodyCodec::plain) return copy(content);
  if (codec != BodyCodec::zstd) return broken();
  const auto size = ZSTD_getFrameContentSize(content.data(), content.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kUnpackedBytesMax) return broken();
  Bytes out(size);
  const auto got = ZSTD_decompressDCtx(decompressor(), out.data(), out.size(), content.data(), content.size());
  if (ZSTD_isError(got) || got != size) return broken();
  return out;
}

}  // namespace satchel
