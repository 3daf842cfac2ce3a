// SPDX-License-Identifier: AGPL-3.0-or-later
// satchel: finds the language, lists the commands, parses, and runs the one that was chosen.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "client/cli/commands.h"
#include "client/cli/exchange_commands.h"
#include "schema/base/exit_code.h"
#include "schema/base/version.h"
#include "schema/command_line/usage.h"
#include "sync/seal/seal.h"

namespace satchel::cli {

namespace {

// Before the help texts are made: --lang, else what the surroundings say, else Chinese.
Lang language_of(int argc, char** argv) {
  std::string wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--lang" && i + 1 < argc) wanted = argv[i + 1];
    if (word.starts_with("--lang=")) wanted = word.substr(7);
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (wanted.empty() && value != nullptr) wanted = value;
  }
  return wanted.starts_with("en") ? Lang::en : Lang::zh;
}

void add_globals(CLI::App& app, Frame& frame, Globals& globals, std::string& lang) {
  app.set_version_flag("--version", std::string(kVersion), frame.tr("显示版本", "Show the version"));
  app.add_option(
         "--vault", globals.vault,
         frame.tr("保险箱文件夹（也可用环境变量 SATCHEL_VAULT）", "The vault's folder (or the variable SATCHEL_VAULT)"))
      ->envname("SATCHEL_VAULT");
  app.add_option(
      "--passphrase-file", globals.passphrase_file,
      frame.tr(
          "口令取自此文件的第一行（也可用 SATCHEL_PASSPHRASE_FILE）；否则在终端询问",
          "Take the passphrase from this file's first line (or SATCHEL_PASSPHRASE_FILE); else ask on the terminal"));
  app.add_flag("--json", globals.json, frame.tr("结果以 JSON 输出", "Print results as JSON"));
  app.add_flag("--quiet", globals.quiet, frame.tr("只在出错时说话", "Say nothing but errors"));
  app.add_option("--lang", lang, frame.tr("语言：zh 或 en", "Language: zh or en"))->check(CLI::IsMember({"zh", "en"}));
}

// CLI11's own words, in the language chosen; after all commands are there.
void localise(CLI::App& app, const Frame& frame) {
  for (CLI::Option* option : app.get_options()) option->group(frame.tr("选项", "Options"));
  if (CLI::Option* help = app.get_help_ptr()) help->description(frame.tr("显示帮助", "Show help"));
  for (CLI::App* command : app.get_subcommands({})) {
    command->group(frame.tr("命令", "Commands"));
    localise(*command, frame);
    // A group has what stands at the program's foot, unless it says otherwise: it shows its first command's example.
    const auto inner = command->get_subcommands({});
    if (command->get_footer() == app.get_footer() && !inner.empty()) command->footer(inner.front()->get_footer());
  }
}

int explain_usage(const CLI::ParseError& fault, const CLI::App& app, const Frame& frame) {
  if (fault.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(fault, std::cout, std::cerr);
    return kOk;
  }
  return frame.explain({ErrorKind::usage, "usage.command-line", usage_fault(fault, frame.globals().lang)});
}

int run(int argc, char** argv) {
  Globals globals;
  globals.lang = language_of(argc, argv);
  Action chosen;
  Frame frame(globals, chosen);
  CLI::App app(
      frame.tr("Satchel：随身的客户档案。离线记录拜访，联网后经分支送达总部。",
               "Satchel: customer archives to carry along. Visits are recorded offline and reach headquarters later."),
      "satchel");
  std::string lang;
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.formatter(help_formatter(globals.lang));
  add_globals(app, frame, globals, lang);
  app.footer(frame.tr(
      "每个命令都有 --help。退出码：0 成功，1 失败，2 用法，3 未找到，4 无权，5 需人决定，6 完整性，7 部分成功，8 "
      "离线。",
      "Every command has --help. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 permission, 5 conflict needs a "
      "person, 6 integrity, 7 partial success, 8 offline."));
  add_enrol_commands(app, frame);
  add_invite_commands(app, frame);
  add_people_commands(app, frame);
  add_policy_commands(app, frame);
  add_sync_commands(app, frame);
  add_bundle_commands(app, frame);
  add_backup_commands(app, frame);
  add_hq_commands(app, frame);
  add_status_commands(app, frame);
  add_pack_commands(app, frame);
  add_customer_commands(app, frame);
  add_visit_commands(app, frame);
  add_record_commands(app, frame);
  add_step_commands(app, frame);
  add_draft_commands(app, frame);
  add_rule_commands(app, frame);
  add_attach_commands(app, frame);
  add_review_commands(app, frame);
  add_access_commands(app, frame);
  add_request_commands(app, frame);
  add_merge_commands(app, frame);
  add_revoke_commands(app, frame);
  add_task_commands(app, frame);
  add_handover_commands(app, frame);
  add_destroy_commands(app, frame);
  add_report_commands(app, frame);
  add_import_commands(app, frame);
  add_export_commands(app, frame);
  localise(app, frame);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return explain_usage(fault, app, frame);
  }
  if (!chosen && argc > 1 && !globals.vault.empty() && std::getenv("SATCHEL_VAULT") == nullptr)
    return frame.explain({ErrorKind::usage, "usage.command-line", frame.tr("还缺命令", "a command is missing")});
  if (!chosen) {
    std::cout << app.help() << std::flush;
    return kOk;
  }
  try {
    return chosen();
  } catch (const std::exception& surprise) {
    return frame.explain({ErrorKind::failed, "program.surprise", surprise.what()});
  }
}

// LMDB reads its file through memory: of a file that was cut or overwritten the system says so by a signal. Only what
// is safe in a handler.
Lang told_in = Lang::zh;

extern "C" void tell_damage(int) {
  constexpr std::string_view kZh =
      "读保险箱时中断：数据库文件多半已损坏或被截短（不是口令的问题）。请保留文件夹原样；已上交的数据在枢纽上，"
      "重新登记即可取回。 [store.damaged]\n";
  constexpr std::string_view kEn =
      "Stopped while reading the vault: its database file is most likely damaged or cut (the passphrase is not the "
      "matter). Keep the folder as it is; what was handed in is on the hub and comes back by enrolling anew. "
      "[store.damaged]\n";
  const auto text = told_in == Lang::en ? kEn : kZh;
  [[maybe_unused]] const auto done = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(static_cast<int>(ExitCode::integrity));
}

void watch_for_damage(Lang lang) {
  told_in = lang;
  for (const int signal : {SIGBUS, SIGSEGV}) {
    struct sigaction now{};
    // A sanitizer's own handler stays.
    if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
    now.sa_handler = tell_damage;
    ::sigaction(signal, &now, nullptr);
  }
}

}  // namespace

}  // namespace satchel::cli

int main(int argc, char** argv) {
  satchel::start_crypto();
  std::signal(SIGPIPE, SIG_IGN);
  satchel::cli::watch_for_damage(satchel::cli::language_of(argc, argv));
  return satchel::cli::run(argc, argv);
}
