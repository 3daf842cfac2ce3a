// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/blob/audit.h"

#include "sync/blob/keys.h"

namespace satchel::blob {

namespace {

class Auditor {
 public:
  Auditor(const ReadTxn& txn, std::uint32_t archive, const Finder& find) : txn_(txn), archive_(archive), find_(find) {}

  Result<Audit> run(const std::set<Digest>& referred) {
    SATCHEL_GET(all, rows(txn_, archive_));
    for (const auto& [name, row] : all) {
      expect(referred.contains(name.root), "verify.attachment", name);
      SATCHEL_TRY(check(name, row));
    }
    for (const auto& root : referred) {
      const bool there = std::ranges::any_of(all, [&](const auto& one) { return one.first.root == root; });
      expect(there, "verify.attachment", {archive_, root});
    }
    SATCHEL_TRY(check_strays());
    return out_;
  }

 private:
  void expect(bool holds, const char* code, const Name& name) {
    if (!holds) find_(code, "attachment " + name.root.hex());
  }

  Result<void> check(const Name& name, const Row& row) {
    ++out_.named;
    SATCHEL_GET(list, ids(txn_, name));
    if (!list) {
      expect(row.have == 0, "verify.attachment-list", name);
      return {};
    }
    if (!right_ids(name, row, *list)) {
      find_("verify.attachment-list", "attachment " + name.root.hex());
      return {};
    }
    std::uint32_t have = 0;
    for (std::uint32_t i = 0; i < row.chunks(); ++i) {
      const Digest id = id_at(*list, i);
      listed_.insert(id);
      SATCHEL_GET(bytes, chunk(txn_, name.archive, id));
      if (!bytes) continue;
      const bool right = bytes->size() == chunk_bytes(row.sealed, i) && chunk_id(*bytes) == id;
      if (!right) find_("verify.chunk", "attachment " + name.root.hex() + " chunk " + std::to_string(i));
      out_.chunks += right ? 1 : 0;
      ++have;
    }
    // Fewer may be counted than are there: some may have come with another list.
    expect(row.have <= have, "verify.attachment-count", name);
    out_.whole += have == row.chunks() ? 1 : 0;
    return {};
  }

  Result<void> check_strays() {
    SATCHEL_TRY(scan_prefix(txn_, Table::blobs, tagged(kCutTag), [&](KeyValue pair) {
      Reader in(pair.value);
      const bool ours = in.u32() == archive_;
      in.i64();
      const View list = in.raw(in.left());
      for (std::uint32_t i = 0; ours && i < list.size() / Digest::size; ++i) listed_.insert(id_at(list, i));
      return true;
    }));
    Bytes prefix;
    put_be32(prefix, archive_);
    return scan_prefix(txn_, Table::chunks, prefix, [&](KeyValue pair) {
      const Digest id = Digest::of(pair.key.subspan(4));
      if (!listed_.contains(id)) find_("verify.chunk-stray", "chunk " + id.hex());
      return true;
    });
  }

  const ReadTxn& txn_;
  std::uint32_t archive_;
  const Finder& find_;
  Audit out_;
  std::set<Digest> listed_;
};

}  // namespace

Result<Audit> audit(const ReadTxn& txn, std::uint32_t archive, const std::set<Digest>& referred, const Finder& find) {
  return Auditor(txn, archive, find).run(referred);
}

}  // namespace satchel::blob
