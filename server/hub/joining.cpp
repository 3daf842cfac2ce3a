// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/joining.h"

#include "schema/wire/limits.h"
#include "sync/directory/codec.h"
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"
#include "sync/link/client.h"
#include "sync/node/enrol.h"
#include "sync/store/lmdb_store.h"

namespace satchel::hub {

namespace fs = std::filesystem;

namespace {

// What the directory's refusals of an enrolment mean to whoever tries to join.
ErrorKind kind_of(std::string_view refusal) {
  if (refusal == "directory.unknown-invitation") return ErrorKind::not_found;
  if (refusal == "directory.token-used") return ErrorKind::conflict;
  if (refusal == "directory.bad-token") return ErrorKind::integrity;
  return ErrorKind::permission;
}

class Joiner {
 public:
  Joiner(const Joining& wishes, Clock& clock, Entropy& entropy) : wishes_(wishes), clock_(clock), entropy_(entropy) {}

  Result<Joined> run() {
    SATCHEL_TRY(check_wishes());
    SATCHEL_TRY(wishes_.folder.make());
    SATCHEL_TRY(begin());
    auto joined = enrol();
    if (!joined && refused_) forget();
    return joined;
  }

 private:
  Result<void> check_wishes() const {
    const auto& invitation = wishes_.invitation;
    if (invitation.purpose != InvitePurpose::hub) return fail(ErrorKind::usage, "invite.wrong-purpose", "hub");
    if (invitation.hubs.empty()) return fail(ErrorKind::invalid, "invite.damaged", "no hub");
    if (wishes_.name.empty() || wishes_.name.size() > kNameBytesMax || !codec::good_text(wishes_.name))
      return fail(ErrorKind::usage, "hub.bad-name", wishes_.name);
    SATCHEL_GET(address, parse_address(wishes_.address));
    if (address.port == 0 || wishes_.listen.port == 0) return fail(ErrorKind::usage, "link.address", wishes_.address);
    std::error_code ignored;
    if (fs::exists(wishes_.folder.config(), ignored))
      return fail(ErrorKind::conflict, "hub.exists", wishes_.folder.root.string());
    // Only what a join cut short has left may be there.
    const bool begun = fs::exists(wishes_.folder.identity(), ignored);
    if (!begun || fs::exists(wishes_.folder.recovery_kit(), ignored)) return wishes_.folder.must_be_free();
    return {};
  }

  // Keys and store, made or taken up again.
  Result<void> begin() {
    const auto& folder = wishes_.folder;
    auto identity = load_identity_file(folder.identity());
    if (!identity && identity.error().kind == ErrorKind::not_found) {
      identity = make_identity(entropy_);
      SATCHEL_TRY(create_identity_file(folder.identity(), *identity));
    }
    if (!identity) return std::unexpected(identity.error());
    auto tls = TlsIdentity::load(folder.tls());
    if (!tls && tls.error().kind == ErrorKind::not_found) {
      tls = TlsIdentity::make();
      if (tls) SATCHEL_TRY(tls->save(folder.tls()));
    }
    if (!tls) return std::unexpected(tls.error());
    pin_ = tls->pin();
    SATCHEL_GET(store, open_lmdb(folder.store()));
    store_ = std::move(store);
    node::Self self{*identity, wishes_.invitation.org, wire::Role::hub};
    SATCHEL_GET(replica, node::Replica::open(*store_, clock_, entropy_, std::move(self)));
    replica_ = std::move(replica);
    return {};
  }

  const Identity& identity() const { return replica_->self().identity; }
  const KnownNode* me(const Directory& directory) const { return directory.node(identity().id); }

  // One enrolment waits to be sent: the one of an earlier attempt when it was for this invitation.
  Result<void> prepare() {
    if (me(*replica_->directory()) != nullptr) return {};  // enrolled, and we know; only the end was missing
    return replica_->write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_GET(pending, node::all_pending(txn));
      for (const auto& p : pending) {
        SATCHEL_GET(envelope, decode_envelope(p.envelope));
        const auto said = decode_payload<payload::NodeEnrolled>(envelope.statement().payload);
        if (said && said->invite == wishes_.invitation.invite && p.status != wire::SubmitStatus::refused) {
          statement_ = p.id;
        } else {
          SATCHEL_TRY(node::erase_pending(txn, p.id));
        }
      }
      if (!statement_.none()) return {};
      const auto envelope = node::enrolment(wishes_.invitation, identity(), wishes_.name,
                                            payload::HubDetails{pin_, wishes_.address}, clock_.wall(), entropy_);
      statement_ = envelope.id();
      return node::put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}});
    });
  }

  Result<void> call(const InvitedHub& hub) {
    SATCHEL_GET(address, parse_address(hub.address));
    Result<void> outcome = fail(ErrorKind::offline, "link.cut");
    const auto factory = [&](Channel channel) -> std::unique_ptr<Endpoint> {
      Caller::Setup caller{*replica_, hub.hub};
      caller.ended = [&](const session::Initiator& initiator) {
        outcome = initiator.outcome();
        report_ = initiator.report();
      };
      return std::make_unique<Caller>(std::move(caller), std::move(channel));
    };
    auto linked = run_endpoint(address, {hub.tls_pin}, factory, clock_, kJoinMax);
    // What the session says is nearer to the cause than what the channel says.
    if (!outcome && outcome.error().code != "link.cut") return outcome;
    return linked ? outcome : linked;
  }

  Result<Joined> enrol() {
    SATCHEL_TRY(prepare());
    Result<void> reached = fail(ErrorKind::offline, "link.unreachable");
    for (const auto& hub : wishes_.invitation.hubs) {
      used_ = hub;
      reached = call(hub);
      SATCHEL_TRY(check_refusal());
      if (reached) break;
    }
    if (!reached && me(*replica_->directory()) == nullptr) return std::unexpected(reached.error());
    return finish();
  }

  Result<void> check_refusal() {
    SATCHEL_GET(txn, store_->begin_read());
    SATCHEL_GET(pending, node::all_pending(*txn));
    const auto ours = std::ranges::find(pending, statement_, &node::Pending::id);
    if (ours == pending.end() || ours->status != wire::SubmitStatus::refused) return {};
    refused_ = true;
    return fail(kind_of(ours->code), ours->code, wishes_.invitation.org_name);
  }

  Result<Joined> finish() {
    const auto directory = replica_->directory();
    const KnownNode* node = me(*directory);
    Joined joined{wishes_.invitation.org, identity().id};
    joined.confirmed = node != nullptr && node->state() == NodeState::confirmed;
    joined.fingerprint = fingerprint(identity().id, identity().sign.pub, identity().box.pub);
    const Branch* branch = node != nullptr ? directory->branch(node->branch) : nullptr;
    if (branch != nullptr) joined.branch = branch->name;
    joined.statements = report_.statements;
    joined.received = report_.received;
    const HubPlace place{used_.hub, used_.address, {used_.tls_pin}};
    SATCHEL_TRY(write_config(wishes_.folder, {joined.org, wishes_.name, wishes_.listen, place, {}}));
    return joined;
  }

  // Nobody knows these keys.
  void forget() {
    replica_.reset();
    store_.reset();
    std::error_code ignored;
    for (const auto& part : {wishes_.folder.store(), wishes_.folder.identity(), wishes_.folder.tls()})
      fs::remove_all(part, ignored);
  }

  const Joining& wishes_;
  Clock& clock_;
  Entropy& entropy_;
  Digest pin_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<node::Replica> replica_;
  Digest statement_;
  InvitedHub used_;
  session::SyncReport report_;
  bool refused_ = false;
};

}  // namespace

Result<Joined> join_organisation(const Joining& wishes, Clock& clock, Entropy& entropy) {
  return Joiner(wishes, clock, entropy).run();
}

}  // namespace satchel::hub
