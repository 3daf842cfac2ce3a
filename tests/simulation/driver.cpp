// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/driver.h"

#include "schema/template/pack.h"
#include "sync/node/catalogue.h"
#include "sync/node/dropping.h"
#include "sync/node/lease.h"

namespace satchel::sim {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr int kRoundsMax = 16;
constexpr std::uint64_t kCrowdedEvery = 3;  // worlds of much trouble

// So that lists and rows are derived, too.
constexpr std::string_view kPack = R"(
format = 1
id = "simulated"
version = 1
label = { zh = "模拟", en = "Simulated" }
[[template]]
id = "customer"
label = { zh = "客户", en = "Customer" }
scope = ["customer"]
title_field = "name"
sheet = true
  [[template.field]]
  id = "name"
  label = { zh = "名称", en = "Name" }
  [[template.field]]
  id = "phone"
  label = { zh = "电话", en = "Phone" }
  [[template.field]]
  id = "grade"
  label = { zh = "等级", en = "Grade" }
[[template]]
id = "visit"
label = { zh = "拜访", en = "Visit" }
scope = ["customer"]
title_field = "summary"
sheet = true
  [[template.field]]
  id = "summary"
  label = { zh = "摘要", en = "Summary" }
  [[template.field]]
  id = "purpose"
  label = { zh = "目的", en = "Purpose" }
)";

std::int64_t some_skew(int roll) {
  constexpr std::int64_t kYearMs = 365LL * 86'400'000;
  return roll == 0 ? -kYearMs : roll == 1 ? kYearMs : 0;
}

}  // namespace

Driver::Driver(std::uint64_t seed)
    : world_(seed, 1 + static_cast<int>(seed % 2)),
      watch_(world_),
      branches_(1 + static_cast<int>(seed % 2)),
      crowded_(seed % kCrowdedEvery == 0) {
  world_.state(node::publication_of(must(parse_pack(kPack)), kPack));
  world_.sync(world_.admin(), world_.hq());
  const int reps = 2 + roll(2);
  for (int i = 0; i < reps; ++i)
    people_.push_back(&world_.device("rep" + std::to_string(i), Role::salesperson, some_branch(), some_skew(roll(8))));
  heads_ = {&world_.admin(), &world_.device("manager", Role::branch_manager, world_.branch_name(0), some_skew(roll(8))),
            &world_.device("boss", Role::general_manager, "")};
  people_.insert(people_.end(), heads_.begin() + 1, heads_.end());
  if (once_in(2)) heads_.push_back(&world_.device("second", Role::archive_administrator, ""));
  if (once_in(2)) people_.push_back(&world_.device("rep0", Role::salesperson, world_.branch_name(0)));  // another phone
  world_.settle(2);
}

Driver::~Driver() { links_.clear(); }

std::string Driver::run() {
  const int steps = 60 + roll(60);
  for (int i = 0; i < steps; ++i) {
    if (auto wrong = step(); !wrong.empty()) return wrong;
  }
  if (auto wrong = heal(); !wrong.empty()) return wrong;
  return check_all();
}

std::string Driver::step() {
  world_.time.ms += 1000 * (1 + roll(3600));
  act();
  reopen_lost_stores();
  return watch_.after_step();
}

void Driver::act() {
  if (crowded_ && once_in(4)) return crowd();
  struct Choice {
    int weight;
    void (Driver::*act)();
  };
  static constexpr Choice kChoices[] = {
      {9, &Driver::open_customer}, {20, &Driver::add_visit},  {10, &Driver::edit},       {2, &Driver::attach},
      {2, &Driver::rotate},        {1, &Driver::peek},        {22, &Driver::start_sync}, {4, &Driver::mangle},
      {4, &Driver::lie},           {1, &Driver::box_a_ghost}, {2, &Driver::push_forged}, {3, &Driver::fail_disk},
      {1, &Driver::fill_disk},     {2, &Driver::slow_disk},   {2, &Driver::turn_clock},  {1, &Driver::weeks_pass},
      {5, &Driver::reopen},        {14, &Driver::people},     {3, &Driver::carry},       {3, &Driver::import_something},
      {2, &Driver::copy_disk},     {1, &Driver::lose_disk}};
  int sum = 0;
  for (const auto& choice : kChoices) sum += choice.weight;
  int at = roll(sum + 12);
  for (const auto& choice : kChoices) {
    if (at < choice.weight) return (this->*choice.act)();
    at -= choice.weight;
  }
  step_links(roll(60));
}

void Driver::restart(Node& node) {
  ++counts_["restarts"];
  std::erase_if(links_, [&](const auto& link) { return &link->from() == &node || &link->hub() == &node; });
  node.stop();
  node.start();
}

// After 'outcome unknown' a program ends and is started again.
void Driver::reopen_lost_stores() {
  for (Node* node : world_.all()) {
    if (!node->replica().store().begin_read()) restart(*node);
  }
}

// One that the node has a key for, and may write in: honest programs do not offer to write where one may only read.
std::optional<node::StoredArchive> Driver::some_archive_to_write(Node& at) {
  auto info = some_archive(at);
  if (info && at.replica().directory()->right(at.identity.id, node::access_of(*info)) == WriteRight::never)
    info.reset();
  return info;
}

std::optional<node::StoredArchive> Driver::some_archive(Node& at) {
  const auto txn = must(at.replica().store().begin_read());
  const auto n = must(node::archive_count(*txn));
  if (n == 0) return std::nullopt;
  auto info = must(node::archive_info(*txn, 1 + static_cast<node::ArchiveNo>(roll(static_cast<int>(n)))));
  const auto directory = at.replica().directory();
  if (!info || !at.keyring().epoch_key(*txn, *directory, *info, {info->epoch, info->key})) return std::nullopt;
  return info;
}

void Driver::note_code(const Result<void>& outcome) {
  if (!outcome) watch_.codes.insert(outcome.error().code);
}

// What a program does when an exchange is over.
void Driver::note_over(Link& link) {
  note_code(link.initiator().outcome());
  const auto& report = link.initiator().report();
  counts_["held"] += report.held;
  counts_["rejected"] += report.rejected;
  counts_["left for later"] += report.later;
  counts_["forks"] += report.forks;
  if (!report.complete || !link.initiator().outcome() || link.from().role == wire::Role::hub) return;
  if (!link.from().running()) return;
  (void)node::renew_lease(link.from().replica(), report.clock_ahead);
  (void)node::admit_restored(link.from().replica(), link.from().keyring());
}

std::string Driver::heal() {
  links_.clear();
  for (Node* node : world_.all()) {
    node->slow = false;
    node->disk->fail_commit(0, CommitFault::full);
    node->clock.set_offset(0);  // people set their clocks
    restart(*node);
  }
  for (const auto& entry : watch_.saved) {
    for (Node* node : people_) {
      // What a life had that is over is with others, if it was lost here.
      if (entry.chain != ChainId{node->identity.id, node->identity.incarnation}) continue;
      if (auto wrong = check_saved(world_, {entry}, *node); !wrong.empty()) return wrong + " (before healing)";
    }
  }
  world_["boss"].fetches = true;
  world_.time.ms += 60 * kMinuteMs;
  if (auto wrong = settle(kRoundsMax); !wrong.empty()) return wrong;
  // Whoever may write in an archive does: who lost the right must not be able to read any of that.
  const auto first = static_cast<std::size_t>(roll(static_cast<int>(people_.size())));
  for (std::size_t i = 0; i < people_.size(); ++i) {
    Node& node = *people_[(first + i) % people_.size()];
    const auto txn = must(node.replica().store().begin_read());
    const auto directory = node.replica().directory();
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = *must(node::archive_info(*txn, no));
      if (directory->right(node.identity.id, node::access_of(info)) != WriteRight::now) continue;
      if (directory->is_destroyed(info.id)) continue;
      if (write_visit(node, info)) written_[info.id].insert({node.identity.id, node.identity.incarnation});
    }
  }
  return settle(kRoundsMax);
}

// Everybody syncs until a whole round moved nothing.
std::string Driver::settle(int rounds) {
  std::uint64_t before = UINT64_MAX;
  for (int i = 0; i < rounds; ++i) {
    const auto now = progress();
    if (i > 1 && now == before) return "";
    before = now;
    world_.time.ms += 2 * kMinuteMs;  // so that who is second to renew a key has his turn
    for (Node* node : world_.all()) {
      if (node == &world_.hq()) continue;
      const bool hub = node->role == wire::Role::hub;
      if (!hub) {
        must(node::count_lease(node->replica(), node->keyring()));
        must(node::drop_what_is_lost(node->replica(), node->keyring(), node->clock.wall()));
      }
      session::SyncReport report;
      const auto outcome = world_.sync_outcome(*node, hub ? world_.hq() : world_.home_of(*node), &report);
      if (!outcome)
        return node->name + " cannot sync in a healed world: " + outcome.error().code + " " + outcome.error().detail;
      if (!hub && report.complete) must(node::renew_lease(node->replica(), report.clock_ahead));
    }
  }
  return "the world does not come to rest";
}

std::uint64_t Driver::progress() {
  std::uint64_t sum = 0;
  for (Node* node : world_.all()) {
    const auto txn = must(node->replica().store().begin_read());
    for (const auto table : {Table::log, Table::stamps, Table::grants, Table::directory, Table::pending, Table::keys,
                             Table::batches, Table::chunks, Table::marks, Table::archive_info})
      sum = sum * 1099511628211ULL + must(txn->count(table));
    sum = sum * 1099511628211ULL + node->replica().directory()->counts().withheld;
  }
  return sum;
}

std::string Driver::check_all() {
  forget_statements();
  std::string wrong;
  const auto holds = [&](std::string found) {
    wrong = std::move(found);
    return wrong.empty();
  };
  const bool all =
      holds(watch_.after_step()) && holds(check_logs(world_)) && holds(check_arrived(world_, watch_)) &&
      holds(check_hubs_blind(world_, kMarker)) && holds(check_no_secrets(world_, watch_, kMarker)) &&
      holds(check_scope(world_)) && holds(check_two_signers(world_, watch_)) && holds(check_destroyed(world_)) &&
      holds(check_judged(world_, watch_)) && holds(check_clocks(world_)) && holds(check_converged(world_)) &&
      holds(check_same_state(world_)) && holds(check_once(world_)) &&
      holds(check_range(world_, counts_.contains("hubs restored"), garbled_)) && holds(check_bound(world_)) &&
      holds(check_told(world_)) && holds(check_underivable(world_, watch_)) &&
      holds(check_newest_closed(world_, watch_, written_)) &&
      holds(check_files(world_, watch_, counts_.contains("hubs restored"))) && holds(check_audit(world_)) &&
      holds(check_receipts(world_)) && holds(garbled_ ? "" : check_hubs_trusted(world_)) &&
      holds(check_nonces(world_)) && holds(check_bounds(world_, watch_)) &&
      holds(check_named(world_, watch_, garbled_)) && holds(check_quiet(world_));
  if (!all) return wrong;
  for (Node* node : world_.all()) {
    if (!holds(check_restart(*node))) return wrong;
  }
  return watch_.after_step();
}

}  // namespace satchel::sim
