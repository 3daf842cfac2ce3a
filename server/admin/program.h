// SPDX-License-Identifier: AGPL-3.0-or-later
// What every command of satcheld gets, and how it describes itself. Results go to stdout, everything else to stderr;
// with --json stdout carries exactly one JSON value. A Command is data: main.cpp lists them, command_line.cpp parses.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <variant>
#include <vector>

#include "schema/base/entropy.h"
#include "schema/base/exit_code.h"
#include "schema/base/time.h"
#include "server/admin/messages.h"

namespace satchel::admin {

class Program {
 public:
  Program(Clock& clock_used, Entropy& entropy_used) : clock(clock_used), entropy(entropy_used) {}

  Clock& clock;
  Entropy& entropy;
  Language language = Language::zh;
  bool json = false;
  bool quiet = false;

  std::string tr(const Text& text) const { return std::string(text.in(language)); }
  // For people; nothing with --json or --quiet.
  void say(const std::string& line) const;
  // For programs; nothing without --json.
  void print(const boost::json::object& value) const;
  // The error's sentence on stderr (with --json also {"error": {code, detail, message}} on stdout), and its exit code.
  int explain(const Error& error) const;
  int explain(const Error& error, const std::string& said) const;
};

// "2026-11-22 14:05", "-" for no time.
std::string time_text(WallTime time);

struct Option {
  std::string name;  // "--data" or, for one without a name, "file"
  Text help;
  std::variant<std::string*, std::uint32_t*, bool*, std::vector<std::string>*> into;
  bool required = false;
};

struct Command {
  std::string name;
  Text help;
  std::string example;
  std::vector<Option> options = {};
  std::function<int(Program&)> run = {};  // empty: only its subcommands do something
  std::vector<Command> children = {};
};

// Parses, runs the command that was chosen, and returns the exit code. Without a command it prints help.
int run_command_line(Program& program, std::vector<Command> commands, int argc, char** argv);

// ---- each in its own file ----
Command init_command();
Command join_command();
Command serve_command();
Command status_command();
Command verify_command();
Command unit_command();
Command bundle_command();
Command backup_command();
Command restore_command();
Command compact_command();

}  // namespace satchel::admin
