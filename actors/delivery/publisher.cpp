#include "actors/delivery/publisher.hpp"

#include "actors/supervised.hpp"
#include "messages/text/topic.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using messages::outcome;
using runtime::mqtt_event;
using runtime::publish_result;
using self_pointer = publisher_actor::stateful_pointer<publisher_actor_state>;

void count(self_pointer self, const char* what) {
  self->state.env->counters.count(what, {{"slot", std::to_string(self->state.options.slot)}});
}

/// True if it was said: one cause, once a minute.
void say(self_pointer self, log::level l, const std::string& text, std::string_view cause) {
  auto& st = self->state;
  if (!st.causes.pass(cause, self->clock().now())) return;
  log::line(l, "{}{}", text, st.causes.suffix());
  st.news = true;
}

void connect_later(self_pointer self) {
  self->delayed_send(self, self->state.delay.next(), caf::connect_atom_v);
}

/// Not before the outbox knows of the loss and of all that came back over it: it would go on sending, and
/// newer items of an origin would go before older ones. A new outbox sends nothing of itself.
void connect_again(self_pointer self) {
  auto& st = self->state;
  if (!st.connect_due || (st.outbox && (st.asking || st.state_due || !st.unreported.empty()))) return;
  st.connect_due = false;
  connect_later(self);
}

void outbox_lost(self_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  if (!st.outbox || st.outbox.address() != address) return;
  self->demonitor(address);
  st.outbox = nullptr;
  st.asking = false;
  st.env->counters.count("edge_lost_total", {{"edge", "outbox"}});
  self->delayed_send(self, 20ms, retry_atom_v);
  connect_again(self);
}

void tell_outbox(self_pointer self);

template <class... Ts>
void ask_outbox(self_pointer self, size_t settled, Ts&&... xs) {
  auto& st = self->state;
  st.asking = true;
  auto address = st.outbox.address();
  self->request(st.outbox, st.options.timeout, std::forward<Ts>(xs)...)
      .then(
          [self, settled](caf::ok_atom) {
            auto& items = self->state.unreported;
            items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(settled));
            self->state.asking = false;
            tell_outbox(self);
          },
          [self, address](caf::error&) { outbox_lost(self, address); });
}

/// One thing after the other, each when the outbox has answered the last one. It sends as soon as it knows
/// that we are connected: so it learns first what came back, or newer items of the same origin would go
/// before it.
void tell_outbox(self_pointer self) {
  auto& st = self->state;
  if (!st.outbox || st.asking) return;
  if (st.state_due && (!st.connected || st.unreported.empty())) {
    st.state_due = false;
    messages::publisher_state x{st.options.slot, st.connected, st.connected && st.resumed, st.window, {}};
    for (const auto& [id, entry] : st.entries) x.holds.push_back(id);
    for (const auto& s : st.unreported) x.holds.push_back(s.id);
    ask_outbox(self, 0, std::move(x), publisher_actor{self});
  } else if (!st.unreported.empty()) {
    ask_outbox(self, st.unreported.size(), messages::settled_batch{st.options.slot, st.unreported});
  } else {
    connect_again(self);
  }
}

void state_myself(self_pointer self) {
  self->state.state_due = true;
  tell_outbox(self);
}

void look_up_outbox(self_pointer self) {
  auto& st = self->state;
  if (st.outbox) return;
  st.outbox = st.env->names.find_as<outbox_actor>(names::outbox);
  if (!st.outbox) {
    self->delayed_send(self, 20ms, retry_atom_v);
    return;
  }
  self->monitor(st.outbox);
  state_myself(self);
}

void one_less_open(publisher_actor_state& st, uint64_t id) {
  auto i = st.entries.find(id);
  if (i == st.entries.end() || --i->second.open > 0) return;
  auto result = i->second.refused.empty() ? outcome::acknowledged : outcome::refused;
  st.unreported.push_back({id, result, i->second.refused});
  st.entries.erase(i);
}

void refused(self_pointer self, uint64_t id, const std::string& topic, const std::string& reason) {
  auto& st = self->state;
  st.env->counters.count("mqtt_refused_total",
                         {{"slot", std::to_string(st.options.slot)}, {"reason", reason}});
  say(self, log::level::warn, fmt::format("a message to topic {} was refused: {}", topic, reason), reason);
  auto i = st.entries.find(id);
  if (i != st.entries.end()) i->second.refused = reason;
  one_less_open(st, id);
}

void send_queue(self_pointer self) {
  auto& st = self->state;
  while (st.connected && !st.queue.empty()) {
    auto [id, index] = st.queue.front();
    auto content = st.entries.at(id).content;
    const auto& message = content->messages[index];
    auto token = ++st.last_token;
    runtime::publish_properties properties;
    properties.sequence = id;
    // Brokers end the connection over control characters here as in a topic.
    auto origin = messages::safe_level(content->origin.view());
    properties.origin = origin;
    properties.age_s = st.entries.at(id).age_s;
    auto result = st.client->publish(token, message, properties);
    // The rest waits for the window, or for the event that says that the connection is gone.
    if (result == publish_result::window_full || result == publish_result::not_connected) return;
    st.queue.pop_front();
    if (result == publish_result::sent) {
      if (st.on_the_way.empty()) st.progress = self->clock().now();
      st.on_the_way.emplace(token, publisher_actor_state::part{id, index});
      ++st.entries.at(id).left;
    } else {
      refused(self, id, message.topic.str(),
              result == publish_result::too_large ? "too_large" : "invalid_message");
    }
  }
}

/// What has not left goes back; the rest may still be completed by the next connection.
void return_unsent(publisher_actor_state& st) {
  for (auto i = st.entries.begin(); i != st.entries.end();) {
    auto current = i++;
    if (current->second.left > 0) continue;
    st.unreported.push_back({current->first, outcome::not_sent, {}});
    st.queue.erase(std::remove_if(st.queue.begin(), st.queue.end(),
                                  [&](const auto& u) { return u.id == current->first; }),
                   st.queue.end());
    st.entries.erase(current);
  }
}

/// Nothing of it may be taken for a part of its next attempt.
void forget_messages(publisher_actor_state& st, uint64_t id) {
  st.queue.erase(std::remove_if(st.queue.begin(), st.queue.end(), [id](const auto& u) { return u.id == id; }),
                 st.queue.end());
  for (auto i = st.on_the_way.begin(); i != st.on_the_way.end();)
    i = i->second.id == id ? st.on_the_way.erase(i) : std::next(i);
}

void handle(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  switch (e.what) {
  case mqtt_event::kind::connected:
    st.connected = true;
    st.window = e.connack ? e.connack->window : st.options.window;
    st.resumed = e.connack && e.connack->session_present;
    st.connected_at = st.progress = self->clock().now();
    if (std::exchange(st.news, false)) log::info("connected to the MQTT broker {}", e.text);
    count(self, "mqtt_connects_total");
    for (const auto& [id, entry] : st.entries) // the client completes them, without knowing what has arrived
      st.env->book.resent(entry.content->cls, entry.content->origin.view());
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
  case mqtt_event::kind::connection_lost:
    st.connected = false;
    if (self->clock().now() - st.connected_at >= st.options.stable_after) st.delay.reset();
    count(self, "mqtt_connections_lost_total");
    say(self, log::level::warn, e.text + " Reconnecting.", e.text);
    return_unsent(st);
    st.connect_due = true;
    state_myself(self);
    connect_again(self);
    break;
  case mqtt_event::kind::delivered:
  case mqtt_event::kind::failed:
  case mqtt_event::kind::unsent:
  case mqtt_event::kind::refused: {
    auto i = st.on_the_way.find(e.token);
    if (i == st.on_the_way.end()) break;
    auto what = i->second;
    auto id = what.id;
    st.on_the_way.erase(i);
    st.progress = self->clock().now();
    if (e.what == mqtt_event::kind::unsent) {
      // Back to the outbox, if nothing of its publication has left: now, or with the loss that is still to
      // come. Else it goes out with the next connection, before what follows it.
      --st.entries.at(id).left;
      auto place = std::find_if(st.queue.begin(), st.queue.end(), [&](const auto& x) {
        return std::tie(x.id, x.message) > std::tie(what.id, what.message);
      });
      st.queue.insert(place, what);
      if (!st.connected) return_unsent(st);
    } else if (e.what == mqtt_event::kind::delivered) {
      one_less_open(st, id);
    } else if (e.what == mqtt_event::kind::refused) {
      auto entry = st.entries.find(id);
      if (entry != st.entries.end())
        refused(self, id, entry->second.content->messages.front().topic.str(), e.text);
    } else if (st.entries.erase(id) > 0) {
      // Part of it may have arrived: delivered twice is better than not at all.
      st.unreported.push_back({id, outcome::returned, {}});
      forget_messages(st, id);
    }
    break;
  }
  }
}

/// Finds a connection that is gone without a word, and one over which nothing is acknowledged any more, though
/// pings may be answered all the while.
void watch(self_pointer self) {
  auto& st = self->state;
  self->delayed_send(self, 1s, caf::tick_atom_v);
  st.client->watch();
  if (!st.connected || st.on_the_way.empty() || self->clock().now() - st.progress < st.options.ack_timeout)
    return;
  count(self, "mqtt_ack_timeouts_total");
  st.client->drop(
      fmt::format("The MQTT broker has acknowledged none of {} messages for {} s.", st.on_the_way.size(),
                  std::chrono::duration_cast<std::chrono::seconds>(st.options.ack_timeout).count()));
}

void take(self_pointer self, const messages::delivery_batch& batch) {
  auto& st = self->state;
  for (const auto& item : batch.items) {
    if (!st.connected) {
      st.unreported.push_back({item.id, outcome::not_sent, {}});
      continue;
    }
    auto n = item.content->messages.size();
    st.entries[item.id] = {item.content, n, {}, item.age_s, 0};
    for (size_t i = 0; i < n; ++i) st.queue.push_back({item.id, i});
  }
  send_queue(self);
  tell_outbox(self);
}

/// Tells the outbox what the end of the connection came to, so that nothing is sent again without need.
void take_leave(self_pointer self) {
  auto& st = self->state;
  st.client->disconnect(st.options.disconnect_timeout);
  for (const auto& e : st.client->take_events()) handle(self, e);
  if (st.outbox && !st.unreported.empty())
    caf::anon_send(st.outbox, messages::settled_batch{st.options.slot, st.unreported});
}

} // namespace

publisher_actor::behavior_type publisher(self_pointer self, context_ptr env, publisher_options options) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.window = st.options.window;
  st.delay = runtime::backoff{st.options.reconnect};
  st.causes = log::cause_limiter{st.options.reminder};
  log_crashes(self, names::publisher(st.options.slot));
  st.client = st.options.make_client();
  // The client's threads know the actor by its address only: a handle would keep it alive.
  st.client->on_event([address = self->address()] {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, wake_atom_v);
  });
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
      [self](wake_atom) {
        for (const auto& e : self->state.client->take_events()) handle(self, e);
        send_queue(self);
        tell_outbox(self);
      },
      [self](caf::tick_atom) { watch(self); },
      [self](caf::connect_atom) {
        if (!self->state.connected) self->state.client->connect();
      },
      [self](retry_atom) { look_up_outbox(self); },
  };
}

} // namespace senseflow::actors
