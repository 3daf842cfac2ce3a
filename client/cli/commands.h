// SPDX-License-Identifier: AGPL-3.0-or-later
// The frame every command hangs in: global options, how results and errors are shown, and the files that add
// subcommands. A command parses its arguments, calls client/field, and hands what came out to print() and say(); it
// returns an exit code (schema/base/exit_code.h). Results go to stdout, progress and errors to stderr.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <string>

#include "schema/base/result.h"
#include "schema/template/template.h"
#include "sync/node/warm.h"

namespace CLI {
class App;
}

namespace satchel::holder {
class Device;
}
namespace satchel::field {
using holder::Device;
}

namespace satchel::cli {

struct Globals {
  std::string vault;            // folder
  std::string passphrase_file;  // its first line; else of the file that SATCHEL_PASSPHRASE_FILE names; else a prompt
  bool json = false;
  bool quiet = false;
  Lang lang = Lang::zh;
};

// A command's work. The app runs the one that was chosen.
using Action = std::function<int()>;

class Frame {
 public:
  Frame(Globals& globals, Action& chosen) : globals_(globals), chosen_(chosen) {}
  const Globals& globals() const { return globals_; }
  void choose(Action action) { chosen_ = std::move(action); }

  // Opens the vault, or explains what is wrong and returns null with `code` set. Completes a waiting enrolment first,
  // when a hub can be reached.
  // `asked`: of which days, where the command knows it.
  std::unique_ptr<field::Device> open(int& code, const std::optional<node::Days>& asked = {}) const;
  // The same for commands that also make sense before somebody confirmed this device: sync, status, verify.
  std::unique_ptr<field::Device> open_any(int& code, const std::optional<node::Days>& asked = {}) const;
  Result<std::string> passphrase(bool fresh) const;

  // The sentence for an error code in the person's language; what happened, what is safe, what to do.
  int explain(const Error& error) const;
  std::string sentence(const Error& error) const;
  // Machine output: one JSON value on stdout. Only with --json.
  void print(const boost::json::value& value) const;
  // People's output, a line or whole lines. Not with --json or --quiet.
  void say(const std::string& line) const;
  // A remark beside the result, on stderr. Not with --json or --quiet.
  void note(const std::string& line) const;
  // Progress in numbers, over and over on one line of a terminal's stderr; nothing elsewhere. Empty: wipes it.
  void progress(const std::string& line) const;
  // In the language asked for.
  std::string tr(std::string_view zh, std::string_view en) const;
  // For the foot of a command's help.
  std::string example(std::string_view command_line) const;

 private:
  Globals& globals_;
  Action& chosen_;
};

// Each in its own file. The Frame outlives the app.
void add_enrol_commands(CLI::App& app, Frame& frame);     // enrol [confirm|list]
void add_invite_commands(CLI::App& app, Frame& frame);    // invite, hub invite|list
void add_people_commands(CLI::App& app, Frame& frame);    // branch add|list, person add|list|change
void add_policy_commands(CLI::App& app, Frame& frame);    // policy [list|set]
void add_sync_commands(CLI::App& app, Frame& frame);      // sync, verify
void add_bundle_commands(CLI::App& app, Frame& frame);    // bundle export|import|show
void add_backup_commands(CLI::App& app, Frame& frame);    // backup create|verify|list, restore, renew
void add_hq_commands(CLI::App& app, Frame& frame);        // hq resume
void add_status_commands(CLI::App& app, Frame& frame);    // status
void add_pack_commands(CLI::App& app, Frame& frame);      // pack publish|lint|list
void add_customer_commands(CLI::App& app, Frame& frame);  // customer add|import|list|show|search|set
void add_visit_commands(CLI::App& app, Frame& frame);     // visit add|list|show, today, due
void add_record_commands(CLI::App& app, Frame& frame);    // add --stdin, record add|set|withdraw, log
void add_show_command(CLI::App& of, Frame& frame, const std::string& what);
void add_listing_commands(CLI::App& record, Frame& frame);  // record list|show
void add_step_commands(CLI::App& app, Frame& frame);        // step, matters
void add_draft_commands(CLI::App& app, Frame& frame);       // draft list|show|set|finish|drop
void add_rule_commands(CLI::App& app, Frame& frame);        // rules
void add_attach_commands(CLI::App& app, Frame& frame);      // attach, attachments, fetch
void add_review_commands(CLI::App& app, Frame& frame);      // conflicts, held [show|admit|refuse]
void add_access_commands(CLI::App& app, Frame& frame);      // grant, grants, ungrant
void add_request_commands(CLI::App& app, Frame& frame);     // access request|list|approve|refuse
void add_merge_commands(CLI::App& app, Frame& frame);       // merge plan|apply|undo, move
void add_revoke_commands(CLI::App& app, Frame& frame);      // revoke, revoked
void add_task_commands(CLI::App& app, Frame& frame);        // task add|list|done
void add_handover_commands(CLI::App& app, Frame& frame);    // handover
void add_destroy_commands(CLI::App& app, Frame& frame);     // destroy propose|list|countersign|status|certificate
void add_report_commands(CLI::App& app, Frame& frame);      // report NAME

}  // namespace satchel::cli
