#include "actors/insights/analyst.hpp"

#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <caf/timestamp.hpp>

#include <utility>

namespace senseflow::actors {

namespace {

using self_pointer = analyst_actor::stateful_pointer<analyst_state>;

messages::moment now_of(self_pointer self) { return {caf::make_timestamp(), self->clock().now()}; }

void look(self_pointer self) {
  auto& st = self->state;
  const auto now = now_of(self);
  for (const auto& batch : st.options.feed->take())
    st.known.with([&](analyses& x) { x.observe(batch, now); });
}

bool has_room(analyst_state& st) {
  return st.link.with([&](outlet& o) { return o.waiting() + o.on_the_way(); }) < st.options.max_waiting;
}

/// Becomes items, in one piece: of an incarnation that was given up nothing is counted.
void publish(analyst_state& st, std::vector<messages::insight> insights) {
  st.link.with([&](outlet& o) {
    for (auto& x : insights) {
      if (st.options.ours && !st.options.ours(x)) {
        st.env->counters.count("insights_disowned_total");
        continue;
      }
      st.env->book.received(class_of(x), origin_of(x));
      o.push(std::move(x));
    }
  });
}

void ask(self_pointer self) {
  auto& st = self->state;
  look(self);
  if (!has_room(st)) return;
  st.known.with([&](analyses& x) {
    auto found = x.tick(now_of(self));
    publish(st, std::move(found.insights));
    for (const auto& c : found.counts) st.env->counters.count(c.name, c.labels, c.n);
    for (const auto& line : found.lines) runtime::log::warn("insights: {}", line);
    st.env->notices.alarms.update(names::analyst, [&](auto& to) { to = std::move(found.alarms); });
  });
  st.link.pump();
}

void end_when_empty(self_pointer self) {
  if (self->state.stopping && self->state.link.with([](outlet& o) { return o.empty(); }))
    self->quit(caf::exit_reason::user_shutdown);
}

} // namespace

analyst_actor::behavior_type analyst(self_pointer self, context_ptr env, analyst_options options,
                                     std::shared_ptr<analyst_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.known = runtime::estate<analyses>::enter(own->known);
  st.known.with([&](analyses& x) { x.use(st.options.analyses); });
  st.link = {self,
             st.env,
             runtime::estate<outlet>::enter(own->items),
             st.options.timeout,
             [self] { end_when_empty(self); },
             names::analyst};
  self->set_down_handler([self](caf::down_msg& dm) { self->state.link.down(dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    ask(self);
    self->state.env->notices.alarms.forget(names::analyst);
    self->state.stopping = true;
    end_when_empty(self);
  });
  st.link.look();
  self->send(self, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(st.known),
      [self](wake_atom) { look(self); },
      [self](caf::tick_atom) {
        if (self->state.stopping) return;
        self->delayed_send(self, self->state.options.tick, caf::tick_atom_v);
        ask(self);
      },
      [self](retry_atom) { self->state.link.look(); },
  };
}

} // namespace senseflow::actors
