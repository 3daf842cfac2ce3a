// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/follow_ups.h"

#include "schema/template/field_text.h"
#include "sync/node/catalogue.h"

namespace satchel::holder {

namespace {

constexpr DomainLabel kTaskLabel{"satchel handovr"};
constexpr std::string_view kFollowUpMark = "handover_tasks";  // in meta: access changes u64 · archives looked at u32
constexpr std::size_t kTasksPerWrite = 256;

struct Owed {
  node::ArchiveNo archive = 0;
  RecordId record;
  const directory::HandoverFact* handover = nullptr;
};

class FollowUps {
 public:
  explicit FollowUps(Device& device) : device_(device), directory_(device.directory()) {}

  Result<std::size_t> run() {
    const Person* me = device_.person();
    if (me == nullptr || !me->active() || !device_.confirmed()) return 0;
    for (const auto& fact : directory_->handovers()) {
      if (fact.rule.to == me->id || fact.by.person == me->id) mine_.push_back(&fact);
    }
    if (mine_.empty()) return 0;
    SATCHEL_GET(due, anything_new());
    if (!due) return 0;
    SATCHEL_TRY(device_.derive());
    const Template* form = device_.deriver().packs().catalogue.find_template(kTaskTemplate);
    if (form == nullptr) return 0;
    SATCHEL_GET(owed, look());
    for (std::size_t at = 0; at < owed.size(); at += kTasksPerWrite) {
      const auto part = std::span(owed).subspan(at, std::min(kTasksPerWrite, owed.size() - at));
      SATCHEL_TRY(device_.write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
        for (const auto& task : part) {
          SATCHEL_GET(info, node::archive_info(txn, task.archive));
          SATCHEL_TRY(scribe.write(*info, {change(task, *form)}));
        }
        return {};
      }));
    }
    SATCHEL_TRY(device_.derive());
    if (!skipped_) SATCHEL_TRY(note_looked());
    return owed.size();
  }

 private:
  // The first archive to look at: all when rights moved, else those that came since.
  Result<node::ArchiveNo> first(const ReadTxn& txn) {
    SATCHEL_GET(known, txn.get(Table::meta, view(kFollowUpMark)));
    if (!known) return 1;
    Reader in(*known);
    const auto changes = in.u64();
    const auto looked = in.u32();
    return in.done() && changes == directory_->access_changes() ? looked + 1 : 1;
  }

  Result<bool> anything_new() {
    SATCHEL_GET(txn, device_.replica().store().begin_read());
    SATCHEL_GET(from, first(*txn));
    SATCHEL_GET(archives, node::archive_count(*txn));
    return from <= archives;
  }

  Result<std::vector<Owed>> look() {
    std::vector<Owed> out;
    SATCHEL_GET(txn, device_.replica().store().begin_read());
    SATCHEL_GET(from, first(*txn));
    SATCHEL_GET(archives, node::archive_count(*txn));
    looked_ = archives;
    for (node::ArchiveNo no = from; no <= archives; ++no) {
      SATCHEL_GET(info, node::archive_info(*txn, no));
      if (info && directory_->is_destroyed(info->id)) continue;
      if (info && info->kind == ArchiveKind::customer) SATCHEL_TRY(look_at(*txn, *info, out));
      skipped_ = skipped_ || !info || !info->opened;
    }
    return out;
  }

  Result<void> look_at(const ReadTxn& txn, const node::StoredArchive& info, std::vector<Owed>& out) {
    const auto access = node::access_of(info);
    for (const auto* handover : mine_) {
      if (!directory_->turned_at(access, handover->said.at)) continue;
      // Whoever has it by now was told of by a later one.
      const auto owners = directory_->owners(access);
      if (std::ranges::find(owners, handover->rule.to) == owners.end()) continue;
      if (directory_->right(device_.identity().id, access) != WriteRight::now) continue;
      const RecordId record = handover_task(handover->said.statement, info.id);
      SATCHEL_GET(there, node::record_index(txn, info.no, record));
      if (there) continue;
      SATCHEL_GET(open, device_.keyring().has_key(txn, *directory_, info));
      if (open) out.push_back({info.no, record, handover});
      skipped_ = skipped_ || !open;
    }
    return {};
  }

  // In both languages, because every device must write the same, whoever reads it.
  RecordChange change(const Owed& task, const Template& form) const {
    const auto name = [&](const PersonId& id) {
      const Person* person = directory_->person(id);
      return person != nullptr ? person->name : id.hex().substr(0, 8);
    };
    const std::string who = name(task.handover->rule.from) + " → " + name(task.handover->rule.to);
    RecordChange out{task.record, form.id, static_cast<std::uint32_t>(form.version), {}};
    out.ops.push_back({"text", "通知客户换人 Notify the customer of the new contact: " + who, {}});
    out.ops.push_back({"kind", std::string(kNotifyCustomer), {}});
    out.ops.push_back({"assignee", Ref{task.handover->rule.to.bytes}, {}});
    const Date today = date_of(device_.clock().wall(), kChinaZoneMinutes);
    out.ops.push_back({"due", Date{today.days + kNotifyWithinDays}, {}});
    return out;
  }

  Result<void> note_looked() {
    return device_.replica().write([&](WriteTxn& txn, node::Effects&) {
      return txn.put(Table::meta, view(kFollowUpMark), Writer().u64(directory_->access_changes()).u32(looked_).bytes());
    });
  }

  Device& device_;
  std::shared_ptr<const Directory> directory_;
  std::vector<const directory::HandoverFact*> mine_;
  node::ArchiveNo looked_ = 0;
  bool skipped_ = false;
};

}  // namespace

RecordId handover_task(const Digest& handover, const ArchiveId& archive) {
  const Digest name = hash(kTaskLabel, Writer().raw(handover.view()).raw(archive.view()).bytes());
  return RecordId::of(name.view().first(RecordId::size));
}

Result<std::size_t> make_handover_tasks(Device& device) { return FollowUps(device).run(); }

}  // namespace satchel::holder
