// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/kill_scene.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "server/hub/founding.h"
#include "server/hub/hub_folder.h"
#include "sync/holder/enrol.h"
#include "sync/holder/statements.h"
#include "sync/node/catalogue.h"
#include "sync/node/verify_log.h"
#include "sync/store/lmdb_store.h"

namespace satchel::crash {

namespace fs = std::filesystem;

namespace {

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool got = ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
                   ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(fd);
  REQUIRE(got);
  return ntohs(at.sin_port);
}

void ordered(holder::Device& device, const std::vector<Digest>& ids) {
  REQUIRE(must(holder::follow(device, ids)).all(holder::Fate::ordered));
}

}  // namespace

std::uint64_t number_after(const std::string& line, const std::string& word) {
  return line.starts_with(word + " ") ? std::stoull(line.substr(word.size() + 1)) : 0;
}

Company::Company() {
  start_crypto();
  const HostPort listen{"127.0.0.1", free_port()};
  const auto founded = must(hub::found_organisation(
      {{hub_folder()}, "华兴食品", "总部", "管理员", listen, format_address(listen)}, clock_, entropy_));
  org_ = founded.org;
  hub_id_ = founded.hub;
  start_hub();
  std::ostringstream text;
  text << std::ifstream(hub::HubFolder{hub_folder()}.first_admin()).rdbuf();
  const auto invitation = must(decode_invitation(text.str()));
  const auto admin = enrol("admin", invitation);
  publish_packs(*admin);
  hire(*admin, invitation);
  hub_.kill();
}

void Company::start_hub() {
  hub_.start({SATCHEL_CRASH_KILL_CHILD, "hub", hub_folder().string()});
  REQUIRE(hub_.listen(kPatience, "ready"));
}

std::unique_ptr<holder::Device> Company::open(const std::string& name) {
  return must(holder::Device::open(vault(name), kPassphrase));
}

std::uint64_t Company::look_at(const fs::path& store, const NodeId& self, bool is_hub) {
  const auto open = must(open_lmdb(store, {.read_only = true}));
  const auto txn = must(open->begin_read());
  const auto directory = must(node::verify_directory(*txn, org_));
  const auto report = must(node::verify_log(*txn, directory, {self, is_hub}));
  for (const auto& finding : report.findings)
    UNSCOPED_INFO(store.string() << ": " << finding.code << " " << finding.where);
  REQUIRE(report.sound());
  const auto held = own_entries(*txn, customer_, writer_);
  REQUIRE(must(txn->count(Table::log)) == held);  // there is no other chain: none is there twice
  return held;
}

std::unique_ptr<holder::Device> Company::enrol(const std::string& name, const InvitationFile& invitation) {
  auto enrolled = must(holder::enrol({vault(name), kPassphrase, {}, invitation, name, wire::Role::device}));
  REQUIRE(enrolled.reached);
  return std::move(enrolled.device);
}

void Company::publish_packs(holder::Device& admin) {
  must(holder::complete_enrolment(admin));
  std::vector<Digest> ids;
  for (const auto& [file, toml] : standard_packs()) {
    ids.push_back(must(admin.propose(node::publication_of(must(parse_pack(toml)), toml))));
  }
  ordered(admin, ids);
}

void Company::hire(holder::Device& admin, const InvitationFile& first) {
  payload::PersonAdded added;
  added.person = random_id<PersonId>(entropy_);
  added.name = "甲";
  added.role = Role::salesperson;
  InvitationFile file = new_invitation(first.root, entropy_);
  file.org_name = first.org_name;
  file.hubs = first.hubs;
  payload::Invitation said;
  said.invite = file.invite;
  said.token = token_keys(file).pub;
  said.purpose = file.purpose = InvitePurpose::person;
  said.person = added.person;
  said.expiry = file.expiry = clock_.wall() + Millis(3'600'000);
  ordered(admin, {must(admin.propose(added)), must(admin.propose(said))});
  const auto rep = enrol("rep", file);
  payload::NodeConfirmed confirmed;
  confirmed.node = rep->identity().id;
  ordered(admin, {must(admin.propose(confirmed))});
  for (int i = 0; i < 2; ++i) {
    must(holder::exchange(*rep));
    must(holder::exchange(admin));
  }
  writer_ = rep->replica().self().chain();
  must(rep->write([&](WriteTxn&, node::Scribe& scribe) -> Result<void> {
    RecordChange card{random_id<RecordId>(entropy_), "customer", 1, {{"name", std::string("福田百货"), {}}}};
    SATCHEL_GET(info, scribe.open_archive({ArchiveKind::customer, {}, {added.person}}, {card}));
    customer_ = info.id;
    return {};
  }));
  must(holder::exchange(*rep));
}

}  // namespace satchel::crash
