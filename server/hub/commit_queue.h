// SPDX-License-Identifier: AGPL-3.0-or-later
// CommitQueue: the one writer of a hub. Jobs of all sessions wait here and are committed together, so that one sync of
// the disk serves many sessions (group commit); answers follow the commit. When a group fails, each of its jobs is
// tried alone, so that one bad job undoes no others; when the disk refuses, all are told so. While several wait, each
// gets its turn by weight, whoever came first with how much. Its thread is its own;
// add() may be called from any. Bounded (schema/wire/limits.h): a full queue takes nothing and says so. The replica
// must outlive it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "schema/wire/limits.h"
#include "sync/node/replica.h"

namespace satchel::hub {

using Answer = std::function<void(const Result<void>&)>;

struct Commit {
  node::Job job;
  std::size_t bytes = 0;     // what waiting costs
  std::uint64_t source = 0;  // whose it is; never 0
  std::size_t weight = 1;    // of the source: its share while others wait
  Answer answer;
};

struct Answered {
  Answer answer;
  Result<void> result;
};

class CommitQueue {
 public:
  struct Setup {
    node::Replica& replica;
    std::function<void(std::vector<Answered>)> deliver;  // on the queue's thread; hands the answers on
    std::function<void(const Error&)> trouble = {};      // the store refused a group; on the queue's thread
    std::size_t bytes_max = kQueueBytesMax;
    std::size_t jobs_max = kQueueJobsMax;
  };
  explicit CommitQueue(Setup setup);
  ~CommitQueue() { finish(); }
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  // Whether it takes more. Whoever hands in should wait while it does not, until an answer was delivered.
  bool roomy() const;
  // False when the queue is full or closed; then the commit was not taken and nobody answers it.
  bool add(Commit commit);
  // Commits what waits, delivers the answers, and ends. Takes nothing more.
  void finish();
  // Within a commit on the queue's thread, for the replica's watcher: the source of all jobs being committed, 0 when
  // they are of several. 0 on other threads.
  std::uint64_t source_now() const;
  std::uint64_t groups() const { return groups_; }
  // Jobs that no group has taken yet.
  std::size_t waiting() const;

 private:
  void run();
  std::deque<Commit> next_group();
  bool full(std::size_t more) const { return bytes_ + more > setup_.bytes_max || jobs_ >= setup_.jobs_max; }
  void commit(std::deque<Commit> group);
  Result<void> write(std::deque<Commit>& group, std::size_t first, std::size_t count);

  Setup setup_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::map<std::uint64_t, std::deque<Commit>> lanes_;  // by source, each in its order
  std::deque<std::uint64_t> turns_;                    // sources with a lane, whose turn is next first
  std::size_t bytes_ = 0;
  std::size_t jobs_ = 0;
  bool closed_ = false;
  std::uint64_t source_ = 0;  // the queue's thread's own
  std::atomic<std::uint64_t> groups_ = 0;
  std::thread thread_;
};

}  // namespace satchel::hub
