// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/blob/manifest.h"

#include "schema/base/value.h"
#include "sync/model/change.h"

namespace satchel::blob {

namespace {

constexpr std::uint8_t kManifestVersion = 1;

}  // namespace

Bytes Manifest::encode() const {
  return Writer(128)
      .u8(kManifestVersion)
      .raw(blob.view())
      .u32(epoch)
      .u64(size)
      .raw(digest.view())
      .raw(root.view())
      .sized(name)
      .sized(media)
      .take();
}

Result<Manifest> Manifest::decode(View bytes) {
  Reader in(bytes);
  Manifest out;
  if (in.u8() != kManifestVersion) in.fail();
  out.blob = BlobId::of(in.raw(BlobId::size));
  out.epoch = in.u32();
  out.size = in.u64();
  out.digest = Digest::of(in.raw(Digest::size));
  out.root = Digest::of(in.raw(Digest::size));
  out.name = in.string(kNameBytesMax);
  out.media = in.string(kMediaBytesMax);
  const bool good =
      in.done() && out.size <= kFileBytesMax && !out.root.none() && is_utf8(out.name) && is_utf8(out.media);
  if (!good) return fail(ErrorKind::invalid, "attachment.manifest");
  return out;
}

Reference Manifest::reference() const { return {root, sealed_file(size)}; }

std::uint64_t padded_file(std::uint64_t size) { return padded_size(std::max<std::uint64_t>(size, 1)); }

std::uint64_t sealed_file(std::uint64_t size) {
  const std::uint64_t padded = padded_file(size);
  return padded + (padded + kChunkPlainBytes - 1) / kChunkPlainBytes * kSealOverhead;
}

std::string safe_name(std::string_view name) {
  if (!is_utf8(name)) return "attachment";
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    // U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069: what would turn a name around.
    if (c == 0xe2 && i + 2 < name.size()) {
      const auto b = static_cast<unsigned char>(name[i + 1]);
      const auto d = static_cast<unsigned char>(name[i + 2]);
      const bool turns =
          (b == 0x80 && (d == 0x8e || d == 0x8f || (d >= 0xa8 && d <= 0xae))) || (b == 0x81 && d >= 0xa6 && d <= 0xa9);
      if (turns) {
        i += 2;
        continue;
      }
    }
    if (c < 0x20 || c == 0x7f || (c == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0)) {
      if (c == 0xc2) ++i;
      continue;
    }
    const bool forbidden = std::string_view("/\\:*?\"<>|").find(name[i]) != std::string_view::npos;
    out += forbidden ? '_' : name[i];
  }
  while (!out.empty() && (out.front() == '.' || out.front() == ' ')) out.erase(0, 1);
  while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
  if (out.size() > kNameBytesMax) {
    // The end names the kind of file.
    const auto dot = out.rfind('.');
    const std::string tail = dot != std::string::npos && out.size() - dot <= 16 ? out.substr(dot) : std::string();
    out.resize(kNameBytesMax - tail.size());
    while (!out.empty() && !is_utf8(out)) out.pop_back();
    out += tail;
  }
  return out.empty() ? "attachment" : out;
}

}  // namespace satchel::blob
