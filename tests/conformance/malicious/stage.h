// SPDX-License-Identifier: AGPL-3.0-or-later
// A small company (tests/simulation/world.h) in which one end lies. Bending: a hub's honest frames are changed on their
// way to a device. Scripted: whoever signs the greeting says whatever the case wants. What must hold afterwards stands
// apart: unharmed().
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <functional>

#include "sync/node/parcel.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/world.h"

namespace satchel::malicious {

using sim::must;

template <class T>
std::string code(const Result<T>& r) {
  return r ? "" : r.error().code;
}

// Replaces a frame on its way; nothing: it goes as it is.
using Bend = std::function<std::optional<std::vector<Bytes>>(wire::Frame&)>;

// The first frame of a kind is changed; false: not this one.
template <class F>
Bend first(std::function<bool(F&)> change) {
  return [change](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
    auto* of_kind = std::get_if<F>(&frame);
    if (of_kind == nullptr || !change(*of_kind)) return std::nullopt;
    return std::vector<Bytes>{wire::encode(frame)};
  };
}
// Further frames after the first of a kind, or before it.
template <class F>
Bend followed_by(std::vector<Bytes> more) {
  return [more](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
    if (!std::holds_alternative<F>(frame)) return std::nullopt;
    std::vector<Bytes> out{wire::encode(frame)};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
}
template <class F>
Bend preceded_by(std::vector<Bytes> more) {
  return [more](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
    if (!std::holds_alternative<F>(frame)) return std::nullopt;
    std::vector<Bytes> out = more;
    out.push_back(wire::encode(frame));
    return out;
  };
}
template <class F>
Bend left_out() {
  return [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
    if (!std::holds_alternative<F>(frame)) return std::nullopt;
    return std::vector<Bytes>{};
  };
}

// Bytes that outlive the case, for views in bent frames.
View lasting(Bytes bytes);
// The same with one bit turned.
View bent(View bytes, std::size_t at);

// A hub whose answers to writes can be kept back, as a busy disk keeps them.
class SlowPort final : public session::HubPort {
 public:
  explicit SlowPort(sim::Node& hub) : hub_(hub) {}
  node::Replica& replica() override { return hub_.replica(); }
  void submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes) override;
  Result<void> greet(const NodeId& peer, bool stranger) override;
  void lied(const NodeId& peer, unsigned points) override;
  void answer_all();

  bool slow = false;
  std::size_t waiting_bytes = 0;
  std::map<NodeId, unsigned> points;
  std::size_t greeted = 0;

 private:
  sim::Node& hub_;
  std::deque<std::function<void()>> answers_;
};

// A device that says what it is told to. Answers are decoded; views in them live as long as it does.
class Scripted {
 public:
  Scripted(sim::Node& as, sim::Node& hub);
  // The honest greeting, changed before it is signed, and after.
  using Change = std::function<void(wire::Hello&)>;
  void greet(const Change& before = {}, const Change& after = {});
  void say(const wire::Frame& frame) { say_bytes(wire::encode(frame)); }
  void say_bytes(View frame);
  template <class F>
  const F* answer() const {
    for (auto at = heard.rbegin(); at != heard.rend(); ++at) {
      if (const auto* found = std::get_if<F>(&at->frame())) return found;
    }
    return nullptr;
  }
  // The code of the hub's goodbye; empty while it goes on.
  std::string bye() const;
  bool over() const { return acceptor.finished(); }

  sim::Node& as;
  sim::Node& hub;
  SlowPort port;
  Bytes exporter;
  session::Acceptor acceptor;
  std::deque<wire::Received> heard;
  std::deque<Bytes> frames;
  std::size_t largest = 0;
};

struct Stage {
  sim::World world{7};
  sim::Node& rep = world.device("rep", Role::salesperson, "branch1");
  sim::Node& other = world.device("other", Role::salesperson, "branch1");
  sim::Node& boss = world.device("boss", Role::branch_manager, "branch1");
  sim::Node& hub = world.hub_of("branch1");
  ArchiveId customer = world.open_customer(rep, "福田百货");

  Stage();
  // Something of everything waits at the hub for rep: statements, receipts, a page, a parcel; rep has work to push.
  // Without own work a hub's promises are exact: heads that the hub lacks excuse none.
  void make_news(bool own_work = true);
  // rep syncs with the hub, whose frames are bent: the first one that the bend takes, or every one.
  struct Told {
    std::string code;
    bool bent = false;
    std::size_t frames = 0;
  };
  Told sync_bent(const Bend& bend, bool every_one = false);

  void seal(sim::Node& at);
  // What the node would push next after `after`, its outbox sealed.
  wire::Received next_parcel(sim::Node& at, node::Ordinal after = 0);
  std::unique_ptr<ReadTxn> reading(sim::Node& at) { return must(at.replica().store().begin_read()); }
  std::uint64_t count(sim::Node& at, Table table) { return must(reading(at)->count(table)); }
  // All of a node's truth, as one text.
  std::string truth(sim::Node& at);
  // Everybody goes on with honest peers, and then nothing is missing, nothing foreign is held, every store is sound.
  void unharmed();
};

}  // namespace satchel::malicious
