#include "actors/inbound/leftovers.hpp"

#include "actors/supervised.hpp"
#include "messages/spooling.hpp"

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using runtime::mqtt_event;
using self_pointer = leftovers_actor::stateful_pointer<leftovers_state>;

constexpr auto look_interval = 200ms;

void say(self_pointer self, log::level l, const std::string& text) {
  auto& st = self->state;
  if (st.causes.pass(text, self->clock().now())) log::line(l, "leftovers: {}{}", text, st.causes.suffix());
}

/// Of these nothing is known: they stay.
void missed(self_pointer self, const std::string& reason, uint64_t n) {
  self->state.env->counters.count("listener_dropped_total", {{"reason", reason}}, static_cast<double>(n));
  say(self, log::level::warn,
      "some retained messages could not be looked at (too large, or too many). What of them is left of "
      "former configurations stays there.");
}

void received(self_pointer self, const runtime::mqtt_received& m) {
  auto& st = self->state;
  if (m.retain) st.last = self->clock().now();
  if (!st.search.hear(m)) missed(self, "too_many", 1);
}

void has_looked(self_pointer self) {
  auto& st = self->state;
  st.client->disconnect(st.options.disconnect_timeout);
  st.client.reset();
}

void tell(self_pointer self) {
  auto& st = self->state;
  const auto outbox = st.env->names.find_as<outbox_actor>(names::outbox);
  if (!outbox || outbox == st.asked) return; // the next time
  st.asked = outbox;
  messages::left_topics left;
  for (const auto& topic : st.search.found())
    left.topics.push_back({topic, messages::item_class::node, st.options.node, true});
  self->request(outbox, caf::infinite, std::move(left))
      .then(
          [self](uint64_t n) {
            self->state.told = true;
            self->state.asked = nullptr;
            if (n > 0) self->state.env->counters.count("leftovers_found_total", {}, static_cast<double>(n));
          },
          [self](caf::error&) { self->state.asked = nullptr; });
}

void handle(self_pointer self, const mqtt_event& e) {
  auto& st = self->state;
  switch (e.what) {
  case mqtt_event::kind::subscribed:
    st.since = st.last = self->clock().now();
    break;
  case mqtt_event::kind::received:
    received(self, *e.message);
    break;
  case mqtt_event::kind::subscription_denied:
    say(self, log::level::warn, e.text + " What is left of former configurations stays there.");
    st.told = true;
    break;
  case mqtt_event::kind::discarded:
    missed(self, e.text, e.token);
    break;
  case mqtt_event::kind::try_again:
    st.client->connect();
    break;
  case mqtt_event::kind::connect_failed:
  case mqtt_event::kind::connection_lost:
    st.since = {};
    st.search.begin_anew();
    st.connect_at = self->clock().now() + st.delay.next();
    break;
  default:
    break; // the publishers tell the rest
  }
}

/// At once: the client holds a thousand messages at most.
void hear(self_pointer self) {
  if (self->state.client)
    for (const auto& e : self->state.client->take_events()) handle(self, e);
}

void look(self_pointer self) {
  auto& st = self->state;
  if (st.told && !st.client) return; // for good
  self->delayed_send(self, look_interval, caf::tick_atom_v);
  if (!st.client) return tell(self);
  st.client->watch();
  hear(self);
  const auto now = self->clock().now();
  if (st.connect_at && now >= *st.connect_at) {
    st.connect_at.reset();
    st.client->connect();
  }
  const bool subscribed = st.since != std::chrono::steady_clock::time_point{};
  if (st.told || (subscribed && (now - st.last >= st.options.quiet || now - st.since >= st.options.at_most)))
    has_looked(self);
  if (!st.client && !st.told) tell(self);
}

} // namespace

leftovers_actor::behavior_type leftovers(self_pointer self, context_ptr env, leftovers_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.search = leftover_search{st.options.instance, st.options.filters, st.options.most};
  st.delay = runtime::backoff{st.options.reconnect};
  st.client = st.options.make_client();
  st.client->on_event(waker(self));
  st.client->connect();
  self->delayed_send(self, look_interval, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](caf::tick_atom) { look(self); },
      [self](wake_atom) { hear(self); },
  };
}

} // namespace senseflow::actors
