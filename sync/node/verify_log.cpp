// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/verify_log.h"

#include <set>
#include <unordered_map>

#include "sync/blob/audit.h"
#include "sync/node/batches.h"
#include "sync/node/digests.h"
#include "sync/node/directory_log.h"
#include "sync/node/grants.h"
#include "sync/node/intake.h"
#include "sync/node/replica.h"

namespace satchel::node {

namespace {

struct BatchFacts {
  ChainId author;
  std::uint32_t entries = 0;
  std::uint32_t held = 0;
  bool stamped = false;
};

class Auditor {
 public:
  Auditor(const ReadTxn& txn, const Directory& directory, const VerifyAs& as)
      : txn_(txn), directory_(directory), as_(as) {}

  Result<VerifyReport> run() {
    SATCHEL_TRY(check_batches());
    SATCHEL_TRY(check_runs());
    SATCHEL_TRY(check_archives());
    SATCHEL_TRY(check_totals());
    SATCHEL_TRY(check_feeds());
    SATCHEL_TRY(check_receipts());
    SATCHEL_GET(held, forks(txn_));
    report_.forks = held.size();
    SATCHEL_GET(against, hub_findings(txn_, directory_));
    report_.against_hubs = std::move(against);
    return std::move(report_);
  }

 private:
  void find(std::string code, std::string where) {
    ++report_.found;
    if (report_.findings.size() < kFindingsMax) report_.findings.push_back({std::move(code), std::move(where)});
  }
  void expect(bool holds, const char* code, const std::string& where) {
    if (!holds) find(code, where);
  }
  // What is wrong with the bytes is a finding; what is wrong with the disk ends the verification.
  Result<void> noted(const Error& error, const std::string& where) {
    if (error.kind == ErrorKind::storage || error.code.starts_with("store.")) return std::unexpected(error);
    find(error.code, where);
    return {};
  }

  // ---- batches, their trees and stamps ----
  Result<void> check_batches() {
    SATCHEL_GET(noted_heard, heard(txn_));
    heard_ = std::move(noted_heard);
    SATCHEL_GET(cursor, txn_.cursor(Table::batches));
    auto pair = cursor->seek({});
    for (; pair && *pair; pair = cursor->next()) {
      const BatchNo no = be64((*pair)->key);
      const std::string where = "batch " + std::to_string(no);
      ++report_.batches;
      auto stored = batch_at(txn_, no);
      if (!stored) {
        SATCHEL_TRY(noted(stored.error(), where));
        continue;
      }
      SATCHEL_TRY(check_batch(*stored, where));
      SATCHEL_TRY(check_stamps(*stored, where));
    }
    if (!pair) return std::unexpected(pair.error());
    return check_stretches();
  }

  // Beside one row a batch there is one for each stretch of its runs.
  Result<void> check_stretches() {
    std::uint64_t named = 0;
    std::vector<std::pair<BatchNo, Ordinal>> stretches;
    SATCHEL_TRY(scan_prefix(txn_, Table::batch_index, {}, [&](KeyValue pair) {
      if (pair.key.size() == Digest::size) ++named;
      if (pair.key.size() == 16) stretches.emplace_back(be64(pair.key), be64(pair.key.subspan(8)));
      return true;
    }));
    expect(named == report_.batches, "verify.batch-index", std::to_string(named));
    std::set<Ordinal> begins;
    for (const auto& [batch, first] : stretches) {
      const std::string where = "batch " + std::to_string(batch);
      const auto run = run_from(txn_, first);
      if (!run) return noted(run.error(), where);
      expect(*run && (*run)->first == first && (*run)->batch == batch, "verify.batch-index", where);
      begins.insert(first);
    }
    Run before;
    for (Ordinal at = 1;;) {
      const auto found = run_from(txn_, at);
      if (!found) return noted(found.error(), "run after " + std::to_string(at));
      const auto& run = *found;
      if (!run) break;
      const bool goes_on = run->batch == before.batch && run->first == before.first + before.count;
      expect(goes_on || begins.contains(run->first), "verify.batch-index", "run " + std::to_string(run->first));
      before = *run;
      at = run->first + std::max<std::uint32_t>(run->count, 1);
    }
    return {};
  }

  Result<void> check_batch(const StoredBatch& stored, const std::string& where) {
    const KnownNode* author = directory_.node(stored.batch.author.node);
    if (author == nullptr) {
      find("verify.unknown-author", where);
    } else {
      expect(verify_batch(stored.signed_bytes, author->sign), "verify.batch-signature", where);
    }
    SATCHEL_GET(indexed, find_batch(txn_, batch_id(stored.signed_bytes.bytes)));
    expect(indexed == stored.no, "verify.batch-index", where);
    batches_[stored.no] = {stored.batch.author, stored.batch.entries, 0};
    expect(stored.tree.leaves() == stored.batch.leaves, "verify.merkle", where);
    std::vector<std::uint32_t> indices;
    std::vector<KnownLeaf> leaves;
    for (const auto& [index, end] : stored.tree.ends()) {
      indices.push_back(index);
      leaves.push_back({index, end});
      ends_.emplace(end, stored.no);
    }
    if (leaves.empty()) return {};  // everything of it was refused
    const auto root = merkle_root_from(stored.batch.leaves, leaves, stored.tree.prove(indices));
    expect(root && *root == stored.batch.root, "verify.merkle", where);
    return {};
  }

  Result<void> check_stamps(const StoredBatch& stored, const std::string& where) {
    auto stamps = stamps_of(txn_, stored.no);
    if (!stamps) return noted(stamps.error(), where);
    const Digest id = batch_id(stored.signed_bytes.bytes);
    for (const auto& s : *stamps) {
      ++report_.stamps;
      const KnownNode* hub = directory_.node(s.stamp.hub.node);
      const bool good = hub != nullptr && hub->kind == NodeKind::hub && s.stamp.batch == id &&
                        verify_stamp(s.signed_bytes, hub->sign);
      expect(good, "verify.stamp", where);
      const auto last = heard_.find(stored.batch.author.node);
      expect(last != heard_.end() && s.stamp.time <= last->second, "verify.heard", where);
    }
    batches_[stored.no].stamped = !stamps->empty();
    return {};
  }

  Result<void> check_runs() {
    SATCHEL_GET(last, last_ordinal(txn_));
    SATCHEL_GET(waiting, unstamped(txn_));
    std::set<BatchNo> unstamped(waiting.begin(), waiting.end()), own;
    Ordinal free = 1;
    for (;;) {
      auto run = run_from(txn_, free);
      if (!run) return noted(run.error(), "run after " + std::to_string(free));
      if (!*run) break;
      const std::string where = "run " + std::to_string((*run)->first);
      expect((*run)->count > 0 && (*run)->first + (*run)->count - 1 <= last, "verify.run", where);
      expect(batches_.contains((*run)->batch), "verify.run-batch", where);
      if ((*run)->from == 0) own.insert((*run)->batch);
      // One that starts within another would be passed over here; then the number of rows does not come out.
      free = (*run)->first + std::max<std::uint32_t>((*run)->count, 1);
      ++runs_;
    }
    SATCHEL_GET(rows, txn_.count(Table::outbox));
    expect(rows == runs_, "verify.run", std::to_string(rows));
    for (const auto no : own) {
      const bool waits = unstamped.erase(no) > 0;
      expect(waits != batches_[no].stamped, "verify.unstamped", "batch " + std::to_string(no));
    }
    for (const auto no : unstamped) find("verify.unstamped", "batch " + std::to_string(no));
    return {};
  }

  // ---- archives, their chains and wraps ----
  Result<void> check_archives() {
    auto digests = read_digests(txn_);
    if (!digests) SATCHEL_TRY(noted(digests.error(), "digests"));
    if (digests) digests_ = std::move(digests->by_no);
    SATCHEL_GET(archives, archive_count(txn_));
    for (ArchiveNo no = 1; no <= archives; ++no) {
      const std::string where = "archive no " + std::to_string(no);
      auto info = archive_info(txn_, no);
      if (!info || !*info) {
        SATCHEL_TRY(noted(info ? Error{ErrorKind::integrity, "verify.archive", {}} : info.error(), where));
        continue;
      }
      ++report_.archives;
      SATCHEL_GET(found, find_archive(txn_, (*info)->id));
      expect(found == no, "verify.archive", where);
      SATCHEL_TRY(check_archive(**info));
    }
    return {};
  }

  Result<void> check_archive(const StoredArchive& info) {
    const std::string where = "archive " + info.id.hex();
    promised_.clear();
    keys_.clear();
    referred_.clear();
    auto heads = heads_of(txn_, info.no);
    if (!heads) return noted(heads.error(), where);
    for (const auto& head : *heads) SATCHEL_TRY(check_chain(info, head));
    const bool same = heads->empty() || info.no > digests_.size() || digests_[info.no - 1] == digest_of(*heads);
    expect(same, "verify.digest", where);
    expect(!info.opened || keys_.contains({info.epoch, info.key}), "verify.opening", where);
    SATCHEL_TRY(check_wraps(info, where));
    SATCHEL_TRY(check_attachments(info));
    if (!as_.hub || heads->empty()) return {};
    for (const auto& reader : directory_.readers(access_of(info), {})) {
      // A grant's time may have been over before the archive came here.
      if (reader.expiry.ms != 0) continue;
      Bytes mark = key_of(info.no);
      mark.insert(mark.end(), reader.audience.bytes.begin(), reader.audience.bytes.end());
      SATCHEL_GET(position, txn_.get(Table::feed_marks, mark));
      expect(position.has_value(), "verify.feed-missing", where);
    }
    return {};
  }

  // From its end to its beginning, as each header names the one before.
  Result<void> check_chain(const StoredArchive& info, const StoredHead& head) {
    ++report_.chains;
    const auto& chain = head.chain.chain;
    const std::string name = "archive " + info.id.hex() + " node " + chain.node.hex() + " seq ";
    expect(directory_.node(chain.node) != nullptr || chain.node == as_.self, "verify.unknown-author", name + "1");
    Digest expected = head.chain.head.hash;
    Ordinal at = head.last;
    std::optional<BatchNo> later;  // the batch of the entry after this one
    for (auto seq = head.chain.head.seq; seq > 0; --seq) {
      const std::string where = name + std::to_string(seq);
      auto entry = entry_at(txn_, at);
      if (!entry) return noted(entry.error(), where);
      Header::Raw raw;
      std::ranges::copy(entry->raw, raw.begin());
      const Header& header = entry->header;
      if (header_hash(raw) != expected || header.seq != seq || header.archive != info.id || header.chain != chain) {
        find("verify.chain", where);
        return {};
      }
      ++report_.entries;
      check_content(*entry, where);
      SATCHEL_TRY(check_opening(info.no, at, entry->clear, where));
      SATCHEL_TRY(check_cover(at, chain, expected, later, where));
      const bool first = seq == 1;
      if (header.previous.none() != first || (entry->previous == 0) != first || entry->previous >= at) {
        find("verify.chain", where);
        return {};
      }
      expected = header.previous;
      at = entry->previous;
    }
    return {};
  }

  void check_content(const StoredEntry& entry, const std::string& where) {
    const Header& header = entry.header;
    if (!entry.body.empty()) {
      const bool right = entry.body.size() == header.body_size && body_hash(entry.body) == header.body;
      expect(right, "verify.body", where);
      if (right) ++report_.bodies;
    } else if (header.body_size > 0) {
      ++report_.withheld;
    }
    expect(clear_hash(entry.clear) == header.clear, "verify.clear", where);
    if (entry.clear.empty()) return;
    if (!opens(entry.clear)) {
      const auto references = blob::decode_references(entry.clear);
      expect(references.has_value(), "verify.attachment", where);
      if (references) {
        for (const auto& r : *references) referred_.insert(r.root);
      }
      return;
    }
    const auto opening = Opening::decode(entry.clear);
    expect(opening.has_value(), "verify.opening", where);
    if (!opening) return;
    keys_.insert({opening->epoch, opening->key});
    for (const auto& wrap : opening->wraps) promised_.insert(wrap.wrap);
  }

  // An opening is found by its epoch.
  Result<void> check_opening(ArchiveNo archive, Ordinal at, View clear, const std::string& where) {
    const auto opening = Opening::decode(clear);
    if (!opens(clear) || !opening) return {};
    SATCHEL_GET(listed, openings_of(txn_, archive, opening->epoch));
    expect(std::ranges::find(listed, at) != listed.end(), "verify.opening", where);
    return {};
  }

  // Each entry is in a batch of its author, and the last of its archive in a batch is one of the ends signed for.
  Result<void> check_cover(Ordinal at, const ChainId& chain, const Digest& header, std::optional<BatchNo>& later,
                           const std::string& where) {
    auto run = run_of(txn_, at);
    if (!run) return noted(run.error(), where);
    if (!*run) {
      ++report_.unsealed;
      expect(!as_.hub && !later && (as_.self.none() || chain.node == as_.self), "verify.uncovered", where);
      return {};
    }
    const auto batch = batches_.find((*run)->batch);
    if (batch == batches_.end()) return {};  // found already
    ++batch->second.held;
    expect(batch->second.author == chain, "verify.batch-author", where);
    if (later != (*run)->batch) {
      const auto [from, to] = ends_.equal_range(header);
      const bool is_end = std::any_of(from, to, [&](const auto& end) { return end.second == (*run)->batch; });
      expect(is_end, "verify.end", where);
    }
    later = (*run)->batch;
    return {};
  }

  Result<void> check_wraps(const StoredArchive& info, const std::string& where) {
    SATCHEL_GET(wraps, wraps_of(txn_, info.no));
    for (const auto& bytes : wraps) {
      ++report_.wraps;
      const auto wrap = Wrap::decode(bytes);
      bool good = wrap && wrap->archive == info.id;
      if (good && wrap->by.none()) good = promised_.contains(wrap_hash(bytes));
      if (good && !wrap->by.none()) {
        const KnownNode* maker = directory_.node(wrap->by);
        good = maker != nullptr && verify_wrap(*wrap, maker->sign);
      }
      if (good) {
        const auto named = keys_.lower_bound({wrap->epoch, KeyId{}});
        good = named == keys_.end() || named->first != wrap->epoch || keys_.contains({wrap->epoch, wrap->key});
      }
      expect(good, "verify.wrap", where);
    }
    return {};
  }

  Result<void> check_attachments(const StoredArchive& info) {
    if (directory_.is_destroyed(info.id)) {
      // The entries that named them stay; of the attachments nothing does.
      SATCHEL_GET(kept, blob::rows(txn_, info.no));
      std::erase_if(referred_, [&](const Digest& root) {
        return std::ranges::none_of(kept, [&](const auto& row) { return row.first.root == root; });
      });
    }
    SATCHEL_GET(audit, blob::audit(txn_, info.no, referred_,
                                   [&](auto code, auto where) { find(std::move(code), std::move(where)); }));
    report_.attachments += audit.named;
    report_.chunks += audit.chunks;
    return {};
  }

  Result<void> check_totals() {
    SATCHEL_GET(rows, txn_.count(Table::log));
    // Entries no head leads to; those of a chain that broke off are among them.
    expect(rows == report_.entries, "verify.unreached",
           std::to_string(rows) + " in the log, " + std::to_string(report_.entries) + " reached");
    SATCHEL_GET(heads, txn_.count(Table::heads));
    expect(heads == report_.chains, "verify.heads", std::to_string(heads));
    SATCHEL_GET(names, txn_.count(Table::archives));
    expect(names == report_.archives, "verify.archive", std::to_string(names));
    for (const auto& [no, facts] : batches_)
      expect(facts.held <= facts.entries, "verify.batch-count", "batch " + std::to_string(no));
    return {};
  }

  Result<void> check_feeds() {
    SATCHEL_GET(cursor, txn_.cursor(Table::feed_marks));
    auto pair = cursor->seek({});
    for (; pair && *pair; pair = cursor->next()) {
      const View key = (*pair)->key;
      Bytes item = copy(key.subspan(4));  // audience, then position
      item.insert(item.end(), (*pair)->value.begin(), (*pair)->value.end());
      SATCHEL_GET(archive, txn_.get(Table::feeds, item));
      expect(archive && equal(*archive, key.first(4)), "verify.feed", "archive no " + std::to_string(be32(key)));
      ++report_.feed_items;
    }
    if (!pair) return std::unexpected(pair.error());
    SATCHEL_GET(items, txn_.count(Table::feeds));
    expect(items == report_.feed_items, "verify.feed", std::to_string(items));
    return {};
  }

  Result<void> check_receipts() {
    SATCHEL_GET(cursor, txn_.cursor(Table::receipts));
    auto pair = cursor->seek({});
    for (; pair && *pair; pair = cursor->next()) {
      expect(batches_.contains(be64((*pair)->value)), "verify.receipt", hex((*pair)->key));
    }
    if (!pair) return std::unexpected(pair.error());
    return {};
  }

  const ReadTxn& txn_;
  const Directory& directory_;
  const VerifyAs& as_;
  VerifyReport report_;
  std::unordered_map<BatchNo, BatchFacts> batches_;
  Heard heard_;
  // Chain ends of all batches; what was signed again after a restoration ends in two.
  std::unordered_multimap<Digest, BatchNo> ends_;
  std::uint64_t runs_ = 0;
  std::vector<Digest> digests_;                     // by archive no, as kept for reconciliation
  std::set<Digest> promised_;                       // wraps this archive's openings commit to
  std::set<std::pair<std::uint32_t, KeyId>> keys_;  // and the key of each epoch they open
  std::set<Digest> referred_;                       // attachments its entries name
};

Result<std::optional<Envelope>> envelope_of(const RunBytes::Record& record) {
  if (record.envelope.empty()) return std::nullopt;
  SATCHEL_GET(envelope, decode_envelope(record.envelope));
  return std::move(envelope);
}

}  // namespace

Result<Directory> verify_directory(const ReadTxn& txn, const OrgId& org, const ChainId& self) {
  Directory full(org);
  Bytes head;
  for (bool more = true; more;) {
    SATCHEL_GET(run, run_after(txn, full.position(), [](const ArchiveId&, const Position&) { return true; }));
    for (const auto& record : run.records) {
      SATCHEL_GET(ordered, decode_ordered(record.ordered));
      SATCHEL_GET(envelope, envelope_of(record));
      SATCHEL_TRY(full.apply(ordered, envelope ? &*envelope : nullptr, Trust::check));
    }
    more = run.more;
    head = run.head;
  }
  SATCHEL_GET(marked, load_directory(txn, org));
  if (marked != full) return fail(ErrorKind::integrity, "verify.directory", std::to_string(full.position().n));
  if (!full.founded()) return full;
  if (head.empty()) return fail(ErrorKind::integrity, "verify.directory-head", "missing");
  SATCHEL_GET(signed_head, decode_head(head));
  SATCHEL_TRY(full.check_head(signed_head));
  const bool told_less = !self.node.none() && full.lost_at(self.node, self.incarnation);
  if (told_less && signed_head.position < full.position()) {
    SATCHEL_GET(here, order_hash_at(txn, signed_head.position));
    if (here == signed_head.order_hash) return full;
  }
  if (signed_head.position != full.position()) {
    return fail(ErrorKind::integrity, "verify.directory-head", std::to_string(signed_head.position.n));
  }
  return full;
}

Result<VerifyReport> verify_log(const ReadTxn& txn, const Directory& directory, const VerifyAs& as) {
  return Auditor(txn, directory, as).run();
}

}  // namespace satchel::node
