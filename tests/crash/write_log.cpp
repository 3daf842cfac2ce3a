// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/write_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>

namespace satchel::crash {

WriteLog::WriteLog(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("no write log at " + path.string());
  bytes_.resize(std::filesystem::file_size(path));
  in.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size()));
  View rest = bytes_;
  while (!rest.empty()) {
    LogHeader header{};
    if (rest.size() < sizeof header) throw std::runtime_error("write log cut short: " + path.string());
    std::memcpy(&header, rest.data(), sizeof header);
    rest = rest.subspan(sizeof header);
    if (header.magic != kLogMagic || header.payload > rest.size()) {
      throw std::runtime_error("write log damaged: " + path.string());
    }
    entries_.push_back(
        {header.kind, header.flags, {header.device, header.inode}, header.offset, rest.first(header.payload)});
    rest = rest.subspan(header.payload);
  }
}

FileId WriteLog::file(std::string_view path_end) const {
  std::map<FileId, std::string> names;
  for (const LogEntry& entry : entries_) {
    if (entry.kind == LogKind::named) names[entry.file] = std::string(text(entry.payload));
  }
  const FileId* found = nullptr;
  for (const auto& [file, name] : names) {
    if (!name.ends_with(path_end)) continue;
    if (found != nullptr) throw std::runtime_error("two files in the log are called " + std::string(path_end));
    found = &file;
  }
  if (found == nullptr) throw std::runtime_error("no file in the log is called " + std::string(path_end));
  return *found;
}

std::vector<std::string> WriteLog::marks() const {
  std::vector<std::string> texts;
  for (const LogEntry& entry : entries_) {
    if (entry.kind == LogKind::mark) texts.emplace_back(text(entry.payload));
  }
  return texts;
}

void append_mark(const std::filesystem::path& log, std::string_view text) {
  const LogHeader header{kLogMagic, LogKind::mark, 0, static_cast<std::uint32_t>(text.size()), 0, 0, 0};
  std::string entry(reinterpret_cast<const char*>(&header), sizeof header);
  entry += text;
  const int fd = ::open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const bool done = fd >= 0 && ::write(fd, entry.data(), entry.size()) == static_cast<ssize_t>(entry.size());
  if (fd >= 0) ::close(fd);
  if (!done) throw std::runtime_error("cannot add to " + log.string());
}

}  // namespace satchel::crash
