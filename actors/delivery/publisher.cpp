#include "actors/delivery/publisher.hpp"

#include "actors/delivery/publisher_reports.hpp"
#include "actors/supervised.hpp"
#include "messages/text/topic.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using messages::outcome;
using runtime::mqtt_event;
using runtime::publish_result;
using self_pointer = publisher_pointer;

void count(self_pointer self, const char* what, runtime::metrics::labels more = {}) {
  more.emplace("slot", std::to_string(self->state.options.slot));
  self->state.env->counters.count(what, more);
}

constexpr auto heard_within = 50ms;

/// True if it was said: one cause, once a minute.
void say(self_pointer self, log::level l, const std::string& text, std::string_view cause) {
  auto& st = self->state;
  if (!st.causes.pass(cause, self->clock().now())) return;
  log::line(l, "{}{}", text, st.causes.suffix());
  st.news = true;
}

/// What has been settled is to be reported.
void collect(publisher_actor_state& st) {
  auto settled = st.items.take_settled();
  std::move(settled.begin(), settled.end(), std::back_inserter(st.reports.unreported));
}

void refused(self_pointer self, const carried_message& x, const std::string& reason, size_t limit = 0) {
  count(self, "mqtt_refused_total", {{"reason", reason}});
  self->state.affected.refused(reason, x, limit);
}

/// It comes back from the outbox at once, so nothing is sent for a while.
void postponed(self_pointer self, const carried_message& x, const std::string& reason) {
  auto& st = self->state;
  count(self, "mqtt_postponed_total", {{"reason", reason}});
  st.affected.postponed(reason, x);
  const auto now = self->clock().now();
  if (now < st.held_until) return;
  const auto pause = st.holding.next();
  st.held_until = now + pause;
  self->delayed_send(self, pause, wake_atom_v);
}

void say(publisher_actor_state& st, const std::vector<std::string>& lines) {
  for (const auto& x : lines) log::warn("{}", x);
  st.news = st.news || !lines.empty();
}

/// The broker closes over it: it is left out, and what else its publication has goes on.
void set_aside(self_pointer self, const carried_message& x) {
  count(self, "mqtt_set_aside_total", {{"class", std::string{to_string_view(x.cls)}}});
  self->state.items.refused("closes_connection");
}

void tell(self_pointer self, const topic_quarantine::finding& x) {
  count(self, "mqtt_topics_set_aside_total", {{"class", std::string{to_string_view(x.what.cls)}}});
  say(self->state, {x.line()}); // each: they are few, and rarer each time
  auto& st = self->state;
  const auto now = self->clock().now();
  if (now - st.hopeful_since < 10s) return; // a broker that closes over everything is left in peace
  st.hopeful_since = now;
  st.delay.reset(); // the next connection is likely to hold
}

/// One wake-up is on its way while something waits to be proven.
void look_again(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (st.unproven.empty() || st.proof_due > now) return;
  st.proof_due = std::max(st.unproven.next(), now + 1ms);
  self->delayed_send(self, st.proof_due - now, wake_atom_v);
}

void delivered(self_pointer self, uint64_t token) {
  auto& st = self->state;
  if (!st.quarantine.active()) return;
  auto m = st.items.described(token);
  if (!m) return;
  if (m->qos > 0 && st.acks_prove) return st.quarantine.got_through(*m);
  st.unproven.add(token, std::move(*m), self->clock().now());
  look_again(self);
}

/// The connection still holds.
void prove(self_pointer self) {
  auto& st = self->state;
  for (const auto& x : st.unproven.take_over(self->clock().now())) {
    st.quarantine.got_through(x.what);
    st.items.proven(x.token);
  }
  look_again(self);
}

/// Deliveries are heard of in bulk, as nobody waits for one of many; but for the quarantine, which lets them out
/// one by one. One look is due at a time.
void hear_later(self_pointer self) {
  auto& st = self->state;
  if (st.items.on_the_way() == 0 || st.hear_due != std::chrono::steady_clock::time_point{}) return;
  const auto within = st.quarantine.active() ? 1ms : heard_within;
  st.hear_due = self->clock().now() + within;
  self->delayed_send(self, within, wake_atom_v);
}

void send_waiting(self_pointer self) {
  auto& st = self->state;
  if (st.connected) prove(self);
  std::string safe_origin;
  bool full = false;
  while (st.connected && self->clock().now() >= st.held_until) {
    const auto x = st.items.next();
    if (!x) break;
    bool careful = false, suspect = false;
    if (st.quarantine.active()) {
      const auto now = self->clock().now();
      const auto m = st.items.described(*x);
      if (st.quarantine.set_aside(m, now)) {
        set_aside(self, m);
        continue;
      }
      careful = st.quarantine.any_suspected(now);
      suspect = st.quarantine.suspected(m, now);
      if ((suspect || st.alone) && (st.items.on_the_way() > 0 || !st.unproven.empty())) break;
      if (suspect && now - st.connected_at < topic_quarantine::moment) break;
    }
    runtime::publish_properties properties;
    properties.sequence = x->id;
    // Brokers end the connection over control characters here as in a topic.
    properties.origin = messages::safe_level(x->content->origin.view(), safe_origin);
    properties.age_s = x->age_s;
    properties.from = &x->content->from;
    properties.tells_instance = messages::is_state(x->content->cls);
    // Beside a publication as large the outbox has hardly room for another one.
    const auto of = x->content->messages.size();
    properties.awaited = x->index + 1 == of && 4 * of >= st.window;
    const auto* message = &x->message();
    std::optional<messages::mqtt_message> acknowledged; // nothing else proves that it got through
    if (careful) {
      acknowledged = *message;
      acknowledged->qos = std::max<uint8_t>(acknowledged->qos, 1);
      message = &*acknowledged;
    }
    const auto result = st.client->publish(x->token, *message, properties);
    // The rest waits for the window, or for the event that says that the connection is gone.
    full = result == publish_result::window_full;
    if (full || result == publish_result::not_connected) break;
    if (result == publish_result::sent) {
      if (st.items.on_the_way() == 0) st.progress = self->clock().now();
      st.items.left(message->qos);
      if (message->qos > 0) st.notices.sent(x->token);
      st.alone = suspect;
    } else {
      const auto too_large = result == publish_result::too_large;
      const auto* reason = too_large ? "too_large" : "invalid_message";
      refused(self, st.items.described(*x), reason, too_large ? st.largest : 0);
      st.items.refused(reason);
    }
  }
  st.notices.waits(full);
  collect(st);
  hear_later(self);
}

void handle(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  st.notices.heard(*st.env, e);
  switch (e.what) {
  case mqtt_event::kind::connected:
    st.connected = true;
    st.window = e.connack ? e.connack->window : st.options.window;
    st.largest = e.connack ? e.connack->maximum_packet_size : 0;
    st.resumed = e.connack && e.connack->session_present;
    st.held_until = {};
    st.connected_at = st.progress = self->clock().now();
    st.announced = e.announced;
    if (std::exchange(st.news, false)) log::info("connected to the MQTT broker {}", e.text);
    count(self, "mqtt_connects_total");
    for (const auto& [id, content] : st.items.held()) // the client completes them, whatever has arrived
      st.env->book.resent(content->cls, content->origin.view());
    st.acks_prove = !e.connack || e.connack->mqtt5;
    st.items.connected(e.connack ? e.connack->maximum_qos : uint8_t{2}, st.acks_prove);
    st.unproven.clear();
    st.alone = false;
    if (st.quarantine.active()) self->delayed_send(self, topic_quarantine::moment, wake_atom_v);
    state_myself(self);
    break;
  case mqtt_event::kind::connect_failed:
    count(self, "mqtt_connect_failures_total");
    say(self, log::level::error, e.text + " Retrying.", e.text);
    connect_later(self);
    break;
  case mqtt_event::kind::try_again:
    count(self, "mqtt_connect_retries_total");
    say(self, log::level::warn, e.text, e.text);
    st.client->connect();
    break;
  case mqtt_event::kind::presence_denied:
    count(self, "mqtt_presence_denied_total");
    say(self, log::level::warn, e.text, e.text);
    break;
  case mqtt_event::kind::unsolicited:
    st.env->counters.count("mqtt_unsolicited_total", {{"slot", std::to_string(st.options.slot)}},
                           static_cast<double>(e.token));
    say(self, log::level::warn, e.text, e.text);
    break;
  case mqtt_event::kind::subscribed:
  case mqtt_event::kind::subscription_denied:
  case mqtt_event::kind::received:
  case mqtt_event::kind::discarded:
    break; // a publisher subscribes to nothing
  case mqtt_event::kind::connection_lost:
    st.connected = false;
    if (self->clock().now() - st.connected_at >= st.options.stable_after) st.delay.reset();
    count(self, "mqtt_connections_lost_total");
    say(self, log::level::warn, e.text + " Reconnecting.", e.text);
    if (st.announced && self->clock().now() - st.connected_at >= topic_quarantine::moment)
      st.quarantine.others_got_through();
    if (e.blame != runtime::mqtt_blame::none)
      if (const auto found =
              st.quarantine.connection_ended(st.items.unproven(self->clock().now()), self->clock().now(),
                                             e.blame == runtime::mqtt_blame::perhaps))
        tell(self, *found);
    st.items.return_unsent();
    st.reports.connect_due = true;
    state_myself(self);
    connect_again(self);
    break;
  case mqtt_event::kind::delivered:
    st.progress = self->clock().now();
    st.holding.reset();
    delivered(self, e.token);
    st.items.acknowledged(e.token, st.progress);
    break;
  case mqtt_event::kind::failed:
    st.progress = self->clock().now();
    if (const auto m = st.items.described(e.token); m && !e.text.empty()) postponed(self, *m, e.text);
    st.items.failed(e.token, st.progress);
    break;
  case mqtt_event::kind::refused:
    st.progress = self->clock().now();
    if (const auto m = st.items.described(e.token)) refused(self, *m, e.text);
    st.items.refused(e.token, e.text, st.progress);
    break;
  case mqtt_event::kind::unsent:
    // Back to the outbox, if nothing of its publication has left: now, or with the loss that is still to
    // come. Else it goes out with the next connection, before what follows it.
    st.progress = self->clock().now();
    st.items.unsent(e.token);
    if (!st.connected) st.items.return_unsent();
    break;
  }
  collect(st);
}

/// What the client has to tell, and what follows from it.
void hear(self_pointer self) {
  if (self->clock().now() >= self->state.hear_due) self->state.hear_due = {};
  for (const auto& e : self->state.client->take_events()) handle(self, e);
  send_waiting(self);
  tell_outbox(self);
}

/// Finds a connection that is gone without a word, and one over which nothing is acknowledged any more,
/// though pings may be answered all the while.
void watch(self_pointer self) {
  auto& st = self->state;
  self->delayed_send(self, 1s, caf::tick_atom_v);
  st.client->watch();
  hear(self);
  st.notices.holds(*st.env, st.items.on_the_way());
  watch_outbox(self);
  say(st, st.affected.take(self->clock().now()));
  if (!st.connected || st.items.on_the_way() == 0 ||
      self->clock().now() - st.progress < st.options.ack_timeout)
    return;
  count(self, "mqtt_ack_timeouts_total");
  st.client->drop(
      fmt::format("The MQTT broker has acknowledged none of {} messages for {} s.", st.items.on_the_way(),
                  std::chrono::duration_cast<std::chrono::seconds>(st.options.ack_timeout).count()));
}

void take(self_pointer self, const messages::delivery_batch& batch) {
  auto& st = self->state;
  st.notices.took(batch.items.size());
  for (const auto& item : batch.items) {
    if (!st.connected) {
      st.reports.unreported.push_back({item.id, outcome::not_sent, {}});
      continue;
    }
    st.items.add(item);
  }
  send_waiting(self);
  tell_outbox(self);
}

/// Tells what the end of the connection came to: nothing is sent again without need, or counted as lost.
void take_leave(self_pointer self) {
  auto& st = self->state;
  st.client->disconnect(st.options.disconnect_timeout);
  for (const auto& e : st.client->take_events()) handle(self, e);
  say(st, st.affected.take_all());
  const auto& r = st.reports;
  if (r.outbox && !r.unreported.empty())
    caf::anon_send(r.outbox, messages::settled_batch{st.options.slot, r.unreported});
  if (!st.options.last_words) return;
  st.items.return_unsent();
  collect(st);
  st.options.last_words->say({st.options.slot, r.unreported});
}

} // namespace

publisher_actor::behavior_type publisher(self_pointer self, context_ptr env, publisher_options options) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.window = st.options.window;
  st.delay = runtime::backoff{st.options.reconnect};
  st.causes = log::cause_limiter{st.options.reminder};
  st.affected = affected_topics{st.options.reminder};
  st.notices = {*st.env, st.options.slot, st.options.window};
  tell_crashes(self);
  if (st.options.last_words) st.options.last_words->forget(st.options.slot);
  st.client = st.options.make_client();
  st.client->on_event(waker(self));
  self->set_down_handler([self](caf::down_msg& dm) { outbox_lost(self, dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason == caf::exit_reason::user_shutdown) take_leave(self);
    self->quit(em.reason);
  });
  look_up_outbox(self);
  st.client->connect();
  watch(self);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::delivery_batch& batch) { take(self, batch); },
      [self](again_atom) {
        self->state.client->announce();
        self->state.client->watch();
      },
      [self](wake_atom) { hear(self); },
      [self](caf::tick_atom) { watch(self); },
      [self](caf::connect_atom) {
        if (!self->state.connected) self->state.client->connect();
      },
      [self](retry_atom) { look_up_outbox(self); },
  };
}

} // namespace senseflow::actors
