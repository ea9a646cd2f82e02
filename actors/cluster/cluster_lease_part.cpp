#include "actors/cluster/cluster_member_parts.hpp"
#include "runtime/log.hpp"

#include <algorithm>

namespace senseflow::actors::member {

namespace {

namespace log = runtime::log;

/// One that meets a leader's death may take as long as all endpoints' time-outs; the next ones need not wait.
constexpr size_t most_keep_alives = 8;
using runtime::etcd_answer;
using runtime::etcd_error;

void granted(self_pointer self, const etcd_answer& x) {
  auto& st = self->state;
  st.grant.under_way = false;
  if (x.error != etcd_error::none) return failed(self, st.grant, "can't get a lease from etcd", x.detail);
  succeeded(self, st.grant, "has a lease again");
  if (x.revision > 0 && x.revision < st.known.revision()) { // another etcd, whose revisions begin anew
    st.watch.reset();
    st.stale = true;
    st.written = 0;
  }
  st.own.with([&](cluster_possession& p) {
    p.lease.granted(x);
    st.options.permits->certain_until(p.lease.alive_until());
  });
  go_on(self);
}

/// `continue`: etcd can't be asked whether the lease is lost. Soon enough for calls that are due before it may be.
void carry_on(self_pointer self) {
  auto& st = self->state;
  if (st.options.on_coordinator_loss != config::coordinator_loss::carry_on) return;
  st.own.with([&](cluster_possession& p) {
    const auto now = st.options.now();
    if (p.lease.id() == 0 || p.lease.alive_until() > now + p.lease.ttl() * 3 / 5) return;
    st.options.permits->certain_until(std::max(st.options.permits->certain_until(), now + p.lease.ttl()));
  });
}

void kept(self_pointer self, uint64_t number, int64_t lease, const etcd_answer& x) {
  auto& st = self->state;
  st.keep_alives.erase(number);
  const auto present = st.own.with([&](cluster_possession& p) {
    p.lease.kept(x);
    return p.lease.id();
  });
  if (present != lease) return; // one that was lost meanwhile
  if (x.error == etcd_error::lease_lost) return lease_lost(self);
  if (x.error != etcd_error::none) {
    st.env->counters.count("cluster_keep_alive_failures_total",
                           {{"reason", std::string{to_string_view(x.error)}}});
    if (number < st.last_kept) return; // a later one was answered before
    failed(self, st.keep_alive, "can't keep its lease alive", x.detail);
    if (x.error == etcd_error::unavailable) carry_on(self);
    return go_on(self);
  }
  st.last_kept = std::max(st.last_kept, number);
  succeeded(self, st.keep_alive, "its lease is kept alive again");
  st.own.with([&](cluster_possession& p) { st.options.permits->certain_until(p.lease.alive_until()); });
  go_on(self);
}

} // namespace

void keep_lease(self_pointer self) {
  auto& st = self->state;
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  if (lease != 0 || st.stopping || !may_try(self, st.grant)) return;
  st.grant.under_way = true;
  st.calls.grant(st.options.lease_ttl, [self](const etcd_answer& x) { granted(self, x); });
}

void send_keep_alive(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto [lease, ttl] = st.own.with([](cluster_possession& p) {
    return std::pair{p.lease.id(), p.lease.ttl()};
  });
  if (lease == 0 || st.closing) return;
  if (!st.keep_alives.empty()) carry_on(self);
  // An answer that takes longer than the lease lives is of no use.
  while (!st.keep_alives.empty() && now - st.keep_alives.begin()->second >= ttl)
    st.keep_alives.erase(st.keep_alives.begin());
  if (st.keep_alives.size() >= most_keep_alives) return;
  const auto number = ++st.last_keep_alive;
  st.keep_alives.emplace(number, now);
  st.calls.keep_alive(lease,
                      [self, number, lease = lease](const etcd_answer& x) { kept(self, number, lease, x); });
}

void lease_lost(self_pointer self) {
  auto& st = self->state;
  const auto [lease, servers] = st.own.with([&](cluster_possession& p) {
    st.options.permits->certain_until({}); // first: calls that run end at once
    const auto granted = st.options.permits->granted();
    for (const auto& x : granted) st.options.permits->of(x.first)->withdraw();
    const auto id = p.lease.id();
    p.lease.lost();
    p.moves.stop();
    return std::pair{id, granted.size()};
  });
  if (lease == 0) return;
  st.keep_alives.clear();
  st.known.gone(lease);
  st.env->counters.count("cluster_lease_lost_total");
  log::warn("{}: the lease was lost; {} servers are not polled here any more. Joining anew.", title(st),
            servers);
  st.grant.not_before = self->clock().now() + st.grant.delay.next();
  changed(self);
}

} // namespace senseflow::actors::member
