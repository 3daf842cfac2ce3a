// SPDX-License-Identifier: AGPL-3.0-or-later
// The devices' process. A worker is started with the company's folder; 'found' and 'unlock' decide which devices are in
// it, and the other verbs speak of the first one, but for 'crowd', 'idle' and 'settle', which are about all.
//   found N              a company with N salespeople; their devices and the administrator's stay unlocked
//   company N BRANCHES COLLEAGUES OVERSEERS [SYSTEM]  a larger one (company.h)
//   unlock NAME          the device of that folder
//   archives N [phone]   opens archives
//   spread N FIRST DAYS EVERY  visits over so many days, each archive in turn
//   write N RUN ZSTD     visits, RUN to an archive -> seconds, payload bytes
//   saves N              one at a time, no list -> p50, p99 ms
//   looks N              one at a time, the list after each -> save p50, visible p50 ms
//   derive               -> seconds, entries
//   settle PORT          every device syncs until the audiences have their keys
//   share PORT           every salesperson's device syncs
//   sync PORT            connect, sync, leave -> round
//   connect PORT         -> round; the line stays for 'round' and 'noop'
//   round                -> round: ms, bytes up, bytes down, sent, received, ms to the last acknowledgement
//   noop N               -> p50, p99 ms, bytes up and down of the last
//   hang_up
//   attach MIB           a file onto the first card -> seconds
//   exchange PORT        as `satchel sync`, attachments, too -> seconds, bytes of chunks up, down
//   want                 every attachment that is not here
//   read_file            opens all of it -> seconds
//   crowd PORT           all but the administrator's at once -> seconds from the first dial to the last settled
//   idle PORT N          N live connections, kept until hang_up
#include <sys/resource.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "sync/holder/device.h"
#include "sync/seal/seal.h"
#include "tests/bench/attaching.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"
#include "tests/bench/desk.h"
#include "tests/bench/line.h"
#include "tests/bench/table.h"
#include "tests/bench/worker.h"

namespace satchel::bench {

namespace {

std::uint16_t port_of(const Words& words) { return static_cast<std::uint16_t>(std::stoul(words.at(0))); }
std::size_t count_of(const Words& words, std::size_t i = 0) { return std::stoul(words.at(i)); }
Numbers numbers_of(const Round& r) {
  return {r.ms,
          static_cast<double>(r.up),
          static_cast<double>(r.down),
          static_cast<double>(r.sent),
          static_cast<double>(r.received),
          r.acknowledged_ms};
}

class Devices {
 public:
  explicit Devices(std::filesystem::path root) : place_{std::move(root)} {}

  Numbers found(const Words& words) {
    devices_ = found_company(place_, {.sellers = static_cast<int>(count_of(words))});
    return sit_down();
  }
  Numbers company(const Words& words) {
    Company company;
    company.sellers = static_cast<int>(count_of(words));
    company.branches = static_cast<int>(count_of(words, 1));
    company.colleagues = static_cast<int>(count_of(words, 2));
    company.overseers = words.at(3) != "0";
    if (words.size() > 4) company.system = words[4];
    devices_ = found_company(place_, company);
    return sit_down();
  }
  Numbers unlock(const Words& words) {
    devices_.clear();
    devices_.push_back(need(holder::Device::open(place_.root / words.at(0), kPassphrase)));
    return sit_down();
  }
  Numbers settle(const Words& words) {
    for (int turn = 0; turn < 2; ++turn) {
      for (const auto& device : devices_) sync_once(*device, port_of(words));
    }
    return {};
  }
  Numbers share(const Words& words) {
    for (std::size_t i = 1; i < devices_.size(); ++i) sync_once(*devices_[i], port_of(words));
    return {};
  }
  Numbers archives(const Words& words) {
    each_seller([&](Desk& desk) { desk.open_archives(count_of(words), words.size() > 1); });
    return {};
  }
  Numbers spread(const Words& words) {
    const Workload::Stretch days{{static_cast<std::int32_t>(count_of(words, 1))},
                                 static_cast<int>(count_of(words, 2)),
                                 static_cast<int>(count_of(words, 3))};
    each_seller([&](Desk& desk) { desk.write_over(count_of(words), days); });
    return {};
  }
  Numbers write(const Words& words) {
    Desk::Wrote all;
    each_seller([&](Desk& desk) {
      const auto wrote = desk.write(count_of(words), count_of(words, 1), 1000, words.at(2) == "zstd");
      all.seconds += wrote.seconds;
      all.payload += wrote.payload;
    });
    return {all.seconds, static_cast<double>(all.payload)};
  }
  Numbers saves(const Words& words) {
    auto saves = desks_.front().save_one_by_one(count_of(words), false);
    return {percentile(saves.saved, 50), percentile(saves.saved, 99)};
  }
  Numbers looks(const Words& words) {
    auto saves = desks_.front().save_one_by_one(count_of(words), true);
    return {percentile(saves.saved, 50), percentile(saves.visible, 50)};
  }
  Numbers derive(const Words&) {
    double seconds = 0;
    const auto entries = desks_.back().derive(seconds);
    return {seconds, static_cast<double>(entries)};
  }
  Numbers sync(const Words& words) { return numbers_of(sync_once(*devices_.front(), port_of(words))); }
  Numbers connect(const Words& words) {
    lines_.clear();
    lines_.push_back(std::make_unique<Line>(*devices_.front(), port_of(words)));
    return numbers_of(lines_.front()->connect());
  }
  Numbers round(const Words&) { return numbers_of(lines_.front()->round()); }
  Numbers noop(const Words& words) {
    std::vector<double> times;
    Round last;
    for (std::size_t i = 0; i < count_of(words); ++i) {
      last = lines_.front()->round();
      times.push_back(last.ms);
    }
    return {percentile(times, 50), percentile(times, 99), static_cast<double>(last.up), static_cast<double>(last.down)};
  }
  Numbers hang_up(const Words&) {
    lines_.clear();
    return {};
  }
  Numbers idle(const Words& words) {
    for (std::size_t i = 0; i < count_of(words, 1); ++i) {
      lines_.push_back(std::make_unique<Line>(*devices_[i % devices_.size()], port_of(words), false));
      lines_.back()->connect();
    }
    return {};
  }
  Numbers crowd(const Words& words);
  Numbers attach(const Words& words) { return {attach_file(seller(), count_of(words))}; }
  Numbers exchange(const Words& words) {
    const auto moved = exchange_with(*devices_.back(), port_of(words));
    return {moved.seconds, static_cast<double>(moved.report.blob_bytes_up),
            static_cast<double>(moved.report.blob_bytes_down)};
  }
  Numbers want(const Words&) {
    want_attachments(*devices_.back());
    return {};
  }
  Numbers read(const Words&) { return {read_file(*devices_.back())}; }

 private:
  holder::Device& seller() { return *devices_.back(); }
  Numbers sit_down() {
    lines_.clear();
    desks_.clear();
    std::uint64_t seed = 1;
    for (const auto& device : devices_) desks_.emplace_back(*device, seed++);
    return {};
  }
  // In a company the first device is the administrator's, who writes nothing.
  template <class Use>
  void each_seller(Use use) {
    for (std::size_t i = devices_.size() > 1 ? 1 : 0; i < devices_.size(); ++i) use(desks_[i]);
  }

  Place place_;
  std::vector<std::unique_ptr<holder::Device>> devices_;
  std::vector<Desk> desks_;
  std::vector<std::unique_ptr<Line>> lines_;
};

Numbers Devices::crowd(const Words& words) {
  const std::size_t sellers = devices_.size() - 1;
  std::vector<std::string> problems(sellers);
  std::vector<std::thread> threads;
  std::barrier together(static_cast<std::ptrdiff_t>(sellers) + 1);
  std::atomic<std::size_t> sent = 0;
  for (std::size_t i = 0; i < sellers; ++i) {
    threads.emplace_back([&, i] {
      together.arrive_and_wait();
      try {
        sent += sync_once(*devices_[i + 1], port_of(words)).sent;
      } catch (const std::exception& problem) {
        problems[i] = problem.what();
      }
    });
  }
  together.arrive_and_wait();
  const double start = now_ms();
  for (auto& thread : threads) thread.join();
  const double seconds = (now_ms() - start) / 1000;
  for (const auto& problem : problems) {
    if (!problem.empty()) throw std::runtime_error(problem);
  }
  return {seconds, static_cast<double>(sent)};
}

// Each device keeps its store's files open, and a large company has hundreds.
void allow_many_files() {
  rlimit files{};
  must(::getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
  files.rlim_cur = files.rlim_max;
  must(::setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
}

}  // namespace

int device_worker(const Words& arguments) {
  allow_many_files();
  Devices devices(arguments.at(0));
  Verbs verbs;
  const auto add = [&](const std::string& name, Numbers (Devices::*verb)(const Words&)) {
    verbs[name] = [&devices, verb](const Words& words) { return (devices.*verb)(words); };
  };
  add("found", &Devices::found);
  add("company", &Devices::company);
  add("unlock", &Devices::unlock);
  add("settle", &Devices::settle);
  add("share", &Devices::share);
  add("archives", &Devices::archives);
  add("spread", &Devices::spread);
  add("write", &Devices::write);
  add("saves", &Devices::saves);
  add("looks", &Devices::looks);
  add("derive", &Devices::derive);
  add("sync", &Devices::sync);
  add("connect", &Devices::connect);
  add("round", &Devices::round);
  add("noop", &Devices::noop);
  add("hang_up", &Devices::hang_up);
  add("idle", &Devices::idle);
  add("crowd", &Devices::crowd);
  add("attach", &Devices::attach);
  add("exchange", &Devices::exchange);
  add("want", &Devices::want);
  add("read_file", &Devices::read);
  return serve_verbs(std::move(verbs));
}

}  // namespace satchel::bench
