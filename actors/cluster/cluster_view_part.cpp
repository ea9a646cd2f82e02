#include "actors/cluster/cluster_member_parts.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace senseflow::actors::member {

namespace {

namespace log = runtime::log;
using runtime::etcd_error;
using runtime::etcd_watch_event;

void listed(self_pointer self, const runtime::etcd_answer& x) {
  auto& st = self->state;
  st.list.under_way = false;
  if (x.error != etcd_error::none) return failed(self, st.list, "can't list the cluster's keys", x.detail);
  st.known.reset(x.keys, x.revision);
  st.stale = false;
  st.own.with([&](cluster_possession& p) { p.moves.settle(st.known); });
  keep_view(self);
  changed(self);
}

void start_watch(self_pointer self) {
  auto& st = self->state;
  auto hand_over = [address = self->address(), number = ++st.watch_number](etcd_watch_event x) {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, number, std::move(x));
  };
  st.watch = st.options.etcd->watch(st.known.keys().prefix(), st.known.revision() + 1, std::move(hand_over));
}

/// Servers that another node has handed over to us.
void count_arrivals(cluster_member_state& st, const etcd_watch_event& x) {
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  double n = 0;
  for (const auto& change : x.changes) {
    if (change.erased || lease == 0 || change.now.lease != lease) continue;
    const auto place = st.known.keys().read(change.now.key);
    if (!place || place->what != cluster_keys::kind::server) continue;
    const auto before = st.known.server(place->name).lease;
    if (before != 0 && before != lease) ++n;
  }
  if (n > 0) st.env->counters.count("cluster_transfers_total", {{"direction", "here"}}, n);
}

bool same(const cluster_node& a, const cluster_node& b) {
  return a.id == b.id && a.topic_name == b.topic_name && a.version == b.version && a.protocol == b.protocol &&
         a.digests == b.digests && a.weight == b.weight && a.lease == b.lease && a.draining == b.draining;
}

bool same(const cluster_view& a, const cluster_view& b) {
  return a.self == b.self && a.certain == b.certain && a.refused == b.refused &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

} // namespace

void keep_view(self_pointer self) {
  auto& st = self->state;
  if (st.watch || !may_try(self, st.list)) return;
  if (!st.stale) return start_watch(self);
  st.list.under_way = true;
  st.calls.range(st.known.keys().prefix(), [self](const runtime::etcd_answer& x) { listed(self, x); });
}

void watched(self_pointer self, uint64_t number, const etcd_watch_event& x) {
  auto& st = self->state;
  if (number != st.watch_number || !st.watch) return;
  if (x.what == etcd_watch_event::kind::ended) {
    st.watch.reset();
    st.env->counters.count("cluster_watch_restarts_total",
                           {{"reason", std::string{to_string_view(x.error)}}});
    if (x.error == etcd_error::compacted) st.stale = true; // no trouble
    if (x.error != etcd_error::compacted)
      failed(self, st.list, "does not see the cluster's changes", x.detail);
    // What waits to be handed over may be polled until the view is back.
    st.own.with([](cluster_possession& p) { p.moves.release(); });
    return changed(self);
  }
  succeeded(self, st.list, "sees the cluster's changes again");
  count_arrivals(st, x);
  st.known.apply(x);
  st.own.with([&](cluster_possession& p) { p.moves.settle(st.known); });
  if (x.changes.empty())
    go_on(self);
  else
    changed(self);
}

void changed(self_pointer self) {
  auto& st = self->state;
  fit_permits(self);
  if (!st.plan_at) st.plan_at = self->clock().now() + st.options.settle;
  go_on(self);
}

void publish_view(self_pointer self) {
  auto& st = self->state;
  const auto [lease, until] = st.own.with([](cluster_possession& p) {
    return std::pair{p.lease.id(), p.lease.alive_until()};
  });
  cluster_view view;
  view.self = st.options.node.id;
  const bool alive = lease != 0 && st.options.now() < until;
  view.certain = alive && st.watch && !st.closing;
  view.refused = id_is_taken(self);
  for (const auto& [id, x] : st.known.nodes()) {
    if (id == view.self && x.node.lease != lease) continue; // another instance, or one that is lost
    view.nodes.push_back(x.node);
    view.nodes.back().draining = st.known.leaves(x);
  }
  if (!same(*st.options.view->load(), view)) st.options.view->store(std::move(view));

  const bool carries_on = st.options.on_coordinator_loss == config::coordinator_loss::carry_on;
  const std::string trouble = alive || lease == 0 ? "" : "uncertain";
  if (!st.news.certainty.is_news(trouble, self->clock().now())) return;
  if (trouble.empty())
    log::info("{}: certain of its servers again{}", title(st), st.news.certainty.suffix());
  else if (carries_on)
    log::warn(
        "{}: its lease may have ended; it polls on (onCoordinatorLoss: continue): servers may be polled "
        "twice until etcd answers{}",
        title(st), st.news.certainty.suffix());
  else
    log::warn("{}: its lease may have ended; nothing is polled until etcd answers{}", title(st),
              st.news.certainty.suffix());
}

} // namespace senseflow::actors::member
