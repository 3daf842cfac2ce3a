// SPDX-License-Identifier: AGPL-3.0-or-later
// The company that the kill tests are about, set up over real links: headquarters' hub, an administrator who follows,
// and a salesperson who writes.
#pragma once

#include "sync/directory/invitation.h"
#include "tests/crash/child.h"
#include "tests/crash/environment.h"
#include "tests/crash/kill_company.h"

namespace satchel::crash {

inline constexpr std::chrono::seconds kPatience{30};

// 17 for "saved 17" and "saved"; 0 for another line.
std::uint64_t number_after(const std::string& line, const std::string& word);

class Company {
 public:
  Company();

  std::filesystem::path hub_folder() const { return work_.path() / "hq"; }
  std::filesystem::path vault(const std::string& name) const { return work_.path() / name; }
  const OrgId& org() const { return org_; }
  const ArchiveId& customer() const { return customer_; }
  const ChainId& writer() const { return writer_; }
  Child& hub() { return hub_; }

  void start_hub();
  std::unique_ptr<holder::Device> open(const std::string& name);

  // The file of a node that is not running: its log verified from the bytes. Returns the writer's entries in it.
  std::uint64_t look_at(const std::filesystem::path& store, const NodeId& self, bool is_hub);
  std::uint64_t look_at_hub() { return look_at_hub(hub_folder()); }
  std::uint64_t look_at_hub(const std::filesystem::path& folder) { return look_at(folder / "store", hub_id_, true); }
  std::uint64_t look_at_writer() { return look_at(vault("rep") / "store", writer_.node, false); }
  std::uint64_t look_at_follower() { return look_at(vault("admin") / "store", {}, false); }

 private:
  std::unique_ptr<holder::Device> enrol(const std::string& name, const InvitationFile& invitation);
  void publish_packs(holder::Device& admin);
  void hire(holder::Device& admin, const InvitationFile& first);

  TempFolder work_{volatile_folder()};
  SystemClock clock_;
  SystemEntropy entropy_;
  OrgId org_;
  NodeId hub_id_;
  ChainId writer_;
  ArchiveId customer_;
  Child hub_;
};

}  // namespace satchel::crash
