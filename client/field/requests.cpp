// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/requests.h"

#include "schema/base/value.h"
#include "sync/directory/identity.h"
#include "sync/holder/exchange.h"

namespace satchel::field {

namespace {

constexpr std::size_t kRequestDigitsMin = 4;

// What is boxed: the two texts one after the other.
std::string pack(const std::string& reference, const std::string& purpose) {
  const Bytes bytes = Writer().sized(view(reference)).sized(view(purpose)).take();
  return {bytes.begin(), bytes.end()};
}

bool unpack(const std::string& packed, std::string& reference, std::string& purpose) {
  Reader in(view(packed));
  reference = in.string(kRequestReferenceMax);
  purpose = in.string(kRequestPurposeMax);
  // Others wrote it: what is no text is not shown as one.
  return in.done() && is_utf8(reference) && is_utf8(purpose);
}

Result<AudienceId> asked_audience(const Directory& directory, const std::string& branch) {
  if (branch.empty()) return hq_audience(directory.org());
  const Branch* found = directory.branch_named(branch);
  if (found == nullptr) return fail(ErrorKind::not_found, "admin.no-branch", branch);
  return managers_audience(directory.org(), found->id);
}

// A text in one's own boxes, when it can be opened here; empty when not.
std::string text_for(Book& book, const AudienceId& to, const PersonId& by, const payload::BoxedText& boxed) {
  const auto text = book.device().keyring().open_boxed(*book.directory(), to, by, boxed);
  return text ? *text : std::string{};
}

void open_texts(Book& book, const payload::AccessRequested& what, Request& out) {
  const auto own = person_audience(book.directory()->org(), out.by);
  std::string packed = out.mine ? text_for(book, own, out.by, what.own) : std::string{};
  if (packed.empty()) packed = text_for(book, what.audience, out.by, what.text);
  out.readable = !packed.empty() && unpack(packed, out.reference, out.purpose);
}

Request request_of(Book& book, const Digest& id, const AccessRequest& known, WallTime now) {
  Request out;
  out.id = id;
  out.by = known.by;
  out.asked = known.what.audience;
  out.rights = known.what.rights;
  out.until = known.what.until;
  out.time = known.time;
  out.at = known.said.at;
  out.state = known.state(now);
  out.mine = known.by == book.me();
  out.to_me = book.directory()->may_answer(book.me(), known, now);
  open_texts(book, known.what, out);
  if (known.answer) {
    const auto& what = known.answer->what;
    out.answer = Request::Answer{known.answer->by, known.answer->time, what.rights, what.until, {}};
    if (out.mine) {
      auto text = text_for(book, person_audience(book.directory()->org(), known.by), known.answer->by, what.text);
      if (is_utf8(text)) out.answer->text = std::move(text);
    }
  }
  return out;
}

Result<void> add_pending(Book& book, const ReadTxn& txn, std::vector<Request>& out) {
  SATCHEL_GET(waiting, node::all_pending(txn));
  for (const auto& p : waiting) {
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    const auto& statement = envelope.statement();
    if (statement.kind != StatementKind::access_requested || p.status == wire::SubmitStatus::refused) continue;
    SATCHEL_GET(what, decode_payload<payload::AccessRequested>(statement.payload));
    Request request;
    request.id = p.id;
    request.by = statement.person;
    request.asked = what.audience;
    request.rights = what.rights;
    request.until = what.until;
    request.time = statement.claimed;
    request.pending = true;
    request.mine = true;
    open_texts(book, what, request);
    out.push_back(std::move(request));
  }
  return {};
}

Result<Trial> try_answer(Book& book, const Request& request, payload::AccessAnswered answer, std::string_view text) {
  answer.request = request.id;
  const auto directory = book.directory();
  const auto to = person_audience(directory->org(), request.by);
  auto boxed = book.device().keyring().box_text(*directory, to, book.me(), text);
  // Somebody without a device that has keys yet gets the answer without its text.
  if (!boxed && boxed.error().code != "keyring.no-audience") return std::unexpected(boxed.error());
  if (boxed) answer.text = std::move(*boxed);
  return try_to_say(book.device(), answer);
}

Result<payload::AccessRequested> boxed_request(Book& book, const RequestWish& wish) {
  const auto directory = book.directory();
  payload::AccessRequested asked;
  SATCHEL_GET(audience, asked_audience(*directory, wish.branch));
  asked.audience = audience;
  asked.rights = wish.rights;
  if (wish.until) asked.until = day_begins({wish.until->days + 1});
  auto& keyring = book.device().keyring();
  const std::string packed = pack(wish.reference, wish.purpose);
  SATCHEL_GET(text, keyring.box_text(*directory, audience, book.me(), packed));
  asked.text = std::move(text);
  SATCHEL_GET(own, keyring.box_text(*directory, person_audience(directory->org(), book.me()), book.me(), packed));
  asked.own = std::move(own);
  return asked;
}

}  // namespace

std::string_view state_name(RequestState state) {
  switch (state) {
    case RequestState::waiting:
      return "waiting";
    case RequestState::approved:
      return "approved";
    case RequestState::refused:
      return "refused";
    case RequestState::over:
      return "expired";
  }
  return "waiting";
}

Result<Said> request_access(Book& book, const RequestWish& wish) {
  const auto good = [](const std::string& text, std::size_t most) { return !text.empty() && text.size() <= most; };
  if (!good(wish.reference, kRequestReferenceMax) || !good(wish.purpose, kRequestPurposeMax))
    return fail(ErrorKind::usage, "request.text");
  const Date today = date_of(book.device().clock().wall(), kChinaZoneMinutes);
  if (wish.until && *wish.until < today) return fail(ErrorKind::usage, "access.date-past", format_date(*wish.until));
  auto asked = boxed_request(book, wish);
  if (!asked && asked.error().code == "keyring.no-audience") {  // our copy may be older than their key
    holder::ExchangeOptions news;
    news.text_only = true;
    if (holder::exchange(book.device(), news)) {
      SATCHEL_TRY(book.refresh());
      asked = boxed_request(book, wish);
    }
  }
  if (!asked) return std::unexpected(asked.error());
  return say(book.device(), *asked);
}

Result<std::vector<Request>> list_requests(Book& book) {
  SATCHEL_TRY(book.refresh());
  const auto now = book.device().clock().wall();
  std::vector<Request> out;
  for (const auto& [id, known] : book.directory()->requests()) {
    auto request = request_of(book, id, known, now);
    // Also those one answered, or somebody else who was asked as well.
    const bool asked = book.directory()->member(book.device().identity().id, known.what.audience);
    if (request.mine || request.to_me || asked) out.push_back(std::move(request));
  }
  SATCHEL_GET(reading, book.read());
  SATCHEL_TRY(add_pending(book, reading->txn(), out));
  std::ranges::stable_sort(out, {}, [](const Request& r) { return std::pair(r.pending, r.at); });
  return out;
}

Result<Request> find_request(Book& book, std::string_view id) {
  SATCHEL_GET(all, list_requests(book));
  std::vector<const Request*> found;
  for (const auto& request : all) {
    if (id.size() >= kRequestDigitsMin && request.id.hex().starts_with(id)) found.push_back(&request);
  }
  if (found.empty()) return fail(ErrorKind::not_found, "request.not-found", std::string(id));
  if (found.size() > 1) return fail(ErrorKind::conflict, "request.ambiguous", std::string(id));
  return *found.front();
}

Result<Approval> plan_approval(Book& book, const Request& request, const std::string& archive,
                               std::optional<Date> until, bool only_read) {
  // Asked before anything is shown as if it could be: it may be one's own, over, or answered already.
  payload::AccessAnswered any;
  any.choice = AnswerChoice::refuse;
  SATCHEL_TRY(try_answer(book, request, any, {}));
  const std::string& named = archive.empty() ? request.reference : archive;
  const auto customer = book.find_customer(named);
  if (!customer && archive.empty()) return fail(ErrorKind::usage, "request.no-archive", request.reference);
  if (!customer) return std::unexpected(customer.error());
  GrantWish wish{customer->archive, request.by, only_read ? GrantRights::read : request.rights, std::nullopt, until};
  if (request.until.ms != 0) {
    const Date wanted = last_day_before(request.until);
    // Cut short silently it would be taken for what was typed.
    if (until && *until > wanted) return fail(ErrorKind::usage, "request.later-than-asked", format_date(wanted));
    wish.until = std::min(wish.until.value_or(wanted), wanted);
  }
  SATCHEL_GET(plan, plan_grant(book, wish));
  return Approval{request, std::move(plan)};
}

Result<std::vector<Said>> approve(Book& book, const Approval& approval) {
  payload::AccessAnswered answer;
  answer.choice = AnswerChoice::approve;
  answer.rights = approval.plan.wish.rights;
  answer.until = approval.plan.expiry;
  std::string given;
  for (const auto& step : approval.plan.steps) {
    const std::string one = step.customer.number + " " + step.customer.name;
    if (given.size() + one.size() <= kRequestPurposeMax) given += (given.empty() ? "" : ", ") + one;
  }
  // Asked before the grant is begun: of one act nothing is done when a part cannot be.
  SATCHEL_GET(answered, try_answer(book, approval.request, answer, given));
  SATCHEL_GET(trials, begin_grants(book, approval.plan));
  trials.push_back(std::move(answered));
  return say_all(book.device(), trials);
}

Result<Said> refuse(Book& book, const Request& request, const std::string& reason) {
  payload::AccessAnswered answer;
  answer.choice = AnswerChoice::refuse;
  SATCHEL_GET(trial, try_answer(book, request, answer, reason));
  SATCHEL_GET(said, say_all(book.device(), {std::move(trial)}));
  return said.front();
}

}  // namespace satchel::field
