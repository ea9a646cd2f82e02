#include "actors/cluster/cluster_member.hpp"

#include "actors/cluster/cluster_member_parts.hpp"
#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

namespace senseflow::actors {

namespace member {

namespace {

namespace log = runtime::log;

constexpr auto look_again = std::chrono::milliseconds(10); ///< at calls that have to end

std::string new_instance() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// What a predecessor has left is gone on with, if it is for the same entry. Another one's lease is left to
/// expire, so that nobody else begins before.
void inherit(cluster_member_state& st) {
  st.own.with([&](cluster_possession& p) {
    if (p.instance.empty()) p.instance = new_instance();
    p.moves.stop();
    const auto of = st.known.keys().node(st.options.node.id);
    st.draining = p.drains && p.of == of;
    if (p.of == of) return;
    p.of = of;
    p.drains = false;
    p.lease.lost();
    st.options.permits->certain_until({});
    for (const auto& x : st.options.permits->granted()) st.options.permits->of(x.first)->withdraw();
  });
}

void drain(self_pointer self) {
  auto& st = self->state;
  if (!std::exchange(st.draining, true)) log::info("{}: handing its servers over to other nodes", title(st));
  go_on(self);
}

void revoked(self_pointer self) {
  forget_status(self);
  self->quit(caf::exit_reason::user_shutdown);
}

bool polls_still(cluster_member_state& st) {
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  const auto polls = [&](const std::string& x) { return st.options.permits->of(x)->calls() > 0; };
  const auto& configured = st.options.servers;
  const auto& owned = st.known.owned(lease);
  return std::any_of(configured.begin(), configured.end(), polls) ||
         std::any_of(owned.begin(), owned.end(), polls);
}

/// Gives up what could not be given away; ends when no call runs any more.
void close(self_pointer self) {
  auto& st = self->state;
  if (!std::exchange(st.closing, true)) {
    st.own.with([](cluster_possession& p) { p.moves.release(); });
    for (const auto& x : st.options.permits->granted()) st.options.permits->of(x.first)->withdraw();
    fit_permits(self);
  }
  if (polls_still(st)) return wake_after(self, look_again);
  const auto lease = st.own.with([&](cluster_possession& p) {
    const auto result = p.lease.id();
    p.lease.lost();
    return result;
  });
  st.revoking = true;
  st.calls.revoke(lease, [self](const runtime::etcd_answer&) { revoked(self); });
}

void end_when_done(self_pointer self) {
  auto& st = self->state;
  if (!st.stopping) return;
  const auto [lease, until] = st.own.with([](cluster_possession& p) {
    return std::pair{p.lease.id(), p.lease.alive_until()};
  });
  if (lease == 0) {
    if (!st.revoking) self->quit(caf::exit_reason::user_shutdown);
    return;
  }
  const bool in_vain = st.options.now() >= until;
  if (st.closing || !st.options.drain_on_stop || in_vain || (st.watch && all_written(self))) close(self);
}

/// A node with servers of ours, or none at all, is looked after at this pace.
caf::timespan period(cluster_member_state& st) {
  const auto ttl = st.own.with(
      [](cluster_possession& p) { return p.lease.id() != 0 ? p.lease.ttl() : std::chrono::seconds(0); });
  return std::chrono::milliseconds(ttl.count() > 0 ? ttl : st.options.lease_ttl) / 10;
}

void tick(self_pointer self) {
  self->delayed_send(self, period(self->state), caf::tick_atom_v);
  send_keep_alive(self);
  tell(self);
  go_on(self);
}

void woken(self_pointer self) {
  auto& st = self->state;
  if (st.wake_at && self->clock().now() < *st.wake_at) return; // a timer that an earlier one has overtaken
  st.wake_at.reset();
  go_on(self);
}

void take_status(self_pointer self, const messages::cluster_message& x) {
  auto& st = self->state;
  if (!st.statuses.take(x.topic, x.payload.view())) st.env->counters.count("cluster_statuses_refused_total");
}

} // namespace

std::string title(const cluster_member_state& st) {
  return fmt::format("cluster {}, node {}", st.options.cluster, st.options.node.id);
}

node_entry wanted_entry(cluster_member_state& st) {
  node_entry result;
  result.node = st.options.node;
  result.node.draining = st.draining;
  result.servers = server_list_mark(st.options.servers);
  result.host = st.options.host;
  result.pid = ::getpid();
  result.started = st.options.started;
  result.instance = st.own.with([](cluster_possession& p) { return p.instance; });
  return result;
}

void wake_after(self_pointer self, caf::timespan t) {
  auto& st = self->state;
  const auto then = self->clock().now() + t;
  if (st.wake_at && *st.wake_at <= then) return;
  st.wake_at = then;
  self->delayed_send(self, t, wake_atom_v);
}

bool may_try(self_pointer self, const attempts& a) {
  if (a.under_way) return false;
  const auto left = a.not_before - self->clock().now();
  if (left.count() > 0) wake_after(self, left);
  return left.count() <= 0;
}

void failed(self_pointer self, attempts& a, const char* what, const std::string& detail) {
  const auto delay = a.delay.next();
  a.not_before = self->clock().now() + delay;
  wake_after(self, delay);
  if (a.trouble.is_news(detail.empty() ? what : detail, self->clock().now()))
    log::warn("{}: {} ({}). Retrying.{}", title(self->state), what, detail, a.trouble.suffix());
}

void succeeded(self_pointer self, attempts& a, const char* what) {
  a.delay.reset();
  a.not_before = {};
  if (a.trouble.is_news({}, self->clock().now()))
    log::info("{}: {}{}", title(self->state), what, a.trouble.suffix());
}

void go_on(self_pointer self) {
  keep_lease(self);
  keep_view(self);
  write(self);
  publish_view(self);
  end_when_done(self);
}

} // namespace member

cluster_member_actor::behavior_type cluster_member(member::self_pointer self, context_ptr env,
                                                   cluster_member_options options,
                                                   std::shared_ptr<cluster_member_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.own = cluster_member_estate::enter(own);
  st.known = cluster_state{cluster_keys{st.options.cluster}};
  st.calls = {st.options.etcd, self->address()};
  uint64_t seed = 0; // nodes are not to try again in step
  for (auto* x : {&st.grant, &st.keep_alive, &st.list, &st.write})
    x->delay = runtime::backoff{{std::chrono::milliseconds(100), std::chrono::seconds(5)},
                                std::hash<std::string>{}(st.options.node.id) + ++seed};
  member::inherit(st);
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.stopping = true;
    if (self->state.options.drain_on_stop) return member::drain(self);
    member::go_on(self);
  });
  self->send(self, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](drain_atom) {
        self->state.own.with([](cluster_possession& p) { p.drains = true; });
        member::drain(self);
      },
      [self](const messages::cluster_message& x) { member::take_status(self, x); },
      [self](const runtime::etcd_answer& x) { self->state.calls.answered(x); },
      [self](uint64_t n, const runtime::etcd_watch_event& x) { member::watched(self, n, x); },
      [self](caf::tick_atom) { member::tick(self); },
      [self](wake_atom) { member::woken(self); },
  };
}

} // namespace senseflow::actors
