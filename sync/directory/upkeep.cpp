// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/upkeep.h"

#include "schema/base/planted.h"
#include "sync/directory/directory.h"
#include "sync/directory/limits.h"

namespace satchel {

namespace {

// Our place among those who could do the same task, in an order that differs from task to task.
std::uint32_t rank_of(const NodeId& self, const std::vector<NodeId>& able, const AudienceId& audience,
                      std::uint32_t epoch) {
  const auto draw = [&](const NodeId& node) {
    Writer out;
    out.raw(audience.view()).u32(epoch).raw(node.view());
    return hash("satchel rank", out.bytes());
  };
  const Digest ours = draw(self);
  return static_cast<std::uint32_t>(
      std::count_if(able.begin(), able.end(), [&](const NodeId& node) { return draw(node) < ours; }));
}

class Round {
 public:
  Round(const Directory& directory, const NodeId& self) : directory_(directory), self_(self) {}

  void look_after(const AudienceId& id) {
    const Audience& audience = *directory_.audience(id);
    const auto members = directory_.members(id);
    const auto newest = audience.epoch();
    const auto able = holders(audience, newest, members);
    // With no holder left among the members nobody can seal what was: any member starts anew.
    const bool lost = able.empty();
    const bool hold = audience.box(newest, self_) != nullptr;
    if (lost || (hold && directory_.rotation_due(id))) {
      create(id, newest + 1, members, lost ? members : able);
      if (lost) return;
    }
    for (std::uint32_t epoch = 1; epoch <= newest; ++epoch) seal_missing(audience, epoch, members);
  }

  void lease_numbers(const std::map<NodeId, KnownNode>& nodes, std::uint64_t next) {
    for (const auto& [id, node] : nodes) {
      const auto* person = directory_.person(node.person);
      if (node.state() != NodeState::confirmed || !person || !person->active()) continue;
      const auto wanted = directory_.wanted_by(id);
      for (const auto& [incarnation, count] : wanted) give(id, incarnation, count, next);
      // Each life has its own, unasked: what a former one had may have been used up behind the copy this one came from.
      const auto life = node.lives.empty() ? kFirstIncarnation : node.lives.back().incarnation;
      const bool has = node.lives.empty() ? directory_.ever_leased(id) : !directory_.numbers(id, life).empty();
      if (wanted.empty() && !has) give(id, life, kNumbersPerLease, next);
    }
  }

  std::vector<UpkeepTask> take() { return std::move(tasks_); }

 private:
  static std::vector<NodeId> holders(const Audience& audience, std::uint32_t epoch,
                                     const std::vector<NodeId>& members) {
    std::vector<NodeId> out;
    for (const auto& node : members) {
      if (audience.box(epoch, node)) out.push_back(node);
    }
    return out;
  }

  bool full() const { return tasks_.size() >= kUpkeepTasksMax; }

  void create(const AudienceId& id, std::uint32_t epoch, const std::vector<NodeId>& members,
              const std::vector<NodeId>& able) {
    if (full()) return;
    CreateAudienceKey task{id, epoch, {self_}, rank_of(self_, able, id, epoch)};
    for (const auto& node : members) {
      if (node != self_ && task.members.size() < kAudienceBoxesMax) task.members.push_back(node);
    }
    std::sort(task.members.begin(), task.members.end());
    tasks_.push_back(std::move(task));
  }

  void seal_missing(const Audience& audience, std::uint32_t epoch, const std::vector<NodeId>& members) {
    if (!audience.box(epoch, self_) || SATCHEL_PLANTED(newcomer_gets_no_box)) return;
    std::optional<std::uint32_t> rank;
    for (const auto& node : members) {
      if (full()) return;
      if (audience.box(epoch, node)) continue;
      if (!rank) rank = rank_of(self_, holders(audience, epoch, members), audience.id, epoch);
      tasks_.push_back(SealAudienceBox{audience.id, epoch, node, directory_.node(node)->box, *rank});
    }
  }

  void give(const NodeId& node, std::uint32_t incarnation, std::uint32_t count, std::uint64_t& next) {
    if (full() || next > kNumberMax) return;
    tasks_.push_back(LeaseNumbers{node, incarnation, next, count});
    next += count;
  }

  const Directory& directory_;
  NodeId self_;
  std::vector<UpkeepTask> tasks_;
};

}  // namespace

std::map<std::uint32_t, std::uint32_t> Directory::wanted_by(const NodeId& node) const {
  std::map<std::uint32_t, std::uint32_t> out;
  const auto& wanted = state_.numbers->wanted;
  for (auto at = wanted.lower_bound({node, 0}); at != wanted.end() && at->first.node == node; ++at) {
    out.emplace(at->first.incarnation, at->second);
  }
  return out;
}

std::vector<UpkeepTask> Directory::upkeep(const NodeId& self) const {
  Round round(*this, self);
  const auto* info = node(self);
  if (!info || info->state() != NodeState::confirmed) return {};
  if (info->hq_hub) {
    round.lease_numbers(*state_.nodes, next_number());
  } else {
    for (const auto& audience : audiences_of(self)) round.look_after(audience);
  }
  return round.take();
}

}  // namespace satchel
