// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/bare.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/bench/bare_log.h"
#include "tests/bench/bare_tls.h"

namespace satchel::bench {
namespace {

constexpr std::array<unsigned char, 8> kAck{1};

Spread spread(std::vector<double> times) {
  must(!times.empty(), "nothing was measured");
  std::ranges::sort(times);
  const auto at = [&](double part) {
    return times[std::min(times.size() - 1, static_cast<std::size_t>(part * static_cast<double>(times.size())))];
  };
  return {at(0.50), at(0.99)};
}

// Threads that must all end well; the first that does not is thrown at join.
class Crew {
 public:
  template <class Work>
  void add(Work work) {
    const std::lock_guard guard(lock_);
    threads_.emplace_back([this, work] {
      try {
        work();
      } catch (...) {
        const std::lock_guard inner(lock_);
        if (!fault_) fault_ = std::current_exception();
      }
    });
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    if (fault_) std::rethrow_exception(fault_);
  }

 private:
  std::mutex lock_;
  std::vector<std::thread> threads_;
  std::exception_ptr fault_;
};

double resident_kib() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace

Spread bare_commit(const std::filesystem::path& folder, int commits) {
  BareLog log(folder);
  std::vector<unsigned char> value(kBareSealedBytes, 0x5a);
  std::vector<double> times;
  for (int i = 0; i < commits; ++i) {
    const double start = now_ms();
    log.begin();
    log.put(bare_key(0, static_cast<std::uint64_t>(i)), value);
    log.commit();
    times.push_back(now_ms() - start);
  }
  return spread(std::move(times));
}

double bare_batches(const std::filesystem::path& folder, int records, int batch) {
  BareLog log(folder);
  std::vector<unsigned char> value(kBareSealedBytes, 0x5a);
  const double start = now_ms();
  for (int i = 0; i < records;) {
    log.begin();
    for (int k = 0; k < batch && i < records; ++k, ++i) log.put(bare_key(0, static_cast<std::uint64_t>(i)), value);
    log.commit();
  }
  return records / (now_ms() - start) * 1000;
}

double bare_open(std::size_t values, std::size_t plain_bytes) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  const BareKeys keys;
  const std::size_t each = kNonce + plain_bytes + kTag;
  std::vector<unsigned char> sealed(values * each), plain(plain_bytes, 0x5a);
  for (std::size_t i = 0; i < values; ++i) {
    unsigned char* at = sealed.data() + i * each;
    randombytes_buf(at, kNonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + kNonce, nullptr, plain.data(), plain_bytes, nullptr, 0, nullptr, at,
                                               keys.seal.data());
  }
  const double start = now_ms();
  for (std::size_t i = 0; i < values; ++i) {
    const unsigned char* at = sealed.data() + i * each;
    const int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, at + kNonce,
                                                               plain_bytes + kTag, nullptr, 0, at, keys.seal.data());
    must(bad == 0, "a value does not open");
  }
  return now_ms() - start;
}

double bare_upload(const std::filesystem::path& folder, int records, int batches_per_commit) {
  const int batches = records / static_cast<int>(kBareBatchRecords);
  const int acks = (batches + batches_per_commit - 1) / batches_per_commit;
  must(batches > 0, "fewer records than one batch");
  BareLog log(folder);
  const BareKeys keys;
  double start = 0, end = 0;
  const auto hub_end = [&](BareChannel& channel) {
    BareReceiver receiver(keys);
    std::vector<unsigned char> frame(kBareBatchRecords * kBareRecordBytes + kBareTailBytes);
    for (int b = 1; b <= batches; ++b) {
      channel.read(frame);
      receiver.check(frame);
      if (!log.open()) log.begin();
      BareReceiver::store(log, frame);
      if (b % batches_per_commit != 0 && b != batches) continue;
      log.commit();
      channel.write(kAck);
    }
    channel.read_to_end();
  };
  const auto device_end = [&](BareChannel& channel) {
    start = now_ms();
    BareSender sender(keys, 0);
    for (int b = 0; b < batches; ++b) channel.write(sender.batch(kBareBatchRecords));
    std::array<unsigned char, kAck.size()> ack;
    for (int a = 0; a < acks; ++a) channel.read(ack);
    end = now_ms();
  };
  bare_pair(hub_end, device_end);
  return static_cast<double>(batches) * static_cast<double>(kBareBatchRecords) / (end - start) * 1000;
}

double bare_fan_in(const std::filesystem::path& folder, int devices, int per_device) {
  BareLog log(folder);
  const BareKeys keys;
  const BareHub hub;
  const auto client = bare_client_context();
  std::mutex writer;  // LMDB has one
  const auto sizes = [per_device](auto each) {
    for (int left = per_device; left > 0; left -= static_cast<int>(kBareBatchRecords))
      each(std::min(kBareBatchRecords, static_cast<std::size_t>(left)));
  };
  const auto serve = [&](int socket) {
    BareChannel channel = BareChannel::accepted(hub, socket);
    BareReceiver receiver(keys);
    sizes([&](std::size_t count) {
      std::vector<unsigned char> frame(count * kBareRecordBytes + kBareTailBytes);
      channel.read(frame);
      receiver.check(frame);
      const std::lock_guard guard(writer);
      log.begin();
      BareReceiver::store(log, frame);
      log.commit();
    });
    channel.write(kAck);
    channel.read_to_end();
  };
  const auto upload = [&](int device) {
    BareChannel channel = BareChannel::dialled(client.get(), hub.port());
    BareSender sender(keys, static_cast<std::uint64_t>(device));
    sizes([&](std::size_t count) { channel.write(sender.batch(count)); });
    std::array<unsigned char, kAck.size()> ack;
    channel.read(ack);
  };
  const double start = now_ms();
  Crew hub_side, device_side;
  std::thread accepting([&] {
    for (int i = 0; i < devices; ++i) {
      const int socket = hub.accept();
      hub_side.add([&serve, socket] { serve(socket); });
    }
  });
  for (int d = 0; d < devices; ++d) device_side.add([&upload, d] { upload(d); });
  accepting.join();
  device_side.join();
  hub_side.join();
  return devices * static_cast<double>(per_device) / (now_ms() - start) * 1000;
}

Spread bare_round_trip(int trips) {
  std::vector<double> times;
  const auto hub_end = [&](BareChannel& channel) {
    std::array<unsigned char, 64> bytes;
    for (int i = 0; i < trips; ++i) {
      channel.read(bytes);
      channel.write(bytes);
    }
    channel.read_to_end();
  };
  const auto device_end = [&](BareChannel& channel) {
    std::array<unsigned char, 64> bytes{};
    for (int i = 0; i < trips; ++i) {
      const double start = now_ms();
      channel.write(bytes);
      channel.read(bytes);
      times.push_back(now_ms() - start);
    }
  };
  bare_pair(hub_end, device_end);
  return spread(std::move(times));
}

Spread bare_connect(int connects) {
  const BareHub hub;
  const auto client = bare_client_context();
  std::vector<double> times;
  Crew hub_side;
  hub_side.add([&] {
    for (int i = 0; i < connects; ++i) {
      BareChannel channel = BareChannel::accepted(hub, hub.accept());
      channel.write(kAck);  // the device knows that the hub has finished too
      channel.read_to_end();
    }
  });
  for (int i = 0; i < connects; ++i) {
    const double start = now_ms();
    BareChannel channel = BareChannel::dialled(client.get(), hub.port());
    std::array<unsigned char, kAck.size()> ack;
    channel.read(ack);
    times.push_back(now_ms() - start);
  }
  hub_side.join();
  return spread(std::move(times));
}

// The devices live in a child process, so that only the hub's ends are counted.
double bare_idle_kib(int connections) {
  constexpr int kWarm = 10;  // the first ones also pay for the library's own tables
  must(connections > kWarm, "too few connections");
  const BareHub hub;
  const pid_t child = ::fork();
  must(child >= 0, "fork");
  if (child == 0) {
    const auto client = bare_client_context();
    std::vector<BareChannel> channels;
    for (int i = 0; i < connections; ++i) channels.push_back(BareChannel::dialled(client.get(), hub.port()));
    channels.front().read_to_end();
    ::_exit(0);
  }
  double warm = 0, all = 0;
  ::malloc_trim(0);  // memory other measurements have freed would hide what this one takes
  {
    std::vector<BareChannel> channels;
    for (int i = 0; i < connections; ++i) {
      if (i == kWarm) warm = resident_kib();
      channels.push_back(BareChannel::accepted(hub, hub.accept()));
    }
    all = resident_kib();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return (all - warm) / (connections - kWarm);
}

}  // namespace satchel::bench
