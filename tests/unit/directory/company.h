// SPDX-License-Identifier: AGPL-3.0-or-later
// A small company for the directory's tests: a root key, an HQ hub that orders, an administrator, and verbs to add the
// rest. put() orders and applies, and holds check() and apply() to the same answer every time.
#pragma once

#include <catch2/catch.hpp>

#include "sync/directory/directory.h"
#include "sync/directory/invitation.h"
#include "sync/directory/limits.h"

namespace satchel {

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : seed_(seed) {}
  void fill(std::span<Byte> out) override {
    for (auto& byte : out) {
      if (left_ == 0) {
        Writer source;
        source.u64(seed_).u64(counter_++);
        block_ = hash("test entropy", source.bytes());
        left_ = Digest::size;
      }
      byte = block_.bytes[Digest::size - left_--];
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
  Digest block_;
  std::size_t left_ = 0;
};

// A node's secrets, as the node itself has them.
struct Member {
  SignKeys sign;
  BoxKeys box;
  NodeId id;
  PersonId person;
};

inline std::string code_of(const Result<void>& result) { return result ? "ok" : result.error().code; }

inline std::string outcome_of(const Effect& effect) {
  switch (effect.outcome) {
    case Effect::Outcome::applied:
      return "applied";
    case Effect::Outcome::refused:
      return effect.refusal;
    case Effect::Outcome::unknown:
      return "unknown";
    case Effect::Outcome::withheld:
      return "withheld";
  }
  return "";
}

class Company {
 public:
  explicit Company(std::uint64_t seed = 1);

  // ---- speaking ----
  template <class P>
  Envelope says(const Member& by, const P& payload, const ArchiveId& archive = {}) {
    return make_statement(Speaker{directory.org(), by.id, by.person, directory.position(), now}, by.sign, payload,
                          entropy, archive);
  }
  template <class P>
  Envelope root_says(const P& payload) {
    return make_statement(Speaker{org_id(root.pub), {}, {}, directory.position(), now}, root, payload, entropy);
  }
  Member keys(const PersonId& person = {});
  std::string check(const Envelope& envelope) { return code_of(directory.check(envelope, now)); }
  std::string put(const Envelope& envelope);
  // put() that must succeed.
  void must(const Envelope& envelope) { REQUIRE(put(envelope) == "applied"); }

  // ---- the company grows ----
  BranchId add_branch(const std::string& name, const std::string& code = "");
  PersonId add_person(const std::string& name, Role role, const BranchId& branch = {});
  // Invitation, enrolment and confirmation.
  Member enrol(const PersonId& person);
  Member enrol_hub(const BranchId& branch);
  Member enrol_reader();
  // Someone with one confirmed device.
  Member hire(const std::string& name, Role role, const BranchId& branch = {});
  payload::Invitation invite(const PersonId& person, SignKeys& token);
  Envelope enrolment(const Member& node, const InviteId& invite, const SignKeys& token,
                     std::optional<payload::HubDetails> hub = {});
  void dismiss(const PersonId& person);
  void move(const PersonId& person, Role role, const BranchId& branch);
  // Epoch keys and boxes as upkeep asks for them, until nobody has anything left to do.
  void run_upkeep(const std::vector<Member>& members);

  SeededEntropy entropy;
  SignKeys root;
  Directory directory;
  WallTime now{1'790'000'000'000};
  std::vector<std::pair<Ordered, Envelope>> log;
  Member hub;
  Member admin;
};

}  // namespace satchel
