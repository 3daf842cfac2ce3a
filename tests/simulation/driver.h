// SPDX-License-Identifier: AGPL-3.0-or-later
// A random world: people at work, lines that are cut, disks that fail, wrong clocks, rights that move while branches
// are cut off, files carried about, liars. What happens next is drawn from the world's seed, so that a seed replays a
// whole run. Then the world heals and every invariant is checked. The acts are sorted by subject into the acts_*.cpp
// beside this file; forks are for a world of their own (fork_worlds.cpp), because such a world never agrees again.
#pragma once

#include <filesystem>

#include "tests/simulation/invariants.h"
#include "tests/support/temp_folder.h"

namespace satchel::sim {

inline constexpr std::string_view kMarker = "深水区标记";  // in every customer text

// How often each kind of thing happened, over all seeds: what stays at zero is not simulated.
using Counts = std::map<std::string, std::size_t>;

class Driver {
 public:
  explicit Driver(std::uint64_t seed);
  ~Driver();
  Driver(const Driver&) = delete;

  // Empty, or the invariant that does not hold.
  std::string run();
  // The same up to a fork, and whether it is noticed.
  std::string run_to_fork();
  const Counts& counts() const { return counts_; }
  std::uint64_t trace() const { return trace_; }

 private:
  // ---- driver.cpp ----
  int roll(int n) { return static_cast<int>(world_.random() % static_cast<unsigned>(n)); }
  bool once_in(int n) { return roll(n) == 0; }
  auto& any_of(auto& from) { return from[static_cast<std::size_t>(roll(static_cast<int>(from.size())))]; }
  std::string some_branch() { return world_.branch_name(roll(branches_)); }
  Node& somebody() { return *any_of(people_); }
  Node& some_head() { return *any_of(heads_); }
  Node& some_hub() { return once_in(branches_ + 1) ? world_.hq() : world_.hub_of(some_branch()); }
  Node& hub_for(Node& node) { return once_in(5) ? world_.hq() : world_.home_of(node); }
  std::string step();
  void act();
  void restart(Node& node);
  void reopen_lost_stores();
  std::optional<node::StoredArchive> some_archive(Node& at);
  std::optional<node::StoredArchive> some_archive_to_write(Node& at);
  void note_code(const Result<void>& outcome);
  void note_over(Link& link);
  std::string heal();
  std::string settle(int rounds);
  std::uint64_t progress();
  std::string check_all();

  // ---- acts_work.cpp ----
  void open_customer();
  void add_visit();
  void edit();
  void attach();
  void rotate();
  void peek();
  bool write_visit(Node& at, const node::StoredArchive& info);
  template <class T>
  void note(Node& at, const Result<T>& result, const ArchiveId& archive);

  // ---- acts_wire.cpp ----
  void start_sync();
  void step_links(int n);
  void mangle();
  void bend_stamps(std::deque<Bytes>& queue);

  // ---- acts_trouble.cpp ----
  void fail_disk();
  void fill_disk();
  void slow_disk();
  void turn_clock();
  void weeks_pass();
  void crowd();
  void copy_disk();
  void lose_disk();
  void forget_what_is_lost(Node& node, const std::vector<Bytes>& files);
  void forget_statements();
  void reopen();

  // ---- acts_people.cpp ----
  template <class P>
  Digest say(Node& by, const P& payload, const ArchiveId& archive = {});
  void people();
  void grant();
  void end_grant();
  void set_owner();
  void hand_over();
  void move();
  void merge_or_undo();
  void leave_or_return();
  void change_role();
  void revoke();
  void invite();
  void enrol();
  void confirm();
  void propose_destruction();
  void sign_destruction();
  void give_verdict();
  void two_at_once();

  // ---- acts_carry.cpp ----
  void carry();
  void import_something();

  // ---- liars.cpp ----
  void lie();
  void lie_all_along();
  void push_forged();
  void box_a_ghost();

  World world_;
  Watch watch_;
  int branches_;
  bool crowded_;
  std::vector<Node*> people_;  // who works
  std::vector<Node*> heads_;   // who may speak for others
  std::deque<std::unique_ptr<Link>> links_;
  struct Invited {
    InvitationFile file;
    std::string person;
  };
  std::vector<Invited> invited_;
  struct Proposed {
    Digest statement;
    ArchiveId archive;
    PersonId by;
  };
  std::vector<Proposed> proposed_;
  struct Carried {
    std::filesystem::path file;
    Node* to;
  };
  std::vector<Carried> carried_;
  struct Copy {
    Node* of;
    Snapshot disk;
    std::vector<Bytes> files;  // that it had attached by then
  };
  std::vector<Copy> copies_;
  std::set<std::string> restored_;    // by name
  std::optional<TempFolder> folder_;  // of what is carried, once something is
  int newcomers_ = 0;
  Writers written_;       // after everything had been told
  bool garbled_ = false;  // some frame was not what its sender made it
  Counts counts_;
  std::uint64_t trace_ = 14695981039346656037ULL;
};

template <class P>
Digest Driver::say(Node& by, const P& payload, const ArchiveId& archive) {
  by.disk->fail_commit(0, CommitFault::full);
  ++counts_["statements"];
  const Digest statement = world_.state_as(by, payload, archive);
  watch_.said.emplace_back(by.name, statement);
  return statement;
}

}  // namespace satchel::sim
