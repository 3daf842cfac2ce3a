// SPDX-License-Identifier: AGPL-3.0-or-later
// Call: an Initiator on its channel as a key-holding node runs it. It looks up twice a second while live: whether it
// was told to stop, and whether another program on the same vault wrote something that should be pushed. The connection
// owns it; `ended` is called once, with what it came to.
#pragma once

#include "sync/holder/exchange.h"
#include "sync/link/connection.h"
#include "sync/session/initiator.h"

namespace satchel::holder {

class Call final : public Endpoint {
 public:
  struct Setup {
    Device& device;
    NodeId hub;
    bool live = false;
    const ExchangeOptions& options;
    std::function<void(const session::SyncReport&)> settled;
    std::function<void(const session::SyncReport&, const Result<void>&)> ended;
  };
  Call(Setup setup, const Channel& channel);

  void on_open(MonoTime now) override;
  void on_frame(MonoTime now, View frame) override;
  void on_tick(MonoTime now) override;
  void on_closed(MonoTime now) override;
  std::optional<MonoTime> next_deadline() const override;
  std::vector<Bytes> take_output() override;
  void on_backlog(std::size_t bytes) override { initiator_.on_backlog(bytes); }
  bool finished() const override { return leaving_ || initiator_.finished(); }

 private:
  struct Written {
    node::Ordinal last = 0;
    std::size_t waiting = 0;
    bool operator==(const Written&) const = default;
  };
  void look(MonoTime now);
  void leave() { leaving_ = true; }
  Result<Written> written() const;

  Setup setup_;
  session::Initiator initiator_;
  MonoTime opened_{};
  MonoTime next_look_{};
  MonoTime asked_{};
  Written seen_;
  bool leaving_ = false;
  bool said_goodbye_ = false;
};

}  // namespace satchel::holder
