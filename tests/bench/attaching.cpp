// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/attaching.h"

#include "sync/holder/book.h"
#include "sync/node/attachments.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"

namespace satchel::bench {

namespace {

struct Card {
  node::StoredArchive info;
  RecordId record;
  node::RecordReader::Loaded loaded;
};

Card first_card(holder::Device& device) {
  need(device.deriver().apply());
  auto txn = need(device.replica().store().begin_read());
  Card card;
  card.info = need(node::archive_info(*txn, 1)).value();
  const auto records = need(node::records_of(*txn, 1));
  must(!records.empty(), "the archive has no card");
  const auto directory = device.directory();
  node::RecordReader reader(*txn, *directory, device.keyring());
  for (const auto& [record, index] : records) {
    card.record = record;
    card.loaded = need(reader.load(card.info, record, index.ordinals));
    if (card.loaded.state.type() == holder::kCustomerTemplate) break;
  }
  return card;
}

}  // namespace

double attach_file(holder::Device& device, std::size_t mib) {
  const Card card = first_card(device);
  Bytes block(1 << 20);
  device.entropy().fill(block);
  std::uint64_t left = std::uint64_t{mib} << 20;
  node::Incoming file{"video.mp4", "video/mp4", left, {}, {}};
  file.read = [&](std::span<Byte> out) -> Result<std::size_t> {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
    std::copy_n(block.begin(), count, out.begin());
    left -= count;
    return count;
  };
  const double start = now_ms();
  const auto cut = need(node::cut_file(device.replica(), device.keyring(), card.info, file));
  need(device.write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_TRY(node::add_attachment(txn, scribe, card.info, {card.record, card.loaded.state.type(), 1, {}}, cut));
    return {};
  }));
  return (now_ms() - start) / 1000;
}

Moved exchange_with(holder::Device& device, std::uint16_t port) {
  holder::ExchangeOptions options;
  options.address = "127.0.0.1:" + std::to_string(port);
  const double start = now_ms();
  const auto done = need(holder::exchange(device, options));
  return {(now_ms() - start) / 1000, done.sync};
}

void want_attachments(holder::Device& device) {
  need(device.replica().write([](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(all, blob::rows(txn));
    for (const auto& [name, row] : all) SATCHEL_TRY(blob::want(txn, name));
    return {};
  }));
}

double read_file(holder::Device& device) {
  const Card card = first_card(device);
  const auto attached = node::attachments_in(card.loaded.state);
  must(attached.size() == 1, "the card has not one attachment");
  std::uint64_t bytes = 0;
  const double start = now_ms();
  need(node::read_attachment(device.replica(), device.keyring(), card.info, attached[0].manifest,
                             [&](View part) -> Result<void> {
                               bytes += part.size();
                               return {};
                             }));
  must(bytes == attached[0].manifest.size, "the file is not whole");
  return (now_ms() - start) / 1000;
}

}  // namespace satchel::bench
