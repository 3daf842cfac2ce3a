// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/desk.h"

#include "sync/holder/book.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"

namespace satchel::bench {

namespace {

constexpr std::size_t kOpenedPerCommit = 500;
constexpr std::size_t kWrittenPerCommit = 1000;

}  // namespace

void Desk::open_archives(std::size_t count, bool with_phone) {
  const Person* me = device_.person();
  must(me != nullptr, "the device has no person yet");
  const PersonId person = me->id;
  const BranchId branch = me->branch();
  for (std::size_t done = 0; done < count;) {
    const std::size_t end = std::min(count, done + kOpenedPerCommit);
    need(device_.write([&](WriteTxn&, node::Scribe& scribe) -> Result<void> {
      for (; done < end; ++done) {
        SATCHEL_GET(info,
                    scribe.open_archive({ArchiveKind::customer, branch, {person}}, {workload_.customer(with_phone)}));
        archives_.push_back(info);
      }
      return {};
    }));
  }
}

void Desk::put(std::vector<RecordChange>& visits, std::size_t first, std::size_t count, std::size_t run,
               bool compress) {
  need(device_.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), device_.identity(), device_.keyring(), device_.entropy(),
                        {device_.clock().wall(), device_.clock().mono(), compress});
    for (std::size_t i = first; i < first + count; ++i) {
      const auto& archive = archives_[(written_ + i) / run % archives_.size()];
      std::vector<RecordChange> one;
      one.push_back(std::move(visits[i]));
      SATCHEL_TRY(scribe.write(archive, std::move(one)));
    }
    return scribe.finish();
  }));
}

Desk::Wrote Desk::write(std::size_t visits, std::size_t run, std::size_t batch, bool compress) {
  auto work = workload_.visits(visits);
  Wrote out;
  for (const auto& visit : work) out.payload += payload_bytes(visit);
  const double start = now_ms();
  for (std::size_t at = 0; at < visits; at += batch) put(work, at, std::min(batch, visits - at), run, compress);
  out.seconds = (now_ms() - start) / 1000;
  written_ += visits;
  return out;
}

void Desk::write_over(std::size_t visits, const Workload::Stretch& days) {
  auto work = workload_.visits(visits, days);
  for (std::size_t at = 0; at < visits; at += kWrittenPerCommit)
    put(work, at, std::min(kWrittenPerCommit, visits - at), 1, true);
  written_ += visits;
}

Desk::Saves Desk::save_one_by_one(std::size_t visits, bool look) {
  auto work = workload_.visits(visits);
  Saves out;
  holder::Book book(device_);
  if (look) {
    need(book.refresh());
    need(book.sheet(holder::kVisitTemplate, workload_month(), workload_month()));
  }
  for (std::size_t i = 0; i < visits; ++i) {
    const RecordId record = work[i].record;
    const double start = now_ms();
    put(work, i, 1, 1, true);
    out.saved.push_back(now_ms() - start);
    if (!look) continue;
    need(book.refresh());
    const auto* sheet = need(book.sheet(holder::kVisitTemplate, workload_month(), workload_month()));
    must(sheet->table.find(record).has_value(), "a saved visit is not in the list");
    out.visible.push_back(now_ms() - start);
  }
  written_ += visits;
  return out;
}

std::size_t Desk::derive(double& seconds) {
  const double start = now_ms();
  const std::size_t applied = need(device_.deriver().apply());
  seconds = (now_ms() - start) / 1000;
  return applied;
}

std::size_t Desk::listed() { return need(device_.deriver().load_sheet(holder::kVisitTemplate)).size(); }

}  // namespace satchel::bench
