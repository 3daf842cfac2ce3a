// SPDX-License-Identifier: AGPL-3.0-or-later
// Upstream: a branch hub's link to headquarters. Calls, stays connected in live mode, hands up what the hub took
// (poke()) and takes what headquarters has for the branch; when the line is cut it dials again, after a wait that
// doubles and is jittered. Where headquarters is, the directory says; until it is known, the invitation.
// It has a thread and an io_context of its own and writes through the same replica as the commit queue.
#pragma once

#include <atomic>
#include <memory>

#include "server/hub/caller.h"
#include "sync/link/backoff.h"

namespace spdlog {
class logger;
}

namespace satchel::hub {

// What status shows of the link upward; kept in Table::meta.
struct Exchange {
  WallTime complete;  // when everything was last exchanged; 0: never
  WallTime tried;     // when it last failed; 0: the last attempt did not
  std::string code;   // why
};
Result<Exchange> last_exchange(const ReadTxn& txn);

class Upstream {
 public:
  struct Setup {
    node::Replica& replica;
    Clock& clock;
    Entropy& entropy;
    spdlog::logger& log;
    std::optional<HubPlace> invited = {};  // until the directory names headquarters
    std::string address = {};              // used instead of what the directory says, when not empty
    Limits limits = {};
    Millis backoff_first = kBackoffFirst;
    Millis backoff_most = kBackoffMost;
  };
  explicit Upstream(Setup setup);
  ~Upstream();  // stops

  // Once, when whoever watches the replica is ready.
  void start();
  // Something was taken here. Any thread, any number of times.
  void poke();
  void stop();
  // Whether the caller runs on the link's own thread, so that what it wrote came from headquarters.
  bool on_its_thread() const;
  // Connected, and everything exchanged at least once since.
  bool settled() const;

 private:
  class Live;
  std::unique_ptr<Live> live_;
};

}  // namespace satchel::hub
