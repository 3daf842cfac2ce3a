// SPDX-License-Identifier: AGPL-3.0-or-later
// From the list of commands to the parser and back: the only file that knows CLI11.
#include <CLI/CLI.hpp>
#include <iostream>

#include "schema/base/version.h"
#include "schema/command_line/usage.h"
#include "server/admin/program.h"

namespace satchel::admin {

namespace {

constexpr Text kAbout{"Satchel 枢纽：总部和分支的数据在这里汇合；枢纽不持有任何档案的密钥。",
                      "Satchel hub: where the data of headquarters and branches meets; it holds no archive's key."};
constexpr Text kOptions{"选项", "Options"};
constexpr Text kCommands{"命令", "Commands"};
constexpr Text kLineHelp{"显示帮助", "Show help"};
constexpr Text kVersionHelp{"显示版本", "Show the version"};
constexpr Text kJson{"以 JSON 输出结果", "Print the result as JSON"};
constexpr Text kQuiet{"只在出错时说话", "Say nothing but errors"};
constexpr Text kLang{"语言：zh 或 en", "Language: zh or en"};
constexpr Text kExample{"例：", "Example: "};

struct Chosen {
  const Command* command = nullptr;
};

void add_option(CLI::App& app, const Option& option, Language language) {
  const std::string help(option.help.in(language));
  CLI::Option* added = nullptr;
  if (auto* const* text = std::get_if<std::string*>(&option.into)) {
    added = app.add_option(option.name, **text, help);
    if (!(*text)->empty()) added->capture_default_str();
  } else if (auto* const* number = std::get_if<std::uint32_t*>(&option.into)) {
    added = app.add_option(option.name, **number, help)->capture_default_str();
  } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.into)) {
    added = app.add_option(option.name, **list, help);
  } else {
    added = app.add_flag(option.name, *std::get<bool*>(option.into), help);
  }
  added->required(option.required);
}

Lang lang_of(Language language) { return language == Language::en ? Lang::en : Lang::zh; }

void label(CLI::App& app, Language language) {
  app.option_defaults()->group(std::string(kOptions.in(language)));
  app.set_help_flag("-h,--help", std::string(kLineHelp.in(language)))->group(std::string(kOptions.in(language)));
  app.formatter(help_formatter(lang_of(language)));
}

void add_command(CLI::App& parent, const Command& command, Language language, Chosen& chosen) {
  CLI::App* app = parent.add_subcommand(command.name, std::string(command.help.in(language)));
  label(*app, language);
  app->group(std::string(kCommands.in(language)));
  // A group shows the example of its first command.
  const Command& shown = command.example.empty() && !command.children.empty() ? command.children.front() : command;
  if (!shown.example.empty()) app->footer(std::string(kExample.in(language)) + shown.example);
  for (const auto& option : command.options) add_option(*app, option, language);
  for (const auto& child : command.children) add_command(*app, child, language, chosen);
  if (!command.run) app->require_subcommand(1);
  app->callback([&chosen, &command, app] {
    if (app->get_subcommands().empty()) chosen.command = &command;
  });
}

// Before the help texts are made: --lang, else what the surroundings say, else Chinese.
Language language_of(int argc, char** argv) {
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
  return wanted.starts_with("en") ? Language::en : Language::zh;
}

}  // namespace

int run_command_line(Program& program, std::vector<Command> commands, int argc, char** argv) {
  program.language = language_of(argc, argv);
  CLI::App app(program.tr(kAbout), "satcheld");
  app.fallthrough();
  label(app, program.language);
  app.set_version_flag("--version", std::string(kVersion), program.tr(kVersionHelp))->group(program.tr(kOptions));
  std::string lang;
  app.add_flag("--json", program.json, program.tr(kJson));
  app.add_flag("--quiet", program.quiet, program.tr(kQuiet));
  app.add_option("--lang", lang, program.tr(kLang))->check(CLI::IsMember({"zh", "en"}));
  app.require_subcommand(0, 1);
  Chosen chosen;
  for (const auto& command : commands) add_command(app, command, program.language, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    if (fault.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success))
      return program.explain({ErrorKind::usage, "usage.command-line", usage_fault(fault, lang_of(program.language))});
    app.exit(fault, std::cout, std::cerr);
    return kOk;
  }
  if (chosen.command == nullptr) {
    std::cout << app.help() << std::flush;
    return kOk;
  }
  return chosen.command->run(program);
}

}  // namespace satchel::admin
