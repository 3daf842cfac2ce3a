// SPDX-License-Identifier: AGPL-3.0-or-later
#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>

#include "client/cli/commands.h"
#include "client/cli/messages.h"
#include "client/cli/words.h"
#include "client/field/enrolment.h"
#include "schema/base/exit_code.h"
#include "sync/holder/passphrase.h"
#include "sync/node/restored.h"

namespace satchel::cli {

namespace {

std::string_view kind_word(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::integrity:
      return "integrity";
    case ErrorKind::offline:
      return "offline";
    case ErrorKind::storage:
      return "storage";
    case ErrorKind::invalid:
      return "invalid";
  }
  return "failed";
}

// Restored, and no archive opens before a hub was met.
bool waits_for_hub(field::Device& device) {
  const auto txn = device.replica().store().begin_read();
  const auto restored = txn ? node::restored_of(**txn) : std::unexpected(txn.error());
  return restored && *restored && (*restored)->waiting;
}

}  // namespace

Result<std::string> Frame::passphrase(bool fresh) const {
  return holder::read_passphrase(globals_.passphrase_file, fresh,
                                 {tr("口令：", "Passphrase: "), tr("再输一次：", "Once more: ")});
}

std::unique_ptr<field::Device> Frame::open_any(int& code, const std::optional<node::Days>& asked) const {
  if (globals_.vault.empty()) {
    code = explain({ErrorKind::usage, "vault.not-named", {}});
    return nullptr;
  }
  std::error_code trouble;
  if (!std::filesystem::exists(std::filesystem::path(globals_.vault) / "vault.key", trouble)) {
    // Before a passphrase is asked for.
    code = explain(trouble ? Error{ErrorKind::storage, "vault.io", globals_.vault + ": " + trouble.message()}
                           : Error{ErrorKind::not_found, "vault.missing", globals_.vault});
    return nullptr;
  }
  const auto word = passphrase(false);
  if (!word) {
    code = explain(word.error());
    return nullptr;
  }
  auto device = field::Device::open(globals_.vault, *word, asked);
  if (!device) {
    code = explain(device.error());
    return nullptr;
  }
  const auto life = (*device)->life();
  if (life == holder::Device::Life::former) note(sentence({ErrorKind::conflict, "device.former-life", {}}));
  if (life == holder::Device::Life::copied) note(sentence({ErrorKind::conflict, "device.copied", {}}));
  return std::move(*device);
}

std::unique_ptr<field::Device> Frame::open(int& code, const std::optional<node::Days>& asked) const {
  auto device = open_any(code, asked);
  if (device && (device->lease().over || device->lease().warns()))
    note(tr("租期：", "Lease: ") + lease_word(device->lease(), globals_.lang));
  if (device && waits_for_hub(*device)) note(sentence({ErrorKind::offline, "restore.waiting", {}}));
  if (!device || device->confirmed()) return device;
  if (device->revoked()) {
    code = explain({ErrorKind::permission, "directory.revoked", {}});
    return nullptr;
  }
  const auto finished = field::finish_enrolment(*device);
  if (finished) return device;
  code = explain(finished.error());
  return nullptr;
}

int Frame::explain(const Error& error) const {
  progress({});
  if (globals_.json) {
    boost::json::object body;
    body["code"] = error.code;
    body["kind"] = kind_word(error.kind);
    body["detail"] = error.detail;
    body["message"] = sentence(error);
    print(boost::json::object{{"error", std::move(body)}});
  } else {
    std::cerr << sentence(error) << std::endl;
  }
  return static_cast<int>(exit_code(error.kind));
}

std::string Frame::sentence(const Error& error) const { return cli::sentence(error, globals_.lang); }

void Frame::print(const boost::json::value& value) const {
  if (globals_.json) std::cout << boost::json::serialize(value) << std::endl;
}

void Frame::say(const std::string& line) const {
  if (!globals_.json && !globals_.quiet) std::cout << line << (line.ends_with('\n') ? "" : "\n") << std::flush;
}

void Frame::note(const std::string& line) const {
  progress({});
  if (!globals_.json && !globals_.quiet) std::cerr << line << std::endl;
}

void Frame::progress(const std::string& line) const {
  static bool shown = false;
  if (globals_.json || globals_.quiet || ::isatty(STDERR_FILENO) == 0 || (line.empty() && !shown)) return;
  std::cerr << "\r\x1b[K" << line << std::flush;
  shown = !line.empty();
}

std::string Frame::tr(std::string_view zh, std::string_view en) const {
  return std::string(globals_.lang == Lang::en ? en : zh);
}

std::string Frame::example(std::string_view command_line) const {
  return tr("例：", "Example: ") + std::string(command_line);
}

}  // namespace satchel::cli
