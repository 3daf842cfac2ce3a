// SPDX-License-Identifier: AGPL-3.0-or-later
// Copied devices. Two devices from one disk count their batches from the same number on, so the first time both have
// handed in work, a hub holds two batches of one life under one number, each signed by that node: proof for everybody.
// The hub says so (statement node_frozen) and obeys it at once. Work of that life is held from there on, nothing of it
// is lost, and a person decides.
#pragma once

#include "sync/node/replica.h"

namespace satchel::node {

// Whether the parcel's batch has a twin here; then the hub says what it saw, unless it was said already.
Result<void> look_for_copies(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel);
// Remembers which batch came under its author's number; the first one stands.
Result<void> note_number(WriteTxn& txn, const VerifiedParcel& parcel, BatchNo batch);

}  // namespace satchel::node
