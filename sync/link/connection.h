// SPDX-License-Identifier: AGPL-3.0-or-later
// Connection: one Endpoint over one TLS channel, from the handshake to the farewell. Plumbing only: it awaits
// frames, hands them to the Endpoint, sends what comes out, keeps the deadlines, and enforces schema/wire/limits.h.
// Runs on the one thread of its io_context; only Channel::wake may be called from elsewhere. It keeps itself
// alive until it has told `done`, so nothing here need be held on to; the io_context, the clock and whatever the
// factory's Endpoint refers to must outlive that moment. `done` gets a value when the Endpoint had finished, else
// why the channel ended: offline "link.cut", "link.wrong-pin", "link.tls", "link.idle", "link.too-slow" …, invalid
// "link.frame-empty" or "link.frame-too-long".
// Life: shaking hands -> open -> draining (sends what is queued) -> leaving (farewell said, awaits the peer's) -> over.
#pragma once

#include <functional>
#include <memory>

#include "schema/wire/limits.h"
#include "sync/link/tls_context.h"
#include "sync/session/endpoint.h"

namespace boost::asio {
class io_context;
}

namespace satchel {

// What an Endpoint is told of the channel it gets.
struct Channel {
  std::array<Byte, 32> exporter;  // the same at both ends, different in every connection
  std::string remote;             // address as text, for logs
  // Has take_output() called soon. Any thread, any number of times; harmless after the connection has ended.
  std::function<void()> wake;
};

// Makes the Endpoint when the handshake is done. No Endpoint: the connection is closed.
using EndpointFactory = std::function<std::unique_ptr<Endpoint>(Channel)>;
using Done = std::function<void(Result<void>)>;

class Connection {
 public:
  struct Setup {
    boost::asio::io_context& io;
    Clock& clock;
    TlsContext tls;  // its side is the connection's side
    int socket;      // connected, non-blocking; owned from here on
    std::string remote;
    EndpointFactory factory;
    Limits limits;
    std::function<void()> settled;   // called once: the first frame is there, or none will come. May be empty
    std::function<void()> stranger;  // called before `done` if the peer never proved to be one we know. May be empty
    Done done;                       // called once, last
  };
  static std::shared_ptr<Connection> start(Setup setup);

  // Sends what is queued, says farewell and ends, within limits.close each. On the io_context's thread.
  virtual void stop() = 0;
  virtual ~Connection() = default;
};

}  // namespace satchel
