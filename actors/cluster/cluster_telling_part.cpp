#include "actors/cluster/cluster_member_parts.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace senseflow::actors::member {

namespace {

namespace log = runtime::log;

constexpr auto alarm_interval = std::chrono::seconds(30);

void send(self_pointer self, std::string topic, std::string payload) {
  auto channel = self->state.env->names.find_as<cluster_message_taker>(names::cluster_channel);
  if (channel) self->send(channel, messages::cluster_message{std::move(topic), std::move(payload), true});
}

node_status status(cluster_member_state& st) {
  const auto& counters = st.env->counters;
  node_status result;
  result.node = st.options.node.id;
  result.version = st.options.node.version;
  result.servers = st.polled ? st.polled->size() : 0;
  const auto polls = counters.sum("polls_total"), lateness = counters.sum("poll_lateness_us_total");
  result.polls = static_cast<uint64_t>(polls);
  result.polls_skipped = static_cast<uint64_t>(counters.sum("poll_skipped_total"));
  result.poll_failures = static_cast<uint64_t>(counters.sum("poll_failures_total"));
  // Counters of servers that are gone are kept elsewhere, so a sum can't shrink but for a defect.
  if (polls > st.last_counts.polls)
    result.poll_lateness_ms =
        std::max(0.0, lateness - st.last_counts.lateness_us) / (polls - st.last_counts.polls) / 1000;
  st.last_counts = {polls, lateness};
  result.ledger_faults = st.env->book.faults();
  result.ledger = st.env->book.snapshot();
  return result;
}

void alarmed(self_pointer self, const runtime::etcd_answer& x) {
  auto& st = self->state;
  if (x.error != runtime::etcd_error::none) return;
  st.alarms = x.alarms;
  const auto text = fmt::format("{}", fmt::join(st.alarms, ", "));
  if (!st.news.alarms.is_news(text, self->clock().now())) return;
  if (text.empty())
    log::info("{}: etcd has no alarm any more{}", title(st), st.news.alarms.suffix());
  else
    log::error("{}: etcd has raised {}. Nodes that run go on, but none can join and nobody can take over the "
               "servers "
               "of one that dies: compact and defragment etcd, then disarm the alarm{}",
               title(st), text, st.news.alarms.suffix());
}

void report(self_pointer self) {
  auto& st = self->state;
  cluster_report x{st.options.cluster, st.options.node.id, st.options.servers, st.alarms};
  send(self, {}, to_json(x, st.known, st.statuses, caf::make_timestamp()));
  for (const auto& node : st.statuses.take_leftovers(st.known)) send(self, status_topic(node), {});
  const auto now = self->clock().now();
  if (now < st.alarms_at) return;
  st.alarms_at = now + alarm_interval;
  st.calls.alarms([self](const runtime::etcd_answer& a) { alarmed(self, a); });
}

} // namespace

void tell(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (now < st.status_at || st.closing) return;
  st.status_at = now + st.options.status_interval;
  const auto lease = st.own.with([](cluster_possession& p) { return p.lease.id(); });
  const auto* entry = st.known.node(st.options.node.id);
  if (lease == 0 || !entry || entry->node.lease != lease) return; // no member, or not known to be one
  auto own = to_json(status(st), caf::make_timestamp());
  st.statuses.take(status_topic(st.options.node.id), own);
  send(self, status_topic(st.options.node.id), std::move(own));
  if (st.watch && st.known.reporter().lease == lease) report(self);
}

void forget_status(self_pointer self) { send(self, status_topic(self->state.options.node.id), {}); }

void tell_membership(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto& own = *st.known.node(st.options.node.id);
  std::vector<std::string> all, others, foreign;
  for (const auto& [id, x] : st.known.nodes()) {
    all.push_back(st.known.leaves(x) ? id + " (draining)" : id);
    if (x.servers != own.servers)
      others.push_back(id);
    else if (!are_peers(x, own))
      foreign.push_back(fmt::format("{} (version {}, protocol {})", id, x.node.version, x.node.protocol));
  }
  const auto nodes = fmt::format("{}", fmt::join(all, ", "));
  if (st.news.nodes.is_news(nodes, now))
    log::info("{}: nodes are now {}{}", title(st), nodes, st.news.nodes.suffix());
  auto differing =
      others.empty() ? std::string{} : fmt::format("other servers configured: {}", fmt::join(others, ", "));
  if (!foreign.empty())
    differing += fmt::format("{}incompatible: {}", differing.empty() ? "" : "; ", fmt::join(foreign, ", "));
  if (!st.news.lists.is_news(differing, now)) return;
  if (differing.empty())
    log::info("{}: all nodes share servers again{}", title(st), st.news.lists.suffix());
  else
    log::warn("{}: this node does not share servers with nodes that differ ({}); what they have they keep{}",
              title(st), differing, st.news.lists.suffix());
}

} // namespace senseflow::actors::member
