// SPDX-License-Identifier: AGPL-3.0-or-later
// Vault files: what opens them, what is told apart, and what survives a change. Argon2id at the floor.
#include "sync/vault/vault.h"

#include <rapidcheck.h>
#include <sys/stat.h>

#include "sync/vault/key_file.h"
#include "sync/vault/vault_file.h"
#include "tests/unit/seal/known_answers.h"
#include "tests/unit/seal/test_entropy.h"
#include "tests/unit/vault/key_folder.h"

using namespace satchel;

namespace {

constexpr std::string_view kPassphrase = "四个词 of some length";

std::string code_of(const auto& result) { return result ? "ok" : result.error().code; }

void same(const Identity& a, const Identity& b) {
  CHECK(a.id == b.id);
  CHECK(a.sign.pub == b.sign.pub);
  CHECK(hex(a.sign.seed.view()) == hex(b.sign.seed.view()));
  CHECK(a.box.pub == b.box.pub);
  CHECK(hex(a.box.secret.view()) == hex(b.box.secret.view()));
  CHECK(a.incarnation == b.incarnation);
}

struct VaultCase {
  KeyFolder folder;
  TestEntropy entropy{1};
  Identity identity = make_identity(entropy);
  std::filesystem::path file = folder / "key.vault";
  Vault vault = *Vault::create(file, kPassphrase, {}, identity, entropy);
};

}  // namespace

TEST_CASE("vault: opens with its passphrase and gives the identity back", "[vault]") {
  VaultCase v;
  const auto opened = Vault::open(v.file, kPassphrase);
  REQUIRE(opened);
  same(opened->identity(), v.identity);
  CHECK(opened->identity().id == node_id(v.identity.sign.pub, v.identity.box.pub));
  CHECK(opened->identity().incarnation == 1);
  CHECK(std::filesystem::file_size(v.file) == kVaultFileBytes);
  struct stat info{};
  REQUIRE(::stat(v.file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(v.folder.names() == std::vector<std::string>{"key.vault"});
}

TEST_CASE("vault: missing, existing, wrong passphrase and empty passphrase are told apart", "[vault]") {
  VaultCase v;
  const auto wrong = Vault::open(v.file, "四个词 of some lengt");
  CHECK(code_of(wrong) == "vault.wrong-passphrase");
  CHECK(wrong.error().kind == ErrorKind::permission);
  CHECK(code_of(Vault::open(v.file, "")) == "vault.wrong-passphrase");
  const auto missing = Vault::open(v.folder / "none", kPassphrase);
  CHECK(code_of(missing) == "vault.missing");
  CHECK(missing.error().kind == ErrorKind::not_found);
  const Bytes before = v.folder.read(v.file);
  CHECK(code_of(Vault::create(v.file, "another", {}, v.identity, v.entropy)) == "vault.exists");
  CHECK(v.folder.read(v.file) == before);
  CHECK(code_of(Vault::create(v.folder / "b", "", {}, v.identity, v.entropy)) == "vault.empty-passphrase");
  CHECK(code_of(Vault::create(v.folder / "b", "p", {2, 64 * 1024, {}}, v.identity, v.entropy)) == "seal.downgraded");
  CHECK(code_of(Vault::create(v.folder / "no" / "b", "p", {}, v.identity, v.entropy)) == "vault.io");
  CHECK(v.folder.names() == std::vector<std::string>{"key.vault"});
}

TEST_CASE("vault: every changed byte and every cut is damage, never a wrong passphrase", "[vault]") {
  VaultCase v;
  const Bytes whole = v.folder.read(v.file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF, 1 << at % 8}) {
      Bytes bytes = whole;
      bytes[at] ^= static_cast<Byte>(change);
      v.folder.write(v.file, bytes);
      const auto opened = Vault::open(v.file, kPassphrase);
      REQUIRE(code_of(opened) == "vault.damaged");
      REQUIRE(opened.error().kind == ErrorKind::integrity);
    }
    v.folder.write(v.file, View(whole).first(at));
    REQUIRE(code_of(Vault::open(v.file, kPassphrase)) == "vault.damaged");
  }
  v.folder.write(v.file, Bytes(100'000, 7));
  CHECK(code_of(Vault::open(v.file, kPassphrase)) == "vault.damaged");
  v.folder.write(v.file, whole);
  CHECK(Vault::open(v.file, kPassphrase));
}

TEST_CASE("vault: garbage in place of the file is damage", "[vault]") {
  KeyFolder folder;
  REQUIRE(rc::check("garbage", [&](const Bytes& bytes) {
    folder.write(folder / "v", bytes);
    RC_ASSERT(code_of(Vault::open(folder / "v", kPassphrase)) == "vault.damaged");
    RC_ASSERT(code_of(load_identity_file(folder / "v")) == "vault.identity-damaged");
  }));
}

TEST_CASE("vault: known answers for key files, and the failures they name", "[vault]") {
  KeyFolder folder;
  int seen = 0;
  for (const KnownAnswer& answer : read_known_answers("tests/vectors/seal/key_files.txt")) {
    INFO(answer.line);
    const auto file = folder / "file";
    folder.write(file, known_bytes(answer.fields.at(1)));
    Result<Identity> identity;
    if (answer.kind == "vault") {
      const Bytes passphrase = known_bytes(answer.fields[0]);
      const auto vault = Vault::open(file, text(passphrase));
      identity = vault ? Result<Identity>(vault->identity()) : std::unexpected(vault.error());
    } else {
      identity = load_identity_file(file);
    }
    if (answer.expect.size() == 2) {
      REQUIRE(identity);
      CHECK(identity->id.hex() == answer.expect[0]);
      CHECK(std::to_string(identity->incarnation) == answer.expect[1]);
    } else {
      CHECK(code_of(identity) == answer.expect.at(0));
    }
    ++seen;
  }
  CHECK(seen == 21);
}

TEST_CASE("vault: a new passphrase replaces the old one, and sealed secrets stay", "[vault]") {
  VaultCase v;
  const Bytes secret = v.vault.seal(view("archive 7"), view("its key"), v.entropy);
  const auto salt = v.vault.params().salt;
  REQUIRE(v.vault.change_passphrase("another one", {4, 65 * 1024, {}}, v.entropy));
  CHECK(v.vault.params().passes == 4);
  CHECK(v.vault.params().salt != salt);
  CHECK(code_of(Vault::open(v.file, kPassphrase)) == "vault.wrong-passphrase");
  const auto opened = Vault::open(v.file, "another one");
  REQUIRE(opened);
  same(opened->identity(), v.identity);
  CHECK(opened->params().memory_kib == 65 * 1024);
  const auto plain = opened->open_sealed(view("archive 7"), secret);
  REQUIRE(plain);
  CHECK(text(*plain) == "its key");
  CHECK(code_of(v.vault.change_passphrase("", {}, v.entropy)) == "vault.empty-passphrase");
  CHECK(code_of(v.vault.change_passphrase("weak", {3, 1024, {}}, v.entropy)) == "seal.downgraded");
  CHECK(Vault::open(v.file, "another one"));
}

TEST_CASE("vault: the incarnation only grows, and is kept", "[vault]") {
  VaultCase v;
  REQUIRE(v.vault.set_incarnation(5, v.entropy));
  CHECK(v.vault.identity().incarnation == 5);
  CHECK(code_of(v.vault.set_incarnation(5, v.entropy)) == "vault.incarnation-back");
  CHECK(code_of(v.vault.set_incarnation(4, v.entropy)) == "vault.incarnation-back");
  const auto opened = Vault::open(v.file, kPassphrase);
  REQUIRE(opened);
  CHECK(opened->identity().incarnation == 5);
  CHECK(opened->identity().id == v.identity.id);
}

// Guards: an unlocked app must not put back the passphrase that a command line changed meanwhile, nor the other way.
TEST_CASE("vault: two holders of one file do not undo each other's changes", "[vault]") {
  VaultCase v;
  auto other = Vault::open(v.file, kPassphrase);
  REQUIRE(other);
  REQUIRE(other->change_passphrase("another one", {}, v.entropy));
  REQUIRE(v.vault.set_incarnation(2, v.entropy));
  REQUIRE(other->change_passphrase("a third", {}, v.entropy));
  const auto opened = Vault::open(v.file, "a third");
  REQUIRE(opened);
  CHECK(opened->identity().incarnation == 2);
  CHECK(code_of(other->set_incarnation(2, v.entropy)) == "vault.incarnation-back");
  std::filesystem::remove(v.file);
  CHECK(code_of(v.vault.set_incarnation(9, v.entropy)) == "vault.missing");
  REQUIRE(Vault::create(v.file, "foreign", {}, make_identity(v.entropy), v.entropy));
  CHECK(code_of(v.vault.set_incarnation(9, v.entropy)) == "vault.damaged");
  CHECK(Vault::open(v.file, "foreign"));
}

TEST_CASE("vault: a sealed secret opens under its name in its vault only", "[vault]") {
  VaultCase v;
  const auto other = Vault::create(v.folder / "other", kPassphrase, {}, v.identity, v.entropy);
  REQUIRE(other);
  REQUIRE(rc::check("secrets", [&](std::uint64_t seed, const Bytes& name, const Bytes& plain) {
    TestEntropy entropy(seed);
    const Bytes sealed = v.vault.seal(name, plain, entropy);
    const auto opened = v.vault.open_sealed(name, sealed);
    RC_ASSERT((opened && *opened == plain));
    RC_ASSERT(code_of(other->open_sealed(name, sealed)) == "seal.broken");
    Bytes longer = name;
    longer.push_back(0);
    RC_ASSERT(code_of(v.vault.open_sealed(longer, sealed)) == "seal.broken");
    RC_ASSERT(code_of(v.vault.open_sealed(name, View(sealed).first(seed % sealed.size()))) == "seal.broken");
    Bytes changed = sealed;
    changed[seed % changed.size()] ^= 1;
    RC_ASSERT(code_of(v.vault.open_sealed(name, changed)) == "seal.broken");
  }));
}

TEST_CASE("vault: no key and no passphrase stands in the file", "[vault]") {
  VaultCase v;
  const std::string bytes = hex(v.folder.read(v.file));
  for (const Secret32* secret : {&v.identity.sign.seed, &v.identity.box.secret}) {
    CHECK(bytes.find(hex(secret->view().first(8))) == std::string::npos);
  }
  CHECK(bytes.find(hex(view(kPassphrase).first(8))) == std::string::npos);
  CHECK(bytes.find(v.identity.id.hex()) == std::string::npos);
}
