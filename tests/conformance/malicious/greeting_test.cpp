// SPDX-License-Identifier: AGPL-3.0-or-later
// Devices, and others, that lie about who they are.
#include "tests/conformance/malicious/stage.h"

using namespace satchel;
using namespace satchel::malicious;

namespace {

struct Greeting {
  const char* what;
  const char* code;
  Scripted::Change before;  // changed, then signed
  Scripted::Change after;   // changed under the signature
};

}  // namespace

TEST_CASE("lying device: greetings are refused by name, and nobody is known by them", "[malicious][device]") {
  Stage stage;
  const auto& other = stage.other.identity;
  const std::vector<Greeting> all = {
      {"no version", "session.version", [](auto& h) { h.versions.clear(); }, {}},
      {"only versions to come", "session.version", [](auto& h) { h.versions = {2, 3, 900}; }, {}},
      {"a list of versions changed on the way", "session.bad-signature", {}, [](auto& h) { h.versions.push_back(2); }},
      {"another organisation", "session.other-organisation", [](auto& h) { h.org.bytes[0] ^= 1; }, {}},
      {"another hub than this one", "session.other-hub", [](auto& h) { h.to_hub.bytes[0] ^= 1; }, {}},
      {"a greeting for no hub, turned to this one", "session.bad-signature", [](auto& h) { h.to_hub = {}; },
       [&](auto& h) { h.to_hub = stage.hub.identity.id; }},
      {"a colleague's name", "session.bad-signature", [&](auto& h) { h.chain.node = other.id; }, {}},
      {"a colleague's name and keys",
       "session.bad-signature",
       [&](auto& h) {
         h.chain.node = other.id;
         h.sign_public = other.sign.pub;
         h.box_public = other.box.pub;
       },
       {}},
      {"a name nobody has, with keys it is not made of",
       "session.not-its-keys",
       [](auto& h) { h.chain.node = NodeId::of(Bytes(16, 0x66)); },
       {}},
      {"a hub's role", "session.role", [](auto& h) { h.role = wire::Role::hub; }, {}},
      {"a role changed on the way", "session.bad-signature", {}, [](auto& h) { h.role = wire::Role::reader; }},
      {"an incarnation changed on the way", "session.bad-signature", {}, [](auto& h) { h.chain.incarnation = 9; }},
      {"a signature of zeros", "session.bad-signature", {}, [](auto& h) { h.signature = {}; }},
      {"a signature with a bit turned", "session.bad-signature", {}, [](auto& h) { h.signature.bytes[63] ^= 1; }},
  };
  for (const auto& greeting : all) {
    INFO("a device greets with " << greeting.what);
    Scripted device(stage.rep, stage.hub);
    device.greet(greeting.before, greeting.after);
    CHECK(device.bye() == greeting.code);
    CHECK(device.over());
    CHECK_FALSE(device.acceptor.known());
    CHECK(device.answer<wire::Welcome>() == nullptr);
    CHECK(device.port.points.empty());  // anybody could have said it in that name
    CHECK(device.port.greeted == 0);
    // Whatever it says then is not heard.
    device.say(wire::Sync{});
    CHECK(device.heard.size() == 1);
  }
  stage.unharmed();
}

TEST_CASE("lying device: a greeting for another channel, and one played back", "[malicious][device]") {
  Stage stage;
  Scripted relayed(stage.rep, stage.hub);
  relayed.exporter.assign(32, 0x11);  // what it signed it had from another channel
  relayed.greet();
  CHECK(relayed.bye() == "session.bad-signature");

  Bytes recorded;
  {
    auto link = stage.world.connect(stage.rep, stage.hub);
    recorded = link->up().front();
    stage.world.run(*link);
  }
  Scripted played(stage.rep, stage.hub);
  played.say_bytes(recorded);
  CHECK(played.bye() == "session.bad-signature");
  CHECK_FALSE(played.acceptor.known());
  stage.unharmed();
}

TEST_CASE("lying device: nothing but a greeting begins a session", "[malicious][device]") {
  Stage stage;
  const std::vector<wire::Frame> all = {
      wire::Welcome{},    wire::Bye{},          wire::Sync{},      wire::Synced{},    wire::Submit{},
      wire::Submitted{},  wire::DirectoryRun{}, wire::Parcel{},    wire::Accepted{},  wire::Touched{},
      wire::Want{},       wire::Served{},       wire::Compare{},   wire::Differ{},    wire::Receipts{},
      wire::Notify{},     wire::Ping{},         wire::Pong{},      wire::Wraps{},     wire::BlobOffer{},
      wire::BlobStates{}, wire::BlobList{},     wire::BlobPiece{}, wire::BlobTaken{}, wire::BlobWant{}};
  for (const auto& frame : all) {
    INFO("frame " << frame.index());
    Scripted device(stage.rep, stage.hub);
    device.say(frame);
    CHECK(device.bye() == "session.no-hello");
    CHECK(device.over());
  }
  for (const std::size_t size : {0, 1, 7, 8, 64, 4096}) {
    INFO("bytes " << size);
    Scripted device(stage.rep, stage.hub);
    device.say_bytes(Bytes(size, 0xa5));
    CHECK(device.bye() == "wire.broken");
    CHECK(device.over());
  }
}

TEST_CASE("lying device: a stranger may enrol, in small frames and for a minute, and nothing else",
          "[malicious][device]") {
  Stage stage;
  sim::SeededEntropy entropy(4711);
  sim::Node stranger(stage.world, "stranger", make_identity(entropy), wire::Role::device, stage.world.org(), 77, 0);
  stranger.start();
  const auto before = stage.truth(stage.hub);
  const Bytes statement =
      make_statement({stage.world.org(), stranger.identity.id, stage.rep.person, {1, 1}, {1}}, stranger.identity.sign,
                     payload::NumberRangeWanted{stranger.identity.id, 1, 100}, stranger.entropy)
          .encode();
  struct Word {
    const char* what;
    wire::Frame frame;
    const char* code;
  };
  wire::Compare ranges;
  const Bytes all_ranges = encode(ReconcileMessage{true, {ReconcileRange{}}});
  ranges.ranges = all_ranges;
  const std::vector<Word> all = {
      {"parcel", wire::Parcel{}, "session.unconfirmed"},
      {"wraps", wire::Wraps{}, "session.unconfirmed"},
      {"compare", wire::Compare{}, "session.unconfirmed"},
      {"compare ranges", ranges, "session.unconfirmed"},
      {"an offer of attachments", wire::BlobOffer{}, "session.unconfirmed"},
      {"a want of attachments", wire::BlobWant{}, "session.unconfirmed"},
      {"a list of chunks", wire::BlobList{}, "session.unconfirmed"},
      {"a piece", wire::BlobPiece{}, "session.unconfirmed"},
      {"another statement than its enrolment", wire::Submit{{statement}}, "session.unconfirmed"},
      {"a want of a page", wire::Want{}, "session.unknown-page"},
      {"bytes for a statement", wire::Submit{{View(statement).first(40)}}, "session.bad-statement"},
  };
  for (const auto& word : all) {
    INFO("a stranger says " << word.what);
    Scripted device(stranger, stage.hub);
    device.greet();
    REQUIRE(device.answer<wire::Welcome>() != nullptr);
    CHECK(device.answer<wire::Welcome>()->standing == wire::Standing::unconfirmed);
    CHECK(device.acceptor.frame_bytes_max() == kStrangerFrameBytesMax);
    device.say(word.frame);
    CHECK(device.bye() == word.code);
    CHECK(device.port.points.empty());  // its keys cost nothing: there is nobody to hold it against
  }
  // It is told nothing.
  Scripted device(stranger, stage.hub);
  device.greet();
  device.say(wire::Sync{1, {}, {}, {}, 0, {}});
  CHECK(device.answer<wire::DirectoryRun>() == nullptr);
  CHECK(device.answer<wire::Touched>() == nullptr);
  CHECK(device.answer<wire::Synced>() != nullptr);
  // And let go when it does not enrol.
  REQUIRE(device.acceptor.next_deadline().has_value());
  stage.world.time.ms += kStrangerLifeMax.count();
  device.acceptor.on_tick(stage.rep.clock.mono());
  CHECK(device.acceptor.reason() == "session.not-enrolled");
  CHECK(stage.truth(stage.hub) == before);
  stage.unharmed();
}
