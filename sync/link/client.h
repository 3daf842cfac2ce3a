// SPDX-License-Identifier: AGPL-3.0-or-later
// Dialling a hub. Dialer makes connections on an io_context, one at a time (a device's live mode, a branch hub's
// link upward); run_endpoint() is the same for a command that just wants to wait. sync/link/dial.h has the coroutine.
// Outcome: a value when the Endpoint finished. Else offline "link.unreachable" (name or route), "link.refused",
// "link.wrong-pin" (somebody else answers there), "link.tls", "link.timeout", "link.cut" and the other ends of
// connection.h; what was acknowledged until then holds, so the caller simply dials again (backoff.h).
#pragma once

#include "sync/link/address.h"
#include "sync/link/connection.h"

namespace satchel {

class Dialer {
 public:
  // `io` and `clock` must outlive it and the last `done`. `tls`: TlsContext::client with the hub's pins.
  Dialer(boost::asio::io_context& io, Clock& clock, TlsContext tls, Limits limits = {});
  ~Dialer();  // stops
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // `done` is called once, on the io_context's thread, when the connection is over or never came about.
  // Not while another dial() is under way.
  void dial(const HostPort& to, EndpointFactory factory, Done done);
  bool busy() const;
  // Ends what is under way; its `done` is still called.
  void stop();

 private:
  class Live;
  std::shared_ptr<Live> live_;
};

// Dials, runs the Endpoint until it has finished, and returns. Blocks; has an io_context of its own.
Result<void> run_endpoint(const HostPort& to, std::vector<Digest> pins, EndpointFactory factory, Clock& clock,
                          Millis timeout, const Limits& limits = {});

}  // namespace satchel
