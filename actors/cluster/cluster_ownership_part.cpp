#include "actors/cluster/cluster_member_parts.hpp"
#include "runtime/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace senseflow::actors::member {

namespace {

namespace log = runtime::log;
using runtime::etcd_answer;
using runtime::etcd_compare;
using runtime::etcd_error;
using runtime::etcd_operation;
using runtime::etcd_transaction;

constexpr auto look_again = std::chrono::milliseconds(10); ///< at calls that have to end

/// A server is not handed over shortly before its next call, which would be missed: this is how long it takes
/// on a busy machine. But no server waits longer than `patience` for such a moment.
constexpr auto room_for_hand_over = std::chrono::milliseconds(200);
constexpr auto patience = std::chrono::milliseconds(1000);

/// `f(answer)` hears of every end; of `lease_lost` it makes what it means.
template <class F>
void commit(self_pointer self, etcd_transaction what, const char* words, F f) {
  auto& st = self->state;
  st.write.under_way = true;
  st.calls.commit(std::move(what), [self, words, f](const etcd_answer& x) {
    auto& state = self->state;
    state.write.under_way = false;
    if (x.error == etcd_error::none) {
      state.written = std::max(state.written, x.revision);
      succeeded(self, state.write, "can write to etcd again");
    } else {
      state.env->counters.count("cluster_write_failures_total",
                                {{"reason", std::string{to_string_view(x.error)}}});
      if (x.error != etcd_error::lease_lost) failed(self, state.write, words, x.detail);
    }
    f(x);
    go_on(self);
  });
}

/// Writes one key under our lease if it is as we know it.
etcd_transaction put_if(const std::string& key, int64_t revision, std::string value, int64_t lease) {
  etcd_transaction result;
  result.if_all.push_back(
      {revision == 0 ? etcd_compare::what::created : etcd_compare::what::modified, key, revision});
  result.then.push_back({etcd_operation::what::put, key, std::move(value), lease});
  result.otherwise.push_back({etcd_operation::what::read, key, {}, 0});
  return result;
}

/// Another instance has our id: this one has to wait for its end.
void refused(self_pointer self, const node_entry& by) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (!st.refused) st.refused = now;
  if (!id_is_taken(self)) return;
  const auto who = fmt::format("process {} on host {}, since {}", by.pid, by.host, by.started);
  if (st.news.refusal.is_news(who, now))
    log::error("{}: refused, its id is taken by {}. It polls nothing until that one has ended; set another "
               "cluster.nodeId if both are to run{}",
               title(st), who, st.news.refusal.suffix());
}

/// The key of our entry holds something else than the view shows.
void entry_conflict(self_pointer self, const etcd_answer& x) {
  auto& st = self->state;
  st.env->counters.count("cluster_conflicts_total");
  st.write.not_before = self->clock().now() + st.write.delay.next();
  const auto now = self->clock().now();
  for (const auto& key : x.keys)
    if (!read_node_entry(st.options.node.id, key) && st.news.refusal.is_news("unreadable", now))
      log::error("{}: refused, the key of its entry ({}) holds something that is no living node{}", title(st),
                 key.key, st.news.refusal.suffix());
}

bool may_join(self_pointer self) {
  auto& st = self->state;
  if (!st.options.hears || st.options.hears()) return true;
  if (!st.join_by) st.join_by = self->clock().now() + st.options.join_after;
  if (self->clock().now() >= *st.join_by) return true;
  wake_after(self, look_again);
  return false;
}

void write_entry(self_pointer self, const node_entry* present, int64_t lease) {
  auto& st = self->state;
  if (present && present->node.lease != lease) return refused(self, *present);
  if (!present && !may_join(self)) return;
  auto what = put_if(st.known.keys().node(st.options.node.id), present ? present->mod_revision : 0,
                     to_json(wanted_entry(st)), lease);
  commit(self, std::move(what), "can't write its entry to etcd", [self](const etcd_answer& x) {
    if (x.error == etcd_error::lease_lost) lease_lost(self);
    if (x.error == etcd_error::none && !x.succeeded) entry_conflict(self, x);
  });
}

void apply_for_office(self_pointer self, int64_t lease) {
  auto& st = self->state;
  auto what = put_if(st.known.keys().reporter(), st.known.reporter().mod_revision,
                     ownership_json(st.options.node.id, wanted_entry(st).instance), lease);
  commit(self, std::move(what), "can't write to etcd", [self](const etcd_answer& x) {
    if (x.error == etcd_error::lease_lost) lease_lost(self);
  });
}

void plan(self_pointer self) {
  auto& st = self->state;
  st.plan_at.reset();
  st.own.with([&](cluster_possession& p) {
    if (p.moves.idle()) st.hand_over_by = self->clock().now() + patience;
    p.moves.plan(plan_ownership(st.known, st.options.node.id, st.options.servers,
                                [&](const std::string& x) { return p.moves.doubtful(x); }));
  });
  tell_membership(self);
}

void moved(self_pointer self, const etcd_answer& x) {
  auto& st = self->state;
  const auto [result, what] = st.own.with([&](cluster_possession& p) {
    auto r = p.moves.answered(x);
    if (r == move_result::peer_lost && p.moves.last().lease == p.lease.id()) r = move_result::own_lost;
    return std::pair{r, p.moves.last()};
  });
  const auto n = static_cast<double>(what.servers.size());
  switch (result) {
  case move_result::done:
    if (what.claim)
      st.env->counters.count("cluster_claims_total", {}, n);
    else if (what.to != st.options.node.id)
      st.env->counters.count("cluster_transfers_total", {{"direction", what.to.empty() ? "nowhere" : "away"}},
                             n);
    break;
  case move_result::conflict:
    st.env->counters.count("cluster_conflicts_total");
    break;
  case move_result::own_lost:
    return lease_lost(self);
  case move_result::peer_lost:
    st.known.gone(what.lease);
    return changed(self);
  case move_result::failed:
    return changed(self); // to be planned anew
  }
  fit_permits(self);
}

/// From when it is asked for nobody begins to poll the server any more.
bool quiet(poll_permits& permits, const std::string& server) {
  const auto permit = permits.of(server);
  permit->withdraw();
  return permit->calls() == 0;
}

void move(self_pointer self, const node_entry& entry) {
  auto& st = self->state;
  const auto idle = st.own.with([&](cluster_possession& p) {
    const auto now = self->clock().now();
    auto what = p.moves.next(
        st.known, entry, [&](const std::string& x) { return quiet(*st.options.permits, x); },
        [&](const std::string& x) {
          return now >= st.hand_over_by || st.options.permits->of(x)->has_room(now, room_for_hand_over);
        });
    if (what)
      commit(self, std::move(*what), "can't claim or hand over servers",
             [self](const etcd_answer& x) { moved(self, x); });
    return p.moves.idle();
  });
  fit_permits(self);
  if (!idle && !st.write.under_way) wake_after(self, look_again);
}

} // namespace

void write(self_pointer self) {
  auto& st = self->state;
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  if (!st.watch || st.closing || lease == 0 || !may_try(self, st.write)) return;
  const bool current = st.known.revision() >= st.written;
  const auto* entry = st.known.node(st.options.node.id);
  if (!entry || entry->node.lease != lease || !same_content(*entry, wanted_entry(st))) {
    if (current) write_entry(self, entry, lease);
    return;
  }
  st.refused.reset();
  st.join_by.reset();
  if (current && st.plan_at) {
    if (const auto left = *st.plan_at - self->clock().now(); left.count() > 0)
      wake_after(self, left);
    else
      plan(self);
  }
  if (current && st.known.reporter().lease == 0 && !st.draining) return apply_for_office(self, lease);
  move(self, *entry);
}

bool id_is_taken(self_pointer self) {
  const auto& st = self->state;
  return st.refused && self->clock().now() - *st.refused > st.options.lease_ttl + std::chrono::seconds(1);
}

bool all_written(self_pointer self) {
  auto& st = self->state;
  const auto* entry = st.known.node(st.options.node.id);
  return entry && same_content(*entry, wanted_entry(st)) && !st.plan_at && !st.write.under_way &&
         st.known.revision() >= st.written &&
         st.own.with([](cluster_possession& p) { return p.moves.idle(); });
}

void fit_permits(self_pointer self) {
  auto& st = self->state;
  auto& permits = *st.options.permits;
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  if (st.known.revision() == 0 && lease != 0) return; // not listed yet: what is granted still holds
  auto wanted = st.own.with([&](cluster_possession& p) {
    std::map<std::string, uint64_t> result;
    if (lease != 0 && !st.closing)
      for (const auto& name : st.known.owned(lease))
        if (st.options.servers.count(name) > 0 && !p.moves.held(name))
          result.emplace(name, static_cast<uint64_t>(st.known.server(name).mod_revision));
    const auto granted = permits.granted();
    for (const auto& x : granted)
      if (const auto i = result.find(x.first); i == result.end() || i->second != x.second)
        permits.of(x.first)->withdraw();
    for (const auto& x : result)
      if (const auto i = granted.find(x.first); i == granted.end() || i->second != x.second)
        permits.of(x.first)->grant(x.second, st.known.server(x.first).claimed);
    return result;
  });
  if (st.polled == wanted) return;
  st.polled = std::move(wanted);
  st.options.pollers(*st.polled);
}

} // namespace senseflow::actors::member
