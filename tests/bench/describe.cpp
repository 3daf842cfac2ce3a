// SPDX-License-Identifier: AGPL-3.0-or-later
// The rows of the table and the goals they are held against.
#include <fmt/format.h>

#include "tests/bench/parts.h"

namespace satchel::bench {

namespace {

using enum Table::Goal;

void describe_saving(Table& t) {
  t.heading("(a) saving on a device; limit: LMDB alone");
  t.row({"one visit, p50", "ms", "save p50", "commit p50", 1, at_most, 1.5});
  t.row({"one visit, p99", "ms", "save p99", "commit p99", 1, at_most, 2});
  t.row({"one visit, from the save until a list shows it", "ms", "visible p50"});
  t.row({"batches of 1,000, to durable", "/s", "batches", "", 1, at_least, 130'000});
  t.row({"LMDB alone, batches of 1,000", "/s", "bare batches"});
  t.row({"derived tables", "/s", "derived"});
}

void describe_shape(Table& t, const std::string& shape, const std::string& way, double must) {
  const std::string a = shape == "1" ? "1 an archive" : "40 an archive";
  const std::string name = way + " " + shape;
  t.row({a, "/s", name, "R", 1, must > 0 ? at_least : none, must});
  t.row({a + ": processor time, device", "us/visit", name + " cpu device"});
  t.row({a + ": processor time, hub", "us/visit", name + " cpu hub"});
  t.row({a + ": peak private memory, device", "MiB", name + " memory device", "", 1, at_most, 64});
  t.row({a + ": peak private memory, hub", "MiB", name + " memory hub", "", 1, at_most, 64});
  t.row({a + ": bytes to payload, zstd", "", way + " bytes " + shape});
}

void describe_exchange(Table& t, const Sizes& s) {
  t.heading(fmt::format("(b) upload of {} visits; limit R: bare pipeline", s.visits));
  describe_shape(t, "40", "upload", 0.20);
  t.row({"40 an archive: bytes to payload, without zstd", "", "upload bytes plain", "", 1, at_most, 1.15});
  describe_shape(t, "1", "upload", 0);
  t.heading(fmt::format("(c) download of {} visits to a fresh device of another member; limit R", s.visits));
  describe_shape(t, "40", "download", 0.20);
  describe_shape(t, "1", "download", 0);
}

void describe_noop(Table& t, const std::string& text, const std::string& name) {
  t.row({text, "ms", name, "round trip", 1, at_most, 10});
  t.row({text + ": bytes both ways", "B", name + " bytes", "", 1, at_most, 512});
}

void describe_live(Table& t, const Sizes& s) {
  t.heading("(d) no-op on a live connection; limit: TLS round trip");
  describe_noop(t, fmt::format("{} records", s.few), "noop few");
  describe_noop(t, "after the upload, 40 an archive", "noop after upload 40");
  describe_noop(t, "after the upload, 1 an archive", "noop after upload 1");
  describe_noop(t, fmt::format("{} records", s.many), "noop many");
  describe_noop(t, fmt::format("{} records, hub restarted", s.many), "noop restarted");
  // The very first finds the processors' caches cold: held against a no-op after a pause, not a tight loop's.
  t.row({"the first after the upload, 40; limit: one after a pause", "ms", "noop first 40", "noop lone 40"});
  t.row({"the first after the upload, 1; limit: one after a pause", "ms", "noop first 1", "noop lone 1"});
  t.row({fmt::format("the first after {}; limit: one after a pause", s.many), "ms", "noop first many", "noop lone 40"});
  t.heading("(e) ten changes to durable acknowledgement; limit: LMDB commit + round trip");
  t.row({fmt::format("ten among {}", s.visits), "ms", "delta 40", "commit + trip", 1, at_most, 5});
  t.row({"until the device has noted it durably, too", "ms", "delta noted 40", "commit + trip"});
  t.row({"bytes both ways", "B", "delta bytes 40"});
}

void describe_many(Table& t, const Sizes& s) {
  t.heading(fmt::format("(f) {} devices x {} visits at once; limit F: bare fan-in", s.devices, s.per_device));
  t.row({"40 an archive", "/s", "crowd 40", "F50", 1, at_least, 0.25});
  t.row({"1 an archive", "/s", "crowd 1", "F50", 1, at_least, 0.25});
  t.row({"an idle connection, private memory of the hub", "KiB", "idle", "", 1, at_most, 77});
  t.row({"an idle connection, bare TLS", "KiB", "bare idle"});
  t.heading(fmt::format("with {} visits", s.many));
  t.row({"upload of all", "/s", "upload many", "R"});
  t.row({"download of all", "/s", "download many", "R"});
  t.row({fmt::format("upload of {} more; limit: the same at {} stored", s.visits, s.visits), "/s", "ingest many",
         "ingest at 20k", 1, at_least, 0.6});
  t.row({"peak private memory, uploading device", "MiB", "upload many memory device", "", 1, at_most, 64});
  t.row({"peak private memory, hub while it takes them", "MiB", "upload many memory hub", "", 1, at_most, 64});
  t.row({"peak private memory, downloading device", "MiB", "download many memory device", "", 1, at_most, 64});
  t.row({"peak private memory, hub while it gives them", "MiB", "download many memory hub", "", 1, at_most, 64});
}

void describe_reconciling(Table& t, const Sizes& s) {
  t.heading(fmt::format("(r) reconciling {} archives with 10 differences", s.archives));
  t.row({"bytes up", "KiB", "reconcile up", "", 1, at_most, 64});
  t.row({"bytes down", "KiB", "reconcile down", "", 1, at_most, 64});
  t.row({"processor time of an end, from the store to the differences", "ms", "reconcile cpu", "", 1, at_most, 50});
  t.row({"the same of both ends, the first time, nothing kept", "ms", "reconcile cold"});
  t.row({"round trips", "", "reconcile rounds"});
}

void describe_access(Table& t, const Sizes& s) {
  t.heading("(g) access that changes hands; a card and a visit each, without the network");
  t.row({fmt::format("new manager over {} archives, from all being on the device to all readable", s.managed), "ms",
         "new manager", "", 1, at_most, 1'000});
  t.row({fmt::format("handover of {} archives, from the order to the successor's lists", s.handed_over), "ms",
         "handover", "", 1, at_most, 5'000});
}

void describe_attachment(Table& t, const Sizes& s) {
  t.heading(fmt::format("(p) an attachment of {} MiB", s.attachment_mib));
  t.row({"cutting and sealing it, durable", "MiB/s", "attach"});
  t.row({"pushing it, durable at the hub", "MiB/s", "attachment up"});
  t.row({"fetching it", "MiB/s", "attachment down"});
  t.row({"opening all of it", "MiB/s", "attachment read"});
  t.row({"peak private memory, device cutting", "MiB", "attach memory", "", 1, at_most, 64});
  t.row({"peak private memory, device pushing", "MiB", "attachment up memory device", "", 1, at_most, 64});
  t.row({"peak private memory, hub while it takes it", "MiB", "attachment up memory hub", "", 1, at_most, 64});
  t.row({"peak private memory, device fetching", "MiB", "attachment down memory device", "", 1, at_most, 64});
  t.row({"peak private memory, hub while it gives it", "MiB", "attachment down memory hub", "", 1, at_most, 64});
}

// The goal is the command's own work, asked of a book that has been looked at, as in a program that stays open. A
// process of its own first reads the packs and the sheets, and before that it opens the vault.
void describe_question(Table& t, const std::string& name, double must) {
  t.row({"its own work, the sheets read", "ms", name + " again", "", 1, must > 0 ? at_most : none, must});
  t.row({"the same: processor time", "ms", name + " cpu again"});
  t.row({"the first in a process, the vault open", "ms", name + " first"});
  t.row({"the same: processor time", "ms", name + " cpu"});
  t.row({"from process start, the vault opened in it", "ms", name + " cold"});
  t.row({"peak private memory", "MiB", name + " memory"});
}

void describe_querying(Table& t, const Sizes& s) {
  t.heading(fmt::format("(q) daily report of a branch: {} people, {} visits a day, {} in all, {} customers",
                        s.branch_people, s.branch_visits / static_cast<std::size_t>(s.days), s.branch_visits,
                        s.branch_archives));
  describe_question(t, "day", 50);
  t.row({"visits in it", "", "day found"});
  t.row({"bare: its month's rows and all cards opened, one key", "ms", "day bare"});
  t.heading(fmt::format("(q) headquarters: a month by branch and person, {} visits in {} archives", s.all_visits,
                        s.all_archives));
  t.row({"from process start, the vault opened in it", "ms", "month cold", "", 1, at_most, 2'000});
  t.row({"peak private memory", "MiB", "month memory", "", 1, at_most, 512});
  t.row({"of it: processor time, opening the vault", "ms", "month cpu opening"});
  t.row({"of it: the report", "ms", "month first"});
  t.row({"of it: processor time, the report", "ms", "month cpu"});
  t.row({"again in the same process", "ms", "month again"});
  t.row({"visits in it", "", "month found"});
  t.row({"bare: its month's rows and all cards opened, one key", "ms", "month bare"});
  t.heading(fmt::format("(q) today over {} customers, {} visits", s.customers, s.customers_visits));
  describe_question(t, "today", 50);
  t.row({"visits due", "", "today found"});
  for (const std::string system : kSystemsAsked) {
    t.heading(fmt::format("(q) all rules{} over {} customers, {} visits, in a branch of 40",
                          system.empty() ? " of the standard packs" : ", " + system + " besides", s.customers,
                          s.customers_visits));
    describe_question(t, "rules " + system, 0);
    t.row({"findings", "", "rules " + system + " found"});
  }
  t.heading(fmt::format("(q) import of {} customers from CSV on a device", s.imported));
  t.row({"rows, to durable and derived", "/s", "import", "", 1, at_least, 5'000});
  t.row({"processor time a row", "us", "import cpu"});
  t.row({"peak private memory", "MiB", "import memory"});
}

}  // namespace

void describe(Table& table, const Sizes& sizes) {
  describe_saving(table);
  describe_exchange(table, sizes);
  describe_live(table, sizes);
  describe_many(table, sizes);
  describe_reconciling(table, sizes);
  describe_attachment(table, sizes);
  describe_access(table, sizes);
  describe_querying(table, sizes);
}

}  // namespace satchel::bench
