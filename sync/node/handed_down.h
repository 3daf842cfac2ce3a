// SPDX-License-Identifier: AGPL-3.0-or-later
// What takes from one node before headquarters has ordered it. Whoever obeys such a statement, a hub that is cut off
// above all, hands it down to the node it concerns (wire.md, 'directory'); that one judges it by its own directory,
// keeps it among its pending statements and so obeys it: it lets go at its next contact (dropping.h). From then on it
// is like a statement of its own: handed in at every contact, gone when it has its place, obeyed no longer when
// headquarters refuses it. So nobody makes a node let go but somebody who may say so, and nothing else is kept.
#pragma once

#include "sync/node/replica.h"

namespace satchel::node {

// Whether the statement, obeyed before it is ordered, takes something from that node that it has by `ordered`: itself,
// its person's activity or role, or reading an archive that is known here.
Result<bool> takes_from(const ReadTxn& txn, const Directory& ordered, const NodeId& node, const Envelope& envelope,
                        WallTime now);

struct HandedDown {
  std::vector<Pending> statements;
  Position seen;  // the newest place their authors had seen: by it they can be judged
};
// What is obeyed here and takes from that node; nothing for hubs.
Result<HandedDown> to_hand_down(const ReadTxn& txn, const Obeyed& obeyed, const NodeId& node, WallTime now);

// What somebody who obeys it handed down to this node; how many are new. What takes nothing from it, or is nobody's to
// say by its own directory, is passed over. integrity "session.bad-statement" and "directory.bad-signature": whoever
// obeys it knows better.
Result<std::size_t> take_handed_down(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const View> waiting);

}  // namespace satchel::node
