// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/parts.h"

#include <fmt/format.h>

#include "tests/bench/bare.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"
#include "tests/bench/worker.h"

namespace satchel::bench {

namespace {

constexpr int kTrips = 1000;
constexpr int kTripsPerDelta = 100;
constexpr int kCommitsPerDelta = 20;
constexpr int kSaveTurns = 5;
constexpr int kLone = 5;  // no-ops with a pause before each: the processors have gone to sleep
constexpr double kMicro = 1e6;

// A company founded in a folder of its own, its hub running. The founding process goes on as the one that writes.
class Stage {
 public:
  Stage(const Run& run, int sellers)
      : place_{run.folder / "company"}, writer_("device", {place_.root}), hub_("hub", {place_.hub()}) {
    writer_.ask(fmt::format("found {}", sellers));
    start_hub();
    writer_.ask(fmt::format("settle {}", port_));
  }
  ~Stage() {
    std::error_code ignored;
    std::filesystem::remove_all(place_.root, ignored);
  }

  void start_hub() { port_ = static_cast<int>(hub_.number("start")); }
  void stop_hub() { hub_.ask("stop"); }
  // Archives opened, and known at the hub.
  void open_archives(std::size_t count) {
    writer_.ask(fmt::format("archives {}", count));
    writer_.ask(fmt::format("share {}", port_));
  }
  double write(std::size_t visits, std::size_t per_archive, bool zstd = true) {
    return writer_.ask(fmt::format("write {} {} {}", visits, per_archive, zstd ? "zstd" : "plain")).at(1);
  }
  Worker unlocked(const std::string& name) { return Worker("device", {place_.root}, "unlock " + name); }
  int port() const { return port_; }
  Worker& writer() { return writer_; }
  Worker& hub() { return hub_; }

 private:
  Place place_;
  Worker writer_;
  Worker hub_;
  int port_ = 0;
};

struct Exchange {
  double ms, up, down, sent, received, acknowledged;
};
Exchange exchange_of(const Numbers& n) { return {n.at(0), n.at(1), n.at(2), n.at(3), n.at(4), n.at(5)}; }

void expect(double found, double wanted, const char* what) {
  if (found != wanted) throw std::runtime_error(fmt::format("{}: {} instead of {}", what, found, wanted));
}

std::string shape_of(std::size_t per_archive) { return per_archive == 1 ? "1" : "40"; }

void note_usage(Table& table, const std::string& name, Worker& device, Worker& hub, double visits) {
  const auto d = device.ask("usage");
  const auto h = hub.ask("usage");
  table.add(name + " cpu device", d.at(0) / visits * kMicro);
  table.add(name + " cpu hub", h.at(0) / visits * kMicro);
  table.add(name + " memory device", d.at(2));
  table.add(name + " memory hub", h.at(2));
}

void measure_noops(const Run& run, const std::string& name, Worker& device) {
  run.table.add("round trip", bare_round_trip(kTrips).p50_ms);
  const auto n = device.ask(fmt::format("noop {}", run.sizes.syncs));
  run.table.add(name, n.at(0));
  run.table.add(name + " bytes", n.at(2) + n.at(3));
}

// By turns with the limit, change by change: the disk's own pace moves within a second.
void measure_delta(const Run& run, Stage& stage, Worker& device, const std::string& shape) {
  for (std::size_t i = 0; i < run.sizes.deltas; ++i) {
    run.table.add("commit + trip",
                  bare_commit(run.folder, kCommitsPerDelta).p50_ms + bare_round_trip(kTripsPerDelta).p50_ms);
    stage.write(10, 1);
    const auto e = exchange_of(device.ask("round"));
    expect(e.sent, 10, "changes sent");
    run.table.add("delta " + shape, e.acknowledged);
    run.table.add("delta noted " + shape, e.ms);
    run.table.add("delta bytes " + shape, e.up + e.down);
  }
}

}  // namespace

void measure_saving(const Run& run) {
  Table& table = run.table;
  Stage stage(run, 1);
  Worker& writer = stage.writer();
  stage.open_archives(run.sizes.visits / 40);
  Worker device = stage.unlocked("seller0");
  device.ask("archives 500");
  for (int turn = 0; turn < kSaveTurns; ++turn) {
    const auto limit = bare_commit(run.folder, static_cast<int>(run.sizes.saves) / kSaveTurns);
    table.add("commit p50", limit.p50_ms);
    table.add("commit p99", limit.p99_ms);
    const auto saves = device.ask(fmt::format("saves {}", run.sizes.saves / kSaveTurns));
    table.add("save p50", saves.at(0));
    table.add("save p99", saves.at(1));
  }
  const auto looks = device.ask(fmt::format("looks {}", run.sizes.looks));
  table.add("visible p50", looks.at(1));
  table.add("bare batches", bare_batches(run.folder, static_cast<int>(run.sizes.visits), 1000));
  const auto wrote = writer.ask(fmt::format("write {} 40 zstd", run.sizes.visits));
  table.add("batches", static_cast<double>(run.sizes.visits) / wrote.at(0));
  const auto derived = writer.ask("derive");
  table.add("derived", derived.at(1) / derived.at(0));
}

void measure_exchange(const Run& run, std::size_t per_archive) {
  Table& table = run.table;
  const std::string shape = shape_of(per_archive);
  const auto visits = static_cast<double>(run.sizes.visits);
  Stage stage(run, 1);
  stage.open_archives(run.sizes.visits / per_archive);
  const double payload = stage.write(run.sizes.visits, per_archive);
  Worker device = stage.unlocked("seller0");

  table.add("R", bare_upload(run.folder, static_cast<int>(run.sizes.visits)));
  device.ask("usage");
  stage.hub().ask("usage");
  const auto up = exchange_of(device.ask(fmt::format("connect {}", stage.port())));
  expect(up.sent, visits, "visits uploaded");
  table.add("upload " + shape, visits / up.ms * 1000);
  table.add("upload bytes " + shape, up.up / payload);
  note_usage(table, "upload " + shape, device, stage.hub(), visits);
  table.add("noop first " + shape, device.ask("noop 1").at(0));
  for (int i = 0; i < kLone; ++i) table.add("noop lone " + shape, device.ask("noop 1").at(0));
  measure_noops(run, "noop after upload " + shape, device);

  table.add("R", bare_upload(run.folder, static_cast<int>(run.sizes.visits)));
  Worker reader = stage.unlocked("admin");
  reader.ask("usage");
  stage.hub().ask("usage");
  const auto down = exchange_of(reader.ask(fmt::format("connect {}", stage.port())));
  expect(down.received, visits + visits / static_cast<double>(per_archive), "entries downloaded");
  table.add("download " + shape, visits / down.ms * 1000);
  table.add("download bytes " + shape, down.down / payload);
  note_usage(table, "download " + shape, reader, stage.hub(), visits);
  reader.ask("hang_up");

  if (per_archive == 1) return;
  measure_delta(run, stage, device, shape);
  const double plain = stage.write(run.sizes.visits, per_archive, false);
  const auto again = exchange_of(device.ask("round"));
  table.add("upload bytes plain", again.up / plain);
  table.add("ingest at 20k", visits / again.ms * 1000);
}

void measure_crowd(const Run& run, std::size_t per_archive) {
  const std::string shape = shape_of(per_archive);
  Stage stage(run, run.sizes.devices);
  const auto per_device = static_cast<std::size_t>(run.sizes.per_device);
  stage.open_archives(std::max<std::size_t>(1, per_device / per_archive));
  stage.write(per_device, per_archive);
  run.table.add("F50", bare_fan_in(run.folder, run.sizes.devices, run.sizes.per_device));
  const auto crowd = stage.writer().ask(fmt::format("crowd {}", stage.port()));
  expect(crowd.at(1), static_cast<double>(run.sizes.devices * run.sizes.per_device), "visits uploaded at once");
  run.table.add("crowd " + shape, crowd.at(1) / crowd.at(0));
}

void measure_idle(const Run& run) {
  Stage stage(run, 1);
  run.table.add("bare idle", bare_idle_kib(run.sizes.idle));
  stage.writer().ask(fmt::format("idle {} 10", stage.port()));
  const double before = stage.hub().ask("usage").at(1);
  stage.writer().ask(fmt::format("idle {} {}", stage.port(), run.sizes.idle));
  run.table.add("idle", (stage.hub().ask("usage").at(1) - before) * 1024 / run.sizes.idle);
}

void measure_few(const Run& run) {
  Stage stage(run, 1);
  stage.open_archives(run.sizes.few / 40);
  stage.write(run.sizes.few, 40);
  Worker device = stage.unlocked("seller0");
  device.ask(fmt::format("connect {}", stage.port()));
  measure_noops(run, "noop few", device);
}

void measure_attachment(const Run& run) {
  Table& table = run.table;
  const auto mib = static_cast<double>(run.sizes.attachment_mib);
  Stage stage(run, 1);
  stage.open_archives(1);
  Worker device = stage.unlocked("seller0");
  device.ask("usage");
  table.add("attach", mib / device.number(fmt::format("attach {}", run.sizes.attachment_mib)));
  table.add("attach memory", device.ask("usage").at(2));
  stage.hub().ask("usage");
  const auto up = device.ask(fmt::format("exchange {}", stage.port()));
  must(up.at(1) >= mib * 1024 * 1024, "the attachment was not pushed");
  table.add("attachment up", mib / up.at(0));
  table.add("attachment up memory device", device.ask("usage").at(2));
  table.add("attachment up memory hub", stage.hub().ask("usage").at(2));
  Worker reader = stage.unlocked("admin");
  reader.ask(fmt::format("exchange {}", stage.port()));
  reader.ask("want");
  reader.ask("usage");
  stage.hub().ask("usage");
  const auto down = reader.ask(fmt::format("exchange {}", stage.port()));
  must(down.at(2) >= mib * 1024 * 1024, "the attachment was not fetched");
  table.add("attachment down", mib / down.at(0));
  table.add("attachment down memory device", reader.ask("usage").at(2));
  table.add("attachment down memory hub", stage.hub().ask("usage").at(2));
  table.add("attachment read", mib / reader.number("read_file"));
}

void measure_many(const Run& run, int repeats) {
  Table& table = run.table;
  const auto visits = static_cast<double>(run.sizes.visits);
  Stage stage(run, 1);
  stage.open_archives(run.sizes.many / 40);
  stage.write(run.sizes.many, 40);
  Worker device = stage.unlocked("seller0");
  device.ask("usage");
  stage.hub().ask("usage");
  const auto up = exchange_of(device.ask(fmt::format("connect {}", stage.port())));
  expect(up.sent, static_cast<double>(run.sizes.many), "visits uploaded");
  table.add("upload many", static_cast<double>(run.sizes.many) / up.ms * 1000);
  note_usage(table, "upload many", device, stage.hub(), static_cast<double>(run.sizes.many));
  table.add("noop first many", device.ask("noop 1").at(0));
  for (int i = 0; i < repeats; ++i) measure_noops(run, "noop many", device);
  for (int i = 0; i < repeats; ++i) {
    stage.write(run.sizes.visits, 40);
    const auto again = exchange_of(device.ask("round"));
    expect(again.sent, visits, "visits uploaded");
    table.add("ingest many", visits / again.ms * 1000);
  }
  Worker reader = stage.unlocked("admin");
  reader.ask("usage");
  stage.hub().ask("usage");
  const auto down = exchange_of(reader.ask(fmt::format("connect {}", stage.port())));
  table.add("download many", (static_cast<double>(run.sizes.many) + repeats * visits) / down.ms * 1000);
  note_usage(table, "download many", reader, stage.hub(), static_cast<double>(run.sizes.many) + repeats * visits);
  reader.ask("hang_up");
  device.ask("hang_up");
  stage.stop_hub();
  stage.start_hub();
  device.ask(fmt::format("connect {}", stage.port()));
  for (int i = 0; i < repeats; ++i) measure_noops(run, "noop restarted", device);
}

}  // namespace satchel::bench
