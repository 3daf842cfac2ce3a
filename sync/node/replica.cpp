// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/replica.h"

#include "sync/node/shredding.h"

namespace satchel::node {

const Directory& Effects::directory() const { return edited_ ? *edited_ : *base_; }

Directory& Effects::edit() {
  if (!edited_) edited_ = std::make_shared<Directory>(*base_);
  return *edited_;
}

Result<std::unique_ptr<Replica>> Replica::open(Store& store, Clock& clock, Entropy& entropy, Self self) {
  std::unique_ptr<Replica> replica(new Replica(store, clock, entropy, std::move(self)));
  SATCHEL_TRY(replica->refresh());
  SATCHEL_GET(txn, store.begin_read());
  SATCHEL_GET(owed, satchel::node::shredding_owed(*txn));
  replica->shredding_owed_ = owed.has_value();
  SATCHEL_GET(contact, last_contact(*txn));
  if (contact) replica->clock_.told(*contact);
  return replica;
}

Result<std::shared_ptr<const Directory>> Replica::current(const ReadTxn& txn) {
  auto held = directory_.load();
  SATCHEL_GET(end, directory_end(txn));
  if (held && held->position() == end) return held;
  SATCHEL_GET(loaded, load_directory(txn, self_.org));
  return std::make_shared<const Directory>(std::move(loaded));
}

Result<void> Replica::refresh() {
  SATCHEL_GET(txn, store_.begin_read());
  SATCHEL_GET(directory, current(*txn));
  SATCHEL_GET(obeyed, obey(*txn, directory));
  directory_.store(directory);
  obeyed_.store(std::make_shared<const Obeyed>(std::move(obeyed)));
  return {};
}

Result<Obeyed> Replica::obey(const ReadTxn& txn, std::shared_ptr<const Directory> directory) const {
  Obeyed out{directory, directory, {}};
  if (directory->node(self_.identity.id) == nullptr || may_order(self_, *directory)) return out;
  SATCHEL_GET(pending, all_pending(txn));
  std::vector<Envelope> envelopes;
  for (const auto& p : pending) {
    if (p.status == wire::SubmitStatus::refused) continue;
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    envelopes.push_back(std::move(envelope));
  }
  if (envelopes.empty()) return out;
  Directory obeying = directory->obeying(envelopes, out.restrictions);
  if (!out.restrictions.empty()) out.directory = std::make_shared<const Directory>(std::move(obeying));
  return out;
}

Result<Obeyed> Replica::obeyed_in(const ReadTxn& txn, const Effects& effects) const {
  // Most transactions change neither.
  if (!effects.directory_changed() && !effects.pending()) {
    const auto now = obeyed_.load();
    if (now && now->directory->position() == effects.directory().position()) return *now;
  }
  return obey(txn, std::make_shared<const Directory>(effects.directory()));
}

Result<void> Replica::write(std::span<const Job> jobs) {
  auto done = try_write(jobs);
  if (!done && forget_) forget_();
  if (done && shredding_owed_) shred_if_due();
  return done;
}

// What stands in the way now, a reader or a full disk, may be gone later; the write itself is done all the same.
void Replica::shred_if_due() {
  constexpr std::int64_t kAgainMs = 10'000;
  if (self_.role != wire::Role::hub) return;
  const std::int64_t now = clock_.mono().ms;
  std::int64_t due = shred_again_at_;
  if (now < due || !shred_again_at_.compare_exchange_strong(due, now + kAgainMs)) return;
  const auto done = shred(*this, nullptr, kShredAtOnceBytesMax);
  const auto txn = store_.begin_read();
  const auto owed = txn ? satchel::node::shredding_owed(**txn) : std::unexpected(txn.error());
  if (done && owed && !*owed) shredding_owed_ = false;
}

Result<void> Replica::try_write(std::span<const Job> jobs) {
  Effects effects;
  {
    const std::lock_guard turn(turn_);
    SATCHEL_GET(txn, store_.begin_write());
    SATCHEL_GET(base, current(*txn));
    effects.base_ = base;
    for (const auto& job : jobs) SATCHEL_TRY(job(*txn, effects));
    auto directory = effects.edited_ ? std::shared_ptr<const Directory>(effects.edited_) : effects.base_;
    const auto before = obeyed_.load();
    std::shared_ptr<const Obeyed> obeyed = before;
    if (effects.edited_ || effects.pending_ || !before || directory_.load() != directory) {
      SATCHEL_GET(now, obey(*txn, directory));
      obeyed = std::make_shared<const Obeyed>(std::move(now));
    }
    SATCHEL_TRY(txn->commit());
    directory_.store(directory);
    obeyed_.store(obeyed);
  }
  if (effects.went_back_ && forget_) forget_();
  if (effects.shredding_) {
    shredding_owed_ = true;
    shred_again_at_ = 0;
  }
  if (watcher_ && effects.any()) watcher_(effects);
  return {};
}

bool may_order(const Self& self, const Directory& directory) {
  const KnownNode* me = directory.node(self.identity.id);
  return me != nullptr && me->hq_hub && directory.position().incarnation == self.identity.incarnation;
}

KeyLookup Replica::author_keys() const {
  return [directory = directory_.load()](const NodeId& id) -> const SignPublic* {
    const KnownNode* node = directory->node(id);
    return node != nullptr ? &node->sign : nullptr;
  };
}

KeyLookup Replica::hub_keys() const {
  return [directory = directory_.load()](const NodeId& id) -> const SignPublic* {
    const KnownNode* node = directory->node(id);
    return node != nullptr && node->kind == NodeKind::hub ? &node->sign : nullptr;
  };
}

Author Replica::author() const {
  return {self_.chain(), self_.identity.sign, directory_.load()->position(), clock_.own(), clock_.mono()};
}

std::vector<AudienceId> followed(const Directory& directory, const NodeId& id) {
  const KnownNode* node = directory.node(id);
  if (node == nullptr || node->state() != NodeState::confirmed) return {};
  if (node->kind != NodeKind::hub) return directory.audiences_of(id);
  std::vector<AudienceId> out;
  if (node->hq_hub) return out;  // it orders and is pushed to; it follows nobody
  out.push_back(managers_audience(directory.org(), node->branch));
  out.push_back(pool_audience(directory.org(), node->branch));
  out.push_back(everyone_audience(directory.org()));
  // Everybody who was ever of the branch: what they were given keeps coming through it until they are told otherwise.
  for (const auto& [person, info] : directory.people()) {
    const bool ours =
        std::ranges::any_of(info.history, [&](const PersonSpan& span) { return span.branch == node->branch; });
    if (ours) out.push_back(person_audience(directory.org(), person));
  }
  std::ranges::sort(out);
  return out;
}

ArchiveAccess access_of(const StoredArchive& info) {
  return {info.id, info.owners, info.audiences, info.branch, info.opened_at};
}

std::vector<AudienceId> readers_of(const Directory& directory, const StoredArchive& info, WallTime now) {
  std::vector<AudienceId> out;
  for (const auto& reader : directory.readers(access_of(info), now)) out.push_back(reader.audience);
  return out;
}

}  // namespace satchel::node
