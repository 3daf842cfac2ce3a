// SPDX-License-Identifier: AGPL-3.0-or-later
// A new vault key, cut after every step: the vault opens with its passphrase, and what was kept opens with it.
#include <catch2/catch.hpp>

#include "sync/vault/vault.h"
#include "sync/vault/vault_file.h"
#include "tests/unit/seal/test_entropy.h"
#include "tests/unit/vault/key_folder.h"

using namespace satchel;

namespace {

constexpr std::string_view kWord = "四个词 of some length";

// A vault and the one secret it keeps somewhere, with a note of the key it was sealed for.
struct Kept {
  KeyFolder folder;
  TestEntropy entropy{1};
  std::filesystem::path file = folder / "key.vault";
  Vault vault = *Vault::create(file, kWord, {}, make_identity(entropy), entropy);
  Bytes sealed = vault.seal(view("archive 7"), view("an epoch's key"), entropy);
  KeyId under;

  std::string kept_in(const Vault& at) const {
    const auto plain = at.open_sealed(view("archive 7"), sealed);
    return plain ? std::string(text(*plain)) : plain.error().code;
  }
  void reseal() {
    sealed = *vault.reseal(view("archive 7"), sealed, entropy);
    under = vault.next_key();
  }
  // As a program that is started again.
  std::string after_restart() {
    auto opened = Vault::open(file, kWord);
    if (!opened) return opened.error().code;
    if (const auto settled = opened->settle(under, entropy); !settled) return settled.error().code;
    CHECK_FALSE(opened->renewing());
    CHECK(opened->identity().id == vault.identity().id);
    CHECK(std::filesystem::file_size(file) == kVaultFileBytes);
    return kept_in(*opened);
  }
};

}  // namespace

TEST_CASE("vault: a renewed key opens what was sealed anew, and nothing that was sealed before", "[vault][renewal]") {
  Kept k;
  const Bytes old_page = k.sealed;
  REQUIRE(k.vault.begin_renewal(k.entropy).value());
  k.reseal();
  REQUIRE(k.vault.finish_renewal(k.entropy));
  CHECK_FALSE(k.vault.renewing());
  CHECK(k.kept_in(k.vault) == "an epoch's key");
  const auto opened = Vault::open(k.file, kWord);
  REQUIRE(opened);
  CHECK(k.kept_in(*opened) == "an epoch's key");
  CHECK(opened->open_sealed(view("archive 7"), old_page).error().code == "seal.broken");
  // The vault goes on as before.
  REQUIRE(k.vault.set_incarnation(2, k.entropy));
  REQUIRE(k.vault.change_passphrase("another one", {}, k.entropy));
  REQUIRE(k.vault.begin_renewal(k.entropy).value());
  k.reseal();
  REQUIRE(k.vault.finish_renewal(k.entropy));
  const auto again = Vault::open(k.file, "another one");
  REQUIRE(again);
  CHECK(again->identity().incarnation == 2);
  CHECK(k.kept_in(*again) == "an epoch's key");
}

TEST_CASE("vault: a renewal cut after any step leaves a vault that opens, and what is kept opens with it",
          "[vault][renewal]") {
  SECTION("both keys are in the file, nothing is sealed anew") {
    Kept k;
    REQUIRE(k.vault.begin_renewal(k.entropy).value());
    CHECK(std::filesystem::file_size(k.file) > kVaultFileBytes);
    CHECK(k.after_restart() == "an epoch's key");
    CHECK(k.after_restart() == "an epoch's key");
  }
  SECTION("what is kept is sealed anew, the file still has both") {
    Kept k;
    REQUIRE(k.vault.begin_renewal(k.entropy).value());
    k.reseal();
    CHECK(k.after_restart() == "an epoch's key");
    CHECK(k.after_restart() == "an epoch's key");
  }
  SECTION("what is kept could not be sealed anew: the renewal is called off, and may be tried again") {
    Kept k;
    REQUIRE(k.vault.begin_renewal(k.entropy).value());
    REQUIRE(k.vault.settle(k.under, k.entropy));
    CHECK(k.kept_in(k.vault) == "an epoch's key");
    REQUIRE(k.vault.begin_renewal(k.entropy).value());
    k.reseal();
    REQUIRE(k.vault.finish_renewal(k.entropy));
    CHECK(k.after_restart() == "an epoch's key");
  }
  SECTION("two processes meet the same cut") {
    Kept k;
    REQUIRE(k.vault.begin_renewal(k.entropy).value());
    k.reseal();
    auto one = *Vault::open(k.file, kWord);
    auto other = *Vault::open(k.file, kWord);
    REQUIRE(one.settle(k.under, k.entropy));
    REQUIRE(other.settle(k.under, k.entropy));
    CHECK(k.kept_in(one) == "an epoch's key");
    CHECK(k.kept_in(other) == "an epoch's key");
    REQUIRE(other.set_incarnation(2, k.entropy));
  }
}

TEST_CASE("vault: every changed byte of a file in renewal is damage, too", "[vault][renewal]") {
  Kept k;
  REQUIRE(k.vault.begin_renewal(k.entropy).value());
  const Bytes whole = KeyFolder::read(k.file);
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    Bytes changed = whole;
    changed[at] ^= 1;
    KeyFolder::write(k.file, changed);
    CAPTURE(at);
    CHECK(Vault::open(k.file, kWord).error().code == "vault.damaged");
  }
}

TEST_CASE("vault: a key is not renewed over a passphrase that another process has changed, nor without a file",
          "[vault][renewal]") {
  Kept k;
  auto other = *Vault::open(k.file, kWord);
  REQUIRE(other.change_passphrase("another one", {}, k.entropy));
  CHECK_FALSE(k.vault.begin_renewal(k.entropy).value());
  CHECK_FALSE(k.vault.renewing());
  CHECK(Vault::open(k.file, "another one"));
  auto in_memory = Vault::in_memory(k.vault.identity(), Secret32::random(k.entropy));
  CHECK_FALSE(in_memory.begin_renewal(k.entropy).value());
}
