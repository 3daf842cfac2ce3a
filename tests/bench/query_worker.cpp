// SPDX-License-Identifier: AGPL-3.0-or-later
// The process of somebody who asks: a vault opened as the programs open it, and what their commands do then, short of
// writing on a terminal. Times in milliseconds from the command's first step to its last.
//   open NAME [FROM TO]     the vault of that folder; to be asked of these days
//   sync PORT               with a hub; the tables derived
//   report ID P=VALUE...    run and printed -> ms, rows, bytes of text
//   rows TEMPLATE FROM TO   of these months -> rows, their bytes
//   today                   -> ms, visits due, findings
//   rules                   all of them, for everybody -> ms, findings
//   prepare N               a CSV of new customers, in memory
//   import                  that -> ms, imported
#include "client/field/import.h"
#include "client/field/today.h"
#include "schema/exchange/csv.h"
#include "sync/holder/reports.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"
#include "tests/bench/line.h"
#include "tests/bench/worker.h"
#include "tests/bench/workload.h"

namespace satchel::bench {

namespace {

class Asker {
 public:
  explicit Asker(std::filesystem::path root) : root_(std::move(root)) {}

  Numbers open(const Words& words) {
    std::optional<node::Days> asked;
    if (words.size() > 2) asked = {*parse_date(words[1]), *parse_date(words[2])};
    device_ = need(holder::Device::open(root_ / words.at(0), kPassphrase, asked));
    book_.emplace(*device_);
    return {};
  }
  Numbers sync(const Words& words) {
    sync_once(*device_, static_cast<std::uint16_t>(std::stoul(words.at(0))));
    need(device_->deriver().apply());
    return {};
  }
  Numbers report(const Words& words) {
    holder::ReportRequest request{words.at(0), {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto at = words[i].find('=');
      request.parameters.emplace_back(words[i].substr(0, at), words[i].substr(at + 1));
    }
    const double start = now_ms();
    const auto made = need(holder::run_report(*book_, request));
    const std::string text = need(holder::print_report(made, "text", book_->lang()));
    return {now_ms() - start, static_cast<double>(made.result.row_count), static_cast<double>(text.size())};
  }
  Numbers rows(const Words& words) {
    const auto table = need(device_->deriver().load_sheet(words.at(0), std::stoi(words.at(1)), std::stoi(words.at(2))));
    return {static_cast<double>(table.size()), static_cast<double>(table.memory())};
  }
  Numbers today(const Words&) {
    const double start = now_ms();
    const auto found = need(field::today(*book_));
    return {now_ms() - start, static_cast<double>(found.due.size()), static_cast<double>(found.findings.size())};
  }
  Numbers rules(const Words&) {
    const double start = now_ms();
    const auto found = need(holder::list_findings(*book_, {.rule = {}, .everybody = true, .on = {}}));
    return {now_ms() - start, static_cast<double>(found.size())};
  }
  Numbers prepare(const Words& words) {
    Workload workload(1, device_->entropy());
    CsvWriter csv(true);
    csv.row(std::vector<std::string>{"name", "kind", "phone", "city", "address", "contact", "external_number"});
    const auto count = std::stoul(words.at(0));
    for (std::size_t i = 0; i < count; ++i) {
      const auto card = workload.customer();
      const auto& name = std::get<std::string>(card.ops.at(0).value);
      const std::string number = std::to_string(100'000'000 + i);
      csv.row(std::vector<std::string>{name + number, "company", "13" + number, "深圳",
                                       "福田区深南大道 " + number + " 号", "王经理", "K" + number});
    }
    csv_ = csv.take();
    return {};
  }
  Numbers import(const Words&) {
    field::ImportOptions options;
    options.apply = true;
    options.file = "customers.csv";
    const double start = now_ms();
    const auto done =
        need(field::import_records(*book_, view(csv_), options, [](const Error& error) { return error.code; }));
    return {now_ms() - start, static_cast<double>(done.count(field::RowStatus::imported))};
  }

 private:
  std::filesystem::path root_;
  std::unique_ptr<holder::Device> device_;
  std::optional<holder::Book> book_;
  std::string csv_;
};

}  // namespace

int query_worker(const Words& arguments) {
  Asker asker(arguments.at(0));
  Verbs verbs;
  const auto add = [&](const std::string& name, Numbers (Asker::*verb)(const Words&)) {
    verbs[name] = [&asker, verb](const Words& words) { return (asker.*verb)(words); };
  };
  add("open", &Asker::open);
  add("sync", &Asker::sync);
  add("report", &Asker::report);
  add("rows", &Asker::rows);
  add("today", &Asker::today);
  add("rules", &Asker::rules);
  add("prepare", &Asker::prepare);
  add("import", &Asker::import);
  return serve_verbs(std::move(verbs));
}

}  // namespace satchel::bench
