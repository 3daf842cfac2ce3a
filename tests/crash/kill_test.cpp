// SPDX-License-Identifier: AGPL-3.0-or-later
// kill -9 at random moments: real processes on loopback, a hub, a device that saves and exchanges without pause, and
// one that follows. After each kill the files of the dead are looked at before anything opens them for writing; at the
// end everything has arrived everywhere, each visit once. (kill -9 keeps the page cache: what a power cut does to the
// disk is the other tests' subject.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "server/hub/founding.h"
#include "server/hub/hub_folder.h"
#include "sync/holder/book.h"
#include "sync/holder/enrol.h"
#include "sync/holder/statements.h"
#include "sync/holder/verify.h"
#include "sync/node/catalogue.h"
#include "sync/node/shredding.h"
#include "sync/store/lmdb_store.h"
#include "tests/crash/child.h"
#include "tests/crash/kill_company.h"
#include "tests/crash/workspace.h"

using namespace satchel;
using namespace satchel::crash;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRounds = 45;
constexpr std::chrono::seconds kPatience{30};

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

std::uint64_t number_after(const std::string& line, const std::string& word) {
  return line.starts_with(word + " ") ? std::stoull(line.substr(word.size() + 1)) : 0;
}

// Headquarters' hub, an administrator who follows, and a salesperson who writes, all set up over the real link.
class Company {
 public:
  Company() {
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

  fs::path hub_folder() const { return work_.path() / "hq"; }
  fs::path vault(const std::string& name) const { return work_.path() / name; }
  const ArchiveId& customer() const { return customer_; }
  const ChainId& writer() const { return writer_; }
  Child& hub() { return hub_; }

  void start_hub() {
    hub_.start({SATCHEL_CRASH_KILL_CHILD, "hub", hub_folder().string()});
    REQUIRE(hub_.listen(kPatience, "ready"));
  }
  std::unique_ptr<holder::Device> open(const std::string& name) {
    return must(holder::Device::open(vault(name), kPassphrase));
  }

  // The file of a node that is not running: its log verified from the bytes. Returns the writer's entries in it.
  std::uint64_t look_at(const fs::path& store, const NodeId& self, bool is_hub) {
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
  std::uint64_t look_at_hub() { return look_at(hub_folder() / "store", hub_id_, true); }
  std::uint64_t look_at_writer() { return look_at(vault("rep") / "store", writer_.node, false); }
  std::uint64_t look_at_follower() { return look_at(vault("admin") / "store", {}, false); }

 private:
  std::unique_ptr<holder::Device> enrol(const std::string& name, const InvitationFile& invitation) {
    auto enrolled = must(holder::enrol({vault(name), kPassphrase, {}, invitation, name, wire::Role::device}));
    REQUIRE(enrolled.reached);
    return std::move(enrolled.device);
  }

  static void follow(holder::Device& device, const std::vector<Digest>& ids) {
    REQUIRE(must(holder::follow(device, ids)).all(holder::Fate::ordered));
  }

  static void publish_packs(holder::Device& admin) {
    must(holder::complete_enrolment(admin));
    std::vector<Digest> ids;
    for (const auto& [file, toml] : standard_packs()) {
      ids.push_back(must(admin.propose(node::publication_of(must(parse_pack(toml)), toml))));
    }
    follow(admin, ids);
  }

  void hire(holder::Device& admin, const InvitationFile& first) {
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
    follow(admin, {must(admin.propose(added)), must(admin.propose(said))});
    const auto rep = enrol("rep", file);
    payload::NodeConfirmed confirmed;
    confirmed.node = rep->identity().id;
    follow(admin, {must(admin.propose(confirmed))});
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

  Workspace work_;
  SystemClock clock_;
  SystemEntropy entropy_;
  OrgId org_;
  NodeId hub_id_;
  ChainId writer_;
  ArchiveId customer_;
  Child hub_;
};

// What was promised so far, and the processes that promise.
class Run {
 public:
  explicit Run(Company& company, std::uint64_t seed) : company_(company), random_(seed) {}

  void round(std::uint64_t number) {
    if (!company_.hub().running()) company_.start_hub();
    if (!writer_.running()) {
      writer_.start({SATCHEL_CRASH_KILL_CHILD, "write", company_.vault("rep").string(), company_.customer().hex()});
    }
    if (!follower_.running()) follower_.start({SATCHEL_CRASH_KILL_CHILD, "follow", company_.vault("admin").string()});
    // A vault takes some 200 ms to open, and every fifth time it does not get that far.
    writer_.listen(std::chrono::microseconds(number % 5 == 4 ? random_() % 200'000 : 250'000 + random_() % 250'000));
    const auto whom = number % 4;
    // The hub first: while the writer is at work with it.
    if (whom == 1 || whom == 3) kill_hub();
    if (whom != 1) kill_writer();
    if (random_() % 2 == 0) kill_follower();
  }

  void kill_all() {
    kill_writer();
    kill_follower();
    kill_hub();
  }

  std::uint64_t saved() const { return saved_; }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t kills() const { return kills_; }

 private:
  void hear() {
    for (const auto& line : writer_.take_lines()) {
      saved_ = std::max(saved_, number_after(line, "saved"));
      taken_ = std::max(taken_, number_after(line, "taken"));
    }
  }
  void kill_writer() {
    writer_.kill();
    ++kills_;
    hear();
    REQUIRE(company_.look_at_writer() >= saved_);
  }
  void kill_hub() {
    company_.hub().kill();
    ++kills_;
    // What the writer says after this was promised before, or is not the hub's.
    const auto held = company_.look_at_hub();
    hear();
    REQUIRE(held >= taken_);
  }
  void kill_follower() {
    follower_.kill();
    ++kills_;
    std::uint64_t held = 0;
    for (const auto& line : follower_.take_lines()) held = std::max(held, number_after(line, "holds"));
    followed_ = std::max(followed_, held);
    REQUIRE(company_.look_at_follower() >= followed_);
  }

  Company& company_;
  std::mt19937_64 random_;
  Child writer_;
  Child follower_;
  std::uint64_t saved_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t followed_ = 0;
  std::uint64_t kills_ = 0;
};

// Every number of 2 (the card is entry 1) to `last` exactly once, as people would see them.
void check_visits(holder::Device& device, std::uint64_t last) {
  holder::Book book(device);
  must(book.refresh());
  const auto* sheet = must(book.sheet(holder::kVisitTemplate));
  std::multiset<std::uint64_t> numbers;
  sheet->table.each([&](const SheetView& row) {
    numbers.insert(std::stoull(std::string(sheet->text(row, "summary"))));
    return true;
  });
  REQUIRE(numbers.size() == last - 1);
  CHECK(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size() == last - 1);
  CHECK(*numbers.begin() == 2);
  CHECK(*numbers.rbegin() == last);
  CHECK(must(holder::verify_device(device)).sound());
}

}  // namespace

TEST_CASE("kill -9: of a hub and two devices at work nothing acknowledged is lost and nothing is there twice",
          "[crash][kill]") {
  Company company;
  const auto seed = number_from("SATCHEL_CRASH_SEED").value_or(1);
  Run run(company, seed);
  for (std::uint64_t n = 0; n < number_from("SATCHEL_CRASH_KILLS").value_or(kRounds); ++n) {
    INFO("seed " << seed << ", round " << n);
    run.round(n);
  }
  run.kill_all();
  company.start_hub();
  const auto rep = company.open("rep");
  const auto admin = company.open("admin");
  must(holder::exchange(*rep));
  must(holder::exchange(*admin));
  company.hub().kill();
  const std::uint64_t all =
      own_entries(*must(rep->replica().store().begin_read()), company.customer(), company.writer());
  CHECK(all >= run.saved());
  CHECK(company.look_at_hub() == all);
  check_visits(*rep, all);
  check_visits(*admin, all);
  WARN(run.kills() << " kills, " << all << " entries, " << run.saved() << " said to be saved, " << run.taken()
                   << " taken");
  CHECK(run.kills() >= 30);
  CHECK(run.taken() > 100);
}

TEST_CASE("kill -9: cut anywhere while a vault's key is renewed and its store rewritten, it opens and keeps everything",
          "[crash][kill]") {
  Company company;
  const auto seed = number_from("SATCHEL_CRASH_SEED").value_or(1);
  std::mt19937_64 random(seed);
  Child child;
  std::uint64_t shredded = 0, begun = 0;
  for (std::uint64_t n = 0; n < number_from("SATCHEL_CRASH_KILLS").value_or(25); ++n) {
    INFO("seed " << seed << ", round " << n);
    child.start({SATCHEL_CRASH_KILL_CHILD, "shred", company.vault("rep").string()});
    REQUIRE(child.listen(kPatience, "shredded 1"));
    child.listen(std::chrono::microseconds(random() % 60'000));
    child.kill();
    for (const auto& line : child.take_lines()) shredded += number_after(line, "shredded") > 0 ? 1 : 0;
    // A file that still has both keys: the cut was between them.
    begun += fs::file_size(company.vault("rep") / "vault.key") != 264 ? 1 : 0;
    const auto rep = company.open("rep");
    CHECK(fs::file_size(company.vault("rep") / "vault.key") == 264);
    CHECK_FALSE(fs::exists(company.vault("rep") / "store.compact"));
    {
      const auto txn = must(rep->replica().store().begin_read());
      const auto no = must(node::find_archive(*txn, company.customer()));
      REQUIRE(no);
      CHECK(must(rep->keyring().has_key(*txn, *rep->directory(), *must(node::archive_info(*txn, *no)))));
      CHECK_FALSE(must(node::shredding_owed(*txn)));  // what was cut is finished by opening
    }
    REQUIRE(must(holder::verify_device(*rep)).sound());
  }
  WARN(shredded << " times shredded, " << begun << " cut between the two keys");
  CHECK(shredded >= 25);
}
