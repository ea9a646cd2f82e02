#include "actors/delivery/outbox_store.hpp"

#include <algorithm>

namespace senseflow::actors {

namespace {

using messages::footprint;
using messages::is_state;
using messages::outcome;
using runtime::place;

constexpr uint32_t alone_after = 3;    ///< returns
constexpr uint32_t give_up_after = 6;  ///< returns, if others get through
constexpr uint32_t despair_after = 30; ///< returns, if nothing does, and not before
constexpr auto patience = std::chrono::minutes(10);
constexpr auto pause_after_return = std::chrono::seconds(1);
constexpr uint32_t most_publishers = 1024; ///< slots

bool confirmed_by_broker(const messages::publication& x) {
  return std::all_of(x.messages.begin(), x.messages.end(), [](const auto& m) { return m.qos > 0; });
}

int64_t system_unix_ms() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace

outbox_store::outbox_store(outbox_options options, runtime::ledger& book)
    : options_(std::move(options)), book_(book), pace_(options_.replay_rate),
      last_id_(options_.first_id - 1) {
  if (!options_.unix_ms) options_.unix_ms = &system_unix_ms;
}

void outbox_store::recover(const std::vector<found_on_disk>& found) {
  for (const auto& x : found) {
    lanes_[x.lane % lane_count].disk += x.count;
    book_.recovered(x.cls, x.source, x.count);
    lost_ = true; // subscribers may not be back yet
  }
}

// --- what comes in --------------------------------------------------------------------------------

bool outbox_store::accept(const messages::encoded_batch& batch, time_point now) {
  auto& accepted = accepted_[batch.id.source];
  if (batch.id.number <= accepted) return true;
  if (batch.id.number != accepted + 1) return false;
  accepted = batch.id.number;
  now_ = now;
  look_around();
  for (const auto& e : batch.ended)
    if (e.by_rule)
      book_.filtered(e.cls, e.source.view(), e.reason, e.count);
    else
      book_.dropped(e.cls, e.source.view(), place::source, e.reason, e.count);
  for (const auto& p : batch.publications) {
    book_.moved(p->cls, p->origin.view(), place::source, place::memory);
    bytes_ += footprint(*p);
    ++unsaved_[static_cast<size_t>(p->cls)];
    auto id = ++last_id_;
    auto& l = lanes_[messages::lane_of(p->origin.view(), lane_count)];
    item x{p, options_.unix_ms(), 0, saved::no};
    if (is_state(p->cls)) {
      put_state(id, l, std::move(x));
      continue;
    }
    if (l.replaying) pace_.joined();
    auto behind = l.disk > 0 || !l.unsaved.empty();
    if (spool_works() ? behind || writing() : behind) {
      bytes_to_save_ += footprint(*p);
      l.unsaved.emplace_hint(l.unsaved.end(), id, std::move(x));
      ++waiting_;
      to_save_.emplace_hint(to_save_.end(), id, static_cast<uint32_t>(index(l)));
    } else {
      if (options_.mode == delivery_mode::journal) ++bypassed_;
      put_event(id, l, std::move(x));
    }
  }
  evict();
  return true;
}

void outbox_store::put(uint64_t id, lane& l, item x) {
  if (is_state(x.content->cls))
    put_state(id, l, std::move(x));
  else
    put_event(id, l, std::move(x));
}

void outbox_store::put_event(uint64_t id, lane& l, item x) {
  l.events.emplace(id, std::move(x));
  ++waiting_;
}

void outbox_store::put_state(uint64_t id, lane& l, item x) {
  auto [newest, first] = newest_state_.try_emplace(x.content->replaces.str(), id);
  if (first) {
    l.states.emplace(id, std::move(x));
    ++waiting_;
    return;
  }
  // One of the two goes; the one that stays has the older one's turn, so that nobody waits for ever.
  auto& waiting = l.states.find(newest->second)->second;
  if (id > newest->second)
    std::swap(waiting, x); // else it came back from a publisher, and there is news already
  book_.dropped(x.content->cls, x.content->origin.view(), place::memory, "superseded");
  leaves(id, x);
}

/// It ends here: takes its weight away.
void outbox_store::leaves(uint64_t id, const item& x) {
  bytes_ -= footprint(*x.content);
  suspects_.erase(id);
  if (x.on_disk == saved::yes)
    to_remove_.push_back(id);
  else
    --unsaved_[static_cast<size_t>(x.content->cls)]; // an asked one is removed when its commit is answered
}

void outbox_store::drop_waiting(queue& from, uint64_t id, std::string_view reason) {
  auto i = from.find(id);
  const auto& x = *i->second.content;
  book_.dropped(x.cls, x.origin.view(), place::memory, reason);
  if (is_state(x.cls)) newest_state_.erase(x.replaces.str());
  if (&from == &lanes_[messages::lane_of(x.origin.view(), lane_count)].unsaved)
    bytes_to_save_ -= footprint(x);
  to_save_.erase(id);
  leaves(id, i->second);
  from.erase(i);
  --waiting_;
}

void outbox_store::evict() {
  if (spool_works()) return; // it takes the rest, or `congested` keeps more from coming
  while (bytes_ > options_.max_bytes) {
    queue* oldest = nullptr;
    for (auto& l : lanes_) {
      auto& q = l.events.empty() ? l.unsaved : l.events;
      if (!q.empty() && (oldest == nullptr || q.begin()->first < oldest->begin()->first)) oldest = &q;
    }
    if (oldest == nullptr) return; // state and what is on its way: bounded by their own nature
    drop_waiting(*oldest, oldest->begin()->first, "memory_full");
  }
  // Room for what is read back from disk, or nothing would move any more.
  for (auto most = options_.max_bytes / 8 * 7; on_disk() > 0 && bytes_to_save_ > most;) {
    lane* oldest = nullptr;
    for (auto& l : lanes_)
      if (!l.unsaved.empty() && (!oldest || l.unsaved.begin()->first < oldest->unsaved.begin()->first))
        oldest = &l;
    drop_waiting(oldest->unsaved, oldest->unsaved.begin()->first, "memory_full");
  }
}

// --- connections ----------------------------------------------------------------------------------

bool outbox_store::connected() const {
  return std::any_of(publishers_.begin(), publishers_.end(), [](const publisher& p) { return p.connected; });
}

bool outbox_store::away() const { return away_since_ && now_ - *away_since_ >= options_.away_after; }

bool outbox_store::congested() const {
  auto high = options_.max_bytes / 100 * options_.high_watermark_percent;
  if (spool_works()) return bytes_to_save_ > high / 2; // the disk is slower than the sources
  // Without a broker waiting would be for nothing: the oldest give way instead.
  return connected() && bytes_ > high;
}

void outbox_store::forget_connections() {
  for (auto& p : publishers_) p.connected = false;
}

void outbox_store::publisher_here(const messages::publisher_state& x, time_point now) {
  now_ = now;
  if (x.slot >= most_publishers) return;
  if (x.slot >= publishers_.size()) publishers_.resize(x.slot + 1);
  auto& known = publishers_[x.slot];
  if (known.connected && !x.connected) {
    lost_ = true;
    if (!known.suspect_sent) ++innocent_ends_;
  }
  if (!known.connected) known.suspect_sent = false;
  if (x.connected && lost_ && !connected()) {
    lost_ = false;
    for (auto& l : lanes_)
      if (l.disk > 0 || !l.events.empty() || !l.unsaved.empty()) {
        l.replaying = true;
        // A broker that was not restarted still knows its subscribers: there is nobody to wait for.
        if (!x.resumed) l.hold_until = now + options_.replay_delay;
      }
  }
  known.connected = x.connected;
  known.window = x.window;
  std::set<uint64_t> held{x.holds.begin(), x.holds.end()};
  for (auto i = in_flight_.begin(); i != in_flight_.end();) {
    auto current = i++;
    if (current->second.slot == x.slot && held.count(current->first) == 0)
      take_back(current, true); // never arrived there, or arrived at an incarnation that has died
  }
  look_around();
}

void outbox_store::publisher_gone(uint32_t slot, time_point now) {
  now_ = now;
  if (slot >= publishers_.size()) return;
  for (auto i = in_flight_.begin(); i != in_flight_.end();) {
    auto current = i++;
    if (current->second.slot == slot) take_back(current, true);
  }
  publishers_[slot] = {};
  look_around();
}

/// Notes since when nobody is connected, and starts or stops to write things down accordingly.
void outbox_store::look_around() {
  if (connected())
    away_since_.reset();
  else if (!away_since_)
    away_since_ = now_;
  auto before = std::exchange(away_, away());
  if (away_) lost_ = true; // whatever the reason: subscribers may have to come back too
  if (away_ && !before && options_.mode == delivery_mode::overflow) save_all();
  if (!writing() || !spool_works())
    for (auto& l : lanes_) release(l);
}

// --- what goes out --------------------------------------------------------------------------------

bool outbox_store::serves(uint32_t slot, lane& l) {
  // A lane changes its publisher only when nothing of it is on its way: that keeps the order.
  if (l.in_flight == 0) {
    auto size = static_cast<uint32_t>(publishers_.size());
    auto own = static_cast<uint32_t>(index(l));
    for (uint32_t i = 0; i < size; ++i) {
      auto candidate = (own + i) % size;
      if (!publishers_[candidate].connected) continue;
      l.slot = candidate;
      break;
    }
  }
  return l.slot == slot;
}

bool outbox_store::may_send_events(lane& l) {
  return now_ >= l.hold_until && (!l.replaying || pace_.allows(now_));
}

bool outbox_store::expired(const item& x) const {
  auto expiry = x.content->messages.front().expiry_s;
  return expiry > 0 && options_.unix_ms() - x.accepted_ms >= static_cast<int64_t>(expiry) * 1000;
}

std::vector<messages::outgoing> outbox_store::take(uint32_t slot, time_point now) {
  now_ = now;
  std::vector<messages::outgoing> result;
  if (slot >= publishers_.size() || !publishers_[slot].connected) return result;
  auto& to = publishers_[slot];
  // What each lane offers; only the lane something was taken from changes.
  struct offer {
    lane* of = nullptr;
    queue* from = nullptr;
  };
  // State first: it is little, and worth most while it is new.
  std::map<std::pair<bool, uint64_t>, offer> offers; // (is an event, id)
  auto make_offer = [&](lane& l) {
    if (l.replaying && l.events.empty() && l.disk == 0 && l.unsaved.empty()) l.replaying = false;
    queue* best = nullptr;
    if (!l.states.empty() && now_ >= l.hold_states_until)
      best = &l.states;
    else if (!l.events.empty() && may_send_events(l))
      best = &l.events;
    if (best != nullptr) offers[{best == &l.events, best->begin()->first}] = {&l, best};
  };
  for (auto& l : lanes_)
    if ((!l.events.empty() || !l.states.empty()) && serves(slot, l)) make_offer(l);
  while (!offers.empty()) {
    auto [key, o] = *offers.begin();
    auto id = key.second;
    auto& first = o.from->begin()->second;
    if (expired(first)) {
      drop_waiting(*o.from, id, "expired");
      offers.erase(offers.begin());
      make_offer(*o.of);
      continue;
    }
    auto n = first.content->messages.size();
    auto suspect = first.returns >= alone_after;
    // A publication of more messages than the window has to go all the same: alone.
    if (to.messages > 0 && (to.alone || suspect || to.messages + n > to.window)) break;
    auto x = std::move(first);
    offers.erase(offers.begin());
    o.from->erase(o.from->begin());
    --waiting_;
    if (is_state(x.content->cls))
      newest_state_.erase(x.content->replaces.str());
    else if (o.of->replaying)
      pace_.published();
    ++o.of->in_flight;
    to.messages += n;
    to.alone = suspect;
    to.suspect_sent = to.suspect_sent || suspect;
    book_.moved(x.content->cls, x.content->origin.view(), place::memory, place::flight);
    auto age_ms = std::max<int64_t>(options_.unix_ms() - x.accepted_ms, 0);
    result.push_back({id, x.content, static_cast<uint32_t>(age_ms / 1000)});
    in_flight_.emplace(id, sent{std::move(x), static_cast<uint32_t>(index(*o.of)), slot});
    make_offer(*o.of);
  }
  return result;
}

outbox_store::sent outbox_store::leave(in_flight_map::iterator i) {
  auto x = std::move(i->second);
  --lanes_[x.lane].in_flight;
  publishers_[x.slot].messages -= x.what.content->messages.size();
  if (x.what.returns >= alone_after) publishers_[x.slot].alone = false;
  in_flight_.erase(i);
  return x;
}

void outbox_store::take_back(in_flight_map::iterator i, bool repeated) {
  auto id = i->first;
  auto x = leave(i);
  const auto& content = *x.what.content;
  if (repeated)
    book_.repeated(content.cls, content.origin.view());
  else
    book_.moved(content.cls, content.origin.view(), place::flight, place::memory);
  if (!is_state(content.cls) && away_ && options_.mode == delivery_mode::overflow &&
      x.what.on_disk == saved::no)
    to_save_.emplace(id, x.lane);
  put(id, lanes_[x.lane], std::move(x.what));
  evict();
}

/// Connections end over it, and over nothing else.
bool outbox_store::hopeless(uint64_t id, item& x) {
  if (x.returns < alone_after) return false;
  const suspicion now{now_, confirmed_, innocent_ends_};
  auto& since = suspects_.try_emplace(id, now).first->second;
  if (since.innocent_ends < innocent_ends_) { // the network is bad: that says nothing about it
    since = now;
    x.returns = alone_after;
  }
  return (x.returns >= give_up_after && confirmed_ > since.confirmed) ||
         (x.returns >= despair_after && now_ - since.since >= patience);
}

void outbox_store::settle(uint32_t slot, const std::vector<messages::settlement>& items, time_point now) {
  now_ = now;
  for (const auto& s : items) {
    auto i = in_flight_.find(s.id);
    if (i == in_flight_.end() || i->second.slot != slot) continue;
    if (s.result == outcome::returned && !publishers_[slot].connected) ++i->second.what.returns;
    bool again = s.result == outcome::returned || s.result == outcome::not_sent;
    if (again && !hopeless(s.id, i->second.what)) {
      // A suspect; or the broker will not take it now, and the connection is as good as ever.
      if (i->second.what.returns >= alone_after ||
          (s.result == outcome::returned && publishers_[slot].connected)) {
        auto& l = lanes_[i->second.lane];
        auto& hold = is_state(i->second.what.content->cls) ? l.hold_states_until : l.hold_until;
        hold = std::max(hold, now_ + pause_after_return);
      }
      take_back(i, s.result == outcome::returned);
      continue;
    }
    auto x = leave(i);
    leaves(s.id, x.what);
    to_save_.erase(s.id);
    const auto& content = *x.what.content;
    if (s.result == outcome::acknowledged && confirmed_by_broker(content)) ++confirmed_;
    if (s.result == outcome::acknowledged)
      book_.published(content.cls, content.origin.view(), confirmed_by_broker(content));
    else
      book_.dropped(content.cls, content.origin.view(), place::flight,
                    again              ? "undeliverable"
                    : s.reason.empty() ? "refused"
                                       : s.reason);
  }
  look_around();
}

} // namespace senseflow::actors
