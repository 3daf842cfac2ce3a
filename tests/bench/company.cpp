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

class Founder {
 public:
  explicit Founder(const Place& place) : place_(place) {
    hub::Founding wishes{{place.hub()}, "华兴食品", "总部", "admin", {"127.0.0.1", 7440}, "127.0.0.1:7440"};
    founded_ = need(hub::found_organisation(wishes, clock_, entropy_));
    open_ = std::make_unique<hub::OpenHub>(need(hub::open_hub(wishes.folder)));
    replica_ =
        need(node::Replica::open(*open_->store, clock_, entropy_, {open_->identity, founded_.org, wire::Role::hub}));
    std::ostringstream text;
    text << std::ifstream(wishes.folder.first_admin()).rdbuf();
    first_ = need(decode_invitation(text.str()));
  }

  std::vector<std::unique_ptr<holder::Device>> run(int sellers) {
    std::vector<std::unique_ptr<holder::Device>> devices;
    devices.push_back(enrol(place_.admin(), first_, "admin's"));
    admin_ = devices.front()->identity();
    payload::BranchAdded branch;
    branch.branch = random_id<BranchId>(entropy_);
    branch.name = "华东";
    say(branch);
    for (const auto& [file, toml] : standard_packs()) say(node::publication_of(need(parse_pack(toml)), toml));
    for (int i = 0; i < sellers; ++i) devices.push_back(seller(i, branch.branch));
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
                                        const std::string& name) {
    holder::DeviceConfig config;
    config.root = invitation.root;
    config.org_name = invitation.org_name;
    config.hubs = {{"127.0.0.1:7440", founded_.hub, founded_.tls_pin}};
    StretchParams params;
    params.passes = kStretchPassesMin;
    params.memory_kib = kStretchMemoryKibMin;
    auto device = need(holder::Device::create(folder, kPassphrase, params, config));
    order(node::enrolment(invitation, device->identity(), name, {}, clock_.wall(), entropy_));
    return device;
  }

  std::unique_ptr<holder::Device> seller(int i, const BranchId& branch) {
    payload::PersonAdded person;
    person.person = random_id<PersonId>(entropy_);
    person.name = "业务员" + std::to_string(i);
    person.role = Role::salesperson;
    person.branch = branch;
    say(person);
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
    auto device = enrol(place_.seller(i), file, person.name);
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

std::vector<std::unique_ptr<holder::Device>> found_company(const Place& place, int sellers) {
  return Founder(place).run(sellers);
}

}  // namespace satchel::bench
