// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/upkeep.h"

#include "sync/node/dropping.h"
#include "sync/node/epochs.h"

#include <set>

namespace satchel::node {

namespace {

constexpr DomainLabel kUpkeepMarkLabel{"satchel upkeep"};
constexpr std::string_view kWrappedMark = "wrapped_for";
constexpr std::string_view kWrapAgain = "wrap_again";  // a counter, 1: promises of openings do not count in this pass
constexpr std::int64_t kRankWaitMs = 30'000;           // how long each rank leaves a task to those before it
constexpr std::size_t kWrapsPerTurn = 4096;

// Whether somebody of the audience has the key by one of these.
bool serves(const Directory& directory, std::span<const WrappedFor> wraps, const AudienceId& audience) {
  return std::ranges::any_of(wraps, [&](const WrappedFor& w) {
    return w.audience == audience && can_open(directory, audience, w.audience_epoch);
  });
}

class Upkeeper {
 public:
  Upkeeper(Replica& replica, Keyring& keyring) : replica_(replica), keyring_(keyring) {}

  Result<bool> run() {
    SATCHEL_GET(dropped, drop_what_is_lost(replica_, keyring_, replica_.clock().wall()));
    SATCHEL_GET(shredded, shred(replica_, &keyring_));
    left_ = dropped.any() || shredded;
    const auto directory = replica_.directory();
    const KnownNode* self = directory->node(replica_.self().identity.id);
    if (self == nullptr || self->state() != NodeState::confirmed) return left_;
    if (replica_.obeyed()->directory->gone_at(self->id)) return left_;
    person_ = self->person;
    SATCHEL_TRY(make_statements(*directory));
    SATCHEL_TRY(make_wraps(*directory));
    return left_;
  }

 private:
  Result<void> make_statements(const Directory& directory) {
    const auto tasks = directory.upkeep(replica_.self().identity.id);
    if (tasks.empty()) return {};
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(pending, all_pending(*txn));
    txn.reset();
    std::vector<Envelope> out;
    for (const auto& task : tasks) {
      std::visit([&](const auto& t) { carry_out(directory, t, pending, out); }, task);
    }
    if (out.empty()) return {};
    left_ = true;
    return replica_.write([&](WriteTxn& write, Effects& effects) -> Result<void> {
      for (const auto& e : out) SATCHEL_TRY(put_pending(write, {e.id(), e.encode(), wire::SubmitStatus::pending, {}}));
      effects.pending_changed();
      return {};
    });
  }

  bool my_turn(const Directory& directory, std::uint32_t rank) const {
    const auto waited = replica_.clock().wall().ms - directory.last_hub_time().ms;
    return rank == 0 || waited > static_cast<std::int64_t>(rank) * kRankWaitMs;
  }

  // Whether a statement of ours about that audience and epoch still waits.
  template <class P>
  static bool waiting(const std::vector<Pending>& pending, const AudienceId& audience, std::uint32_t epoch,
                      const NodeId& node) {
    return std::ranges::any_of(pending, [&](const Pending& p) {
      const auto envelope = decode_envelope(p.envelope);
      if (!envelope || envelope->statement().kind != P::kKind || p.status == wire::SubmitStatus::refused) return false;
      const auto payload = decode_payload<P>(envelope->statement().payload);
      if (!payload || payload->audience != audience || payload->epoch != epoch) return false;
      if constexpr (std::is_same_v<P, payload::AudienceBox>) return payload->node == node;
      return true;
    });
  }

  Speaker speaker(const Directory& directory) const {
    return {replica_.self().org, replica_.self().identity.id, person_, directory.position(), replica_.clock().wall()};
  }

  void carry_out(const Directory& directory, const CreateAudienceKey& task, const std::vector<Pending>& pending,
                 std::vector<Envelope>& out) {
    if (!my_turn(directory, task.rank) || waiting<payload::AudienceKey>(pending, task.audience, task.epoch, {})) return;
    const Secret32 seed = Secret32::random(replica_.entropy());
    payload::AudienceKey key;
    key.audience = task.audience;
    key.epoch = task.epoch;
    key.key = make_box_keys(seed).pub;
    Boxer boxer(replica_.entropy());
    for (const auto& member : task.members) {
      const KnownNode* node = directory.node(member);
      if (node == nullptr) continue;
      key.boxes[member] = boxer.box(
          node->box, audience_box_context(directory.org(), task.audience, task.epoch, key.key, member), seed.view());
    }
    out.push_back(make_statement(speaker(directory), replica_.self().identity.sign, key, replica_.entropy()));
  }

  void carry_out(const Directory& directory, const SealAudienceBox& task, const std::vector<Pending>& pending,
                 std::vector<Envelope>& out) {
    if (!my_turn(directory, task.rank) || waiting<payload::AudienceBox>(pending, task.audience, task.epoch, task.to))
      return;
    const auto seed = keyring_.audience_seed(directory, task.audience, task.epoch);
    const Audience* audience = directory.audience(task.audience);
    if (!seed || audience == nullptr || audience->at(task.epoch) == nullptr) return;
    payload::AudienceBox box;
    box.audience = task.audience;
    box.epoch = task.epoch;
    box.node = task.to;
    const auto context =
        audience_box_context(directory.org(), task.audience, task.epoch, audience->at(task.epoch)->key, task.to);
    box.box = Boxer(replica_.entropy()).box(task.to_key, context, seed->view());
    out.push_back(make_statement(speaker(directory), replica_.self().identity.sign, box, replica_.entropy()));
  }

  // The HQ hub's own work.
  void carry_out(const Directory&, const LeaseNumbers&, const std::vector<Pending>&, std::vector<Envelope>&) {}

  // Which audiences have which keys, and who may read what: while that stands, only new archives need a look.
  static Digest audiences_mark(const Directory& directory) {
    Writer out;
    for (const auto& [id, person] : directory.people()) add(out, directory, person_audience(directory.org(), id));
    for (const auto& [id, branch] : directory.branches()) {
      add(out, directory, managers_audience(directory.org(), id));
      add(out, directory, pool_audience(directory.org(), id));
    }
    add(out, directory, hq_audience(directory.org()));
    add(out, directory, everyone_audience(directory.org()));
    return hash(kUpkeepMarkLabel, out.u64(directory.access_changes()).bytes());
  }
  static void add(Writer& out, const Directory& directory, const AudienceId& id) {
    const Audience* audience = directory.audience(id);
    out.u32(audience != nullptr ? audience->epoch() : 0);
  }

  Result<void> make_wraps(const Directory& directory) {
    return replica_.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      const Digest mark = audiences_mark(directory);
      SATCHEL_GET(known, txn.get(Table::meta, view(kWrappedMark)));
      const bool same = known && equal(*known, mark.view());
      SATCHEL_GET(done, counter(txn, kWrappedCounter));
      SATCHEL_GET(archives, archive_count(txn));
      SATCHEL_GET(again, counter(txn, kWrapAgain));
      again_ = again != 0;
      ArchiveNo no = same ? static_cast<ArchiveNo>(done) : 0;
      if (no == archives) return again_ ? set_counter(txn, kWrapAgain, 0) : Result<void>{};
      std::size_t made = 0;
      while (no < archives && made < kWrapsPerTurn) SATCHEL_TRY(wrap_archive(txn, directory, ++no, made));
      SATCHEL_TRY(set_counter(txn, kWrappedCounter, no));
      if (!same) SATCHEL_TRY(txn.put(Table::meta, view(kWrappedMark), mark.view()));
      left_ = left_ || made > 0;
      return {};
    });
  }

  Result<void> wrap_archive(WriteTxn& txn, const Directory& directory, ArchiveNo no, std::size_t& made) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info || !info->opened) return {};
    std::vector<ArchiveReader> lacking;
    for (const auto& reader : directory.readers(access_of(*info), replica_.clock().wall())) {
      const Audience* audience = directory.audience(reader.audience);
      // While its key is to be renewed, who left would be given it, too.
      const bool open = audience != nullptr && audience->epoch() > 0 && !directory.rotation_due(reader.audience);
      if (open) lacking.push_back(reader);
    }
    SATCHEL_GET(keys, keys_named(txn, *info));
    for (const auto& key : keys) SATCHEL_TRY(wrap_epoch(txn, directory, *info, key, lacking, made));
    return {};
  }

  // One key for all who may have it and do not. What its opening promised came to the hubs with it.
  Result<void> wrap_epoch(WriteTxn& txn, const Directory& directory, const StoredArchive& info, const EpochKey& key,
                          std::span<const ArchiveReader> readers, std::size_t& made) {
    SATCHEL_GET(has, again_ ? wrapped_here(txn, info, key) : wrapped_for(txn, info, key));
    for (const auto& reader : readers) {
      if (key.epoch < reader.epoch_from || serves(directory, has, reader.audience)) continue;
      const auto secret = keyring_.epoch_key(txn, directory, info, key);
      if (!secret && secret.error().kind == ErrorKind::permission) return {};  // not ours to give
      if (!secret) return std::unexpected(secret.error());
      const Bytes bytes = keyring_.wrap_key(directory, info.id, key.epoch, *secret, reader.audience, true);
      SATCHEL_GET(wrap, Wrap::decode(bytes));
      SATCHEL_TRY(make_way(txn, directory, info.no, wrap));
      SATCHEL_GET(fresh, put_wrap(txn, info.no, wrap, bytes));
      if (!fresh) continue;
      SATCHEL_TRY(queue_wrap(txn, wrap_hash(bytes), bytes));
      ++made;
    }
    return {};
  }

  Replica& replica_;
  Keyring& keyring_;
  PersonId person_;
  bool left_ = false;
  bool again_ = false;
};

}  // namespace

Result<void> begin_wrapping_again(WriteTxn& txn) {
  SATCHEL_TRY(set_counter(txn, kWrapAgain, 1));
  return set_counter(txn, kWrappedCounter, 0);
}

Result<void> hand_wraps_again(Replica& replica) {
  ArchiveNo archives = 0;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(count, archive_count(*txn));
    archives = count;
  }
  for (ArchiveNo from = 1; from <= archives; from += kArchivesPerWrite) {
    SATCHEL_TRY(replica.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      for (ArchiveNo no = from; no < from + kArchivesPerWrite && no <= archives; ++no) {
        SATCHEL_GET(wraps, wraps_of(txn, no));
        for (const auto& bytes : wraps) SATCHEL_TRY(queue_wrap(txn, wrap_hash(bytes), bytes));
      }
      return {};
    }));
  }
  return {};
}

Result<bool> do_upkeep(Replica& replica, Keyring& keyring) { return Upkeeper(replica, keyring).run(); }

}  // namespace satchel::node
