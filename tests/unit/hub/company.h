// SPDX-License-Identifier: AGPL-3.0-or-later
// A company on real sockets: hubs as in the product (TLS, LMDB in temporary folders, their own threads), people's
// devices on model stores. Its verbs let a case read as a story. Waiting is for a condition, with a bound, never for a
// time.
#pragma once

#include <spdlog/logger.h>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "server/hub/founding.h"
#include "server/hub/hub_folder.h"
#include "server/hub/hub_service.h"
#include "server/hub/joining.h"
#include "sync/directory/invitation.h"
#include "sync/link/system_clock.h"
#include "sync/node/keyring.h"
#include "sync/node/scribe.h"
#include "sync/seal/system_entropy.h"
#include "sync/store/memory_store.h"
#include "tests/support/temp_folder.h"

namespace satchel::hub_test {

inline constexpr int kPatienceMs = 10'000;

// Waits until another thread has brought it about; false when it never does.
bool soon(const std::function<bool()>& condition);
// A port nobody listens on at the moment.
std::uint16_t free_port();

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().code << " " << result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A hub's data folder and, while it runs, its service.
class Hub {
 public:
  Hub(std::filesystem::path folder, Clock& clock, Entropy& entropy)
      : folder_{std::move(folder)}, clock_(clock), entropy_(entropy) {}
  ~Hub() { stop(); }
  void start();
  void stop();
  // What a kill leaves: the folder as it is now, without anything said or written after.
  void crash();
  bool running() const { return service_ != nullptr; }
  hub::HubService& service() { return *service_; }
  const hub::HubFolder& folder() const { return folder_; }
  std::string address() const;
  // Entries it holds. While it runs.
  std::uint64_t entries();
  std::string log() const;

  Limits limits;  // of the next start

 private:
  hub::HubFolder folder_;
  Clock& clock_;
  Entropy& entropy_;
  std::shared_ptr<spdlog::logger> logger_;
  std::shared_ptr<std::ostringstream> said_ = std::make_shared<std::ostringstream>();
  std::optional<hub::OpenHub> open_;
  std::unique_ptr<hub::HubService> service_;
};

// A person's device.
class Member {
 public:
  Member(const OrgId& org, Clock& clock, Entropy& entropy);
  Result<session::SyncReport> sync(const hub::HubPlace& to);
  void write(const std::function<Result<void>(WriteTxn&, node::Scribe&)>& work);
  ArchiveId open_customer(const std::string& name);
  void add_visits(const ArchiveId& archive, int count, const std::string& summary);
  std::uint64_t entries();
  Digest heads(const ArchiveId& archive);
  std::vector<std::string> stamped_by(const ArchiveId& archive);  // node ids of hubs, of the archive's newest entry
  template <class P>
  void propose(const P& payload) {
    keep(make_statement({replica->self().org, identity.id, person, replica->directory()->position(), clock.wall()},
                        identity.sign, payload, entropy));
  }
  void keep(const Envelope& envelope);
  session::InitiatorHooks hooks();

  std::function<void()> meanwhile;  // once, in the middle of the next sync, as another process on the device would
  Clock& clock;
  Entropy& entropy;
  Identity identity;
  PersonId person;
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  std::unique_ptr<Store> store;
  std::unique_ptr<node::Replica> replica;
  std::unique_ptr<Vault> vault;
  std::unique_ptr<node::Keyring> keyring;
};

// A device's live connection, on a thread of its own.
class LiveLink {
 public:
  LiveLink(Member& member, const hub::HubPlace& to);
  ~LiveLink();
  // Waits until a further round is complete and the condition holds; the device is looked at on its own thread.
  bool await(const std::function<bool(Member&)>& condition);
  void poke();
  bool over() const { return over_; }

 private:
  struct Loop;
  Member& member_;
  std::unique_ptr<Loop> loop_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::function<bool(Member&)> condition_;
  bool met_ = false;
  std::atomic<bool> over_ = false;
};

class Company {
 public:
  Company();
  // A branch with its hub, which has joined and runs.
  Hub& add_branch(const std::string& name);
  InvitationFile invite_hub(const std::string& branch);
  // A confirmed device of a new person; enrolled at headquarters.
  Member& hire(const std::string& name, Role role, const std::string& branch = {});
  Member& admin() { return *members_.at("admin"); }
  Member& operator[](const std::string& name) { return *members_.at(name); }
  hub::HubPlace place(Hub& hub) const;
  BranchId branch(const std::string& name) const { return branches_.at(name); }
  // Everybody at headquarters until nothing moves.
  void settle(int rounds = 3);

  SystemClock clock;
  SystemEntropy entropy;
  TempFolder folder;
  Hub hq;

 private:
  Member& enrol(const std::string& name, const InvitationFile& invitation);
  InvitationFile invite(payload::Invitation said);

  std::map<std::string, std::unique_ptr<Hub>> hubs_;
  std::map<std::string, std::unique_ptr<Member>> members_;
  std::map<std::string, BranchId> branches_;
  OrgId org_;
  SignPublic root_;
};

}  // namespace satchel::hub_test
