#include "actors/outbox.hpp"

#include "actors/supervised.hpp"

#include <algorithm>

namespace senseflow::actors {

namespace {

using self_pointer = outbox_actor::stateful_pointer<outbox_state>;

/// After every change: publishers get what they can take, held answers go out, a drained outbox ends.
void go_on(self_pointer self) {
  auto& st = self->state;
  for (const auto& [slot, publisher] : st.publishers) {
    messages::delivery_batch batch;
    batch.items = st.own.with([slot = slot](outbox_store& s) { return s.take(slot); });
    if (!batch.items.empty()) self->send(publisher, std::move(batch));
  }
  if (!st.held.empty() && !st.own.with([](outbox_store& s) { return s.congested(); })) {
    for (auto& answer : st.held) answer.deliver(caf::ok_atom_v);
    st.held.clear();
  }
  if (st.draining && st.own.with([](outbox_store& s) { return s.empty(); }))
    self->quit(caf::exit_reason::user_shutdown);
}

caf::result<caf::ok_atom> accept(self_pointer self, const messages::encoded_batch& batch) {
  auto& st = self->state;
  auto congested = st.own.with([&](outbox_store& s) {
    s.accept(batch);
    return s.congested();
  });
  go_on(self);
  if (!congested) return caf::ok_atom_v;
  auto answer = self->make_response_promise<caf::ok_atom>();
  st.held.push_back(answer);
  return answer;
}

void publisher_states_itself(self_pointer self, const messages::publisher_state& x,
                             const publisher_actor& who) {
  auto& st = self->state;
  auto& known = st.publishers[x.slot];
  if (known != who) {
    known = who;
    self->monitor(who);
  }
  st.own.with([&](outbox_store& s) { s.publisher_here(x.slot, x.connected, x.window, x.holds); });
  go_on(self);
}

void publisher_lost(self_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  auto i = std::find_if(st.publishers.begin(), st.publishers.end(),
                        [&](const auto& p) { return p.second.address() == address; });
  if (i == st.publishers.end()) return; // an earlier incarnation
  auto slot = i->first;
  st.publishers.erase(i);
  st.own.with([slot](outbox_store& s) { s.publisher_gone(slot); });
  st.env->counters.count("publishers_lost_total");
  go_on(self);
}

} // namespace

outbox_actor::behavior_type outbox(self_pointer self, context_ptr env, std::shared_ptr<outbox_estate> own) {
  auto& st = self->state;
  st.env = std::move(env);
  st.own = outbox_estate::enter(own);
  st.own.with([](outbox_store& s) { s.forget_connections(); });
  log_crashes(self, names::outbox);
  self->set_down_handler([self](caf::down_msg& dm) { publisher_lost(self, dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.draining = true;
    go_on(self);
  });
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::encoded_batch& batch) { return accept(self, batch); },
      [self](const messages::publisher_state& x, const publisher_actor& who) {
        publisher_states_itself(self, x, who);
        return caf::ok_atom_v;
      },
      [self](const messages::settled_batch& batch) {
        self->state.own.with([&](outbox_store& s) { s.settle(batch.slot, batch.items); });
        go_on(self);
        return caf::ok_atom_v;
      },
  };
}

} // namespace senseflow::actors
