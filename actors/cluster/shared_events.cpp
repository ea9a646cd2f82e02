#include "actors/cluster/shared_events.hpp"

#include "runtime/memory_reserve.hpp"
#include "runtime/sha256.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using runtime::in_one_piece;

constexpr size_t longest_name = 200;

const messages::event_id& id_of(const held_event& x) {
  return std::visit([](const auto& e) -> const messages::event_id& { return e.id; }, x.event);
}
const std::string& host_of(const messages::user_event& x) { return x.host; }
const std::string& host_of(const messages::log_event& x) { return x.host(); }

} // namespace

shared_events::shared_events(shared_events_options options, runtime::ledger& book, time_point start)
    : options_(std::move(options)), book_(book), occurrences_(options_.occurrences, start),
      owners_(options_.group, options_.node, options_.settling), held_(options_.max_bytes),
      own_(options_.accepted_after, options_.incarnation),
      hearing_({options_.patience, options_.grace, options_.catch_up}, start) {}

// --- receivers ------------------------------------------------------------------------------------

event_gate::verdict shared_events::admit(messages::user_event& x, std::string_view datagram, time_point now) {
  return judge(x, datagram, now);
}
event_gate::verdict shared_events::admit(messages::log_event& x, std::string_view datagram, time_point now) {
  return judge(x, datagram, now);
}

template <class Event>
event_gate::verdict shared_events::judge(Event& x, std::string_view datagram, time_point now) {
  const auto hash = runtime::sha256_prefix(datagram);
  std::lock_guard lock{mutex_};
  const auto copy = occurrences_.arrived(hash, now);
  x.id = copy.id;
  if (copy.published) {
    ++counts_.suppressed;
    if (options_.passed) options_.passed->add(x);
    return verdict::known;
  }
  const auto publish = [&](const char* risk) {
    if (risk != nullptr) ++counts_.duplicate_possible[risk];
    own_.began(x.id, now);
    return verdict::publish;
  };
  if (hearing_.nothing(now)) return publish("no_channel");
  if (owners_.refused()) return publish("id_taken");
  if (stop_at_ && now >= *stop_at_) return publish("shutdown");
  if (!owners_.joined() && options_.view)
    owners_.see(*options_.view->load(), now); // it may just have begun to
  const bool ours = owners_.ours(host_of(x), now);
  const bool behind_others = held_.of(host_of(x)) > 0 || released_.count(host_of(x)) > 0;
  if (ours && !behind_others) {
    if (!owners_.certain()) return publish("view_uncertain");
    return publish(owners_.foreign() > 0 ? "digest_format" : nullptr);
  }
  const auto bytes = sizeof(held_event) + 2 * datagram.size();
  if (!held_.takes(x.id, bytes)) return publish("store_full");
  const auto id = x.id;
  // One after the other, so that they don't all publish what the owner has not got.
  const auto patience = ours ? std::chrono::milliseconds(0)
                             : options_.hold_back + options_.settling * owners_.others_first(host_of(x));
  held_.put(id, {std::move(x), bytes, hearing_.clock(now) + patience, !owners_.joined()});
  return verdict::hold;
}

// --- the outbox -----------------------------------------------------------------------------------

void shared_events::settled(const messages::shared_text& event, bool published) {
  const auto id = messages::parse_event_id(event.view());
  if (!id) return;
  std::lock_guard lock{mutex_};
  own_.ended(*id, published, hearing_.looked_at());
}

void shared_events::ended(const messages::event_id& event) {
  std::lock_guard lock{mutex_};
  own_.ended(event, true, hearing_.looked_at()); // in the same way on all nodes
}

void shared_events::lost_some() {
  const in_one_piece whole;
  std::lock_guard lock{mutex_};
  counts_.duplicate_possible["lost_on_disk"] += own_.abandon_all();
}

bool shared_events::published_elsewhere(const messages::shared_text& event) {
  const auto id = messages::parse_event_id(event.view());
  if (!id) return false;
  std::lock_guard lock{mutex_};
  if (!own_.take_elsewhere(*id) && !occurrences_.take_published(*id)) return false;
  ++counts_.suppressed;
  return true;
}

void shared_events::broker(bool connected, time_point now) {
  std::lock_guard lock{mutex_};
  hearing_.broker(connected, now);
}

bool shared_events::may_send(time_point now) {
  std::lock_guard lock{mutex_};
  return hearing_.enough(now);
}

// --- the other nodes ------------------------------------------------------------------------------

void shared_events::see(const cluster_view& x, time_point now) {
  const in_one_piece whole;
  std::lock_guard lock{mutex_};
  owners_.see(x, now);
  hearing_.tick(now);
}

bool shared_events::hears() const {
  std::lock_guard lock{mutex_};
  return hearing_.known();
}

void shared_events::channel(messages::channel_state x, time_point now) {
  std::lock_guard lock{mutex_};
  hearing_.channel(x, now);
}

digest_fault shared_events::heard(const std::string& from, std::string_view digest, time_point now) {
  if (from.empty() || from.size() > longest_name) return digest_fault::malformed;
  if (from == options_.node) return digest_fault::none;
  const in_one_piece whole;
  const auto x = read_digest(digest);
  if (x.fault != digest_fault::none) return x.fault;
  std::lock_guard lock{mutex_};
  const auto order = senders_.note(from, x.digest.incarnation, x.digest.number, now);
  if (order == digest_senders::verdict::repeated) return digest_fault::none;
  // A new process knows nothing of what it had promised; what was missed may have kept a promise.
  if (order == digest_senders::verdict::missed_some) held_.forget_promises(from);
  for (const auto& e : x.digest.events) take_in(from, e, now);
  return digest_fault::none;
}

void shared_events::take_in(const std::string& from, const event_digest::entry& x, time_point now) {
  auto* const copy = held_.find(x.event);
  switch (x.what) {
  case event_fate::published:
  case event_fate::published_late:
    if (auto dropped = held_.take(x.event)) {
      const auto cls = std::visit([](const auto& e) { return messages::class_of(e); }, dropped->event);
      book_.filtered(cls, origin_of(*dropped), runtime::published_by_another_node);
      ++counts_.suppressed;
      if (options_.passed) std::visit([&](auto& e) { options_.passed->add(std::move(e)); }, dropped->event);
    } else if (!own_.elsewhere(x.event)) {
      // Our copies of what is announced late have come long ago, unless they wait to be read, too.
      const bool recent = x.what == event_fate::published || hearing_.behind(now);
      occurrences_.published(x.event, hearing_.up() && recent, now);
    }
    break;
  case event_fate::accepted:
    if (copy != nullptr) {
      copy->accepted_by = from;
      copy->abandoned = false;
    } else if (!own_.open(x.event)) {
      occurrences_.seen(x.event, now);
    }
    break;
  case event_fate::abandoned:
    if (copy != nullptr && (copy->accepted_by.empty() || copy->accepted_by == from)) {
      copy->accepted_by.clear();
      copy->abandoned = true;
    }
    break;
  }
}

std::optional<std::string> shared_events::next_digest(time_point now) {
  const in_one_piece whole;
  std::lock_guard lock{mutex_};
  if (!hearing_.up()) return std::nullopt;
  const auto digest = own_.digest(now);
  if (!digest) return std::nullopt;
  return to_bytes(*digest);
}

bool shared_events::is_due(const held_event& x, time_point now) const {
  if (hearing_.nothing(now) || owners_.refused() || (stop_at_ && now >= *stop_at_)) return true;
  if (!hearing_.up()) return false;
  if (x.abandoned) return true;
  if (x.accepted_by.empty()) {
    // Of what came before we joined the time of the others is up just now: they go first.
    const bool theirs = x.before_joining && !owners_.alone();
    return (!theirs && owners_.ours(origin_of(x), now)) || hearing_.clock(now) >= x.due;
  }
  if (owners_.certain() && !owners_.lives(x.accepted_by)) return true;
  const auto heard = senders_.heard(x.accepted_by); // while it has promises open, it gives signs of life
  const auto silent = std::max<std::chrono::nanoseconds>(options_.hold_back, 3 * own_events::sign_of_life);
  return !heard || hearing_.counted(now) - std::max(*heard, hearing_.since()) >= silent;
}

void shared_events::release(time_point now, const taker& to) {
  std::lock_guard lock{mutex_};
  held_.take_if([&](const held_event& x) { return is_due(x, now); },
                [&](held_event&& x) {
                  own_.began(id_of(x), now, true);
                  ++counts_.taken_over;
                  released_.insert(origin_of(x));
                  if (hearing_.nothing(now)) ++counts_.duplicate_possible["no_channel"];
                  to(std::move(x));
                });
}

void shared_events::released_are_taken() {
  std::lock_guard lock{mutex_};
  released_.clear();
}

// --- the end --------------------------------------------------------------------------------------

void shared_events::stop(time_point now, bool at_once) {
  std::lock_guard lock{mutex_};
  if (at_once)
    stop_at_ = now;
  else if (!stop_at_)
    stop_at_ = now + options_.last_chance;
}

bool shared_events::done(time_point now) const {
  std::lock_guard lock{mutex_};
  if (held_.size() > 0) return false;
  if (hearing_.nothing(now) || hearing_.mute()) return true;
  if (!hearing_.up() && stop_at_ && now >= *stop_at_) return true;
  return own_.open() == 0 && !own_.anything_to_tell();
}

runtime::event_counts shared_events::counted() const {
  std::lock_guard lock{mutex_};
  auto result = counts_;
  result.held = held_.size();
  if (own_.left_out() > 0) result.duplicate_possible["not_announced"] = own_.left_out();
  return result;
}

} // namespace senseflow::actors
