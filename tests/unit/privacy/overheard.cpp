// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/privacy/overheard.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "server/hub/sessions.h"
#include "sync/node/upkeep.h"
#include "sync/session/initiator.h"

namespace satchel::test {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kPatience{20};  // for the disk behind the commit queue

}  // namespace

Overheard::Overheard()
    : logger_(std::make_shared<spdlog::logger>("hub", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_))) {
  logger_->set_level(spdlog::level::trace);
}

Overheard::~Overheard() = default;

bool Overheard::carry(Endpoint& from, Endpoint& to, const std::string& line, bool up) {
  const MonoTime now{company.world().time.ms};
  auto frames = from.take_output();
  for (auto& frame : frames) {
    to.on_frame(now, frame);
    frames_.push_back({line, up, std::move(frame)});
  }
  return !frames.empty();
}

void Overheard::sync(Seat& seat, sim::Node& hub) {
  auto& device = *seat.device;
  const std::string line = seat.name + " - " + hub.name;
  const MonoTime now{company.world().time.ms};
  asio::io_context io(1);
  const auto work = asio::make_work_guard(io);
  hub::CommitQueue queue({hub.replica(), [&io](std::vector<hub::Answered> answers) {
                            asio::post(io, [answers = std::move(answers)] {
                              for (const auto& [answer, result] : answers) answer(result);
                            });
                          }});
  hub::Sessions sessions({io, hub.replica(), queue, *logger_, hub.clock});
  const Channel channel{{7, 7, 7}, seat.name, [] {}};
  auto acceptor = sessions.admit(channel);
  session::InitiatorHooks hooks;
  hooks.upkeep = [&] { return node::do_upkeep(device.replica(), device.keyring()); };
  session::Initiator caller(device.replica(), Bytes(channel.exporter.begin(), channel.exporter.end()), hub.identity.id,
                            false, hooks);
  acceptor->on_open(now);
  caller.on_open(now);
  for (bool over = false; !over;) {
    const bool spoke = carry(caller, *acceptor, line, true);
    const bool answered = carry(*acceptor, caller, line, false);
    over = caller.finished();
    // Quiet: the hub is committing, and its answer comes by way of the io_context.
    if (!over && !spoke && !answered && io.run_one_for(kPatience) == 0) throw std::runtime_error(line + " is stuck");
  }
  caller.on_closed(now);
  acceptor->on_closed(now);
  acceptor.reset();
  queue.finish();
  io.poll();
  must(caller.outcome());
  company.world().time.ms += 1000;
  must(seat.book->refresh());
}

void Overheard::forward() {
  const auto link = company.world().connect(branch(), hq());
  link->tap = [this](bool up, const Bytes& frame) { frames_.push_back({"branch1 - HQ", up, frame}); };
  company.world().run(*link);
  must(link->initiator().outcome());
  company.world().time.ms += 1000;
}

std::vector<std::pair<std::string, Bytes>> rows_of(Store& store) {
  std::vector<std::pair<std::string, Bytes>> out;
  const auto txn = must(store.begin_read());
  for (std::size_t t = 0; t < kTableCount; ++t) {
    must(scan_prefix(*txn, static_cast<Table>(t), {}, [&](KeyValue pair) {
      Bytes row = copy(pair.key);
      row.insert(row.end(), pair.value.begin(), pair.value.end());
      out.emplace_back("table " + std::to_string(t), std::move(row));
      return true;
    }));
  }
  return out;
}

}  // namespace satchel::test
