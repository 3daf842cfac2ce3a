// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/catalogue.h"

#include <zstd.h>

#include "schema/template/pack.h"

namespace satchel::node {

namespace {

constexpr std::size_t kPackTextBytesMax = 1024 * 1024;
constexpr int kPackLevel = 12;  // written once, read on every device
constexpr DomainLabel kPacksMarkLabel{"satchel packs"};

}  // namespace

payload::PackPublished publication_of(const Pack& pack, std::string_view toml) {
  payload::PackPublished out;
  out.pack = pack.id;
  out.version = static_cast<std::uint32_t>(pack.version);
  out.coding = PackCoding::zstd;
  out.bytes.resize(ZSTD_compressBound(toml.size()));
  const auto size = ZSTD_compress(out.bytes.data(), out.bytes.size(), toml.data(), toml.size(), kPackLevel);
  SATCHEL_ASSERT(!ZSTD_isError(size));
  out.bytes.resize(size);
  out.digest = payload::pack_digest(out.bytes);
  return out;
}

Result<std::string> unfold_pack(PackCoding coding, View bytes) {
  if (coding == PackCoding::plain) return std::string(text(bytes));
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (coding != PackCoding::zstd || size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kPackTextBytesMax) {
    return fail(ErrorKind::invalid, "pack.coding");
  }
  std::string out(size, '\0');
  const auto got = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) || got != size) return fail(ErrorKind::invalid, "pack.coding");
  return out;
}

PacksInForce packs_in_force(const Directory& directory, const PersonId& person) {
  PacksInForce out;
  Writer mark;
  for (const auto& [id, versions] : directory.packs()) {
    const PackVersion* newest = directory.pack_in_force(id, person);
    for (const auto& version : versions) {
      // A test group's version is read by the others too, once records name it; in force is what is meant for them.
      const bool meant = newest != nullptr && version.version <= newest->version;
      mark.sized(id).u32(version.version).u8(meant ? 1 : 0).raw(version.digest.view());
      const auto toml = unfold_pack(version.coding, version.bytes);
      auto pack = toml ? parse_pack(*toml) : std::unexpected(toml.error());
      if (pack && meant) {
        out.catalogue.add(std::move(*pack));
      } else if (pack) {
        out.catalogue.add_for_reading(std::move(*pack));
      } else {
        out.broken.push_back(id + ": " + pack.error().detail);
      }
    }
  }
  out.mark = hash(kPacksMarkLabel, mark.bytes());
  return out;
}

}  // namespace satchel::node
