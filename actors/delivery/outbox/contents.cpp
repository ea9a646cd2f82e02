#include "actors/delivery/outbox/contents.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

using messages::footprint;
using runtime::place;

namespace {
constexpr std::string_view memory_full = "memory_full";
}

uint32_t outbox_contents::lane_of(const messages::publication& x) const {
  return static_cast<uint32_t>(messages::lane_of(x.origin.view(), outbox_lane_count));
}

outbox_item* outbox_contents::find(uint64_t id, uint32_t lane) {
  if (auto* x = lanes[lane].find(id)) return x;
  auto i = on_way.items().find(id);
  return i == on_way.items().end() ? nullptr : &i->second.what;
}

size_t outbox_contents::waiting() const {
  size_t sum = 0;
  for (const auto& l : lanes) sum += l.waiting();
  return sum;
}

uint64_t outbox_contents::on_disk() const {
  uint64_t sum = 0;
  for (const auto& l : lanes) sum += l.on_disk;
  return sum;
}

void outbox_contents::enters(const outbox_item& x) {
  book.moved(x.content->cls, x.content->origin.view(), place::source, place::memory);
  budget.add(footprint(*x.content));
  tasks.entered(x);
}

void outbox_contents::put(uint64_t id, uint32_t lane, outbox_item x) {
  auto& l = lanes[lane];
  if (!x.is_state()) {
    l.sendable.emplace_hint(l.sendable.end(), id, std::move(x));
  } else if (auto old = l.states.put(id, std::move(x))) {
    book.dropped(old->content->cls, old->content->origin.view(), place::memory, "superseded");
    ended(id, *old);
  }
}

void outbox_contents::put_unwritten(uint64_t id, uint32_t lane, outbox_item x) {
  budget.add_unwritten(footprint(*x.content));
  auto& l = lanes[lane];
  l.to_write.emplace_hint(l.to_write.end(), id, std::move(x));
  tasks.write(id, lane);
}

void outbox_contents::enters_anew(const outbox_item& x) {
  book.sent_anew(x.content->cls, x.content->origin.view());
  budget.add(footprint(*x.content));
  tasks.entered(x);
}

void outbox_contents::put_anew(uint64_t id, uint32_t lane, outbox_item x) {
  enters_anew(x);
  put(id, lane, std::move(x));
}

void outbox_contents::reduce(outbox_item& x, messages::publication to) {
  budget.subtract(footprint(*x.content));
  budget.add(footprint(to));
  x.content = std::move(to);
}

void outbox_contents::send(uint32_t slot, uint32_t lane, outbox_queue::node_type x,
                           sent_values::time_point now) {
  const auto& content = *x.mapped().content;
  book.moved(content.cls, content.origin.view(), place::memory, place::flight);
  retained.sent(slot, content);
  last_sent.sent(content, now);
  const bool is_suspect = suspects::suspected(x.mapped());
  on_way.give(slot, x.key(), lane, std::move(x.mapped()), is_suspect);
}

void outbox_contents::take_back(deliveries::map::iterator i, bool repeated) {
  const auto id = i->first;
  auto x = on_way.take(i);
  const auto& content = *x.what.content;
  last_sent.lost(content);
  x.what.sent = x.what.sent || repeated;
  if (repeated)
    book.repeated(content.cls, content.origin.view());
  else
    book.moved(content.cls, content.origin.view(), place::flight, place::memory);
  put(id, x.lane, std::move(x.what));
}

outbox_item outbox_contents::settled(deliveries::map::iterator i) {
  const auto id = i->first;
  auto x = on_way.take(i).what;
  tasks.need_not_write(id);
  ended(id, x);
  return x;
}

void outbox_contents::published(deliveries::map::iterator i, bool confirmed,
                                const std::vector<messages::message_outcome>& each) {
  const auto x = settled(i);
  retained.delivered(x, each);
  last_sent.delivered(*x.content, each);
  if (!x.is_state() && !x.again) recent.published(x.content);
  if (confirmed) suspected.confirmed();
  book.published(x.content->cls, x.content->origin.view(), confirmed);
  tell(x, true);
}

void outbox_contents::drop(deliveries::map::iterator i, std::string_view reason) {
  const auto x = settled(i);
  last_sent.lost(*x.content);
  book.dropped(x.content->cls, x.content->origin.view(), place::flight, reason);
  tell(x, false);
}

void outbox_contents::tell(const outbox_item& x, bool published) {
  if (events && x.content->from.event.size() > 0) events->settled(x.content->from.event, published);
}

/// Wherever it was, it is no longer.
void outbox_contents::ended(uint64_t id, const outbox_item& x) {
  budget.subtract(footprint(*x.content));
  suspected.forget(id);
  tasks.ended(id, x);
}

void outbox_contents::drop(outbox_queue::node_type x, std::string_view reason) {
  const auto& content = *x.mapped().content;
  const bool given_up = reason == memory_full || reason == at_the_end;
  book.dropped(content.cls, content.origin.view(), place::memory,
               given_up && x.mapped().may_have_arrived() ? runtime::unconfirmed : reason);
  tell(x.mapped(), reason == "expired"); // its time is over on every node
  tasks.need_not_write(x.key());
  ended(x.key(), x.mapped());
}

void outbox_contents::drop(outbox_lane& l, outbox_queue& from, std::string_view reason) {
  if (&from == &l.to_write) budget.subtract_unwritten(footprint(*from.begin()->second.content));
  drop(from.extract(from.begin()), reason);
}

void outbox_contents::filter(outbox_lane& l, bool is_event, std::string_view rule) {
  const auto x = is_event ? l.sendable.extract(l.sendable.begin()) : l.states.take_first();
  const auto& content = *x.mapped().content;
  book.filtered(content.cls, content.origin.view(), rule, 1, place::memory);
  tasks.need_not_write(x.key());
  ended(x.key(), x.mapped());
}

void outbox_contents::drop_state(outbox_lane& l, std::string_view reason) {
  drop(l.states.take_first(), reason);
}

void outbox_contents::drop_surplus() {
  while (budget.exceeded()) {
    outbox_lane* lane = nullptr;
    outbox_queue* oldest = nullptr;
    for (auto& l : lanes) {
      auto& q = l.sendable.empty() ? l.to_write : l.sendable;
      if (q.empty() || (oldest != nullptr && oldest->begin()->first < q.begin()->first)) continue;
      lane = &l;
      oldest = &q;
    }
    if (oldest == nullptr) return; // state and what is on its way: bounded by their own nature
    drop(*lane, *oldest, memory_full);
  }
  while (budget.unwritten_blocks_reading() && on_disk() > 0) {
    outbox_lane* oldest = nullptr;
    for (auto& l : lanes)
      if (!l.to_write.empty() &&
          (oldest == nullptr || l.to_write.begin()->first < oldest->to_write.begin()->first))
        oldest = &l;
    drop(*oldest, oldest->to_write, memory_full);
  }
}

} // namespace senseflow::actors
