// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/line.h"

#include <boost/asio/io_context.hpp>

#include "server/hub/caller.h"
#include "sync/link/client.h"
#include "sync/node/upkeep.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"

namespace satchel::bench {

namespace {

// The caller, and when the frame that is being handled came.
class Watched final : public Endpoint {
 public:
  Watched(std::unique_ptr<Endpoint> inner, double& came) : inner_(std::move(inner)), came_(came) {}
  void on_open(MonoTime now) override { inner_->on_open(now); }
  void on_frame(MonoTime now, View frame) override {
    came_ = now_ms();
    inner_->on_frame(now, frame);
  }
  void on_tick(MonoTime now) override { inner_->on_tick(now); }
  void on_closed(MonoTime now) override { inner_->on_closed(now); }
  std::optional<MonoTime> next_deadline() const override { return inner_->next_deadline(); }
  std::vector<Bytes> take_output() override { return inner_->take_output(); }
  void on_backlog(std::size_t bytes) override { inner_->on_backlog(bytes); }
  bool finished() const override { return inner_->finished(); }

 private:
  std::unique_ptr<Endpoint> inner_;
  double& came_;
};

}  // namespace

class Line::Live {
 public:
  Live(holder::Device& device, std::uint16_t port, bool upkeep)
      : device_(device),
        port_(port),
        upkeep_(upkeep),
        dialer_(io_, clock_, need(TlsContext::client({device.config().hubs.at(0).pin}))) {}

  ~Live() {
    dialer_.stop();
    io_.run();
  }

  Round connect(bool live) {
    const double start = now_ms();
    dialer_.dial(
        {"127.0.0.1", port_}, [this, live](Channel channel) { return caller(std::move(channel), live); },
        [this](const Result<void>& done) {
          over_ = true;
          if (!done) why_ = done.error().code;
        });
    return finish_round(start, {});
  }

  Round round() {
    const double start = now_ms();
    const session::SyncReport before = report_;
    settled_ = false;
    caller_->poke();
    return finish_round(start, before);
  }

 private:
  std::unique_ptr<Endpoint> caller(Channel channel, bool live) {
    session::InitiatorHooks hooks;
    if (upkeep_) hooks.upkeep = [this] { return node::do_upkeep(device_.replica(), device_.keyring()); };
    const auto note = [this](const session::SyncReport& report) {
      if (report.sent != sent_) acknowledged_ = came_;
      sent_ = report.sent;
    };
    hooks.progress = note;
    hooks.settled = [this, note](const session::SyncReport& report) {
      note(report);  // the last acknowledgement may be what settles the round
      report_ = report;
      settled_ = true;
    };
    const auto ended = [this](const session::Initiator& initiator) {
      if (!initiator.outcome()) why_ = initiator.outcome().error().code;
    };
    auto made = std::make_unique<hub::Caller>(
        hub::Caller::Setup{device_.replica(), device_.config().hubs.at(0).node, live, std::move(hooks), ended},
        std::move(channel));
    caller_ = made.get();
    return std::make_unique<Watched>(std::move(made), came_);
  }

  Round finish_round(double start, const session::SyncReport& before) {
    while (!settled_ && !over_) io_.run_one();
    if (!settled_) throw std::runtime_error("a sync ended early: " + why_);
    Round out;
    out.ms = now_ms() - start;
    out.up = report_.bytes_up - before.bytes_up;
    out.down = report_.bytes_down - before.bytes_down;
    out.sent = report_.sent - before.sent;
    if (out.sent > 0) out.acknowledged_ms = acknowledged_ - start;
    out.received = report_.received - before.received;
    return out;
  }

  holder::Device& device_;
  std::uint16_t port_;
  bool upkeep_;
  SystemClock clock_;
  boost::asio::io_context io_{1};
  Dialer dialer_;
  hub::Caller* caller_ = nullptr;
  session::SyncReport report_;
  double came_ = 0;
  double acknowledged_ = 0;
  std::size_t sent_ = 0;
  bool settled_ = false;
  bool over_ = false;
  std::string why_;
};

Line::Line(holder::Device& device, std::uint16_t port, bool upkeep)
    : live_(std::make_unique<Live>(device, port, upkeep)) {}
Line::~Line() = default;
Round Line::connect() { return live_->connect(true); }
Round Line::round() { return live_->round(); }

Round sync_once(holder::Device& device, std::uint16_t port) {
  Line line(device, port);
  return line.connect();
}

}  // namespace satchel::bench
