// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/model/reconcile.h"

namespace satchel {

namespace {

std::unexpected<Error> bad(const char* code, std::string detail = {}) {
  return fail(ErrorKind::integrity, code, std::move(detail));
}

std::unexpected<Error> broken(const char* why) { return fail(ErrorKind::invalid, "reconcile.broken", why); }

// The shortest id that is greater than `below` and not greater than `at`.
ArchiveId bound_between(const ArchiveId& below, const ArchiveId& at) {
  ArchiveId bound;
  for (std::size_t i = 0; i < ArchiveId::size; ++i) {
    bound.bytes[i] = at.bytes[i];
    if (at.bytes[i] != below.bytes[i]) break;
  }
  return bound;
}

std::size_t significant(const ArchiveId& id) {
  std::size_t size = ArchiveId::size;
  while (size > 0 && id.bytes[size - 1] == 0) --size;
  return size;
}

// Into so many parts of equal size: where each ends, and its items.
template <class Visit>
void split_items(std::span<const ReconcileItem> items, const std::optional<ArchiveId>& end, std::size_t ways,
                 const Visit& visit) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= ways; ++i) {
    const std::size_t stop = items.size() * i / ways;
    if (stop == begin && i < ways) continue;
    const bool last = i == ways;
    const auto to = last ? end : std::optional(bound_between(items[stop - 1].archive, items[stop].archive));
    visit(to, items.subspan(begin, stop - begin));
    begin = stop;
  }
}

void put_items(Writer& out, const std::vector<ReconcileItem>& items) {
  out.varint(items.size());
  for (const auto& item : items) out.raw(item.archive.view()).raw(item.heads.view());
}

// Ascending, and inside the range.
bool read_items(Reader& in, const ArchiveId& from, const std::optional<ArchiveId>& to,
                std::vector<ReconcileItem>& items) {
  items.resize(in.count(kReconcileItemsMax));
  const ArchiveId* before = nullptr;
  for (auto& item : items) {
    item.archive = ArchiveId::of(in.raw(ArchiveId::size));
    item.heads = Digest::of(in.raw(Digest::size));
    if (!in.ok() || item.archive < from || (to && item.archive >= *to)) return false;
    if (before != nullptr && !(*before < item.archive)) return false;
    before = &item.archive;
  }
  return in.ok();
}

// Where a message is being gathered: neighbours that say nothing become one.
class Gathering {
 public:
  explicit Gathering(bool both_ways) { message_.both_ways = both_ways; }

  void add(ReconcileRange range) {
    if (range.mode == RangeMode::skip && !message_.ranges.empty() && message_.ranges.back().mode == RangeMode::skip) {
      message_.ranges.back().to = range.to;
      return;
    }
    bytes_ += 64 + range.items.size() * sizeof(ReconcileItem);
    message_.ranges.push_back(std::move(range));
  }
  void skip_to(const std::optional<ArchiveId>& to) { add({to, RangeMode::skip, 0, {}, {}}); }
  // Room for so many more items, at least in part; one range always has room.
  bool full() const { return bytes_ >= kReconcileBytes || message_.ranges.size() + 64 > kReconcileRangesMax; }
  std::size_t room() const { return full() ? 0 : (kReconcileBytes - bytes_) / sizeof(ReconcileItem) + 1; }
  Bytes take() { return encode(message_); }

 private:
  ReconcileMessage message_;
  std::size_t bytes_ = 0;
};

ReconcileRange fingerprint_of(const std::optional<ArchiveId>& to, std::span<const ReconcileItem> items) {
  return {to, RangeMode::fingerprint, items.size(), range_fingerprint(items), {}};
}

}  // namespace

ReconcileSet::ReconcileSet(std::vector<ReconcileItem> sorted) : items_(std::move(sorted)) {
  for (std::size_t i = 1; i < items_.size(); ++i) SATCHEL_ASSERT(items_[i - 1].archive < items_[i].archive);
}

std::span<const ReconcileItem> ReconcileSet::range(const ArchiveId& from, const std::optional<ArchiveId>& to) const {
  const auto begin = std::ranges::lower_bound(items_, from, {}, &ReconcileItem::archive);
  const auto end = to ? std::ranges::lower_bound(begin, items_.end(), *to, {}, &ReconcileItem::archive) : items_.end();
  return {begin, end};
}

Digest range_fingerprint(std::span<const ReconcileItem> items) {
  // Items lie in memory as they are hashed: 16 bytes of id, 32 of digest, nothing between.
  static_assert(sizeof(ReconcileItem) == ArchiveId::size + Digest::size);
  return hash(kRangeLabel, View(reinterpret_cast<const Byte*>(items.data()), items.size_bytes()));
}

Bytes encode(const ReconcileMessage& message) {
  Writer out(1024);
  out.u8(message.both_ways ? 1 : 0).varint(message.ranges.size());
  for (const auto& range : message.ranges) {
    out.sized(range.to ? range.to->view().first(significant(*range.to)) : View());
    out.u8(static_cast<std::uint8_t>(range.mode));
    if (range.mode == RangeMode::fingerprint) out.varint(range.count).raw(range.fingerprint.view());
    if (range.mode == RangeMode::items || range.mode == RangeMode::difference) put_items(out, range.items);
  }
  return out.take();
}

Result<ReconcileMessage> decode_reconcile(View bytes) {
  Reader in(bytes);
  ReconcileMessage message;
  const auto both = in.u8();
  message.both_ways = both == 1;
  const auto count = in.count(kReconcileRangesMax);
  if (both > 1 || count == 0) return broken("head");
  ArchiveId from;
  for (std::size_t i = 0; i < count; ++i) {
    ReconcileRange range;
    const View to = in.sized(ArchiveId::size);
    const bool last = i + 1 == count;
    // Bounds ascend, only the last range goes to the end, and a bound has one spelling.
    if (!in.ok() || to.empty() != last || (!last && to.back() == 0)) return broken("bound");
    if (!last) {
      range.to = ArchiveId{};
      std::ranges::copy(to, range.to->bytes.begin());
      if (!(from < *range.to)) return broken("order");
    }
    range.mode = static_cast<RangeMode>(in.u8());
    if (range.mode > RangeMode::later) return broken("mode");
    if (range.mode == RangeMode::fingerprint) {
      range.count = in.varint();
      range.fingerprint = Digest::of(in.raw(Digest::size));
    }
    const bool listed = range.mode == RangeMode::items || range.mode == RangeMode::difference;
    if (listed && !read_items(in, from, range.to, range.items)) return broken("items");
    if (range.to) from = *range.to;
    message.ranges.push_back(std::move(range));
  }
  if (!in.done()) return broken("left over");
  return message;
}

// ---- the asking end ----

Reconciler::Reconciler(const ReconcileSet& set, bool both_ways, std::size_t theirs_max)
    : set_(set), both_ways_(both_ways), theirs_max_(theirs_max) {}

std::optional<Bytes> Reconciler::start() {
  if (set_.size() == 0 && !both_ways_) return std::nullopt;
  split({}, kReconcileFirstWays);
  return next();
}

void Reconciler::split(const Ask& range, std::size_t ways) {
  const auto items = mine(range);
  if (items.empty() && !both_ways_) return;
  if (items.size() <= kReconcileListMax) {
    asks_.push_back({range.from, range.to, range.depth + 1, true});
    return;
  }
  ArchiveId from = range.from;
  split_items(items, range.to, ways, [&](const std::optional<ArchiveId>& to, std::span<const ReconcileItem>) {
    asks_.push_back({from, to, range.depth + 1, false});
    if (to) from = *to;
  });
}

std::optional<Bytes> Reconciler::next() {
  sent_.clear();
  if (asks_.empty()) {
    std::ranges::sort(differences_, {}, &ReconcileDifference::archive);
    return std::nullopt;
  }
  Gathering out(both_ways_);
  ArchiveId from;
  while (!asks_.empty() && !out.full()) {
    Ask ask = std::move(asks_.front());
    asks_.pop_front();
    if (from < ask.from) out.skip_to(ask.from);
    const auto items = mine(ask);
    if (ask.listed) {
      out.add({ask.to, RangeMode::items, 0, {}, {items.begin(), items.end()}});
    } else {
      out.add(fingerprint_of(ask.to, items));
    }
    if (ask.to) from = *ask.to;
    sent_.push_back(std::move(ask));
  }
  if (sent_.back().to) out.skip_to(std::nullopt);
  ++rounds_;
  return out.take();
}

Result<std::optional<Bytes>> Reconciler::step(View answer) {
  SATCHEL_GET(message, decode_reconcile(answer));
  // More than any honest end needs: every answer settles ranges, or is full.
  if (rounds_ > 64 + (set_.size() + theirs_) / 256) return bad("reconcile.endless");
  const auto waiting = std::exchange(asks_, {});
  auto ask = sent_.begin();
  bool progress = false;
  ArchiveId from;
  for (auto& range : message.ranges) {
    const auto to = range.to;
    if (range.mode == RangeMode::skip) {
      // Neighbours of which nothing is said have become one, over several asks and what lies between.
      for (; ask != sent_.end() && (!to || ask->from < *to); ++ask) {
        progress = true;
        if (to && (!ask->to || *to < *ask->to)) break;
      }
    } else {
      const bool within = ask != sent_.end() && from >= ask->from && (!ask->to || (to && *to <= *ask->to));
      if (!within) return bad("reconcile.bounds");
      SATCHEL_TRY(take({from, to, ask->depth, ask->listed}, std::move(range), progress));
      if (to == ask->to) ++ask;
    }
    if (to) from = *to;
  }
  if (ask != sent_.end()) return bad("reconcile.bounds");
  if (!progress) return bad("reconcile.endless");
  // Those not sent yet lie behind all that were.
  asks_.insert(asks_.end(), waiting.begin(), waiting.end());
  return next();
}

Result<void> Reconciler::take(const Ask& part, ReconcileRange&& answer, bool& progress) {
  if (part.depth > kReconcileDepthMax) return bad("reconcile.endless");
  switch (answer.mode) {
    case RangeMode::skip:
      break;
    case RangeMode::later:
      asks_.push_back({part.from, part.to, part.depth, part.listed});
      return {};
    case RangeMode::fingerprint: {
      if (part.listed) return bad("reconcile.bounds");
      const auto items = mine(part);
      if (items.size() == answer.count && range_fingerprint(items) == answer.fingerprint) break;
      split(part, kReconcileWays);
      break;
    }
    case RangeMode::items:
      if (part.listed) return bad("reconcile.bounds");
      SATCHEL_TRY(compare(part, answer.items));
      break;
    case RangeMode::difference:
      if (!part.listed) return bad("reconcile.bounds");
      SATCHEL_TRY(believe(part, answer.items));
      break;
  }
  progress = true;
  return {};
}

// Everything the other end has of the range.
Result<void> Reconciler::compare(const Ask& part, const std::vector<ReconcileItem>& theirs) {
  auto their = theirs.begin();
  for (const auto& item : mine(part)) {
    for (; their != theirs.end() && their->archive < item.archive; ++their)
      SATCHEL_TRY(note({their->archive, {}, their->heads}));
    const bool both = their != theirs.end() && their->archive == item.archive;
    if (!both || their->heads != item.heads)
      SATCHEL_TRY(note({item.archive, item.heads, both ? their->heads : Digest{}}));
    if (both) ++their;
  }
  for (; their != theirs.end(); ++their) SATCHEL_TRY(note({their->archive, {}, their->heads}));
  return {};
}

// Where the other end, who saw our items of the range, says that we differ.
Result<void> Reconciler::believe(const Ask& part, const std::vector<ReconcileItem>& differing) {
  const auto items = mine(part);
  for (const auto& item : differing) {
    const auto own = std::ranges::lower_bound(items, item.archive, {}, &ReconcileItem::archive);
    const bool here = own != items.end() && own->archive == item.archive;
    if (here ? own->heads == item.heads : item.heads.none()) return bad("reconcile.bounds", item.archive.hex());
    SATCHEL_TRY(note({item.archive, here ? own->heads : Digest{}, item.heads}));
  }
  return {};
}

Result<void> Reconciler::note(ReconcileDifference difference) {
  if (difference.mine.none()) {
    if (!both_ways_) return {};
    if (++theirs_ > theirs_max_) return bad("reconcile.too-many");
  }
  differences_.push_back(std::move(difference));
  return {};
}

// ---- the answering end ----

namespace {

class Answerer {
 public:
  Answerer(const ReconcileSet& set, bool both_ways) : set_(set), both_ways_(both_ways), out_(both_ways) {}

  Result<Bytes> run(const std::vector<ReconcileRange>& asked) {
    ArchiveId from;
    for (const auto& range : asked) {
      if (range.mode == RangeMode::difference || range.mode == RangeMode::later) return bad("reconcile.bounds");
      answer(from, range);
      if (range.to) from = *range.to;
    }
    return out_.take();
  }

 private:
  void answer(const ArchiveId& from, const ReconcileRange& asked) {
    const auto mine = set_.range(from, asked.to);
    if (asked.mode == RangeMode::skip) return out_.skip_to(asked.to);
    if (out_.full()) return out_.add({asked.to, RangeMode::later, 0, {}, {}});
    if (asked.mode == RangeMode::items) return differ(asked, mine);
    if (mine.size() == asked.count && range_fingerprint(mine) == asked.fingerprint) return out_.skip_to(asked.to);
    if (mine.size() <= kReconcileListMax)
      return out_.add({asked.to, RangeMode::items, 0, {}, {mine.begin(), mine.end()}});
    split_items(mine, asked.to, kReconcileWays,
                [&](const std::optional<ArchiveId>& to, std::span<const ReconcileItem> part) {
                  out_.add(fingerprint_of(to, part));
                });
  }

  // Where the two differ, as far as there is room; the rest of the range later.
  void differ(const ReconcileRange& asked, std::span<const ReconcileItem> mine) {
    std::vector<ReconcileItem> differing;
    const auto room = std::min(out_.room(), kReconcileItemsMax);
    auto own = mine.begin();
    auto theirs = asked.items.begin();
    const ArchiveId* last = nullptr;
    while (own != mine.end() || theirs != asked.items.end()) {
      const bool only_theirs = own == mine.end() || (theirs != asked.items.end() && theirs->archive < own->archive);
      const bool only_own = !only_theirs && (theirs == asked.items.end() || own->archive < theirs->archive);
      if (differing.size() == room) {
        const ArchiveId& next = only_theirs ? theirs->archive : own->archive;
        const ArchiveId bound = bound_between(*last, next);
        out_.add({bound, RangeMode::difference, 0, {}, std::move(differing)});
        return out_.add({asked.to, RangeMode::later, 0, {}, {}});
      }
      last = only_theirs ? &theirs->archive : &own->archive;
      if (only_theirs) {
        differing.push_back({theirs->archive, {}});
      } else if (only_own ? both_ways_ : own->heads != theirs->heads) {
        differing.push_back(*own);
      }
      if (!only_own) ++theirs;
      if (!only_theirs) ++own;
    }
    if (differing.empty()) return out_.skip_to(asked.to);
    out_.add({asked.to, RangeMode::difference, 0, {}, std::move(differing)});
  }

  const ReconcileSet& set_;
  bool both_ways_;
  Gathering out_;
};

}  // namespace

Result<Bytes> reconcile_answer(const ReconcileSet& set, View message) {
  SATCHEL_GET(asked, decode_reconcile(message));
  return Answerer(set, asked.both_ways).run(asked.ranges);
}

}  // namespace satchel
