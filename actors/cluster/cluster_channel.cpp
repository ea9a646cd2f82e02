#include "actors/cluster/cluster_channel.hpp"

#include "actors/cluster/cluster_topics.hpp"
#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
using namespace cluster_topics;
namespace log = runtime::log;
using messages::channel_state;
using runtime::mqtt_event;
using runtime::publish_result;
using self_pointer = cluster_channel_actor::stateful_pointer<cluster_channel_state>;

constexpr size_t most_bytes = 8 << 20; ///< that wait for a receiver

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

void count(self_pointer self, const char* what, const runtime::metrics::labels& l = {}, uint64_t n = 1) {
  self->state.env->counters.count(what, l, static_cast<double>(n));
}

// --- to the actors of this node -------------------------------------------------------------------

void hand_over(self_pointer self) {
  for (auto& [name, to] : self->state.to_hand_over) {
    if (to.waiting.empty()) continue;
    const auto receiver = caf::actor_cast<caf::actor>(self->state.env->names.find(name));
    if (!receiver) continue;
    for (auto& [x, bytes] : to.waiting) caf::anon_send(receiver, std::move(x));
    to = {};
  }
}

void hand_over(self_pointer self, const char* name, caf::message x, size_t bytes = 0) {
  auto& to = self->state.to_hand_over[name];
  to.waiting.emplace_back(std::move(x), bytes);
  to.bytes += bytes;
  while (to.waiting.size() > self->state.options.most_waiting || to.bytes > most_bytes) {
    to.bytes -= to.waiting.front().second;
    to.waiting.pop_front();
    count(self, "cluster_messages_dropped_total", {{"reason", "no_receiver"}});
  }
}

void tell_state(self_pointer self) {
  hand_over(self, names::event_twins, caf::make_message(messages::channel_news{self->state.now}));
}

void become(self_pointer self, channel_state x) {
  if (std::exchange(self->state.now, x) != x) tell_state(self);
}

void received(self_pointer self, const messages::mqtt_message& m) {
  auto& st = self->state;
  const std::string_view whole = m.topic.view();
  if (!starts_with(whole, st.options.base))
    return count(self, "cluster_messages_dropped_total", {{"reason", "topic"}});
  const auto topic = whole.substr(st.options.base.size());
  if (topic == std::string{markers} + st.options.node) {
    if (st.marker.empty() || m.payload.view() != st.marker) return; // an earlier one, or a stranger's
    st.marker_due = {};
    st.marker.clear();
    st.denied = false;
    return become(self, channel_state::up);
  }
  const auto* to = starts_with(topic, nodes)     ? names::cluster_member
                   : starts_with(topic, digests) ? names::event_twins
                                                 : nullptr;
  const auto from = topic.substr(std::min(topic.find('/'), topic.size() - 1) + 1);
  if (to == nullptr || from.empty())
    return count(self, "cluster_messages_dropped_total", {{"reason", "topic"}});
  if (from == st.options.node) return; // our own
  hand_over(self, to, caf::make_message(messages::cluster_message{std::string{topic}, m.payload, m.retain}),
            whole.size() + m.payload.size());
}

// --- to the other nodes ---------------------------------------------------------------------------

void send_waiting(self_pointer self) {
  auto& st = self->state;
  while (st.now != channel_state::down && !st.to_send.empty()) {
    const auto first = st.to_send.begin();
    const auto& x = first->second;
    auto topic = st.options.base + x.topic;
    if (x.topic.empty()) topic.pop_back(); // the slash
    const bool json = !starts_with(x.topic, digests) && !starts_with(x.topic, markers);
    const auto result = st.link.publish(first->first, {std::move(topic), x.payload, 1, x.retain, 0, json});
    if (result == publish_result::window_full || result == publish_result::not_connected) return;
    if (result == publish_result::sent) {
      st.in_flight.insert(st.to_send.extract(first));
    } else {
      count(self, "cluster_messages_refused_total", {{"reason", "invalid_message"}});
      st.to_send.erase(first);
    }
  }
}

void enqueue(self_pointer self, messages::cluster_message x) {
  auto& st = self->state;
  if (x.retain)
    for (auto i = st.to_send.begin(); i != st.to_send.end(); ++i)
      if (i->second.retain && i->second.topic == x.topic) {
        st.to_send.erase(i);
        break;
      }
  if (st.to_send.size() >= st.options.most_waiting) {
    st.to_send.erase(st.to_send.begin());
    count(self, "cluster_messages_dropped_total", {{"reason", "queue_full"}});
  }
  st.to_send.emplace(++st.last_token, std::move(x));
  send_waiting(self);
}

void send_marker(self_pointer self) {
  auto& st = self->state;
  st.marker = fmt::format("{}-{}", ++st.markers, self->clock().now().time_since_epoch().count());
  st.marker_due = self->clock().now() + st.options.marker_timeout;
  enqueue(self, {std::string{markers} + st.options.node, st.marker, false});
}

void go_deaf(self_pointer self, const std::string& why) {
  auto& st = self->state;
  count(self, "cluster_channel_deaf_total");
  st.link.say(
      log::level::warn,
      fmt::format(
          "the MQTT broker does not pass on what nodes tell each other below {} ({}). Allow this user to "
          "read and write there. Events that several nodes receive are published by each of them "
          "meanwhile. Retrying.",
          st.options.base, why));
  st.marker.clear();
  st.marker_due = self->clock().now() + st.options.marker_again;
  become(self, channel_state::deaf);
}

// --- the connection -------------------------------------------------------------------------------

void lost(self_pointer self) {
  auto& st = self->state;
  for (auto i = st.to_send.begin(); i != st.to_send.end();) // of no use to the next connection
    i = starts_with(i->second.topic, markers) ? st.to_send.erase(i) : std::next(i);
  st.marker.clear();
  st.marker_due = {};
  become(self, st.denied ? channel_state::deaf : channel_state::down); // it may be closed over what is denied
}

/// The broker says so itself.
void denied(self_pointer self, const std::string& why) {
  self->state.denied = true;
  go_deaf(self, why);
}

void refused(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  const auto i = st.in_flight.find(e.token);
  if (i == st.in_flight.end()) return;
  count(self, "cluster_messages_refused_total", {{"reason", e.text}});
  const auto topic = i->second.topic;
  st.in_flight.erase(i);
  if (starts_with(topic, markers)) return denied(self, e.text);
  st.link.say(log::level::warn,
              fmt::format("the MQTT broker refuses {}{} ({})", st.options.base, topic, e.text));
}

void handle(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  switch (e.what) {
  case mqtt_event::kind::connected:
    st.marker_due = self->clock().now() + st.options.marker_timeout; // for the subscription, too
    become(self, st.denied ? channel_state::deaf : channel_state::catching_up);
    break;
  case mqtt_event::kind::subscribed:
    if (st.now != channel_state::down) send_marker(self);
    break;
  case mqtt_event::kind::subscription_denied:
    st.link.say(log::level::warn, e.text);
    if (st.now != channel_state::down) denied(self, "a subscription was refused");
    break;
  case mqtt_event::kind::received:
    received(self, *e.message);
    break;
  case mqtt_event::kind::discarded:
    count(self, "cluster_messages_dropped_total", {{"reason", e.text}}, e.token);
    break;
  case mqtt_event::kind::connection_lost:
    lost(self);
    break;
  case mqtt_event::kind::delivered:
    st.in_flight.erase(e.token);
    break;
  case mqtt_event::kind::failed:
  case mqtt_event::kind::unsent:
    if (auto x = st.in_flight.extract(e.token); !x.empty() && !starts_with(x.mapped().topic, markers))
      st.to_send.insert(std::move(x));
    break;
  case mqtt_event::kind::refused:
    refused(self, e);
    break;
  default:
    break; // the link's; it has no presence, and is a subscriber
  }
}

void hear(self_pointer self) {
  auto& st = self->state;
  st.link.hear([self](const mqtt_event& e) { handle(self, e); });
  send_waiting(self);
  hand_over(self);
  st.link.end(st.to_send.empty());
}

void watch(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.link.watch();
  hear(self);
  if (st.to_hand_over[names::event_twins].waiting.empty()) tell_state(self); // one may have died with it
  if (st.now == channel_state::down) return;
  if (st.marker_due != std::chrono::steady_clock::time_point{} && now >= st.marker_due) {
    if (st.now == channel_state::deaf && st.marker.empty())
      send_marker(self);
    else
      go_deaf(self, "a message to itself did not arrive");
    hand_over(self);
  }
  st.link.check();
}

} // namespace

void subscribe_to_cluster(runtime::mqtt_options& o, const std::string& base, const std::string& node) {
  const auto topic = [&](std::string_view kind, std::string_view rest) {
    return std::string{base}.append(kind).append(rest);
  };
  o.subscriptions = {
      {topic(nodes, "+"), 1, true}, {topic(digests, "+"), 1, true}, {topic(markers, node), 1, false}};
  o.keeps_session = true;
  o.presence.topic.clear();
}

cluster_channel_actor::behavior_type cluster_channel(self_pointer self, context_ptr env,
                                                     cluster_channel_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  const auto& o = st.options;
  st.link = {self,
             st.env,
             {"cluster", "cluster_channel_connects_total", "cluster_channel_lost_total", o.reconnect,
              o.ack_timeout, o.flush_timeout, o.disconnect_timeout},
             o.make_client()};
  // Whatever an earlier incarnation has told.
  tell_state(self);
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.link.stop();
    self->state.link.end(self->state.to_send.empty());
  });
  self->delayed_send(self, 200ms, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::cluster_message& x) { enqueue(self, x); },
      [self](wake_atom) { hear(self); },
      [self](caf::tick_atom) {
        self->delayed_send(self, 200ms, caf::tick_atom_v);
        watch(self);
      },
      [self](caf::connect_atom) { self->state.link.connect(); },
  };
}

} // namespace senseflow::actors
