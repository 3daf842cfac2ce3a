// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/messages.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "client/cli/words.h"
#include "schema/base/exit_code.h"

using namespace satchel;
using namespace satchel::cli;

namespace {

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xe3; });
}

std::vector<Message> all_messages() {
  std::vector<Message> out(messages().begin(), messages().end());
  out.insert(out.end(), record_messages().begin(), record_messages().end());
  out.insert(out.end(), bundle_messages().begin(), bundle_messages().end());
  out.insert(out.end(), backup_messages().begin(), backup_messages().end());
  out.insert(out.end(), access_messages().begin(), access_messages().end());
  out.insert(out.end(), destroy_messages().begin(), destroy_messages().end());
  out.insert(out.end(), exchange_messages().begin(), exchange_messages().end());
  return out;
}

// Every code that a person's program can meet, read from the sources: fail(ErrorKind::x, "room.code" …).
std::set<std::string> codes_in(const std::filesystem::path& folder) {
  static const std::regex kFail(R"re(ErrorKind::\w+,\s*"([a-z]+\.[a-z.-]+)")re");
  std::set<std::string> out;
  for (const auto& at : std::filesystem::recursive_directory_iterator(folder)) {
    if (at.path().extension() != ".cpp" && at.path().extension() != ".h") continue;
    std::ifstream in(at.path());
    std::stringstream text;
    text << in.rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator m(source.begin(), source.end(), kFail), end; m != end; ++m) out.insert((*m)[1]);
  }
  return out;
}

}  // namespace

TEST_CASE("messages: every sentence stands in both languages, each code once", "[client]") {
  std::set<std::string_view> seen;
  for (const auto& message : all_messages()) {
    INFO(message.code);
    CHECK(seen.insert(message.code).second);
    CHECK(has_chinese(message.zh));
    CHECK_FALSE(message.en.empty());
    CHECK_FALSE(has_chinese(message.en));
    CHECK((message.zh.find("{}") == std::string_view::npos) == (message.en.find("{}") == std::string_view::npos));
  }
}

TEST_CASE("messages: every code the client's rooms can fail with has a sentence or a family", "[client]") {
  std::set<std::string> codes;
  for (const char* folder : {"client", "sync/holder", "sync/vault", "sync/store", "sync/node", "sync/session",
                             "sync/bundle", "sync/link", "sync/directory"}) {
    codes.merge(codes_in(folder));
  }
  REQUIRE(codes.size() > 60);
  // Names of enrolment files and other things that only hubs fail with, and programming mistakes.
  for (const char* not_ours : {"batch.", "change.", "entry.", "stamp.", "merkle."}) {
    std::erase_if(codes, [&](const std::string& code) { return code.starts_with(not_ours); });
  }
  for (const auto& code : codes) {
    INFO(code);
    CHECK(find_message(code) != nullptr);
  }
}

TEST_CASE("messages: the detail goes into its place and the code stands at the end", "[client]") {
  const Error error{ErrorKind::not_found, "admin.no-branch", "深圳"};
  CHECK(sentence(error, Lang::en) ==
        "There is no such branch: 深圳. `satchel branch list` shows all. [admin.no-branch]");
  CHECK(sentence(error, Lang::zh).find("深圳") != std::string::npos);
}

TEST_CASE("messages: an unknown code is printed as it is, with its detail", "[client]") {
  CHECK(sentence({ErrorKind::failed, "moon.full", "tonight"}, Lang::zh) == "moon.full: tonight");
  CHECK(sentence({ErrorKind::failed, "moon.full", {}}, Lang::en) == "moon.full");
}

TEST_CASE("messages: a code of a family takes its sentence and names itself", "[client]") {
  const std::string said = sentence({ErrorKind::integrity, "session.pages", {}}, Lang::en);
  CHECK(said.find("satchel sync") != std::string::npos);
  CHECK(said.ends_with("[session.pages]"));
}

TEST_CASE("exit codes: are the documented ones", "[client]") {
  const auto code = [](ErrorKind kind) { return static_cast<int>(exit_code(kind)); };
  CHECK(code(ErrorKind::failed) == 1);
  CHECK(code(ErrorKind::usage) == 2);
  CHECK(code(ErrorKind::invalid) == 2);
  CHECK(code(ErrorKind::not_found) == 3);
  CHECK(code(ErrorKind::permission) == 4);
  CHECK(code(ErrorKind::conflict) == 5);
  CHECK(code(ErrorKind::integrity) == 6);
  CHECK(code(ErrorKind::offline) == 8);
  CHECK(code(ErrorKind::storage) == 1);
  CHECK(static_cast<int>(ExitCode::partial) == 7);
}

TEST_CASE("words: roles are read in both languages and as the contract spells them", "[client]") {
  for (const Role role : {Role::salesperson, Role::branch_manager, Role::archive_administrator, Role::department,
                          Role::general_manager, Role::auditor}) {
    CHECK(role_of_word(role_word(role, Lang::zh)) == role);
    CHECK(role_of_word(role_word(role, Lang::en)) == role);
    CHECK(role_of_word(role_name(role)) == role);
  }
  CHECK(role_of_word("branch-manager") == Role::branch_manager);
  CHECK(role_of_word("Salesperson") == Role::salesperson);
  CHECK_FALSE(role_of_word("老板"));
  CHECK_FALSE(role_of_word(""));
}

TEST_CASE("words: sizes are rounded to what people read", "[client]") {
  CHECK(size_word(0) == "0 B");
  CHECK(size_word(1023) == "1023 B");
  CHECK(size_word(1536) == "2 KiB");
  CHECK(size_word(1'572'864) == "1.5 MiB");
}
