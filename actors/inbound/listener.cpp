#include "actors/inbound/listener.hpp"

#include "actors/supervised.hpp"
#include "messages/text/topic_filter.hpp"

#include <caf/timestamp.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using runtime::mqtt_event;
using runtime::publish_result;
using self_pointer = listener_actor::stateful_pointer<listener_state>;

void count(self_pointer self, const char* what, const runtime::metrics::labels& l = {}, uint64_t n = 1) {
  self->state.env->counters.count(what, l, static_cast<double>(n));
}

// --- what is heard --------------------------------------------------------------------------------

void hand_over(self_pointer self, const std::string& name);

void confirmed(self_pointer self, const std::string& name, uint64_t found) {
  auto& to = self->state.receivers[name];
  if (found != to.found) return;
  --to.unanswered;
  hand_over(self, name);
}

void hand_over(self_pointer self, const std::string& name) {
  auto& st = self->state;
  auto& to = st.receivers[name];
  const auto there = caf::actor_cast<caf::actor>(st.env->names.find(name));
  if (!there) return;
  if (there.address() != to.who) { // a new one, which holds nothing
    to.who = there.address();
    ++to.found;
    to.unanswered = 0;
  }
  while (!to.waiting.empty() && to.unanswered < st.options.most_unanswered) {
    auto x = std::move(to.waiting.front());
    to.waiting.pop_front();
    to.bytes -= x.payload.size();
    ++to.unanswered;
    const auto found = to.found;
    self->request(there, caf::infinite, std::move(x))
        .then([self, name, found](caf::ok_atom) { confirmed(self, name, found); },
              [self, name, found](caf::error&) { confirmed(self, name, found); });
  }
}

/// Of each cause a line in ten seconds.
void tell_drop(self_pointer self, const char* what, std::string_view topic, const std::string& why) {
  auto& drops = self->state.drops;
  if (drops.pass(what + why, self->clock().now()))
    log::warn("listener: {} to {} was dropped: {}{}", what, topic.substr(0, 200), why, drops.suffix());
}

void drop(self_pointer self, const char* reason, std::string_view topic, const std::string& why) {
  count(self, "listener_dropped_total", {{"reason", reason}});
  tell_drop(self, "a message", topic, why);
}

/// What the client has not kept: nothing is known of it.
void discarded(self_pointer self, const std::string& reason, uint64_t n) {
  auto& st = self->state;
  count(self, "listener_dropped_total", {{"reason", reason}}, n);
  auto& untold = st.discarded[reason];
  untold += n;
  if (st.drops.pass(reason, self->clock().now()))
    log::warn("listener: {} message(s) from the MQTT broker dropped: {}", std::exchange(untold, 0),
              reason == "too_large" ? fmt::format("more than {} bytes", runtime::mqtt_largest_received)
                                    : "too many at a time");
}

void received(self_pointer self, const runtime::mqtt_received& m,
              std::chrono::steady_clock::time_point when) {
  auto& st = self->state;
  const auto age = std::max(std::chrono::steady_clock::now() - when, std::chrono::steady_clock::duration{0});
  const auto at = self->clock().now() - age;
  if (m.topic.view() == st.options.sign) st.options.sign.clear(); // it may read
  std::map<std::string, size_t> receivers;                        // with how much may wait for them
  const auto topic = m.topic.view();
  bool covered = false;
  for (const auto& x : st.options.filters) {
    if (!messages::covers(x.filter, topic)) continue;
    covered = true;
    if (topic.substr(0, x.begins.size()) == x.begins)
      receivers[x.receiver] = std::max(receivers[x.receiver], x.most_waiting);
  }
  if (receivers.empty() && covered) return count(self, "listener_dropped_total", {{"reason", "not_ours"}});
  if (receivers.empty()) return drop(self, "topic", topic, "nobody here listens to that");
  if (m.payload.size() > st.options.largest)
    return drop(self, "too_large", topic, fmt::format("it has more than {} bytes", st.options.largest));
  for (const auto& [name, most] : receivers) {
    auto& to = st.receivers[name];
    count(self, "listener_messages_total", {{"receiver", name}});
    if (to.waiting.size() >= most || to.bytes + m.payload.size() > st.options.most_bytes) {
      drop(self, "queue_full", topic, fmt::format("too much waits for {} already", name));
      continue;
    }
    to.bytes += m.payload.size();
    to.waiting.push_back(
        {m.topic.str(), m.payload, m.retain, m.qos, m.response_topic, m.correlation, m.user,
         std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count()});
    hand_over(self, name);
  }
}

// --- what is said ---------------------------------------------------------------------------------

void count_unsaid(self_pointer self, const std::string& reason) {
  count(self, "listener_answers_dropped_total", {{"reason", reason}});
}

void drop_answer(self_pointer self, const char* reason, std::string_view topic, const std::string& why) {
  count_unsaid(self, reason);
  tell_drop(self, "an answer", topic, why);
}

/// False: it has to wait.
bool publish(self_pointer self, const messages::spoken_message& x, const messages::shared_text& payload) {
  auto& st = self->state;
  runtime::publish_properties p;
  p.correlation = x.correlation;
  p.awaited = true;
  const auto token = ++st.last_token;
  switch (st.link.publish(token, {x.topic, payload, 1, false, 0, true}, p)) {
  case publish_result::sent:
    st.in_flight.emplace(token, x.topic);
    return true;
  case publish_result::window_full:
  case publish_result::not_connected:
    return false;
  case publish_result::too_large:
    drop_answer(self, "too_large", x.topic, "it is larger than the MQTT broker takes");
    return x.if_too_large.size() == 0 || &payload == &x.if_too_large || publish(self, x, x.if_too_large);
  case publish_result::refused:
    break;
  }
  drop_answer(self, "invalid_message", x.topic, "it is no message that MQTT can carry");
  return true;
}

void speak(self_pointer self) {
  auto& st = self->state;
  while (st.link.connected() && !st.to_say.empty()) {
    const auto& x = st.to_say.front().what;
    if (!publish(self, x, x.payload)) break;
    st.to_say.pop_front();
  }
  const auto now = self->clock().now();
  while (!st.to_say.empty() && now - st.to_say.front().since >= st.options.answer_patience) {
    drop_answer(self, "not_connected", st.to_say.front().what.topic,
                "there was no connection to the MQTT broker for too long");
    st.to_say.pop_front();
  }
}

void enqueue(self_pointer self, const messages::spoken_message& x) {
  auto& st = self->state;
  if (st.to_say.size() >= st.options.most_answers)
    return drop_answer(self, "queue_full", x.topic, "too many answers wait already");
  st.to_say.push_back({x, self->clock().now()});
  speak(self);
}

/// Of a listener that is to stop.
void end(self_pointer self) {
  auto& st = self->state;
  if (!st.link.end(st.to_say.empty())) return;
  const auto unsaid = st.to_say.size() + st.in_flight.size();
  if (unsaid == 0) return;
  count(self, "listener_answers_dropped_total", {{"reason", "shutdown"}}, unsaid);
  log::warn("listener: {} answer(s) were not said or not confirmed at the end", unsaid);
  st.to_say.clear();
  st.in_flight.clear();
}

// --- the connection -------------------------------------------------------------------------------

void ended(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  const auto i = st.in_flight.find(e.token);
  if (i == st.in_flight.end()) return;
  const auto topic = i->second;
  st.in_flight.erase(i);
  if (e.what == mqtt_event::kind::delivered) return count(self, "listener_answers_total");
  count_unsaid(self, e.text.empty() ? "connection_lost" : e.text);
  if (e.text.empty()) tell_drop(self, "an answer", topic, "the connection was lost on its way");
  if (!e.text.empty())
    st.link.say(log::level::warn,
                fmt::format("the MQTT broker does not take an answer to {} ({})", topic, e.text));
}

/// In the order of the subscriptions; whether what is retained is to be told from the rest.
std::map<std::string, bool> subscriptions_of(const std::vector<heard_filter>& filters) {
  std::map<std::string, bool> result;
  for (const auto& x : filters) result[x.filter] = result[x.filter] || x.retain_as_published;
  return result;
}

/// Tells what is not heard now, and why.
void tell_deafness(self_pointer self, const std::string& trouble) {
  const auto& st = self->state;
  std::vector<std::string> unheard;
  for (const auto& x : st.options.filters)
    if (!st.subscribed && (st.denied.empty() || st.denied.count(x.filter) > 0) &&
        std::find(unheard.begin(), unheard.end(), x.what) == unheard.end())
      unheard.push_back(x.what);
  st.env->notices.listener.update([&](runtime::listener_notice& x) {
    if (x.unheard.empty()) x.since = caf::make_timestamp();
    x.unheard = std::move(unheard);
    x.trouble = trouble;
  });
}

void denied(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  count(self, "listener_denied_total");
  st.link.say(log::level::warn, e.text + " Allow this user to read there.");
  const auto all = subscriptions_of(st.options.filters);
  if (e.token < all.size()) st.denied.insert(std::next(all.begin(), static_cast<ptrdiff_t>(e.token))->first);
}

/// What became of the connection, and of the subscriptions.
void note(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  if (e.what == mqtt_event::kind::subscription_denied)
    denied(self, e);
  else
    st.denied.clear();
  st.subscribed = e.what == mqtt_event::kind::subscribed;
  if (st.subscribed) log::verbose("listener: subscribed to {} filter(s)", st.options.filters.size());
  if (e.what == mqtt_event::kind::connected) st.connected_at = self->clock().now();
  tell_deafness(self, e.what == mqtt_event::kind::connected ? std::string{} : e.text);
}

void handle(self_pointer self, const mqtt_event& e) {
  switch (e.what) {
  case mqtt_event::kind::connected:
  case mqtt_event::kind::connect_failed:
  case mqtt_event::kind::try_again:
  case mqtt_event::kind::connection_lost:
  case mqtt_event::kind::subscribed:
  case mqtt_event::kind::subscription_denied:
    note(self, e);
    break;
  case mqtt_event::kind::received:
    received(self, *e.message, e.when);
    break;
  case mqtt_event::kind::discarded:
    discarded(self, e.text, e.token);
    break;
  case mqtt_event::kind::delivered:
  case mqtt_event::kind::failed:
  case mqtt_event::kind::unsent:
  case mqtt_event::kind::refused:
    ended(self, e);
    break;
  default:
    break; // the link's; it has no presence, and is a subscriber
  }
}

void hear(self_pointer self) {
  auto& st = self->state;
  st.link.hear([self](const mqtt_event& e) { handle(self, e); });
  speak(self);
  end(self);
}

/// Whether the broker passes anything on.
void look_for_sign(self_pointer self) {
  auto& st = self->state;
  const auto& o = st.options;
  const auto now = self->clock().now();
  if (!st.link.connected()) st.sign_by = now + o.sign_timeout;
  if (o.sign.empty() || now < st.sign_by) return;
  std::set<std::string> filters;
  for (const auto& x : o.filters) filters.insert(x.filter);
  log::warn("listener: nothing has come from {} for {} s, where this node says that it is there. The MQTT "
            "broker may "
            "not let this user read, and some, as mosquitto, don't say so. Allow it to read {}.",
            o.sign, std::chrono::duration_cast<std::chrono::seconds>(o.sign_timeout).count(),
            fmt::join(filters, ", "));
  st.options.sign.clear();
}

void watch(self_pointer self) {
  auto& st = self->state;
  st.link.watch();
  look_for_sign(self);
  hear(self);
  for (const auto& x : st.options.filters) hand_over(self, x.receiver);
  st.link.check();
  if (st.link.connected() && !st.subscribed &&
      self->clock().now() - st.connected_at >= st.options.deaf_timeout)
    st.link.drop("The MQTT broker is asked once more to let the listener read.");
}

} // namespace

void subscribe_to(runtime::mqtt_options& o, const std::vector<heard_filter>& filters) {
  o.subscriptions.clear();
  for (const auto& [filter, as_published] : subscriptions_of(filters))
    o.subscriptions.push_back({filter, 1, true, as_published});
  o.keeps_session = false;
  o.session_expiry = 0s;
  o.presence.topic.clear();
}

listener_actor::behavior_type listener(self_pointer self, context_ptr env, listener_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  const auto& o = st.options;
  st.sign_by = self->clock().now() + o.sign_timeout;
  st.env->notices.listener.store({});
  tell_deafness(self, {});
  st.link = {self,
             st.env,
             {"listener", "listener_connects_total", "listener_lost_total", o.reconnect, o.ack_timeout,
              o.flush_timeout, o.disconnect_timeout},
             o.make_client()};
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.link.stop();
    end(self);
  });
  self->delayed_send(self, 200ms, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::spoken_message& x) { enqueue(self, x); },
      [self](wake_atom) { hear(self); },
      [self](caf::tick_atom) {
        self->delayed_send(self, 200ms, caf::tick_atom_v);
        watch(self);
      },
      [self](caf::connect_atom) { self->state.link.connect(); },
  };
}

} // namespace senseflow::actors
