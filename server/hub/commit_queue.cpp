// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/commit_queue.h"

namespace satchel::hub {

CommitQueue::CommitQueue(Setup setup) : setup_(std::move(setup)), thread_([this] { run(); }) {}

std::size_t CommitQueue::waiting() const {
  const std::lock_guard guard(lock_);
  return jobs_;
}

bool CommitQueue::roomy() const {
  const std::lock_guard guard(lock_);
  return !full(kFrameBytesMax);
}

bool CommitQueue::add(Commit commit) {
  {
    const std::lock_guard guard(lock_);
    if (closed_ || full(commit.bytes)) return false;
    bytes_ += commit.bytes;
    ++jobs_;
    auto& lane = lanes_[commit.source];
    if (lane.empty()) turns_.push_back(commit.source);
    lane.push_back(std::move(commit));
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
  changed_.wait(guard, [this] { return closed_ || !turns_.empty(); });
  std::deque<Commit> group;
  std::size_t bytes = 0;
  bool room = true;
  while (room && !turns_.empty()) {
    const std::uint64_t source = turns_.front();
    auto& lane = lanes_[source];
    const std::size_t share = kTurnAtQueueBytes * lane.front().weight;
    // At least one job a turn, or a large one would never have its own.
    for (std::size_t used = 0; !lane.empty() && (used == 0 || used + lane.front().bytes <= share);) {
      const std::size_t size = lane.front().bytes;
      room = group.size() < kGroupJobsMax && (group.empty() || bytes + size <= kGroupBytesMax);
      if (!room) break;
      used += std::max<std::size_t>(size, 1);
      bytes += size;
      group.push_back(std::move(lane.front()));
      lane.pop_front();
    }
    if (!room) break;  // it keeps its turn
    turns_.pop_front();
    if (lane.empty()) {
      lanes_.erase(source);
    } else {
      turns_.push_back(source);
    }
  }
  bytes_ -= bytes;
  jobs_ -= group.size();
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
