// SPDX-License-Identifier: AGPL-3.0-or-later
// Listener: a hub's listening socket. Accepts, shakes hands, gives each connection an Endpoint from the factory, and
// keeps count. Strangers are bounded twice: so many from one address and so many in all may be between their
// connect and their first frame; more from one address wait parked, more in all are not accepted yet. Out of
// descriptors it lets one caller go with a spare one and pauses.
// One thread: the io_context's. stop() may be called from any thread; after its `stopped` nothing of this room runs
// any more, and only then may the io_context, the clock and what the factory refers to go.
#pragma once

#include <cstdint>

#include "sync/link/address.h"
#include "sync/link/connection.h"

namespace satchel {

// For the log: a stable code such as "link.too-slow", the peer's address, and details. On the io_context's thread.
using LinkLog = std::function<void(std::string_view code, std::string_view remote, std::string_view detail)>;

class Listener {
 public:
  struct Setup {
    boost::asio::io_context& io;
    Clock& clock;
    TlsContext tls;   // TlsContext::server
    HostPort listen;  // a numeric address; port 0: any free one
    EndpointFactory factory;
    LinkLog log = {};  // how connections ended, and trouble with accepting
    Limits limits = {};
  };
  // failed "link.listen" when the address cannot be had.
  static Result<std::unique_ptr<Listener>> open(Setup setup);
  ~Listener();  // stops

  std::uint16_t port() const;
  std::size_t connections() const;  // at this moment; any thread
  // Accepts no more, and lets go who waits for a slot; connections go on. Any thread.
  void close();
  // Accepts no more; sends what every connection has queued, says farewell, and calls `stopped` when all are over.
  void stop(std::function<void()> stopped);

 private:
  class Live;
  explicit Listener(std::shared_ptr<Live> live);
  std::shared_ptr<Live> live_;
};

}  // namespace satchel
