#include "actors/supervisor.hpp"

#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;

using self_pointer = supervisor_actor::stateful_pointer<supervisor_state>;
using child = supervised_child;
using shown = runtime::component_notice::phase;

constexpr auto stop_tick = 20ms;
constexpr auto abandon_after = 1s; ///< a killed child that still runs is stuck in a handler

double seconds(std::chrono::milliseconds x) { return static_cast<double>(x.count()) / 1000; }

template <class F>
void notice(const supervisor_state& st, const child& c, F f) {
  st.env->notices.components.update(c.path, f);
}

/// Of an actor that has ended, or that nobody waits for any more.
void forget(supervisor_state& st, child& c) {
  st.env->names.erase(c.path, c.handle.address());
  st.env->signs.forget(c.path);
  st.running->remove(c.handle.address());
  c.handle = nullptr;
  notice(st, c, [](auto& x) { x.now = shown::stopped; });
}

void abandon(self_pointer self, child& c) {
  self->demonitor(c.handle.address());
  forget(self->state, c);
}

/// Null when it is another incarnation, or does something else by now.
child* find(supervisor_state& st, uint64_t generation, child_phase phase) {
  auto i = st.incarnations.find(generation);
  return i != st.incarnations.end() && i->second->phase == phase ? i->second : nullptr;
}

// --- starting, watching, restarting -----------------------------------------------------------

void fail(self_pointer self, child& c, const std::string& cause);

void ping_later(self_pointer self, const child& c) {
  self->delayed_send(self, self->state.options.ping_interval, caf::tick_atom_v, c.generation);
}

void start(self_pointer self, child& c) {
  auto& st = self->state;
  c.phase = child_phase::running;
  st.incarnations.erase(c.generation);
  c.generation = ++st.generations;
  st.incarnations[c.generation] = &c;
  c.started = c.alive = self->clock().now();
  try {
    c.handle = c.spec.start(self->system());
  } catch (const std::exception& e) {
    return fail(self, c, e.what());
  }
  if (!c.handle) return fail(self, c, "could not be started");
  st.running->add(c.handle.address());
  st.env->names.put(c.path, caf::actor_cast<caf::strong_actor_ptr>(c.handle));
  st.env->signs.alive(c.path, c.started);
  notice(st, c, [](auto& x) { x.now = shown::running; });
  self->monitor(c.handle);
  ping_later(self, c);
}

/// Why one more failure is too many; empty: it is not.
std::string limit_reached(supervisor_state& st, const child& c, child::time_point now) {
  const auto& o = st.options;
  while (!st.failures.empty() && now - st.failures.front() > o.period) st.failures.pop_front();
  st.failures.push_back(now);
  if (st.failures.size() > o.max_restarts)
    return fmt::format("more than {} failures within {} s", o.max_restarts, seconds(o.period));
  // The back-off may have drawn them out over more than the period.
  if (c.in_a_row > o.max_restarts)
    return fmt::format("{} failures without a run of {} s between them", c.in_a_row, seconds(o.stable_after));
  return {};
}

/// Restarts the child later, unless it fails too often.
void fail(self_pointer self, child& c, const std::string& cause) {
  auto& st = self->state;
  c.phase = child_phase::restarting;
  if (c.alive - c.started >= st.options.stable_after) {
    c.in_a_row = 0;
    c.delay.reset();
  }
  ++c.in_a_row;
  if (auto why = limit_reached(st, c, self->clock().now()); !why.empty()) {
    log::error("{} failed ({}): restart limit reached, {}", c.path, cause, why);
    return self->quit(restart_limit_reached);
  }
  ++c.restarts;
  st.env->counters.count("restarts_total", {{"child", c.path}});
  notice(st, c, [&](auto& x) {
    x.now = shown::restarting;
    x.restarts = c.restarts;
    x.cause = cause;
    x.failed_at = caf::make_timestamp();
  });
  auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(c.delay.next());
  log::warn("{} failed ({}); restarting in {} ms (restart {})", c.path, cause, delay.count(), c.restarts);
  self->delayed_send(self, delay, restart_atom_v, c.generation);
}

void hung(self_pointer self, child& c) {
  log::error("{} is not responding; starting a replacement", c.path);
  self->state.env->counters.count("hangs_total", {{"child", c.path}});
  notice(self->state, c, [](auto& x) { ++x.hangs; });
  kill(c.handle.address());
  abandon(self, c);
  fail(self, c, fmt::format("no answer for {} s", seconds(self->state.options.hang_timeout)));
}

/// One at a time; who is to end has a deadline instead.
void ping(self_pointer self, uint64_t generation) {
  auto* c = find(self->state, generation, child_phase::running);
  if (!c) return;
  auto then = [self, generation](bool answered, bool in_time) {
    auto* x = find(self->state, generation, child_phase::running);
    if (!x) return;
    if (!in_time) return hung(self, *x);
    if (answered) self->state.env->signs.alive(x->path, x->alive = self->clock().now());
    ping_later(self, *x);
  };
  self->request(c->handle, self->state.options.hang_timeout, caf::ping_atom_v)
      .then([then](caf::pong_atom) { then(true, true); },
            [then](caf::error& e) { then(false, e != caf::sec::request_timeout); });
}

// --- stopping and replacing -------------------------------------------------------------------

void kill_within(self_pointer self, child& c) {
  c.phase = child_phase::killed;
  c.deadline = self->clock().now() + abandon_after;
  kill(c.handle.address());
}

/// The next step where its time has come: asks, then kills, then goes on without it.
void stop(self_pointer self, child& c) {
  auto& st = self->state;
  auto now = self->clock().now();
  if (c.phase == child_phase::queued) {
    st.env->signs.forget(c.path); // it has a deadline instead
    if (c.planned && c.spec.replaced_without_draining) return kill_within(self, c);
    auto limit = c.spec.stop_timeout;
    if (!c.planned && !st.stopping) limit = std::max(limit, st.options.removal_timeout);
    c.phase = child_phase::stopping;
    c.deadline = now + limit;
    self->send_exit(c.handle, caf::exit_reason::user_shutdown);
  } else if (now < c.deadline) {
    return;
  } else if (c.phase == child_phase::stopping) {
    log::warn("{} did not end in time; killing it", c.path);
    kill_within(self, c);
  } else {
    log::error("{} could not be stopped; continuing without it", c.path);
    abandon(self, c);
  }
}

/// Called when children are to end, whenever one of them has, and every tick until none is left.
void go_on_stopping(self_pointer self) {
  auto& st = self->state;
  bool any = false;
  for (auto c = st.children.rbegin(); c != st.children.rend(); ++c) {
    if (!c->handle || c->phase == child_phase::running) continue;
    stop(self, *c);
    if (!c->handle) continue;
    any = true;
    if (st.options.stop == stop_order::reverse) break;
  }
  for (auto c = st.children.begin(); c != st.children.end();) {
    if (!c->handle && !c->planned) {
      if (!st.stopping) log::verbose("{} removed: no longer configured", c->path);
      st.incarnations.erase(c->generation);
      st.env->notices.components.forget(c->path);
      c = st.children.erase(c);
      continue;
    }
    if (!c->handle && c->phase != child_phase::restarting) {
      start(self, *c);
      log::verbose("{} was replaced", c->path);
    }
    ++c;
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
  for (auto& c : st.children) {
    leave(c);
    if (c.phase == child_phase::stopping)
      c.deadline = std::min(c.deadline, self->clock().now() + c.spec.stop_timeout);
  }
  go_on_stopping(self);
}

void replace(self_pointer self, child& c) {
  self->state.env->counters.count("replacements_total", {{"child", c.path}});
  c.phase = child_phase::queued;
}

void follow(self_pointer self, const supervisor_plan& plan) {
  auto& st = self->state;
  if (st.stopping) return;
  st.options = plan.options;
  auto changes = merge(st.children, plan);
  for (auto [c, changed] : changes.kept) {
    if (changed) c->in_a_row = 0;
    if (c->phase == child_phase::stopping) // it was leaving and had time; now it is waited for
      c->deadline = std::min(c->deadline, self->clock().now() + c->spec.stop_timeout);
    if (c->phase != child_phase::running) continue; // it starts from the new specification anyway
    if (c->spec.adapt)
      c->spec.adapt(c->handle);
    else if (changed)
      replace(self, *c);
  }
  for (auto* c : changes.added) start(self, *c);
  go_on_stopping(self);
}

// --- what became of them ----------------------------------------------------------------------

void down(self_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  auto c = std::find_if(st.children.begin(), st.children.end(),
                        [&](const child& x) { return x.handle && x.handle.address() == dm.source; });
  if (c == st.children.end()) return; // an earlier incarnation
  forget(st, *c);
  if (c->phase != child_phase::running) {
    if (dm.reason == caf::sec::runtime_error)
      log::error("{} failed while it was stopping ({})", c->path, cause_of(dm.reason));
    return go_on_stopping(self);
  }
  if (dm.reason == restart_limit_reached) return self->quit(restart_limit_reached);
  c->alive = self->clock().now();
  fail(self, *c, cause_of(dm.reason));
}

} // namespace

supervisor_actor::behavior_type supervisor(self_pointer self, context_ptr env, supervisor_options options,
                                           std::vector<child_spec> children) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  tell_crashes(self);
  self->attach_functor([env = st.env, running = st.running, path = st.options.path](const caf::error&) {
    running->kill_all();
    env->signs.forget_below(path);
  });
  self->set_down_handler([self](caf::down_msg& dm) { down(self, dm); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    if (!self->state.stopping) stop_all(self);
  });
  for (auto& spec : children) st.children.push_back(planned_child(st.options, std::move(spec)));
  for (auto& c : st.children) start(self, c);
  return {
      answer_ping(),
      crash_on_request(),
      [self](restart_atom, uint64_t generation) {
        if (auto* c = find(self->state, generation, child_phase::restarting)) start(self, *c);
      },
      [self](caf::tick_atom, uint64_t generation) { ping(self, generation); },
      [self](wake_atom) {
        self->state.watching = false;
        go_on_stopping(self);
      },
      [self](const supervisor_plan_ptr& plan) { follow(self, *plan); },
      [self](status_atom) {
        std::vector<child_status> result;
        for (const auto& c : self->state.children)
          result.push_back({c.path, static_cast<bool>(c.handle), c.restarts});
        return result;
      },
  };
}

} // namespace senseflow::actors
