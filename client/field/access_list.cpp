// SPDX-License-Identifier: AGPL-3.0-or-later
// Who reads and writes what, as it is shown: from what the directory says now, and from what was said of grants.
#include "client/field/access.h"

namespace satchel::field {

namespace {

class Lister {
 public:
  Lister(Book& book, holder::Reading& reading)
      : book_(book), reading_(reading), directory_(reading.directory()), now_(book.device().clock().wall()) {}

  Result<void> standing_readers(const node::StoredArchive& info, const CustomerRef& customer) {
    for (const auto& reader : directory_.readers(node::access_of(info), now_)) {
      if (reader.why == Why::grant) continue;
      AccessLine line;
      line.customer = customer;
      line.audience = reader.audience;
      line.why = reader.why;
      line.writes = true;
      out.push_back(std::move(line));
    }
    return {};
  }

  // In the order in which they were given.
  Result<void> grants(const node::StoredArchive& info, const CustomerRef& customer) {
    const auto facts = directory_.archive_facts().find(info.id);
    if (facts == directory_.archive_facts().end()) return {};
    const auto current = directory_.grants(node::access_of(info));
    for (auto fact = facts->second.begin(); fact != facts->second.end(); ++fact) {
      const auto* grant = std::get_if<payload::Grant>(&fact->what);
      if (grant == nullptr) continue;
      AccessLine line = line_of(customer, *grant);
      line.by = fact->by.person;
      line.given = ordered_at(reading_.txn(), fact->said.at);
      const bool stands = std::ranges::any_of(current, [&](const ArchiveGrant& g) { return g.said == fact->said; });
      if (stands && !(line.until.ms != 0 && line.until <= now_)) {
        line.ends_soon = line.until.ms != 0 && line.until <= now_ + kEndsSoon;
      } else if (!ended(line, *grant, fact + 1, facts->second.end())) {
        continue;  // another took its place, or its author's word did not reach so far
      }
      SATCHEL_TRY(tell_since(info, line));
      out.push_back(std::move(line));
    }
    return {};
  }

  // What this device said and headquarters has not ordered.
  Result<void> pending(const std::function<Result<std::optional<CustomerRef>>(const ArchiveId&)>& wanted) {
    SATCHEL_GET(waiting, node::all_pending(reading_.txn()));
    for (const auto& p : waiting) {
      SATCHEL_GET(envelope, decode_envelope(p.envelope));
      const auto& statement = envelope.statement();
      if (statement.kind != StatementKind::grant || p.status == wire::SubmitStatus::refused) continue;
      SATCHEL_GET(customer, wanted(statement.archive));
      SATCHEL_GET(grant, decode_payload<payload::Grant>(statement.payload));
      if (!customer) continue;
      AccessLine line = line_of(*customer, grant);
      line.by = statement.person;
      line.given = statement.claimed;
      line.state = AccessState::pending;
      SATCHEL_GET(info, book_.archive(reading_.txn(), statement.archive));
      SATCHEL_TRY(tell_since(info, line));
      out.push_back(std::move(line));
    }
    return {};
  }

  std::vector<AccessLine> out;

 private:
  static AccessLine line_of(const CustomerRef& customer, const payload::Grant& grant) {
    AccessLine line;
    line.customer = customer;
    line.audience = grant.audience;
    line.writes = grant.rights == GrantRights::write;
    line.epoch_from = grant.epoch_from;
    line.until = grant.expiry;
    return line;
  }

  Result<void> tell_since(const node::StoredArchive& info, AccessLine& line) {
    if (line.epoch_from == 0) return {};
    SATCHEL_GET(began, epoch_began(reading_, info, line.epoch_from));
    if (began) line.since = *began;
    return {};
  }

  bool ended(AccessLine& line, const payload::Grant& grant, directory::ArchiveFacts::const_iterator from,
             directory::ArchiveFacts::const_iterator to) {
    for (auto later = from; later != to; ++later) {
      if (const auto* next = std::get_if<payload::Grant>(&later->what); next && next->audience == grant.audience) break;
      const auto* end = std::get_if<payload::GrantEnded>(&later->what);
      if (end == nullptr || end->audience != grant.audience) continue;
      line.state = AccessState::ended;
      line.ended = ordered_at(reading_.txn(), later->said.at);
      line.ended_by = later->by.person;
      return true;
    }
    if (line.until.ms == 0 || line.until > now_) return false;
    line.state = AccessState::over;
    line.ended = line.until;
    return true;
  }

  Book& book_;
  holder::Reading& reading_;
  const Directory& directory_;
  WallTime now_;
};

}  // namespace

std::string_view state_name(AccessState state) {
  switch (state) {
    case AccessState::in_force:
      return "in_force";
    case AccessState::pending:
      return "pending_at_hq";
    case AccessState::ended:
      return "ended";
    case AccessState::over:
      return "expired";
  }
  return "in_force";
}

Result<std::vector<AccessLine>> access_to(Book& book, const ArchiveId& archive) {
  SATCHEL_GET(whole, book.whole_of(archive));
  SATCHEL_GET(parts, book.parts_of(whole));
  SATCHEL_GET(reading, book.read());
  Lister lister(book, *reading);
  for (const auto& part : parts) {
    SATCHEL_GET(info, book.archive(reading->txn(), part));
    SATCHEL_GET(ref, book.part_of(part));
    const CustomerRef customer = ref ? std::move(*ref) : CustomerRef{part, {}, book.archive_name(part), {}, false};
    SATCHEL_TRY(lister.standing_readers(info, customer));
    SATCHEL_TRY(lister.grants(info, customer));
  }
  SATCHEL_TRY(lister.pending([&](const ArchiveId& id) -> Result<std::optional<CustomerRef>> {
    if (std::ranges::find(parts, id) == parts.end()) return std::nullopt;
    return book.part_of(id);
  }));
  return std::move(lister.out);
}

Result<std::vector<AccessLine>> all_grants(Book& book) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(reading, book.read());
  Lister lister(book, *reading);
  for (const auto& [id, facts] : reading->directory().archive_facts()) {
    SATCHEL_GET(customer, book.part_of(id));
    if (!customer) continue;
    SATCHEL_GET(info, book.archive(reading->txn(), id));
    SATCHEL_TRY(lister.grants(info, *customer));
  }
  SATCHEL_TRY(lister.pending([&](const ArchiveId& id) { return book.part_of(id); }));
  std::ranges::stable_sort(lister.out, {},
                           [](const AccessLine& l) { return std::pair(l.customer.name, l.customer.archive); });
  return std::move(lister.out);
}

}  // namespace satchel::field
