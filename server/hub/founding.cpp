// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/founding.h"

#include <fstream>
#include <sstream>

#include "server/hub/recovery_kit.h"
#include "sync/backup/header.h"
#include "sync/directory/codec.h"
#include "sync/directory/invitation.h"
#include "sync/directory/limits.h"
#include "sync/node/replica.h"
#include "sync/store/lmdb_store.h"

namespace satchel::hub {

namespace {

class Founder {
 public:
  Founder(const Founding& wishes, Clock& clock, Entropy& entropy)
      : wishes_(wishes),
        clock_(clock),
        entropy_(entropy),
        root_(make_sign_keys(Secret32::random(entropy))),
        now_(clock.wall()) {}

  Result<Founded> run() {
    SATCHEL_TRY(check_wishes());
    SATCHEL_TRY(wishes_.folder.must_be_free());
    SATCHEL_TRY(wishes_.folder.make());
    SATCHEL_TRY(make_keys());
    SATCHEL_GET(store, open_lmdb(wishes_.folder.store()));
    node::Self self{identity_, org(), wire::Role::hub};
    SATCHEL_GET(replica, node::Replica::open(*store, clock_, entropy_, std::move(self)));
    SATCHEL_TRY(replica->write([&](WriteTxn& txn, node::Effects& effects) { return say_all(txn, effects, *replica); }));
    SATCHEL_TRY(write_files());
    return Founded{org(), identity_.id, tls_->pin(), admin_, expiry()};
  }

 private:
  OrgId org() const { return org_id(root_.pub); }
  WallTime expiry() const { return now_ + std::chrono::duration_cast<Millis>(kRootTokenLifeMax); }

  Result<void> check_wishes() const {
    for (const auto& name : {wishes_.org_name, wishes_.hub_name, wishes_.admin_name}) {
      if (name.empty() || name.size() > kNameBytesMax || !codec::good_text(name))
        return fail(ErrorKind::usage, "hub.bad-name", name);
    }
    SATCHEL_GET(address, parse_address(wishes_.address));
    if (address.port == 0 || wishes_.listen.port == 0) return fail(ErrorKind::usage, "link.address", wishes_.address);
    return {};
  }

  Result<void> make_keys() {
    identity_ = make_identity(entropy_);
    SATCHEL_TRY(create_identity_file(wishes_.folder.identity(), identity_));
    SATCHEL_GET(tls, TlsIdentity::make());
    SATCHEL_TRY(tls.save(wishes_.folder.tls()));
    tls_ = tls;
    SATCHEL_GET(reserve, TlsIdentity::make());
    reserve_ = reserve;
    return {};
  }

  template <class P>
  Result<void> say(WriteTxn& txn, node::Effects& effects, node::Replica& replica, const P& payload) {
    const Speaker speaker{org(), {}, {}, effects.directory().position(), now_};
    const Envelope envelope = make_statement(speaker, root_, payload, entropy_);
    SATCHEL_TRY(effects.directory().check(envelope, now_));
    return node::order_statement(txn, effects, replica, envelope);
  }

  InvitationFile invite(InvitePurpose purpose, payload::Invitation& said) {
    InvitationFile file = new_invitation(root_.pub, entropy_);
    file.org_name = wishes_.org_name;
    file.purpose = said.purpose = purpose;
    file.expiry = said.expiry = expiry();
    file.hubs = {{wishes_.address, identity_.id, tls_->pin()}};
    said.invite = file.invite;
    said.token = token_keys(file).pub;
    said.needs_confirmation = false;  // there is nobody yet who could confirm
    return file;
  }

  Result<void> say_all(WriteTxn& txn, node::Effects& effects, node::Replica& replica) {
    admin_ = random_id<PersonId>(entropy_);
    SATCHEL_TRY(say(txn, effects, replica, payload::OrganisationFounded{wishes_.org_name, root_.pub, reserve_->pin()}));
    SATCHEL_TRY(say(
        txn, effects, replica,
        payload::HubAdmitted{identity_.sign.pub, identity_.box.pub, tls_->pin(), wishes_.address, wishes_.hub_name}));
    SATCHEL_TRY(say(txn, effects, replica, payload::BackupKey{backup::recovery_keys(root_.seed).pub}));
    SATCHEL_TRY(say(txn, effects, replica,
                    payload::PersonAdded{admin_, wishes_.admin_name, Role::archive_administrator, {}, {}, {}}));
    payload::Invitation said;
    said.person = admin_;
    for_admin_ = invite(InvitePurpose::person, said);
    SATCHEL_TRY(say(txn, effects, replica, said));
    payload::Invitation reader;
    for_reader_ = invite(InvitePurpose::reader, reader);
    return say(txn, effects, replica, reader);
  }

  // The configuration last: a folder that has one is whole.
  Result<void> write_files() {
    SATCHEL_GET(pem, reserve_pem());
    std::string kit = print_kit({wishes_.org_name, root_, pem});
    auto written = write_private(wishes_.folder.recovery_kit(), kit);
    wipe({reinterpret_cast<Byte*>(kit.data()), kit.size()});
    wipe({reinterpret_cast<Byte*>(pem.data()), pem.size()});
    SATCHEL_TRY(written);
    const std::vector<std::string> admin_notes{
        "Satchel 邀请 / invitation: " + wishes_.org_name, "首位管理员 / first administrator: " + wishes_.admin_name,
        "只能使用一次；请像钥匙一样交给本人。 Works once; hand it over like a key."};
    SATCHEL_GET(admin, print_invitation(for_admin_, admin_notes));
    SATCHEL_TRY(write_private(wishes_.folder.first_admin(), admin));
    const std::vector<std::string> reader_notes{"Satchel 邀请 / invitation: " + wishes_.org_name,
                                                "总部阅读端 / HQ's reader: satcheld reader init --data … --hub-data …"};
    SATCHEL_GET(reader, print_invitation(for_reader_, reader_notes));
    SATCHEL_TRY(write_private(wishes_.folder.reader(), reader));
    return write_config(wishes_.folder, {org(), wishes_.hub_name, wishes_.listen, std::nullopt, {}});
  }

  // TlsIdentity writes itself to files only; this one lives for a moment.
  Result<std::string> reserve_pem() const {
    const auto file = wishes_.folder.root / "reserve.tls.pem";
    SATCHEL_TRY(reserve_->save(file));
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error || text.str().empty()) return fail(ErrorKind::storage, "hub.file", file.string());
    return text.str();
  }

  const Founding& wishes_;
  Clock& clock_;
  Entropy& entropy_;
  SignKeys root_;
  WallTime now_;
  Identity identity_;
  std::optional<TlsIdentity> tls_;
  std::optional<TlsIdentity> reserve_;
  PersonId admin_;
  InvitationFile for_admin_;
  InvitationFile for_reader_;
};

}  // namespace

Result<Founded> found_organisation(const Founding& wishes, Clock& clock, Entropy& entropy) {
  return Founder(wishes, clock, entropy).run();
}

}  // namespace satchel::hub
