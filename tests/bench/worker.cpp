// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/worker.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "tests/bench/bare_tls.h"

namespace satchel::bench {

namespace {

constexpr std::chrono::milliseconds kLookEvery{5};

double private_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
  }
  return 0;
}

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Looks at this process's memory now and then: the kernel keeps no peak of the private part.
class Usage {
 public:
  Usage() : looker_([this] { look(); }) {}
  ~Usage() {
    over_ = true;
    looker_.join();
  }
  Numbers since_last() {
    const double now = private_mib();
    const double cpu = processor_seconds();
    const Numbers out{cpu - cpu_, now, std::max(now, peak_.exchange(0))};
    cpu_ = cpu;
    return out;
  }

 private:
  void look() {
    while (!over_) {
      peak_ = std::max(peak_.load(), private_mib());
      std::this_thread::sleep_for(kLookEvery);
    }
  }
  std::atomic<bool> over_ = false;
  std::atomic<double> peak_ = 0;
  double cpu_ = 0;
  std::thread looker_;
};

std::string carry_out(const Verbs& verbs, const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  std::ostringstream out;
  out.precision(12);
  try {
    const auto verb = verbs.find(words.at(0));
    if (verb == verbs.end()) throw std::runtime_error("no verb " + line);
    const Numbers numbers = verb->second({words.begin() + 1, words.end()});
    out << "ok";
    for (const double n : numbers) out << ' ' << n;
  } catch (const std::exception& problem) {
    out << "fail " << line << ": " << problem.what();
  }
  return out.str();
}

}  // namespace

Worker::Worker(const std::string& role, const Words& arguments, const std::string& first) {
  int down[2], up[2];
  must(::pipe2(down, O_CLOEXEC) == 0 && ::pipe2(up, O_CLOEXEC) == 0, "pipe");
  std::string program = "/proc/self/exe";
  Words words{program, "worker", role};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  child_ = ::fork();
  must(child_ >= 0, "fork");
  if (child_ == 0) {
    ::dup2(down[0], 0);
    ::dup2(up[1], 1);
    ::execv(program.c_str(), pointers.data());
    ::_exit(127);
  }
  ::close(down[0]);
  ::close(up[1]);
  to_ = down[1];
  from_ = up[0];
  if (!first.empty()) ask(first);
}

Worker::~Worker() {
  ::close(to_);
  ::close(from_);
  int status = 0;
  ::waitpid(child_, &status, 0);
}

void Worker::tell(const std::string& line) {
  const std::string out = line + "\n";
  must(::write(to_, out.data(), out.size()) == static_cast<ssize_t>(out.size()), "a worker is gone");
}

Numbers Worker::answer() {
  while (read_.find('\n') == std::string::npos) {
    char bytes[4096];
    const auto count = ::read(from_, bytes, sizeof bytes);
    if (count <= 0) throw std::runtime_error("a worker died");
    read_.append(bytes, static_cast<std::size_t>(count));
  }
  std::istringstream in(read_.substr(0, read_.find('\n')));
  read_.erase(0, read_.find('\n') + 1);
  std::string word;
  in >> word;
  if (word != "ok") {
    std::string reason;
    std::getline(in, reason);
    throw std::runtime_error(reason);
  }
  Numbers out;
  for (double n = 0; in >> n;) out.push_back(n);
  return out;
}

Numbers Worker::ask(const std::string& line) {
  tell(line);
  return answer();
}

int serve_verbs(Verbs verbs) {
  Usage usage;
  verbs["usage"] = [&](const Words&) { return usage.since_last(); };
  for (std::string line; std::getline(std::cin, line);) std::cout << carry_out(verbs, line) << std::endl;
  return 0;
}

}  // namespace satchel::bench
