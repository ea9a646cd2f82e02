#include "actors/outbox_store.hpp"

#include <algorithm>
#include <optional>

namespace senseflow::actors {

namespace {

using messages::footprint;
using messages::is_state;

constexpr uint32_t alone_after = 3;   ///< returns
constexpr uint32_t give_up_after = 6; ///< returns

} // namespace

outbox_store::outbox_store(outbox_options options, runtime::ledger& book)
    : options_(options), book_(book), lanes_(std::max(options.publishers, 1u)),
      publishers_(std::max(options.publishers, 1u)) {
  for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].slot = static_cast<uint32_t>(i);
}

bool outbox_store::first_time(const messages::encoded_batch& batch) {
  auto& s = seen_[batch.id.source];
  if (batch.settled_below > s.below) {
    s.below = batch.settled_below;
    s.numbers.erase(s.numbers.begin(), s.numbers.lower_bound(s.below));
  }
  return batch.id.number >= s.below && s.numbers.insert(batch.id.number).second;
}

bool outbox_store::accept(const messages::encoded_batch& batch) {
  if (!first_time(batch)) return false;
  for (const auto& e : batch.ended)
    if (e.by_rule)
      book_.filtered_at_source(e.cls, e.reason, e.count);
    else
      book_.dropped_at_source(e.cls, e.reason, e.count);
  for (const auto& p : batch.publications) {
    book_.accepted(p->cls);
    bytes_ += footprint(*p);
    wait(++last_id_, static_cast<uint32_t>(messages::lane_of(p->origin.view(), lanes_.size())), {p});
  }
  evict();
  return true;
}

void outbox_store::wait(uint64_t id, uint32_t lane_index, const item& x) {
  auto& to = lanes_[lane_index];
  if (!is_state(x.content->cls)) {
    to.events.emplace_hint(to.events.end(), id, x);
    ++waiting_;
    return;
  }
  auto [newest, first] = newest_state_.try_emplace(x.content->replaces.str(), id);
  if (first) {
    to.states.emplace_hint(to.states.end(), id, x);
    ++waiting_;
    return;
  }
  // One of the two goes; the one that stays has the older one's turn, so that nobody waits for ever.
  auto waiting = to.states.find(newest->second);
  book_.dropped_from_outbox(x.content->cls, "superseded");
  if (id > newest->second) {
    bytes_ -= footprint(*waiting->second.content);
    waiting->second = x;
  } else { // came back from a publisher, and there is news already
    bytes_ -= footprint(*x.content);
  }
}

void outbox_store::drop_waiting(queue& from, uint64_t id, std::string_view reason) {
  auto i = from.find(id);
  const auto& x = *i->second.content;
  book_.dropped_from_outbox(x.cls, reason);
  bytes_ -= footprint(x);
  if (is_state(x.cls)) newest_state_.erase(x.replaces.str());
  from.erase(i);
  --waiting_;
}

void outbox_store::evict() {
  while (bytes_ > options_.max_bytes) {
    lane* oldest = nullptr;
    for (auto& l : lanes_)
      if (!l.events.empty() && (!oldest || l.events.begin()->first < oldest->events.begin()->first))
        oldest = &l;
    if (!oldest) return; // state and what is on its way: bounded by their own nature
    drop_waiting(oldest->events, oldest->events.begin()->first, "memory_full");
  }
}

bool outbox_store::congested() const {
  bool taken_from =
      std::any_of(publishers_.begin(), publishers_.end(), [](const publisher& p) { return p.connected; });
  return taken_from && bytes_ > options_.max_bytes / 100 * options_.high_watermark_percent;
}

void outbox_store::forget_connections() {
  for (auto& p : publishers_) p.connected = false;
}

void outbox_store::publisher_here(uint32_t slot, bool connected, uint32_t window,
                                  const std::vector<uint64_t>& holds) {
  if (slot >= publishers_.size()) return;
  publishers_[slot].connected = connected;
  publishers_[slot].window = window;
  std::set<uint64_t> held{holds.begin(), holds.end()};
  for (auto i = in_flight_.begin(); i != in_flight_.end();) {
    auto current = i++;
    if (current->second.slot == slot && held.count(current->first) == 0) take_back(current);
  }
}

void outbox_store::publisher_gone(uint32_t slot) { publisher_here(slot, false, 0, {}); }

outbox_store::sent outbox_store::leave(std::unordered_map<uint64_t, sent>::iterator i) {
  auto x = i->second;
  --lanes_[x.lane].in_flight;
  publishers_[x.slot].messages -= x.what.content->messages.size();
  if (x.what.returns >= alone_after) publishers_[x.slot].alone = false;
  in_flight_.erase(i);
  return x;
}

void outbox_store::take_back(std::unordered_map<uint64_t, sent>::iterator i) {
  auto id = i->first;
  auto x = leave(i);
  wait(id, x.lane, x.what);
  evict();
}

bool outbox_store::serves(uint32_t slot, lane& l) {
  // A lane changes its publisher only when nothing of it is on its way: that keeps the order.
  if (l.in_flight == 0) {
    auto own = static_cast<uint32_t>(&l - lanes_.data());
    for (uint32_t i = 0; i < publishers_.size(); ++i) {
      auto candidate = (own + i) % static_cast<uint32_t>(publishers_.size());
      if (!publishers_[candidate].connected) continue;
      l.slot = candidate;
      break;
    }
  }
  return l.slot == slot;
}

std::vector<messages::outgoing> outbox_store::take(uint32_t slot) {
  std::vector<messages::outgoing> result;
  if (slot >= publishers_.size() || !publishers_[slot].connected) return result;
  auto& to = publishers_[slot];
  for (;;) {
    lane* next = nullptr;
    queue* first = nullptr;
    for (auto& l : lanes_) {
      for (auto* q : {&l.events, &l.states})
        if (!q->empty() && (!first || q->begin()->first < first->begin()->first) && serves(slot, l)) {
          next = &l;
          first = q;
        }
    }
    if (!first) return result;
    auto [id, x] = *first->begin();
    auto n = x.content->messages.size();
    auto suspect = x.returns >= alone_after;
    // A publication of more messages than the window has to go all the same: alone.
    if (to.messages > 0 && (to.alone || suspect || to.messages + n > to.window)) return result;
    first->erase(first->begin());
    --waiting_;
    if (is_state(x.content->cls)) newest_state_.erase(x.content->replaces.str());
    ++next->in_flight;
    to.messages += n;
    to.alone = suspect;
    in_flight_.emplace(id, sent{x, static_cast<uint32_t>(next - lanes_.data()), slot});
    result.push_back({id, x.content});
  }
}

void outbox_store::settle(uint32_t slot, const std::vector<messages::settlement>& items) {
  for (const auto& s : items) {
    auto i = in_flight_.find(s.id);
    if (i == in_flight_.end() || i->second.slot != slot) continue;
    if (s.result == messages::outcome::returned) ++i->second.what.returns;
    bool again = s.result == messages::outcome::returned || s.result == messages::outcome::not_sent;
    if (again && i->second.what.returns < give_up_after) {
      take_back(i);
      continue;
    }
    auto x = leave(i);
    bytes_ -= footprint(*x.what.content);
    auto cls = x.what.content->cls;
    if (s.result == messages::outcome::acknowledged)
      book_.published(cls);
    else
      book_.dropped_from_outbox(cls, again ? "undeliverable" : s.reason.empty() ? "refused" : s.reason);
  }
}

void outbox_store::drop_all(std::string_view reason) {
  for (uint32_t slot = 0; slot < publishers_.size(); ++slot) publisher_gone(slot);
  for (auto& l : lanes_)
    for (auto* q : {&l.events, &l.states})
      while (!q->empty()) drop_waiting(*q, q->begin()->first, reason);
}

} // namespace senseflow::actors
