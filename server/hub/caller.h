// SPDX-License-Identifier: AGPL-3.0-or-later
// Caller: an Initiator on its channel, for those who need to know how it ended. The connection owns it; `ended` is
// called once, before the connection's own `done`.
#pragma once

#include "sync/link/connection.h"
#include "sync/session/initiator.h"

namespace satchel::hub {

class Caller final : public Endpoint {
 public:
  struct Setup {
    node::Replica& replica;
    NodeId hub;
    bool live = false;
    session::InitiatorHooks hooks = {};
    std::function<void(const session::Initiator&)> ended = {};
  };
  Caller(Setup setup, Channel channel)
      : wake_(std::move(channel.wake)),
        ended_(std::move(setup.ended)),
        initiator_(setup.replica, Bytes(channel.exporter.begin(), channel.exporter.end()), setup.hub, setup.live,
                   std::move(setup.hooks)) {}

  void on_open(MonoTime now) override { initiator_.on_open(now); }
  void on_frame(MonoTime now, View frame) override { initiator_.on_frame(now, frame); }
  void on_tick(MonoTime now) override { initiator_.on_tick(now); }
  void on_closed(MonoTime now) override {
    initiator_.on_closed(now);
    if (ended_) ended_(initiator_);
  }
  std::optional<MonoTime> next_deadline() const override { return initiator_.next_deadline(); }
  std::vector<Bytes> take_output() override { return initiator_.take_output(); }
  void on_backlog(std::size_t bytes) override { initiator_.on_backlog(bytes); }
  bool finished() const override { return initiator_.finished(); }

  // On the connection's thread.
  void poke() {
    initiator_.poke();
    wake_();
  }

 private:
  std::function<void()> wake_;
  std::function<void(const session::Initiator&)> ended_;
  session::Initiator initiator_;
};

// Where another hub is, and how it is known to be the right one.
struct HubPlace {
  NodeId hub;
  std::string address;
  std::vector<Digest> pins;
};

// Headquarters' hub as the directory names it; nothing while it names none.
inline std::optional<HubPlace> headquarters(const Directory& directory) {
  for (const auto& [id, node] : directory.nodes()) {
    if (!node.hq_hub || node.revoked) continue;
    HubPlace place{id, node.address, {node.tls_pin}};
    if (!directory.backup_pin().none()) place.pins.push_back(directory.backup_pin());
    return place;
  }
  return std::nullopt;
}

}  // namespace satchel::hub
