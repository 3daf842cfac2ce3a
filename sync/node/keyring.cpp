// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/keyring.h"

#include "schema/base/planted.h"
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"
#include "sync/node/drafts.h"
#include "sync/node/dropping.h"
#include "sync/node/lease.h"
#include "sync/node/references.h"
#include "sync/node/replica.h"
#include "sync/node/restored.h"
#include "sync/vault/key_file.h"

namespace satchel::node {

namespace {

constexpr std::size_t kEpochsMax = 4096;
constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kVaultKeyMark = "vault_key";  // in meta: id of the key that Table::keys is sealed with

constexpr DomainLabel kTextLabel{"satchel text"};

Bytes vault_name(const ArchiveId& archive) {
  Bytes name = copy(view("archive"));
  name.insert(name.end(), archive.bytes.begin(), archive.bytes.end());
  return name;
}

}  // namespace

Keyring::Keyring(const Vault& vault, Entropy& entropy)
    : vault_(vault), entropy_(entropy), boxer_(entropy), node_box_(vault.identity().box) {}

Keyring::Keyring(Vault& vault, Entropy& entropy) : Keyring(std::as_const(vault), entropy) { renewed_ = &vault; }

std::optional<Secret32> Keyring::audience_seed(const Directory& directory, const AudienceId& audience,
                                               std::uint32_t epoch) {
  const auto known = seeds_.find({audience, epoch});
  if (known != seeds_.end()) return known->second;
  const Audience* found = directory.audience(audience);
  const AudienceEpoch* at = found != nullptr ? found->at(epoch) : nullptr;
  const NodeId& self = vault_.identity().id;
  const Bytes* box = found != nullptr ? found->box(epoch, self) : nullptr;
  if (at == nullptr || box == nullptr) return std::nullopt;
  auto plain = node_box_.open(audience_box_context(directory.org(), audience, epoch, at->key, self), *box);
  if (!plain || plain->size() != 32) return std::nullopt;
  const Secret32 seed = Secret32::of(*plain);
  wipe(*plain);
  // A box that holds another key than the directory names was made by a liar: as good as none.
  if (make_box_keys(seed).pub != at->key) return std::nullopt;
  seeds_.emplace(std::pair(audience, epoch), seed);
  return seed;
}

std::optional<BoxKeys> Keyring::audience_secret(const Directory& directory, const AudienceId& audience,
                                                std::uint32_t epoch) {
  const auto seed = audience_seed(directory, audience, epoch);
  if (!seed) return std::nullopt;
  return make_box_keys(*seed);
}

Result<std::optional<Bytes>> Keyring::stored_keys(const ReadTxn& txn, ArchiveNo no, const ArchiveId& id) {
  // It may have been destroyed, or be lost, since the copy was made that this node goes on from.
  SATCHEL_GET(waits, keys_wait(txn, no));
  if (waits) return std::nullopt;
  SATCHEL_GET(found, txn.get(Table::keys, key_of(no)));
  if (!found) return std::nullopt;
  SATCHEL_GET(plain, vault_.open_sealed(vault_name(id), *found));
  if (plain.size() < kSecretBytes) return damaged("keys");
  return plain;
}

Result<void> Keyring::load(const ReadTxn& txn, const StoredArchive& info, ArchiveKeys& keys) {
  SATCHEL_GET(plain, stored_keys(txn, info.no, info.id));
  if (!plain) return {};
  const WipedAtEnd wiped(*plain);
  Reader in(*plain);
  keys.local = Secret32::of(in.raw(kSecretBytes));
  const auto n = in.count(kEpochsMax);
  for (std::size_t i = 0; i < n; ++i) {
    const auto epoch = in.u32();
    const auto key = Secret32::of(in.raw(kSecretBytes));
    keys.epochs[{epoch, key_id(key)}] = key;
  }
  if (!in.done()) return damaged("keys");
  keys.has_local = true;
  keys.stored = true;
  return {};
}

Result<void> Keyring::unwrap(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                             ArchiveKeys& keys) {
  // Wraps may still be on their way to a hub with work that is; they are for others then.
  SATCHEL_GET(dropped, is_dropped(txn, info.no));
  SATCHEL_GET(over, lease_over(txn));
  SATCHEL_GET(waits, keys_wait(txn, info.no));
  if (dropped || over || waits) return {};
  SATCHEL_GET(wraps, wraps_of(txn, info.no));
  for (const auto& bytes : wraps) {
    const auto wrap = Wrap::decode(bytes);
    if (!wrap || keys.epochs.contains({wrap->epoch, wrap->key})) continue;
    auto& unboxer = audiences_[{wrap->audience, wrap->audience_epoch}];
    if (!unboxer) {
      const auto secret = audience_secret(directory, wrap->audience, wrap->audience_epoch);
      if (!secret) continue;
      unboxer = std::make_unique<Unboxer>(*secret);
    }
    auto plain = unboxer->open(wrap->associated(), wrap->box);
    if (!plain || plain->size() < 32) continue;
    const Secret32 key = Secret32::of(View(*plain).first(32));
    if (key_id(key) == wrap->key) {
      keys.epochs[{wrap->epoch, wrap->key}] = key;
      keys.stored = false;
    }
    wipe(*plain);
  }
  return {};
}

Result<ArchiveKeys*> Keyring::keys_of(const ReadTxn& txn, const Directory& directory, const StoredArchive& info) {
  const auto cached = cache_.find(info.no);
  if (cached != cache_.end() && !cached->second.epochs.empty()) return &cached->second;
  if (cache_.size() >= kKeyringCacheMax) cache_.clear();
  ArchiveKeys keys;
  SATCHEL_TRY(load(txn, info, keys));
  if (!keys.epochs.contains({info.epoch, info.key})) SATCHEL_TRY(unwrap(txn, directory, info, keys));
  return &(cache_[info.no] = std::move(keys));
}

Result<Secret32> Keyring::epoch_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                    const EpochKey& which) {
  SATCHEL_GET(keys, keys_of(txn, directory, info));
  auto found = keys->epochs.find(which);
  if (found == keys->epochs.end()) {
    SATCHEL_TRY(unwrap(txn, directory, info, *keys));
    found = keys->epochs.find(which);
  }
  if (found == keys->epochs.end()) return fail(ErrorKind::permission, "keyring.no-key", info.id.hex());
  return found->second;
}

Result<bool> Keyring::has_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info) {
  SATCHEL_GET(keys, keys_of(txn, directory, info));
  return !keys->epochs.empty();
}

Result<Secret32> Keyring::local_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info) {
  SATCHEL_GET(keys, keys_of(txn, directory, info));
  if (!keys->has_local) {
    keys->local = Secret32::random(entropy_);
    keys->has_local = true;
    keys->stored = false;
  }
  return keys->local;
}

Result<std::optional<Secret32>> Keyring::stored_local_key(const ReadTxn& txn, ArchiveNo no, const ArchiveId& id) {
  SATCHEL_GET(plain, stored_keys(txn, no, id));
  if (!plain) return std::nullopt;
  const WipedAtEnd wiped(*plain);
  return Secret32::of(View(*plain).first(kSecretBytes));
}

Result<void> Keyring::store(WriteTxn& txn, const StoredArchive& info) {
  const auto cached = cache_.find(info.no);
  if (cached == cache_.end() || cached->second.stored || !cached->second.has_local) return {};
  Writer out(64 + cached->second.epochs.size() * 36);
  out.raw(cached->second.local.view()).varint(cached->second.epochs.size());
  for (const auto& [which, key] : cached->second.epochs) out.u32(which.epoch).raw(key.view());
  const auto put = txn.put(Table::keys, key_of(info.no), vault_.seal(vault_name(info.id), out.bytes(), entropy_));
  wipe(out.buffer());
  if (!put) return put;
  cached->second.stored = true;
  return {};
}

Result<void> Keyring::adopt(WriteTxn& txn, const StoredArchive& info, std::uint32_t epoch, const Secret32& key) {
  auto& keys = cache_[info.no];
  keys.epochs[{epoch, key_id(key)}] = key;
  if (!keys.has_local) keys.local = Secret32::random(entropy_);
  keys.has_local = true;
  keys.stored = false;
  return store(txn, info);
}

Result<void> Keyring::drop(WriteTxn& txn, const StoredArchive& info) {
  cache_.erase(info.no);
  if (!SATCHEL_PLANTED(keys_kept)) SATCHEL_TRY(txn.erase(Table::keys, key_of(info.no)));
  return {};
}

namespace {

// Everything the vault keeps in the store. 20,000 archives are some 3 MiB: one commit.
Result<void> reseal_all(WriteTxn& txn, const Vault& vault, Entropy& entropy) {
  std::vector<std::pair<Bytes, Bytes>> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::keys, {}, [&](KeyValue pair) {
    rows.emplace_back(copy(pair.key), copy(pair.value));
    return true;
  }));
  for (const auto& [key, sealed] : rows) {
    SATCHEL_GET(info, archive_info(txn, be32(key)));
    if (!info) return fail(ErrorKind::integrity, "log.damaged", "keys");
    SATCHEL_GET(anew, vault.reseal(vault_name(info->id), sealed, entropy));
    SATCHEL_TRY(txn.put(Table::keys, key, anew));
  }
  SATCHEL_TRY(reseal_references(txn, vault, entropy));
  SATCHEL_TRY(reseal_drafts(txn, vault, entropy));
  return txn.put(Table::meta, view(kVaultKeyMark), vault.next_key().view());
}

}  // namespace

Result<void> settle_vault(const ReadTxn& txn, Vault& vault, Entropy& entropy) {
  if (!vault.renewing()) return {};
  SATCHEL_GET(found, txn.get(Table::meta, view(kVaultKeyMark)));
  const bool known = found && found->size() == KeyId::size;
  return vault.settle(known ? KeyId::of(*found) : KeyId{}, entropy);
}

Result<void> Keyring::renew_vault(Replica& replica) {
  if (renewed_ == nullptr) return {};
  Vault& vault = *renewed_;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_TRY(settle_vault(*txn, vault, entropy_));
  }
  SATCHEL_GET(begun, vault.begin_renewal(entropy_));
  if (!begun) return {};
  const auto kept = replica.write([&](WriteTxn& txn, Effects&) { return reseal_all(txn, vault, entropy_); });
  if (kept) return vault.finish_renewal(entropy_);
  SATCHEL_GET(txn, replica.store().begin_read());
  SATCHEL_TRY(settle_vault(*txn, vault, entropy_));
  return kept;
}

Bytes Keyring::wrap_key(const Directory& directory, const ArchiveId& archive, std::uint32_t epoch, const Secret32& key,
                        const AudienceId& audience, bool sign_it) {
  const Audience* to = directory.audience(audience);
  SATCHEL_ASSERT(to != nullptr && to->epoch() > 0);
  Wrap wrap;
  wrap.archive = archive;
  wrap.epoch = epoch;
  wrap.audience = audience;
  wrap.audience_epoch = to->epoch();
  wrap.key = key_id(key);
  wrap.box = boxer_.box(to->at(to->epoch())->key, wrap.associated(), key.view());
  if (sign_it) sign_wrap(wrap, vault_.identity().id, vault_.identity().sign);
  return wrap.encode();
}

Result<payload::SealedText> Keyring::seal_text(const ReadTxn& txn, const Directory& directory,
                                               const StoredArchive& info, std::string_view text) {
  payload::SealedText out;
  if (text.empty()) return out;
  SATCHEL_GET(keys, keys_of(txn, directory, info));
  if (keys->epochs.empty()) return fail(ErrorKind::permission, "keyring.no-key", info.id.hex());
  const auto& [which, key] = *keys->epochs.rbegin();
  out.epoch = which.epoch;
  out.key = which.id;
  out.sealed = seal(derive(kTextLabel, key), info.id.view(), satchel::view(text), entropy_);
  return out;
}

Result<std::string> Keyring::open_text(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                       const payload::SealedText& text) {
  if (text.sealed.empty()) return std::string{};
  SATCHEL_GET(key, epoch_key(txn, directory, info, {text.epoch, text.key}));
  SATCHEL_GET(plain, open(derive(kTextLabel, key), info.id.view(), text.sealed));
  return std::string(plain.begin(), plain.end());
}

Result<payload::BoxedText> Keyring::box_text(const Directory& directory, const AudienceId& to, const PersonId& by,
                                             std::string_view text) {
  payload::BoxedText out;
  if (text.empty()) return out;
  const Audience* audience = directory.audience(to);
  if (audience == nullptr || audience->epoch() == 0) return fail(ErrorKind::failed, "keyring.no-audience", to.hex());
  Bytes plain = Writer().sized(satchel::view(text)).take();
  plain.resize((plain.size() + kBoxedTextPad - 1) / kBoxedTextPad * kBoxedTextPad);
  if (plain.size() + kBoxOverhead > kBoxedTextBytesMax) return fail(ErrorKind::usage, "keyring.text-too-long");
  out.epoch = audience->epoch();
  const BoxPublic& key = audience->at(out.epoch)->key;
  out.box = boxer_.box(key, boxed_text_context(directory.org(), to, out.epoch, key, by), plain);
  return out;
}

Result<std::string> Keyring::open_boxed(const Directory& directory, const AudienceId& to, const PersonId& by,
                                        const payload::BoxedText& text) {
  if (text.box.empty()) return std::string{};
  const auto secret = audience_secret(directory, to, text.epoch);
  if (!secret) return fail(ErrorKind::permission, "keyring.no-key", to.hex());
  SATCHEL_GET(plain,
              Unboxer(*secret).open(boxed_text_context(directory.org(), to, text.epoch, secret->pub, by), text.box));
  Reader in(plain);
  const View said = in.sized(kBoxedTextBytesMax);
  std::string out(said.begin(), said.end());
  const View pad = in.raw(in.left());
  if (!in.done() || std::ranges::any_of(pad, [](Byte b) { return b != 0; }))
    return fail(ErrorKind::integrity, "seal.broken");
  return out;
}

}  // namespace satchel::node
