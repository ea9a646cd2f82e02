#include "actors/home_assistant/discovery.hpp"

#include "actors/supervised.hpp"
#include "messages/insights/alarm.hpp"

#include <caf/timestamp.hpp>

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = discovery_actor::stateful_pointer<discovery_state>;

using namespace std::chrono_literals;

constexpr size_t batch_max_items = 50;

messages::publication publication(const std::string& node, const messages::shared_text& topic) {
  messages::publication result;
  result.cls = messages::item_class::node;
  result.origin = node;
  result.replaces = topic;
  return result;
}

void say_disputed(self_pointer self, discovery_memory& x, const std::string& topic) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto text = "another program has published to " + topic;
  if (st.causes.pass(text, now))
    log::warn(
        "Home Assistant: {}: do two programs share base topic and server names? Change those of one, and "
        "reload it while both run. Publishing again soon.{}",
        text, st.causes.suffix());
  x.dispute.topics.insert(topic);
  x.dispute.until = now + st.options.devices.dispute_lasts;
  if (!std::exchange(x.dispute.alarmed, true))
    st.env->notices.alarms.update(names::discovery, [&](auto& alarms) {
      alarms = {{"device_disputed", "", messages::insights::alarm::weight::warning,
                 "Another program has published to " + topic + ", where this one publishes a device.",
                 "Two programs share base topic and server names. Give one of them another "
                 "mqttConfig.baseTopic, or its servers other names, and reload it while both run: it leaves "
                 "what both have published to the other one.",
                 caf::make_timestamp()}};
    });
}

void end_alarm(self_pointer self, discovery_memory& x) {
  x.dispute.alarmed = false;
  self->state.env->notices.alarms.forget(names::discovery);
}

/// What has changed about it since it was told last.
void tell_dispute(self_pointer self, const discovery_memory& x) {
  auto& st = self->state;
  const auto& topics = x.dispute.topics;
  if (std::exchange(st.in_dispute, topics.size()) != topics.size()) st.options.in_dispute(topics);
}

/// The states of its server have gone with it.
void say_cleared(self_pointer self, discovery_memory& x, const std::string& topic) {
  auto& st = self->state;
  x.ask_for_states = true;
  if (st.causes.pass("cleared", self->clock().now()))
    log::warn("Home Assistant: another program, with which base topic and server names were shared, has "
              "cleared {}: publishing it, and all states, again{}",
              topic, st.causes.suffix());
}

/// Everything that is due now, up to a batch.
messages::encoded_batch gather(self_pointer self, discovery_memory& x, devices::time_point now) {
  auto& st = self->state;
  const auto& node = st.options.devices.at.node;
  messages::encoded_batch result;
  while (result.publications.size() < batch_max_items) {
    auto due = x.devices.next(now);
    if (!due) break;
    if (due->was_let_go) st.options.let_go(due->topic, false);
    if (due->disputed) st.env->counters.count("home_assistant_disputed_total");
    if (due->disputed && !due->dispute_known) say_disputed(self, x, due->topic);
    if (due->cleared) say_cleared(self, x, due->topic);
    const messages::shared_text topic{due->topic};
    auto p = publication(node, topic);
    for (auto& payload : due->payloads) p.messages.push_back({topic, std::move(payload), 1, true, 0, true});
    st.env->book.received(messages::item_class::node, node);
    result.publications.emplace_back(std::move(p));
    st.env->counters.count("home_assistant_documents_total");
  }
  tell_dispute(self, x);
  return result;
}

void publish(self_pointer self);

void no_longer_asked(self_pointer self, const caf::actor_addr& outbox) {
  auto& asked = self->state.asked;
  if (asked && asked.address() == outbox) asked = nullptr;
}

void accepted(self_pointer self, uint64_t number) {
  const auto now = self->clock().now();
  const bool states = self->state.own.with([&](discovery_memory& x) {
    if (x.batch && x.batch->id.number == number) x.batch.reset();
    return !x.batch && x.devices.idle(now) && std::exchange(x.ask_for_states, false);
  });
  if (states) {
    ++self->state.env->asked_for_all;
    if (auto outbox = self->state.env->names.find_as<outbox_actor>(names::outbox))
      self->request(outbox, caf::infinite, again_atom_v).then([](uint64_t) {}, [](caf::error&) {});
  }
  publish(self);
}

void publish(self_pointer self) {
  auto& st = self->state;
  auto outbox = st.env->names.find_as<outbox_actor>(names::outbox);
  if (!outbox || outbox == st.asked) return; // the next time; one that has died answers no more
  const auto now = self->clock().now();
  auto batch = st.own.with([&](discovery_memory& x) {
    if (!x.batch)
      if (auto next = gather(self, x, now); !next.publications.empty()) {
        next.id = {x.source, ++x.last_number};
        x.batch = std::move(next);
      }
    return x.batch;
  });
  if (!batch) return;
  st.asked = outbox;
  const auto number = batch->id.number;
  self->request(outbox, caf::infinite, std::move(*batch))
      .then(
          [self, number, outbox = outbox.address()](messages::demand) {
            no_longer_asked(self, outbox);
            accepted(self, number);
          },
          [self, outbox = outbox.address()](caf::error&) { no_longer_asked(self, outbox); });
}

// --- what is heard --------------------------------------------------------------------------------

void born(self_pointer self) {
  auto& st = self->state;
  const auto least = st.options.birth_delay_min.count(), most = st.options.birth_delay_max.count();
  std::uniform_int_distribution<int64_t> delay{least, std::max(least, most)};
  const auto due = self->clock().now() + std::chrono::milliseconds(delay(st.random));
  st.env->counters.count("home_assistant_births_total");
  st.own.with([&](discovery_memory& x) {
    if (!x.birth_due) x.birth_due = due;
  });
}

void hear(self_pointer self, const messages::heard_message& m) {
  auto& st = self->state;
  if (m.topic == st.options.birth_topic) {
    // One that the broker has kept tells of a birth of former times.
    if (!m.retained && m.payload.view() == "online") born(self);
    return;
  }
  const auto now = self->clock().now();
  const bool removed =
      st.own.with([&](discovery_memory& x) { return x.devices.heard(m.topic, m.payload.view(), now); });
  if (!removed) return;
  st.options.let_go(m.topic, true);
  st.env->counters.count("home_assistant_removed_total");
  log::info("Home Assistant: the device of {} was removed there; it is published again when Home Assistant "
            "or this program is started, or when its settings change",
            m.topic);
}

// --- what time brings -----------------------------------------------------------------------------

void look(self_pointer self) {
  auto& st = self->state;
  self->delayed_send(self, st.options.tick, caf::tick_atom_v);
  const auto servers = st.env->notices.servers.all();
  const auto now = self->clock().now();
  const bool was_born = st.own.with([&](discovery_memory& x) {
    for (const auto& [name, notice] : servers) x.devices.seen(name, notice.version);
    for (const auto& topic : x.devices.disputes(now)) say_disputed(self, x, topic);
    if (!x.dispute.topics.empty() && now >= x.dispute.until) {
      x.dispute.topics.clear();
      end_alarm(self, x);
    }
    tell_dispute(self, x);
    if (!x.birth_due || *x.birth_due > now) return false;
    x.birth_due.reset();
    x.devices.again();
    return x.ask_for_states = true;
  });
  if (was_born) // one that has no connection says it with the next one
    if (const auto first = st.env->names.find_as<presence_teller>(names::publisher(0)))
      self->send(first, again_atom_v);
  publish(self);
}

} // namespace

discovery_actor::behavior_type discovery(self_pointer self, context_ptr env, discovery_options options,
                                         std::shared_ptr<discovery_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.own = discovery_estate::enter(own);
  const auto now = self->clock().now();
  st.own.with([&](discovery_memory& x) { x.devices.configured(st.options.devices, now); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason == caf::exit_reason::user_shutdown) // switched off: nobody looks any more
      self->state.own.with([&](discovery_memory& x) { end_alarm(self, x); });
    self->quit(em.reason);
  });
  self->send(self, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](const messages::heard_message& m) {
        hear(self, m);
        return caf::ok_atom_v;
      },
      [self](again_atom) {
        const uint64_t n = self->state.own.with([](discovery_memory& x) { return x.devices.again(); });
        publish(self);
        return n;
      },
      [self](caf::tick_atom) { look(self); },
  };
}

} // namespace senseflow::actors
