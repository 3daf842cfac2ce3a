// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld serve: runs a hub in the foreground until it is told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "server/admin/program.h"
#include "server/admin/service_watch.h"
#include "server/hub/hub_folder.h"
#include "server/hub/hub_service.h"

namespace satchel::admin {

namespace {

constexpr Text kServeHelp{"运行枢纽（前台），直到收到 SIGTERM 或 SIGINT",
                          "Run the hub in the foreground until SIGTERM or SIGINT"};
constexpr Text kVerbose{"记录得更细", "Log more"};

struct ServeWishes {
  std::string data;
  bool verbose = false;
};

std::shared_ptr<spdlog::logger> make_log(const Program& program, const ServeWishes& wishes) {
  auto log = std::make_shared<spdlog::logger>("satcheld", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  log->set_level(wishes.verbose ? spdlog::level::debug : program.quiet ? spdlog::level::warn : spdlog::level::info);
  log->flush_on(spdlog::level::info);
  return log;
}

// Until a signal, or until the store cannot go on.
int serve(Program& program, const ServeWishes& wishes, hub::OpenHub& open) {
  const auto log = make_log(program, wishes);
  boost::asio::io_context io(1);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  ServiceWatch watch(io);
  std::atomic<bool> broken = false;
  signals.async_wait([&](const boost::system::error_code&, int signal) {
    if (signal != 0) log->info("hub.stopping signal={}", signal);
    watch.end();
  });
  hub::HubService::Setup setup{*open.store,   program.clock,   program.entropy, *log,
                               open.identity, open.config.org, open.tls,        open.config.listen};
  setup.invited = open.config.headquarters;
  setup.upstream_address = open.config.upstream_address;
  setup.broken = [&](const Error&) {
    broken = true;
    boost::asio::post(io, [&] { signals.cancel(); });
  };
  auto service = hub::HubService::start(std::move(setup));
  if (!service) return program.explain(service.error());
  const std::string address = format_address({open.config.listen.host, (*service)->port()});
  program.say("ready " + address);
  boost::json::object ready;
  ready["ready"] = address;
  ready["hub"] = open.identity.id.hex();
  ready["role"] = (*service)->is_headquarters() ? "headquarters" : "branch";
  program.print(ready);
  watch.ready();
  watch.keep([&] { (*service)->pulse([&watch] { watch.alive(); }); });
  io.run();
  watch.stopping();
  (*service)->stop();
  service->reset();
  if (broken) return program.explain({ErrorKind::storage, "store.unknown", wishes.data});
  return kOk;
}

int run_serve(Program& program, const ServeWishes& wishes) {
  const hub::HubFolder folder{wishes.data};
  const auto config = hub::read_config(folder);
  if (!config) return program.explain(config.error());
  auto lock = hub::ServeLock::take(folder);
  if (!lock) return program.explain(lock.error());
  auto open = hub::open_hub(folder);
  if (!open) return program.explain(open.error());
  return serve(program, wishes, *open);
}

}  // namespace

Command serve_command() {
  auto wishes = std::make_shared<ServeWishes>();
  return {"serve",
          kServeHelp,
          "satcheld serve --data hq",
          {{"--data", kDataFolder, &wishes->data, true}, {"--verbose", kVerbose, &wishes->verbose}},
          [wishes](Program& program) { return run_serve(program, *wishes); }};
}

}  // namespace satchel::admin
