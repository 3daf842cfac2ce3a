// SPDX-License-Identifier: AGPL-3.0-or-later
// Liars: a hub that changes what it sends although its keys are right, and a device whose program builds what no
// honest one does. Both speak through real sessions at the other end; nothing of a lie may stay.
#include "sync/node/epochs.h"
#include "sync/node/grants.h"
#include "tests/simulation/driver.h"

namespace satchel::sim {

namespace {

// Only lies that an honest exchange undoes: what a hub keeps back for good (an archive its page does not name, a stamp
// that came later than its batch) its followers get from no one else.

// Keeps what a bent frame borrows from until it is encoded again.
struct Bent {
  std::deque<Bytes> keep;
  View hold(Bytes bytes) {
    keep.push_back(std::move(bytes));
    return keep.back();
  }
};

// A wrap whose box opens to nothing: by somebody the directory never heard of, or by a member who may not read there.
Bytes ghost_wrap(const Wrap& like, Node& by, bool known) {
  Wrap ghost = like;
  const Identity nobody = make_identity(by.entropy);
  Boxer boxer(by.entropy);
  ghost.box = boxer.box(nobody.box.pub, ghost.associated(), Secret32::random(by.entropy).view());
  const Identity& maker = known ? by.identity : nobody;
  sign_wrap(ghost, maker.id, maker.sign);
  return ghost.encode();
}

// Now or once: what such a one wraps is taken from a hub, which could as well keep the right one back.
bool could_read(World& world, const Node& node, const ArchiveId& archive) {
  const auto txn = must(world.hq().replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  if (!no) return true;
  const auto info = *must(node::archive_info(*txn, *no));
  const auto directory = world.hq().replica().directory();
  return directory->right(node.identity.id, node::access_of(info)) != WriteRight::never ||
         node::held_once(*directory, info, node.identity.id, {});
}

void bend(World& world, wire::Served& served, Node& outsider, Bent& bent, int how) {
  if (how == 2) served.behind.clear();
  if (how == 2 && !served.wraps.empty()) served.wraps.pop_back();  // a wrap withheld
  if (how == 2 || served.wraps.empty()) return;
  const auto like = Wrap::decode(served.wraps.front());
  if (!like || (how == 1 && could_read(world, outsider, like->archive))) return;
  served.wraps.insert(served.wraps.begin(), bent.hold(ghost_wrap(*like, outsider, how == 1)));
}

void bend(wire::Touched& page, int how) {
  if (page.items.empty()) return;
  if (how == 0) page.items.pop_back();                   // an archive is not mentioned, the cursor moves
  if (how == 1) page.items.front().heads.bytes[0] ^= 1;  // heads that nobody has
  if (how == 2) std::ranges::reverse(page.items);
}

void bend(wire::DirectoryRun& run, int how) {
  if (run.records.empty()) return;
  if (how == 0) run.records.erase(run.records.begin());  // a statement withheld
  if (how == 1) std::ranges::reverse(run.records);       // in another order
  if (how == 2) run.head = {};                           // not vouched for
}

void bend(wire::Parcel& parcel, int how) {
  if (parcel.chains.empty() || parcel.chains.front().entries.empty()) return;  // it may have been bent before
  if (how == 0) parcel.chains.front().entries.pop_back();                      // a tail withheld
  if (how == 1) parcel.stamps.clear();                                         // nobody's word for it
  if (how == 2 && parcel.chains.front().entries.size() > 1)
    std::swap(parcel.chains.front().entries[0], parcel.chains.front().entries[1]);
}

void bend(wire::Accepted& accepted, int how) {
  if (how == 0) accepted.code = session::kIntakeLater;  // 'another time', although it was taken
  if (how == 1) accepted.stamps.clear();                // taken, and not signed for
}

}  // namespace

void Driver::lie() {
  if (links_.empty()) return;
  auto& link = *any_of(links_);
  const int how = roll(3);
  for (auto& frame : link.down()) {
    auto received = wire::Received::decode(frame);
    if (!received) continue;
    Bent bent;
    if (auto* served = std::get_if<wire::Served>(&received->frame())) {
      bend(world_, *served, somebody(), bent, how);
    } else if (auto* page = std::get_if<wire::Touched>(&received->frame())) {
      if (how == 0) continue;  // what a page leaves out is lost to that hub's followers, and seen over another (15)
      bend(*page, how);
    } else if (auto* run = std::get_if<wire::DirectoryRun>(&received->frame())) {
      bend(*run, how);
    } else if (auto* parcel = std::get_if<wire::Parcel>(&received->frame())) {
      bend(*parcel, how);
    } else if (auto* accepted = std::get_if<wire::Accepted>(&received->frame())) {
      bend(*accepted, how);
    } else if (auto* piece = std::get_if<wire::BlobPiece>(&received->frame())) {
      Bytes other = copy(piece->bytes);
      if (!other.empty()) other.front() ^= 1;
      piece->bytes = bent.hold(std::move(other));
    } else {
      continue;
    }
    ++counts_["lies of hubs"];
    garbled_ = true;
    frame = wire::encode(received->frame());
  }
}

// A hub that lies now and then through a whole exchange.
void Driver::lie_all_along() {
  Node& at = somebody();
  at.fetches = at.fetches || once_in(3);
  links_.clear();
  links_.push_back(world_.connect(at, hub_for(at)));
  for (int i = 0; i < 60 && !links_.empty() && !links_.front()->over(); ++i) {
    links_.front()->step();
    if (once_in(4)) lie();
  }
}

namespace {

// No honest program comes to so many in one session.
constexpr std::uint32_t kForgedNumber = UINT32_MAX;

enum class Forgery { foreign, opened_again, gap, backdated, from_the_future, wrong_root, unsigned_batch, kinds };

// One parcel of one entry, as a hostile device would write it.
Bytes forge(Node& by, const node::StoredArchive& info, std::uint64_t seq, Forgery how) {
  const Secret32 key = Secret32::random(by.entropy);
  Change change;
  change.claimed = by.clock.wall();
  RecordChange visit{random_id<RecordId>(by.entropy), "visit", 1, {{"summary", std::string(kMarker), {}}}};
  change.records.push_back(visit);
  Header header;
  header.archive = info.id;
  header.chain = {by.identity.id, by.identity.incarnation};
  header.epoch = how == Forgery::opened_again ? 0 : info.epoch;
  header.seq = how == Forgery::gap ? seq + 3 : how == Forgery::foreign ? 1 : seq + 1;
  if (header.seq > 1) header.previous = hash("satchel sim lie", by.identity.id.view());
  header.directory = by.replica().directory()->position();
  if (how == Forgery::backdated) header.directory = {1, 1};
  if (how == Forgery::from_the_future) header.directory = {1, 1'000'000};
  Bytes clear;
  if (how == Forgery::opened_again) {
    clear = Opening{info.kind, info.branch, 0, key_id(key), {by.person}, {}}.encode();
    header.clear = clear_hash(clear);
  }
  const Bytes body = seal_body(header, pack_body(change.encode()), key, by.entropy);
  const Digest end = header_hash(header.encode());
  Batch batch;
  batch.author = header.chain;
  // Never the same twice, or it would be taken for a copied device (sync/node/copies.h).
  Bytes number(4);
  by.entropy.fill(number);
  batch.number = 1'000'000 + be32(number);
  batch.directory = header.directory;
  batch.claimed = by.clock.wall();
  batch.entries = batch.leaves = 1;
  batch.root = how == Forgery::wrong_root ? hash("satchel sim lie", end.view()) : merkle_root(std::span(&end, 1));
  SignedBytes signed_batch = sign_batch(batch, by.identity.sign);
  if (how == Forgery::unsigned_batch) signed_batch.signature.bytes[5] ^= 1;
  wire::Parcel parcel;
  parcel.number = kForgedNumber;
  parcel.batch = {signed_batch.bytes, signed_batch.signature};
  wire::ItemExtra extra;
  extra.clear = clear;
  const Bytes encoded = extra.empty() ? Bytes{} : wire::encode_extra(extra);
  parcel.chains.push_back(
      {header.archive, header.seq, header.previous, 0, header.epoch, header.directory, {{body, encoded}}});
  return wire::encode(parcel);
}

bool answers_forgery(const Bytes& frame) {
  auto received = wire::Received::decode(frame);
  const auto* accepted = received ? std::get_if<wire::Accepted>(&received->frame()) : nullptr;
  return accepted != nullptr && accepted->number == kForgedNumber;
}

}  // namespace

// Somebody who holds an audience's secret hands it to a node that is no member (a ghost).
void Driver::box_a_ghost() {
  Node& by = somebody();
  Node& ghost = somebody();
  const auto directory = by.replica().directory();
  for (const auto& id : directory->audiences_of(by.identity.id)) {
    const auto* audience = directory->audience(id);
    const auto seed = by.keyring().audience_seed(*directory, id, audience->epoch());
    if (!seed || directory->member(ghost.identity.id, id) || audience->box(audience->epoch(), ghost.identity.id))
      continue;
    const auto context = audience_box_context(world_.org(), id, audience->epoch(), audience->at(audience->epoch())->key,
                                              ghost.identity.id);
    payload::AudienceBox box{id, audience->epoch(), ghost.identity.id,
                             Boxer(by.entropy).box(ghost.identity.box.pub, context, seed->view())};
    ++counts_["ghosts"];
    say(by, box);
    return;
  }
}

// Its own entries in somebody else's archive, out of turn, or with places and roots that are not so.
void Driver::push_forged() {
  Node& by = somebody();
  Node& hub = hub_for(by);
  if (hub.slow) return;
  const auto txn = must(hub.replica().store().begin_read());
  const auto n = must(node::archive_count(*txn));
  if (n == 0) return;
  const auto info = *must(node::archive_info(*txn, 1 + static_cast<node::ArchiveNo>(roll(static_cast<int>(n)))));
  auto how = static_cast<Forgery>(roll(static_cast<int>(Forgery::kinds)));
  const bool foreign =
      world_.hq().replica().directory()->right(by.identity.id, node::access_of(info)) == WriteRight::never &&
      watch_.now().right(by.identity.id, node::access_of(info)) == WriteRight::never;
  const auto self = must(node::find_node(*txn, by.identity.id));
  const ChainId chain{by.identity.id, by.identity.incarnation};
  const auto head = self ? must(node::head_of(*txn, info.no, *self, chain)) : std::nullopt;
  // What would be a fork of its own chain is for another kind of world.
  if (!foreign && how != Forgery::wrong_root && how != Forgery::unsigned_batch) how = Forgery::gap;
  auto link = world_.connect(by, hub);
  for (int i = 0; i < 2; ++i) link->step();  // hello and welcome
  link->up().push_front(forge(by, info, head ? head->chain.head.seq : 0, how));
  ++counts_["forged parcels"];
  // The answer is the liar's: the honest half of its program must not take it for one to what was really pushed.
  for (int quiet = 0; !link->over() && quiet < 2;) {
    quiet = link->step() ? 0 : quiet + 1;
    std::erase_if(link->down(), answers_forgery);
  }
}

}  // namespace satchel::sim
