// SPDX-License-Identifier: AGPL-3.0-or-later
// HubService: a running hub on an open store: listens, lets sessions in, commits what they hand in, tells the others,
// and (a branch hub) keeps its link to headquarters. Three threads: one io_context with all sessions, the commit queue,
// the link upward. start() returns when it listens; everything in Setup must outlive the service.
// Only codes, node ids, addresses and counts are logged, never content.
#pragma once

#include "server/hub/upstream.h"
#include "sync/link/server.h"

namespace satchel::hub {

class HubService {
 public:
  struct Setup {
    Store& store;
    Clock& clock;
    Entropy& entropy;
    spdlog::logger& log;
    Identity identity;
    OrgId org;
    TlsIdentity tls;
    HostPort listen;                                // a numeric address; port 0: any free one
    std::optional<HubPlace> invited = {};           // of a branch hub: headquarters, until the directory names it
    std::string upstream_address = {};              // of a branch hub: used instead of the directory's, when not empty
    std::function<void(const Error&)> broken = {};  // the store cannot go on: stop and start anew. Any thread
    Limits limits = {};
    Millis backoff_first = kBackoffFirst;
    Millis backoff_most = kBackoffMost;
  };
  // offline "link.listen", or what the store or its directory said.
  static Result<std::unique_ptr<HubService>> start(Setup setup);
  ~HubService();  // stops

  // Stops accepting, answers what is under way, says goodbye, commits what waits, and ends the link upward. Blocks;
  // at most kLeaveMax and kCutMax. Then the store may be closed.
  void stop();

  // Calls `alive` when the sessions' thread has its turn, and not while it hangs.
  void pulse(std::function<void()> alive);

  std::uint16_t port() const;
  bool is_headquarters() const;
  // Of a branch hub: connected, and everything exchanged at least once since.
  bool upstream_settled() const;
  std::uint64_t commit_groups() const;
  node::Replica& replica();

 private:
  class Live;
  explicit HubService(std::unique_ptr<Live> live);
  std::unique_ptr<Live> live_;
};

}  // namespace satchel::hub
