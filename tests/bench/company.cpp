// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/company.h"

#include <fstream>
#include <sstream>

#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "server/hub/founding.h"
#include "sync/node/catalogue.h"
#include "sync/node/enrol.h"

namespace satchel::bench {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
const StretchParams kLeast{kStretchPassesMin, kStretchMemoryKibMin, {}};

class Founder {
 public:
  explicit Founder(const Place& place) : place_(place) {
    hub::Founding wishes{{place.hub()}, "华兴食品", "总部", "admin", {"127.0.0.1", 7440}, "127.0.0.1:7440"};
    founded_ = need(hub::found_organisation(wishes, clock_, entropy_));
    open_ = std::make_unique<hub::OpenHub>(need(hub::open_hub(wishes.folder)));
    replica_ =
        need(node::Replica::open(*open_->store, clock_, entropy_, {open_->identity, founded_.org, wire::Role::hub}));
    first_ = invitation_in(wishes.folder.first_admin());
  }

  std::vector<std::unique_ptr<holder::Device>> run(const Company& company) {
    std::vector<std::unique_ptr<holder::Device>> devices;
    devices.push_back(enrol(place_.admin(), first_, "admin's"));
    admin_ = devices.front()->identity();
    std::vector<BranchId> branches;
    for (int i = 0; i < company.branches; ++i) {
      payload::BranchAdded branch;
      branch.branch = branches.emplace_back(random_id<BranchId>(entropy_));
      branch.name = branch_name(i);
      say(branch);
    }
    for (const auto& [file, toml] : standard_packs()) publish(toml);
    for (const auto& [file, toml] : system_packs())
      if (!company.system.empty() && file.starts_with(company.system + "_")) publish(toml);
    const int each = company.sellers / company.branches;
    for (int i = 0; i < company.sellers; ++i) {
      const auto who =
          person("业务员" + std::to_string(i), Role::salesperson, branches.at(static_cast<std::size_t>(i / each)));
      devices.push_back(device_of(who, place_.seller(i)));
    }
    for (int i = 0; i < company.colleagues; ++i)
      person("同事" + std::to_string(i), Role::salesperson, branches.front());
    if (company.overseers) {
      const StretchParams stretch = calibrate(entropy_, clock_);
      device_of(person("经理", Role::branch_manager, branches.front()), place_.manager(), stretch);
      enrol(place_.reader(), invitation_in(place_.hub() / "reader.invite"), "reader", stretch, wire::Role::reader);
    }
    return devices;
  }

 private:
  void order(const Envelope& envelope) {
    need(replica_->write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_TRY(effects.directory().check(envelope, clock_.wall()));
      return node::order_statement(txn, effects, *replica_, envelope);
    }));
  }

  template <class P>
  void say(const P& payload) {
    const Speaker speaker{founded_.org, admin_.id, founded_.admin, replica_->directory()->position(), clock_.wall()};
    order(make_statement(speaker, admin_.sign, payload, entropy_));
  }

  std::unique_ptr<holder::Device> enrol(const std::filesystem::path& folder, const InvitationFile& invitation,
                                        const std::string& name, const StretchParams& stretch = kLeast,
                                        wire::Role role = wire::Role::device) {
    holder::DeviceConfig config;
    config.root = invitation.root;
    config.org_name = invitation.org_name;
    config.hubs = {{"127.0.0.1:7440", founded_.hub, founded_.tls_pin}};
    auto device = need(holder::Device::create(folder, kPassphrase, stretch, config, role));
    order(node::enrolment(invitation, device->identity(), name, {}, clock_.wall(), entropy_));
    return device;
  }

  static InvitationFile invitation_in(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return need(decode_invitation(text.str()));
  }

  void publish(std::string_view toml) { say(node::publication_of(need(parse_pack(toml)), toml)); }

  payload::PersonAdded person(const std::string& name, Role role, const BranchId& branch) {
    payload::PersonAdded person;
    person.person = random_id<PersonId>(entropy_);
    person.name = name;
    person.role = role;
    person.branch = branch;
    say(person);
    return person;
  }

  std::unique_ptr<holder::Device> device_of(const payload::PersonAdded& person, const std::filesystem::path& folder,
                                            const StretchParams& stretch = kLeast) {
    InvitationFile file = new_invitation(first_.root, entropy_);
    file.org_name = first_.org_name;
    payload::Invitation invitation;
    invitation.invite = file.invite;
    invitation.token = token_keys(file).pub;
    invitation.purpose = file.purpose = InvitePurpose::person;
    invitation.person = person.person;
    invitation.expiry = file.expiry = {clock_.wall().ms + kDayMs / 2};
    invitation.needs_confirmation = true;
    say(invitation);
    auto device = enrol(folder, file, person.name, stretch);
    payload::NodeConfirmed confirmed;
    confirmed.node = device->identity().id;
    say(confirmed);
    return device;
  }

  const Place& place_;
  SystemClock clock_;
  SystemEntropy entropy_;
  hub::Founded founded_;
  InvitationFile first_;
  Identity admin_;
  std::unique_ptr<hub::OpenHub> open_;
  std::unique_ptr<node::Replica> replica_;
};

}  // namespace

std::vector<std::unique_ptr<holder::Device>> found_company(const Place& place, const Company& company) {
  return Founder(place).run(company);
}

}  // namespace satchel::bench
