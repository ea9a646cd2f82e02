#include "actors/delivery/outbox/store.hpp"

#include "runtime/accounting/event_counts.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using messages::outcome;
using runtime::place;

/// Of its first 64 messages, those that need not be sent again.
uint64_t arrived(const messages::settlement& s) {
  uint64_t result = 0;
  for (size_t i = 0; i < std::min<size_t>(s.messages.size(), 64); ++i)
    if (s.messages[i].result == outcome::acknowledged) result |= uint64_t{1} << i;
  return result;
}

bool expired(const outbox_item& x, int64_t now_ms) {
  auto expiry = x.content->messages.front().expiry_s;
  return expiry > 0 && now_ms - x.accepted_ms >= static_cast<int64_t>(expiry) * 1000;
}

} // namespace

outbox_store::outbox_store(outbox_options options, runtime::ledger& book)
    : outbox_spooling(std::move(options), book), pace_(options_.replay_rate) {
  held_.tasks.given_ids = id_reserve{options_.first_id - 1};
}

void outbox_store::recover(const std::vector<found_on_disk>& found) {
  for (const auto& x : found) {
    held_.lanes[x.lane % lane_count].on_disk += x.count;
    held_.book.recovered(x.cls, x.source, x.count);
    outage_.interrupt(); // subscribers may not be back yet
  }
}

// --- what comes in --------------------------------------------------------------------------------

bool outbox_store::accept(const messages::encoded_batch& batch, time_point now) {
  now_ = now;
  if (auto verdict = accepted_.judge(batch.id); verdict != accepted_batches::verdict::take)
    return verdict == accepted_batches::verdict::repeated;
  start_or_stop_writing();
  for (const auto& e : batch.ended)
    if (e.by_rule)
      held_.book.filtered(e.cls, e.source.view(), e.reason, e.count);
    else
      held_.book.dropped(e.cls, e.source.view(), place::source, e.reason, e.count);
  if (options_.events)
    for (const auto& x : batch.ended_events) options_.events->ended(x);
  for (const auto& p : batch.publications) {
    outbox_item x{p, clock_.unix_ms(now_)};
    held_.enters(x);
    admit(std::move(x));
  }
  make_room();
  return true;
}

/// Has entered; gets its place.
void outbox_store::admit(outbox_item x) {
  const auto id = held_.tasks.given_ids.next();
  const auto n = held_.lane_of(*x.content);
  const auto& l = held_.lanes[n];
  if (x.is_state()) return held_.put(id, n, std::move(x));
  if (l.replaying) pace_.joined();
  if (l.has_unsendable() || (spool_works() && writing())) return held_.put_unwritten(id, n, std::move(x));
  if (options_.mode == delivery_mode::journal) ++bypassed_;
  held_.put(id, n, std::move(x));
}

std::optional<uint64_t> outbox_store::repeat(const messages::repeat_events& what, time_point now) {
  now_ = now;
  if (draining_ || congested() || held_.budget.half_full()) return std::nullopt;
  start_or_stop_writing();
  const auto events = held_.recent.newest(what.cls, what.count);
  for (const auto& e : events) {
    auto copy = *e;       // its texts are shared
    copy.from.event = {}; // other nodes are not concerned
    outbox_item x{std::move(copy), clock_.unix_ms(now_)};
    x.again = true;
    held_.enters_anew(x);
    admit(std::move(x));
  }
  make_room();
  return events.size();
}

// --- connections ----------------------------------------------------------------------------------

/// What waits is a backlog now.
void outbox_store::replay(bool resumed) {
  for (auto& l : held_.lanes) {
    if (!l.has_events()) continue;
    l.replaying = true;
    // A broker that was not restarted still knows its subscribers: there is nobody to wait for.
    if (!resumed) l.hold_until = now_ + options_.replay_delay;
  }
}

void outbox_store::publisher_here(const messages::publisher_state& x, time_point now) {
  now_ = now;
  if (x.slot >= deliveries::most_publishers) return;
  const auto change = held_.on_way.state_of(x);
  if (change.ended) {
    outage_.interrupt();
    held_.suspected.connection_ended(change.carried_suspect);
    held_.retained.connection_ended(x.slot);
  }
  if (change.came) held_.retained.connection_began(x.slot, x.resumed);
  // No session knows what QoS 0 has lost.
  if (change.ended) held_.last_sent.forget();
  if (change.came) held_.last_sent.forget_until(now_ + options_.replay_delay);
  if (change.is_first && outage_.over()) replay(x.resumed);
  take_back_all(x.slot, x.holds); // never arrived there, or arrived at an incarnation that has died
  start_or_stop_writing();
}

void outbox_store::publisher_died(uint32_t slot, time_point now) {
  now_ = now;
  if (slot >= held_.on_way.slots()) return;
  take_back_all(slot, {});
  held_.on_way.forget(slot);
  held_.retained.connection_ended(slot);
  held_.last_sent.forget();
  start_or_stop_writing();
}

void outbox_store::forget_connections() {
  held_.on_way.forget_connections();
  held_.retained.connections_ended();
}

// --- what goes out --------------------------------------------------------------------------------

/// How many of a lane at a time: one while there are events, else so many of few lanes as it would be of all.
size_t outbox_store::reminders() const {
  size_t due = 0;
  for (uint32_t n = 0; n < lane_count; ++n) {
    if (held_.lanes[n].has_events()) return 1;
    if (held_.retained.due(n)) ++due;
  }
  return lane_count / std::max<size_t>(due, 1);
}

/// State that is to go out once more joins the lane piece by piece, behind all that is new: nobody has to wait
/// for more than `most`.
void outbox_store::remind(uint32_t lane, size_t most) {
  const auto on_its_way = [this](const auto& replaces) { return held_.on_way.carries_state(replaces); };
  for (bool more = true; more && most > 0; --most) {
    auto x = held_.retained.next(lane, clock_.unix_ms(now_), on_its_way);
    if (!x) return;
    // A value that shares its place with others comes alone: it would give way to the next one.
    const auto& m = x->content->messages.front();
    more = m.payload.size() == 0 || m.topic == x->content->replaces;
    held_.put_anew(held_.tasks.given_ids.next(), lane, std::move(*x));
  }
}

/// Other nodes may have it, too.
bool outbox_store::shared(const outbox_item& x) const {
  return options_.events && x.content->from.event.size() > 0;
}

void outbox_store::offer(outbox_lane& l, uint32_t n, outbox_turns& to) {
  if (!l.has_events()) l.replaying = false;
  if (!l.states.empty() && now_ >= l.hold_states_until)
    to.offer({false, l.states.first_id(), n});
  else if (!l.sendable.empty() && now_ >= l.hold_until && (!l.replaying || pace_.allows(now_)) &&
           (!shared(l.sendable.begin()->second) || options_.events->may_send(now_)))
    to.offer({true, l.sendable.begin()->first, n});
}

/// What is to be sent of it: all, if that is none. Who has got a part of it already gets the rest.
std::optional<messages::publication> outbox_store::news_of(const outbox_item& x) const {
  if (!x.is_state() || x.arrived != 0) return std::nullopt;
  return held_.last_sent.news_of(*x.content, now_);
}

messages::outgoing outbox_store::send(const outbox_turns::turn& what, uint32_t slot,
                                      std::optional<messages::publication> news) {
  auto& l = held_.lanes[what.lane];
  if (what.is_event && l.replaying) pace_.published();
  auto x = what.is_event ? l.sendable.extract(l.sendable.begin()) : l.states.take_first();
  if (news) {
    held_.last_sent.left_out(x.mapped().content->messages.size() - news->messages.size());
    held_.reduce(x.mapped(), std::move(*news));
  }
  auto age_ms = std::max<int64_t>(clock_.unix_ms(now_) - x.mapped().accepted_ms, 0);
  messages::outgoing result{what.id, x.mapped().content, static_cast<uint32_t>(age_ms / 1000),
                            x.mapped().arrived};
  held_.send(slot, what.lane, std::move(x), now_);
  return result;
}

std::vector<messages::outgoing> outbox_store::take(uint32_t slot, time_point now) {
  now_ = now;
  tell_witness();
  std::vector<messages::outgoing> result;
  if (!held_.on_way.connected(slot)) return result;
  const auto at_a_time = reminders();
  outbox_turns turns;
  for (uint32_t n = 0; n < lane_count; ++n) {
    auto& l = held_.lanes[n];
    const bool reminds = l.states.empty() && !draining_ && held_.retained.due(n);
    if ((l.nothing_sendable() && !reminds) || !held_.on_way.serves(slot, n)) continue;
    if (reminds) remind(n, at_a_time);
    offer(l, n, turns);
  }
  while (!turns.empty()) {
    const auto turn = turns.take_first();
    auto& l = held_.lanes[turn.lane];
    const auto& x = turn.is_event ? l.sendable.begin()->second : l.states.first();
    if (!turn.is_event && held_.retained.outdated(*x.content)) {
      held_.drop_state(l, "superseded");
    } else if (turn.is_event && shared(x) && options_.events->published_elsewhere(x.content->from.event)) {
      held_.filter(l, true, runtime::published_by_another_node);
    } else if (!expired(x, clock_.unix_ms(now_))) {
      auto news = news_of(x);
      const auto& content = news ? *news : *x.content;
      if (content.messages.empty()) {
        held_.last_sent.left_out(x.content->messages.size());
        held_.filter(l, false, "unchanged");
      } else {
        if (!held_.on_way.has_room(slot, content.messages.size(), suspects::suspected(x))) break;
        result.push_back(send(turn, slot, std::move(news)));
      }
    } else if (turn.is_event) {
      held_.drop(l, l.sendable, "expired");
    } else {
      held_.drop_state(l, "expired");
    }
    offer(l, turn.lane, turns);
  }
  return result;
}

void outbox_store::take_back(deliveries::map::iterator i, bool repeated) {
  const auto& x = i->second.what;
  if (outage_.away() && options_.mode == delivery_mode::overflow && !x.is_state() &&
      x.on_disk == outbox_item::saved::no)
    held_.tasks.write(i->first, i->second.lane);
  held_.take_back(i, repeated);
  make_room();
}

void outbox_store::take_back_all(uint32_t slot, const std::vector<uint64_t>& but) {
  for (auto id : held_.on_way.given_to(slot, but)) take_back(held_.on_way.items().find(id), true);
}

/// Unless it is to be given up.
bool outbox_store::try_again(deliveries::map::iterator i, bool returned) {
  auto& x = i->second.what;
  const bool connected = held_.on_way.connected(i->second.slot);
  if (returned && !connected) suspects::came_back(x);
  const auto verdict = held_.suspected.judge(i->first, x, now_);
  if (verdict == suspects::verdict::guilty) return false;
  const bool not_now =
      returned && connected; // the broker won't take it yet, the connection is as good as ever
  if (verdict == suspects::verdict::suspected || not_now)
    held_.lanes[i->second.lane].pause(x, now_ + suspects::pause);
  take_back(i, returned);
  return true;
}

void outbox_store::settle(uint32_t slot, const std::vector<messages::settlement>& items, time_point now) {
  now_ = now;
  tell_witness();
  for (const auto& s : items) {
    auto i = held_.on_way.items().find(s.id);
    if (i == held_.on_way.items().end() || i->second.slot != slot) continue;
    switch (s.result) {
    case outcome::acknowledged:
    case outcome::written:
      held_.published(i, s.result == outcome::acknowledged, s.messages);
      break;
    case outcome::refused:
      held_.drop(i, s.reason.empty() ? "refused" : std::string_view{s.reason});
      break;
    case outcome::returned:
    case outcome::not_sent:
      i->second.what.arrived = arrived(s);
      if (try_again(i, s.result == outcome::returned)) break;
      if (arrived(s) != 0) { // so not all of it is undeliverable
        held_.last_sent.lost(*i->second.what.content);
        held_.published(i, true);
      } else
        held_.drop(i, "undeliverable");
      break;
    }
  }
  start_or_stop_writing();
}

// --- the end --------------------------------------------------------------------------------------

bool outbox_store::drained() const { return empty() || (spool_works() && !held_.on_way.connected()); }

bool outbox_store::at_rest() const {
  if (!empty() || on_disk() > 0 || draining_ || !held_.on_way.connected()) return false;
  if (!held_.tasks.nothing_to_write() || !held_.tasks.nothing_to_remove()) return false;
  for (uint32_t n = 0; n < outbox_lane_count; ++n)
    if (held_.retained.due(n)) return false;
  return true;
}

std::optional<std::chrono::milliseconds> outbox_store::age_of_oldest_event(time_point now) {
  std::optional<int64_t> oldest;
  const auto look_at = [&](const outbox_item& x) {
    if (!x.is_state()) oldest = std::min(oldest.value_or(x.accepted_ms), x.accepted_ms);
  };
  for (const auto& l : held_.lanes)
    for (const auto* queue : {&l.sendable, &l.to_write})
      if (!queue->empty()) look_at(queue->begin()->second); // the others came later
  for (const auto& [id, x] : held_.on_way.items()) look_at(x.what);
  if (!oldest) return std::nullopt;
  return std::chrono::milliseconds(std::max<int64_t>(clock_.unix_ms(now) - *oldest, 0));
}

void outbox_store::end(const committer& commit) {
  for (uint32_t slot = 0; slot < held_.on_way.slots(); ++slot) publisher_died(slot, now_);
  for (auto& l : held_.lanes)
    while (!l.states.empty()) held_.drop_state(l, at_the_end);
  write_rest(commit);
}

} // namespace senseflow::actors
