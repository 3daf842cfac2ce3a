// SPDX-License-Identifier: AGPL-3.0-or-later
// Identity files, and how all key files are replaced.
#include "sync/vault/key_file.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "sync/vault/identity.h"
#include "tests/unit/seal/test_entropy.h"
#include "tests/unit/vault/key_folder.h"

using namespace satchel;

namespace {

std::string code(const auto& result) { return result ? "ok" : result.error().code; }

unsigned mode_of(const std::filesystem::path& file) {
  struct stat info{};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("identity: comes back from its file as it was made", "[vault]") {
  KeyFolder folder;
  int n = 0;
  REQUIRE(rc::check("round trip", [&](std::uint64_t seed) {
    TestEntropy entropy(seed);
    const Identity made = make_identity(entropy);
    const auto file = folder / std::to_string(n++);
    RC_ASSERT(create_identity_file(file, made).has_value());
    const auto loaded = load_identity_file(file);
    RC_ASSERT(loaded.has_value());
    RC_ASSERT(loaded->id == made.id);
    RC_ASSERT(loaded->incarnation == made.incarnation);
    RC_ASSERT(verify(made.sign.pub, "test", view("x"), sign(loaded->sign, "test", view("x"))));
    RC_ASSERT(hex(loaded->box.secret.view()) == hex(made.box.secret.view()));
    RC_ASSERT(loaded->box.pub == made.box.pub);
  }));
}

TEST_CASE("identity: missing, damaged and existing files are told apart", "[vault]") {
  KeyFolder folder;
  TestEntropy entropy(1);
  const auto file = folder / "node.key";
  CHECK(code(load_identity_file(file)) == "vault.identity-missing");
  CHECK(code(advance_identity_file(file, 2)) == "vault.identity-missing");
  CHECK(folder.names().empty());
  REQUIRE(create_identity_file(file, make_identity(entropy)));
  CHECK(mode_of(file) == 0600);
  const Bytes whole = folder.read(file);
  CHECK(code(create_identity_file(file, make_identity(entropy))) == "vault.identity-exists");
  CHECK(folder.read(file) == whole);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes bytes = whole;
    bytes[bit / 8] ^= static_cast<Byte>(1 << bit % 8);
    folder.write(file, bytes);
    REQUIRE(code(load_identity_file(file)) == "vault.identity-damaged");
  }
  folder.write(file, View(whole).first(whole.size() / 2));
  CHECK(code(load_identity_file(file)) == "vault.identity-damaged");
  CHECK(code(advance_identity_file(file, 2)) == "vault.identity-damaged");
  CHECK(folder.names() == std::vector<std::string>{"node.key"});
}

TEST_CASE("identity: the incarnation only grows, and is kept", "[vault]") {
  KeyFolder folder;
  TestEntropy entropy(1);
  const Identity made = make_identity(entropy);
  REQUIRE(create_identity_file(folder / "k", made));
  const auto advanced = advance_identity_file(folder / "k", 4);
  REQUIRE(advanced);
  CHECK(advanced->incarnation == 4);
  CHECK(code(advance_identity_file(folder / "k", 4)) == "vault.incarnation-back");
  const auto loaded = load_identity_file(folder / "k");
  REQUIRE(loaded);
  CHECK(loaded->incarnation == 4);
  CHECK(loaded->id == made.id);
}

TEST_CASE("key file: a change that is dropped leaves everything as it was", "[vault]") {
  KeyFolder folder;
  const auto file = folder / "k";
  folder.write(file, view("old"));
  {
    auto change = KeyFileChange::begin(file);
    REQUIRE(change);
    CHECK(folder.names().size() == 2);
  }
  CHECK(text(folder.read(file)) == "old");
  CHECK(folder.names() == std::vector<std::string>{"k"});
}

TEST_CASE("key file: what a power cut left beside it is taken over, whatever it holds", "[vault]") {
  KeyFolder folder;
  const auto file = folder / "k";
  folder.write(file, view("old"));
  folder.write(folder / "k.new", view("half of something much longer"));
  REQUIRE(::chmod((folder / "k.new").c_str(), 0644) == 0);
  REQUIRE(KeyFileChange::begin(file)->commit(view("new")));
  CHECK(text(folder.read(file)) == "new");
  CHECK(mode_of(file) == 0600);
  CHECK(folder.names() == std::vector<std::string>{"k"});
}

TEST_CASE("key file: a folder that is gone or closed is a storage error", "[vault]") {
  KeyFolder folder;
  const auto missing = KeyFileChange::begin(folder / "no" / "k");
  CHECK(code(missing) == "vault.io");
  CHECK(missing.error().kind == ErrorKind::storage);
  std::filesystem::create_directory(folder / "k");
  CHECK(code(read_key_file(folder / "k")) == "vault.io");
  CHECK(code(KeyFileChange::begin(folder / "k")->commit(view("new"))) == "vault.io");
  CHECK(folder.names() == std::vector<std::string>{"k"});
}

// Guards: the lock. Without it, processes that read, add and write lose each other's work.
TEST_CASE("key file: changes of several processes at once are made one after the other", "[vault]") {
  KeyFolder folder;
  const auto file = folder / "counter";
  Writer zero;
  folder.write(file, zero.u32(0).bytes());
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bool good = true;
      for (int n = 0; n < 25 && good; ++n) {
        auto change = KeyFileChange::begin(file);
        const auto bytes = read_key_file(file);
        good = change && bytes && *bytes && (*bytes)->size() == 4;
        if (!good) break;
        Writer next;
        next.u32(Reader(**bytes).u32() + 1);
        good = change->commit(next.bytes()).has_value();
      }
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  const Bytes bytes = folder.read(file);
  CHECK(Reader(bytes).u32() == 100);
}
