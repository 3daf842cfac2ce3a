// SPDX-License-Identifier: AGPL-3.0-or-later
// Real hubs on real sockets, and callers that lie, flood, or never read. Good devices go on working beside them, and
// what the bad ones cost stays bounded. Nothing here waits for a time; slow callers are slow because they never read.
#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <random>

#include "tests/support/sanitized.h"
#include "tests/unit/hub/company.h"
#include "tests/unit/link/fixture.h"

using namespace satchel;
using namespace satchel::hub_test;
using link_test::PlainEndpoint;

namespace {

// Says the honest greeting, then what it is told, once or for as long as the hub listens.
class Liar : public PlainEndpoint {
 public:
  struct Plan {
    std::vector<Bytes> frames;
    bool for_ever = false;
    bool reads = true;
  };
  Liar(const Identity& as, const OrgId& org, Channel channel, Plan plan) : plan_(std::move(plan)) {
    wire::Hello hello;
    hello.versions = {wire::kProtocolVersion};
    hello.org = org;
    hello.chain = {as.id, as.incarnation};
    hello.sign_public = as.sign.pub;
    hello.box_public = as.box.pub;
    hello.signature = sign(as.sign, wire::kHelloLabel, wire::hello_subject(channel.exporter, hello));
    out_.push_back(wire::encode(hello));
  }
  void on_frame(MonoTime, View frame) override {
    const auto received = wire::Received::decode(frame);
    if (!received) return;
    if (const auto* bye = std::get_if<wire::Bye>(&received->frame())) {
      code = bye->code;
      finished_ = true;
    } else if (std::holds_alternative<wire::Welcome>(received->frame())) {
      welcomed = true;
      out_ = plan_.frames;
    }
  }
  std::vector<Bytes> take_output() override {
    auto out = std::exchange(out_, {});
    if (plan_.for_ever && welcomed && backlog_ < 256 * 1024) out_ = plan_.frames;
    return out;
  }
  std::string code;
  bool welcomed = false;

 private:
  Plan plan_;
};

// Runs a liar against the hub; what it was told at the end.
std::string lie(const Identity& as, const OrgId& org, const hub::HubPlace& to, Clock& clock, Liar::Plan plan) {
  std::string told;
  const auto factory = [&](Channel channel) -> std::unique_ptr<Endpoint> {
    struct Ending : Liar {
      Ending(std::string& told, const Identity& who, const OrgId& of, Channel c, Plan p)
          : Liar(who, of, std::move(c), std::move(p)), told_(told) {}
      ~Ending() override { told_ = code; }
      std::string& told_;
    };
    return std::make_unique<Ending>(told, as, org, std::move(channel), plan);
  };
  static_cast<void>(run_endpoint(must(parse_address(to.address)), to.pins, factory, clock, Millis(kPatienceMs)));
  return told;
}

// A parcel with a batch in that node's name, which nobody signed.
Bytes forged_parcel(const Identity& as) {
  Batch batch;
  batch.author = {as.id, as.incarnation};
  batch.number = 1;
  batch.entries = batch.leaves = 1;
  const Bytes bytes = batch.encode();
  wire::Parcel parcel;
  parcel.number = 1;
  parcel.batch = {bytes, {}};
  return wire::encode(parcel);
}

std::string noise(std::size_t size, int seed) {
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  std::string out(size, ' ');
  for (auto& ch : out) ch = static_cast<char>('!' + random() % 90);
  return out;
}

double private_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

namespace {

// Callers that cost as much as they can, until it is destroyed.
class Crowd {
 public:
  Crowd(const hub::HubPlace& to, const OrgId& org, Clock& clock)
      : address_(must(parse_address(to.address))), tls_(must(TlsContext::client(to.pins))), org_(org), clock_(clock) {}
  ~Crowd() {
    stop_ = true;
    boost::asio::post(io_, [&] {
      for (auto& caller : callers_) caller->stop();
    });
    if (thread_.joinable()) thread_.join();
  }
  // Says nothing, not even a handshake.
  void add_silent() { silent_.push_back(std::make_unique<link_test::RawPeer>(address_)); }
  // Is there, and says nothing more.
  void add_quiet(const Identity& as) {
    struct Quiet : Liar {
      Quiet(std::atomic<int>& out, const Identity& who, const OrgId& org, Channel channel)
          : Liar(who, org, std::move(channel), {}), superseded(out) {}
      void on_frame(MonoTime now, View frame) override {
        Liar::on_frame(now, frame);
        if (code == "session.superseded") ++superseded;
      }
      std::atomic<int>& superseded;
    };
    dialer().dial(
        address_,
        [this, &as](Channel channel) -> std::unique_ptr<Endpoint> {
          return std::make_unique<Quiet>(superseded, as, org_, std::move(channel));
        },
        [](const Result<void>&) {});
  }
  // Asks for everything of an archive and never reads an answer: its own end takes no frame.
  void add_deaf(const Identity& as, const ArchiveId& archive) {
    struct Deaf : Liar {
      using Liar::Liar;
      bool ready() const override { return !welcomed; }
    };
    wire::Sync sync;
    sync.round = 1;
    Liar::Plan plan{{wire::encode(sync), wire::encode(wire::Want{1, {{archive, {}, true}}})}};
    for (int n = 0; n < 100; ++n) plan.frames.push_back(wire::encode(wire::Ping{2}));
    dialer().dial(
        address_,
        [this, &as, plan](Channel channel) -> std::unique_ptr<Endpoint> {
          return std::make_unique<Deaf>(as, org_, std::move(channel), plan);
        },
        [](const Result<void>&) {});
  }
  // Forges, is dropped, and comes again.
  void add_flood(const Identity& as) {
    dialer();
    flood(callers_.size() - 1, as);
  }
  void start() {
    thread_ = std::thread([this] { io_.run(); });
  }
  std::atomic<int> forged = 0;
  std::atomic<int> superseded = 0;

 private:
  Dialer& dialer() { return *callers_.emplace_back(std::make_unique<Dialer>(io_, clock_, tls_)); }
  void flood(std::size_t i, const Identity& as) {
    callers_[i]->dial(
        address_,
        [this, &as](Channel channel) -> std::unique_ptr<Endpoint> {
          return std::make_unique<Liar>(as, org_, std::move(channel), Liar::Plan{{forged_parcel(as)}});
        },
        [this, i, &as](const Result<void>&) {
          ++forged;
          if (!stop_) flood(i, as);
        });
  }

  HostPort address_;
  TlsContext tls_;
  OrgId org_;
  Clock& clock_;
  boost::asio::io_context io_;
  std::vector<std::unique_ptr<Dialer>> callers_;
  std::vector<std::unique_ptr<link_test::RawPeer>> silent_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("line: whoever forges again and again is turned away for a while; his colleagues are not",
          "[malicious][line]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  auto& liar = company.hire("乙", Role::salesperson);
  company.settle(2);
  const auto to = company.place(company.hq);
  const auto org = rep.replica->self().org;
  const Liar::Plan plan{{forged_parcel(liar.identity)}};
  for (unsigned i = 0; i <= kPenaltyMax / kForgeryPoints; ++i)
    CHECK(lie(liar.identity, org, to, company.clock, plan) == "parcel.bad-signature");
  CHECK(lie(liar.identity, org, to, company.clock, plan) == "session.turned-away");
  const auto turned = liar.sync(to);
  REQUIRE_FALSE(turned);
  CHECK(turned.error().code == "session.turned-away");
  CHECK(turned.error().kind == ErrorKind::offline);
  CHECK(std::stoul(turned.error().detail) > 0);
  rep.add_visits(rep.open_customer("福田百货"), 3, "x");
  CHECK(must(rep.sync(to)).accepted == 4);
}

TEST_CASE("line: a node has a few sessions at once; the oldest goes", "[malicious][line]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  company.settle(2);
  Crowd crowd(company.place(company.hq), rep.replica->self().org, company.clock);
  for (int i = 0; i < 300; ++i) crowd.add_quiet(rep.identity);
  crowd.start();
  CHECK(soon([&] { return crowd.superseded == 300 - static_cast<int>(kSessionsPerNodeMax); }));
  CHECK(company.hq.service().port() != 0);
  rep.add_visits(rep.open_customer("福田百货"), 3, "x");
  CHECK(must(rep.sync(company.place(company.hq))).accepted == 4);
}

TEST_CASE("line: keys that cost nothing get a few small sessions, and nobody is kept out by them",
          "[malicious][line]") {
  Company company;
  auto& rep = company.hire("甲", Role::salesperson);
  company.settle(2);
  const auto to = company.place(company.hq);
  const auto org = rep.replica->self().org;
  const auto stranger = make_identity(company.entropy);
  CHECK(lie(stranger, org, to, company.clock, {{wire::encode(wire::Parcel{})}}) == "session.unconfirmed");
  // A frame larger than any enrolment is cut off at its length.
  CHECK(lie(stranger, org, to, company.clock, {{Bytes(kStrangerFrameBytesMax + 8, 1)}}).empty());
  INFO(company.hq.log());
  CHECK(soon([&] { return company.hq.log().find("link.frame-too-long") != std::string::npos; }));
  CHECK(rep.sync(to));
}

TEST_CASE("line: good devices work beside slow readers, floods of forgeries and callers who say nothing",
          "[malicious][line][crowd]") {
  constexpr int kSilent = 25, kFloods = 100, kDeaf = 100, kGood = 3, kRounds = 5, kVisits = 200;
  Company company;
  std::vector<Member*> good;
  for (int i = 0; i < kGood; ++i) good.push_back(&company.hire("好" + std::to_string(i), Role::salesperson));
  auto& deaf = company.hire("聋", Role::salesperson);
  auto& bad = company.hire("坏", Role::salesperson);
  company.settle(2);
  // More than a queue may hold, of words that do not compress.
  const auto large = deaf.open_customer("大客户");
  for (int i = 0; i < kVisits; ++i) deaf.add_visits(large, 1, noise(20'000, i));
  must(deaf.sync(company.place(company.hq)));
  company.hq.stop();
  company.hq.limits.sessions_per_node = 1000;
  company.hq.limits.pending_per_address = 64;
  company.hq.start();
  const auto to = company.place(company.hq);
  [[maybe_unused]] const double before = private_mib();
  {
    Crowd crowd(to, deaf.replica->self().org, company.clock);
    for (int i = 0; i < kSilent; ++i) crowd.add_silent();
    for (int i = 0; i < kDeaf; ++i) crowd.add_deaf(deaf.identity, i < kDeaf / 5 ? large : ArchiveId{});
    for (int i = 0; i < kFloods; ++i) crowd.add_flood(bad.identity);
    crowd.start();
    REQUIRE(soon([&] { return crowd.forged > 20; }));
    for (int round = 0; round < kRounds; ++round) {
      for (Member* member : good) {
        member->add_visits(member->open_customer("客户" + std::to_string(round)), 20, "拜访");
        const auto report = member->sync(to);
        INFO((report ? "" : report.error().code));
        REQUIRE(report);
        CHECK(report->accepted == 21);
      }
    }
    CHECK(crowd.forged > 50);
#ifndef SATCHEL_SANITIZED
    CHECK(private_mib() - before < 64 + kDeaf / 5 * 3.0);
#endif
  }
  company.hq.stop();
  company.hq.start();
  CHECK(company.hq.entries() == 1 + kVisits + kRounds * kGood * 21);
}
