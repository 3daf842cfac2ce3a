// SPDX-License-Identifier: AGPL-3.0-or-later
// Files as they really arrive: split, in any order, twice, cut, damaged, bent on purpose.
#include <rapidcheck.h>

#include "sync/bundle/ledger.h"
#include "sync/bundle/limits.h"
#include "tests/unit/bundle/liar.h"
#include "tests/vectors/vectors.h"

using namespace satchel;
using namespace satchel::bundle_test;

namespace {

Bytes read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}
void write_file(const std::filesystem::path& file, const Bytes& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::string noise(std::mt19937_64& random, std::size_t size) {
  std::string out(size, ' ');
  for (auto& ch : out) ch = static_cast<char>('!' + random() % 90);
  return out;
}

// A salesperson's month: several files' worth.
struct Month : Carriers {
  bundle::Exported made;
  std::shared_ptr<MemoryDisk> clean;
  Month() {
    std::mt19937_64 random(3);
    std::vector<ArchiveId> customers;
    for (int i = 0; i < 12; ++i) customers.push_back(world.open_customer(rep, "客户" + std::to_string(i)));
    for (int i = 0; i < 140; ++i) world.add_visit(rep, customers[random() % customers.size()], noise(random, 60'000));
    made = to_hub(rep, hub, bundle::kPartBytesMin);
    clean = hub.disk->clone();
  }
  // The hub as it was before it took anything.
  void reset() {
    hub.stop();
    hub.disk = clean->clone();
    hub.start();
  }
};

}  // namespace

TEST_CASE("bundle: parts keep to the size, and come in any order and as often as they like", "[bundle]") {
  Month c;
  REQUIRE(c.made.files.size() >= 4);
  for (const auto& file : c.made.files) CHECK(std::filesystem::file_size(file) <= bundle::kPartBytesMin);
  const auto straight = c.import(c.hub, c.made.files);
  CHECK(straight.complete);
  CHECK(straight.received == 152);
  const auto expected = c.state(c.hub);
  for (unsigned seed = 1; seed <= 6; ++seed) {
    c.reset();
    std::mt19937_64 random(seed);
    auto files = c.made.files;
    files.push_back(files[random() % files.size()]);
    files.push_back(files[random() % files.size()]);
    std::ranges::shuffle(files, random);
    std::set<std::filesystem::path> here;
    for (const auto& file : files) {
      const auto one = must(c.try_import(c.hub, file));
      CHECK(one.seen_before == !here.insert(file).second);
      CHECK(one.missing.size() == c.made.files.size() - here.size());
      CHECK(one.complete == one.missing.empty());
    }
    CHECK(c.state(c.hub) == expected);
    CHECK(must(c.reading(c.hub)->count(Table::bundles)) > 0);
    // Nothing waits any longer.
    std::size_t waiting = 0;
    must(scan_prefix(*c.reading(c.hub), Table::bundles, Bytes{'p'}, [&](KeyValue) { return ++waiting > 0; }));
    CHECK(waiting == 0);
  }
}

TEST_CASE("bundle: a program that was ended before a waiting part's turn takes it in with whichever part comes next",
          "[bundle]") {
  Month c;
  c.import(c.hub, c.made.files);
  const auto expected = c.state(c.hub);
  const bool again = GENERATE(true, false);
  c.reset();
  const auto change = [&](const std::function<void(bundle::Taken&)>& how) {
    must(c.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_GET(no, node::find_node(txn, c.rep.identity.id));
      SATCHEL_GET(all, bundle::taken_from(txn, *no));
      bundle::Taken taken = all.back().second;
      how(taken);
      return bundle::put_taken(txn, all.back().first, taken);
    }));
  };
  // The second came early and waited; the first was taken in, and then the lights went out.
  must(c.try_import(c.hub, c.made.files[0]));
  change([](bundle::Taken& taken) {
    taken.have.clear();
    taken.applied = 0;
  });
  CHECK(must(c.try_import(c.hub, c.made.files[1])).missing.size() == c.made.files.size() - 1);
  change([](bundle::Taken& taken) {
    taken.have.insert(1);
    taken.applied = 1;
  });
  if (again) CHECK(must(c.try_import(c.hub, c.made.files[1])).seen_before);
  for (std::size_t i = 2; i < c.made.files.size(); ++i) must(c.try_import(c.hub, c.made.files[i]));
  CHECK(must(c.try_import(c.hub, c.made.files[0])).complete);
  CHECK(c.state(c.hub) == expected);
}

TEST_CASE("bundle: missing parts are named, and what came stays", "[bundle]") {
  Month c;
  auto files = c.made.files;
  const auto last = files.back();
  files.pop_back();
  files.erase(files.begin() + 1);
  const auto some = c.import(c.hub, files);
  CHECK_FALSE(some.complete);
  CHECK(some.missing == std::vector<std::uint32_t>{2, static_cast<std::uint32_t>(c.made.files.size())});
  CHECK(c.entries(c.hub) > 0);
  // No acknowledgement before the last part, so the sender keeps all of it.
  CHECK(c.to_person(c.hub, c.rep).acknowledged == 0);
  c.import(c.hub, {c.made.files[1], last});
  CHECK(c.entries(c.hub) == 152);
  CHECK(c.to_person(c.hub, c.rep).acknowledged == 1);
}

TEST_CASE("bundle: an import that is cut goes on where it was", "[bundle]") {
  Month c;
  REQUIRE(must(c.try_import(c.hub, c.made.files[0])).received > 0);
  const auto expected = [&] {
    c.import(c.hub, c.made.files);
    return c.state(c.hub);
  }();
  // A power cut after any number of durable steps.
  for (int steps = 1; steps < 12; ++steps) {
    c.reset();
    c.hub.disk->fail_commit(static_cast<std::uint64_t>(steps), CommitFault::io);
    std::string ended;
    for (const auto& file : c.made.files) {
      const auto one = c.try_import(c.hub, file);
      if (ended.empty()) ended = code(one);
      if (!one) break;
    }
    CHECK(ended == "store.io");
    c.hub.stop();
    c.hub.start();
    CHECK(c.import(c.hub, c.made.files).complete);
    CHECK(c.state(c.hub) == expected);
  }
}

TEST_CASE("bundle: files that are cut, damaged, or not bundles are told apart and change nothing",
          "[bundle][hostile]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  const auto made = c.to_hub(c.rep, c.hub);
  const Bytes whole = read_file(made.files.front());
  const auto before = c.state(c.hub);
  const auto file = c.stick / "bent.satchel";
  const auto with = [&](Bytes bytes) {
    write_file(file, bytes);
    const auto refused = c.try_import(c.hub, file);
    CHECK(c.state(c.hub) == before);
    return code(refused);
  };
  CHECK(with({}) == "bundle.none");
  CHECK(with(copy(view("hello, this is no bundle at all"))) == "bundle.none");
  Bytes newer = whole;
  newer[8] = 2;
  CHECK(with(newer) == "bundle.newer");
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{300}, std::size_t{40}}) {
    CHECK(with(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) == "bundle.cut-short");
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(with(longer) == "bundle.damaged");
  Bytes flipped = whole;
  flipped[whole.size() - 9] ^= 1;
  CHECK(with(flipped) == "bundle.damaged");
  Bytes renumbered = whole;
  renumbered[16 + 69] ^= 2;  // the number, which is signed
  CHECK(with(renumbered) == "bundle.bad-signature");
  CHECK(code(c.try_import(c.hub, c.stick / "nothing")) == "bundle.missing");
  CHECK(code(c.try_import(c.hub, c.stick)) == "bundle.none");
  CHECK(c.import(c.hub, made.files).received == 1);
}

TEST_CASE("bundle: bytes bent anywhere end in a named refusal, and nothing is half applied", "[bundle][hostile]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  for (int i = 0; i < 5; ++i) c.world.add_visit(c.rep, customer, "第" + std::to_string(i));
  const auto made = c.to_hub(c.rep, c.hub);
  const Bytes whole = read_file(made.files.front());
  const auto before = c.state(c.hub);
  const auto file = c.stick / "bent.satchel";
  std::mt19937_64 random(vectors::hostile_seed());
  for (std::size_t i = 0; i < vectors::hostile_cases(600); ++i) {
    Bytes bent = whole;
    for (auto hits = random() % 3; hits < 3; ++hits) {
      const auto at = random() % (random() % 2 == 0 ? std::min<std::size_t>(bent.size(), 400) : bent.size());
      bent[at] = static_cast<Byte>(random());
      if (random() % 20 == 0) bent.resize(std::max<std::size_t>(at, 1));
    }
    if (bent == whole) continue;
    write_file(file, bent);
    const auto refused = c.try_import(c.hub, file);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code.starts_with("bundle."));
    REQUIRE(c.state(c.hub) == before);
  }
  CHECK(c.import(c.hub, made.files).received == 6);
}

TEST_CASE("bundle: a sender who lies inside a good bundle is refused as on a line", "[bundle][hostile]") {
  Liar c;
  c.world.open_customer(c.rep, "福田百货");
  must(node::do_upkeep(c.rep.replica(), c.rep.keyring()));
  must(c.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(node::seal_outbox(txn, c.rep.replica().author()));
    return {};
  }));
  const auto before = c.state(c.hub);
  CHECK(c.send({c.parcel([](auto& p) { p.chains[0].leaf = 1; })}) == "parcel.root");
  CHECK(c.send({c.parcel([](auto& p) { p.batch.signature.bytes[0] ^= 1; })}) == "parcel.bad-signature");
  CHECK(c.send({Bytes(64, 0xab)}) == "wire.broken");
  CHECK(c.send({wire::encode(wire::Ping{1})}) == "session.unexpected-frame");
  CHECK(c.send({Bytes(5, 1)}, bundle::RecordKind::acknowledgement) == "bundle.damaged");
  CHECK(c.send({Bytes(5, 1)}, static_cast<bundle::RecordKind>(9)) == "bundle.newer");
  // An acknowledgement of what was never sent, holdings of what nobody has, pages of a feed nobody keeps.
  wire::Touched page;
  page.audience.bytes[0] = 7;
  page.up_to = 999;
  wire::Want holdings;
  holdings.items.push_back({random_id<ArchiveId>(c.rep.entropy), {}, false});
  CHECK(c.send({wire::encode(page), wire::encode(holdings)}).empty());
  CHECK(c.send({bundle::encode(bundle::Acknowledgement{c.hub.replica().self().chain(), 5, {}, {}})},
               bundle::RecordKind::acknowledgement)
            .empty());
  CHECK(c.state(c.hub) == before);
  CHECK(c.import(c.hub, c.to_hub(c.rep, c.hub).files).received == 1);
}

TEST_CASE("bundle: a device that makes up an order of statements is not believed", "[bundle][hostile]") {
  Liar c;
  const auto before = c.state(c.hub);
  const Directory mine = *c.rep.replica().directory();
  payload::Policy policy;
  policy.key = "two-person-appointments";
  policy.value = "on";
  const auto& admin = c.world.admin();
  const Envelope said = make_statement({c.world.org(), admin.identity.id, admin.person, mine.position(), {1}},
                                       admin.identity.sign, policy, c.rep.entropy);
  const Bytes ordered = encode(mine.order(said, {c.world.time.ms + 5000}));
  const Bytes envelope = said.encode();
  wire::DirectoryRun run;
  run.records.push_back({ordered, envelope});
  CHECK(c.send({wire::encode(run)}).empty());  // waits for a signed head that never comes
  CHECK_FALSE(c.hub.replica().directory()->has(said.id()));
  DirectoryHead head = mine.head(c.hq.identity.id, {c.world.time.ms});
  head.position = decode_ordered(ordered)->position;
  sign_head(head, c.rep.identity.sign);
  const Bytes false_head = encode(head);
  run.head = false_head;
  CHECK(c.send({wire::encode(run)}) == "directory.bad-head");
  // Nor with a true head of an earlier place.
  const Bytes old_head = encode(mine.head(c.hq.identity.id, {c.world.time.ms}));
  run.head = old_head;
  CHECK(c.send({wire::encode(run)}) == "directory.bad-head");
  CHECK_FALSE(c.hub.replica().directory()->has(said.id()));
  CHECK(c.state(c.hub) == before);
}

TEST_CASE("bundle: a hub that promises what it does not bring moves no cursor", "[bundle][hostile]") {
  Liar c;
  const auto audience = node::followed(*c.boss.replica().directory(), c.boss.identity.id).front();
  const auto cursor = [&] {
    const auto txn = c.reading(c.boss);
    const auto no = must(node::find_node(*txn, c.hub.identity.id));
    return must(node::feed_cursor(*txn, *no, 1, audience)).position;
  };
  const auto before = cursor();
  const auto hand = [&](std::uint64_t built_on, std::vector<wire::TouchedItem> items) {
    wire::Synced base;
    base.feeds.push_back({audience, built_on, 0});
    wire::Touched page;
    page.audience = audience;
    page.up_to = before + 10;
    page.items = std::move(items);
    return must(c.hand(c.hub, c.boss, bundle::to_person(c.boss.person), {wire::encode(base), wire::encode(page)}));
  };
  CHECK(hand(before, {{random_id<ArchiveId>(c.hub.entropy), {}, 0}}).pages_unkept == 1);
  CHECK(cursor() == before);
  // Nor what begins behind our place: something lies between.
  CHECK(hand(before + 5, {}).pages_unkept == 1);
  CHECK(cursor() == before);
  CHECK(hand(before, {}).pages_unkept == 0);
  CHECK(cursor() == before + 10);
}

TEST_CASE("bundle: two bundles under one number are told", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  c.rep.stop();
  const auto disk = c.rep.disk->clone();
  c.rep.start();
  c.import(c.hub, c.to_hub(c.rep, c.hub).files);
  c.rep.stop();
  c.rep.disk = disk;  // set back without a new life, as no honest restore does
  c.rep.start();
  const auto again = c.to_hub(c.rep, c.hub);
  CHECK(code(c.try_import(c.hub, again.files.front())) == "bundle.other-number");
}

TEST_CASE("bundle: an export that does not end leaves nothing under its name", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  CHECK(code(bundle::export_bundle(c.rep.replica(), {bundle::to_hub(c.hub.identity.id), c.stick, 1000})) ==
        "bundle.size-too-small");
  CHECK(code(bundle::export_bundle(c.rep.replica(), {bundle::to_person(PersonId{}), c.stick, 0})) == "bundle.nobody");
  CHECK(code(bundle::export_bundle(c.hub.replica(), {bundle::to_hub(c.hub.identity.id), c.stick, 0})) ==
        "bundle.to-self");
  {
    bundle::Header h;
    h.number = 1;
    h.boxes.push_back({c.hub.identity.id, Bytes(104)});
    auto writer = must(
        bundle::PartWriter::open({c.stick, 0, h, Secret32::random(c.rep.entropy), c.rep.identity.sign, c.rep.entropy}));
    must(writer->add(bundle::RecordKind::frame, Bytes(900'000)));
  }
  CHECK(std::filesystem::is_empty(c.stick));
  // No folder is made where a stick should be, and what was refused has used up no number.
  const auto unplugged = c.stick / "usb";
  const auto to = bundle::to_hub(c.hub.identity.id);
  CHECK(code(bundle::export_bundle(c.rep.replica(), {to, unplugged, 0})) == "bundle.no-folder");
  CHECK_FALSE(std::filesystem::exists(unplugged));
  const auto file = c.stick / "file";
  std::ofstream(file) << "x";
  CHECK(code(bundle::export_bundle(c.rep.replica(), {to, file, 0})) == "bundle.not-a-folder");
  const auto made = c.to_hub(c.rep, c.hub);
  CHECK(made.number == 1);
  CHECK(made.outstanding == 0);
  CHECK(c.to_hub(c.rep, c.hub).number == 2);
}

TEST_CASE("bundle: golden headers and acknowledgements, and what must be refused", "[bundle][golden]") {
  Bytes seed(32);
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<Byte>(i);
  const auto keys = make_sign_keys(Secret32::of(seed));
  const auto all = vectors::load("bundle/vectors.txt");
  for (const auto& v : all) {
    INFO(v.kind << " " << v.name);
    if (v.word == "is") continue;
    if (v.kind == "acknowledgement") {
      const auto ack = bundle::decode_acknowledgement(v.bytes);
      CHECK(code(ack) == v.code);
      if (ack) CHECK(hex(bundle::encode(*ack)) == hex(v.bytes));
      continue;
    }
    const auto header = bundle::decode_header(v.bytes);
    CHECK(code(header) == v.code);
    if (!header) continue;
    CHECK(bundle::verify_header(*header, keys.pub));
    CHECK(hex(bundle::encode_signed(header->header, keys)) == hex(v.bytes));
  }
  const auto hub = must(bundle::decode_header(vectors::find(all, "header", "hub"))).header;
  CHECK(hub.number == 7);
  CHECK(hub.part == 2);
  CHECK(hex(bundle::bound_to(hub)) == hex(vectors::find(all, "", "bound")));
  CHECK(hex(bundle::bound_digest(hub).view()) == hex(vectors::find(all, "", "bound-digest")));
  const auto one = bundle::content_after({}, Writer().u32(4).raw(view("abcd")).bytes());
  CHECK(hex(one.view()) == hex(vectors::find(all, "", "content-1")));
  CHECK(hex(bundle::content_after(one, Writer().u32(2).raw(view("ef")).bytes()).view()) ==
        hex(vectors::find(all, "", "content-2")));
  Digest bound;
  bound.bytes.fill(0x77);
  CHECK(hex(bundle::chunk_bound(bound, 2, 5)) == hex(vectors::find(all, "", "chunk-bound")));
}
