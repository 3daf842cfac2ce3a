// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace satchel::cli {

namespace {

constexpr std::size_t kSecretBytesMax = 1024;

class Tty {
 public:
  Tty() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) { silent_ = fd_ >= 0 && hush(); }
  ~Tty() {
    if (silent_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) ::close(fd_);
  }
  Tty(const Tty&) = delete;
  Tty& operator=(const Tty&) = delete;

  bool usable() const { return silent_; }
  void write(std::string_view text) const { [[maybe_unused]] const auto done = ::write(fd_, text.data(), text.size()); }
  // False at its end or when interrupted.
  bool read_line(std::string& line) const {
    for (char c = 0;;) {
      const auto got = ::read(fd_, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      if (c == '\n') return true;
      if (line.size() < kSecretBytesMax) line += c;
    }
  }

 private:
  bool hush() {
    if (::tcgetattr(fd_, &before_) != 0) return false;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON;
    return ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }

  int fd_;
  termios before_{};
  bool silent_ = false;
};

}  // namespace

Result<std::string> ask_secret(const std::string& prompt) {
  const Tty tty;
  if (!tty.usable()) return fail(ErrorKind::usage, "passphrase.no-terminal");
  tty.write(prompt);
  std::string line;
  const bool whole = tty.read_line(line);
  tty.write("\n");
  if (!whole || line.empty()) return fail(ErrorKind::usage, "vault.empty-passphrase");
  return line;
}

int terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace satchel::cli
