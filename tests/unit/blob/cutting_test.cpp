// SPDX-License-Identifier: AGPL-3.0-or-later
// Cutting and joining: what comes back is the file or a named error, whatever was done to the chunks.
#include <catch2/catch.hpp>

#include "sync/blob/chunk.h"
#include "tests/unit/seal/test_entropy.h"

using namespace satchel;

namespace {

template <class AnyId>
AnyId id(Byte n) {
  AnyId out;
  out.bytes.fill(n);
  return out;
}

Bytes content_of(std::size_t size, std::uint64_t seed = 3) {
  Bytes out(size);
  TestEntropy(seed).fill(out);
  return out;
}

// A file cut into chunks, and ways to bend it.
struct CutFile {
  TestEntropy entropy{11};
  Secret32 key = Secret32::random(entropy);
  ArchiveId archive = id<ArchiveId>(1);
  blob::Manifest manifest;
  Bytes content;
  std::vector<Bytes> chunks;
  Bytes ids;

  explicit CutFile(std::size_t size) : content(content_of(size)) {
    manifest.blob = id<blob::BlobId>(5);
    manifest.size = size;
    manifest.name = "合同.pdf";
    blob::Cutter cutter(key, archive, manifest.blob, size, entropy);
    for (std::size_t at = 0; !cutter.done();) {
      const std::size_t want = cutter.want();
      chunks.push_back(cutter.cut(View(content).subspan(at, want)).sealed);
      at += want;
    }
    manifest.root = cutter.root();
    manifest.digest = cutter.digest();
    ids = cutter.ids();
  }

  Result<Bytes> join() const {
    blob::Joiner joiner(key, archive, manifest);
    Bytes out;
    for (const auto& chunk : chunks) {
      SATCHEL_GET(part, joiner.join(chunk));
      out.insert(out.end(), part.begin(), part.end());
    }
    SATCHEL_TRY(joiner.finish());
    return out;
  }
};

template <class T>
std::string code(const Result<T>& r) {
  return r ? "" : r.error().code;
}

}  // namespace

TEST_CASE("blob: a file of any size is cut, named and joined again", "[blob]") {
  const std::size_t k = blob::kChunkPlainBytes;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{5'000},
                                 k - 1, k, k + 1, 3 * k, 3 * k + 17}) {
    INFO(size);
    const CutFile file(size);
    const auto reference = file.manifest.reference();
    std::uint64_t sealed = 0;
    REQUIRE(blob::chunk_count(reference.sealed) == file.chunks.size());
    for (std::uint32_t i = 0; i < file.chunks.size(); ++i) {
      CHECK(file.chunks[i].size() == blob::chunk_bytes(reference.sealed, i));
      CHECK(blob::chunk_id(file.chunks[i]) == Digest::of(View(file.ids).subspan(i * 32, 32)));
      sealed += file.chunks[i].size();
    }
    CHECK(sealed == reference.sealed);
    CHECK(blob::root_of(reference.sealed, file.ids) == reference.root);
    const auto joined = file.join();
    REQUIRE(joined);
    CHECK(*joined == file.content);
    // Sealed bytes tell no more than the magnitude.
    CHECK(blob::sealed_file(size) >= size + 40);
    CHECK(blob::sealed_file(size) <= size + size / 8 + 64 + 40 * file.chunks.size());
  }
}

TEST_CASE("blob: chunks that are altered, exchanged, left out, repeated or from elsewhere are refused", "[blob]") {
  const CutFile good(3 * blob::kChunkPlainBytes);
  const auto refused = [&](auto bend) {
    CutFile bent = good;
    bend(bent);
    return code(bent.join()) == "attachment.broken";
  };
  REQUIRE(good.join());
  CHECK(refused([](CutFile& f) { f.chunks[1][100] ^= 1; }));
  CHECK(refused([](CutFile& f) { std::swap(f.chunks[0], f.chunks[1]); }));
  CHECK(refused([](CutFile& f) { f.chunks.pop_back(); }));
  CHECK(refused([](CutFile& f) { f.chunks.erase(f.chunks.begin()); }));
  CHECK(refused([](CutFile& f) { f.chunks.push_back(f.chunks.back()); }));
  CHECK(refused([](CutFile& f) { f.chunks[2].pop_back(); }));
  CHECK(refused([](CutFile& f) { f.archive = id<ArchiveId>(2); }));
  CHECK(refused([](CutFile& f) { f.manifest.blob = id<blob::BlobId>(6); }));
  CHECK(refused([](CutFile& f) { f.manifest.digest.bytes[0] ^= 1; }));
  CHECK(refused([](CutFile& f) { f.manifest.size -= 1; }));
  CHECK(refused([](CutFile& f) { f.manifest.size = blob::kChunkPlainBytes; }));  // truncation said by the manifest
  CHECK(refused([](CutFile& f) { f.key = Secret32::random(f.entropy); }));
}

TEST_CASE("blob: the same file cut twice has nothing in common to who has no key", "[blob]") {
  CutFile one(5'000);
  CutFile two(5'000);
  blob::Cutter cutter(one.key, one.archive, id<blob::BlobId>(9), 5'000, two.entropy);
  CHECK(cutter.cut(one.content).id != blob::chunk_id(two.chunks[0]));
  CHECK(one.manifest.digest == two.manifest.digest);
}

TEST_CASE("blob: a manifest is read as written and refused when it is anything else", "[blob]") {
  const CutFile file(70'000);
  const Bytes bytes = file.manifest.encode();
  const auto read = blob::Manifest::decode(bytes);
  REQUIRE(read);
  CHECK(*read == file.manifest);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    CHECK(code(blob::Manifest::decode(View(bytes).first(cut))) == "attachment.manifest");
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(blob::Manifest::decode(longer));
  blob::Manifest huge = file.manifest;
  huge.size = blob::kFileBytesMax + 1;
  CHECK_FALSE(blob::Manifest::decode(huge.encode()));
  blob::Manifest rude = file.manifest;
  rude.name = "\xff\xfe";
  CHECK_FALSE(blob::Manifest::decode(rude.encode()));
}

TEST_CASE("blob: references are read as written, and sizes no file has are refused", "[blob]") {
  const blob::Reference r{id<Digest>(7), blob::sealed_file(600'000)};
  const std::vector<blob::Reference> two{r, {id<Digest>(8), blob::sealed_file(1)}};
  const Bytes bytes = blob::encode_references(two);
  CHECK(blob::names_attachments(bytes));
  CHECK(*blob::decode_references(bytes) == two);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    CHECK(code(blob::decode_references(View(bytes).first(cut))) == "entry.attachments");
  const auto sized = [&](std::uint64_t sealed) {
    const blob::Reference odd{id<Digest>(7), sealed};
    return blob::decode_references(blob::encode_references(std::span(&odd, 1))).has_value();
  };
  CHECK(sized(blob::kSealedBytesMax));
  CHECK_FALSE(sized(blob::kSealedBytesMax + 1));
  CHECK_FALSE(sized(0));
  CHECK_FALSE(sized(40));
  CHECK_FALSE(sized(blob::kChunkSealedBytes + 1));
  CHECK_FALSE(sized(~std::uint64_t{0}));
  CHECK_FALSE(blob::decode_references(blob::encode_references(std::vector<blob::Reference>(17, r))));
  CHECK_FALSE(blob::decode_references(blob::encode_references({})));
}

TEST_CASE("blob: a file of a gibibyte keeps within the list's bounds", "[blob]") {
  CHECK(blob::chunk_count(blob::sealed_file(blob::kFileBytesMax)) == blob::kChunksMax);
  CHECK(blob::kChunksMax * 32 < 1024 * 1024);
  CHECK(blob::sealed_file(blob::kFileBytesMax) == blob::kSealedBytesMax);
}

TEST_CASE("blob: no name from others leaves the folder, hides, or turns around", "[blob]") {
  const auto safe = [](std::string_view name) { return blob::safe_name(name); };
  CHECK(safe("照片 1.jpg") == "照片 1.jpg");
  CHECK(safe("../../etc/passwd") == "_.._etc_passwd");
  CHECK(safe("/etc/passwd") == "_etc_passwd");
  CHECK(safe("a\\b:c") == "a_b_c");
  CHECK(safe(".bashrc") == "bashrc");
  CHECK(safe("..") == "attachment");
  CHECK(safe("") == "attachment");
  CHECK(safe("\xff") == "attachment");
  CHECK(safe("a\nb\x1b[31m") == "ab[31m");
  CHECK(safe("gpj.\xe2\x80\xae"
             "exe") == "gpj.exe");
  CHECK(safe(std::string("x") + '\0' + "y") == "xy");
  const std::string longest = safe(std::string(300, 'a') + ".jpeg");
  CHECK(longest.size() == 255);
  CHECK(longest.ends_with(".jpeg"));
  std::string many;
  for (int i = 0; i < 120; ++i) many += "照";
  CHECK(safe(many).size() == 255);
}
