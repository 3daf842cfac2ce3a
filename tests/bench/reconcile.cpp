// SPDX-License-Identifier: AGPL-3.0-or-later
// (r) reconciling two stores that hold nearly the same: everything from the open store to the list of differences, in
// processor time of the whole process, both ends in one thread.
#include <fmt/format.h>
#include <time.h>

#include <random>

#include "sync/model/reconcile.h"
#include "sync/node/digests.h"
#include "sync/node/feeds.h"
#include "sync/store/lmdb_store.h"
#include "tests/bench/company.h"
#include "tests/bench/parts.h"

namespace satchel::bench {

namespace {

constexpr std::size_t kDifferent = 10;
constexpr int kAuthors = 2;  // chains an archive
constexpr std::size_t kPerCommit = 20'000;

double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class AnyId>
AnyId made(std::mt19937_64& random) {
  AnyId id;
  for (auto& b : id.bytes) b = static_cast<Byte>(random());
  return id;
}

// What reconciliation reads: archives with audiences, heads, feeds, a log to count from.
class Holding {
 public:
  Holding(const std::filesystem::path& folder, std::size_t archives, std::uint64_t spoil)
      : store_(need(open_lmdb(folder))) {
    std::mt19937_64 random(1);
    std::mt19937_64 other(spoil);
    for (auto& n : nodes_) n = made<NodeId>(random);
    audience_ = made<AudienceId>(random);
    for (std::size_t i = 0; i < archives;) {
      auto txn = need(store_->begin_write());
      node::Toucher toucher(*txn);
      const std::size_t end = std::min(archives, i + kPerCommit);
      for (; i < end; ++i) {
        const bool different = spoil != 0 && i % (archives / kDifferent) == 7;
        need(put(*txn, toucher, random, different ? &other : nullptr));
      }
      need(txn->commit());
    }
  }

  Store& store() { return *store_; }
  const AudienceId& audience() const { return audience_; }

  // Everything from the store to a set, as a session does it.
  ReconcileSet gather(bool by_feeds, node::Digests& digests) {
    auto txn = need(store_->begin_read());
    digests = need(node::read_digests(*txn));
    const std::array<AudienceId, 1> followed = {audience_};
    const auto chosen = by_feeds ? need(node::in_feeds(*txn, followed, digests.by_no.size()))
                                 : need(node::opened_for(*txn, followed, digests.by_no.size()));
    return ReconcileSet(need(node::choose(*txn, digests, chosen)).items);
  }
  void keep(const node::Digests& digests) {
    auto txn = need(store_->begin_write());
    need(node::keep_digests(*txn, digests));
    need(txn->commit());
  }

 private:
  Result<void> put(WriteTxn& txn, node::Toucher& toucher, std::mt19937_64& random, std::mt19937_64* other) {
    const auto id = made<ArchiveId>(random);
    SATCHEL_GET(info, node::add_archive(txn, id));
    info.owners = {made<PersonId>(random)};
    info.audiences = {made<AudienceId>(random), audience_};
    std::ranges::sort(info.audiences);
    info.opened = true;
    SATCHEL_TRY(node::put_archive_info(txn, info));
    for (int author = 0; author < kAuthors; ++author) {
      SATCHEL_GET(no, node::node_no(txn, nodes_[author]));
      Header header;
      header.archive = id;
      header.chain = {nodes_[author], 1};
      header.seq = 1;
      node::NewEntry entry;
      entry.raw = header.encode();
      entry.hash = made<Digest>(random);
      if (other != nullptr) entry.hash = made<Digest>(*other);
      SATCHEL_TRY(node::append_entries(txn, info.no, no, header.chain, {}, std::span(&entry, 1)));
    }
    return toucher.touch(info.no, audience_);
  }

  std::unique_ptr<Store> store_;
  std::array<NodeId, kAuthors> nodes_;
  AudienceId audience_;
};

}  // namespace

void measure_reconciling(const Run& run, int repeats) {
  const auto folder = run.folder / "reconcile";
  Holding asker(folder / "asker", run.sizes.archives, 0);
  Holding hub(folder / "hub", run.sizes.archives, 5);
  for (int i = 0; i <= repeats; ++i) {
    node::Digests mine_read, theirs_read;
    const double start = cpu_ms();
    const auto mine = asker.gather(false, mine_read);
    const auto theirs = hub.gather(true, theirs_read);
    std::size_t up = 0, down = 0;
    Reconciler reconciler(mine, false);
    for (auto question = reconciler.start(); question;) {
      up += question->size();
      const Bytes answer = need(reconcile_answer(theirs, *question));
      down += answer.size();
      question = need(reconciler.step(answer));
    }
    const double cpu = cpu_ms() - start;
    if (reconciler.differences().size() != kDifferent) throw std::runtime_error("differences");
    if (i == 0) {
      // The first time there is nothing to build on.
      run.table.add("reconcile cold", cpu);
      asker.keep(mine_read);
      hub.keep(theirs_read);
      continue;
    }
    run.table.add("reconcile cpu", cpu / 2);
    run.table.add("reconcile rounds", static_cast<double>(reconciler.rounds()));
    run.table.add("reconcile up", static_cast<double>(up) / 1024);
    run.table.add("reconcile down", static_cast<double>(down) / 1024);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace satchel::bench
