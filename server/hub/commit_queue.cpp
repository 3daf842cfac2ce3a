// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/commit_queue.h"

namespace satchel::hub {

CommitQueue::CommitQueue(Setup setup) : setup_(std::move(setup)), thread_([this] { run(); }) {}

bool CommitQueue::add(Commit commit) {
  {
    const std::lock_guard guard(lock_);
    const bool full = bytes_ + commit.bytes > setup_.bytes_max || waiting_.size() >= setup_.jobs_max;
    if (closed_ || full) return false;
    bytes_ += commit.bytes;
    waiting_.push_back(std::move(commit));
  }
  changed_.notify_one();
  return true;
}

void CommitQueue::finish() {
  {
    const std::lock_guard guard(lock_);
    closed_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t CommitQueue::source_now() const { return std::this_thread::get_id() == thread_.get_id() ? source_ : 0; }

void CommitQueue::run() {
  for (;;) {
    auto group = next_group();
    if (group.empty()) return;
    commit(std::move(group));
  }
}

// Waits for work; empty when the queue was closed and everything is done.
std::deque<Commit> CommitQueue::next_group() {
  std::unique_lock guard(lock_);
  changed_.wait(guard, [this] { return closed_ || !waiting_.empty(); });
  std::deque<Commit> group;
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupJobsMax) {
    if (!group.empty() && bytes + waiting_.front().bytes > kGroupBytesMax) break;
    bytes += waiting_.front().bytes;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  bytes_ -= bytes;
  return group;
}

Result<void> CommitQueue::write(std::deque<Commit>& group, std::size_t first, std::size_t count) {
  std::vector<node::Job> jobs;
  jobs.reserve(count);
  source_ = group[first].source;
  for (std::size_t i = first; i < first + count; ++i) {
    // Kept in the group, too: it may have to be tried once more.
    jobs.push_back([&job = group[i].job](WriteTxn& txn, node::Effects& effects) { return job(txn, effects); });
    if (group[i].source != source_) source_ = 0;
  }
  auto written = setup_.replica.write(jobs);
  source_ = 0;
  ++groups_;
  if (!written && written.error().kind == ErrorKind::storage && setup_.trouble) setup_.trouble(written.error());
  return written;
}

void CommitQueue::commit(std::deque<Commit> group) {
  std::vector<Answered> answers;
  answers.reserve(group.size());
  const auto whole = write(group, 0, group.size());
  const bool alone = !whole && whole.error().kind != ErrorKind::storage && group.size() > 1;
  for (std::size_t i = 0; i < group.size(); ++i) {
    answers.push_back({std::move(group[i].answer), alone ? write(group, i, 1) : whole});
  }
  setup_.deliver(std::move(answers));
}

}  // namespace satchel::hub
