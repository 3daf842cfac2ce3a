// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/link/fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace satchel::link_test {

LinkLog Log::sink() {
  return [this](std::string_view code, std::string_view, std::string_view) {
    const std::lock_guard guard(lock_);
    codes_.emplace(code);
    news_.notify_all();
  };
}

bool Log::wait_for(std::string_view code, std::size_t times, Millis patience) {
  std::unique_lock guard(lock_);
  return news_.wait_for(guard, patience, [&] { return codes_.count(code) >= times; });
}

std::size_t Log::count(std::string_view code) {
  const std::lock_guard guard(lock_);
  return codes_.count(code);
}

std::string Log::all() {
  const std::lock_guard guard(lock_);
  std::string text;
  for (const std::string& code : codes_) text += code + " ";
  return text;
}

Hub::Hub(EndpointFactory factory, Limits limits, std::string host)
    : identity_(TlsIdentity::make().value()), host_(std::move(host)), io_(1) {
  Listener::Setup setup{io_, clock_, TlsContext::server(identity_).value(), {host_, 0}, std::move(factory)};
  setup.log = log.sink();
  setup.limits = limits;
  listener_ = Listener::open(std::move(setup)).value();
  thread_ = std::thread([this] { io_.run(); });
}

bool Hub::stop() {
  if (!thread_.joinable()) return stopped_;
  listener_->stop([this] { stopped_ = true; });
  thread_.join();  // the io_context runs dry when everything has ended
  return stopped_;
}

RawPeer::RawPeer(const HostPort& to, int receive_buffer, const char* from)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket layer, used here, raises it
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(to.port);
  ::inet_pton(AF_INET, to.host.c_str(), &address.sin_addr);
  if (from != nullptr) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &own.sin_addr);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) throw std::runtime_error("bind");
  }
  if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect");
  const timeval patience{kPatience.count() / 1000, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

RawPeer::~RawPeer() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) ::close(socket_);
}

bool RawPeer::shake(int max_version) {
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context_, max_version);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, socket_);
  return SSL_connect(ssl_) == 1;
}

void RawPeer::send_plain(std::string_view text) { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }

void RawPeer::send(View bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }

void RawPeer::send_frame(std::size_t size, std::size_t count) {
  Writer frame;
  frame.u32(static_cast<std::uint32_t>(size)).raw(Bytes(count, 7));
  send(frame.bytes());
}

std::optional<std::size_t> RawPeer::read_to_end() {
  Bytes buffer(64 * 1024);
  std::size_t total = 0;
  for (;;) {
    errno = 0;
    const ssize_t count = ssl_ ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))
                               : ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count > 0) total += static_cast<std::size_t>(count);
    if (count <= 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
    if (count <= 0) return total;
  }
}

void RawPeer::cut() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(std::exchange(socket_, -1));
}

bool soon(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace satchel::link_test
