#include "actors/delivery/publisher_reports.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <utility>

namespace senseflow::actors {

using namespace std::chrono_literals;

namespace {

/// Without a time-out of CAF's: that is a timer for each question. `watch_outbox` looks once a second.
template <class... Ts>
void ask_outbox(publisher_pointer self, size_t settled, Ts&&... xs) {
  auto& r = self->state.reports;
  r.asking = true;
  r.asked_at = self->clock().now();
  self->request(r.outbox, caf::infinite, std::forward<Ts>(xs)...)
      .then(
          [self, settled, question = ++r.question](caf::ok_atom) {
            auto& now = self->state.reports;
            if (!now.asking || question != now.question) return; // of an outbox that was given up
            now.unreported.erase(now.unreported.begin(),
                                 now.unreported.begin() + static_cast<std::ptrdiff_t>(settled));
            now.asking = false;
            tell_outbox(self);
          },
          [self, address = r.outbox.address()](caf::error&) { outbox_lost(self, address); });
}

} // namespace

void connect_later(publisher_pointer self) {
  self->delayed_send(self, self->state.delay.next(), caf::connect_atom_v);
}

void connect_again(publisher_pointer self) {
  auto& r = self->state.reports;
  if (!r.connect_due || (r.outbox && (r.asking || r.state_due || !r.unreported.empty()))) return;
  r.connect_due = false;
  connect_later(self);
}

void outbox_lost(publisher_pointer self, const caf::actor_addr& address) {
  auto& r = self->state.reports;
  if (!r.outbox || r.outbox.address() != address) return;
  self->demonitor(address);
  r.outbox = nullptr;
  r.asking = false;
  self->state.env->counters.count("edge_lost_total", {{"edge", "outbox"}});
  self->delayed_send(self, 20ms, retry_atom_v);
  connect_again(self);
}

void watch_outbox(publisher_pointer self) {
  const auto& r = self->state.reports;
  if (r.outbox && r.asking && self->clock().now() - r.asked_at >= self->state.options.timeout)
    outbox_lost(self, r.outbox.address());
}

void tell_outbox(publisher_pointer self) {
  auto& st = self->state;
  auto& r = st.reports;
  if (!r.outbox || r.asking) return;
  if (r.state_due && (!st.connected || r.unreported.empty())) {
    r.state_due = false;
    messages::publisher_state x{st.options.slot, st.connected, st.connected && st.resumed, st.window, {}};
    for (const auto& [id, content] : st.items.held()) x.holds.push_back(id);
    for (const auto& s : r.unreported) x.holds.push_back(s.id);
    ask_outbox(self, 0, std::move(x), publisher_actor{self});
  } else if (!r.unreported.empty()) {
    ask_outbox(self, r.unreported.size(), messages::settled_batch{st.options.slot, r.unreported});
  } else {
    connect_again(self);
  }
}

void state_myself(publisher_pointer self) {
  self->state.reports.state_due = true;
  tell_outbox(self);
}

void look_up_outbox(publisher_pointer self) {
  auto& r = self->state.reports;
  if (r.outbox) return;
  r.outbox = self->state.env->names.find_as<outbox_actor>(names::outbox);
  if (!r.outbox) {
    self->delayed_send(self, 20ms, retry_atom_v);
    return;
  }
  self->monitor(r.outbox);
  state_myself(self);
}

} // namespace senseflow::actors
