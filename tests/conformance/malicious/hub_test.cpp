// SPDX-License-Identifier: AGPL-3.0-or-later
// Hubs that lie to a device. Each lie ends the sync by name, and the next one with an honest hub brings everything.
#include "sync/node/directory_log.h"
#include "sync/node/grants.h"
#include "tests/conformance/malicious/stage.h"

using namespace satchel;
using namespace satchel::malicious;

namespace {

struct Lie {
  const char* what;
  const char* code;  // the sync's end
  Bend bend;
  bool every_one = false;
};

template <class F>
Bend change(std::function<void(F&)> how) {
  return first<F>([how](F& f) {
    how(f);
    return true;
  });
}

Bytes ping() { return wire::encode(wire::Ping{7}); }

// The first parcel that is being pulled.
Bend in_parcel(std::function<void(wire::Parcel&)> how) { return change<wire::Parcel>(std::move(how)); }

std::vector<Lie> greetings() {
  return {
      {"another hub's id", "session.other-hub", change<wire::Welcome>([](auto& f) { f.hub.node.bytes[0] ^= 1; })},
      {"a version nobody offered", "session.version", change<wire::Welcome>([](auto& f) { f.version = 9; })},
      {"a false signature", "session.bad-signature", change<wire::Welcome>([](auto& f) { f.signature.bytes[5] ^= 1; })},
      {"another standing than was signed", "session.bad-signature",
       change<wire::Welcome>([](auto& f) { f.standing = wire::Standing::unconfirmed; })},
      {"another window than was signed", "session.bad-signature",
       change<wire::Welcome>([](auto& f) { f.window_bytes = 1; })},
      {"another incarnation than was signed", "session.bad-signature",
       change<wire::Welcome>([](auto& f) { f.hub.incarnation = 2; })},
      {"another clock than was signed", "session.bad-signature",
       change<wire::Welcome>([](auto& f) { f.time.ms += 1; })},
      {"a claim to be headquarters'", "session.bad-signature", change<wire::Welcome>([](auto& f) { f.top = true; })},
      {"no welcome at all", "session.silent", left_out<wire::Welcome>(), true},
      {"a welcome twice", "session.unexpected-frame", followed_by<wire::Welcome>({wire::encode(wire::Welcome{})})},
      {"words before the welcome", "session.unexpected-frame", preceded_by<wire::Welcome>({ping()})},
      {"a goodbye instead of a welcome, under a name of its own", "session.nonsense",
       preceded_by<wire::Welcome>({wire::encode(wire::Bye{"session.nonsense", "x"})})},
  };
}

std::vector<Lie> orders() {
  const auto records = [](std::function<void(std::vector<wire::DirectoryRun::Record>&)> how) {
    return change<wire::DirectoryRun>([how](auto& f) { how(f.records); });
  };
  return {
      {"a record left out", "directory.gap", records([](auto& r) { r.erase(r.begin()); })},
      {"records in another order", "directory.gap", records([](auto& r) { std::swap(r.front(), r.back()); })},
      {"a record altered", "directory.broken-chain", records([](auto& r) { r[1].ordered = bent(r[1].ordered, 80); })},
      {"a statement altered", "directory.wrong-envelope",
       records([](auto& r) { r[0].envelope = bent(r[0].envelope, 40); })},
      {"the statement of another record", "directory.wrong-envelope",
       records([](auto& r) { r[0].envelope = r[1].envelope; })},
      {"a statement kept back that is everybody's", "directory.envelope-missing",
       records([](auto& r) { r[0].envelope = {}; })},
      {"a record that is no record", "directory.bad-order",
       records([](auto& r) { r[0].ordered = lasting(Bytes(90, 1)); })},
      {"a head nobody signed", "directory.bad-head",
       change<wire::DirectoryRun>([](auto& f) { f.head = bent(f.head, f.head.size() - 3); })},
      {"a head that is no head", "directory.bad-head",
       change<wire::DirectoryRun>([](auto& f) { f.head = lasting(Bytes(20, 1)); })},
  };
}

std::vector<Lie> stamps() {
  return {
      {"a receipt with a false signature", "session.stamp",
       change<wire::Receipts>([](auto& f) { f.stamps[0].signature.bytes[3] ^= 1; })},
      {"a receipt for another batch", "session.stamp",
       change<wire::Receipts>([](auto& f) { f.stamps[0].bytes = bent(f.stamps[0].bytes, 5); })},
      {"a receipt that is none", "session.stamp",
       change<wire::Receipts>([](auto& f) { f.stamps[0].bytes = lasting(Bytes(4, 9)); })},
      {"an answer with a false stamp", "session.stamp",
       change<wire::Accepted>([](auto& f) { f.stamps.at(0).signature.bytes[3] ^= 1; })},
      {"an answer to what was not sent", "session.answer-order",
       change<wire::Accepted>([](auto& f) { f.number += 5; })},
      {"an answer twice", "session.answer-order", first<wire::Accepted>([](auto&) { return true; })},
      {"an answer before anything was sent", "session.answer-order",
       followed_by<wire::Welcome>({wire::encode(wire::Accepted{77, {}, {}, {}, {}})})},
      {"no answer at all", "session.silent", left_out<wire::Accepted>(), true},
      {"an answer that it will not take anything", "session.not-taken",
       change<wire::Accepted>([](auto& f) { f.code = "hub.nonsense"; })},
  };
}

std::vector<Lie> pages() {
  return {
      {"a page under a number that is open", "session.pages", first<wire::Touched>([](auto&) { return true; })},
      {"an end to a page nobody opened", "session.unknown-page", change<wire::Served>([](auto& f) { f.page += 9; })},
      {"a parcel before any page", "session.unasked-parcel",
       followed_by<wire::Welcome>({wire::encode(wire::Parcel{})})},
      {"parcels withheld", "session.withheld", left_out<wire::Parcel>(), true},
      {"heads promised that nobody has", "session.withheld", first<wire::Touched>([](auto& f) {
         for (auto& item : f.items) item.heads.bytes[0] ^= 1;
         return !f.items.empty();
       }),
       true},
      // It is asked for, and 'gone': nothing comes of it.
      {"an archive that does not exist", "", first<wire::Touched>([](auto& f) {
         f.items.push_back({ArchiveId::of(Bytes(16, 0x77)), Digest::of(Bytes(32, 1)), 0});
         return true;
       }),
       true},
      {"'no longer yours' of what is ours", "session.withheld",
       [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
         static std::set<ArchiveId> named;
         if (auto* page = std::get_if<wire::Touched>(&frame)) {
           for (auto& item : page->items) {
             named.insert(item.archive);
             item.heads.bytes[0] ^= 1;
           }
         } else if (auto* served = std::get_if<wire::Served>(&frame)) {
           served->gone.assign(named.begin(), named.end());
         } else {
           return std::nullopt;
         }
         return std::vector<Bytes>{wire::encode(frame)};
       },
       true},
      {"a stream of pages without an end", "session.endless",
       [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
         static std::uint32_t number = 1'000'000;
         if (std::holds_alternative<wire::Synced>(frame) || std::holds_alternative<wire::Served>(frame)) {
           auto out = std::vector<Bytes>{};
           if (std::holds_alternative<wire::Served>(frame)) out.push_back(wire::encode(frame));
           wire::Touched page;
           page.page = ++number;
           page.up_to = number;
           out.push_back(wire::encode(page));
           wire::Served end;
           end.page = number;
           for (int i = 0; i < 500; ++i) {
             out.push_back(wire::encode(end));
             page.page = end.page = ++number;
             page.up_to = number;
             out.push_back(wire::encode(page));
           }
           out.push_back(wire::encode(end));
           for (int i = 0; i < 20'000; ++i) out.push_back(ping());
           return out;
         }
         return std::nullopt;
       },
       false},
      {"no end to the round", "session.silent", left_out<wire::Synced>(), true},
  };
}

std::vector<Lie> parcels() {
  return {
      {"a batch nobody signed", "parcel.bad-signature", in_parcel([](auto& p) { p.batch.signature.bytes[0] ^= 1; })},
      {"a batch altered", "parcel.bad-signature", in_parcel([](auto& p) { p.batch.bytes = bent(p.batch.bytes, 30); })},
      {"a batch that is none", "parcel.batch", in_parcel([](auto& p) { p.batch.bytes = lasting(Bytes(9, 1)); })},
      {"a body altered", "parcel.root", in_parcel([](auto& p) {
         auto& body = p.chains[0].entries[0].body;
         body = bent(body, 30);
       })},
      {"an entry twice", "parcel.count", in_parcel([](auto& p) {
         const auto entry = p.chains[0].entries[0];
         for (int i = 0; i < 3; ++i) p.chains[0].entries.push_back(entry);
       })},
      {"one number twice, with other content", "parcel.segment",
       in_parcel([](auto& p) { p.chains[0].first_seq += 1; })},
      {"an entry moved to another archive", "parcel.root",
       in_parcel([](auto& p) { p.chains[0].archive.bytes[0] ^= 1; })},
      {"another epoch", "parcel.root", in_parcel([](auto& p) { p.chains[0].epoch += 1; })},
      {"another directory position", "parcel.root", in_parcel([](auto& p) { p.chains[0].directory.n += 1; })},
      {"a chain without entries", "parcel.segment", in_parcel([](auto& p) { p.chains[0].entries.clear(); })},
      {"a proof of ragged size", "parcel.proof", in_parcel([](auto& p) { p.proof = lasting(Bytes(31, 2)); })},
      {"a proof of something else", "parcel.root", in_parcel([](auto& p) { p.proof = lasting(Bytes(64, 2)); })},
      {"a stamp nobody signed", "parcel.stamp", in_parcel([](auto& p) { p.stamps.at(0).signature.bytes[1] ^= 1; })},
      {"a stamp of another batch", "parcel.stamp",
       in_parcel([](auto& p) { p.stamps.at(0).bytes = bent(p.stamps.at(0).bytes, 4); })},
  };
}

std::vector<Lie> strays() {
  std::vector<Lie> out;
  const auto stray = [&](const char* what, const char* code, const wire::Frame& frame) {
    out.push_back({what, code, followed_by<wire::Welcome>({wire::encode(frame)})});
  };
  constexpr const char* kUnexpected = "session.unexpected-frame";
  stray("hello", kUnexpected, wire::Hello{});
  stray("sync", kUnexpected, wire::Sync{});
  stray("submit", kUnexpected, wire::Submit{});
  stray("submitted without a submission", kUnexpected, wire::Submitted{});
  stray("want", kUnexpected, wire::Want{});
  stray("compare", kUnexpected, wire::Compare{});
  stray("differ without a question", kUnexpected, wire::Differ{});
  stray("wraps", kUnexpected, wire::Wraps{});
  stray("an offer of attachments", kUnexpected, wire::BlobOffer{});
  stray("a want of attachments", kUnexpected, wire::BlobWant{});
  stray("states of attachments nobody offered", "session.blob-states", wire::BlobStates{});
  stray("a list nobody wanted", "session.blob-list", wire::BlobList{});
  stray("a piece nobody wanted", "blob.unasked", wire::BlobPiece{});
  out.push_back({"bytes that are no frame", "wire.broken", followed_by<wire::Welcome>({Bytes(64, 0xee)})});
  out.push_back({"a frame cut short", "wire.broken", [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
                   if (!std::holds_alternative<wire::Touched>(frame)) return std::nullopt;
                   Bytes bytes = wire::encode(frame);
                   bytes.resize(bytes.size() - 8);
                   return std::vector<Bytes>{bytes};
                 }});
  return out;
}

// Frames that must come twice are made here: the bend has the frame only as it passes.
Bend twice(const Lie& lie) {
  if (std::string_view(lie.what) == "an answer twice") {
    return [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
      if (!std::holds_alternative<wire::Accepted>(frame)) return std::nullopt;
      return std::vector<Bytes>{wire::encode(frame), wire::encode(frame)};
    };
  }
  return [](wire::Frame& frame) -> std::optional<std::vector<Bytes>> {
    if (!std::holds_alternative<wire::Touched>(frame)) return std::nullopt;
    return std::vector<Bytes>{wire::encode(frame), wire::encode(frame)};
  };
}

void try_all(const std::vector<Lie>& lies, bool own_work = true) {
  for (const auto& lie : lies) {
    INFO("the hub tells " << lie.what);
    Stage stage;
    stage.make_news(own_work);
    const bool doubled = std::string_view(lie.what) == "an answer twice" ||
                         std::string_view(lie.what) == "a page under a number that is open";
    const auto told = stage.sync_bent(doubled ? twice(lie) : lie.bend, lie.every_one);
    CHECK(told.bent);
    CHECK(told.code == lie.code);
    CHECK(stage.count(stage.rep, Table::forks) == 0);
    stage.unharmed();
    const auto report = stage.world.sync(stage.rep, stage.hub);
    CHECK(report.complete);
    CHECK(report.sent == 0);
  }
}

}  // namespace

TEST_CASE("lying hub: greetings", "[malicious][hub]") { try_all(greetings()); }
TEST_CASE("lying hub: the order of statements", "[malicious][hub]") { try_all(orders()); }
TEST_CASE("lying hub: stamps and answers", "[malicious][hub]") { try_all(stamps()); }
TEST_CASE("lying hub: pages and promises", "[malicious][hub]") { try_all(pages(), false); }
TEST_CASE("lying hub: parcels", "[malicious][hub]") { try_all(parcels()); }
TEST_CASE("lying hub: frames that no hub sends", "[malicious][hub]") { try_all(strays()); }

TEST_CASE("lying hub: another history that headquarters did not sign is its word alone", "[malicious][hub]") {
  Stage stage;
  stage.make_news();
  Ordered known = must(decode_ordered(must(node::record_at(*stage.reading(stage.hub), {1, 1})).ordered));
  known.statement.bytes[0] ^= 1;
  // Of all incarnations to come, by a hub that is not headquarters'.
  DirectoryHead head = stage.hub.replica().directory()->head(stage.hub.identity.id, stage.hub.clock.wall());
  SECTION("of a place still to come") { head.position = {UINT32_MAX, 1}; }
  SECTION("of a place that we have") {
    head.position = {1, 1};
    head.order_hash.bytes[0] ^= 1;
  }
  sign_head(head, stage.hub.identity.sign);
  const auto told = stage.sync_bent(change<wire::DirectoryRun>([&](auto& f) {
    f.records = {{lasting(encode(known)), {}}};
    f.head = lasting(encode(head));
  }));
  CHECK(told.bent);
  CHECK(told.code == node::kDirectoryFork);
  const auto fork = must(node::directory_fork(*stage.reading(stage.rep)));
  REQUIRE(fork);
  CHECK(fork->told_by == stage.hub.identity.id);
  CHECK_FALSE(fork->proven());
  const Position next{1, stage.rep.replica().directory()->position().n + 1};
  CHECK_FALSE(must(node::directory_frozen(*stage.reading(stage.rep), next)));
  stage.unharmed();
}

TEST_CASE("lying hub: a whole session played back", "[malicious][hub]") {
  Stage stage;
  stage.make_news();
  std::vector<Bytes> recorded;
  {
    auto link = stage.world.connect(stage.rep, stage.hub);
    link->tap = [&](bool up, const Bytes& frame) {
      if (!up) recorded.push_back(frame);
    };
    stage.world.run(*link);
  }
  REQUIRE(recorded.size() > 3);
  stage.make_news();
  const auto before = stage.truth(stage.rep);
  auto link = stage.world.connect(stage.rep, stage.hub);
  link->up().clear();  // it never reaches a hub
  link->down().assign(recorded.begin(), recorded.end());
  while (link->step()) {
  }
  CHECK(code(link->initiator().outcome()) == "session.bad-signature");
  CHECK(stage.truth(stage.rep) == before);
  link->cut();
  stage.unharmed();
}

TEST_CASE("lying hub: 'ordered', though nothing was", "[malicious][hub]") {
  Stage stage;
  stage.make_news();
  const auto said = stage.world.state_as(stage.rep, payload::NumberRangeWanted{stage.rep.identity.id, 1, 100});
  const auto told = stage.sync_bent(first<wire::Submitted>([](auto& f) {
    for (auto& r : f.results) r.status = wire::SubmitStatus::ordered;
    return true;
  }));
  CHECK(told.bent);
  CHECK_FALSE(stage.rep.replica().directory()->has(said));
  const auto pending = must(node::all_pending(*stage.reading(stage.rep)));
  CHECK(std::ranges::any_of(pending, [&](const auto& p) { return p.id == said; }));
  stage.unharmed();
}

namespace {

// A wrap in an answer, changed; what is stored of it afterwards.
std::uint64_t wraps_after(const std::function<void(Wrap&)>& how) {
  Stage stage;
  // A grant that is late: the wrap travels in `served`.
  const auto foreign = stage.world.open_customer(stage.other, "南山超市", {stage.other.person});
  stage.world.settle(2);
  payload::OwnerSet owners;
  owners.owners = {stage.other.person, stage.rep.person};
  stage.world.state_as(stage.boss, owners, foreign);
  for (int i = 0; i < 3; ++i) {
    stage.world.sync(stage.boss, stage.hub);
    stage.world.sync(stage.hub, stage.world.hq());
    stage.world.sync(stage.hub, stage.world.hq());
    stage.world.sync(stage.other, stage.hub);
  }
  const auto before = stage.count(stage.rep, Table::grants);
  bool bent_one = false;
  for (int i = 0; i < 2; ++i) {
    stage.sync_bent(first<wire::Served>([&](auto& f) {
                      for (auto& bytes : f.wraps) {
                        auto wrap = must(Wrap::decode(bytes));
                        how(wrap);
                        bytes = lasting(wrap.encode());
                        bent_one = true;
                      }
                      return !f.wraps.empty();
                    }),
                    true);
  }
  CHECK(bent_one);
  const auto stored = stage.count(stage.rep, Table::grants) - before;
  // They come with the next honest answer.
  stage.unharmed();
  CHECK(stage.count(stage.rep, Table::grants) > before);
  return stored;
}

}  // namespace

TEST_CASE("lying hub: wraps for another epoch, key, audience or box are left out, and asked for again",
          "[malicious][hub]") {
  CHECK(wraps_after([](Wrap& w) { w.epoch += 1; }) == 0);
  CHECK(wraps_after([](Wrap& w) { w.key.bytes[0] ^= 1; }) == 0);
  CHECK(wraps_after([](Wrap& w) { w.audience.bytes[0] ^= 1; }) == 0);
  CHECK(wraps_after([](Wrap& w) { w.box[40] ^= 1; }) == 0);
  CHECK(wraps_after([](Wrap& w) { w.archive.bytes[0] ^= 1; }) == 0);
  CHECK(wraps_after([](Wrap& w) { w.signature.bytes[0] ^= 1; }) == 0);
}

namespace {

// Statements as if the hub had them from whoever signed them, and obeyed them.
struct Whisper {
  Stage stage;
  // As the hub says them, before anything else of the session.
  Stage::Told say(const std::vector<Envelope>& statements) {
    wire::DirectoryRun run;
    for (const auto& envelope : statements) run.waiting.push_back(lasting(envelope.encode()));
    return stage.sync_bent(followed_by<wire::Welcome>({wire::encode(run)}));
  }
  template <class P>
  Envelope signed_by(sim::Node& by, const P& payload, const ArchiveId& archive = {}) {
    const auto seen = by.replica().directory()->position();
    return make_statement({stage.world.org(), by.identity.id, by.person, seen, by.clock.wall()}, by.identity.sign,
                          payload, by.entropy, archive);
  }
  payload::NodeRevoked revoking(const sim::Node& node) { return {node.identity.id, "x"}; }
  bool kept() {
    const auto txn = stage.reading(stage.rep);
    const auto info = must(node::archive_info(*txn, *must(node::find_archive(*txn, stage.customer))));
    node::Keyring fresh(stage.rep.vault(), stage.rep.entropy);
    const bool opens = !must(fresh.keys_of(*txn, *stage.rep.replica().directory(), *info))->epochs.empty();
    return opens && must(node::all_pending(*txn)).empty();
  }
};

}  // namespace

TEST_CASE("lying hub: what takes from a device is obeyed only from somebody who may say it", "[malicious][hub]") {
  Whisper w;
  w.stage.make_news();
  sim::Node& rep = w.stage.rep;
  sim::Node& other = w.stage.other;
  sim::Node& boss = w.stage.boss;
  SECTION("forged in a manager's name") {
    Bytes bytes = w.signed_by(boss, w.revoking(rep)).encode();
    bytes[bytes.size() - 20] ^= 1;  // in the signature
    const auto told = w.say({must(decode_envelope(bytes))});
    CHECK(told.code == "directory.bad-signature");
  }
  SECTION("by a colleague, who may not") { CHECK(w.say({w.signed_by(other, w.revoking(rep))}).code.empty()); }
  SECTION("by the hub itself") { CHECK(w.say({w.signed_by(w.stage.hub, w.revoking(rep))}).code.empty()); }
  SECTION("about somebody else") { CHECK(w.say({w.signed_by(boss, w.revoking(other))}).code.empty()); }
  SECTION("of an archive it does not have") {
    const auto foreign = random_id<ArchiveId>(boss.entropy);
    CHECK(w.say({w.signed_by(boss, payload::OwnerSet{{other.person}}, foreign)}).code.empty());
  }
  SECTION("something that gives") {
    payload::PersonChanged promoted{.person = rep.person};
    promoted.functions = std::vector<std::string>{"会计"};
    CHECK(w.say({w.signed_by(boss, promoted)}).code.empty());
  }
  SECTION("ordered long ago, and taken back since") {
    payload::PersonChanged left{.person = rep.person};
    left.active = false;
    const auto once = w.signed_by(w.stage.world.admin(), left);
    must(w.stage.world.hq().replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(taken, node::take_statement(txn, effects, w.stage.world.hq().replica(), once));
      CHECK(taken.status == wire::SubmitStatus::ordered);
      return {};
    }));
    payload::PersonChanged back{.person = rep.person};
    back.active = true;
    w.stage.world.sync(w.stage.world.admin(), w.stage.world.hq());
    w.stage.world.state(back);
    w.stage.world.settle(4);
    w.stage.make_news();
    CHECK(w.say({once}).code.empty());
  }
  SECTION("garbled") {
    wire::DirectoryRun run;
    const Bytes nonsense(40, 7);
    run.waiting.push_back(nonsense);
    const auto told = w.stage.sync_bent(followed_by<wire::Welcome>({wire::encode(run)}));
    CHECK(told.code == "session.bad-statement");
  }
  CHECK(w.kept());
  w.stage.unharmed();
}

// Only with the manager's help, and no more than may be kept.
TEST_CASE("lying hub: a flood of what takes from a device is bounded", "[malicious][hub]") {
  Whisper w;
  std::vector<Envelope> flood;
  for (std::size_t i = 0; i < kHandedDownMax + 20; ++i)
    flood.push_back(w.signed_by(w.stage.boss, w.revoking(w.stage.rep)));
  CHECK(w.say(flood).code.empty());
  CHECK(must(node::all_pending(*w.stage.reading(w.stage.rep))).size() <= kHandedDownMax + 1);  // and its receipt
}
