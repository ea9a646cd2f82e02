#include "actors/supervisor.hpp"

#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;

using self_pointer = supervisor_actor::stateful_pointer<supervisor_state>;
using child = supervisor_state::child;

constexpr auto stop_tick = 20ms;
constexpr auto abandon_after = 1s; ///< a killed child that still runs is stuck in a handler

std::string full_name(const supervisor_state& st, const child& c) {
  return st.options.path.empty() ? c.spec.name : st.options.path + "/" + c.spec.name;
}

void kill(const caf::actor_addr& address) {
  // High priority: kill must not wait behind a full mailbox.
  if (auto strong = caf::actor_cast<caf::actor>(address))
    caf::anon_send<caf::message_priority::high>(strong,
                                                caf::exit_msg{strong.address(), caf::exit_reason::kill});
}

void forget(supervisor_state& st, child& c) {
  auto address = c.handle.address();
  st.env->names.erase(full_name(st, c), address);
  std::lock_guard lock{st.running->mutex};
  st.running->addresses.erase(address.id());
  c.handle = nullptr;
  c.pinged = false;
}

void fail(self_pointer self, size_t index, const std::string& reason);

void start(self_pointer self, size_t index) {
  auto& st = self->state;
  auto& c = st.children[index];
  c.due = false;
  c.killed = false;
  ++c.generation;
  c.started = self->clock().now();
  try {
    c.handle = c.spec.start(self->system());
  } catch (const std::exception& e) {
    fail(self, index, e.what());
    return;
  }
  if (!c.handle) {
    fail(self, index, "could not be started");
    return;
  }
  {
    std::lock_guard lock{st.running->mutex};
    st.running->addresses[c.handle.id()] = c.handle.address();
  }
  st.env->names.put(full_name(st, c), caf::actor_cast<caf::strong_actor_ptr>(c.handle));
  self->monitor(c.handle);
}

/// Ends the supervisor: its own supervisor takes it from here.
void give_up(self_pointer self, const child& c) {
  const auto& st = self->state;
  log::error("{} failed more than {} times within {} s: {} gives up", full_name(st, c),
             st.options.max_restarts,
             std::chrono::duration_cast<std::chrono::seconds>(st.options.period).count(),
             st.options.path.empty() ? "the program" : st.options.path);
  self->quit(caf::sec::runtime_error);
}

void fail(self_pointer self, size_t index, const std::string& reason) {
  auto& st = self->state;
  auto& c = st.children[index];
  auto now = self->clock().now();
  while (!st.failures.empty() && now - st.failures.front() > st.options.period) st.failures.pop_front();
  st.failures.push_back(now);
  if (st.failures.size() > st.options.max_restarts) return give_up(self, c);

  if (now - c.started >= st.options.stable_after) c.delay.reset();
  auto delay = c.delay.next();
  ++c.restarts;
  st.env->counters.count("restarts_total", {{"child", full_name(st, c)}});
  log::warn("{} ended ({}): restart {} in {} ms", full_name(st, c), reason, c.restarts,
            std::chrono::duration_cast<std::chrono::milliseconds>(delay).count());
  c.due = true;
  if (st.options.strategy == restart_strategy::rest_for_one)
    for (auto j = st.children.size() - 1; j > index; --j) {
      auto& rest = st.children[j];
      if (rest.handle) self->send_exit(rest.handle, caf::exit_reason::user_shutdown);
      rest.due = true;
    }
  self->delayed_send(self, delay, restart_atom_v, static_cast<uint32_t>(index), c.generation);
}

void restart(self_pointer self, uint32_t index, uint64_t generation) {
  auto& st = self->state;
  if (st.stopping || index >= st.children.size() || st.children[index].generation != generation) return;
  start(self, index);
  if (st.options.strategy != restart_strategy::rest_for_one) return;
  for (size_t j = index + 1; j < st.children.size(); ++j) {
    auto& rest = st.children[j];
    if (!rest.due) continue;
    if (rest.handle) { // had its time to end while we waited
      auto address = rest.handle.address();
      self->demonitor(address);
      kill(address);
      forget(st, rest);
    }
    start(self, j);
  }
}

void ping(self_pointer self) {
  for (size_t i = 0; i < self->state.children.size(); ++i) {
    auto& c = self->state.children[i];
    if (!c.handle || c.pinged) continue;
    c.pinged = true;
    auto generation = c.generation;
    auto answered = [self, i, generation](bool hung) {
      auto& x = self->state.children[i];
      if (x.generation != generation || !x.handle) return;
      x.pinged = false;
      if (!hung || self->state.stopping) return;
      log::error("{} has not answered for {} s and is abandoned; if it is stuck for good it keeps its thread",
                 full_name(self->state, x),
                 std::chrono::duration_cast<std::chrono::seconds>(self->state.options.hang_timeout).count());
      self->state.env->counters.count("hangs_total", {{"child", full_name(self->state, x)}});
      auto address = x.handle.address();
      self->demonitor(address);
      kill(address);
      forget(self->state, x);
      fail(self, i, "hung");
    };
    self->request(c.handle, self->state.options.hang_timeout, caf::ping_atom_v)
        .then([answered](caf::pong_atom) { answered(false); },
              [answered](caf::error& e) { answered(e == caf::sec::request_timeout); });
  }
}

void ask_to_stop(self_pointer self, child& c) {
  c.stop_deadline = self->clock().now() + c.spec.stop_timeout;
  self->send_exit(c.handle, caf::exit_reason::user_shutdown);
}

/// Called when stopping begins, whenever a child has ended, and every tick.
void go_on_stopping(self_pointer self) {
  auto& st = self->state;
  auto now = self->clock().now();
  bool any = false;
  for (auto i = st.children.size(); i-- > 0;) {
    auto& c = st.children[i];
    if (!c.handle) continue;
    any = true;
    if (c.stop_deadline == supervisor_state::time_point{}) {
      ask_to_stop(self, c);
    } else if (now >= c.stop_deadline && !c.killed) {
      log::warn("{} did not end in time and is killed", full_name(st, c));
      c.killed = true;
      c.stop_deadline = now + abandon_after;
      kill(c.handle.address());
    } else if (now >= c.stop_deadline) {
      log::error("{} is stuck and is left behind", full_name(st, c));
      self->demonitor(c.handle.address());
      forget(st, c);
      continue;
    }
    if (st.options.stop == stop_order::reverse) return;
  }
  if (!any) self->quit(caf::exit_reason::user_shutdown);
}

void down(self_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  auto i = std::find_if(st.children.begin(), st.children.end(),
                        [&](const child& c) { return c.handle && c.handle.address() == dm.source; });
  if (i == st.children.end()) return; // an earlier incarnation
  forget(st, *i);
  if (st.stopping) return go_on_stopping(self);
  if (i->due) return; // stopped by us, for its restart
  bool normal =
      !dm.reason || dm.reason == caf::exit_reason::normal || dm.reason == caf::exit_reason::user_shutdown;
  if (i->spec.restart == restart_type::temporary || (i->spec.restart == restart_type::transient && normal))
    return;
  fail(self, static_cast<size_t>(i - st.children.begin()), self->system().render(dm.reason));
}

} // namespace

supervisor_actor::behavior_type supervisor(self_pointer self, context_ptr env, supervisor_options options,
                                           std::vector<child_spec> children) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.running = std::make_shared<supervisor_state::running_children>();
  log_crashes(self, st.options.path.empty() ? "root" : st.options.path);
  self->attach_functor([running = st.running](const caf::error&) {
    std::lock_guard lock{running->mutex};
    for (const auto& [id, address] : running->addresses) kill(address);
  });
  self->set_down_handler([self](caf::down_msg& dm) { down(self, dm); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    if (self->state.stopping) return;
    self->state.stopping = true;
    self->delayed_send(self, stop_tick, caf::tick_atom_v);
    go_on_stopping(self);
  });
  for (auto& spec : children) {
    child c;
    c.spec = std::move(spec);
    c.delay = runtime::backoff{st.options.backoff};
    st.children.push_back(std::move(c));
  }
  for (size_t i = 0; i < st.children.size(); ++i) start(self, i);
  self->delayed_send(self, st.options.ping_interval, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](restart_atom, uint32_t index, uint64_t generation) { restart(self, index, generation); },
      [self](caf::tick_atom) {
        if (self->state.stopping) {
          self->delayed_send(self, stop_tick, caf::tick_atom_v);
          return go_on_stopping(self);
        }
        self->delayed_send(self, self->state.options.ping_interval, caf::tick_atom_v);
        ping(self);
      },
      [self](status_atom) {
        std::vector<child_status> result;
        for (const auto& c : self->state.children)
          result.push_back({full_name(self->state, c), static_cast<bool>(c.handle), c.restarts});
        return result;
      },
  };
}

} // namespace senseflow::actors
