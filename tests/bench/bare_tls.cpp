// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/bare_tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

namespace satchel::bench {
namespace {

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  must(context != nullptr, "TLS context");
  must(SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1, "TLS 1.3");
  SSL_CTX_set_num_tickets(context.get(), 0);
  // The cipher and the group Satchel uses, so that the two are compared at equal strength.
  must(SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") == 1, "cipher");
  must(SSL_CTX_set1_groups_list(context.get(), "X25519") == 1, "group");
  return context;
}

void give_identity(SSL_CTX* context) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  must(key && certificate, "TLS identity");
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
  must(X509_set_pubkey(certificate.get(), key.get()) == 1 &&
           X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0 &&
           SSL_CTX_use_certificate(context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1,
       "TLS identity");
}

void no_delay(int socket) {
  const int on = 1;
  must(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("bare pipeline: ") + what);
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

BareHub::BareHub()
    : context_(make_context(TLS_server_method())), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(0) {
  give_identity(context_.get());
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  must(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(socket_, SOMAXCONN) == 0,
       "listen");
  must(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "port");
  port_ = ntohs(address.sin_port);
}

BareHub::~BareHub() { ::close(socket_); }

int BareHub::accept() const {
  const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  must(socket >= 0, "accept");
  no_delay(socket);
  return socket;
}

BareChannel::BareChannel(SSL_CTX* context, int socket, bool accept)
    : socket_(socket), ssl_(SSL_new(context), SSL_free) {
  must(ssl_ && SSL_set_fd(ssl_.get(), socket) == 1, "TLS channel");
  must((accept ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get())) == 1, "handshake");
}

BareChannel::BareChannel(BareChannel&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ssl_(std::move(other.ssl_)) {}

BareChannel::~BareChannel() {
  if (socket_ < 0) return;
  SSL_shutdown(ssl_.get());
  ssl_.reset();
  ::close(socket_);
}

BareChannel BareChannel::accepted(const BareHub& hub, int socket) { return {hub.context(), socket, true}; }

BareChannel BareChannel::dialled(SSL_CTX* context, std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  must(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  no_delay(socket);
  return {context, socket, false};
}

void BareChannel::write(std::span<const unsigned char> bytes) {
  std::size_t count = 0;
  must(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1 && count == bytes.size(), "write");
}

void BareChannel::read(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    must(SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1, "read");
    bytes = bytes.subspan(count);
  }
}

void BareChannel::read_to_end() {
  unsigned char byte = 0;
  std::size_t count = 0;
  while (SSL_read_ex(ssl_.get(), &byte, 1, &count) == 1) continue;
}

Context bare_client_context() { return make_context(TLS_client_method()); }

void bare_pair(const std::function<void(BareChannel&)>& hub_end, const std::function<void(BareChannel&)>& device_end) {
  BareHub hub;
  const Context client = bare_client_context();
  std::exception_ptr fault;
  std::thread hub_thread([&] {
    try {
      BareChannel channel = BareChannel::accepted(hub, hub.accept());
      hub_end(channel);
    } catch (...) {
      fault = std::current_exception();
    }
  });
  try {
    BareChannel channel = BareChannel::dialled(client.get(), hub.port());
    device_end(channel);
  } catch (...) {
    if (!fault) fault = std::current_exception();
  }
  hub_thread.join();
  if (fault) std::rethrow_exception(fault);
}

}  // namespace satchel::bench
