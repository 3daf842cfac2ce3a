// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/duties.h"

#include <algorithm>
#include <map>
#include <set>

#include "sync/directory/kinds.h"
#include "sync/directory/ordering.h"
#include "sync/node/directory_log.h"

namespace satchel::holder {

namespace {

constexpr DomainLabel kSampleLabel{"satchel sample"};  // permanent: samples are repeated years later

bool contains(const auto& range, const auto& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

bool holds(const Value* value, const PersonId& person) {
  if (value == nullptr) return false;
  const auto* ref = std::get_if<Ref>(value);
  if (ref != nullptr) return ref->id == person.bytes;
  const auto* list = std::get_if<std::vector<std::string>>(value);
  return list != nullptr && contains(*list, person.hex());
}

}  // namespace

bool Addressees::is_one(const PersonId& id, const Actor& actor, const Addressed& of) {
  const auto directory = book_.directory();
  const Person* person = directory->person(id);
  if (person == nullptr || !person->active()) return false;
  const auto manages = [&](const BranchId& branch) {
    return person->role() == Role::branch_manager && !branch.none() && person->branch() == branch;
  };
  // Those of other branches have no part in a branch's matters.
  const bool elsewhere = !of.branch.none() && !person->branch().none() && person->branch() != of.branch;
  switch (actor.kind) {
    case ActorKind::author:
      return id == of.author;
    case ActorKind::owner:
      return !of.archive.none() && contains(rows_.owners(of.archive), id);
    case ActorKind::manager:
      return manages(of.branch);
    case ActorKind::field:
      return of.named && of.named(actor.name, id);
    case ActorKind::role:
      return role_name(person->role()) == actor.name && !elsewhere;
    case ActorKind::function:
      return contains(person->functions, actor.name) && !elsewhere;
    case ActorKind::anyone:
      return true;
    case ActorKind::author_manager: {
      const Person* author = directory->person(of.author);
      return author != nullptr && id != of.author && manages(author->branch());
    }
  }
  return false;
}

bool Addressees::is_one(const PersonId& person, std::span<const Actor> actors, const Addressed& of) {
  // What is a person's own matter is his alone, whoever else the rule is for.
  if (!of.subject.none()) return person == of.subject;
  return std::ranges::any_of(actors, [&](const Actor& actor) { return is_one(person, actor, of); });
}

std::vector<PersonId> Addressees::all(std::span<const Actor> actors, const Addressed& of) {
  std::vector<PersonId> out;
  for (const auto& [id, person] : book_.directory()->people())
    if (is_one(id, actors, of)) out.push_back(id);
  std::ranges::sort(out, {}, [&](const PersonId& id) { return book_.person_name(id); });
  return out;
}

// ---- workflows ----

namespace {

// The fields by which it is worked out whose matter a record is: people named there, and what steps are for.
std::set<std::string> asked_of(const Workflow& workflow) {
  std::set<std::string> fields;
  const auto add = [&](std::span<const Actor> actors) {
    for (const auto& actor : actors)
      if (actor.kind == ActorKind::field) fields.insert(actor.name);
  };
  const auto add_tested = [&](const When& when) {
    for (const auto& test : when.all) fields.insert(test.field);
  };
  for (const auto& state : workflow.states) {
    for (const auto& one : state.limits) add_tested(one.when);
    add(state.due_for);
    add(state.copies);
    for (const auto& escalation : state.escalations) add(escalation.to);
  }
  for (const auto& step : workflow.steps) {
    add(step.by);
    add_tested(step.when);
  }
  return fields;
}

class Duties {
 public:
  Duties(Book& book, BookRows& rows, const DutyFilter& filter)
      : book_(book),
        rows_(rows),
        filter_(filter),
        addressees_(book, rows),
        stands_for_(principals(*book.directory(), book.me())),
        now_(filter.now.value_or(book.device().clock().wall())) {}

  Result<std::vector<Duty>> list() {
    for (const auto* workflow : book_.catalogue().workflows()) {
      if (!filter_.form.empty() && workflow->source != filter_.form) continue;
      SATCHEL_TRY(look_at(*workflow));
    }
    std::ranges::stable_sort(out_, [](const Duty& a, const Duty& b) {
      return std::tuple(!a.due, a.due.value_or(WallTime{}), a.since) <
             std::tuple(!b.due, b.due.value_or(WallTime{}), b.since);
    });
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kOwnColumns = 4;

  Result<void> look_at(const Workflow& workflow) {
    fields_ = {std::string(kStateColumn), std::string(kSinceColumn), std::string(kDueColumn),
               std::string(kCopiesColumn)};
    for (const auto& field : asked_of(workflow)) fields_.push_back(field);
    return rows_.source(workflow.source)(fields_, [&](const ReportRow& row) {
      if (row.standing == RowStanding::in_force) take(workflow, row);
    });
  }

  void take(const Workflow& workflow, const ReportRow& row) {
    const auto* id = row.fields[0] != nullptr ? std::get_if<std::string>(row.fields[0]) : nullptr;
    const auto* state = id != nullptr ? workflow.state(*id) : nullptr;
    if (state == nullptr) return;
    Duty duty{row.archive, row.record, &workflow, state, row.author};
    if (const auto* since = row.fields[1] ? std::get_if<WallTime>(row.fields[1]) : nullptr) duty.since = *since;
    if (const auto* due = row.fields[2] ? std::get_if<WallTime>(row.fields[2]) : nullptr) duty.due = *due;
    duty.overdue = duty.due && *duty.due < now_;
    const auto field = [&](const std::string& wanted) -> const Value* {
      const auto at = std::find(fields_.begin() + kOwnColumns, fields_.end(), wanted) - fields_.begin();
      return static_cast<std::size_t>(at) < fields_.size() ? row.fields[static_cast<std::size_t>(at)] : nullptr;
    };
    const Addressed of{row.archive, row.author, {}, row.branch, [&](const std::string& name, const PersonId& person) {
                         return holds(field(name), person);
                       }};
    const auto add_tested = [&](const When& when, FieldMap& record) {
      for (const auto& test : when.all)
        if (const Value* value = field(test.field)) record.emplace(test.field, *value);
    };
    FieldMap record;
    for (const auto& one : state->limits) add_tested(one.when, record);
    duty.limit = limit_of(*state, record);
    const auto fits = [&](const WorkflowStep& step) {
      FieldMap tested;
      add_tested(step.when, tested);
      return applies(step.when, tested);
    };
    const bool open = !state->final;
    if (filter_.everybody && open) return out_.push_back(duty);
    for (const auto& who : stands_for_) {
      const bool wanted = open && is_for(workflow, *state, who, of, fits);
      duty.escalated = !wanted && open && escalated(*state, duty, who, of);
      duty.copy = !wanted && !duty.escalated && has_copy(row.fields[3], who, of);
      if (!wanted && !duty.escalated && !duty.copy) continue;
      if (who != book_.me()) duty.in_place_of = who;
      return out_.push_back(duty);
    }
  }

  // Those the state names; where it names none, those who may take a step from it.
  bool is_for(const Workflow& workflow, const WorkflowState& state, const PersonId& who, const Addressed& of,
              const auto& fits) {
    if (!state.due_for.empty()) return addressees_.is_one(who, state.due_for, of);
    return std::ranges::any_of(workflow.steps, [&](const WorkflowStep& step) {
      return contains(step.from, state.id) && fits(step) && addressees_.is_one(who, step.by, of);
    });
  }

  bool escalated(const WorkflowState& state, const Duty& duty, const PersonId& who, const Addressed& of) {
    if (!duty.overdue) return false;
    const auto& calendar = book_.catalogue().calendar(duty.workflow->calendar);
    return std::ranges::any_of(state.escalations, [&](const Escalation& e) {
      return due_after(*duty.due, e.after, calendar, kChinaZoneMinutes).at <= now_ && addressees_.is_one(who, e.to, of);
    });
  }

  bool has_copy(const Value* outstanding, const PersonId& who, const Addressed& of) {
    const auto* actors = outstanding != nullptr ? std::get_if<std::vector<std::string>>(outstanding) : nullptr;
    return actors != nullptr && std::ranges::any_of(*actors, [&](const std::string& text) {
             const auto actor = parse_actor(text);
             return actor && addressees_.is_one(who, *actor, of);
           });
  }

  // Whoever asks, then those he stands in for.
  static std::vector<PersonId> principals(const Directory& directory, const PersonId& me) {
    std::vector<PersonId> out{me};
    for (const auto& [id, person] : directory.people())
      if (id != me && contains(person.deputies, me)) out.push_back(id);
    return out;
  }

  Book& book_;
  BookRows& rows_;
  const DutyFilter& filter_;
  Addressees addressees_;
  std::vector<PersonId> stands_for_;
  WallTime now_;
  std::vector<std::string> fields_;
  std::vector<Duty> out_;
};

}  // namespace

Result<std::vector<Duty>> list_duties(Book& book, const DutyFilter& filter) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(rows, BookRows::of(book));
  return Duties(book, *rows, filter).list();
}

// ---- rules ----

namespace {

// Since when a person is what he is, by the hub's time of the statement that made him so.
class Starts {
 public:
  explicit Starts(const ReadTxn& txn) : txn_(txn) {}
  std::optional<Date> of(const Person& person) {
    const auto [at, fresh] = known_.try_emplace(person.id);
    if (!fresh) return at->second;
    const auto record = node::record_at(txn_, person.now().since.at);
    const auto ordered = record ? decode_ordered(record->ordered) : std::unexpected(record.error());
    if (ordered) at->second = date_of(ordered->hub_time, kChinaZoneMinutes);
    return at->second;
  }

 private:
  const ReadTxn& txn_;
  std::map<PersonId, std::optional<Date>> known_;
};

std::vector<RuleContext::Subject> people_of(const Directory& directory, const Actor& actor, Starts& starts) {
  std::vector<RuleContext::Subject> out;
  for (const auto& [id, person] : directory.people()) {
    if (!person.active()) continue;
    const bool fits = actor.kind == ActorKind::anyone ||
                      (actor.kind == ActorKind::role && role_name(person.role()) == actor.name) ||
                      (actor.kind == ActorKind::function && contains(person.functions, actor.name));
    if (fits) out.push_back({id, person.branch(), starts.of(person)});
  }
  return out;
}

Addressed addressed(const RuleFinding& f) {
  return {f.archive, f.author, f.subject, f.branch,
          [&f](const std::string&, const PersonId& person) { return contains(f.named, person); }};
}

Result<std::vector<Finding>> find_all(Book& book, const FindingFilter& filter) {
  SATCHEL_TRY(book.refresh());
  const auto& catalogue = book.catalogue();
  std::vector<const Rule*> rules = catalogue.rules();
  if (!filter.rule.empty()) {
    const Rule* one = catalogue.find_rule(filter.rule);
    std::string known;
    for (const auto* rule : rules) known += (known.empty() ? "" : ", ") + rule->id;
    if (one == nullptr) return fail(ErrorKind::not_found, "rule.unknown", filter.rule + " (" + known + ")");
    rules = {one};
  }
  SATCHEL_GET(rows, BookRows::of(book));
  const WallTime clock = book.device().clock().wall();
  const WallTime now = filter.on ? end_of_day(*filter.on, kChinaZoneMinutes) : clock;
  const auto directory = book.directory();
  RuleContext context;
  SATCHEL_GET(of_rows, rows->context(now));
  context.report = std::move(of_rows);
  context.rows = [&](const std::string& template_id) { return rows->source(template_id); };
  SATCHEL_GET(reading, book.read());
  Starts starts(reading->txn());
  context.people = [&](const Actor& actor) { return people_of(*directory, actor, starts); };
  const auto org = directory->org();
  context.digest = [org](std::string_view text) { return hash(kSampleLabel, {org.view(), view(text)}).hex(); };
  SATCHEL_GET(closed, book.closed());
  const auto is_over = [&](const Rule& rule, const ArchiveId& archive) {
    using enum RuleKind;
    const bool of_its_time =
        rule.kind == due || rule.kind == schedule || rule.kind == complete || rule.kind == watch || rule.kind == quota;
    return of_its_time && !rule.in_closed && closed->contains(archive);
  };
  Addressees addressees(book, *rows);
  std::vector<Finding> out;
  for (const auto* rule : rules) {
    SATCHEL_GET(found, run_rule(catalogue, *rule, context));
    for (auto& one : found) {
      if (is_over(*rule, one.archive)) continue;
      auto of = addressed(one);
      // About one person and for others: they are found from him.
      if (!rule->about.empty()) {
        of.author = one.subject;
        of.subject = {};
      }
      Addressed others = of;
      others.subject = {};
      others.author = one.subject.none() ? one.author : one.subject;
      const bool mine =
          addressees.is_one(book.me(), rule->for_whom, of) || addressees.is_one(book.me(), rule->tell, others);
      if (!mine && !filter.everybody) continue;
      Finding finding{one, addressees.all(rule->for_whom, of), mine, 0};
      const WallTime from = filter.now.value_or(now);
      if (one.due && *one.due < from)
        finding.overdue_days = date_of(from, kChinaZoneMinutes).days - date_of(*one.due, kChinaZoneMinutes).days;
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Finding>> list_findings(Book& book, const FindingFilter& filter) {
  return look_up(book, [&] { return find_all(book, filter); });
}

}  // namespace satchel::holder
