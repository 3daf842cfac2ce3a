// SPDX-License-Identifier: AGPL-3.0-or-later
// The state is a function of the log: random companies, cut anywhere, replayed, snapshot and compared.
#include <rapidcheck.h>

#include <fstream>
#include <iterator>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

// A random company in which people also say what they may not.
struct Play {
  Company c;
  std::vector<Member> members{c.hub, c.admin};
  std::vector<PersonId> people{c.admin.person};
  std::vector<BranchId> branches{BranchId{}};
  SeededEntropy dice;

  explicit Play(std::uint64_t seed) : c(seed), dice(seed ^ 0x5eed) {}

  std::size_t roll(std::size_t sides) {
    Byte b[2];
    dice.fill(b);
    return (static_cast<std::size_t>(b[0]) * 256 + b[1]) % sides;
  }
  template <class T>
  const T& any(const std::vector<T>& list) {
    return list[roll(list.size())];
  }
  const Member& speaker() { return roll(3) != 0 ? c.admin : any(members); }
  Role role() { return static_cast<Role>(roll(6) + 1); }
  std::string name() { return "名" + std::to_string(roll(60)); }

  void order(const Envelope& envelope) {
    const auto record = c.directory.order(envelope, c.now);
    REQUIRE(c.directory.apply(record, &envelope));
    c.log.emplace_back(record, envelope);
  }

  void enrol_somebody() {
    SignKeys token;
    const auto person = any(people);
    const auto invitation = c.invite(person, token);
    order(c.says(speaker(), invitation));
    const auto node = c.keys(person);
    if (roll(8) == 0) c.now = c.now + Millis(7'200'000);
    order(c.enrolment(node, invitation.invite, token));
    order(c.says(speaker(), payload::NodeConfirmed{node.id}));
    members.push_back(node);
  }

  void change_somebody() {
    payload::PersonChanged said{.person = any(people)};
    if (roll(2)) said.role = role();
    if (roll(2)) said.branch = any(branches);
    if (roll(3) == 0 || !(said.role || said.branch)) said.active = roll(2) == 0;
    auto envelope = c.says(speaker(), said);
    if (roll(2)) {
      const auto& by = any(members);
      countersign(envelope, by.id, by.sign);
    }
    order(envelope);
  }

  void upkeep() {
    const auto& self = any(members);
    const auto tasks = c.directory.upkeep(self.id);
    if (tasks.empty()) return;
    if (const auto* create = std::get_if<CreateAudienceKey>(&tasks[0])) {
      payload::AudienceKey said{create->audience, create->epoch, make_box_keys(Secret32::random(dice)).pub, {}};
      for (const auto& node : create->members) said.boxes[node] = Bytes(104, 7);
      order(c.says(self, said));
    } else if (const auto* lease = std::get_if<LeaseNumbers>(&tasks[0])) {
      order(c.says(self, payload::NumberRange{lease->node, lease->incarnation, lease->first, lease->count}));
    }
  }

  void step() {
    const auto archive = id_of<ArchiveId>(static_cast<int>(roll(3)) + 1);
    switch (roll(10)) {
      case 0: {
        const auto id = random_id<BranchId>(dice);
        order(c.says(speaker(), payload::BranchAdded{id, name(), ""}));
        branches.push_back(id);
        break;
      }
      case 1:
      case 2: {
        const auto id = random_id<PersonId>(dice);
        order(c.says(speaker(), payload::PersonAdded{id, name(), role(), any(branches), {}, {}}));
        people.push_back(id);
        break;
      }
      case 3:
      case 4:
        enrol_somebody();
        break;
      case 5:
        change_somebody();
        break;
      case 6:
        upkeep();
        break;
      case 7:
        order(c.says(speaker(), payload::Verdict{{{any(members).id, 1, 1, 9}}, VerdictChoice::admit, {}}, archive));
        break;
      case 8:
        order(c.says(speaker(), payload::OwnerSet{{any(people)}}, archive));
        break;
      case 9:
        order(c.says(speaker(), payload::Policy{"two-person-appointments", roll(2) ? "on" : "off"}));
        break;
    }
    if (roll(25) == 0) order(c.says(speaker(), payload::NodeRevoked{any(members).id, ""}));
  }
};

}  // namespace

TEST_CASE("directory: the state follows from the log alone, however it is taken in", "[directory][property]") {
  std::uint64_t applied = 0, refused = 0;
  REQUIRE(rc::check("prefix and suffix, snapshots, trust, withholding", [&] {
    Play play(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 40; ++i) play.step();
    const auto& log = play.c.log;
    const auto cut = static_cast<std::size_t>(*rc::gen::inRange<std::size_t>(0, log.size()));

    Directory whole(play.c.directory.org());
    Directory own(play.c.directory.org());  // a node's start from its own log: what was effective is trusted
    Directory blind(play.c.directory.org());
    Directory snapshot, copy_of_snapshot;
    std::vector<const Envelope*> hidden;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (i == cut) {
        snapshot = whole;
        Directory again(play.c.directory.org());
        for (std::size_t k = 0; k < cut; ++k) RC_ASSERT(again.apply(log[k].first, &log[k].second).has_value());
        copy_of_snapshot = again;
      }
      const auto effect = whole.apply(log[i].first, &log[i].second);
      RC_ASSERT(effect.has_value());
      const bool good = effect->outcome == Effect::Outcome::applied;
      RC_ASSERT(*own.apply(log[i].first, &log[i].second, good ? Trust::replay : Trust::check) == *effect);
      const bool hide = log[i].first.scope == Scope::archive;
      if (hide) hidden.push_back(&log[i].second);
      RC_ASSERT(blind.apply(log[i].first, hide ? nullptr : &log[i].second).has_value());
    }
    RC_ASSERT(whole == play.c.directory);
    RC_ASSERT(own == whole);
    RC_ASSERT(snapshot == copy_of_snapshot);  // what came after did not reach into the snapshot
    for (std::size_t i = cut; i < log.size(); ++i) RC_ASSERT(snapshot.apply(log[i].first, &log[i].second).has_value());
    RC_ASSERT(snapshot == whole);
    RC_ASSERT(!(copy_of_snapshot == whole));
    for (auto envelope = hidden.rbegin(); envelope != hidden.rend(); ++envelope)
      RC_ASSERT(blind.reveal(**envelope).has_value());
    RC_ASSERT(blind == whole);
    applied += whole.counts().applied;
    refused += whole.counts().refused;
  }));
  // Both paths were really taken.
  CHECK(applied > 1000);
  CHECK(refused > 500);
}

TEST_CASE("directory: in every random company what is held together stays together", "[directory][property]") {
  REQUIRE(rc::check("invariants", [] {
    Play play(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 60; ++i) play.step();
    const auto& d = play.c.directory;
    std::uint64_t end = 1;
    for (const auto& [id, node] : d.nodes()) {
      RC_ASSERT(node_id(node.sign, node.box) == id);
      for (const auto& range : d.numbers(id, 1)) end = std::max(end, range.first + range.count);
      if (node.state() == NodeState::confirmed) continue;
      RC_ASSERT(d.audiences_of(id).empty());
    }
    RC_ASSERT(end == d.next_number());
    bool administrator = false;
    for (const auto& [id, person] : d.people()) {
      administrator =
          administrator || (person.active() && person.role() == Role::archive_administrator && person.branch().none());
      if (person.active()) RC_ASSERT(d.person_named(person.name) == &person);
      RC_ASSERT(std::is_sorted(person.history.begin(), person.history.end(),
                               [](const auto& a, const auto& b) { return a.since.at < b.since.at; }));
    }
    RC_ASSERT(administrator);
    const auto& counts = d.counts();
    RC_ASSERT(counts.applied + counts.refused + counts.unknown + counts.withheld == d.position().n);
  }));
}

TEST_CASE("directory: docs/directory.md has the table of the code, every refusal and every label",
          "[directory][docs]") {
  const auto slurp = [](const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file.good());
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto doc = slurp("docs/directory.md");
  CHECK(doc.find(print_authority()) != std::string::npos);
  std::size_t words = 0;
  for (const char* name :
       {"rules.cpp", "rules_people.cpp", "rules_keys.cpp", "directory.cpp", "statement.cpp", "ordering.cpp",
        "identity.cpp", "invitation.cpp", "payloads_keys.cpp", "payloads.h", "upkeep.cpp"}) {
    const auto code = slurp(std::string("sync/directory/") + name);
    // Quoted words behind these marks: refusals and labels.
    for (const std::string mark : {"refuse(ErrorKind::", "broken(\"", "\"satchel ", "fail(ErrorKind::"}) {
      for (auto at = code.find(mark); at != std::string::npos; at = code.find(mark, at + 1)) {
        const auto open = mark.front() == '"' ? at : code.find('"', at);
        const auto word = code.substr(open + 1, code.find('"', open + 1) - open - 1);
        INFO(name << ": " << word);
        if (word.find(' ') != std::string::npos && !word.starts_with("satchel ")) continue;
        CHECK(doc.find("`" + (word.starts_with("directory.") ? word.substr(10) : word) + "`") != std::string::npos);
        ++words;
      }
    }
  }
  CHECK(words > 60);
}
