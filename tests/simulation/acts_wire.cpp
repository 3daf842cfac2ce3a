// SPDX-License-Identifier: AGPL-3.0-or-later
// Lines: exchanges that go on side by side, are cut anywhere, lose, repeat, swap and garble frames.
#include "tests/simulation/driver.h"

namespace satchel::sim {

void Driver::start_sync() {
  ++counts_["syncs"];
  if (links_.size() > 3) links_.pop_front();
  if (once_in(4)) {
    links_.push_back(world_.connect(world_.hub_of(some_branch()), world_.hq(), once_in(2)));
  } else {
    Node& at = once_in(4) ? some_head() : somebody();
    links_.push_back(world_.connect(at, hub_for(at), once_in(3)));
  }
  step_links(roll(60));
  if (once_in(3) && !links_.empty()) {
    ++counts_["cuts"];
    links_.pop_back();
  }
}

void Driver::step_links(int n) {
  for (int i = 0; i < n && !links_.empty(); ++i) {
    auto& link = *any_of(links_);
    if (link.hub().slow && once_in(3)) link.hub().work_off();
    link.step();
    trace_ = trace_ * 1099511628211ULL + link.frames * 31 + link.bytes;
    std::size_t queued = 0;
    for (const auto* queue : {&link.up(), &link.down()}) {
      for (const auto& frame : *queue) queued += frame.size();
    }
    watch_.queue_bytes_max = std::max(watch_.queue_bytes_max, queued);
  }
  for (const auto& link : links_) {
    if (link->over()) note_over(*link);
  }
  std::erase_if(links_, [](const auto& link) { return link->over(); });
}

namespace {

// A statement whose text is gone from a frame passes for one that its reader may not see, as a hub that lies could have
// it; no reader can tell, and none is told another time.
std::ptrdiff_t withheld_in(const Bytes& frame) {
  const auto received = wire::Received::decode(frame);
  const auto* run = received ? std::get_if<wire::DirectoryRun>(&received->frame()) : nullptr;
  if (run == nullptr) return 0;
  return std::ranges::count_if(run->records, [](const auto& record) { return record.envelope.empty(); });
}

}  // namespace

// What TLS forbids; a session that meets it must end, and nothing must come of it.
void Driver::mangle() {
  if (links_.empty()) return;
  auto& link = *any_of(links_);
  auto& queue = once_in(2) ? link.up() : link.down();
  if (queue.empty()) return;
  ++counts_["mangled frames"];
  garbled_ = true;
  const auto at = static_cast<std::size_t>(roll(static_cast<int>(queue.size())));
  switch (roll(5)) {
    case 4:
      bend_stamps(queue);
      break;
    case 0:  // the stream ends here: one frame of it alone is never lost
      queue.resize(at);
      while (!link.over() && !queue.empty()) link.step();
      link.cut();
      break;
    case 1:
      queue.push_back(queue[at]);
      break;
    case 2:
      std::swap(queue[at], queue.back());
      break;
    default: {
      const Bytes before = queue[at];
      queue[at][static_cast<std::size_t>(roll(static_cast<int>(before.size())))] ^= static_cast<Byte>(1 + roll(255));
      if (withheld_in(queue[at]) > withheld_in(before)) queue[at] = before;
    }
  }
}

// What a hub could forge: the times and places it vouches for.
void Driver::bend_stamps(std::deque<Bytes>& queue) {
  for (auto& frame : queue) {
    auto received = wire::Received::decode(frame);
    if (!received) continue;
    std::vector<wire::SignedView>* stamps = nullptr;
    if (auto* f = std::get_if<wire::Receipts>(&received->frame())) stamps = &f->stamps;
    if (auto* f = std::get_if<wire::Accepted>(&received->frame())) stamps = &f->stamps;
    if (auto* f = std::get_if<wire::Parcel>(&received->frame())) stamps = &f->stamps;
    if (stamps == nullptr || stamps->empty()) continue;
    std::deque<Bytes> forged;  // the frame borrows them
    for (auto& stamp : *stamps) {
      auto bent = Stamp::decode(stamp.bytes);
      if (!bent) continue;
      bent->time.ms -= 3'600'000;
      forged.push_back(bent->encode());
      stamp.bytes = forged.back();
    }
    frame = wire::encode(received->frame());
  }
}

}  // namespace satchel::sim
