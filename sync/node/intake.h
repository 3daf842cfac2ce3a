// SPDX-License-Identifier: AGPL-3.0-or-later
// Intake: a verified parcel goes into the log, in the caller's transaction. The same for hubs, devices and readers:
// what is already held is skipped, what follows a held head is appended, a gap is refused with what is held, and a
// different entry at a held seq is a fork: kept as evidence (store.md: forks), never merged, never in the way of the
// rest. A parcel that only our directory is too old for is left for later, whole.
#pragma once

#include "sync/node/parcel.h"

namespace satchel::node {

// Who may push where, and to whom an archive goes. Hubs judge by the directory; readers take what their hub gives
// and judge when they read.
class Gate {
 public:
  virtual ~Gate() = default;
  // Empty when the author may add to the archive, else the refusal's code.
  virtual std::string refuse(const ChainId& author, const StoredArchive& info) const = 0;
  // The author had that right once: what is added is taken, and held until a verdict.
  virtual bool holds(const ChainId& author, const StoredArchive& info) const = 0;
  // Whether a new epoch of the author's is the one to go on with.
  virtual bool may_rotate(const ChainId& author, const StoredArchive& info) const = 0;
  // Whether what comes in is judged here (a hub) or was by the hub it comes from.
  virtual bool judges() const = 0;
  virtual bool destroyed(const ArchiveId& archive) const = 0;
  // The author knew more of the directory than we do: what we would refuse we may only not understand yet.
  virtual bool behind(const Position& author_saw) const = 0;
  // Whether whoever signed it can have the key: a foreign maker could only plant a wrong one.
  virtual bool may_wrap(const Wrap& wrap, const StoredArchive& info) const = 0;
  virtual PersonId person_of(const NodeId& node) const = 0;
  virtual std::vector<AudienceId> audiences(const Opening& opening) const = 0;
};

struct GrantedWrap {
  ArchiveNo archive = 0;
  VerifiedWrap wrap;
};

struct Intake {
  bool later = false;  // none of it was taken, nor anything noted: it is to be pushed again
  BatchNo batch = 0;
  std::size_t appended = 0;
  std::size_t known = 0;
  std::size_t forks = 0;
  bool news = false;  // entries, stamps or wraps that were not here before
  std::vector<StoredArchive> touched;
  std::vector<StoredArchive> opened;  // of them, those whose opening was not here before
  std::vector<GrantedWrap> granted;   // wraps that were not here before
  std::vector<wire::Refusal> refused;
};

// A key epoch may be this far ahead of the one we know: more would only use the numbers up.
inline constexpr std::uint32_t kEpochLeapMax = 16;

Result<Intake> take_in(WriteTxn& txn, const VerifiedParcel& parcel, NodeNo from, const Gate& gate);

// Stores wraps that the archive's chain commits to or that are signed; returns those that were new.
Result<std::vector<GrantedWrap>> take_wraps(WriteTxn& txn, std::span<const VerifiedWrap> wraps);

struct Fork {
  ArchiveId archive;
  ChainId chain;
  std::uint64_t seq = 0;
  Digest held;
  Digest other;
};
Result<std::vector<Fork>> forks(const ReadTxn& txn);

}  // namespace satchel::node
