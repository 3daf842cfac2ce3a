// SPDX-License-Identifier: AGPL-3.0-or-later
// (q) what is asked of vaults. A company records visits for more than a year, its
// devices syncing month by month, so that what lies together in a reader's sheet came from everybody; then the first
// branch's manager asks for a day and headquarters for a month, each in processes that begin with the question. A
// salesperson with many customers asks what is due today and what the rules find, and another one imports.
#include <fmt/format.h>

#include "schema/base/time.h"
#include "sync/holder/book.h"
#include "sync/link/system_clock.h"
#include "tests/bench/bare.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"
#include "tests/bench/parts.h"
#include "tests/bench/worker.h"

namespace satchel::bench {

namespace {

constexpr int kDaysPerRound = 28;
constexpr int kAgain = 5;        // asked so often in one process
constexpr int kColleagues = 39;  // whom a branch's rules may name

Date today() { return date_of(SystemClock().wall(), kChinaZoneMinutes); }

// A founded company with its hub running; whoever founded it goes on as the process that writes.
class Firm {
 public:
  Firm(const Run& run, const std::string& company)
      : place_{run.folder / "firm"}, writer_("device", {place_.root}), hub_("hub", {place_.hub()}) {
    writer_.ask("company " + company);
    port_ = static_cast<int>(hub_.number("start"));
    writer_.ask(fmt::format("settle {}", port_));
  }
  ~Firm() {
    std::error_code ignored;
    std::filesystem::remove_all(place_.root, ignored);
  }
  Worker& writer() { return writer_; }
  int port() const { return port_; }
  Worker opened(const std::string& name) { return Worker("query", {place_.root}, "open " + name); }
  // The hub leaves the processors to whoever asks.
  void close() { hub_.ask("stop"); }

 private:
  Place place_;
  Worker writer_;
  Worker hub_;
  int port_ = 0;
};

struct Calendar {
  Date first, middle;  // of all days; one in the midst of them, of whose month all days are there
  Date month_first, month_last;
  explicit Calendar(int days) : first{bench::today().days + 1 - days}, middle{first.days + days / 2} {
    const auto civil = middle.civil();
    const auto begin = civil.year() / civil.month() / 1;
    const auto end = civil.year() / civil.month() / std::chrono::last;
    month_first = {static_cast<std::int32_t>(std::chrono::sys_days(begin).time_since_epoch().count())};
    month_last = {static_cast<std::int32_t>(std::chrono::sys_days(end).time_since_epoch().count())};
  }
};

// What a company has on record, evenly over its people and the days.
struct Records {
  int branches;
  int people;
  std::size_t visits;
  std::size_t archives;
  int days;
  std::string asker;  // who has all of it, and asks
};

std::unique_ptr<Firm> firm_with(const Run& run, const Records& records) {
  progress(fmt::format("{} people record {} visits", records.people, records.visits));
  auto firm = std::make_unique<Firm>(run, fmt::format("{} {} 0 1", records.people, records.branches));
  const auto people = static_cast<std::size_t>(records.people);
  firm->writer().ask(fmt::format("archives {} phone", records.archives / people));
  Worker asker = firm->opened(records.asker);
  const Calendar calendar(records.days);
  std::size_t written = 0;
  for (int day = 0; day < records.days; day += kDaysPerRound) {
    const int days = std::min(kDaysPerRound, records.days - day);
    const auto due =
        records.visits / people * static_cast<std::size_t>(day + days) / static_cast<std::size_t>(records.days);
    firm->writer().ask(
        fmt::format("spread {} {} {} {}", due - written, calendar.first.days + day, days, kDaysPerRound));
    written = due;
    firm->writer().ask(fmt::format("share {}", firm->port()));
    asker.ask(fmt::format("sync {}", firm->port()));
  }
  firm->close();
  return firm;
}

struct Question {
  std::string name;  // of its figures in the table
  std::string who;
  std::string what;
};

// In a fresh process, with the vault opened in it, then again in the same one.
void ask(const Run& run, Firm& firm, const Question& question) {
  const double start = now_ms();
  Worker process = firm.opened(question.who);
  const auto opened = process.ask("usage");
  const auto first = process.ask(question.what);
  run.table.add(question.name + " cold", now_ms() - start);
  const auto used = process.ask("usage");
  run.table.add(question.name + " first", first.at(0));
  run.table.add(question.name + " cpu", used.at(0) * 1000);
  run.table.add(question.name + " cpu opening", opened.at(0) * 1000);
  run.table.add(question.name + " memory", std::max(opened.at(2), used.at(2)));
  for (int i = 0; i < kAgain; ++i) run.table.add(question.name + " again", process.number(question.what));
  run.table.add(question.name + " cpu again", process.ask("usage").at(0) * 1000 / kAgain);
  run.table.add(question.name + " found", first.at(1));
}

// Rows of the month and of all cards, opened with nothing around it.
void open_bare(const Run& run, Firm& firm, const std::string& name, const std::string& who, const Calendar& calendar) {
  Worker process = firm.opened(who);
  const auto month = node::month_number(calendar.middle);
  double ms = 0;
  for (const auto& sheet : {fmt::format("rows visit {} {}", month, month), std::string("rows customer 0 0")}) {
    const auto rows = process.ask(sheet);
    ms += bare_open(static_cast<std::size_t>(rows.at(0)), static_cast<std::size_t>(rows.at(1) / rows.at(0)));
  }
  run.table.add(name + " bare", ms);
}

void ask_for_report(const Run& run, const Records& records, const std::string& name, const std::string& what,
                    const std::string& of_days, std::size_t days, int repeats) {
  const auto firm = firm_with(run, records);
  progress(records.asker + " asks");
  for (int i = 0; i < repeats; ++i) {
    open_bare(run, *firm, name, records.asker, Calendar(records.days));
    ask(run, *firm, {name, records.asker + " " + of_days, what});
  }
  // The days of a round are cut to whole visits of each person, so a day's are not exactly so many.
  const double wanted = static_cast<double>(records.visits) * static_cast<double>(days) / records.days;
  const double found = run.table.of(name + " found");
  must(found > 0.9 * wanted && found < 1.1 * wanted, "a report is not about all visits");
}

void measure_reports(const Run& run, int repeats) {
  const Sizes& s = run.sizes;
  const Calendar calendar(s.days);
  ask_for_report(run, {1, s.branch_people, s.branch_visits, s.branch_archives, s.days, "manager"}, "day",
                 fmt::format("report daily-visits date={} branch={}", format_date(calendar.middle), branch_name(0)),
                 fmt::format("{0} {0}", format_date(calendar.middle)), 1, repeats);
  ask_for_report(run, {s.branches, s.people, s.all_visits, s.all_archives, s.days, "reader"}, "month",
                 fmt::format("report visits-by-branch from={} to={}", format_date(calendar.month_first),
                             format_date(calendar.month_last)),
                 fmt::format("{} {}", format_date(calendar.month_first), format_date(calendar.month_last)),
                 static_cast<std::size_t>(calendar.month_last.days - calendar.month_first.days + 1), repeats);
}

void measure_customers(const Run& run, int repeats) {
  const Sizes& sizes = run.sizes;
  const Calendar calendar(sizes.days);
  const auto turns = std::max<std::size_t>(1, sizes.customers_visits / sizes.customers);
  for (const std::string system : kSystemsAsked) {
    Firm firm(run, fmt::format("1 1 {} 0 {}", kColleagues, system));
    firm.writer().ask(fmt::format("archives {} phone", sizes.customers));
    firm.writer().ask(fmt::format("spread {} {} {} {}", sizes.customers_visits, calendar.first.days, sizes.days,
                                  sizes.days / static_cast<int>(turns)));
    firm.writer().ask(fmt::format("share {}", firm.port()));
    firm.writer().ask("derive");
    firm.close();
    progress("today and rules " + system);
    for (int i = 0; i < repeats; ++i) {
      if (system.empty()) ask(run, firm, {"today", "seller0", "today"});
      ask(run, firm, {"rules " + system, "seller0", "rules"});
    }
  }
}

void measure_import(const Run& run) {
  Firm firm(run, fmt::format("1 1 {} 0", kColleagues));
  Worker process = firm.opened("seller0");
  process.ask(fmt::format("sync {}", firm.port()));
  process.ask(fmt::format("prepare {}", run.sizes.imported));
  process.ask("usage");
  const auto done = process.ask("import");
  must(done.at(1) == static_cast<double>(run.sizes.imported), "rows of the file were not imported");
  run.table.add("import", done.at(1) / done.at(0) * 1000);
  const auto used = process.ask("usage");
  run.table.add("import cpu", used.at(0) / done.at(1) * 1e6);
  run.table.add("import memory", used.at(2));
}

}  // namespace

void measure_querying(const Run& run, int repeats) {
  for (int i = 0; i < repeats; ++i) measure_import(run);
  measure_customers(run, repeats);
  measure_reports(run, repeats);
}

}  // namespace satchel::bench
