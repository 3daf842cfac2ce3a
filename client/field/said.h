// SPDX-License-Identifier: AGPL-3.0-or-later
// Saying something to the directory and hearing what became of it. A statement is asked of our own copy first, so that
// what cannot be is never kept (a no is checked with a hub's news, where one can be reached); then it is kept, sent,
// and followed until headquarters has ordered or refused it. Cut off from headquarters it waits; what it takes away is
// obeyed by the hub that has it meanwhile (Said::obeyed).
#pragma once

#include "client/field/device.h"
#include "sync/holder/statements.h"

namespace satchel::field {

struct Said {
  Digest id;
  bool pending = false;                // kept here, sent with the next exchange
  Error offline;                       // why, when no hub was reached
  Nature nature = Nature::permissive;  // as it was when it was said
  bool reached = false;                // a hub has it
  // What it takes is in force at the hub that has it, before headquarters has ordered it.
  bool obeyed() const { return pending && reached && nature != Nature::permissive; }
};

// Not kept yet.
struct Trial {
  Envelope envelope;
  Nature nature = Nature::permissive;
};

// Errors are the directory's refusals: permission when it is not this person's to say.
Result<Trial> try_statement(Device& device, const Statement& statement);

template <class P>
Result<Trial> try_to_say(Device& device, const P& payload, const ArchiveId& archive = {}) {
  const auto bytes = encode_payload(payload);
  if (!decode_payload<P>(bytes)) return fail(ErrorKind::usage, "directory.bad-payload");
  const auto now = device.directory();
  const Person* me = device.person();
  const Speaker speaker{now->org(), device.identity().id, me != nullptr ? me->id : PersonId{}, now->position(),
                        device.clock().wall()};
  return try_statement(device, compose(speaker, P::kKind, bytes, archive, device.entropy()));
}

// Kept together, then followed. An Error when one of them is refused; those before it may have been ordered.
Result<std::vector<Said>> say_all(Device& device, const std::vector<Trial>& trials);

template <class P>
Result<Said> say(Device& device, const P& payload, const ArchiveId& archive = {}) {
  SATCHEL_GET(trial, try_to_say(device, payload, archive));
  SATCHEL_GET(said, say_all(device, {std::move(trial)}));
  return said.front();
}

}  // namespace satchel::field
