// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "schema/base/result.h"

namespace satchel {

struct TlsStream::Wire {
  int socket;
  bool ended = false;
  int error = 0;
  Bytes out;  // ciphertext to send, from `gone` on
  std::size_t gone = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-satchel";
constexpr std::size_t kSpareBytesMax = 512 * 1024;

// One send buffer goes round among the connections of a thread: who has something to send borrows it, so that
// neither an idle connection keeps one nor a busy one allocates.
Bytes& spare_buffer() {
  thread_local Bytes spare;
  return spare;
}

int bio_read(BIO* bio, char* into, int size) {
  auto* wire = static_cast<TlsStream::Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(wire->socket, into, static_cast<std::size_t>(size), 0);
  if (count > 0) wire->received += static_cast<std::uint64_t>(count);
  if (count == 0) wire->ended = true;
  if (count >= 0) return static_cast<int>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    BIO_set_retry_read(bio);
  } else {
    wire->error = errno;
  }
  return -1;
}

int bio_write(BIO* bio, const char* data, int size) {
  auto* wire = static_cast<TlsStream::Wire*>(BIO_get_data(bio));
  wire->out.insert(wire->out.end(), data, data + size);
  return size;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<TlsStream::Wire*>(BIO_get_data(bio))->ended;
  return 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "satchel socket");
  SATCHEL_ASSERT(method != nullptr);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

BIO* make_bio(void* wire) {
  static BIO_METHOD* const method = make_method();
  BIO* bio = BIO_new(method);
  SATCHEL_ASSERT(bio != nullptr);
  BIO_set_data(bio, wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

TlsStream::TlsStream(int socket, const TlsContext& context)
    : wire_(new Wire{socket}), ssl_(SSL_new(context.native()), SSL_free) {
  SATCHEL_ASSERT(ssl_ != nullptr);
  BIO* bio = make_bio(wire_.get());
  SSL_set_bio(ssl_.get(), bio, bio);
  if (context.is_server()) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

TlsStream::~TlsStream() = default;

TlsStream::Step TlsStream::handshake() {
  ERR_clear_error();
  return judge(SSL_do_handshake(ssl_.get()));
}

TlsStream::Step TlsStream::read(std::span<Byte> into, std::size_t& count) {
  ERR_clear_error();
  return judge(SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
}

TlsStream::Step TlsStream::judge(int outcome) {
  if (outcome == 1) return Step::done;
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Step::again;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  if (wire_->error != 0) {
    why_ = std::strerror(wire_->error);
  } else {
    why_ = wire_->ended ? "the connection broke off" : reason ? reason : "unknown";
  }
  return Step::failed;
}

void TlsStream::write(View plain) {
  ERR_clear_error();
  if (wire_->out.capacity() == 0) wire_->out.swap(spare_buffer());
  std::size_t count = 0;
  // The sink takes everything, so this cannot block; it fails only when the channel is broken, which flush() tells.
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &count) != 1 && wire_->error == 0) wire_->error = EPIPE;
}

TlsStream::Step TlsStream::flush() {
  Wire& wire = *wire_;
  while (wire.error == 0 && unsent() > 0) {
    const ssize_t count = ::send(wire.socket, wire.out.data() + wire.gone, unsent(), MSG_NOSIGNAL);
    if (count >= 0) {
      wire.gone += static_cast<std::size_t>(count);
      wire.sent += static_cast<std::uint64_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Step::again;
    } else if (errno != EINTR) {
      wire.error = errno;
    }
  }
  if (wire.error != 0) {
    why_ = std::strerror(wire.error);
    return Step::failed;
  }
  wire.out.clear();
  wire.gone = 0;
  if (spare_buffer().capacity() == 0 && wire.out.capacity() <= kSpareBytesMax) wire.out.swap(spare_buffer());
  if (wire.out.capacity() > 0) Bytes().swap(wire.out);
  return Step::done;
}

void TlsStream::farewell() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::size_t TlsStream::unsent() const { return wire_->out.size() - wire_->gone; }
std::uint64_t TlsStream::sent() const { return wire_->sent; }
std::uint64_t TlsStream::received() const { return wire_->received; }
bool TlsStream::wrong_pin() const { return SSL_get_verify_result(ssl_.get()) == X509_V_ERR_APPLICATION_VERIFICATION; }

std::array<Byte, 32> TlsStream::exporter() const {
  std::array<Byte, 32> out{};
  const int made = SSL_export_keying_material(ssl_.get(), out.data(), out.size(), kExporterLabel.data(),
                                              kExporterLabel.size(), nullptr, 0, 0);
  SATCHEL_ASSERT(made == 1);
  return out;
}

}  // namespace satchel
