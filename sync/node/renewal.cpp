// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/renewal.h"

#include "sync/blob/reference.h"
#include "sync/node/deriver.h"
#include "sync/node/records.h"
#include "sync/node/restored.h"
#include "sync/node/scribe.h"

namespace satchel::node {

namespace {

// Where an own chain and the hubs' parted, by archive.
Result<std::map<ArchiveId, std::uint64_t>> partings(const ReadTxn& txn) {
  std::map<ArchiveId, std::uint64_t> out;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kRefusedMarks), [&](KeyValue pair) {
    Reader key(pair.key.subspan(4));
    const auto archive = ArchiveId::of(key.raw(ArchiveId::size));
    if (key.left() != 8 || text(pair.value) != kForkRefused) return true;
    const auto seq = be64(key.raw(8));
    const auto known = out.try_emplace(archive, seq).first;
    known->second = std::min(known->second, seq);
    return true;
  }));
  return out;
}

// The newest own chain that reaches so far and is not of this life.
Result<std::optional<StoredHead>> parted_chain(const ReadTxn& txn, ArchiveNo no, const NodeId& self, std::uint32_t but,
                                               std::uint64_t seq) {
  SATCHEL_GET(heads, heads_of(txn, no));
  std::optional<StoredHead> out;
  for (const auto& head : heads) {
    const auto& chain = head.chain.chain;
    if (chain.node != self || chain.incarnation == but || head.chain.head.seq < seq) continue;
    if (!out || out->chain.chain.incarnation < chain.incarnation) out = head;
  }
  return out;
}

struct Parted {
  StoredArchive info;
  ChainId former;
  std::vector<Ordinal> ordinals;
};

class Rewriter {
 public:
  Rewriter(WriteTxn& txn, const Directory& directory, const Identity& self, Keyring& keyring, Entropy& entropy)
      : txn_(txn), directory_(directory), self_(self), keyring_(keyring), entropy_(entropy) {}

  Result<WrittenAgain> run() {
    SATCHEL_GET(where, partings(txn_));
    for (const auto& [archive, seq] : where) {
      SATCHEL_GET(no, find_archive(txn_, archive));
      if (!no) continue;
      SATCHEL_GET(head, parted_chain(txn_, *no, self_.id, self_.incarnation, seq));
      if (!head) continue;
      SATCHEL_GET(ordinals, chain_after(txn_, *head, seq - 1));
      SATCHEL_GET(missing, without_key(*no, ordinals));
      out_.unread += missing;
      if (missing > 0) continue;
      bool whole = true;
      for (const auto ordinal : ordinals) {
        SATCHEL_GET(done, write(*no, ordinal));
        whole = whole && done;
      }
      if (whole) SATCHEL_TRY(forget_refusals(txn_, archive, kForkRefused));
    }
    return out_;
  }

 private:
  // Those whose key is not here, and may come. Then none is written yet: what a later entry replaced can only be told
  // while it is known what was made of the earlier ones.
  Result<std::size_t> without_key(ArchiveNo no, std::span<const Ordinal> ordinals) {
    SATCHEL_GET(info, archive_info(txn_, no));
    if (!info) return fail(ErrorKind::integrity, "log.damaged", "archive_info");
    RecordReader reader(txn_, directory_, keyring_);
    std::size_t missing = 0;
    for (const auto ordinal : ordinals) {
      const auto opened = reader.open(*info, ordinal);
      if (opened) continue;
      if (opened.error().kind == ErrorKind::storage) return std::unexpected(opened.error());
      missing += opened.error().kind == ErrorKind::permission;
    }
    return missing;
  }

  // False: it cannot be understood.
  Result<bool> write(ArchiveNo no, Ordinal ordinal) {
    SATCHEL_GET(info, archive_info(txn_, no));
    if (!info) return fail(ErrorKind::integrity, "log.damaged", "archive_info");
    SATCHEL_GET(entry, entry_at(txn_, ordinal));
    if (entry.body.empty()) return true;
    const Header header = entry.header;
    const Bytes clear = blob::names_attachments(entry.clear) ? copy(entry.clear) : Bytes{};
    RecordReader reader(txn_, directory_, keyring_);
    auto opened = reader.open(*info, ordinal);
    if (!opened && opened.error().kind == ErrorKind::storage) return std::unexpected(opened.error());
    if (!opened) {
      ++out_.unread;
      return false;
    }
    auto records = std::move(opened->change.records);
    if (!records.empty()) {
      for (auto& record : records) move_dots(record, header);
      Scribe scribe(txn_, directory_, self_, keyring_, entropy_, {opened->change.claimed, opened->change.mono, true});
      SATCHEL_GET(written, scribe.write(*info, std::move(records), clear));
      SATCHEL_TRY(scribe.finish());
      moved_[{header.archive, header.chain.incarnation, header.seq}] = written.seq;
      ++out_.entries;
    }
    SATCHEL_TRY(strip_entry(txn_, ordinal));
    return true;
  }

  // What an entry replaced of those before it is what was made of them.
  void move_dots(RecordChange& record, const Header& header) const {
    for (auto& op : record.ops) {
      for (auto& dot : op.replaces) {
        const auto moved = moved_.find({header.archive, dot.chain.incarnation, dot.seq});
        if (dot.chain.node != self_.id || moved == moved_.end()) continue;
        dot.chain.incarnation = self_.incarnation;
        dot.seq = moved->second;
      }
    }
  }

  WriteTxn& txn_;
  const Directory& directory_;
  const Identity& self_;
  Keyring& keyring_;
  Entropy& entropy_;
  std::map<std::tuple<ArchiveId, std::uint32_t, std::uint64_t>, std::uint64_t> moved_;
  WrittenAgain out_;
};

}  // namespace

Result<std::size_t> count_parted(const ReadTxn& txn, const NodeId& self) {
  std::size_t parted = 0;
  SATCHEL_GET(where, partings(txn));
  for (const auto& [archive, seq] : where) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_GET(head, parted_chain(txn, *no, self, 0, seq));
    if (head) parted += head->chain.head.seq - seq + 1;
  }
  return parted;
}

Result<void> end_life(WriteTxn& txn, const Author& before, Entropy& entropy) {
  SATCHEL_TRY(seal_again(txn, before, entropy));
  return note_life(txn, before.claimed);
}

Result<WrittenAgain> write_again(WriteTxn& txn, const Directory& directory, const Identity& self, Keyring& keyring,
                                 Entropy& entropy) {
  SATCHEL_GET(written, Rewriter(txn, directory, self, keyring, entropy).run());
  SATCHEL_TRY(Deriver::start_over(txn));
  return written;
}

}  // namespace satchel::node
