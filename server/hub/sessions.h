// SPDX-License-Identifier: AGPL-3.0-or-later
// Sessions: the live connections of a hub. Each is an Acceptor with its own way to the commit queue; answers come back
// to the io_context's thread and wake the connection. announce() tells every live session what a commit changed. All on
// the io_context's thread but announce(). The connections (and so what admit() made) must be gone before it.
#pragma once

#include <map>

#include "server/hub/commit_queue.h"
#include "sync/link/connection.h"

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
  };
  explicit Sessions(Setup setup) : setup_(setup) {}

  // The Listener's factory. Nothing once the hub is leaving.
  std::unique_ptr<Endpoint> admit(Channel channel);
  // Any thread. `source` made the change alone and knows it; 0: nobody does.
  void announce(const node::Effects& effects, std::uint64_t source);
  // Takes no more frames, answers what is being committed, says goodbye, and calls `gone` when the last one has left.
  void leave(std::function<void()> gone);
  std::size_t count() const { return live_.size(); }

 private:
  friend class HubSession;
  void ended(std::uint64_t number);

  Setup setup_;
  std::map<std::uint64_t, HubSession*> live_;
  std::uint64_t last_number_ = 0;
  bool leaving_ = false;
  std::function<void()> gone_;
};

}  // namespace satchel::hub
