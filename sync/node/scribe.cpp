// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/scribe.h"

namespace satchel::node {

namespace {

constexpr std::string_view kHybridCounter = "hybrid";

}  // namespace

std::vector<AudienceId> audiences_for(const OrgId& org, const BranchId& branch, std::span<const PersonId> owners) {
  std::vector<AudienceId> out;
  for (const auto& owner : owners) out.push_back(person_audience(org, owner));
  if (!branch.none()) out.push_back(managers_audience(org, branch));
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

Result<Written> Scribe::append(const StoredArchive& info, const Secret32& key, View clear,
                               std::vector<RecordChange> records) {
  SATCHEL_GET(chain, chain_of(info));
  Change change;
  change.hybrid = hybrid_.next(moment_.claimed);
  change.claimed = moment_.claimed;
  change.mono = moment_.mono;
  change.seen = std::move(chain->seen);
  chain->seen.clear();
  change.records = std::move(records);
  const Bytes packed = pack_body(change.encode(), moment_.compress);
  if (packed.size() + kSealOverhead > kBodyBytesMax)
    return fail(ErrorKind::usage, "scribe.too-large", std::to_string(packed.size()));

  Header header;
  header.epoch = info.epoch;
  header.chain = {self_.id, self_.incarnation};
  header.seq = (chain->head ? chain->head->chain.head.seq : 0) + 1;
  header.directory = directory_.position();
  header.archive = info.id;
  header.previous = chain->head ? chain->head->chain.head.hash : Digest{};
  header.clear = clear_hash(clear);
  const Bytes body = seal_body(header, packed, key, entropy_);
  const auto raw = header.encode();

  Writer stored(Header::kBytes + 16 + clear.size() + body.size());
  stored.raw(raw).u64(chain->head ? chain->head->last : 0).sized(clear).raw(body);
  const Ordinal ordinal = last_ + 1;
  SATCHEL_TRY(txn_.append(Table::log, key_of(ordinal), stored.bytes()));
  if (!clear.empty()) SATCHEL_TRY(note_clear(txn_, info.no, chain->node, ordinal, clear));
  last_ = ordinal;
  chain->head = StoredHead{{header.chain, {header.seq, header_hash(raw)}}, chain->node, ordinal};
  return Written{info.no, ordinal, header.seq};
}

Result<Written> Scribe::write(const StoredArchive& info, std::vector<RecordChange> records, View clear) {
  SATCHEL_GET(key, keyring_.epoch_key(txn_, directory_, info, info.epoch));
  return append(info, key, clear, std::move(records));
}

Result<StoredArchive> Scribe::open_archive(const NewArchive& archive, std::vector<RecordChange> records) {
  const Secret32 key = Secret32::random(entropy_);
  SATCHEL_GET(info, add_archive(txn_, random_id<ArchiveId>(entropy_)));
  info.opened = true;
  info.kind = archive.kind;
  info.branch = archive.branch;
  info.owners = archive.owners;
  const KnownNode* self = directory_.node(self_.id);
  info.opener = self != nullptr ? self->person : PersonId{};
  info.audiences = audiences_for(directory_.org(), archive.branch, archive.owners);
  info.key = key_id(key);
  SATCHEL_TRY(put_archive_info(txn_, info));
  SATCHEL_TRY(keyring_.adopt(txn_, info, key));

  Opening opening{archive.kind, archive.branch, 0, info.key, archive.owners, {}};
  for (const auto& audience : info.audiences) {
    const Audience* to = directory_.audience(audience);
    if (to == nullptr || to->epoch() == 0) continue;
    const Bytes bytes = keyring_.wrap_key(directory_, info.id, 0, key, nullptr, audience, false);
    SATCHEL_GET(wrap, Wrap::decode(bytes));
    SATCHEL_TRY(put_wrap(txn_, info.no, wrap, bytes));
    opening.wraps.push_back({audience, to->epoch(), wrap_hash(bytes)});
  }
  SATCHEL_TRY(append(info, key, opening.encode(), std::move(records)));
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
  return set_counter(txn_, kHybridCounter, hybrid_.last());
}

}  // namespace satchel::node
