// SPDX-License-Identifier: AGPL-3.0-or-later
// A person's vault: backed up while it is open, restored into another folder, and what it may do from there.
#include "client/field/numbers.h"
#include "sync/backup/restore.h"
#include "sync/holder/backups.h"
#include "tests/unit/backup/folder.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::backup_test;
using test::must;

namespace {

constexpr const char* kWord = "correct horse";

// A clock of the test's own, for what expires.
class Later final : public Clock {
 public:
  explicit Later(std::int64_t days) : ahead_(days * 86'400'000) {}
  WallTime wall() override { return {real_.wall().ms + ahead_}; }
  MonoTime mono() override { return real_.mono(); }

 private:
  SystemClock real_;
  std::int64_t ahead_;
};

struct Shop {
  TempFolder folder;
  test::Company company;
  test::Seat& rep = company.join("甲", Role::salesperson);
  test::Seat& boss = company.join("总", Role::general_manager, "");
  SystemClock clock;
  SystemEntropy entropy;

  Result<backup::RestoreResult> restore(const std::filesystem::path& file, const char* target,
                                        const std::string& word = kWord, bool replace = false, bool look = false) {
    return backup::restore({file, folder / target, {word, std::nullopt}, replace, look}, clock, entropy);
  }
  // The seat goes on in the restored folder.
  void sit_down(test::Seat& seat, const char* target) {
    seat.book.reset();
    seat.device.reset();
    seat.device = must(holder::Device::open(folder / target, kWord));
    seat.book = std::make_unique<holder::Book>(*seat.device);
  }
  void sync(test::Seat& seat) {
    for (int i = 0; i < 3; ++i) {
      company.sync(seat);
      must(node::admit_restored(seat.device->replica(), seat.device->keyring()));
    }
    must(seat.book->refresh());
  }
};

}  // namespace

TEST_CASE("backup: of a vault in use, restored into a new life that loses nothing", "[backup][vault]") {
  Shop s;
  s.company.open(s.rep, "福田百货");
  s.company.sync_all();
  const auto unsent = s.company.visit(s.rep, "福田百货", {{"summary", "未送出"}});
  const auto made = must(holder::back_up(*s.rep.device, s.folder.path()));
  CHECK(made.made.header.kind == backup::Kind::device);
  CHECK(must(holder::verify_backup(s.rep.device.get(), made.file, kWord)).sound());
  {
    const auto txn = must(s.rep.device->replica().store().begin_read());
    const auto known = must(node::known_backups(*txn));
    REQUIRE(known.size() == 1);
    CHECK(known.front().verified.ms > 0);
  }
  CHECK(std::ranges::none_of(s.folder.names(), [](const auto& n) { return n.ends_with(".verifying"); }));
  const auto later = s.company.visit(s.rep, "福田百货", {{"summary", "备份之后"}});
  s.company.sync_all();
  const auto before = s.rep.device->identity().incarnation;

  const auto back = must(s.restore(made.file, "new"));
  CHECK(back.incarnation > before);
  s.sit_down(s.rep, "new");
  CHECK(s.rep.device->identity().incarnation == back.incarnation);
  // Nothing opens before a hub was asked.
  must(s.rep.book->refresh());
  CHECK(must(s.rep.book->sheet("customer"))->table.size() == 0);
  s.sync(s.rep);
  CHECK(s.company.text(s.rep, unsent.record, "summary") == "未送出");
  CHECK(s.company.text(s.rep, later.record, "summary") == "备份之后");
  s.company.visit(s.rep, "福田百货", {{"summary", "新生活"}});
  s.sync(s.rep);
  s.company.sync_all();
  CHECK(s.company.text(s.boss, unsent.record, "summary") == "未送出");
  const auto ordered = s.company.world().hq().replica().directory()->node(s.rep.device->identity().id);
  REQUIRE(ordered->lives.size() == 1);
  CHECK(ordered->lives.front().incarnation == back.incarnation);
}

TEST_CASE("backup: a restored device names customers by number before it met a hub, and never gives a number twice",
          "[backup][vault]") {
  Shop s;
  const auto known = s.company.open(s.rep, "福田百货");
  s.company.sync_all();
  const auto made = must(holder::back_up(*s.rep.device, s.folder.path()));
  // Lost to the copy: it may have been given out, on paper, too.
  const auto lost = s.company.open(s.rep, "备份之后的客户");
  REQUIRE_FALSE(lost.provisional);
  REQUIRE(s.restore(made.file, "new"));
  s.sit_down(s.rep, "new");
  must(s.rep.book->refresh());
  const auto locked = must(s.rep.book->find_customer(known.number));
  CHECK(locked.archive == known.archive);
  CHECK(must(s.rep.book->locked())->front().why == holder::LockedWhy::restored);
  s.company.visit(s.rep, known.number, {{"summary", "没有网络"}});
  // Saved at once, and shown by a provisional number until this life has a range of its own.
  const auto offline = s.company.open(s.rep, "地下室的客户");
  CHECK(offline.provisional);
  for (int i = 0; i < 3; ++i) {
    s.sync(s.rep);
    must(field::settle_numbers(*s.rep.book));
  }
  const auto numbered = must(s.rep.book->find_customer("地下室的客户"));
  CHECK_FALSE(numbered.provisional);
  CHECK(numbered.number != lost.number);
  CHECK(numbered.number != known.number);
  // It is written down, and not only shown here.
  s.company.sync_all();
  CHECK(s.company.text(s.boss, numbered.card, "number") == numbered.number);
  CHECK(s.rep.book->find_customer("福田百货"));
}

TEST_CASE("backup: an expired, foreign or wrongly opened one is refused, and nothing is left behind",
          "[backup][vault]") {
  Shop s;
  CHECK(code(holder::back_up(*s.rep.device, s.folder / "usb" / "a.backup")) == "backup.no-folder");
  const auto made = must(holder::back_up(*s.rep.device, s.folder / "a.backup"));
  const auto names = s.folder.names();
  Later soon(29), late(31);
  CHECK(backup::restore({made.file, s.folder / "soon", {kWord, {}}, false, true}, soon, s.entropy));
  CHECK(code(backup::restore({made.file, s.folder / "late", {kWord, {}}, false, false}, late, s.entropy)) ==
        "backup.expired");
  CHECK(code(s.restore(made.file, "x", "wrong")) == "vault.wrong-passphrase");
  CHECK(
      code(backup::restore({made.file, s.folder / "x", {{}, make_sign_keys(Secret32::random(s.entropy))}, false, false},
                           s.clock, s.entropy)) == "backup.other-kind");
  Bytes bytes = read(made.file);
  write(s.folder / "cut", View(bytes).first(bytes.size() - 1));
  CHECK(code(s.restore(s.folder / "cut", "x")) == "backup.cut-short");
  bytes[bytes.size() / 2] ^= 1;
  write(s.folder / "bent", bytes);
  CHECK(code(s.restore(s.folder / "bent", "x")) == "backup.damaged");
  std::filesystem::remove(s.folder / "cut");
  std::filesystem::remove(s.folder / "bent");
  CHECK(s.folder.names() == names);
}

TEST_CASE("backup: restoring never writes over what is newer, and keeps what it replaces", "[backup][vault]") {
  Shop s;
  const auto made = must(holder::back_up(*s.rep.device, s.folder / "a.backup"));
  const auto first = must(s.restore(made.file, "vault"));
  CHECK(code(s.restore(made.file, "vault")) == "restore.occupied");
  // As much as the backup: may be replaced, and is kept.
  const auto look = must(s.restore(made.file, "vault", kWord, false, true));
  CHECK(look.before.there);
  CHECK(look.before.readable);
  Later later(1);
  auto again = must(backup::restore({made.file, s.folder / "vault", {kWord, {}}, true, false}, later, s.entropy));
  CHECK(std::filesystem::exists(again.kept / "vault.key"));
  CHECK(again.incarnation > first.incarnation);
  // Also when a clock that is behind says otherwise.
  for (int i = 0; i < 3; ++i) {
    const auto before = again.incarnation;
    again = must(s.restore(made.file, "vault", kWord, true));
    CHECK(again.incarnation > before);
  }
  {
    const auto device = must(holder::Device::open(s.folder / "vault", kWord));
    must(device->replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      return txn.append(Table::directory, Bytes(12, 0xff), Bytes(1, 0));
    }));
  }
  CHECK(code(s.restore(made.file, "vault", kWord, true)) == "restore.newer-here");
  std::filesystem::create_directories(s.folder / "else");
  write(s.folder / "else" / "diary.txt", Bytes(3, 'x'));
  CHECK(code(s.restore(made.file, "else", kWord, true)) == "restore.in-the-way");
  CHECK(read(s.folder / "else" / "diary.txt").size() == 3);
}

TEST_CASE("backup: what an earlier attempt left is taken away, and only that", "[backup][vault]") {
  Shop s;
  const auto made = must(holder::back_up(*s.rep.device, s.folder / "a.backup"));
  std::filesystem::create_directories(s.folder / "new.restoring");
  write(s.folder / "new.restoring" / "half", Bytes(3, 'x'));
  CHECK(code(s.restore(made.file, "new")) == "restore.in-the-way");
  write(s.folder / "new.restoring" / "restoring", {});
  CHECK(s.restore(made.file, "new"));
  CHECK_FALSE(std::filesystem::exists(s.folder / "new.restoring"));
  CHECK_FALSE(std::filesystem::exists(s.folder / "new" / "restoring"));
}
