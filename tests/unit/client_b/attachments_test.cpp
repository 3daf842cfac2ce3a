// SPDX-License-Identifier: AGPL-3.0-or-later
// Files from and to the disk: what a person sees of attachments.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "client/field/history.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;
namespace fs = std::filesystem;

namespace {

struct Desk : TempFolder {
  fs::path put(const std::string& name, const std::string& content) const {
    std::ofstream(path() / name, std::ios::binary) << content;
    return path() / name;
  }
  static std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
};

struct Shop {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& yi = company.join("乙", Role::salesperson);
  field::Saved card = company.open(jia, "福田百货", {}, {jia.person, yi.person});
  Desk folder;

  holder::RecordPlace place(Seat& seat) {
    must(seat.book->refresh());
    return must(seat.book->find_record(card.record.hex()));
  }
  Result<field::AttachedNow> attach(Seat& seat, const fs::path& file, const std::string& name = {}) {
    return field::attach(*seat.book, {place(seat), file, {}, name, {}, {}, {}});
  }
  std::vector<field::Attached> listed(Seat& seat) { return must(field::attachments_of(*seat.book, place(seat))); }
};

}  // namespace

TEST_CASE("attachments: a file is attached, listed, shown, counted and written out whole", "[client][attachments]") {
  Shop shop;
  const std::string content(600'000, 'x');
  const auto done = must(shop.attach(shop.jia, shop.folder.put("合同 1.pdf", content)));
  CHECK(done.manifest.media == "application/pdf");
  CHECK_FALSE(done.saved.unchanged);
  CHECK(must(shop.attach(shop.jia, shop.folder / "合同 1.pdf")).saved.unchanged);
  auto list = shop.listed(shop.jia);
  REQUIRE(list.size() == 1);
  CHECK(field::state_name(list[0]) == "here_only");
  const auto shown = must(field::show_record(*shop.jia.book, shop.place(shop.jia)));
  CHECK(shown.attachments.size() == 1);
  CHECK(shown.unknown.empty());
  const auto events = must(field::events_of(*shop.jia.book, shop.card.archive));
  CHECK(events.back().parts.front().fields.front() == "附件 合同 1.pdf");
  CHECK_FALSE(events.back().opening);

  const auto out =
      must(field::write_out(*shop.jia.book, shop.place(shop.jia), list[0], {shop.folder / "out", false, {}}));
  CHECK(Desk::read(out) == content);
  struct stat about{};
  REQUIRE(::stat(out.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("attachments: a colleague sees it before it is fetched, and asks for it", "[client][attachments]") {
  Shop shop;
  must(shop.attach(shop.jia, shop.folder.put("a.jpg", "photo")));
  shop.company.sync_all();
  shop.company.sync_all();
  CHECK(field::state_name(shop.listed(shop.jia)[0]) == "at_hub");
  auto list = shop.listed(shop.yi);
  REQUIRE(list.size() == 1);
  CHECK(field::state_name(list[0]) == "not_fetched");
  const auto early = field::write_out(*shop.yi.book, shop.place(shop.yi), list[0], {shop.folder / "b.jpg", false, {}});
  REQUIRE_FALSE(early);
  CHECK(early.error().code == "attachment.not-here");
  CHECK_FALSE(fs::exists(shop.folder / "b.jpg"));
  must(field::want(*shop.yi.book, shop.place(shop.yi), list));
  CHECK(field::state_name(shop.listed(shop.yi)[0]) == "wanted");
  shop.company.sync(shop.yi);
  list = shop.listed(shop.yi);
  CHECK(field::state_name(list[0]) == "here");
  const auto out =
      must(field::write_out(*shop.yi.book, shop.place(shop.yi), list[0], {shop.folder / "b.jpg", false, {}}));
  CHECK(Desk::read(out) == "photo");
}

TEST_CASE("attachments: nothing is written over unasked, through a link, or outside the folder",
          "[client][attachments]") {
  Shop shop;
  must(shop.attach(shop.jia, shop.folder.put("a.txt", "new"), "../../evil.txt"));
  const auto list = shop.listed(shop.jia);
  const auto place = shop.place(shop.jia);
  const auto write = [&](const fs::path& to, bool force) {
    return field::write_out(*shop.jia.book, place, list[0], {to, force, {}});
  };
  const fs::path down = shop.folder / "down";
  fs::create_directory(down);
  const auto written = must(write(down, false));
  CHECK(written.parent_path() == down);
  CHECK(std::distance(fs::directory_iterator(down), {}) == 1);
  CHECK(write(down, false).error().code == "file.exists");
  const fs::path old = shop.folder.put("old", "old");
  CHECK(write(old, false).error().code == "file.exists");
  CHECK(Desk::read(old) == "old");
  fs::create_symlink(old, shop.folder / "link");
  CHECK(write(shop.folder / "link", false).error().code == "file.exists");
  fs::create_symlink(shop.folder / "nowhere", shop.folder / "dangling");
  CHECK(write(shop.folder / "dangling", false).error().code == "file.exists");
  must(write(shop.folder / "link", true));
  CHECK(Desk::read(old) == "old");  // the link was replaced, not what it led to
  must(write(old, true));
  CHECK(Desk::read(old) == "new");
  CHECK(write(shop.folder / "no such folder" / "x", false).error().code == "file.io");
}

TEST_CASE("attachments: what is no file, and what nobody may write, is refused", "[client][attachments]") {
  Shop shop;
  CHECK(shop.attach(shop.jia, shop.folder.path()).error().code == "attach.not-a-file");
  CHECK(shop.attach(shop.jia, shop.folder / "none").error().code == "file.missing");
  REQUIRE(::mkfifo((shop.folder / "pipe").c_str(), 0600) == 0);
  CHECK(shop.attach(shop.jia, shop.folder / "pipe").error().code == "attach.not-a-file");
  // A hole of two gibibytes takes no room, and no time either.
  const fs::path huge = shop.folder.put("huge", "");
  fs::resize_file(huge, std::uint64_t{2} << 30);
  CHECK(shop.attach(shop.jia, huge).error().code == "attach.too-large");
  CHECK(shop.listed(shop.jia).empty());
}

TEST_CASE("attachments: struck out by who attached it, for everybody, and nobody else", "[client][attachments]") {
  Shop shop;
  must(shop.attach(shop.jia, shop.folder.put("a.txt", "a")));
  must(shop.attach(shop.jia, shop.folder.put("b.txt", "b")));
  shop.company.sync_all();
  shop.company.sync_all();
  const auto theirs = field::detach(*shop.yi.book, shop.place(shop.yi), shop.listed(shop.yi)[0], "不要");
  REQUIRE_FALSE(theirs);
  CHECK(theirs.error().code == "record.not-yours");
  must(field::detach(*shop.jia.book, shop.place(shop.jia), shop.listed(shop.jia)[0], "贴错"));
  shop.company.sync_all();
  shop.company.sync_all();
  for (Seat* seat : {&shop.jia, &shop.yi}) {
    const auto left = shop.listed(*seat);
    REQUIRE(left.size() == 1);
    CHECK(left[0].value.manifest.name == "b.txt");
  }
}
