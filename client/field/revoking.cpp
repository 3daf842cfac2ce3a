// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/revoking.h"

#include <set>

#include "client/field/access.h"

namespace satchel::field {

namespace {

constexpr std::size_t kDeviceDigitsMin = 4;
constexpr std::size_t kEntriesLookedAt = 64;  // the last ones to arrive, for the newest stamp

bool begins(const NodeId& id, const std::string& text) {
  return text.size() >= kDeviceDigitsMin && id.hex().starts_with(text);
}

// Devices, readers and hubs. Headquarters' own hub is for the root key alone; the directory says so.
std::vector<const KnownNode*> nodes_named(const Directory& directory, const std::string& text) {
  std::vector<const KnownNode*> out;
  for (const auto& [id, node] : directory.nodes()) {
    if (begins(id, text) || node.name == text) out.push_back(&node);
  }
  return out;
}

Result<std::vector<Trial>> revoke_trials(Book& book, const RevokePlan& plan, const std::string& reason) {
  std::vector<Trial> trials;
  for (const auto& device : plan.devices) {
    SATCHEL_GET(trial, try_to_say(book.device(), payload::NodeRevoked{device.node, reason}));
    trials.push_back(std::move(trial));
  }
  const Person* person = book.directory()->person(plan.person);
  if (plan.leaves && person != nullptr && person->active()) {
    payload::PersonChanged left{.person = plan.person};
    left.active = false;
    SATCHEL_GET(trial, try_to_say(book.device(), left));
    trials.push_back(std::move(trial));
  }
  return trials;
}

// Revoked by a statement of this device that headquarters has not ordered yet.
Result<std::set<NodeId>> revocations_said(const ReadTxn& txn) {
  std::set<NodeId> out;
  SATCHEL_GET(pending, node::all_pending(txn));
  for (const auto& p : pending) {
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    const auto& statement = envelope.statement();
    if (statement.kind != StatementKind::node_revoked || p.status == wire::SubmitStatus::refused) continue;
    SATCHEL_GET(said, decode_payload<payload::NodeRevoked>(statement.payload));
    out.insert(said.node);
  }
  return out;
}

Result<void> count_archives(const ReadTxn& txn, const Directory& directory, WallTime now, RevokePlan& plan) {
  SATCHEL_GET(archives, node::archive_count(txn));
  for (node::ArchiveNo no = 1; no <= archives; ++no) {
    SATCHEL_GET(info, node::archive_info(txn, no));
    if (!info || !info->opened || directory.is_destroyed(info->id)) continue;
    const auto access = node::access_of(*info);
    const auto owners = directory.owners(access);
    const bool owned = std::ranges::find(owners, plan.person) != owners.end();
    plan.owned += owned;
    plan.alone += owned && owners.size() == 1;
    plan.read += directory.may_read(plan.person, access, now);
  }
  return {};
}

}  // namespace

Result<DeviceNews> news_of(const ReadTxn& txn, const Directory& directory, const NodeId& id) {
  DeviceNews out;
  out.node = id;
  if (const KnownNode* node = directory.node(id)) {
    out.name = node->name;
    out.state = node->state();
  }
  if (const auto receipt = directory.drop_receipts().find(id); receipt != directory.drop_receipts().end())
    out.receipt = receipt->second;
  SATCHEL_GET(no, node::find_node(txn, id));
  if (!no) return out;
  std::vector<node::Ordinal> last;
  SATCHEL_GET(archives, node::archive_count(txn));
  for (node::ArchiveNo archive = 1; archive <= archives; ++archive) {
    SATCHEL_TRY(scan_prefix(txn, Table::heads, node::key_of(archive, *no), [&](KeyValue pair) {
      Reader in(pair.value);
      out.entries += in.u64();
      in.raw(Digest::size);
      last.push_back(in.u64());
      return true;
    }));
  }
  std::ranges::sort(last, std::greater<>());
  if (last.size() > kEntriesLookedAt) last.resize(kEntriesLookedAt);
  for (const auto ordinal : last) {
    SATCHEL_GET(run, node::run_of(txn, ordinal));
    if (!run) continue;
    SATCHEL_GET(stamps, node::stamps_of(txn, run->batch));
    for (const auto& s : stamps) out.heard = std::max(out.heard, s.stamp.time);
  }
  return out;
}

Result<RevokePlan> plan_revoke(Book& book, const std::string& text) {
  RevokePlan plan;
  const auto directory = book.directory();
  std::vector<const KnownNode*> nodes;
  const auto person = book.find_person(text);
  if (person) {
    plan.person = *person;
    plan.leaves = true;
    for (const KnownNode* node : directory->nodes_of(plan.person)) {
      if (node->state() != NodeState::revoked) nodes.push_back(node);
    }
    if (!directory->person(plan.person)->active() && nodes.empty())
      return fail(ErrorKind::conflict, "revoke.done", text);
  } else {
    const auto found = nodes_named(*directory, text);
    if (found.empty()) return fail(ErrorKind::not_found, "revoke.nobody", text);
    std::string all;
    for (const KnownNode* node : found)
      all += (all.empty() ? "" : ", ") + holder::short_id(node->id) + " " + node->name +
             (node->person.none() ? std::string{} : " (" + book.person_name(node->person) + ")");
    if (found.size() > 1) return fail(ErrorKind::conflict, "revoke.ambiguous", all);
    if (found.front()->state() == NodeState::revoked) return fail(ErrorKind::conflict, "revoke.done", all);
    plan.person = found.front()->person;
    plan.kind = found.front()->kind;
    nodes.push_back(found.front());
  }
  const auto& self = book.device().identity().id;
  if (plan.leaves ? plan.person == book.me() : nodes.front()->id == self)
    return fail(ErrorKind::usage, "revoke.oneself", text);
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(said, revocations_said(reading->txn()));
  const auto before = nodes.size();
  std::erase_if(nodes, [&](const KnownNode* node) { return said.contains(node->id); });
  if (before > 0 && nodes.empty()) return fail(ErrorKind::conflict, "revoke.pending", text);
  for (const KnownNode* node : nodes) {
    SATCHEL_GET(news, news_of(reading->txn(), *directory, node->id));
    plan.devices.push_back(std::move(news));
  }
  if (!plan.person.none()) SATCHEL_TRY(count_archives(reading->txn(), *directory, book.device().clock().wall(), plan));
  return plan;
}

Result<void> may_revoke(Book& book, const RevokePlan& plan, const std::string& reason) {
  SATCHEL_TRY(revoke_trials(book, plan, reason));
  return {};
}

Result<std::vector<Said>> revoke(Book& book, const RevokePlan& plan, const std::string& reason) {
  SATCHEL_GET(trials, revoke_trials(book, plan, reason));
  SATCHEL_GET(said, say_all(book.device(), trials));
  SATCHEL_TRY(book.refresh());
  return said;
}

Result<std::vector<RevokedDevice>> list_revoked(Book& book) {
  SATCHEL_TRY(book.refresh());
  const auto directory = book.directory();
  SATCHEL_GET(reading, book.read());
  std::vector<RevokedDevice> out;
  for (const auto& [id, node] : directory->nodes()) {
    if (node.kind == NodeKind::hub) continue;  // it never had keys; `hub list` has its state
    const auto lost = directory->lost_at(id);
    if (!lost) continue;
    RevokedDevice one;
    one.person = node.person;
    SATCHEL_GET(news, news_of(reading->txn(), *directory, id));
    one.news = std::move(news);
    one.time = ordered_at(reading->txn(), *lost);
    one.reason = node.reason;
    const Person* person = directory->person(node.person);
    one.left = person != nullptr && !person->active();
    one.let_go = directory->let_go(id) || (one.news.receipt && one.news.receipt->executed >= *lost);
    out.push_back(std::move(one));
  }
  std::ranges::stable_sort(out, {}, &RevokedDevice::time);
  SATCHEL_GET(said, revocations_said(reading->txn()));
  for (const auto& id : said) {
    const KnownNode* node = directory->node(id);
    if (node == nullptr || node->kind == NodeKind::hub || node->revoked) continue;
    RevokedDevice one;
    one.person = node->person;
    SATCHEL_GET(news, news_of(reading->txn(), *directory, id));
    one.news = std::move(news);
    one.pending = true;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace satchel::field
