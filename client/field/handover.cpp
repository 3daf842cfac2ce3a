// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/handover.h"

#include <set>

#include "sync/holder/exchange.h"
#include "sync/node/batches.h"

namespace satchel::field {

namespace {

constexpr int kAllPlansDays = 36'600;

struct Customers {
  std::vector<node::StoredArchive> of_from;
  std::size_t from_owns = 0;
  std::size_t to_owns = 0;
};

Result<Customers> customers_of(const ReadTxn& txn, const Directory& directory, const PersonId& from,
                               const PersonId& to) {
  Customers out;
  SATCHEL_GET(archives, node::archive_count(txn));
  for (node::ArchiveNo no = 1; no <= archives; ++no) {
    SATCHEL_GET(info, node::archive_info(txn, no));
    if (!info || !info->opened || info->kind != ArchiveKind::customer || directory.is_destroyed(info->id)) continue;
    const auto owners = directory.owners(node::access_of(*info));
    out.to_owns += std::ranges::find(owners, to) != owners.end();
    if (std::ranges::find(owners, from) == owners.end()) continue;
    ++out.from_owns;
    out.of_from.push_back(std::move(*info));
  }
  return out;
}

Result<std::vector<DeviceNews>> devices_of(const ReadTxn& txn, const Directory& directory, const PersonId& from) {
  std::vector<DeviceNews> out;
  for (const KnownNode* node : directory.nodes_of(from)) {
    SATCHEL_GET(news, news_of(txn, directory, node->id));
    out.push_back(std::move(news));
  }
  return out;
}

Result<void> fill(Book& book, const Customers& customers, const std::set<ArchiveId>& only, HandoverPlan& plan) {
  const auto directory = book.directory();
  for (const auto& info : customers.of_from) {
    if (!only.empty() && !only.contains(info.id)) continue;
    const auto access = node::access_of(info);
    HandedArchive handed{info.id, {info.id, {}, {}, {}, false}};
    SATCHEL_GET(customer, book.part_of(info.id));  // by its own name, also where it is shown within another
    if (customer) handed.customer = std::move(*customer);
    handed.reached = directory->may_direct(book.me(), access);
    for (const auto& owner : directory->owners(access)) {
      if (owner != plan.from) handed.others.push_back(owner);
    }
    plan.archives.push_back(std::move(handed));
  }
  if (plan.archives.size() < only.size()) return fail(ErrorKind::usage, "handover.not-theirs");
  std::ranges::sort(plan.archives, {}, [](const HandedArchive& a) { return a.customer.name; });
  return {};
}

// Of a customer whose archives are shown as one, those the leaver owns; the customer's own when it is none of them.
Result<std::vector<ArchiveId>> parts_owned(Book& book, const ArchiveId& customer, const PersonId& owner) {
  std::vector<ArchiveId> out;
  SATCHEL_GET(parts, book.parts_of(customer));
  SATCHEL_GET(reading, book.read());
  for (const auto& part : parts) {
    SATCHEL_GET(info, book.archive(reading->txn(), part));
    const auto owners = book.owners(info);
    if (std::ranges::find(owners, owner) != owners.end()) out.push_back(part);
  }
  if (out.empty()) out.push_back(customer);
  return out;
}

Result<void> find_open(Book& book, HandoverPlan& plan) {
  std::set<ArchiveId> here;
  for (const auto& handed : plan.archives) here.insert(handed.archive);
  SATCHEL_GET(tasks, list_tasks(book, {.everybody = true}));
  for (auto& task : tasks) {
    if (here.contains(task.archive)) plan.tasks.push_back(std::move(task));
  }
  SATCHEL_GET(due, today(book, {std::nullopt, kAllPlansDays, true}));
  for (auto& visit : due.due) {
    if (here.contains(visit.customer.archive)) plan.plans.push_back(std::move(visit));
  }
  return {};
}

}  // namespace

std::size_t HandoverPlan::unreached() const {
  return static_cast<std::size_t>(std::ranges::count(archives, false, &HandedArchive::reached));
}

Result<HandoverPlan> plan_handover(Book& book, const HandoverWish& wish) {
  SATCHEL_TRY(book.refresh());
  const auto directory = book.directory();
  SATCHEL_GET(from, book.find_person(wish.from));
  SATCHEL_GET(to, book.find_person(wish.to));
  if (!directory->person(to)->active()) return fail(ErrorKind::usage, "handover.successor-left", wish.to);
  if (from == to) return fail(ErrorKind::usage, "handover.same", wish.to);
  HandoverPlan plan{from, to};
  std::set<ArchiveId> only;
  for (const auto& name : wish.only) {
    SATCHEL_GET(customer, book.find_customer(name));
    SATCHEL_GET(theirs, parts_owned(book, customer.archive, from));
    only.insert(theirs.begin(), theirs.end());
  }
  const auto nodes = directory->nodes_of(to);
  plan.successor_ready =
      std::ranges::any_of(nodes, [](const KnownNode* n) { return n->state() == NodeState::confirmed; });
  {
    SATCHEL_GET(reading, book.read());
    SATCHEL_GET(customers, customers_of(reading->txn(), *directory, from, to));
    plan.from_owns = customers.from_owns;
    plan.to_owns = customers.to_owns;
    SATCHEL_GET(devices, devices_of(reading->txn(), *directory, from));
    plan.devices = std::move(devices);
    SATCHEL_TRY(fill(book, customers, only, plan));
  }
  SATCHEL_TRY(find_open(book, plan));
  return plan;
}

namespace {

payload::Handover rule_of(const HandoverWish& wish, const HandoverPlan& plan) {
  payload::Handover rule{plan.from, plan.to, {}};
  if (!wish.only.empty()) {
    for (const auto& handed : plan.archives) rule.only.push_back(handed.archive);
    std::ranges::sort(rule.only);
  }
  return rule;
}

}  // namespace

Result<void> may_hand_over(Book& book, const HandoverWish& wish, const HandoverPlan& plan) {
  SATCHEL_TRY(try_to_say(book.device(), rule_of(wish, plan)));
  return {};
}

Result<HandedOver> hand_over(Book& book, const HandoverWish& wish, const HandoverPlan& plan) {
  HandedOver out;
  SATCHEL_GET(said, say(book.device(), rule_of(wish, plan)));
  out.said = said;
  SATCHEL_TRY(book.refresh());
  if (!said.pending) {
    // Their tasks were written when it was ordered, or are now, and go with this exchange.
    SATCHEL_TRY(holder::make_handover_tasks(book.device()));
    const auto sent = holder::exchange(book.device());
    if (!sent && sent.error().kind != ErrorKind::offline) return std::unexpected(sent.error());
    SATCHEL_TRY(book.refresh());
  }
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(customers, customers_of(reading->txn(), *book.directory(), plan.from, plan.to));
  out.from_owns = customers.from_owns;
  out.to_owns = customers.to_owns;
  for (const auto& handed : plan.archives) {
    SATCHEL_GET(no, node::find_archive(reading->txn(), handed.archive));
    if (!no) continue;
    SATCHEL_GET(there, node::record_index(reading->txn(), *no, holder::handover_task(said.id, handed.archive)));
    out.tasks += there.has_value();
  }
  return out;
}

}  // namespace satchel::field
