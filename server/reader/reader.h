// SPDX-License-Identifier: AGPL-3.0-or-later
// HQ's reader: made once from the invitation that `satcheld init` left in the hub's folder, then kept connected to
// the hub, deriving as data arrives. Reports run over its vault (sync/holder/reports.h), also while it serves.
#pragma once

#include <filesystem>

#include "sync/holder/enrol.h"

namespace spdlog {
class logger;
}

namespace satchel::reader {

struct ReaderWishes {
  std::filesystem::path folder;
  std::filesystem::path hub_folder;  // of HQ's hub on this machine; its reader.invite is used
  std::string passphrase;
  StretchParams params;
};
// not_found "reader.no-invitation"; else as holder::enrol. The invitation is left where it is: it works once.
Result<holder::Enrolled> make_reader(const ReaderWishes& wishes);

// not_found "vault.missing", usage "reader.not-a-reader" when the folder is a person's vault; else as Device::open.
Result<std::unique_ptr<holder::Device>> open_reader(const std::filesystem::path& folder, std::string_view passphrase);

// Until `stop`; `ready` is called once, when everything the hub had is here and derived. Comes back by itself after
// cuts. With `fetch_attachments` everything that entries name is fetched, too; else what somebody asks for. Errors are
// those that dialling again cannot mend.
Result<void> serve_reader(holder::Device& device, const holder::Stop& stop, spdlog::logger& log,
                          const std::function<void()>& ready, bool fetch_attachments = false);

}  // namespace satchel::reader
