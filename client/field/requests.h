// SPDX-License-Identifier: AGPL-3.0-or-later
// Asking for a right in an archive one does not hold, and answering. What is asked and why is boxed to whoever is asked
// (headquarters, or a branch's managers) and to the asking person's own devices; nobody else reads it, no hub either.
// Approving is one act: the grant, and the answer that tells of it. Refused besides the directory's codes: usage
// "request.text", "request.no-archive", "request.later-than-asked", "access.date-past"; not_found "admin.no-branch",
// "request.not-found"; conflict "request.ambiguous"; failed "keyring.no-audience" (those asked have no key yet).
#pragma once

#include "client/field/access.h"

namespace satchel::field {

inline constexpr std::size_t kRequestReferenceMax = 256;
inline constexpr std::size_t kRequestPurposeMax = 1024;

struct RequestWish {
  std::string reference;  // a number, a name: whatever the person knows of the archive
  std::string purpose;
  GrantRights rights = GrantRights::read;
  std::optional<Date> until;
  std::string branch;  // whose managers are asked; empty: headquarters
};
Result<Said> request_access(Book& book, const RequestWish& wish);

struct Request {
  Digest id;
  PersonId by;
  AudienceId asked;
  GrantRights rights = GrantRights::read;
  WallTime until;  // as wanted; 0: no end
  WallTime time;   // when it was ordered; while pending, when it was made
  Position at;     // its place in the directory's log; none while pending
  RequestState state = RequestState::waiting;
  bool pending = false;  // headquarters has not ordered it
  bool mine = false;
  bool to_me = false;  // mine to answer
  bool readable = false;
  std::string reference, purpose;
  struct Answer {
    PersonId by;
    WallTime time;
    GrantRights rights = GrantRights::read;
    WallTime until;
    std::string text;  // the reason of a refusal, what was given by an approval
  };
  std::optional<Answer> answer;
  std::string short_id() const { return id.hex().substr(0, 8); }
};
std::string_view state_name(RequestState state);  // "waiting", "approved", "refused", "expired"

// One's own, and those one is asked, oldest first.
Result<std::vector<Request>> list_requests(Book& book);
// By the beginning of its id.
Result<Request> find_request(Book& book, std::string_view id);

struct Approval {
  Request request;
  GrantPlan plan;
};
// `archive`: a customer as elsewhere; empty: whatever the request's own words name. Never more than was asked for.
Result<Approval> plan_approval(Book& book, const Request& request, const std::string& archive,
                               std::optional<Date> until, bool only_read);
// The grants', then the answer's.
Result<std::vector<Said>> approve(Book& book, const Approval& approval);
Result<Said> refuse(Book& book, const Request& request, const std::string& reason);

}  // namespace satchel::field
