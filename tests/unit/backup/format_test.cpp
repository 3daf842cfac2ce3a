// SPDX-License-Identifier: AGPL-3.0-or-later
// The file: whatever was cut off, bent or exchanged is refused by name, and nothing of it counts.
#include <rapidcheck.h>

#include <set>

#include "sync/backup/limits.h"
#include "sync/backup/reader.h"
#include "sync/seal/system_entropy.h"
#include "tests/unit/backup/folder.h"

using namespace satchel;
using namespace satchel::backup;
using namespace satchel::backup_test;

namespace {

struct Press {
  TempFolder folder;
  SystemEntropy entropy;
  SignKeys node = make_sign_keys(Secret32::random(entropy));
  Secret32 key = Secret32::random(entropy);
  backup::Header header;
  std::filesystem::path file = folder / "a.satchel-backup";

  Press() {
    start_crypto();
    header.kind = Kind::hub;
    header.org = random_id<OrgId>(entropy);
    header.node = {random_id<NodeId>(entropy), 3};
    header.id = random_id<BackupId>(entropy);
    header.made = {1'795'000'000'000};
    header.lock = Bytes(100, 7);
  }

  // Rows of the given sizes, and the end.
  Result<std::uint64_t> print(std::initializer_list<std::size_t> sizes) {
    std::filesystem::remove(file);
    SATCHEL_GET(writer, BackupWriter::open(file, header, key, entropy));
    SATCHEL_TRY(writer.add(RecordKind::summary, Bytes(20, 1)));
    for (const auto size : sizes) SATCHEL_TRY(writer.add(RecordKind::row, Bytes(size, 2)));
    return writer.finish(node);
  }

  Result<Counts> take(const std::filesystem::path& from) { return take(from, key, node.pub); }
  static Result<Counts> take(const std::filesystem::path& from, const Secret32& with, const SignPublic& by) {
    SATCHEL_GET(reader, BackupReader::open(from));
    reader.unlock(with);
    for (;;) {
      SATCHEL_GET(records, reader.next(by));
      if (!records) return reader.counts();
    }
  }
};

const std::set<std::string> kRefusals{"backup.none", "backup.newer", "backup.damaged", "backup.cut-short",
                                      "backup.missing"};

}  // namespace

TEST_CASE("backup format: what was written comes out, chunk by chunk", "[backup][format]") {
  Press p;
  REQUIRE(p.print({10, kChunkBytes, 1024 * 1024, 1, kChunkBytes - 30}));
  const auto counts = p.take(p.file);
  REQUIRE(counts);
  CHECK(counts->rows == 5);
  CHECK(p.folder.names() == std::vector<std::string>{"a.satchel-backup"});
  CHECK(BackupReader::open(p.file)->header() == p.header);
}

TEST_CASE("backup format: cut short at any byte it is refused by name", "[backup][format]") {
  Press p;
  REQUIRE(p.print({200, 300}));
  const Bytes whole = read(p.file);
  REQUIRE(whole.size() < 2000);
  const auto cut = p.folder / "cut";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(cut, View(whole).first(size));
    const auto taken = p.take(cut);
    INFO(size);
    REQUIRE_FALSE(taken);
    const bool named = taken.error().code == (size < kPreludeBytes ? "backup.none" : "backup.cut-short");
    REQUIRE(named);
  }
}

TEST_CASE("backup format: any bit that is bent is noticed", "[backup][format]") {
  Press p;
  REQUIRE(p.print({200, 300}));
  const Bytes whole = read(p.file);
  const auto bent = p.folder / "bent";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes copy = whole;
    copy[at] ^= static_cast<Byte>(1 << (at % 8));
    write(bent, copy);
    const auto taken = p.take(bent);
    INFO(at);
    REQUIRE_FALSE(taken);
    REQUIRE(kRefusals.contains(taken.error().code));
  }
}

TEST_CASE("backup format: chunks cannot be left out, repeated, exchanged or added to", "[backup][format]") {
  Press p;
  REQUIRE(p.print({kChunkBytes, kChunkBytes, kChunkBytes}));
  const Bytes whole = read(p.file);
  const auto head = *header_size(whole);
  std::vector<Bytes> chunks;
  for (std::size_t at = head; at < whole.size();) {
    const std::size_t size = 4 + (Reader(View(whole).subspan(at)).u32() & ~kLastChunk);
    chunks.push_back(copy(View(whole).subspan(at, size)));
    at += size;
  }
  REQUIRE(chunks.size() == 5);
  const auto build = [&](std::vector<std::size_t> order) {
    Bytes out = copy(View(whole).first(head));
    for (const auto i : order) out.insert(out.end(), chunks[i].begin(), chunks[i].end());
    write(p.folder / "built", out);
    return code(p.take(p.folder / "built"));
  };
  CHECK(build({0, 1, 2, 3, 4}).empty());
  CHECK(build({0, 1, 3, 4}) == "backup.damaged");
  CHECK(build({0, 2, 1, 3, 4}) == "backup.damaged");
  CHECK(build({0, 1, 1, 2, 3, 4}) == "backup.damaged");
  CHECK(build({0, 1, 2, 3}) == "backup.cut-short");
  CHECK(build({0, 1, 2, 3, 4, 4}) == "backup.damaged");
  CHECK(build({4}) == "backup.damaged");
}

TEST_CASE("backup format: another's key, signature, version or file is refused", "[backup][format]") {
  Press p;
  REQUIRE(p.print({100}));
  CHECK(code(Press::take(p.file, Secret32::random(p.entropy), p.node.pub)) == "backup.damaged");
  CHECK(code(Press::take(p.file, p.key, make_sign_keys(Secret32::random(p.entropy)).pub)) == "backup.damaged");
  Bytes newer = read(p.file);
  newer[8] = 2;
  write(p.folder / "newer", newer);
  CHECK(code(p.take(p.folder / "newer")) == "backup.newer");
  write(p.folder / "other", Bytes(500, 'x'));
  CHECK(code(p.take(p.folder / "other")) == "backup.none");
  CHECK(code(p.take(p.folder / "nowhere")) == "backup.missing");
  CHECK(code(p.take(p.folder.path())) == "backup.none");
  CHECK(code(p.print({100})).empty());
  SECTION("one that is there is never overwritten") {
    CHECK(code(BackupWriter::open(p.file, p.header, p.key, p.entropy)) == "backup.exists");
  }
  SECTION("one that is not finished leaves nothing") {
    std::filesystem::remove(p.file);
    {
      auto writer = BackupWriter::open(p.file, p.header, p.key, p.entropy);
      REQUIRE(writer);
      REQUIRE(writer->add(RecordKind::row, Bytes(kChunkBytes, 1)));
    }
    CHECK_FALSE(std::filesystem::exists(p.file));
    CHECK_FALSE(std::filesystem::exists(p.folder / "a.satchel-backup.new"));
  }
}

TEST_CASE("backup format: headers have one spelling", "[backup][format]") {
  Press p;
  rc::check("decode(encode(h)) = h", [&] {
    backup::Header h;
    h.kind = static_cast<Kind>(*rc::gen::inRange(1, 4));
    h.org = random_id<OrgId>(p.entropy);
    h.node = {random_id<NodeId>(p.entropy), *rc::gen::arbitrary<std::uint32_t>()};
    h.id = random_id<BackupId>(p.entropy);
    h.made = {*rc::gen::inRange<std::int64_t>(0, 1LL << 50)};
    h.expires = {*rc::gen::inRange<std::int64_t>(0, 1LL << 50)};
    if (h.kind != Kind::hub) h.vault = Bytes(*rc::gen::inRange<std::size_t>(1, 1000), 3);
    h.lock = Bytes(*rc::gen::inRange<std::size_t>(1, 256), 4);
    const auto again = decode_header(encode(h));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == h);
  });
}
