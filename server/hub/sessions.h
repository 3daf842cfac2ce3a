// SPDX-License-Identifier: AGPL-3.0-or-later
// Sessions: the live connections of a hub. Each is an Acceptor with its own way to the commit queue; answers come back
// to the io_context's thread and wake the connection. announce() tells every live session what a commit changed. All on
// the io_context's thread but announce(). It also decides who is let in, and how often (schema/wire/limits.h). The
// connections (and so what admit() made) must be gone before it.
#pragma once

#include <map>

#include "server/hub/commit_queue.h"
#include "sync/link/connection.h"
#include "sync/session/penalties.h"

namespace spdlog {
class logger;
}

namespace satchel::hub {

class HubSession;

class Sessions {
 public:
  struct Setup {
    boost::asio::io_context& io;
    node::Replica& replica;
    CommitQueue& queue;
    spdlog::logger& log;
    Clock& clock;
    Limits limits = {};
  };
  explicit Sessions(Setup setup) : setup_(setup) {}

  // The Listener's factory. Nothing once the hub is leaving.
  std::unique_ptr<Endpoint> admit(Channel channel);
  // Any thread. `source` made the change alone and knows it; 0: nobody does.
  void announce(const node::Effects& effects, std::uint64_t source);
  // Answers were delivered: who was not read for want of room may be read again.
  void resume();
  // Takes no more frames, answers what is being committed, says goodbye, and calls `gone` when the last one has left.
  void leave(std::function<void()> gone);
  std::size_t count() const { return live_.size(); }

 private:
  friend class HubSession;
  void ended(HubSession& session);
  Result<void> greet(HubSession& session, const NodeId& peer, bool stranger);

  Setup setup_;
  Penalties<NodeId> penalties_{{kPenaltyMax, kPenaltyMost, kPenaltyForgivenAfter, kPenaltiesKept}};
  std::size_t held_ = 0;  // sessions that are not read for want of room

  std::map<std::uint64_t, HubSession*> live_;
  std::map<NodeId, std::vector<HubSession*>> by_node_;  // that were let in, oldest first; strangers under none
  std::uint64_t last_number_ = 0;
  bool leaving_ = false;
  std::function<void()> gone_;
};

}  // namespace satchel::hub
