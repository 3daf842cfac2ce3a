// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments by stick: behind the text, up until a hub says it has them, down to who asked.
#include "sync/node/attachments.h"

#include "tests/unit/bundle/carriers.h"

using namespace satchel;
using namespace satchel::bundle_test;

namespace {

struct Album : Carriers {
  ArchiveId customer = world.open_customer(rep, "福田百货");
  RecordId visit = world.add_visit(rep, customer, "谈价");
  Bytes photo;
  blob::Manifest manifest;

  Album() : photo(3 * blob::kChunkPlainBytes + 777) {
    std::mt19937_64 random(5);
    for (auto& b : photo) b = static_cast<Byte>(random());
    std::size_t done = 0;
    node::Incoming file{"照片.jpg", "image/jpeg", photo.size(), {}, {}};
    file.read = [&](std::span<Byte> out) -> Result<std::size_t> {
      const auto size = std::min(out.size(), photo.size() - done);
      std::copy_n(photo.begin() + static_cast<std::ptrdiff_t>(done), size, out.begin());
      done += size;
      return size;
    };
    const auto archive = info(rep);
    const auto cut = must(node::cut_file(rep.replica(), rep.keyring(), archive, file));
    must(rep.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      node::Scribe scribe(txn, effects.directory(), rep.identity, rep.keyring(), rep.entropy,
                          {rep.clock.wall(), rep.clock.mono(), true});
      SATCHEL_TRY(node::add_attachment(txn, scribe, archive, {visit, "visit", 1, {}}, cut));
      return scribe.finish();
    }));
    manifest = cut.manifest;
  }
  node::StoredArchive info(sim::Node& at) {
    const auto txn = reading(at);
    return *must(node::archive_info(*txn, *must(node::find_archive(*txn, customer))));
  }
  bool whole(sim::Node& at) {
    const auto row = must(blob::find(*reading(at), {info(at).no, manifest.root}));
    return row && row->whole();
  }
  std::uint64_t photos_unsent(sim::Node& at) { return must(blob::unsent(*reading(at))).first; }
  Bytes content(sim::Node& at) {
    Bytes out;
    must(node::read_attachment(at.replica(), at.keyring(), info(at), manifest, [&](View part) -> Result<void> {
      out.insert(out.end(), part.begin(), part.end());
      return {};
    }));
    return out;
  }
};

}  // namespace

TEST_CASE("bundle: a photo goes up by stick, is asked for by stick, and comes down", "[bundle][blob]") {
  Album c;
  const auto up = c.to_hub(c.rep, c.hub);
  CHECK(up.attachments == 1);
  CHECK(up.attachment_bytes >= c.photo.size());
  const auto came = c.import(c.hub, up.files);
  CHECK(came.attachments == 1);
  CHECK(came.chunks == 4);
  CHECK(c.whole(c.hub));
  CHECK(c.photos_unsent(c.rep) == 1);
  c.import(c.rep, c.to_person(c.hub, c.rep).files);
  CHECK(c.photos_unsent(c.rep) == 0);
  CHECK(c.to_hub(c.rep, c.hub).attachments == 0);
  c.up_and_back(c.hub, c.hq);
  CHECK(c.whole(c.hq));
  CHECK(c.to_hub(c.hub, c.hq).attachments == 0);

  // The manager has the text, asks for the photo, and gets it with the next bundle.
  c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK_FALSE(c.whole(c.boss));
  must(c.boss.replica().write(
      [&](WriteTxn& txn, node::Effects&) { return blob::want(txn, {c.info(c.boss).no, c.manifest.root}); }));
  c.import(c.hub, c.to_hub(c.boss, c.hub).files);
  const auto down = c.to_person(c.hub, c.boss);
  CHECK(down.attachments == 1);
  c.import(c.boss, down.files);
  CHECK(c.whole(c.boss));
  CHECK(c.content(c.boss) == c.photo);
  // Not a second time once that was acknowledged.
  c.import(c.hub, c.to_hub(c.boss, c.hub).files);
  CHECK(c.to_person(c.hub, c.boss).attachments == 0);
}

TEST_CASE("bundle: a photo in several files comes whole in any order, and not before", "[bundle][blob]") {
  Album c;
  for (int i = 0; i < 20; ++i) c.world.add_visit(c.rep, c.customer, std::string(50'000, static_cast<char>('a' + i)));
  auto files = c.to_hub(c.rep, c.hub, 2 * 1024 * 1024).files;
  if (files.size() > 1) std::ranges::reverse(files);
  const auto came = c.import(c.hub, files);
  CHECK(came.complete);
  CHECK(came.attachments == 1);
  CHECK(c.whole(c.hub));
}
