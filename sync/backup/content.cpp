// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/content.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "schema/base/version.h"
#include "sync/backup/io_error.h"
#include "sync/backup/limits.h"
#include "sync/node/batches.h"
#include "sync/node/directory_log.h"
#include "sync/node/grants.h"
#include "sync/store/lmdb_store.h"
#include "sync/vault/identity.h"

namespace satchel::backup {

namespace fs = std::filesystem;

namespace {

struct KnownFile {
  Kind kind;
  const char* name;
  bool needed;
};
constexpr std::array kFiles{
    KnownFile{Kind::device, "device.toml", true}, KnownFile{Kind::device, "invitation.pending", false},
    KnownFile{Kind::reader, "device.toml", true}, KnownFile{Kind::reader, "invitation.pending", false},
    KnownFile{Kind::hub, "satcheld.toml", true},  KnownFile{Kind::hub, kIdentityFile, true},
    KnownFile{Kind::hub, "hub.tls.pem", true},
};

bool derived(Table table) {
  return table == Table::records || table == Table::sheets || table == Table::sheet_info || table == Table::digests;
}

bool kept(Kind kind, Table table, View key) {
  if (derived(table)) return false;
  if (kind != Kind::hub) return true;
  if (table == Table::grants || table == Table::bundles) return false;
  return table != Table::marks || key.size() < 4 || be32(key) != node::kWrapQueue;
}

Bytes encode(const Summary& s) {
  return Writer(128)
      .u32(s.directory.incarnation)
      .u64(s.directory.n)
      .u64(s.archives)
      .u64(s.entries)
      .u64(s.batches)
      .u32(s.tables)
      .sized(s.program)
      .take();
}

Result<Summary> decode_summary(View bytes) {
  Reader in(bytes);
  Summary s;
  s.directory.incarnation = in.u32();
  s.directory.n = in.u64();
  s.archives = in.u64();
  s.entries = in.u64();
  s.batches = in.u64();
  s.tables = in.u32();
  s.program = in.string(64);
  if (!in.done()) return fail(ErrorKind::integrity, "backup.damaged", "summary");
  if (s.tables > kTableCount) return fail(ErrorKind::failed, "backup.newer", s.program);
  return s;
}

Result<std::optional<Bytes>> read_file(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::nullopt;
  if (fd < 0) return io_error(file);
  Bytes bytes(kFileBytesMax + 1);
  std::size_t got = 0;
  ssize_t count = 0;
  while (got < bytes.size() && (count = ::read(fd, bytes.data() + got, bytes.size() - got)) > 0)
    got += static_cast<std::size_t>(count);
  const auto failed = io_error(file);
  ::close(fd);
  if (count < 0) return failed;
  if (got > kFileBytesMax) return fail(ErrorKind::failed, "backup.file", file.string());
  bytes.resize(got);
  return bytes;
}

Result<void> write_file(const fs::path& file, View bytes) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return io_error(file);
  bool good = true;
  while (good && !bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    good = count > 0 || (count < 0 && errno == EINTR);
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  good = good && ::fsync(fd) == 0;
  const auto failed = io_error(file);
  ::close(fd);
  if (!good) return failed;
  return {};
}

// Rows into a store, some megabytes a transaction.
class Loader {
 public:
  explicit Loader(Store& store) : store_(store) {}

  Result<void> add(View record) {
    Reader in(record);
    const auto table = in.u8();
    const View key = in.sized(kStoreKeyBytesMax);
    const View value = in.raw(in.left());
    if (!in.ok() || key.empty() || value.size() > kStoreValueBytesMax)
      return fail(ErrorKind::integrity, "backup.damaged", "row");
    if (table >= kTableCount) return fail(ErrorKind::failed, "backup.newer", "table " + std::to_string(table));
    if (!txn_) {
      SATCHEL_GET(txn, store_.begin_write());
      txn_ = std::move(txn);
    }
    auto put = txn_->append(static_cast<Table>(table), key, value);
    if (!put && put.error().code == "store.order") return fail(ErrorKind::integrity, "backup.damaged", "row order");
    if (!put) return put;
    bytes_ += key.size() + value.size();
    return bytes_ >= kLoadBytes ? finish() : Result<void>{};
  }

  Result<void> finish() {
    bytes_ = 0;
    if (!txn_) return {};
    auto done = txn_->commit();
    txn_.reset();
    return done;
  }

 private:
  Store& store_;
  std::unique_ptr<WriteTxn> txn_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Summary> summary_of(const ReadTxn& txn) {
  Summary s;
  SATCHEL_GET(end, node::directory_end(txn));
  s.directory = end;
  SATCHEL_GET(archives, node::archive_count(txn));
  s.archives = archives;
  SATCHEL_GET(entries, txn.count(Table::log));
  s.entries = entries;
  SATCHEL_GET(batches, txn.count(Table::batches));
  s.batches = batches;
  s.program = kVersion;
  s.tables = kTableCount;
  return s;
}

Result<std::vector<NamedFile>> files_of(const fs::path& folder, Kind kind) {
  std::vector<NamedFile> out;
  for (const auto& known : kFiles) {
    if (known.kind != kind) continue;
    SATCHEL_GET(bytes, read_file(folder / known.name));
    if (!bytes && known.needed) return fail(ErrorKind::not_found, "backup.file", (folder / known.name).string());
    if (bytes) out.push_back({known.name, std::move(*bytes)});
  }
  return out;
}

Result<Summary> write_content(BackupWriter& out, const ReadTxn& txn, Kind kind, std::span<const NamedFile> files) {
  SATCHEL_GET(summary, summary_of(txn));
  SATCHEL_TRY(out.add(RecordKind::summary, encode(summary)));
  for (const auto& file : files)
    SATCHEL_TRY(out.add(RecordKind::file, Writer(file.bytes.size() + 64).sized(file.name).raw(file.bytes).bytes()));
  for (std::size_t at = 0; at < kTableCount; ++at) {
    const auto table = static_cast<Table>(at);
    if (derived(table)) continue;
    SATCHEL_GET(cursor, txn.cursor(table));
    auto pair = cursor->seek({});
    for (; pair && *pair; pair = cursor->next()) {
      if (!kept(kind, table, (*pair)->key)) continue;
      // Asked for by key, long values are let go of again (lmdb_env.h): a walk over a gigabyte of attachments would
      // have all of it mapped in.
      if ((*pair)->value.size() >= kLongValueBytes) SATCHEL_TRY(txn.get(table, copy((*pair)->key)));
      Writer row((*pair)->key.size() + (*pair)->value.size() + 8);
      row.u8(static_cast<std::uint8_t>(table)).sized((*pair)->key).raw((*pair)->value);
      SATCHEL_TRY(out.add(RecordKind::row, row.bytes()));
    }
    if (!pair) return std::unexpected(pair.error());
  }
  return summary;
}

namespace {

Result<void> put_file(const fs::path& folder, const Header& header, View record, SignPublic& node) {
  Reader in(record);
  const std::string name = in.string(kFileNameBytesMax);
  const View bytes = in.raw(in.left());
  // Names are ours alone: nothing is ever written anywhere else.
  const bool known =
      std::ranges::any_of(kFiles, [&](const KnownFile& f) { return f.kind == header.kind && name == f.name; });
  if (!in.ok() || !known) return fail(ErrorKind::failed, "backup.newer", "file " + name);
  SATCHEL_TRY(write_file(folder / name, bytes));
  if (name != kIdentityFile) return {};
  SATCHEL_GET(identity, load_identity_file(folder / name));
  if (identity.id != header.node.node || identity.incarnation != header.node.incarnation)
    return fail(ErrorKind::integrity, "backup.damaged", "identity");
  node = identity.sign.pub;
  return {};
}

}  // namespace

Result<Unpacked> read_content(BackupReader& in, const fs::path& folder, const SignPublic& node) {
  Unpacked out;
  out.node = node;
  SATCHEL_GET(store, open_lmdb(folder / kStoreFolder));
  out.store = std::move(store);
  Loader loader(*out.store);
  bool first = true;
  for (;;) {
    SATCHEL_GET(records, in.next(out.node));
    if (!records) break;
    for (const auto& record : *records) {
      if (first != (record.kind == RecordKind::summary)) return fail(ErrorKind::integrity, "backup.damaged", "order");
      if (first) {
        SATCHEL_GET(summary, decode_summary(record.bytes));
        out.summary = summary;
      }
      first = false;
      if (record.kind == RecordKind::file) SATCHEL_TRY(put_file(folder, in.header(), record.bytes, out.node));
      if (record.kind == RecordKind::row) SATCHEL_TRY(loader.add(record.bytes));
    }
  }
  SATCHEL_TRY(loader.finish());
  SATCHEL_GET(txn, out.store->begin_read());
  SATCHEL_GET(here, summary_of(*txn));
  here.program = out.summary.program;
  here.tables = out.summary.tables;
  if (first || here != out.summary) return fail(ErrorKind::integrity, "backup.damaged", "counts");
  return out;
}

}  // namespace satchel::backup
