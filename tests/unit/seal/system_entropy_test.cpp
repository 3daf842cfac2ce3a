// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/seal/system_entropy.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

using namespace satchel;

namespace {

using Block = std::array<Byte, 16>;

std::vector<Block> draw(int count) {
  SystemEntropy entropy;
  std::vector<Block> blocks(static_cast<std::size_t>(count));
  for (Block& block : blocks) entropy.fill(block);
  return blocks;
}

}  // namespace

TEST_CASE("system entropy: no bytes are handed out twice, over refills and threads", "[seal]") {
  std::vector<std::vector<Block>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) threads.emplace_back([&mine] { mine = draw(2000); });
  for (auto& thread : threads) thread.join();
  std::set<Block> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 8000);
}

TEST_CASE("system entropy: every size is filled to its end, beyond the pool too", "[seal]") {
  SystemEntropy entropy;
  for (const std::size_t size : {0UL, 1UL, 24UL, 255UL, 256UL, 257UL, 4096UL, 5000UL}) {
    Bytes bytes(size + 2, 0xA5);
    std::set<Byte> last;
    for (int i = 0; i < 64; ++i) {
      entropy.fill(std::span(bytes).subspan(1, size));
      last.insert(bytes[size]);
    }
    CHECK(bytes.front() == 0xA5);
    CHECK(bytes.back() == 0xA5);
    if (size > 0) CHECK(last.size() > 20);
  }
}

// Guards: a parent and its forked child must never seal with one nonce.
TEST_CASE("system entropy: a forked child goes on with bytes of its own", "[seal]") {
  draw(1);  // the pool is in use when the fork comes
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto blocks = draw(600);
    const std::size_t size = blocks.size() * sizeof(Block);
    _exit(write(ends[1], blocks.data(), size) == static_cast<ssize_t>(size) ? 0 : 1);
  }
  REQUIRE(child > 0);
  const auto ours = draw(600);
  std::vector<Block> theirs(600);
  REQUIRE(read(ends[0], theirs.data(), theirs.size() * sizeof(Block)) == 600 * sizeof(Block));
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  close(ends[0]);
  close(ends[1]);
  std::set<Block> all(ours.begin(), ours.end());
  all.insert(theirs.begin(), theirs.end());
  CHECK(all.size() == 1200);
}
