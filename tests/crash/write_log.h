// SPDX-License-Identifier: AGPL-3.0-or-later
// The log that record_writes.cpp makes and replay.cpp reads: entries in the order in which calls returned, over all
// threads and processes that share the log file. Read on the machine that wrote it; not a format to keep.
// A file is known by device and inode, so that it stays the same one when it is renamed.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/bytes.h"

namespace satchel::crash {

enum class LogKind : std::uint32_t {
  named = 1,       // payload: a path the file was opened by or renamed to
  write = 2,       // offset, payload: the bytes that were written
  resize = 3,      // offset: the new size
  sync_begin = 4,  // offset: a tag that its sync_end repeats
  sync_end = 5,    // what was written before the matching sync_begin is durable
  mark = 6,        // payload: text
};
inline constexpr std::uint32_t kLogMagic = 0x5a7c4e10;
inline constexpr std::uint32_t kLogDurable = 1;  // of a write: durable when it returned (O_DSYNC)
inline constexpr std::uint32_t kLogRenamed = 2;  // of named: by a rename

// Before each payload, in the machine's own layout.
struct LogHeader {
  std::uint32_t magic;
  LogKind kind;
  std::uint32_t flags;
  std::uint32_t payload;
  std::uint64_t device;
  std::uint64_t inode;
  std::uint64_t offset;
};
static_assert(sizeof(LogHeader) == 40);

struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const FileId&) const = default;
};

struct LogEntry {
  LogKind kind;
  std::uint32_t flags;
  FileId file;
  std::uint64_t offset;
  View payload;
};

// Functions throw std::runtime_error: a test cannot go on without its log.
class WriteLog {
 public:
  explicit WriteLog(const std::filesystem::path& path);
  WriteLog(WriteLog&&) = default;  // entries borrow the bytes, which stay where they are
  const std::vector<LogEntry>& entries() const { return entries_; }
  // The one file whose last name ends with this.
  FileId file(std::string_view path_end) const;
  // Texts of all marks, in order.
  std::vector<std::string> marks() const;

 private:
  Bytes bytes_;
  std::vector<LogEntry> entries_;
};

// Adds a mark from outside the recorded program.
void append_mark(const std::filesystem::path& log, std::string_view text);

}  // namespace satchel::crash
