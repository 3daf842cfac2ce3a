// SPDX-License-Identifier: AGPL-3.0-or-later
// The least code that makes a TLS 1.3 connection over loopback: blocking sockets and OpenSSL, two ends, no checks of
// who is who. For the bare pipeline only (bare.h), never for the product.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace satchel::bench {

// What every call that must succeed goes through.
void must(bool good, const char* what);
double now_ms();

// A listening loopback socket with a TLS identity of its own.
class BareHub {
 public:
  BareHub();
  ~BareHub();
  BareHub(const BareHub&) = delete;
  int accept() const;  // a TCP socket
  SSL_CTX* context() const { return context_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  int socket_;
  std::uint16_t port_;
};

class BareChannel {
 public:
  // The hub's end of a socket it accepted.
  static BareChannel accepted(const BareHub& hub, int socket);
  // The device's end.
  static BareChannel dialled(SSL_CTX* context, std::uint16_t port);
  BareChannel(BareChannel&& other) noexcept;
  ~BareChannel();
  void write(std::span<const unsigned char> bytes);
  void read(std::span<unsigned char> bytes);
  // Until the other end closes.
  void read_to_end();

 private:
  BareChannel(SSL_CTX* context, int socket, bool accept);
  int socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> bare_client_context();

// Runs both ends of one connection, the hub's on a thread of its own.
void bare_pair(const std::function<void(BareChannel&)>& hub_end, const std::function<void(BareChannel&)>& device_end);

}  // namespace satchel::bench
