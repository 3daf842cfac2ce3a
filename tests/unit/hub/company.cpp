// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/hub/company.h"

#include <spdlog/sinks/ostream_sink.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <fstream>

#include "sync/link/client.h"
#include "sync/node/enrol.h"
#include "sync/node/upkeep.h"

namespace satchel::hub_test {

namespace asio = boost::asio;
namespace fs = std::filesystem;

bool soon(const std::function<bool()>& condition) {
  std::mutex lock;
  std::condition_variable never;
  for (int waited = 0; waited < kPatienceMs; waited += 5) {
    if (condition()) return true;
    std::unique_lock guard(lock);
    never.wait_for(guard, Millis(5), [] { return false; });
  }
  return condition();
}

std::uint16_t free_port() {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  return acceptor.local_endpoint().port();
}

// ---- Hub ----

void Hub::start() {
  logger_ = std::make_shared<spdlog::logger>("hub", std::make_shared<spdlog::sinks::ostream_sink_mt>(*said_));
  logger_->set_level(spdlog::level::trace);
  open_ = must(hub::open_hub(folder_));
  hub::HubService::Setup setup{
      *open_->store, clock_, entropy_, *logger_, open_->identity, open_->config.org, open_->tls, open_->config.listen};
  setup.invited = open_->config.headquarters;
  setup.limits = limits;
  setup.backoff_first = Millis(20);
  setup.backoff_most = Millis(100);
  service_ = must(hub::HubService::start(std::move(setup)));
}

void Hub::stop() {
  if (service_) service_->stop();
  service_.reset();
  open_.reset();
}

void Hub::crash() {
  const fs::path copy = folder_.root.string() + ".crashed";
  fs::copy(folder_.root, copy, fs::copy_options::recursive);
  stop();
  fs::remove_all(folder_.root);
  fs::rename(copy, folder_.root);
}

std::string Hub::address() const { return format_address({"127.0.0.1", service_->port()}); }

std::uint64_t Hub::entries() {
  const auto txn = must(open_->store->begin_read());
  return must(txn->count(Table::log));
}

std::string Hub::log() const { return said_->str(); }

// ---- Member ----

Member::Member(const OrgId& org, Clock& clock_used, Entropy& entropy_used)
    : clock(clock_used), entropy(entropy_used), identity(make_identity(entropy)), store(open_memory(disk)) {
  replica = must(node::Replica::open(*store, clock, entropy, {identity, org, wire::Role::device}));
  vault = std::make_unique<Vault>(Vault::in_memory(identity, Secret32::random(entropy)));
  keyring = std::make_unique<node::Keyring>(*vault, entropy);
}

session::InitiatorHooks Member::hooks() {
  session::InitiatorHooks hooks;
  hooks.upkeep = [this] { return node::do_upkeep(*replica, *keyring); };
  hooks.progress = [this](const session::SyncReport&) {
    if (meanwhile) std::exchange(meanwhile, nullptr)();
  };
  return hooks;
}

Result<session::SyncReport> Member::sync(const hub::HubPlace& to) {
  Result<void> outcome{};
  session::SyncReport report;
  const auto factory = [&](Channel channel) -> std::unique_ptr<Endpoint> {
    hub::Caller::Setup caller{*replica, to.hub, false, hooks()};
    caller.ended = [&](const session::Initiator& initiator) {
      outcome = initiator.outcome();
      report = initiator.report();
    };
    return std::make_unique<hub::Caller>(std::move(caller), std::move(channel));
  };
  const auto linked = run_endpoint(must(parse_address(to.address)), to.pins, factory, clock, Millis(kPatienceMs));
  if (!outcome) return std::unexpected(outcome.error());
  if (!linked) return std::unexpected(linked.error());
  return report;
}

void Member::keep(const Envelope& envelope) {
  must(replica->write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}});
  }));
}

void Member::write(const std::function<Result<void>(WriteTxn&, node::Scribe&)>& work) {
  must(replica->write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), identity, *keyring, entropy, {clock.wall(), clock.mono(), true});
    SATCHEL_TRY(work(txn, scribe));
    return scribe.finish();
  }));
}

ArchiveId Member::open_customer(const std::string& name) {
  ArchiveId id;
  const BranchId branch = replica->directory()->person(person)->branch();
  write([&](WriteTxn&, node::Scribe& scribe) -> Result<void> {
    RecordChange card{random_id<RecordId>(entropy), "customer", 1, {{"name", name, {}}}};
    SATCHEL_GET(info, scribe.open_archive({ArchiveKind::customer, branch, {person}}, {card}));
    id = info.id;
    return {};
  });
  return id;
}

void Member::add_visits(const ArchiveId& archive, int count, const std::string& summary) {
  write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, archive));
    SATCHEL_GET(info, node::archive_info(txn, no.value_or(0)));
    for (int i = 0; i < count; ++i) {
      RecordChange visit{random_id<RecordId>(entropy), "visit", 1, {{"summary", summary + std::to_string(i), {}}}};
      SATCHEL_TRY(scribe.write(*info, {visit}));
    }
    return {};
  });
}

std::uint64_t Member::entries() {
  const auto txn = must(store->begin_read());
  return must(txn->count(Table::log));
}

Digest Member::heads(const ArchiveId& archive) {
  const auto txn = must(store->begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  return no ? node::digest_of(must(node::heads_of(*txn, *no))) : Digest{};
}

std::vector<std::string> Member::stamped_by(const ArchiveId& archive) {
  const auto txn = must(store->begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  std::vector<std::string> hubs;
  if (!no) return hubs;
  const auto run = must(node::run_of(*txn, must(node::heads_of(*txn, *no)).front().last));
  if (!run) return hubs;
  for (const auto& s : must(node::stamps_of(*txn, run->batch))) hubs.push_back(s.stamp.hub.node.hex());
  return hubs;
}

// ---- LiveLink ----

struct LiveLink::Loop {
  explicit Loop(Clock& clock, TlsContext tls) : dialer(io, clock, std::move(tls)) {}
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Dialer dialer;
  hub::Caller* caller = nullptr;
  std::thread thread;
};

LiveLink::LiveLink(Member& member, const hub::HubPlace& to) : member_(member) {
  loop_ = std::make_unique<Loop>(member.clock, must(TlsContext::client(to.pins)));
  const auto look = [this] {
    const std::lock_guard guard(lock_);
    if (condition_ && condition_(member_)) {
      met_ = true;
      changed_.notify_all();
    }
  };
  asio::post(loop_->io, [this, to, look] {
    loop_->dialer.dial(
        *parse_address(to.address),
        [this, to, look](Channel channel) -> std::unique_ptr<Endpoint> {
          hub::Caller::Setup caller{*member_.replica, to.hub, true, member_.hooks()};
          caller.hooks.settled = [look](const session::SyncReport&) { look(); };
          caller.ended = [this](const session::Initiator&) { loop_->caller = nullptr; };
          auto made = std::make_unique<hub::Caller>(std::move(caller), std::move(channel));
          loop_->caller = made.get();
          return made;
        },
        [this](const Result<void>&) { over_ = true; });
  });
  loop_->thread = std::thread([this] { loop_->io.run(); });
}

LiveLink::~LiveLink() {
  asio::post(loop_->io, [this] {
    loop_->dialer.stop();
    loop_->work.reset();
  });
  loop_->thread.join();
}

bool LiveLink::await(const std::function<bool(Member&)>& condition) {
  std::unique_lock guard(lock_);
  met_ = false;
  condition_ = condition;
  asio::post(loop_->io, [this] {
    const std::lock_guard inner(lock_);
    if (condition_ && condition_(member_)) met_ = true;
    changed_.notify_all();
  });
  const bool met = changed_.wait_for(guard, Millis(kPatienceMs), [&] { return met_; });
  condition_ = nullptr;
  return met;
}

void LiveLink::poke() {
  asio::post(loop_->io, [this] {
    if (loop_->caller != nullptr) loop_->caller->poke();
  });
}

// ---- Company ----

Company::Company() : hq(folder.path() / "hq", clock, entropy) {
  const HostPort listen{"127.0.0.1", free_port()};
  const auto founded = must(hub::found_organisation(
      {hq.folder(), "华兴食品", "总部", "管理员", listen, format_address(listen)}, clock, entropy));
  org_ = founded.org;
  hq.start();
  std::ostringstream text;
  text << std::ifstream(hq.folder().first_admin()).rdbuf();
  const auto invitation = must(decode_invitation(text.str()));
  root_ = invitation.root;
  enrol("admin", invitation).person = founded.admin;
  must(admin().sync(place(hq)));
}

hub::HubPlace Company::place(Hub& hub) const {
  const auto identity = must(load_identity_file(hub.folder().identity()));
  return {identity.id,
          hub.running() ? hub.address() : format_address(must(hub::read_config(hub.folder())).listen),
          {must(TlsIdentity::load(hub.folder().tls())).pin()}};
}

Member& Company::enrol(const std::string& name, const InvitationFile& invitation) {
  auto& member = *(members_[name] = std::make_unique<Member>(org_, clock, entropy));
  member.keep(node::enrolment(invitation, member.identity, name, {}, clock.wall(), entropy));
  must(member.sync(place(hq)));
  return member;
}

InvitationFile Company::invite(payload::Invitation said) {
  auto file = new_invitation(root_, entropy);
  file.org_name = "华兴食品";
  file.purpose = said.purpose;
  file.expiry = said.expiry = clock.wall() + Millis(3'600'000);
  const auto to = place(hq);
  file.hubs = {{to.address, to.hub, to.pins.front()}};
  said.invite = file.invite;
  said.token = token_keys(file).pub;
  admin().propose(said);
  must(admin().sync(to));
  return file;
}

InvitationFile Company::invite_hub(const std::string& name) {
  if (!branches_.contains(name)) {
    branches_[name] = random_id<BranchId>(entropy);
    admin().propose(payload::BranchAdded{branches_[name], name, {}});
  }
  payload::Invitation said;
  said.purpose = InvitePurpose::hub;
  said.branch = branches_[name];
  said.needs_confirmation = false;
  return invite(said);
}

Hub& Company::add_branch(const std::string& name) {
  const auto invitation = invite_hub(name);
  auto& hub =
      *(hubs_[name] = std::make_unique<Hub>(folder.path() / ("branch" + std::to_string(hubs_.size())), clock, entropy));
  const HostPort listen{"127.0.0.1", free_port()};
  const auto joined =
      must(hub::join_organisation({hub.folder(), name, listen, format_address(listen), invitation}, clock, entropy));
  REQUIRE(joined.confirmed);
  hub.start();
  return hub;
}

Member& Company::hire(const std::string& name, Role role, const std::string& branch) {
  payload::PersonAdded added{
      random_id<PersonId>(entropy), name, role, branch.empty() ? BranchId{} : branches_.at(branch), {}, {}};
  admin().propose(added);
  payload::Invitation said;
  said.person = added.person;
  auto& member = enrol(name, invite(said));
  member.person = added.person;
  admin().propose(payload::NodeConfirmed{member.identity.id});
  must(admin().sync(place(hq)));
  must(member.sync(place(hq)));
  must(admin().sync(place(hq)));
  must(member.sync(place(hq)));
  return member;
}

void Company::settle(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    for (auto& [name, member] : members_) must(member->sync(place(hq)));
  }
}

}  // namespace satchel::hub_test
