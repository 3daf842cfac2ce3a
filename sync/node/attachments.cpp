// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/attachments.h"

#include "sync/node/epochs.h"

namespace satchel::node {

namespace {

class CuttingFile {
 public:
  struct Under {
    std::uint32_t epoch = 0;
    Secret32 key;
  };
  CuttingFile(Replica& replica, const StoredArchive& info, const Under& under, const Incoming& file)
      : replica_(replica),
        info_(info),
        epoch_(under.epoch),
        file_(file),
        id_(random_id<blob::CutId>(replica.entropy())),
        blob_(random_id<blob::BlobId>(replica.entropy())),
        since_(replica.clock().wall()),
        cutter_(under.key, info.id, blob_, file.size, replica.entropy()) {}

  const blob::CutId& id() const { return id_; }

  Result<Cut> run() {
    Bytes content(blob::kChunkPlainBytes);
    std::uint64_t done = 0;
    while (!cutter_.done()) {
      const std::size_t want = cutter_.want();
      SATCHEL_GET(count, file_.read(std::span(content).first(want)));
      if (count != want) return fail(ErrorKind::failed, "attach.changed", file_.name);
      chunks_.push_back(cutter_.cut(View(content).first(want)));
      bytes_ += chunks_.back().sealed.size();
      done += want;
      if (bytes_ >= blob::kCommitBytes || cutter_.done()) SATCHEL_TRY(put());
      if (file_.progress) file_.progress(done, file_.size);
    }
    SATCHEL_GET(beyond, file_.read(std::span(content).first(1)));
    if (beyond != 0) return fail(ErrorKind::failed, "attach.changed", file_.name);
    Cut cut{id_, {}, cutter_.ids()};
    cut.manifest.blob = blob_;
    cut.manifest.epoch = epoch_;
    cut.manifest.size = file_.size;
    cut.manifest.digest = cutter_.digest();
    cut.manifest.root = cutter_.root();
    cut.manifest.name = blob::safe_name(file_.name);
    cut.manifest.media = file_.media.substr(0, blob::kMediaBytesMax);
    return cut;
  }

 private:
  Result<void> put() {
    const auto chunks = std::exchange(chunks_, {});
    bytes_ = 0;
    return replica_.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      SATCHEL_TRY(blob::note_cut(txn, id_, info_.no, since_, cutter_.ids()));
      for (const auto& chunk : chunks) SATCHEL_TRY(blob::put_cut_chunk(txn, info_.no, chunk.id, chunk.sealed));
      return {};
    });
  }

  Replica& replica_;
  const StoredArchive& info_;
  std::uint32_t epoch_;
  const Incoming& file_;
  blob::CutId id_;
  blob::BlobId blob_;
  WallTime since_;
  blob::Cutter cutter_;
  std::vector<blob::Cutter::Chunk> chunks_;
  std::size_t bytes_ = 0;
};

// A file goes under the key of the entry that names it: so whoever was given the archive from an epoch on opens both,
// and who lost it neither.
Result<CuttingFile::Under> key_to_cut_under(Replica& replica, Keyring& keyring, ArchiveNo archive) {
  for (int tries = 0; tries < 2; ++tries) {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(info, archive_info(*txn, archive));
    if (!info) return fail(ErrorKind::not_found, "keyring.no-key");
    const auto directory = replica.directory();
    SATCHEL_GET(keys, keyring.keys_of(*txn, *directory, *info));
    if (keys->epochs.empty()) return fail(ErrorKind::permission, "keyring.no-key", info->id.hex());
    const auto newest = keys->epochs.find({info->epoch, info->key});
    const auto& [which, key] = newest != keys->epochs.end() ? *newest : *std::prev(keys->epochs.end());
    SATCHEL_GET(due, rotation_due(*txn, *directory, *info, which, replica.clock().wall()));
    if (!due || tries > 0) return CuttingFile::Under{which.epoch, key};
    txn.reset();
    SATCHEL_TRY(replica.write([&](WriteTxn& write, Effects& effects) -> Result<void> {
      Scribe scribe(write, effects.directory(), replica.self().identity, keyring, replica.entropy(),
                    {replica.clock().wall(), replica.clock().mono(), true});
      SATCHEL_GET(now, archive_info(write, archive));
      SATCHEL_TRY(scribe.write(*now, {}));
      return scribe.finish();
    }));
  }
  return fail(ErrorKind::conflict, kCutAgain);
}

}  // namespace

Result<Cut> cut_file(Replica& replica, Keyring& keyring, const StoredArchive& info, const Incoming& file) {
  if (file.size > blob::kFileBytesMax) return fail(ErrorKind::usage, "attach.too-large", file.name);
  SATCHEL_GET(under, key_to_cut_under(replica, keyring, info.no));
  CuttingFile cutting(replica, info, under, file);
  auto done = cutting.run();
  // On a full disk even this may fail: then it is swept later.
  if (!done) {
    [[maybe_unused]] const auto forgotten =
        replica.write([&](WriteTxn& txn, Effects&) { return blob::forget_cut(txn, cutting.id()); });
  }
  return done;
}

Result<Written> add_attachment(WriteTxn& txn, Scribe& scribe, const StoredArchive& info, RecordChange change,
                               const Cut& cut) {
  SATCHEL_GET(now, archive_info(txn, info.no));
  SATCHEL_GET(key, scribe.key_for(now ? *now : info));
  if (key.epoch != cut.manifest.epoch) return fail(ErrorKind::conflict, kCutAgain, cut.manifest.name);
  const blob::Reference reference = cut.manifest.reference();
  change.ops.push_back({std::string(blob::kField), cut.manifest.encode(), {}});
  SATCHEL_GET(written,
              scribe.write(now ? *now : info, {std::move(change)}, blob::encode_references(std::span(&reference, 1))));
  SATCHEL_TRY(blob::finish_cut(txn, cut.id, {info.no, cut.manifest.root}, cut.ids));
  return written;
}

Result<void> forget_cut(Replica& replica, const Cut& cut) {
  return replica.write([&](WriteTxn& txn, Effects&) { return blob::forget_cut(txn, cut.id); });
}

Result<void> sweep_cuts(Replica& replica) {
  const WallTime before{replica.clock().wall().ms - blob::kCutForgottenAfter.count()};
  return replica.write([&](WriteTxn& txn, Effects&) -> Result<void> {
    SATCHEL_TRY(blob::forget_cuts(txn, before));
    return {};
  });
}

namespace {

// The key its chunks open with. Two keys may have been made for one epoch; what opens is checked against the manifest.
Result<Secret32> key_of_file(const ReadTxn& txn, Keyring& keyring, const Directory& directory,
                             const StoredArchive& info, const blob::Manifest& manifest, View first) {
  SATCHEL_GET(keys, keyring.keys_of(txn, directory, info));
  for (const auto& [which, key] : keys->epochs) {
    if (which.epoch == manifest.epoch && blob::Joiner(key, info.id, manifest).join(first)) return key;
  }
  return fail(ErrorKind::permission, "keyring.no-key", info.id.hex());
}

}  // namespace

Result<void> read_attachment(Replica& replica, Keyring& keyring, const StoredArchive& info,
                             const blob::Manifest& manifest, const WriteBytes& write, const Progress& progress) {
  const blob::Name name{info.no, manifest.root};
  Bytes ids;
  std::optional<blob::Joiner> joiner;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(list, blob::ids(*txn, name));
    if (!list || list->size() < Digest::size) return fail(ErrorKind::not_found, "attachment.not-here", manifest.name);
    ids = copy(*list);
    SATCHEL_GET(first, blob::chunk(*txn, info.no, blob::id_at(ids, 0)));
    if (!first) return fail(ErrorKind::not_found, "attachment.not-here", manifest.name);
    SATCHEL_GET(key, key_of_file(*txn, keyring, *replica.directory(), info, manifest, *first));
    joiner.emplace(key, info.id, manifest);
  }
  if (ids.size() != std::size_t{joiner->count()} * Digest::size)
    return fail(ErrorKind::integrity, "attachment.broken", manifest.name);
  std::uint64_t done = 0;
  for (std::uint32_t i = 0; i < joiner->count(); ++i) {
    // Short: the file may be on a slow disk.
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(sealed, blob::chunk(*txn, info.no, blob::id_at(ids, i)));
    if (!sealed) return fail(ErrorKind::not_found, "attachment.not-here", manifest.name);
    SATCHEL_GET(content, joiner->join(*sealed));
    txn.reset();
    if (!content.empty()) SATCHEL_TRY(write(content));
    done += content.size();
    if (progress) progress(done, manifest.size);
  }
  return joiner->finish();
}

std::vector<AttachedValue> attachments_in(const merge::RecordState& state) {
  std::vector<AttachedValue> out;
  for (const auto* value : state.standing(blob::kField)) {
    const auto* bytes = std::get_if<Bytes>(&value->value);
    if (bytes == nullptr) continue;
    auto manifest = blob::Manifest::decode(*bytes);
    if (manifest) out.push_back({value->dot, std::move(*manifest), value->person, value->claimed});
  }
  std::ranges::sort(out, {}, [](const AttachedValue& a) { return std::pair(a.claimed.ms, a.dot); });
  return out;
}

}  // namespace satchel::node
