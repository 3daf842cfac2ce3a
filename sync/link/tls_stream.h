// SPDX-License-Identifier: AGPL-3.0-or-later
// TLS over a non-blocking socket, without waiting: every call does what it can at once and says what it lacks.
// OpenSSL reads the socket itself and leaves its ciphertext in a buffer of ours, so that many records go out in
// one system call. This stands in for asio::ssl::stream, which keeps 34 KiB of buffers and a 34 KiB BIO pair for
// every connection, also for an idle one, and copies everything twice more.
// Borrows the descriptor; one thread at a time.
#pragma once

#include <array>
#include <memory>

#include "schema/base/bytes.h"
#include "sync/link/tls_context.h"

struct ssl_st;

namespace satchel {

class TlsStream {
 public:
  enum class Step {
    done,
    again,   // nothing more until the socket is readable (flush(): writable)
    closed,  // the peer said farewell
    failed,  // why() tells
  };
  TlsStream(int socket, const TlsContext& context);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // Flush after every step: there may be something to send whatever it says.
  Step handshake();
  Step read(std::span<Byte> into, std::size_t& count);
  // Encrypts all of it; flush() sends.
  void write(View plain);
  Step flush();
  // Tells the peer that nothing more will come; flush() sends it.
  void farewell();

  // Ciphertext not yet taken by the kernel.
  std::size_t unsent() const;
  // Ciphertext the kernel has taken, ever.
  std::uint64_t sent() const;
  // Ciphertext received, ever.
  std::uint64_t received() const;
  // The peer's key was none of the pinned ones.
  bool wrong_pin() const;
  std::string why() const { return why_; }
  // Keying material both ends share and nobody else has (RFC 9266 with a label of ours).
  std::array<Byte, 32> exporter() const;

  struct Wire;  // what OpenSSL reads from and writes to

 private:
  Step judge(int outcome);
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  std::string why_;
};

}  // namespace satchel
