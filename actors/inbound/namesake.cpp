#include "actors/inbound/namesake.hpp"

#include "actors/supervised.hpp"
#include "messages/text/text.hpp"
#include "runtime/mqtt/presence.hpp"

#include <algorithm>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = namesake_actor::stateful_pointer<namesake_state>;

/// A copy has the id of the installation and another one for its run.
bool is_copy(const std::string& theirs, const std::string& ours) {
  constexpr size_t digits = 16;
  return theirs.size() >= digits && theirs.compare(0, digits, ours, 0, digits) == 0;
}

void mend_presence(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (!st.presence.due(now)) return;
  const auto first = st.env->names.find_as<presence_teller>(names::publisher(0));
  const auto brokers = st.env->notices.brokers.all();
  const auto notice = brokers.find(0);
  const bool connected = notice != brokers.end() && notice->second.connected;
  if (!first || !connected) return; // its next connection says so itself
  st.presence.mended(now);
  st.env->counters.count("presence_mended_total");
  self->send(first, again_atom_v);
}

/// The broker may have kept it: that somebody has gone, and we have come meanwhile.
void hear_presence(self_pointer self, const messages::heard_message& m) {
  auto& st = self->state;
  if (st.options.presence_topic.empty() || m.topic != st.options.presence_topic) return;
  if (m.payload.view() == runtime::presence::online) st.presence.affirmed();
  if (m.payload.size() == 0 || m.payload.view() == runtime::presence::offline)
    st.presence.denied(self->clock().now());
}

void heard(self_pointer self, const messages::heard_message& m) {
  auto& st = self->state;
  hear_presence(self, m);
  if (!st.options.watch) return;
  const auto who = st.watch.foreign(m);
  if (!who) return;
  st.env->counters.count("namesake_messages_total");
  const auto instance = messages::cleaned(messages::repaired_utf8(*who), 40);
  st.env->notices.namesake.store({instance, caf::make_timestamp()});
  if (st.often.pass(self->clock().now()))
    log::warn(
        "another program at this broker says that it is node {}{}: they publish to the same topics. "
        "Give each of them a `node` of its own{}.{}",
        st.options.node,
        instance.empty() ? "" : fmt::format(" (instance {}, this one is {})", instance, st.options.instance),
        is_copy(instance, st.options.instance)
            ? ", and the copy a new spool: one of them runs with a copy of the other's (delivery.spool.path)"
            : "",
        st.often.suffix());
}

} // namespace

void presence_mending::denied(time_point now) {
  if (!due_) due_ = last_ ? std::max(now + after, *last_ + between) : now + after;
}

void presence_mending::mended(time_point now) {
  due_.reset();
  last_ = now;
}

namesake_actor::behavior_type namesake(self_pointer self, context_ptr env, namesake_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.watch = namesake_watch{st.options.instance};
  self->delayed_send(self, st.options.tick, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::heard_message& x) {
        heard(self, x);
        return caf::ok_atom_v;
      },
      [self](caf::tick_atom) {
        self->delayed_send(self, self->state.options.tick, caf::tick_atom_v);
        mend_presence(self);
      },
  };
}

} // namespace senseflow::actors
