// SPDX-License-Identifier: AGPL-3.0-or-later
// What must hold of a world, whatever happened to it; the numbers are those of the README's table. Apart from the
// stories and the random driver on purpose: a check reads stores and knows nothing of how they came to be. Each returns
// an empty text, or what is wrong. Those that hold at every step are Watch's.
#pragma once

#include "sync/blob/shelf.h"
#include "tests/simulation/readings.h"

namespace satchel::sim {

// ---- invariants.cpp: the log and what is read of it ----

// 5. Every log is gap-free, linked, counted once.
std::string check_logs(World& world);
// 1. Every own saved entry is in its author's log, as it was saved.
std::string check_saved(World& world, const std::vector<SavedEntry>& saved, Node& at);
// 4. After healing: same heads at HQ and wherever the archive is held, same record states for all who read it.
std::string check_converged(World& world);
// What every node stores passes the product's own audit, from the bytes up to what is derived.
std::string check_audit(World& world);
// Whoever wrote holds headquarters' receipt for it and owes nothing, but for what was destroyed; whom nobody confirmed
// owes all of it. Not where stamps were garbled on their way.
std::string check_receipts(World& world);
// When everything has been told, a sync is one round trip that says nothing; but for who waits to be confirmed.
std::string check_quiet(World& world);
// What the node has of an attachment, if anything names it there; and whether anybody has it whole. What only a disk
// had that died nobody can send.
std::optional<blob::Row> attachment_at(Node& node, const ArchiveId& archive, const Digest& root);
bool somebody_has(World& world, const ArchiveId& archive, const Digest& root);
// Attachments that it asks for: of what somebody has, and of what went with the disk of the only one who had it.
struct Wants {
  bool what_is_there = false;
  bool in_vain = false;
};
Wants wants(World& world, Node& node);
// Nobody holds anything against a hub: all of them are honest. Not where frames were garbled on their way, because then
// somebody did keep things back.
std::string check_hubs_trusted(World& world);
// 17. No claimed time counts for more than its earliest stamp and two minutes, what one device writes stands in the
// order in which it was written, and no value stands beside one that replaced it.
std::string check_clocks(World& world);

// ---- invariants_state.cpp: what follows from what ----

// 1. Everything saved is at headquarters, but for what was destroyed or was never its author's to write.
std::string check_arrived(World& world, const Watch& watch);
// 1, of attachments: headquarters' hub has them whole, and whoever may read them reads what was attached. `hubs_died`:
// but for what its author let go of with the right to it while only such a hub had it.
std::string check_files(World& world, const Watch& watch, bool hubs_died = false);
// 2. What is derived counts every operation in force once.
std::string check_once(World& world);
// 3. Nodes that hold the same of an archive read the same in it, to the byte. At any time.
std::string check_same_state(World& world);
// 14. Work after the right was lost is held: no change to anything, and there. Every node judges as the model does.
std::string check_judged(World& world, const Watch& watch);
// 20. Starting twice leaves what starting once leaves.
std::string check_restart(Node& node);

// ---- invariants_access.cpp: who can open what ----

// 7. Nothing a hub stores, and no frame, contains the marker all customer texts carry, or a secret.
std::string check_hubs_blind(World& world, std::string_view marker);
std::string check_no_secrets(World& world, const Watch& watch, std::string_view marker);
// 8, 9. With every wrap there is and its own secrets, no node opens a key made by somebody who knew it may not.
std::string check_underivable(World& world, const Watch& watch);
// Who wrote in an archive after everything had been told.
using Writers = std::map<ArchiveId, std::set<ChainId>>;
// 9. The keys that they used are open to nobody who may not read the archive now.
std::string check_newest_closed(World& world, const Watch& watch, const Writers& written);
// 8. A sealed body opens in its own place only.
std::string check_bound(World& world);
// 10. Whoever may read an archive from some epoch on has all keys from there. `hubs_died`: backups of hubs hold no
// wraps, so that a key can be lost to all when its maker has nothing of it any more.
std::string check_range(World& world, bool hubs_died = false, bool garbled = false);
// Whoever reads an archive knows every statement about it: who may write there, who lost it.
std::string check_told(World& world);
// Every device holds only archives its person may read, or wrote in; before it is confirmed, only what it wrote.
std::string check_scope(World& world);
// 11. What was destroyed was proposed by one person and signed by another, both of such a role then.
std::string check_two_signers(World& world, const Watch& watch);
// 12, 13. Who gave a receipt holds nothing of a destroyed archive but links of chains.
std::string check_destroyed(World& world);

// ---- invariants_bounds.cpp ----

// 15. Somebody holds the proof that two entries, or two orders, claim one place.
std::string check_fork_noticed(World& world);
// 16. No nonce twice among sealed rows and keys, either.
std::string check_nonces(World& world);
// 18. Queues, marks and waiting lists are empty once everything has been told; frames in flight stay bounded.
std::string check_bounds(World& world, const Watch& watch);
// 19. Whatever was refused has a name that people can read, and whoever said it is told.
std::string check_named(World& world, const Watch& watch, bool garbled);

}  // namespace satchel::sim
