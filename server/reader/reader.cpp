// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/reader/reader.h"

#include <spdlog/logger.h>

#include <fstream>
#include <sstream>

namespace satchel::reader {

namespace fs = std::filesystem;

Result<holder::Enrolled> make_reader(const ReaderWishes& wishes) {
  const fs::path file = wishes.hub_folder / "reader.invite";
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return fail(ErrorKind::not_found, "reader.no-invitation", file.string());
  SATCHEL_GET(invitation, decode_invitation(std::move(text).str()));
  holder::Enrolling enrolling;
  enrolling.folder = wishes.folder;
  enrolling.passphrase = wishes.passphrase;
  enrolling.params = wishes.params;
  enrolling.invitation = invitation;
  enrolling.device_name = "reader";
  enrolling.role = wire::Role::reader;
  return holder::enrol(enrolling);
}

Result<std::unique_ptr<holder::Device>> open_reader(const fs::path& folder, std::string_view passphrase) {
  SATCHEL_GET(device, holder::Device::open(folder, passphrase));
  if (device->replica().self().role != wire::Role::reader)
    return fail(ErrorKind::usage, "reader.not-a-reader", folder.string());
  return std::move(device);
}

Result<void> serve_reader(holder::Device& device, const holder::Stop& stop, spdlog::logger& log,
                          const std::function<void()>& ready, bool fetch_attachments) {
  bool told = false;
  std::size_t seen = 0;
  holder::ExchangeOptions options;
  options.fetch_blobs = fetch_attachments;
  options.settled = [&](const holder::Exchange& e) {
    const auto moved = e.sync.received + e.sync.statements + e.derived + e.sync.blobs_received;
    if (moved != seen) {
      log.info("reader.settled received={} statements={} derived={} conflicts={} held={} attachments={}",
               e.sync.received, e.sync.statements, e.derived, e.conflicts, e.held, e.sync.blobs_received);
    }
    seen = moved;
    if (!std::exchange(told, true)) ready();
  };
  const auto lost = [&](const Error& why, Millis wait) {
    log.warn("reader.down code={} again_in_ms={}", why.code, wait.count());
    seen = 0;
  };
  return holder::stay_connected(device, stop, options, lost);
}

}  // namespace satchel::reader
