// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/conformance/malicious/stage.h"

namespace satchel::malicious {

View lasting(Bytes bytes) {
  static std::deque<Bytes> kept;
  return kept.emplace_back(std::move(bytes));
}

View bent(View bytes, std::size_t at) {
  Bytes copied = copy(bytes);
  copied.at(at) ^= 1;
  return lasting(std::move(copied));
}

// ---- SlowPort ----

void SlowPort::submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes) {
  auto result = hub_.replica().write(job);
  if (!slow) return done(result);
  waiting_bytes += bytes;
  answers_.push_back([done = std::move(done), result = std::move(result)] { done(result); });
}

Result<void> SlowPort::greet(const NodeId&, bool) {
  ++greeted;
  return {};
}

void SlowPort::lied(const NodeId& peer, unsigned more) { points[peer] += more; }

void SlowPort::answer_all() {
  while (!answers_.empty()) {
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    answer();
  }
}

// ---- Scripted ----

Scripted::Scripted(sim::Node& device, sim::Node& at)
    : as(device), hub(at), port(at), exporter(32, 0x5a), acceptor(port, exporter) {
  acceptor.on_open(as.clock.mono());
}

void Scripted::greet(const Change& before, const Change& after) {
  const auto& self = as.replica().self();
  wire::Hello hello;
  hello.versions = {wire::kProtocolVersion};
  hello.org = self.org;
  hello.chain = self.chain();
  hello.role = self.role;
  hello.to_hub = hub.identity.id;
  hello.sign_public = self.identity.sign.pub;
  hello.box_public = self.identity.box.pub;
  if (before) before(hello);
  hello.signature = sign(self.identity.sign, wire::kHelloLabel, wire::hello_subject(exporter, hello));
  if (after) after(hello);
  say(hello);
}

void Scripted::say_bytes(View frame) {
  acceptor.on_frame(as.clock.mono(), frame);
  for (bool more = true; more;) {
    auto out = acceptor.take_output();
    more = !out.empty();
    for (auto& bytes : out) {
      largest = std::max(largest, bytes.size());
      heard.push_back(must(wire::Received::decode(frames.emplace_back(std::move(bytes)))));
    }
  }
}

std::string Scripted::bye() const {
  const auto* said = answer<wire::Bye>();
  return said != nullptr ? said->code : "";
}

// ---- Stage ----

Stage::Stage() { world.settle(3); }

void Stage::make_news(bool own_work) {
  for (const char* key : {"a", "b", "c"}) world.state(payload::Policy{key, std::to_string(world.time.ms)});
  world.sync(world.admin(), world.hq());
  world.add_visit(rep, customer, "昨天的拜访");
  world.sync(rep, hub);
  world.add_visit(boss, customer, "经理来访");
  world.sync(boss, hub);
  world.sync(hub, world.hq());
  world.sync(hub, world.hq());
  if (own_work) world.add_visit(rep, customer, "例行拜访");
}

Stage::Told Stage::sync_bent(const Bend& bend, bool every_one) {
  Told told;
  auto link = world.connect(rep, hub);
  std::size_t fresh = 0;  // at the end of the queue, not looked at yet
  link->tap = [&](bool up, const Bytes&) { fresh += up ? 0 : 1; };
  for (int i = 0; i < 200'000; ++i) {
    auto& down = link->down();
    for (std::size_t at = down.size() - std::min(std::exchange(fresh, 0), down.size()); at < down.size();) {
      auto received = must(wire::Received::decode(down[at]));
      auto instead = every_one || !told.bent ? bend(received.frame()) : std::nullopt;
      if (!instead) {
        ++at;
        continue;
      }
      told.bent = true;
      const auto place = down.erase(down.begin() + static_cast<std::ptrdiff_t>(at));
      // Of nothing libstdc++ would move what follows onto itself, and empty it.
      if (!instead->empty()) down.insert(place, instead->begin(), instead->end());
      at += instead->size();
    }
    if (!link->step() && (link->over() || link->idle())) break;
  }
  told.frames = link->frames;
  told.code = code(link->initiator().outcome());
  if (told.code.empty() && !link->over()) {
    // Nothing more comes: the device gives up by its clock.
    world.time.ms += kAnswerWithin.count() + 1000;
    link->initiator().on_tick({world.time.ms});
    told.code = code(link->initiator().outcome());
  }
  link->cut();
  if (told.code.empty() && !link->initiator().report().complete) told.code = "incomplete";
  return told;
}

void Stage::seal(sim::Node& at) {
  must(at.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(node::seal_outbox(txn, at.replica().author()));
    return {};
  }));
}

wire::Received Stage::next_parcel(sim::Node& at, node::Ordinal after) {
  seal(at);
  auto txn = reading(at);
  const auto out = must(node::next_outgoing(*txn, 0, after));
  REQUIRE(out.part.has_value());
  return must(wire::Received::decode(lasting(must(node::build_parcel(*txn, *out.part, 1, true)))));
}

std::string Stage::truth(sim::Node& at) {
  const auto txn = reading(at);
  std::string out;
  for (const auto table : {Table::log, Table::archives, Table::archive_info, Table::heads, Table::batches,
                           Table::stamps, Table::grants, Table::directory, Table::forks, Table::blobs, Table::chunks}) {
    must(scan_prefix(*txn, table, {}, [&](KeyValue pair) {
      out += hex(pair.key) + "=" + hash(DomainLabel{"test"}, pair.value).hex().substr(0, 16) + " ";
      return true;
    }));
    out += "\n";
  }
  return out;
}

void Stage::unharmed() {
  world.settle(4);
  CHECK(sim::check_logs(world) == "");
  CHECK(sim::check_scope(world) == "");
  CHECK(sim::check_converged(world) == "");
  CHECK(sim::check_audit(world) == "");
}

}  // namespace satchel::malicious
