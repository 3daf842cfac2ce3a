// SPDX-License-Identifier: AGPL-3.0-or-later
// How a statement's end is told, the same for all commands that make one: ordered, pending at headquarters, or, of what
// is taken away, in force already at the hub that has it.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/said.h"

namespace satchel::cli {

// `done` is the sentence for 'it is so now'; `body` what --json shows beside the statement and its state. Exit code 0,
// or 8 when it waits and has no effect anywhere yet.
int tell_said(const Frame& frame, const field::Said& said, const std::string& done, boost::json::object body);
// The same of statements made together: of all what holds of the last to be settled.
int tell_all_said(const Frame& frame, const std::vector<field::Said>& said, const std::string& done,
                  boost::json::object body);

// What changes more than one record is shown first. Nothing to do but to show it when `dry_run`; else whether to go on:
// with `yes`, or because the person at the terminal says so. usage "usage.yes" when there is nobody to ask.
enum class Consent : std::uint8_t { go_on, shown, declined };
struct Asking {
  bool dry_run = false;
  bool yes = false;
};
Result<Consent> ask(const Frame& frame, const Asking& asking);
// What to return when it is not to go on; prints the plan with "applied": false.
int not_applied(const Frame& frame, Consent consent, boost::json::object plan);

}  // namespace satchel::cli
