#include "actors/inbound/namesake.hpp"

#include "actors/supervised.hpp"
#include "messages/text/text.hpp"

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = namesake_actor::stateful_pointer<namesake_state>;

void heard(self_pointer self, const messages::heard_message& m) {
  auto& st = self->state;
  const auto who = st.watch.foreign(m);
  if (!who) return;
  st.env->counters.count("namesake_messages_total");
  const auto instance = messages::cleaned(messages::repaired_utf8(*who), 40);
  st.env->notices.namesake.store({instance, caf::make_timestamp()});
  if (st.often.pass(self->clock().now()))
    log::warn("another program at this broker says that it is node {}{}: they publish to the same topics. "
              "Give each of "
              "them a `node` of its own.{}",
              st.options.node,
              instance.empty() ? ""
                               : fmt::format(" (instance {}, this one is {})", instance, st.options.instance),
              st.often.suffix());
}

} // namespace

namesake_actor::behavior_type namesake(self_pointer self, context_ptr env, namesake_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.watch = namesake_watch{st.options.instance};
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::heard_message& x) {
        heard(self, x);
        return caf::ok_atom_v;
      },
  };
}

} // namespace senseflow::actors
