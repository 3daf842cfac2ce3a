// SPDX-License-Identifier: AGPL-3.0-or-later
// The layouts of wire.md, 'Attachments', against bytes made without the product.
#include "sync/blob/chunk.h"
#include "tests/vectors/vectors.h"

using namespace satchel;

namespace {

// The nonce of the nth seal is n, repeated.
class CountingEntropy final : public Entropy {
 public:
  void fill(std::span<Byte> out) override {
    std::ranges::fill(out, next_);
    ++next_;
  }

 private:
  Byte next_ = 0;
};

}  // namespace

TEST_CASE("blob: chunks, list, root, digest and manifest are those of the document", "[blob][golden]") {
  const auto all = vectors::load("blob/vectors.txt");
  const auto is = [&](std::string_view name) { return hex(vectors::find(all, "", name)); };
  ArchiveId archive;
  archive.bytes.fill(0x11);
  blob::Manifest manifest;
  manifest.blob.bytes.fill(0x55);
  manifest.epoch = 3;
  manifest.size = 300'000;
  manifest.name = "合同.pdf";
  manifest.media = "application/pdf";
  Bytes content(300'000), key(32);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<Byte>(i % 249);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<Byte>(i);
  CountingEntropy entropy;
  blob::Cutter cutter(Secret32::of(key), archive, manifest.blob, content.size(), entropy);
  for (std::size_t at = 0; !cutter.done();) {
    const std::size_t want = cutter.want();
    cutter.cut(View(content).subspan(at, want));
    at += want;
  }
  CHECK(hex(cutter.ids()) == is("ids"));
  CHECK(hex(Writer().u64(cutter.sealed_bytes()).bytes()) == is("sealed"));
  CHECK(cutter.root().hex() == is("root"));
  CHECK(cutter.digest().hex() == is("digest"));
  manifest.root = cutter.root();
  manifest.digest = cutter.digest();
  CHECK(manifest.encode() == vectors::find(all, "manifest", "file"));
  const auto reference = manifest.reference();
  CHECK(blob::encode_references(std::span(&reference, 1)) == vectors::find(all, "references", "one"));
  CHECK(
      hex(derive("satchel blob key", Secret32::of(key), Writer().raw(archive.view()).raw(manifest.blob.view()).bytes())
              .view()) == is("file-key"));
}

TEST_CASE("blob: what is refused is refused by its name", "[blob][golden]") {
  for (const auto& v : vectors::load("blob/vectors.txt")) {
    if (v.word == "is") continue;
    INFO(v.kind << " " << v.name);
    Result<void> read{};
    if (v.kind == "manifest") {
      if (const auto r = blob::Manifest::decode(v.bytes); !r) read = std::unexpected(r.error());
    } else {
      if (const auto r = blob::decode_references(v.bytes); !r) read = std::unexpected(r.error());
    }
    CHECK((read ? "" : read.error().code) == v.code);
  }
}
