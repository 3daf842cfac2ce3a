// SPDX-License-Identifier: AGPL-3.0-or-later
// The hub's process: the service `satcheld serve` runs, on the folder that was founded.
// start -> port; stop; entries -> entries in the log.
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include "server/hub/hub_service.h"
#include "sync/link/system_clock.h"
#include "sync/node/log.h"
#include "sync/seal/system_entropy.h"
#include "tests/bench/company.h"
#include "tests/bench/worker.h"

namespace satchel::bench {

namespace {

class RunningHub {
 public:
  explicit RunningHub(const std::filesystem::path& folder) : open_(need(hub::open_hub({folder}))) {
    Limits limits;
    limits.pending_per_address = limits.pending;    // all devices come from this one machine
    limits.sessions_per_node = limits.connections;  // and one of them stands for many
    service_ = need(hub::HubService::start({*open_.store,
                                            clock_,
                                            entropy_,
                                            log_,
                                            open_.identity,
                                            open_.config.org,
                                            open_.tls,
                                            {"127.0.0.1", 0},
                                            {},
                                            {},
                                            {},
                                            limits}));
  }
  std::uint16_t port() const { return service_->port(); }
  double entries() {
    auto txn = need(open_.store->begin_read());
    return static_cast<double>(need(node::last_ordinal(*txn)));
  }

 private:
  SystemClock clock_;
  SystemEntropy entropy_;
  spdlog::logger log_{"hub", std::make_shared<spdlog::sinks::null_sink_mt>()};
  hub::OpenHub open_;
  std::unique_ptr<hub::HubService> service_;
};

}  // namespace

int hub_worker(const Words& arguments) {
  const std::filesystem::path folder = arguments.at(0);
  std::unique_ptr<RunningHub> hub;
  Verbs verbs;
  verbs["start"] = [&](const Words&) -> Numbers {
    hub = std::make_unique<RunningHub>(folder);
    return {static_cast<double>(hub->port())};
  };
  verbs["stop"] = [&](const Words&) -> Numbers {
    hub.reset();
    return {};
  };
  verbs["entries"] = [&](const Words&) -> Numbers { return {hub->entries()}; };
  return serve_verbs(std::move(verbs));
}

}  // namespace satchel::bench
