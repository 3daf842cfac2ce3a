// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/destruction.h"

#include "client/field/held.h"
#include "client/field/today.h"
#include "sync/holder/attention.h"
#include "sync/node/batches.h"

namespace satchel::field {

namespace {

constexpr std::pair<DestroyReason, std::string_view> kReasonNames[] = {
    {DestroyReason::retention_over, "retention_over"},
    {DestroyReason::person_asked, "person_asked"},
    {DestroyReason::authority, "authority"},
    {DestroyReason::mistake, "mistake"}};
constexpr int kEveryPlanDays = 36'600;
constexpr std::size_t kProposalDigitsMin = 4;

std::uint16_t bit(Obstacle what) { return static_cast<std::uint16_t>(what); }

Retention default_retention(const Directory& directory) {
  const auto said = directory.policy(std::string(kPolicyRetention));
  // A policy nobody can read must not let anything go earlier.
  return parse_retention(said && !said->empty() ? std::string_view(*said) : kRetentionDefault)
      .value_or(Retention{0, true});
}

// What is open anywhere, gathered once for all archives that are looked at.
struct Business {
  std::vector<TaskRow> tasks;
  std::vector<DueVisit> plans;
  std::vector<holder::Contested> contested;
  std::vector<HeldEntry> held;
};

Result<Business> business_of(Book& book) {
  Business out;
  SATCHEL_GET(tasks, list_tasks(book, {.everybody = true}));
  out.tasks = std::move(tasks);
  SATCHEL_GET(due, today(book, {std::nullopt, kEveryPlanDays, true}));
  out.plans = std::move(due.due);
  SATCHEL_GET(attention, holder::attention_of(book.device()));
  out.contested = std::move(attention.contested);
  SATCHEL_GET(held, list_held(book));
  out.held = std::move(held);
  return out;
}

class Examiner {
 public:
  Examiner(Book& book, const Business& business) : book_(book), business_(business), directory_(book.directory()) {}

  Result<Examined> run(const ArchiveId& archive) {
    Examined out{archive, {archive, {}, {}, {}, false}, {}};
    SATCHEL_GET(customer, book_.part_of(archive));
    if (customer) out.customer = std::move(*customer);
    if (directory_->is_destroyed(archive)) return out;
    SATCHEL_GET(reading, book_.read());
    SATCHEL_GET(no, node::find_archive(reading->txn(), archive));
    if (!no) return unread(out);
    SATCHEL_GET(info, node::archive_info(reading->txn(), *no));
    SATCHEL_GET(open, book_.device().keyring().has_key(reading->txn(), *directory_, *info));
    if (!open) return unread(out);
    SATCHEL_TRY(look_at_retention(*reading, *info, out));
    look_at_business(out);
    SATCHEL_TRY(look_at_unsent(reading->txn(), *info, out));
    look_at_grants(*info, out);
    return out;
  }

 private:
  static Examined unread(Examined& out) {
    out.found.push_back({Obstacle::unreadable, 1, {}, {}});
    return std::move(out);
  }

  // The longest of what its records ask for, each counted from its own last entry.
  Result<void> look_at_retention(holder::Reading& reading, const node::StoredArchive& info, Examined& out) {
    SATCHEL_GET(records, book_.records_of(reading.txn(), info.id));
    const Retention usual = default_retention(*directory_);
    Found found{Obstacle::retention, 0, {}, {}};
    bool long_term = false;
    Date until{std::numeric_limits<std::int32_t>::min()};
    const Date now = date_of(book_.device().clock().wall(), kChinaZoneMinutes);
    for (const auto& place : records) {
      SATCHEL_GET(loaded, reading.load(place));
      const Template* form = loaded.state.empty() ? nullptr : book_.catalogue().find_template(loaded.state.type());
      const Retention kept = form != nullptr && form->retention ? *form->retention : usual;
      const auto last = last_entry(reading, place);
      const Date end{last.days + kept.days};
      if (!kept.long_term && end < now) continue;
      ++found.count;
      if (long_term || (!kept.long_term && end <= until)) continue;
      long_term = kept.long_term;
      until = end;
      found.example = form != nullptr ? form->label.in(book_.lang()) : loaded.state.type();
    }
    if (!long_term) found.until = until;
    if (found.count > 0) out.found.push_back(std::move(found));
    return {};
  }

  Date last_entry(holder::Reading& reading, const RecordPlace& place) {
    Date last{std::numeric_limits<std::int32_t>::min()};
    for (const auto ordinal : place.index.ordinals) {
      const auto opened = reading.reader().open(place.info, ordinal);
      if (opened) last = std::max(last, date_of(opened->source.claimed, kChinaZoneMinutes));
    }
    return last;
  }

  template <class Items, class Archive, class Text>
  static void count(Obstacle what, const Items& items, const Archive& is_there, const Text& text, Examined& out) {
    Found found{what, 0, {}, {}};
    for (const auto& item : items) {
      if (!is_there(item)) continue;
      if (found.count++ == 0) found.example = text(item);
    }
    if (found.count > 0) out.found.push_back(std::move(found));
  }

  void look_at_business(Examined& out) {
    const auto here = [&](const auto& item) { return item.archive == out.archive; };
    count(Obstacle::tasks, business_.tasks, here, [](const TaskRow& t) { return t.text; }, out);
    count(
        Obstacle::plans, business_.plans, [&](const DueVisit& v) { return v.customer.archive == out.archive; },
        [](const DueVisit& v) { return format_date(v.due); }, out);
    count(
        Obstacle::conflicts, business_.contested, here,
        [](const holder::Contested& c) { return c.type + " " + c.fields.front(); }, out);
    count(
        Obstacle::held, business_.held, here, [&](const HeldEntry& e) { return book_.person_name(e.event.person); },
        out);
  }

  Result<void> look_at_unsent(const ReadTxn& txn, const node::StoredArchive& info, Examined& out) {
    const ChainId self = book_.device().replica().self().chain();
    SATCHEL_GET(node, node::find_node(txn, self.node));
    if (!node) return {};
    SATCHEL_GET(head, node::head_of(txn, info.no, *node, self));
    if (!head) return {};
    Found found{Obstacle::unsent, 0, {}, {}};
    SATCHEL_GET(ordinals, node::chain_after(txn, *head, 0));
    for (auto at = ordinals.rbegin(); at != ordinals.rend(); ++at) {
      SATCHEL_GET(run, node::run_of(txn, *at));
      if (run) {
        SATCHEL_GET(stamps, node::stamps_of(txn, run->batch));
        if (!stamps.empty()) break;
      }
      ++found.count;
    }
    if (found.count > 0) out.found.push_back(std::move(found));
    return {};
  }

  void look_at_grants(const node::StoredArchive& info, Examined& out) {
    const auto grants = directory_->grants(node::access_of(info));
    const WallTime now = book_.device().clock().wall();
    count(
        Obstacle::grants, grants, [&](const ArchiveGrant& g) { return g.expiry.ms == 0 || g.expiry > now; },
        [&](const ArchiveGrant& g) {
          const Audience* to = directory_->audience(g.audience);
          return to != nullptr && to->kind == AudienceKind::person ? book_.person_name(to->person) : g.audience.hex();
        },
        out);
  }

  Book& book_;
  const Business& business_;
  std::shared_ptr<const Directory> directory_;
};

payload::DestroyProposed proposal_of(const ProposedArchives& plan, DestroyReason reason) {
  payload::DestroyProposed out;
  for (const auto& one : plan.archives) out.archives.push_back(one.archive);
  std::ranges::sort(out.archives);
  out.reason = reason;
  out.overridden = plan.overridden;
  return out;
}

Result<Said> refused_for(const Book& book, const std::vector<Examined>& against) {
  std::vector<std::string> names;
  for (const auto& one : against) names.push_back(one.customer.name);
  return fail(ErrorKind::conflict, "destroy.open-business", join_list(names, book.lang()));
}

}  // namespace

std::uint16_t overrides_of(DestroyReason reason) {
  constexpr std::uint16_t kAll = 0xffff;
  switch (reason) {
    case DestroyReason::person_asked:
    case DestroyReason::authority:
      return kAll;
    case DestroyReason::mistake:
      return bit(Obstacle::retention);
    case DestroyReason::retention_over:
    case DestroyReason::none:
      break;
  }
  return 0;
}

std::string_view name_of(DestroyReason reason) {
  for (const auto& [known, name] : kReasonNames) {
    if (known == reason) return name;
  }
  return "none";
}

std::optional<DestroyReason> destroy_reason(std::string_view name) {
  for (const auto& [known, word] : kReasonNames) {
    if (word == name) return known;
  }
  return std::nullopt;
}

Result<std::vector<Examined>> examine(Book& book, const std::vector<ArchiveId>& archives) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(business, business_of(book));
  Examiner examiner(book, business);
  std::vector<Examined> out;
  for (const auto& archive : archives) {
    SATCHEL_GET(one, examiner.run(archive));
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Examined> standing_against(const std::vector<Examined>& all, DestroyReason reason) {
  const auto passed = overrides_of(reason);
  std::vector<Examined> out;
  for (Examined one : all) {
    std::erase_if(one.found, [&](const Found& f) { return (passed & bit(f.what)) != 0; });
    if (!one.found.empty()) out.push_back(std::move(one));
  }
  return out;
}

std::uint16_t passed_over(const std::vector<Examined>& all, DestroyReason reason) {
  std::uint16_t bits = 0;
  for (const auto& one : all) {
    for (const auto& found : one.found) bits |= bit(found.what);
  }
  return bits & overrides_of(reason);
}

Result<ProposedArchives> plan_destruction(Book& book, const std::vector<std::string>& names, DestroyReason reason) {
  SATCHEL_TRY(book.refresh());
  std::vector<ArchiveId> archives;
  for (const auto& name : names) {
    // Exactly what was named: an archive that is shown within another is not that other.
    SATCHEL_GET(customer, book.find_part(name));
    if (std::ranges::find(archives, customer.archive) == archives.end()) archives.push_back(customer.archive);
  }
  ProposedArchives out;
  SATCHEL_GET(all, examine(book, archives));
  out.archives = std::move(all);
  out.against = standing_against(out.archives, reason);
  out.overridden = passed_over(out.archives, reason);
  // Before it is shown as if it could be.
  SATCHEL_TRY(try_to_say(book.device(), proposal_of(out, reason)));
  return out;
}

Result<Said> propose_destruction(Book& book, const ProposedArchives& plan, DestroyReason reason) {
  if (!plan.against.empty()) return refused_for(book, plan.against);
  return say(book.device(), proposal_of(plan, reason));
}

Result<ListedProposals> list_proposals(Book& book) {
  SATCHEL_TRY(book.refresh());
  ListedProposals out;
  out.directory = book.directory();
  const Person* me = out.directory->person(book.me());
  const bool signs = me != nullptr && (me->role() == Role::general_manager ||
                                       (me->role() == Role::archive_administrator && me->branch().none()));
  for (const auto& [id, proposal] : out.directory->proposals()) {
    ListedProposal listed{id, proposal, {}, proposal.by == book.me(), signs, nullptr};
    if (proposal.carried_out) {
      listed.destroyed = out.directory->destroyed(proposal.archives.front());
      for (const auto& archive : proposal.archives)
        listed.archives.push_back({archive, {archive, {}, {}, {}, false}, {}});
    } else {
      SATCHEL_GET(examined, examine(book, proposal.archives));
      listed.archives = std::move(examined);
    }
    out.list.push_back(std::move(listed));
  }
  std::ranges::sort(out.list, [](const ListedProposal& a, const ListedProposal& b) {
    const auto key = [](const ListedProposal& p) {
      return std::pair(p.proposal.carried_out.has_value(), p.proposal.said.at);
    };
    return key(a) < key(b);
  });
  return out;
}

Result<ListedProposal> find_proposal(const ListedProposals& all, std::string_view id) {
  const ListedProposal* found = nullptr;
  for (const auto& one : all.list) {
    if (id.size() < kProposalDigitsMin || !one.id.hex().starts_with(id)) continue;
    if (found != nullptr) return fail(ErrorKind::conflict, "record.ambiguous", std::string(id));
    found = &one;
  }
  if (found == nullptr) return fail(ErrorKind::not_found, "destroy.no-proposal", std::string(id));
  return *found;
}

Result<void> may_countersign(Book& book, const ListedProposal& proposal) {
  if (proposal.own) return fail(ErrorKind::permission, "directory.two-persons", holder::short_id(proposal.id));
  SATCHEL_TRY(try_to_say(book.device(), payload::Destroy{proposal.id}));
  return {};
}

Result<Said> countersign(Book& book, const ListedProposal& proposal) {
  SATCHEL_TRY(may_countersign(book, proposal));
  const auto against = standing_against(proposal.archives, proposal.proposal.reason);
  if (!against.empty()) return refused_for(book, against);
  return say(book.device(), payload::Destroy{proposal.id});
}

}  // namespace satchel::field
