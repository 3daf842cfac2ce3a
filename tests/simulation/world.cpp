// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/world.h"

#include "sync/node/attachments.h"

namespace satchel::sim {

Node::Node(World& world, std::string node_name, Identity who, wire::Role node_role, OrgId of, std::uint64_t seed,
           std::int64_t clock_offset)
    : name(std::move(node_name)),
      identity(std::move(who)),
      role(node_role),
      org(of),
      clock(world.time, clock_offset),
      entropy(seed),
      vault_key(Secret32::random(entropy)),
      world_(world) {}

void Node::start() {
  store_ = world_.open_store(name);
  if (!store_) store_ = open_memory(disk);
  replica_ = must(node::Replica::open(*store_, clock, entropy, {identity, org, role}));
  clock.guide(&replica_->clock());
  if (role == wire::Role::hub) {
    replica_->watch([this](const node::Effects& effects) {
      for (auto* s : sessions)
        s->on_change(effects.feeds(), effects.receipts(), effects.directory_changed() || effects.pending());
    });
    return;
  }
  vault_ = std::make_unique<Vault>(Vault::in_memory(identity, vault_key));
  keyring_ = std::make_unique<node::Keyring>(*vault_, entropy);
  replica_->on_undo([this] { keyring_->forget(); });
  deriver_ = std::make_unique<node::Deriver>(*replica_, *keyring_);
}

void Node::stop() {
  jobs_.clear();
  clock.guide(nullptr);
  deriver_.reset();
  keyring_.reset();
  vault_.reset();
  replica_.reset();
  store_.reset();
  disk->crash();
}

void Node::submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t) {
  if (slow) {
    jobs_.push_back({std::move(job), std::move(done)});
  } else {
    done(replica_->write(job));
  }
}

// As the hub's commit queue does it: together, and one by one when that fails for another reason than the disk.
void Node::work_off() {
  auto waiting = std::exchange(jobs_, {});
  if (waiting.empty()) return;
  std::vector<node::Job> jobs;
  for (const auto& w : waiting) jobs.push_back(w.job);
  const auto whole = replica_->write(jobs);
  const bool alone = !whole && whole.error().kind != ErrorKind::storage && waiting.size() > 1;
  for (const auto& w : waiting) w.done(alone ? replica_->write(w.job) : whole);
}

Link::Link(World& world, Node& from, Node& hub, bool live) : world_(world), from_(from), hub_(hub) {
  Bytes exporter(32);
  for (auto& b : exporter) b = static_cast<Byte>(world.random());
  session::InitiatorHooks hooks;
  if (from.role != wire::Role::hub) {
    hooks.upkeep = [&from] { return node::do_upkeep(from.replica(), from.keyring()); };
    hooks.fetch_blobs = from.fetches;
  }
  initiator_ = std::make_unique<session::Initiator>(from.replica(), exporter, hub.identity.id, live, hooks);
  acceptor_ = std::make_unique<session::Acceptor>(hub, exporter);
  hub.sessions.push_back(acceptor_.get());
  acceptor_->on_open({world.time.ms});
  initiator_->on_open({world.time.ms});
  collect();
}

Link::~Link() { cut(); }

void Link::cut() {
  if (over_) return;
  over_ = true;
  if (from_.running()) initiator_->on_closed({world_.time.ms});
  if (hub_.running()) acceptor_->on_closed({world_.time.ms});
  std::erase(hub_.sessions, acceptor_.get());
}

void Link::collect() {
  for (auto& f : initiator_->take_output()) {
    if (tap) tap(true, f);
    if (world_.overhear) world_.overhear(from_, hub_, true, f);
    up_.push_back(std::move(f));
  }
  for (auto& f : acceptor_->take_output()) {
    if (tap) tap(false, f);
    if (world_.overhear) world_.overhear(hub_, from_, false, f);
    down_.push_back(std::move(f));
  }
}

bool Link::idle() const { return up_.empty() && down_.empty(); }

bool Link::step() {
  if (over_) return false;
  collect();
  turn_ = !turn_;
  const bool go_up = up_.empty() ? false : (down_.empty() || turn_);
  if (go_up) {
    const Bytes frame = std::move(up_.front());
    up_.pop_front();
    bytes += frame.size();
    ++frames;
    acceptor_->on_frame({world_.time.ms}, frame);
  } else if (!down_.empty()) {
    const Bytes frame = std::move(down_.front());
    down_.pop_front();
    bytes += frame.size();
    ++frames;
    initiator_->on_frame({world_.time.ms}, frame);
  } else {
    if (initiator_->finished() || acceptor_->finished()) cut();
    return false;
  }
  collect();
  return true;
}

World::World(std::uint64_t seed, int branches, StoreFactory stores)
    : random(seed), stores_(std::move(stores)), next_seed_(seed * 1000 + 1) {
  start_crypto();
  found();
  for (int i = 0; i < branches; ++i) add_branch(branch_name(i));
}

Node& World::add_node(const std::string& name, wire::Role role, std::int64_t clock_offset) {
  SeededEntropy entropy(next_seed_++);
  auto node = std::make_unique<Node>(*this, name, make_identity(entropy), role, org_, next_seed_++, clock_offset);
  node->start();
  return *(nodes_[name] = std::move(node));
}

void World::order_as_root(const std::vector<Envelope>& envelopes) {
  must(hq().replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    for (const auto& e : envelopes) {
      Directory& directory = effects.edit();
      SATCHEL_TRY(directory.check(e, hq().clock.wall()));
      SATCHEL_TRY(node::append_ordered(txn, directory, directory.order(e, hq().clock.wall()), &e));
      DirectoryHead head = directory.head(hq().identity.id, hq().clock.wall());
      sign_head(head, hq().identity.sign);
      SATCHEL_TRY(node::put_head(txn, head));
    }
    return {};
  }));
}

void World::found() {
  SeededEntropy entropy(next_seed_++);
  root_ = make_sign_keys(Secret32::random(entropy));
  org_ = org_id(root_.pub);
  Node& hq = add_node("HQ", wire::Role::hub, 0);
  const Speaker root{org_, {}, {}, {}, hq.clock.wall()};
  payload::OrganisationFounded founded;
  founded.name = "华兴食品";
  founded.root = root_.pub;
  founded.backup_pin.bytes[0] = 1;
  payload::HubAdmitted admitted;
  admitted.sign = hq.identity.sign.pub;
  admitted.box = hq.identity.box.pub;
  admitted.tls_pin.bytes[0] = 2;
  admitted.address = "127.0.0.1:7440";
  admitted.name = "HQ";
  payload::PersonAdded first;
  first.person = persons_["admin"] = random_id<PersonId>(entropy);
  first.name = "admin";
  first.role = Role::archive_administrator;
  order_as_root({make_statement(root, root_, founded, entropy), make_statement(root, root_, admitted, entropy),
                 make_statement(root, root_, first, entropy)});
  InvitationFile file = new_invitation(root_.pub, entropy);
  file.org_name = founded.name;
  payload::Invitation invitation;
  invitation.invite = file.invite;
  invitation.token = token_keys(file).pub;
  invitation.purpose = InvitePurpose::person;
  invitation.person = first.person;
  invitation.expiry = {time.ms + kDayMs / 2};
  invitation.needs_confirmation = false;
  order_as_root({make_statement(root, root_, invitation, entropy)});
  Node& admin = add_node("admin", wire::Role::device, 0);
  admin.person = first.person;
  const Envelope enrolled = node::enrolment(file, admin.identity, "admin's", {}, admin.clock.wall(), admin.entropy);
  must(admin.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {enrolled.id(), enrolled.encode(), wire::SubmitStatus::pending, {}});
  }));
  sync(admin, hq);
  sync(admin, hq);
}

InvitationFile World::invite(InvitePurpose purpose, const PersonId& person_id, const BranchId& branch_id,
                             bool confirm) {
  InvitationFile file = new_invitation(root_.pub, admin().entropy);
  payload::Invitation invitation;
  invitation.invite = file.invite;
  invitation.token = token_keys(file).pub;
  invitation.purpose = purpose;
  invitation.person = person_id;
  invitation.branch = branch_id;
  invitation.expiry = {time.ms + kDayMs / 2};
  invitation.needs_confirmation = confirm;
  state(invitation);
  sync(admin(), hq());
  return file;
}

void World::add_branch(const std::string& name) {
  payload::BranchAdded added;
  added.branch = branches_[name] = random_id<BranchId>(admin().entropy);
  added.name = name;
  state(added);
  const auto file = invite(InvitePurpose::hub, {}, added.branch, false);
  Node& hub = add_node("hub " + name, wire::Role::hub, 0);
  payload::HubDetails details;
  details.tls_pin.bytes[0] = 3;
  details.address = "127.0.0.1:7441";
  const Envelope enrolled = node::enrolment(file, hub.identity, hub.name, details, hub.clock.wall(), hub.entropy);
  must(hub.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {enrolled.id(), enrolled.encode(), wire::SubmitStatus::pending, {}});
  }));
  sync(hub, hq());
  sync(hub, hq());
}

Node& World::device(const std::string& name, Role role, const std::string& branch_of, std::int64_t clock_offset) {
  if (!persons_.contains(name)) {
    payload::PersonAdded added;
    added.person = persons_[name] = random_id<PersonId>(admin().entropy);
    added.name = name;
    added.role = role;
    if (!branch_of.empty()) added.branch = branch(branch_of);
    state(added);
  }
  const auto file = invite(InvitePurpose::person, persons_.at(name), {}, true);
  std::string node_name = name;
  for (int i = 2; nodes_.contains(node_name); ++i) node_name = name + " " + std::to_string(i);
  Node& node = add_node(node_name, wire::Role::device, clock_offset);
  node.person = persons_.at(name);
  const Envelope enrolled = node::enrolment(file, node.identity, node_name, {}, node.clock.wall(), node.entropy);
  must(node.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {enrolled.id(), enrolled.encode(), wire::SubmitStatus::pending, {}});
  }));
  sync(node, hq());
  sync(admin(), hq());
  payload::NodeConfirmed confirmed;
  confirmed.node = node.identity.id;
  state(confirmed);
  sync(admin(), hq());
  sync(node, hq());
  return node;
}

void World::add_person(Node& by, const std::string& name, Role role, const std::string& branch_of) {
  payload::PersonAdded added;
  added.person = persons_[name] = random_id<PersonId>(by.entropy);
  added.name = name;
  added.role = role;
  if (!branch_of.empty()) added.branch = branch(branch_of);
  state_as(by, added);
}

InvitationFile World::invite_by(Node& by, const PersonId& invited) {
  InvitationFile file = new_invitation(root_.pub, by.entropy);
  payload::Invitation invitation;
  invitation.invite = file.invite;
  invitation.token = token_keys(file).pub;
  invitation.purpose = InvitePurpose::person;
  invitation.person = invited;
  invitation.expiry = {time.ms + kDayMs};
  invitation.needs_confirmation = true;
  state_as(by, invitation);
  return file;
}

Node& World::enrol_by(const InvitationFile& file, const std::string& name, std::int64_t clock_offset) {
  std::string node_name = name;
  for (int i = 2; nodes_.contains(node_name); ++i) node_name = name + " " + std::to_string(i);
  Node& node = add_node(node_name, wire::Role::device, clock_offset);
  node.person = persons_.at(name);
  const Envelope enrolled = node::enrolment(file, node.identity, node_name, {}, node.clock.wall(), node.entropy);
  must(node.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {enrolled.id(), enrolled.encode(), wire::SubmitStatus::pending, {}});
  }));
  return node;
}

std::vector<Node*> World::all() {
  std::vector<Node*> out;
  for (auto& [name, node] : nodes_) out.push_back(node.get());
  return out;
}

std::unique_ptr<Link> World::connect(Node& from, Node& hub, bool live) {
  return std::make_unique<Link>(*this, from, hub, live);
}

void World::run(Link& link) {
  for (int quiet = 0; !link.over() && quiet < 2;) quiet = link.step() ? 0 : quiet + 1;
}

Result<void> World::sync_outcome(Node& from, Node& hub, session::SyncReport* report) {
  Link link(*this, from, hub, false);
  std::string said;  // kinds of the frames last sent, for whoever looks into it
  constexpr std::size_t kKindAt = 16, kSaidMax = 400;
  link.tap = [&](bool up, const Bytes& frame) {
    said += (up ? " >" : " <") + std::to_string(frame[kKindAt]);
    if (said.size() > kSaidMax) said.erase(0, kSaidMax / 2);
  };
  run(link);
  if (report != nullptr) *report = link.initiator().report();
  if (!link.over() && link.initiator().outcome())
    return fail(ErrorKind::failed, "world.stuck", from.name + " and " + hub.name + ":" + said);
  time.ms += 50;
  if (from.role != wire::Role::hub && link.initiator().report().complete)
    SATCHEL_TRY(node::admit_restored(from.replica(), from.keyring()));
  return link.initiator().outcome();
}

session::SyncReport World::sync(Node& from, Node& hub) {
  session::SyncReport report;
  must(sync_outcome(from, hub, &report));
  return report;
}

Node& World::home_of(Node& device) {
  const Person* who = hq().replica().directory()->person(device.person);
  const bool at_branch = who != nullptr && !who->branch().none();
  for (auto& [branch_of, id] : branches_) {
    if (at_branch && id == who->branch()) return hub_of(branch_of);
  }
  return hq();
}

void World::settle(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    for (auto& [name, node] : nodes_) {
      if (node->role != wire::Role::hub && node->running()) sync(*node, home_of(*node));
    }
    for (auto& [branch_of, id] : branches_) sync(hub_of(branch_of), hq());
  }
}

Snapshot World::snapshot(Node& at, bool signs_first) {
  // As the program does before it makes a backup (sync/holder/backups.h).
  if (at.role != wire::Role::hub && signs_first) {
    must(at.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_TRY(node::seal_outbox(txn, at.replica().author()));
      return {};
    }));
  }
  return {at.disk->clone(), at.identity.incarnation, at.clock.wall()};
}

void World::restore(Node& at, const Snapshot& copy) {
  if (at.running()) at.stop();
  at.disk = copy.disk->clone();
  {
    const auto store = open_memory(at.disk);
    const auto txn = must(store->begin_write());
    const auto directory = must(node::load_directory(*txn, org_));
    const node::Author before{
        {at.identity.id, copy.incarnation}, at.identity.sign, directory.position(), at.clock.wall(), at.clock.mono()};
    must(at.role == wire::Role::hub ? node::begin_hub_again(*txn)
                                    : node::begin_again(*txn, before, copy.made, at.entropy));
    must(txn->commit());
  }
  at.identity.incarnation = node::next_life(copy.incarnation, at.clock.wall(), at.entropy);
  at.start();
}

Node& World::clone(Node& at) {
  const std::string name = at.name + " copy";
  auto copy = std::make_unique<Node>(*this, name, at.identity, at.role, org_, next_seed_++, at.clock.offset());
  copy->person = at.person;
  copy->vault_key = at.vault_key;
  copy->disk = at.disk->clone();
  copy->start();
  return *(nodes_[name] = std::move(copy));
}

void World::renew(Node& at) {
  must(at.replica().write(
      [&](WriteTxn& txn, node::Effects&) { return node::end_life(txn, at.replica().author(), at.entropy); }));
  at.stop();
  at.identity.incarnation = node::next_life(at.identity.incarnation, at.clock.wall(), at.entropy);
  at.start();
  must(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(node::write_again(txn, effects.directory(), at.identity, at.keyring(), at.entropy));
    return {};
  }));
}

Result<void> World::resume_order() {
  SATCHEL_TRY(sync_outcome(admin(), hq()));
  const auto directory = admin().replica().directory();
  payload::OrderResumed resumed;
  resumed.head = directory->position();
  resumed.order_hash = directory->last_order_hash();
  resumed.incarnation = hq().identity.incarnation;
  state(resumed);
  return sync_outcome(admin(), hq());
}

Result<ArchiveId> World::try_open_customer(Node& at, const std::string& customer, std::vector<PersonId> owners) {
  if (owners.empty()) owners.push_back(at.person);
  ArchiveId id;
  SATCHEL_TRY(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                        {at.clock.wall(), at.clock.mono(), true});
    RecordChange card;
    card.record = random_id<RecordId>(at.entropy);
    card.type = "customer";
    card.version = 1;
    card.ops.push_back({"name", customer, {}});
    const Person* owner = effects.directory().person(owners.front());
    SATCHEL_GET(info, scribe.open_archive(
                          {ArchiveKind::customer, owner != nullptr ? owner->branch() : BranchId{}, owners}, {card}));
    id = info.id;
    return scribe.finish();
  }));
  return id;
}

ArchiveId World::open_customer(Node& at, const std::string& customer, std::vector<PersonId> owners) {
  return must(try_open_customer(at, customer, std::move(owners)));
}

namespace {

Result<void> write_change(Node& at, const ArchiveId& archive, RecordChange change, bool new_key = false) {
  return at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, archive));
    if (!no) return fail(ErrorKind::not_found, "world.archive");
    SATCHEL_GET(info, node::archive_info(txn, *no));
    node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                        {at.clock.wall(), at.clock.mono(), true});
    if (new_key) SATCHEL_TRY(scribe.rotate(*info));
    SATCHEL_TRY(scribe.write(*info, {change}));
    return scribe.finish();
  });
}

RecordChange visit_saying(Node& at, const std::string& summary) {
  RecordChange visit{random_id<RecordId>(at.entropy), "visit", 1, {}};
  visit.ops.push_back({"summary", summary, {}});
  visit.ops.push_back({"purpose", std::string("拜访"), {}});
  return visit;
}

}  // namespace

RecordId World::add_visit(Node& at, const ArchiveId& archive, const std::string& summary) {
  return must(try_add_visit(at, archive, summary));
}

Result<RecordId> World::try_add_visit(Node& at, const ArchiveId& archive, const std::string& summary) {
  const auto visit = visit_saying(at, summary);
  SATCHEL_TRY(write_change(at, archive, visit));
  return visit.record;
}

RecordId World::add_visit_under_new_key(Node& at, const ArchiveId& archive, const std::string& summary) {
  const auto visit = visit_saying(at, summary);
  must(write_change(at, archive, visit, true));
  return visit.record;
}

bool World::may_read(Node& at, const ArchiveId& archive) {
  const auto txn = must(at.replica().store().begin_read());
  const auto info = *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  return at.replica().directory()->may_read(at.identity.id, node::access_of(info), at.clock.wall());
}

void World::set_field(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                      const std::string& field, Value value) {
  must(try_set_field(at, archive, record, type, field, std::move(value)));
}

Result<void> World::try_set_field(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                                  const std::string& field, Value value) {
  const auto loaded = read(at, archive, record);
  RecordChange change;
  change.record = record;
  change.type = type;
  change.version = 1;
  change.ops.push_back({field, std::move(value), loaded.state.dots(field)});
  return write_change(at, archive, change);
}

Result<void> World::try_attach(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                               const Bytes& content) {
  SATCHEL_GET(reading, at.replica().store().begin_read());
  SATCHEL_GET(no, node::find_archive(*reading, archive));
  if (!no) return fail(ErrorKind::not_found, "world.archive");
  SATCHEL_GET(info, node::archive_info(*reading, *no));
  reading.reset();
  std::size_t done = 0;
  const auto read = [&](std::span<Byte> out) -> Result<std::size_t> {
    const auto count = std::min(out.size(), content.size() - done);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(done), count, out.begin());
    done += count;
    return count;
  };
  SATCHEL_GET(cut, node::cut_file(at.replica(), at.keyring(), *info, {"合同.pdf", "", content.size(), read, {}}));
  return at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                        {at.clock.wall(), at.clock.mono(), true});
    SATCHEL_TRY(node::add_attachment(txn, scribe, *info, {record, type, 1, {}}, cut));
    effects.blobs_changed();
    return scribe.finish();
  });
}

node::RecordReader::Loaded World::read(Node& at, const ArchiveId& archive, const RecordId& record) {
  must(at.deriver().apply());
  auto txn = must(at.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  if (!no) return {};
  const auto info = must(node::archive_info(*txn, *no));
  const auto index = must(node::record_index(*txn, *no, record));
  if (!index) return {};
  const auto obeyed = at.replica().obeyed();
  node::RecordReader reader(*txn, *obeyed, at.keyring());
  return must(reader.load(*info, record, index->ordinals));
}

std::optional<RecordId> World::card_of(Node& at, const ArchiveId& archive) {
  must(at.deriver().apply());
  auto txn = must(at.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  if (!no) return std::nullopt;
  for (const auto& [record, index] : must(node::records_of(*txn, *no))) {
    const auto info = must(node::archive_info(*txn, *no));
    const auto directory = at.replica().directory();
    node::RecordReader reader(*txn, *directory, at.keyring());
    if (must(reader.load(*info, record, index.ordinals)).state.type() == "customer") return record;
  }
  return std::nullopt;
}

}  // namespace satchel::sim
