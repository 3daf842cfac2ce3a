// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/scribe.h"

#include "schema/base/planted.h"
#include "sync/node/lease.h"
#include "sync/node/replica.h"
#include "sync/node/restored.h"

namespace satchel::node {

namespace {

constexpr std::string_view kHybridCounter = "hybrid";

}  // namespace

std::vector<AudienceId> audiences_for(const OrgId& org, ArchiveKind kind, const BranchId& branch,
                                      std::span<const PersonId> owners) {
  std::vector<AudienceId> out;
  for (const auto& owner : owners) out.push_back(person_audience(org, owner));
  if (!branch.none()) out.push_back(managers_audience(org, branch));
  if (kind == ArchiveKind::branch && !branch.none()) out.push_back(pool_audience(org, branch));
  if (kind == ArchiveKind::common) out.push_back(everyone_audience(org));
  out.push_back(hq_audience(org));
  return out;
}

Scribe::Scribe(WriteTxn& txn, const Directory& directory, const Identity& self, Keyring& keyring, Entropy& entropy,
               Moment moment)
    : txn_(txn), directory_(directory), self_(self), keyring_(keyring), entropy_(entropy), moment_(moment) {}

Result<Scribe::Chain*> Scribe::chain_of(const StoredArchive& info) {
  if (!started_) {
    SATCHEL_GET(node, node_no(txn_, self_.id));
    SATCHEL_GET(last, last_ordinal(txn_));
    SATCHEL_GET(hybrid, counter(txn_, kHybridCounter));
    node_ = node;
    last_ = last;
    hybrid_ = HybridClock(hybrid);
    started_ = true;
  }
  const auto known = chains_.find(info.no);
  if (known != chains_.end()) return &known->second;
  Chain chain;
  chain.node = node_;
  const ChainId own{self_.id, self_.incarnation};
  SATCHEL_GET(heads, heads_of(txn_, info.no));
  for (const auto& h : heads) {
    if (h.chain.chain == own) chain.head = h;
  }
  for (const auto& h : heads) {
    // What arrived after our own previous entry here.
    if (h.chain.chain == own || (chain.head && h.last < chain.head->last)) continue;
    Seen seen{h.chain.chain, h.chain.head.seq, {}};
    std::copy_n(h.chain.head.hash.bytes.begin(), seen.hash.size(), seen.hash.begin());
    chain.seen.push_back(seen);
  }
  return &(chains_[info.no] = std::move(chain));
}

Result<Written> Scribe::append(const StoredArchive& info, Chain& chain, std::vector<RecordChange> records) {
  Change change;
  change.hybrid = hybrid_.next(moment_.claimed);
  change.claimed = moment_.claimed;
  change.mono = moment_.mono;
  change.seen = std::move(chain.seen);
  chain.seen.clear();
  change.records = std::move(records);
  const Bytes clear = std::exchange(chain.clear, {});
  const Bytes encoded = change.encode();
  // What no reader takes would be lost while it seems to be saved.
  if (encoded.size() > kUnpackedBytesMax || !Change::decode(encoded))
    return fail(ErrorKind::usage, "scribe.too-large", std::to_string(encoded.size()));
  const Bytes packed = pack_body(encoded, moment_.compress);
  if (packed.size() + kSealOverhead > kBodyBytesMax)
    return fail(ErrorKind::usage, "scribe.too-large", std::to_string(packed.size()));

  Header header;
  header.epoch = chain.key.epoch;
  header.chain = {self_.id, self_.incarnation};
  header.seq = (chain.head ? chain.head->chain.head.seq : 0) + 1;
  if (SATCHEL_PLANTED(sequence_reused) && header.seq > 3) --header.seq;
  header.directory = directory_.position();
  header.archive = info.id;
  header.previous = chain.head ? chain.head->chain.head.hash : Digest{};
  header.clear = clear_hash(clear);
  const Bytes body = seal_body(header, packed, chain.secret, entropy_);
  const auto raw = header.encode();

  Writer stored(Header::kBytes + 16 + clear.size() + body.size());
  stored.raw(raw).u64(chain.head ? chain.head->last : 0).sized(clear).raw(body);
  const Ordinal ordinal = last_ + 1;
  SATCHEL_TRY(txn_.append(Table::log, key_of(ordinal), stored.bytes()));
  if (!clear.empty()) SATCHEL_TRY(note_clear(txn_, info.no, chain.node, ordinal, clear));
  last_ = ordinal;
  chain.head = StoredHead{{header.chain, {header.seq, header_hash(raw)}}, chain.node, ordinal};
  return Written{info.no, ordinal, header.seq};
}

Result<Written> Scribe::write(const StoredArchive& info, std::vector<RecordChange> records, View clear) {
  SATCHEL_GET(chain, chain_of(info));
  if (!chain->ready) SATCHEL_TRY(make_ready(info, *chain));
  // One entry has one clear part: what is to be said of the key is said by an entry of its own.
  if (!clear.empty() && !chain->clear.empty()) SATCHEL_TRY(append(info, *chain, {}));
  if (!clear.empty()) chain->clear = copy(clear);
  return append(info, *chain, std::move(records));
}

Result<EpochKey> Scribe::key_for(const StoredArchive& info) {
  SATCHEL_GET(chain, chain_of(info));
  if (!chain->ready) SATCHEL_TRY(make_ready(info, *chain));
  return chain->key;
}

// Which key to write with. Saving never depends on how fresh anything is: an older key serves where the newest is not
// here, and a new epoch waits for nobody.
Result<void> Scribe::make_ready(const StoredArchive& info, Chain& chain) {
  chain.key = {info.epoch, info.key};
  auto secret = keyring_.epoch_key(txn_, directory_, info, chain.key);
  if (!secret && secret.error().kind == ErrorKind::permission) {
    SATCHEL_GET(keys, keyring_.keys_of(txn_, directory_, info));
    if (keys->epochs.empty()) {
      SATCHEL_GET(over, lease_over(txn_));
      SATCHEL_GET(waits, keys_wait(txn_, info.no));
      return over || waits ? open_deposit(info, chain) : std::unexpected(secret.error());
    }
    chain.key = keys->epochs.rbegin()->first;
    secret = keys->epochs.rbegin()->second;
  }
  if (!secret) return std::unexpected(secret.error());
  chain.secret = *secret;
  chain.ready = true;
  SATCHEL_GET(due, rotation_due(txn_, directory_, info, chain.key, moment_.claimed));
  if (due && !SATCHEL_PLANTED(rotation_skipped)) return open_epoch(info, chain);
  SATCHEL_GET(named, names_key(txn_, info, {self_.id, self_.incarnation}, chain.key));
  if (!named) chain.clear = Opening{info.kind, info.branch, chain.key.epoch, chain.key.id, info.owners, {}}.encode();
  return {};
}

// Wraps go to every one of those audiences that has a key by now; the others get theirs later (upkeep).
Result<Opening> Scribe::opening_of(const StoredArchive& info, const EpochKey& key, const Secret32& secret,
                                   std::span<const AudienceId> audiences) {
  Opening opening{info.kind, info.branch, key.epoch, key.id, info.owners, {}};
  for (const auto& audience : audiences) {
    const Audience* to = directory_.audience(audience);
    if (to == nullptr || to->epoch() == 0 || is_deserted(directory_, audience)) continue;
    const Bytes bytes = keyring_.wrap_key(directory_, info.id, key.epoch, secret, audience, false);
    SATCHEL_GET(wrap, Wrap::decode(bytes));
    SATCHEL_TRY(put_wrap(txn_, info.no, wrap, bytes));
    opening.wraps.push_back({audience, to->epoch(), wrap_hash(bytes)});
  }
  return opening;
}

Result<void> Scribe::open_epoch(const StoredArchive& info, Chain& chain) {
  chain.secret = Secret32::random(entropy_);
  chain.key = {info.epoch + 1, key_id(chain.secret)};
  chain.ready = true;
  StoredArchive next = info;
  next.epoch = chain.key.epoch;
  next.key = chain.key.id;
  SATCHEL_TRY(put_archive_info(txn_, next));
  SATCHEL_TRY(keyring_.adopt(txn_, info, chain.key.epoch, chain.secret));
  std::vector<AudienceId> audiences;
  for (const auto& reader : directory_.readers(access_of(info), moment_.claimed)) {
    if (reader.epoch_from <= chain.key.epoch) audiences.push_back(reader.audience);
  }
  if (SATCHEL_PLANTED(leaver_wrapped)) audiences.insert(audiences.end(), info.audiences.begin(), info.audiences.end());
  SATCHEL_GET(opening, opening_of(info, chain.key, chain.secret, audiences));
  chain.clear = opening.encode();
  return {};
}

// A device whose lease is over writes for others: under a key that it forgets at once and wraps for everybody but
// itself. Numbers are used up no faster than others' epochs follow: all deposits of one node share one.
Result<void> Scribe::open_deposit(const StoredArchive& info, Chain& chain) {
  chain.secret = Secret32::random(entropy_);
  SATCHEL_GET(latest, openings_of(txn_, info.no, info.epoch));
  bool own = false;
  for (const auto ordinal : latest) {
    SATCHEL_GET(entry, entry_at(txn_, ordinal));
    own = own || entry.header.chain == ChainId{self_.id, self_.incarnation};
  }
  chain.key = {own && info.epoch > 0 ? info.epoch : info.epoch + 1, key_id(chain.secret)};
  chain.ready = true;
  StoredArchive next = info;
  next.epoch = chain.key.epoch;
  next.key = chain.key.id;
  SATCHEL_TRY(put_archive_info(txn_, next));
  std::vector<AudienceId> others;
  for (const auto& reader : directory_.readers(access_of(info), moment_.claimed)) {
    if (!directory_.member(self_.id, reader.audience)) others.push_back(reader.audience);
  }
  SATCHEL_GET(opening, opening_of(info, chain.key, chain.secret, others));
  if (opening.wraps.empty()) return fail(ErrorKind::permission, "lease.over", info.id.hex());
  chain.clear = opening.encode();
  return {};
}

Result<std::uint32_t> Scribe::rotate(const StoredArchive& info) {
  SATCHEL_GET(chain, chain_of(info));
  SATCHEL_TRY(open_epoch(info, *chain));
  return chain->key.epoch;
}

Result<StoredArchive> Scribe::open_archive(const NewArchive& archive, std::vector<RecordChange> records) {
  SATCHEL_GET(info, add_archive(txn_, random_id<ArchiveId>(entropy_)));
  SATCHEL_GET(chain, chain_of(info));
  chain->secret = Secret32::random(entropy_);
  info.opened = true;
  info.kind = archive.kind;
  info.branch = archive.branch;
  info.owners = archive.owners;
  info.opened_at = directory_.position();
  const KnownNode* self = directory_.node(self_.id);
  info.opener = self != nullptr ? self->person : PersonId{};
  info.audiences = audiences_for(directory_.org(), archive.kind, archive.branch, archive.owners);
  info.key = key_id(chain->secret);
  chain->key = {0, info.key};
  chain->ready = true;
  SATCHEL_TRY(put_archive_info(txn_, info));
  SATCHEL_TRY(keyring_.adopt(txn_, info, 0, chain->secret));
  SATCHEL_GET(opening, opening_of(info, chain->key, chain->secret, info.audiences));
  chain->clear = opening.encode();
  SATCHEL_TRY(append(info, *chain, std::move(records)));
  return info;
}

Result<void> Scribe::finish() {
  if (!started_) return {};
  for (const auto& [no, chain] : chains_) {
    if (!chain.head) continue;
    const auto& head = chain.head->chain;
    SATCHEL_TRY(txn_.put(Table::heads, key_of(no, chain.node, head.chain.incarnation),
                         Writer().u64(head.head.seq).raw(head.head.hash.view()).u64(chain.head->last).bytes()));
  }
  if (SATCHEL_PLANTED(hybrid_time_forgotten)) return {};
  return set_counter(txn_, kHybridCounter, hybrid_.last());
}

}  // namespace satchel::node
