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

template <class Predicate>
child* find(supervisor_state& st, Predicate p) {
  auto i = std::find_if(st.children.begin(), st.children.end(), p);
  return i == st.children.end() ? nullptr : &*i;
}

child* find(supervisor_state& st, uint64_t generation) {
  return find(st, [=](const child& c) { return c.generation == generation; });
}

void fail(self_pointer self, child& c, const std::string& reason);

void start(self_pointer self, child& c) {
  auto& st = self->state;
  c.due = c.timed = c.killed = false;
  c.generation = ++st.generations;
  c.started = self->clock().now();
  c.stop_deadline = {};
  try {
    c.handle = c.spec.start(self->system());
  } catch (const std::exception& e) {
    fail(self, c, e.what());
    return;
  }
  if (!c.handle) {
    fail(self, c, "could not be started");
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

void fail(self_pointer self, child& c, const std::string& reason) {
  auto& st = self->state;
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
  c.due = c.timed = true;
  if (st.options.strategy == restart_strategy::rest_for_one)
    for (auto rest = st.children.rbegin(); &*rest != &c; ++rest) {
      if (rest->handle) self->send_exit(rest->handle, caf::exit_reason::user_shutdown);
      rest->due = true;
    }
  self->delayed_send(self, delay, restart_atom_v, c.generation);
}

void restart(self_pointer self, uint64_t generation) {
  auto& st = self->state;
  auto* c = find(st, generation);
  if (!c || !c->due || st.stopping) return;
  start(self, *c);
  if (st.options.strategy != restart_strategy::rest_for_one) return;
  bool after = false;
  for (auto& rest : st.children) {
    if (after && rest.due) {
      if (rest.handle) { // had its time to end while we waited
        auto address = rest.handle.address();
        self->demonitor(address);
        kill(address);
        forget(st, rest);
      }
      start(self, rest);
    }
    after = after || &rest == c;
  }
}

void ping(self_pointer self) {
  for (auto& c : self->state.children) {
    if (!c.handle || c.pinged) continue;
    c.pinged = true;
    auto answered = [self, generation = c.generation](bool hung) {
      auto* x = find(self->state, generation);
      if (!x || !x->handle) return;
      x->pinged = false;
      if (!hung || x->going) return; // who is to end has a deadline
      log::error("{} has not answered for {} s and is abandoned; if it is stuck for good it keeps its thread",
                 full_name(self->state, *x),
                 std::chrono::duration_cast<std::chrono::seconds>(self->state.options.hang_timeout).count());
      self->state.env->counters.count("hangs_total", {{"child", full_name(self->state, *x)}});
      auto address = x->handle.address();
      self->demonitor(address);
      kill(address);
      forget(self->state, *x);
      fail(self, *x, "hung");
    };
    self->request(c.handle, self->state.options.hang_timeout, caf::ping_atom_v)
        .then([answered](caf::pong_atom) { answered(false); },
              [answered](caf::error& e) { answered(e == caf::sec::request_timeout); });
  }
}

/// Asks, then kills, then leaves behind.
void stop(self_pointer self, child& c) {
  auto& st = self->state;
  auto now = self->clock().now();
  bool asked = c.stop_deadline != supervisor_state::time_point{};
  if (!asked && c.spec.heir && c.wanted) {
    c.killed = true;
    c.stop_deadline = now + abandon_after;
    kill(c.handle.address());
  } else if (!asked) {
    auto limit = c.spec.stop_timeout;
    if (!c.wanted && !st.stopping) limit = std::max(limit, st.options.removal_timeout);
    c.stop_deadline = now + limit;
    self->send_exit(c.handle, caf::exit_reason::user_shutdown);
  } else if (now >= c.stop_deadline && !c.killed) {
    log::warn("{} did not end in time and is killed", full_name(st, c));
    c.killed = true;
    c.stop_deadline = now + abandon_after;
    kill(c.handle.address());
  } else if (now >= c.stop_deadline) {
    log::error("{} is stuck and is left behind", full_name(st, c));
    self->demonitor(c.handle.address());
    forget(st, c);
  }
}

/// Called when children are to end, whenever one of them has, and every tick until none is left.
void go_on_stopping(self_pointer self) {
  auto& st = self->state;
  bool any = false;
  for (auto c = st.children.rbegin(); c != st.children.rend(); ++c) {
    if (c->going && c->handle) stop(self, *c);
    if (!c->going || !c->handle) continue;
    any = true;
    if (st.options.stop == stop_order::reverse) break;
  }
  // With rest-for-one nobody starts before all that depend on it have ended.
  bool may_start = !any || st.options.strategy == restart_strategy::one_for_one;
  for (auto c = st.children.begin(); c != st.children.end();) {
    if (!c->going || c->handle) {
      ++c;
    } else if (!c->wanted) {
      if (!st.stopping) log::verbose("{} is not wanted any more and has ended", full_name(st, *c));
      c = st.children.erase(c);
    } else {
      if (may_start) {
        c->going = false;
        start(self, *c);
        log::verbose("{} was replaced", full_name(st, *c));
      }
      ++c;
    }
  }
  if (any && !st.watching) {
    st.watching = true;
    self->delayed_send(self, stop_tick, wake_atom_v);
  }
  if (!any && st.stopping) self->quit(caf::exit_reason::user_shutdown);
}

void stop_all(self_pointer self) {
  auto& st = self->state;
  st.stopping = true;
  auto now = self->clock().now();
  for (auto& c : st.children) {
    bool asked = c.stop_deadline != supervisor_state::time_point{};
    if (asked && !c.killed) c.stop_deadline = std::min(c.stop_deadline, now + c.spec.stop_timeout);
    c.going = true;
    c.wanted = false;
  }
  go_on_stopping(self);
}

/// A child that is there already gets its new specification.
void revise(self_pointer self, child& c, const child_spec& spec) {
  auto& st = self->state;
  bool changed = c.spec.version != spec.version;
  c.spec = spec;
  if (!c.wanted && c.stop_deadline != supervisor_state::time_point{}) // its siblings' hurry is now its own
    c.stop_deadline = std::min(c.stop_deadline, self->clock().now() + spec.stop_timeout);
  c.wanted = true;
  if (c.going || c.due) return; // it starts from the new one
  if (spec.adapt) {
    if (c.handle) spec.adapt(c.handle);
  } else if (changed) {
    st.env->counters.count("replacements_total", {{"child", full_name(st, c)}});
    c.going = true;
  }
}

void follow(self_pointer self, const supervisor_plan& plan) {
  auto& st = self->state;
  if (st.stopping) return;
  st.options = plan.options;
  std::vector<std::string> order;
  for (const auto& c : st.children) order.push_back(c.spec.name);
  std::list<child> before;
  before.swap(st.children);
  auto named = [](std::list<child>& xs, const std::string& name) {
    return std::find_if(xs.begin(), xs.end(), [&](const child& c) { return c.spec.name == name; });
  };
  std::vector<child*> added;
  for (const auto& spec : plan.children) {
    auto old = named(before, spec.name);
    if (old == before.end()) {
      child c;
      c.spec = spec;
      st.children.push_back(std::move(c));
      added.push_back(&st.children.back());
    } else {
      st.children.splice(st.children.end(), before, old);
      revise(self, *old, spec);
    }
    st.children.back().delay = runtime::backoff{st.options.backoff};
  }
  // Who leaves keeps its place, before the next of its siblings that stays: its turn to stop depends on it.
  while (!before.empty()) {
    auto& c = before.front();
    c.going = true;
    c.wanted = c.due = false;
    auto next = st.children.end();
    for (auto i = std::find(order.begin(), order.end(), c.spec.name) + 1;
         i != order.end() && next == st.children.end(); ++i)
      next = named(st.children, *i);
    st.children.splice(next, before, before.begin());
  }
  if (st.options.strategy == restart_strategy::rest_for_one) {
    bool after = false;
    for (auto& c : st.children) {
      if (after && c.handle && !c.due) c.going = true;
      after = after || c.going;
    }
    // The sibling whose timer it waited for may be gone.
    auto* c = find(st, [](const child& x) { return x.due; });
    if (c && !c->timed) self->send(self, restart_atom_v, c->generation);
  }
  for (auto* c : added) start(self, *c);
  go_on_stopping(self);
}

void down(self_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  auto* c = find(st, [&](const child& x) { return x.handle && x.handle.address() == dm.source; });
  if (!c) return; // an earlier incarnation
  forget(st, *c);
  if (c->going) return go_on_stopping(self);
  if (c->due) return; // stopped by us, for its restart
  bool normal =
      !dm.reason || dm.reason == caf::exit_reason::normal || dm.reason == caf::exit_reason::user_shutdown;
  if (c->spec.restart == restart_type::temporary || (c->spec.restart == restart_type::transient && normal))
    return;
  fail(self, *c, self->system().render(dm.reason));
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
    if (!self->state.stopping) stop_all(self);
  });
  for (auto& spec : children) {
    child c;
    c.spec = std::move(spec);
    c.delay = runtime::backoff{st.options.backoff};
    st.children.push_back(std::move(c));
  }
  for (auto& c : st.children) start(self, c);
  self->delayed_send(self, st.options.ping_interval, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](restart_atom, uint64_t generation) { restart(self, generation); },
      [self](caf::tick_atom) {
        self->delayed_send(self, self->state.options.ping_interval, caf::tick_atom_v);
        ping(self);
      },
      [self](wake_atom) {
        self->state.watching = false;
        go_on_stopping(self);
      },
      [self](const supervisor_plan_ptr& plan) { follow(self, *plan); },
      [self](status_atom) {
        std::vector<child_status> result;
        for (const auto& c : self->state.children)
          result.push_back({full_name(self->state, c), static_cast<bool>(c.handle), c.restarts});
        return result;
      },
  };
}

} // namespace senseflow::actors
