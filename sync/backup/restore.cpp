// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/restore.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sync/backup/io_error.h"
#include "sync/node/backups.h"
#include "sync/node/restored.h"
#include "sync/store/lmdb_store.h"

namespace satchel::backup {

namespace fs = std::filesystem;

namespace {

// In a folder that is being made: whoever finds it there may take the folder away.
constexpr const char* kMarker = "restoring";
constexpr const char* kServeLock = "serve.lock";

class Restorer {
 public:
  Restorer(const RestoreWishes& wishes, Clock& clock, Entropy& entropy)
      : wishes_(wishes), clock_(clock), entropy_(entropy), target_(place_of(wishes.target)), aside_(target_) {
    aside_ += ".restoring";
  }

  Result<RestoreResult> run() {
    SATCHEL_GET(reader, BackupReader::open(wishes_.file));
    out_.header = reader.header();
    const auto& expires = out_.header.expires;
    if (expires.ms != 0 && clock_.wall() > expires)
      return fail(ErrorKind::permission, "backup.expired", wishes_.file.filename().string());
    SATCHEL_TRY(make_aside());
    auto done = build();
    if (done && !wishes_.dry_run) done = swap();
    if (!done || wishes_.dry_run) remove_aside();
    if (!done) return std::unexpected(done.error());
    return std::move(out_);
  }

 private:
  static fs::path place_of(const fs::path& folder) {
    std::error_code ignored;
    auto place = fs::absolute(folder, ignored).lexically_normal();
    if (place.filename().empty()) place = place.parent_path();
    return place;
  }

  // What was left aside by a restore that was cut short: an unfinished copy of ours goes; the folder that stood here
  // before, swapped out and not yet named, is named now.
  Result<void> clear_aside() {
    std::error_code error;
    if (!fs::exists(aside_, error)) return {};
    if (fs::exists(aside_ / kMarker, error)) {
      remove_aside();
    } else if (fs::is_empty(aside_, error)) {
      fs::remove(aside_, error);
    } else if (is_node(aside_)) {
      if (::rename(aside_.c_str(), kept_name().c_str()) != 0) return io_error(aside_);
    } else {
      return fail(ErrorKind::conflict, "restore.in-the-way", aside_.string());
    }
    return {};
  }

  Result<void> make_aside() {
    std::error_code error;
    SATCHEL_TRY(clear_aside());
    fs::create_directories(target_.parent_path(), error);
    if (::mkdir(aside_.c_str(), 0700) != 0) return io_error(aside_);
    const int fd = ::open((aside_ / kMarker).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return io_error(aside_);
    ::close(fd);
    return {};
  }

  static bool is_node(const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / kVaultFile, ignored) || fs::exists(folder / kIdentityFile, ignored);
  }

  // A name that nothing has yet.
  fs::path kept_name() const {
    std::error_code ignored;
    for (auto at = clock_.wall().ms;; ++at) {
      fs::path name = target_;
      name += ".before-" + std::to_string(at);
      if (!fs::exists(name, ignored)) return name;
    }
  }

  void remove_aside() {
    std::error_code ignored;
    // The marker last, so that a removal cut short is gone on with.
    for (const auto& entry : fs::directory_iterator(aside_, ignored)) {
      if (entry.path().filename() != kMarker) fs::remove_all(entry.path(), ignored);
    }
    fs::remove_all(aside_, ignored);
  }

  Result<void> build() {
    SATCHEL_GET(opened, unpack(wishes_.file, aside_, wishes_.unlock));
    out_.summary = opened.summary;
    SATCHEL_TRY(look_at_target());
    SATCHEL_TRY(begin_again(opened));
    // Whatever opens the folder from here on is in the next life.
    const auto known = std::max(opened.identity.incarnation, life_there(opened.identity.id));
    out_.incarnation = node::next_life(known, clock_.wall(), entropy_);
    opened.store.reset();
    if (opened.vault) return opened.vault->set_incarnation(out_.incarnation, entropy_);
    SATCHEL_TRY(advance_identity_file(aside_ / kIdentityFile, out_.incarnation));
    return {};
  }

  Result<void> begin_again(Opened& opened) {
    SATCHEL_GET(txn, opened.store->begin_write());
    SATCHEL_GET(directory, node::load_directory(*txn, opened.header.org));
    if (opened.header.kind == Kind::hub) {
      SATCHEL_TRY(node::begin_hub_again(*txn));
    } else {
      const node::Author before{{opened.identity.id, opened.identity.incarnation},
                                opened.identity.sign,
                                directory.position(),
                                clock_.wall(),
                                clock_.mono()};
      SATCHEL_TRY(node::begin_again(*txn, before, opened.header.made, entropy_));
    }
    const auto& h = opened.header;
    SATCHEL_TRY(node::note_backup(*txn, {h.id.bytes, h.made, h.expires, clock_.wall(), fs::file_size(wishes_.file),
                                         fs::absolute(wishes_.file).string()}));
    return txn->commit();
  }

  Result<void> look_at_target() {
    std::error_code ignored;
    auto& before = out_.before;
    const auto data = target_ / kStoreFolder / "data.mdb";
    before.there = fs::exists(target_, ignored) && !fs::is_empty(target_, ignored);
    if (!before.there) return {};
    if (!is_node(target_)) return fail(ErrorKind::conflict, "restore.in-the-way", target_.string());
    SATCHEL_TRY(nobody_serves());
    fs::remove(target_ / kMarker, ignored);  // left of a swap: what stands here is whole, and nobody's to take away
    read_target(data);
    if (wishes_.dry_run) return {};
    if (!wishes_.replace) return fail(ErrorKind::conflict, "restore.occupied", target_.string());
    const auto& here = before.summary;
    const auto& back = out_.summary;
    const bool newer = before.readable && (here.entries > back.entries || here.directory > back.directory);
    if (newer) return fail(ErrorKind::conflict, "restore.newer-here", target_.string());
    return {};
  }

  void read_target(const fs::path& data) {
    auto& before = out_.before;
    struct stat info{};
    if (::stat(data.c_str(), &info) == 0) before.written.ms = static_cast<std::int64_t>(info.st_mtime) * 1000;
    // Damaged pages end the process that reads them.
    if (!check_in_child(target_ / kStoreFolder)) return;
    const auto store = open_lmdb(target_ / kStoreFolder, {.read_only = true, .create = false});
    if (!store) return;
    const auto txn = (*store)->begin_read();
    const auto summary = txn ? summary_of(**txn) : Result<Summary>(std::unexpected(txn.error()));
    before.readable = summary.has_value();
    if (summary) before.summary = *summary;
  }

  // The life of that node in the folder to be replaced, as far as it can be read.
  std::uint32_t life_there(const NodeId& node) const {
    if (!out_.before.there) return 0;
    if (out_.header.kind == Kind::hub) {
      const auto identity = load_identity_file(target_ / kIdentityFile);
      return identity && identity->id == node ? identity->incarnation : 0;
    }
    const auto vault = Vault::open(target_ / kVaultFile, wishes_.unlock.passphrase);
    return vault && vault->identity().id == node ? vault->identity().incarnation : 0;
  }

  Result<void> nobody_serves() {
    const int fd = ::open((target_ / kServeLock).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const bool free = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
    ::close(fd);
    if (!free) return fail(ErrorKind::conflict, "restore.running", target_.string());
    return {};
  }

  Result<void> swap() {
    std::error_code error;
    SATCHEL_TRY(sync_folder(aside_ / kStoreFolder));
    SATCHEL_TRY(sync_folder(aside_));
    const bool empty = fs::exists(target_, error) && !out_.before.there;
    if (empty && ::rmdir(target_.c_str()) != 0) return io_error(target_);
    if (!out_.before.there) {
      if (::rename(aside_.c_str(), target_.c_str()) != 0) return io_error(target_);
      fs::remove(target_ / kMarker, error);
      return sync_folder(target_.parent_path());
    }
    // Both at once: at no moment is there no folder, or half of one.
    if (::renameat2(AT_FDCWD, aside_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0)
      return io_error(target_);
    out_.kept = kept_name();
    if (::rename(aside_.c_str(), out_.kept.c_str()) != 0) return io_error(out_.kept);
    fs::remove(target_ / kMarker, error);
    return sync_folder(target_.parent_path());
  }

  const RestoreWishes& wishes_;
  Clock& clock_;
  Entropy& entropy_;
  fs::path target_;
  fs::path aside_;
  RestoreResult out_;
};

}  // namespace

Result<RestoreResult> restore(const RestoreWishes& wishes, Clock& clock, Entropy& entropy) {
  return Restorer(wishes, clock, entropy).run();
}

}  // namespace satchel::backup
