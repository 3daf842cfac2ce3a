// SPDX-License-Identifier: AGPL-3.0-or-later
// A company to test the field client in: the simulation's hubs and administrator in memory, and people's devices as the
// product has them, real vaults on disk with Argon2 at its floor. Exchanges run over the real session code without
// sockets. Verbs make a case read as a story.
#pragma once

#include <filesystem>

#include "client/field/device.h"
#include "client/field/lines.h"
#include "sync/holder/book.h"
#include "sync/session/initiator.h"
#include "tests/simulation/world.h"
#include "tests/support/temp_folder.h"

namespace satchel::test {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().code + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A person at a device.
struct Seat {
  std::string name;
  PersonId person;
  std::unique_ptr<field::Device> device;
  std::unique_ptr<holder::Book> book;
};

class Company {
 public:
  // `hubs` may open real stores for the hubs.
  explicit Company(int branches = 1, sim::StoreFactory hubs = {});
  ~Company();

  Seat& join(const std::string& name, Role role, const std::string& branch = "branch1");
  Seat& operator[](const std::string& name) { return *seats_.at(name); }
  // With headquarters' hub, as often as there is something to do; or with another one.
  session::SyncReport sync(Seat& seat) { return sync(seat, world_.hq()); }
  session::SyncReport sync(Seat& seat, sim::Node& hub);
  void sync_all();
  // As the administrator, ordered at once.
  template <class P>
  void say(const P& payload, const ArchiveId& archive = {}) {
    world_.state(payload, archive);
    world_.sync(world_.admin(), world_.hq());
  }
  // The packs of the systems, which not every company has, or one of them by its file; known after the next sync.
  void publish_system(std::string_view file = {});
  sim::World& world() { return world_; }

  // ---- what people do ----
  field::Saved open(Seat& seat, const std::string& name, std::vector<field::Typed> more = {},
                    std::vector<PersonId> owners = {});
  Result<field::Saved> try_open(Seat& seat, const std::string& name, std::vector<field::Typed> more = {},
                                std::vector<PersonId> owners = {});
  field::Saved visit(Seat& seat, const std::string& customer, std::vector<field::Typed> fields);
  Result<field::Saved> edit(Seat& seat, const RecordId& record, std::vector<field::Typed> fields,
                            const std::string& reason = {});
  // A field of a record as that seat reads it.
  std::string text(Seat& seat, const RecordId& record, const std::string& field);
  // JSON lines in; the answers.
  std::vector<std::string> lines(Seat& seat, const std::string& input, std::size_t batch,
                                 field::LinesDone* done = nullptr);

 private:
  void publish_packs();
  sim::World world_;
  TempFolder folder_;
  std::map<std::string, std::unique_ptr<Seat>> seats_;
};

std::string code_of(const Error& error);

}  // namespace satchel::test
