#include "actors/delivery/publisher_reports.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <utility>

namespace senseflow::actors {

using namespace std::chrono_literals;

namespace {

template <class... Ts>
void ask_outbox(publisher_pointer self, size_t settled, Ts&&... xs) {
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

} // namespace

void connect_later(publisher_pointer self) {
  self->delayed_send(self, self->state.delay.next(), caf::connect_atom_v);
}

void connect_again(publisher_pointer self) {
  auto& st = self->state;
  if (!st.connect_due || (st.outbox && (st.asking || st.state_due || !st.unreported.empty()))) return;
  st.connect_due = false;
  connect_later(self);
}

void outbox_lost(publisher_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  if (!st.outbox || st.outbox.address() != address) return;
  self->demonitor(address);
  st.outbox = nullptr;
  st.asking = false;
  st.env->counters.count("edge_lost_total", {{"edge", "outbox"}});
  self->delayed_send(self, 20ms, retry_atom_v);
  connect_again(self);
}

void tell_outbox(publisher_pointer self) {
  auto& st = self->state;
  if (!st.outbox || st.asking) return;
  if (st.state_due && (!st.connected || st.unreported.empty())) {
    st.state_due = false;
    messages::publisher_state x{st.options.slot, st.connected, st.connected && st.resumed, st.window, {}};
    for (const auto& [id, content] : st.items.held()) x.holds.push_back(id);
    for (const auto& s : st.unreported) x.holds.push_back(s.id);
    ask_outbox(self, 0, std::move(x), publisher_actor{self});
  } else if (!st.unreported.empty()) {
    ask_outbox(self, st.unreported.size(), messages::settled_batch{st.options.slot, st.unreported});
  } else {
    connect_again(self);
  }
}

void state_myself(publisher_pointer self) {
  self->state.state_due = true;
  tell_outbox(self);
}

void look_up_outbox(publisher_pointer self) {
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

} // namespace senseflow::actors
