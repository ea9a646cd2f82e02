#include "actors/publisher.hpp"

#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <iterator>

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

void outbox_lost(self_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  if (!st.outbox || st.outbox.address() != address) return;
  self->demonitor(address);
  st.outbox = nullptr;
  st.reporting = false;
  st.env->counters.count("edge_lost_total", {{"edge", "outbox"}});
  self->delayed_send(self, 20ms, retry_atom_v);
}

/// Settlements leave in batches; the next one goes when the outbox has answered the last one.
void report(self_pointer self) {
  auto& st = self->state;
  if (!st.outbox || st.reporting || st.unreported.empty()) return;
  st.reporting = true;
  auto n = static_cast<std::ptrdiff_t>(st.unreported.size());
  auto address = st.outbox.address();
  self->request(st.outbox, st.options.timeout, messages::settled_batch{st.options.slot, st.unreported})
      .then(
          [self, n](caf::ok_atom) {
            auto& items = self->state.unreported;
            items.erase(items.begin(), items.begin() + n);
            self->state.reporting = false;
            report(self);
          },
          [self, address](caf::error&) { outbox_lost(self, address); });
}

void state_myself(self_pointer self) {
  auto& st = self->state;
  if (!st.outbox) return;
  messages::publisher_state x{st.options.slot, st.connected, st.options.window, {}};
  for (const auto& [id, entry] : st.entries) x.holds.push_back(id);
  for (const auto& s : st.unreported) x.holds.push_back(s.id);
  auto address = st.outbox.address();
  self->request(st.outbox, st.options.timeout, std::move(x), publisher_actor{self})
      .then([](caf::ok_atom) {}, [self, address](caf::error&) { outbox_lost(self, address); });
  report(self);
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
  if (st.trouble.pass(self->clock().now()))
    log::warn("a message to topic {} was refused: {}{}", topic, reason, st.trouble.suffix());
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
    auto result = st.client->publish(token, message);
    // The rest waits for the window, or for the event that says that the connection is gone.
    if (result == publish_result::window_full || result == publish_result::not_connected) return;
    st.queue.pop_front();
    if (result == publish_result::sent) {
      st.on_the_way.emplace(token, id);
      st.entries.at(id).sent = true;
    } else {
      refused(self, id, message.topic.str(), "invalid_message");
    }
  }
}

void return_all(publisher_actor_state& st) {
  for (const auto& [id, entry] : st.entries)
    st.unreported.push_back({id, entry.sent ? outcome::returned : outcome::not_sent, {}});
  st.entries.clear();
  st.queue.clear();
  st.on_the_way.clear();
}

/// Nothing of it may be taken for a part of its next attempt.
void forget_messages(publisher_actor_state& st, uint64_t id) {
  st.queue.erase(std::remove_if(st.queue.begin(), st.queue.end(), [id](const auto& u) { return u.id == id; }),
                 st.queue.end());
  for (auto i = st.on_the_way.begin(); i != st.on_the_way.end();)
    i = i->second == id ? st.on_the_way.erase(i) : std::next(i);
}

void connect_later(self_pointer self) {
  self->delayed_send(self, self->state.delay.next(), caf::connect_atom_v);
}

void handle(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  switch (e.what) {
  case mqtt_event::kind::connected:
    st.connected = true;
    st.delay.reset();
    st.trouble = log::limiter{st.options.reminder};
    log::info("connected to the MQTT broker {}", st.options.broker);
    count(self, "mqtt_connects_total");
    state_myself(self);
    break;
  case mqtt_event::kind::connect_failed:
    count(self, "mqtt_connect_failures_total");
    if (st.trouble.pass(self->clock().now()))
      log::error("{}; trying again{}", e.text, st.trouble.suffix());
    connect_later(self);
    break;
  case mqtt_event::kind::connection_lost:
    st.connected = false;
    count(self, "mqtt_connections_lost_total");
    log::warn("{}; connecting again", e.text);
    return_all(st);
    state_myself(self);
    connect_later(self);
    break;
  case mqtt_event::kind::delivered:
  case mqtt_event::kind::failed:
  case mqtt_event::kind::refused: {
    auto i = st.on_the_way.find(e.token);
    if (i == st.on_the_way.end()) break;
    auto id = i->second;
    st.on_the_way.erase(i);
    if (e.what == mqtt_event::kind::delivered) {
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

void take(self_pointer self, const messages::delivery_batch& batch) {
  auto& st = self->state;
  for (const auto& item : batch.items) {
    if (!st.connected) {
      st.unreported.push_back({item.id, outcome::not_sent, {}});
      continue;
    }
    auto n = item.content->messages.size();
    st.entries[item.id] = {item.content, n, {}, false};
    for (size_t i = 0; i < n; ++i) st.queue.push_back({item.id, i});
  }
  send_queue(self);
  report(self);
}

} // namespace

publisher_actor::behavior_type publisher(self_pointer self, context_ptr env, publisher_options options) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.delay = runtime::backoff{st.options.reconnect};
  st.trouble = log::limiter{st.options.reminder};
  log_crashes(self, names::publisher(st.options.slot));
  st.client = st.options.make_client();
  // The client's threads know the actor by its address only: a handle would keep it alive.
  st.client->on_event([address = self->address()] {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, wake_atom_v);
  });
  self->set_down_handler([self](caf::down_msg& dm) { outbox_lost(self, dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason == caf::exit_reason::user_shutdown)
      self->state.client->disconnect(self->state.options.disconnect_timeout);
    self->quit(em.reason);
  });
  look_up_outbox(self);
  st.client->connect();
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::delivery_batch& batch) { take(self, batch); },
      [self](wake_atom) {
        for (const auto& e : self->state.client->take_events()) handle(self, e);
        send_queue(self);
        report(self);
      },
      [self](caf::connect_atom) {
        if (!self->state.connected) self->state.client->connect();
      },
      [self](retry_atom) { look_up_outbox(self); },
  };
}

} // namespace senseflow::actors
