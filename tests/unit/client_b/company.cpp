// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/client_b/company.h"

#include <unistd.h>

#include <sstream>

#include "client/field/history.h"
#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "sync/node/catalogue.h"

namespace satchel::test {

namespace {

constexpr std::int64_t kHalfDayMs = 43'200'000;

}  // namespace

std::string code_of(const Error& error) { return error.code; }

Company::Company(int branches, sim::StoreFactory hubs) : world_(7, branches, std::move(hubs)) {
  SystemClock clock;
  world_.time.ms = clock.wall().ms;  // devices have the real clock
  publish_packs();
}

Company::~Company() { seats_.clear(); }

void Company::publish_packs() {
  for (const auto& [file, toml] : standard_packs()) say(node::publication_of(must(parse_pack(toml)), toml));
}

Seat& Company::join(const std::string& name, Role role, const std::string& branch) {
  const auto directory = world_.admin().replica().directory();
  auto seat = std::make_unique<Seat>();
  seat->name = name;
  payload::PersonAdded added;
  seat->person = added.person = random_id<PersonId>(world_.admin().entropy);
  added.name = name;
  added.role = role;
  if (!branch.empty()) added.branch = world_.branch(branch);
  say(added);
  InvitationFile file = new_invitation(directory->root(), world_.admin().entropy);
  payload::Invitation invitation;
  invitation.invite = file.invite;
  invitation.token = token_keys(file).pub;
  invitation.purpose = InvitePurpose::person;
  invitation.person = seat->person;
  invitation.expiry = {world_.time.ms + kHalfDayMs};
  say(invitation);

  holder::DeviceConfig config;
  config.root = directory->root();
  config.org_name = directory->name();
  seat->device = must(
      field::Device::create(folder_ / name, "correct horse", {kStretchPassesMin, kStretchMemoryKibMin, {}}, config));
  auto& device = *seat->device;
  const Envelope enrolled = node::enrolment(file, device.identity(), name, {}, device.clock().wall(), device.entropy());
  must(device.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::put_pending(txn, {enrolled.id(), enrolled.encode(), wire::SubmitStatus::pending, {}});
  }));
  sync(*seat);
  payload::NodeConfirmed confirmed;
  confirmed.node = device.identity().id;
  say(confirmed);
  for (int i = 0; i < 3; ++i) {  // the audience's key is made by the new device, boxed by others, ordered, and told
    sync(*seat);
    world_.sync(world_.admin(), world_.hq());
  }
  seat->book = std::make_unique<holder::Book>(device);
  must(seat->book->refresh());
  return *(seats_[name] = std::move(seat));
}

void Company::publish_system(std::string_view wanted) {
  for (const auto& [file, toml] : system_packs()) {
    if (wanted.empty() || file == wanted) say(node::publication_of(must(parse_pack(toml)), toml));
  }
}

session::SyncReport Company::sync(Seat& seat, sim::Node& hub) {
  auto& device = *seat.device;
  session::InitiatorHooks hooks;
  hooks.upkeep = [&] { return node::do_upkeep(device.replica(), device.keyring()); };
  const Bytes exporter(32, 9);
  session::Initiator caller(device.replica(), exporter, hub.identity.id, false, hooks);
  session::Acceptor acceptor(hub, exporter);
  const MonoTime now{world_.time.ms};
  hub.sessions.push_back(&acceptor);
  acceptor.on_open(now);
  caller.on_open(now);
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& frame : caller.take_output()) {
      acceptor.on_frame(now, frame);
      moved = true;
    }
    for (auto& frame : acceptor.take_output()) {
      caller.on_frame(now, frame);
      moved = true;
    }
  }
  caller.on_closed(now);
  acceptor.on_closed(now);
  std::erase(hub.sessions, &acceptor);
  must(caller.outcome());
  world_.time.ms += 1000;
  return caller.report();
}

void Company::sync_all() {
  for (int round = 0; round < 2; ++round) {
    for (auto& [name, seat] : seats_) sync(*seat);
  }
  for (auto& [name, seat] : seats_) must(seat->book->refresh());
}

Result<field::Saved> Company::try_open(Seat& seat, const std::string& name, std::vector<field::Typed> more,
                                       std::vector<PersonId> owners) {
  SATCHEL_GET(form, seat.book->form("customer"));
  more.push_back({"name", name});
  if (std::ranges::find(more, "kind", &field::Typed::field) == more.end()) more.push_back({"kind", "经销商"});
  SATCHEL_GET(card, field::parse_fields(*seat.book, *form, more));
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(opened, desk.open_customer({card, owners, {}}));
    saved = std::move(opened);
    return {};
  }));
  SATCHEL_TRY(seat.book->refresh());
  return saved;
}

field::Saved Company::open(Seat& seat, const std::string& name, std::vector<field::Typed> more,
                           std::vector<PersonId> owners) {
  return must(try_open(seat, name, std::move(more), std::move(owners)));
}

field::Saved Company::visit(Seat& seat, const std::string& customer, std::vector<field::Typed> fields) {
  const auto* form = must(seat.book->form("visit"));
  if (std::ranges::find(fields, "purpose", &field::Typed::field) == fields.end()) fields.push_back({"purpose", "拜访"});
  if (std::ranges::find(fields, "summary", &field::Typed::field) == fields.end())
    fields.push_back({"summary", "谈补货"});
  field::NewRecord record{form, must(seat.book->find_customer(customer)).archive,
                          must(field::parse_fields(*seat.book, *form, fields))};
  field::Saved saved;
  must(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(added, desk.add(record));
    saved = std::move(added);
    return {};
  }));
  must(seat.book->refresh());
  return saved;
}

Result<field::Saved> Company::edit(Seat& seat, const RecordId& record, std::vector<field::Typed> fields,
                                   const std::string& reason) {
  SATCHEL_TRY(seat.book->refresh());
  SATCHEL_GET(place, seat.book->find_record(record.hex()));
  SATCHEL_GET(shown, field::show_record(*seat.book, place));
  SATCHEL_GET(values, field::parse_fields(*seat.book, *shown.form, fields));
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(*seat.book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(done, desk.edit({place, values, reason}));
    saved = std::move(done);
    return {};
  }));
  SATCHEL_TRY(seat.book->refresh());
  return saved;
}

std::string Company::text(Seat& seat, const RecordId& record, const std::string& field) {
  must(seat.book->refresh());
  const auto shown = must(field::show_record(*seat.book, must(seat.book->find_record(record.hex()))));
  for (const auto& f : shown.fields) {
    if (f.field->id == field) return f.text;
  }
  return {};
}

std::vector<std::string> Company::lines(Seat& seat, const std::string& input, std::size_t batch,
                                        field::LinesDone* done) {
  std::istringstream in(input);
  std::vector<std::string> out;
  const auto result =
      must(field::add_lines(*seat.book, in, batch, [&](const std::string& line) { out.push_back(line); }, code_of));
  if (done != nullptr) *done = result;
  must(seat.book->refresh());
  return out;
}

}  // namespace satchel::test
