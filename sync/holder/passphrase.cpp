// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

namespace satchel::holder {

namespace {

constexpr const char* kFileVariable = "SATCHEL_PASSPHRASE_FILE";
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
  // False at its end or when given up. Keys come one by one, so that Ctrl-C leaves the terminal as it was.
  bool read_line(std::string& line) const {
    constexpr char kInterrupt = 3;
    constexpr char kEnd = 4;
    for (char c = 0;;) {
      const auto got = ::read(fd_, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || c == kInterrupt || c == kEnd) return false;
      if (c == '\n' || c == '\r') return true;
      if (c == '\b' || c == 0x7f) {
        take_back(line);
      } else if (line.size() < kSecretBytesMax) {
        line += c;
      }
    }
  }

 private:
  static void take_back(std::string& line) {
    const auto rest = [&] { return !line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80; };
    while (rest()) line.pop_back();
    if (!line.empty()) line.pop_back();
  }
  bool hush() {
    if (::tcgetattr(fd_, &before_) != 0) return false;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    return ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }

  int fd_;
  termios before_{};
  bool silent_ = false;
};

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

Result<std::string> first_line(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (!in) return fail(ErrorKind::not_found, "passphrase.no-file", file);
  // No more than it may be: the file may be a device that never ends.
  for (char c = 0; line.size() <= kSecretBytesMax + 1 && in.get(c) && c != '\n';) line += c;
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(ErrorKind::usage, "vault.empty-passphrase");
  if (line.size() > kSecretBytesMax) return fail(ErrorKind::usage, "passphrase.too-long", file);
  return line;
}

}  // namespace

Result<std::string> read_passphrase(const std::string& file, bool fresh, const PassphrasePrompts& prompts) {
  const char* named = std::getenv(kFileVariable);
  if (!file.empty()) return first_line(file);
  if (named != nullptr && *named != '\0') return first_line(named);
  SATCHEL_GET(typed, ask_secret(prompts.ask));
  if (!fresh) return typed;
  SATCHEL_GET(again, ask_secret(prompts.again));
  if (typed != again) return fail(ErrorKind::usage, "passphrase.mismatch");
  return typed;
}

}  // namespace satchel::holder
