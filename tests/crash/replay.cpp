// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/replay.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>

namespace satchel::crash {

namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kExamplesMax = 6;
constexpr std::size_t kExampleBytes = 300;

// splitmix64
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number) : state_(seed * 0x9e3779b97f4a7c15 + number) { next(), next(); }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  bool chance(unsigned of_256) { return (next() & 255) < of_256; }

 private:
  std::uint64_t state_;
};

void put_at(Bytes& file, std::uint64_t offset, View bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
}

// One file at one moment: what is durable, and what came after it, in order.
class Disk {
 public:
  void apply(const LogEntry& entry) {
    switch (entry.kind) {
      case LogKind::write:
      case LogKind::resize:
        pending_.push_back(&entry);
        break;
      case LogKind::sync_begin:
        syncs_[entry.offset] = settled_ + pending_.size();
        break;
      case LogKind::sync_end: {
        const auto begun = syncs_.find(entry.offset);
        if (begun == syncs_.end()) throw std::runtime_error("a sync ends that never began");
        while (settled_ < begun->second) settle();
        syncs_.erase(begun);
        break;
      }
      default:
        break;
    }
    while (!pending_.empty() && (pending_.front()->flags & kLogDurable) != 0) settle();
  }

  // `under_way` is the call during which the power goes.
  Bytes after_cut(Dice& dice, std::uint64_t variant, const LogEntry& under_way) const {
    static constexpr unsigned kKeep[] = {0, 256, 128, 128, 26, 230};  // of 256; the first two are the plain cases
    const unsigned keep = kKeep[variant % std::size(kKeep)];
    Bytes file = durable_;
    std::uint64_t size = file.size();
    for (const LogEntry* entry : pending_) {
      apply_some(file, size, *entry, (entry->flags & kLogDurable) != 0 ? 256 : keep, dice);
    }
    if (under_way.kind == LogKind::write || under_way.kind == LogKind::resize) {
      apply_some(file, size, under_way, keep, dice);
    }
    if (dice.chance(128)) file.resize(std::max<std::size_t>(size, file.size()));
    return file;
  }

 private:
  void settle() {
    const LogEntry& entry = *pending_.front();
    if (entry.kind == LogKind::resize) {
      durable_.resize(entry.offset);
    } else {
      put_at(durable_, entry.offset, entry.payload);
    }
    pending_.pop_front();
    ++settled_;
  }

  static void apply_some(Bytes& file, std::uint64_t& size, const LogEntry& entry, unsigned keep, Dice& dice) {
    if (entry.kind == LogKind::resize) {
      size = entry.offset;
      if (dice.chance(keep)) file.resize(entry.offset);
      return;
    }
    size = std::max<std::uint64_t>(size, entry.offset + entry.payload.size());
    for (std::size_t done = 0; done < entry.payload.size();) {
      const std::uint64_t at = entry.offset + done;
      const std::size_t part = std::min<std::size_t>(kSectorBytes - at % kSectorBytes, entry.payload.size() - done);
      if (dice.chance(keep)) put_at(file, at, entry.payload.subspan(done, part));
      done += part;
    }
  }

  Bytes durable_;
  std::deque<const LogEntry*> pending_;
  std::uint64_t settled_ = 0;                     // entries that became durable
  std::map<std::uint64_t, std::uint64_t> syncs_;  // begun: up to which entry
};

// The file the check sees; only what differs from the state before is written.
class Image {
 public:
  explicit Image(const std::filesystem::path& folder) : path_(folder / "data.mdb") {}
  void show(const Bytes& bytes, bool whole) {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (whole ? O_TRUNC : 0), 0600);
    if (fd < 0) throw std::runtime_error("cannot write " + path_.string());
    bool done = bytes.size() == shown_.size() || ::ftruncate(fd, static_cast<off_t>(bytes.size())) == 0;
    if (whole) shown_.clear();
    constexpr std::size_t kBlock = 4096;
    for (std::size_t at = 0; at < bytes.size() && done; at += kBlock) {
      const std::size_t size = std::min(kBlock, bytes.size() - at);
      const bool same = at + size <= shown_.size() && std::memcmp(&bytes[at], &shown_[at], size) == 0;
      if (!same) done = ::pwrite(fd, &bytes[at], size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
    }
    if (whole && done) done = ::ftruncate(fd, static_cast<off_t>(bytes.size())) == 0;
    ::close(fd);
    if (!done) throw std::runtime_error("cannot write " + path_.string());
    shown_ = bytes;
  }

 private:
  std::filesystem::path path_;
  Bytes shown_;
};

// Walks the log once; states come in rising order.
class Replay {
 public:
  Replay(const WriteLog& log, FileId file, const Budget& budget) : log_(log), budget_(budget), marks_(log.marks()) {
    const auto& entries = log.entries();
    std::size_t birth = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].file == file && (entries[i].flags & kLogRenamed) != 0) birth = i + 1;
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].file != file) continue;
      own_.push_back(i);
      if (i >= birth && entries[i].kind != LogKind::named) cuts_.push_back(i);
    }
    cuts_.push_back(entries.size());
  }

  struct Cut {
    Bytes bytes;
    std::size_t acked;
  };

  Cut state(std::uint64_t number) {
    const auto nth = static_cast<std::size_t>(number * cuts_.size() / budget_.states);
    static constexpr LogEntry kIdle{LogKind::mark, 0, {}, 0, {}};
    const std::size_t cut = cuts_[nth];
    advance(cut);
    Dice dice(budget_.seed, number);
    const LogEntry& under_way = cut < log_.entries().size() ? log_.entries()[cut] : kIdle;
    return {disk_.after_cut(dice, number, under_way), acked_};
  }

  std::span<const std::string> marks(std::size_t count) const { return std::span(marks_).first(count); }

 private:
  void advance(std::size_t cut) {
    for (; applied_ < own_.size() && own_[applied_] < cut; ++applied_) disk_.apply(log_.entries()[own_[applied_]]);
    for (; seen_ < cut; ++seen_) {
      if (log_.entries()[seen_].kind == LogKind::mark) ++acked_;
    }
  }

  const WriteLog& log_;
  Budget budget_;
  std::vector<std::string> marks_;
  std::vector<std::size_t> own_;   // entries of this file
  std::vector<std::size_t> cuts_;  // the power goes during this entry
  Disk disk_;
  std::size_t applied_ = 0, seen_ = 0, acked_ = 0;
};

// What a child leaves for its parent, also when it dies.
struct Shared {
  std::atomic<std::uint64_t> at;
  std::atomic<std::uint64_t> wrong;
  std::atomic<bool> harness_failed;
  char examples[kExamplesMax][kExampleBytes];
};

class SharedMemory {
 public:
  SharedMemory() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    shared_ = new (memory) Shared{};
  }
  ~SharedMemory() { ::munmap(shared_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  Shared* operator->() { return shared_; }

 private:
  Shared* shared_;
};

class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void run_from(Replay& replay, std::uint64_t first, std::uint64_t end, const Budget& budget,
              const std::filesystem::path& folder, const Check& check, Shared& shared) {
  Image image(folder);
  for (std::uint64_t number = first; number < end; ++number) {
    shared.at = number;
    const auto cut = replay.state(number);
    image.show(cut.bytes, budget.check_writes || number == first);
    ::alarm(budget.seconds_each);
    const std::string wrong = check({folder, number, replay.marks(cut.acked)});
    if (wrong.empty()) continue;
    const std::uint64_t nth = shared.wrong++;
    if (nth >= kExamplesMax) continue;
    const std::string said = "state " + std::to_string(number) + ": " + wrong;
    std::strncpy(shared.examples[nth], said.c_str(), kExampleBytes - 1);
  }
  shared.at = end;
}

[[noreturn]] void child(Replay& replay, std::uint64_t first, std::uint64_t end, const Budget& budget,
                        const std::filesystem::path& folder, const Check& check, Shared& shared) {
  // The test program's own handlers would report the death of a check as the test's.
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM}) std::signal(signal, SIG_DFL);
  if (const int null = ::open("/dev/null", O_WRONLY); null >= 0) ::dup2(null, STDERR_FILENO);
  try {
    run_from(replay, first, end, budget, folder, check, shared);
  } catch (...) {
    shared.harness_failed = true;
  }
  ::_exit(0);
}

}  // namespace

Verdict check_states(const WriteLog& log, FileId file, const Budget& budget, const std::filesystem::path& folder,
                     const Check& check) {
  const TemporaryFolder place(folder);
  Replay replay(log, file, budget);
  SharedMemory shared;
  Verdict verdict;
  std::uint64_t number = budget.only.value_or(0);
  const std::uint64_t end = budget.only ? number + 1 : budget.states;
  verdict.states = end - number;
  while (number < end) {
    (void)replay.state(number);  // so that the child need not begin at the log's start
    const pid_t pid = ::fork();
    if (pid < 0) throw std::runtime_error("cannot fork");
    if (pid == 0) child(replay, number, end, budget, place.path(), check, *shared.operator->());
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
    }
    if (shared->harness_failed) throw std::runtime_error("the check of a state threw");
    number = shared->at;
    if (!WIFSIGNALED(status) && number < end) throw std::runtime_error("the check of a state ended its process");
    if (number == end) break;
    ++verdict.died;
    if (verdict.examples.size() < kExamplesMax) {
      verdict.examples.push_back("state " + std::to_string(number) + ": died of signal " +
                                 std::to_string(WTERMSIG(status)));
    }
    ++number;
  }
  verdict.wrong = shared->wrong;
  for (const auto& example : shared->examples) {
    if (example[0] != '\0') verdict.examples.emplace_back(example);
  }
  return verdict;
}

void for_each_state(const WriteLog& log, FileId file, const Budget& budget, const std::filesystem::path& folder,
                    const std::function<void(const DiskState&)>& visit) {
  const TemporaryFolder place(folder);
  Replay replay(log, file, budget);
  Image image(place.path());
  const std::uint64_t first = budget.only.value_or(0);
  for (std::uint64_t number = first; number < (budget.only ? first + 1 : budget.states); ++number) {
    const auto cut = replay.state(number);
    image.show(cut.bytes, budget.check_writes || number == first);
    visit({place.path(), number, replay.marks(cut.acked)});
  }
}

}  // namespace satchel::crash
