#include "runtime/status/trends.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

namespace {

using messages::item_class;

uint64_t difference(uint64_t now, uint64_t before) { return now - std::min(now, before); }

double share(std::chrono::nanoseconds now, std::chrono::nanoseconds before, double seconds) {
  const auto lasted = std::chrono::duration<double>(now - before).count();
  return seconds > 0 ? std::clamp(lasted / seconds, 0.0, 1.0) : 0;
}

histogram_counts sum(histogram_counts a, const histogram_counts& b) {
  for (size_t i = 0; i < a.parts.size(); ++i) a.parts[i] += b.parts[i];
  a.sum += b.sum;
  return a;
}

using by_name = std::map<std::string, uint64_t>;

/// What has grown, and by how much.
by_name since(const by_name& now, const by_name& before) {
  by_name result;
  for (const auto& [name, n] : now) {
    const auto i = before.find(name);
    const auto more = difference(n, i == before.end() ? 0 : i->second);
    if (more > 0) result[name] = more;
  }
  return result;
}

loss_counts since(const loss_counts& now, const loss_counts& before) {
  loss_counts result;
  result.by_reason = since(now.by_reason, before.by_reason);
  result.kernel_drops = difference(now.kernel_drops, before.kernel_drops);
  result.lost_before = difference(now.lost_before, before.lost_before);
  return result;
}

by_name folded_of(const facts& x) {
  by_name result;
  for (const auto& [host, line] : x.lines[static_cast<size_t>(item_class::log_event)])
    if (const auto i = line.filtered.find("folded"); i != line.filtered.end()) result[host] = i->second;
  return result;
}

} // namespace

uint64_t loss_counts::total() const {
  auto result = kernel_drops + lost_before;
  for (const auto& [reason, n] : by_reason) result += n;
  return result;
}

loss_counts losses_of(const ledger::snapshot_type& x) {
  loss_counts result;
  for (const auto& line : x) {
    for (const auto& [reason, n] : line.dropped)
      if (reason != "superseded") result.by_reason[reason] += n;
    result.kernel_drops += line.kernel_drops;
    result.lost_before += line.lost_before;
  }
  return result;
}

/// A source has sent something when its count has changed.
void trend_keeper::note_sources(const facts& x) {
  for (const auto c : {item_class::user_event, item_class::log_event}) {
    auto& known = received_[c];
    auto& seen = seen_[c];
    for (const auto& [source, line] : x.lines[static_cast<size_t>(c)]) {
      auto& before = known[source];
      if (line.received > before) seen[source] = x.at;
      before = line.received;
    }
  }
}

trends trend_keeper::add(const facts& x) {
  const auto all = x.totals();
  const auto losses = losses_of(all);
  counts now;
  for (size_t c = 0; c < all.size(); ++c) {
    now.received[c] = all[c].received;
    now.published[c] = all[c].published;
  }
  now.lost = losses.total();
  now.kernel_drops = losses.kernel_drops;
  now.work = x.work;
  const timings took{x.timings.acknowledgement, sum(x.timings.poll_duration, x.timings.session_poll_duration),
                     sum(x.timings.poll_lateness, x.timings.session_poll_lateness)};
  std::map<std::string, uint64_t> failures;
  for (const auto& [name, component] : x.components) failures[name] = component.restarts;
  const auto folded = folded_of(x);
  const auto on_disk = x.spool ? x.spool->bytes : 0;
  if (std::exchange(first_, false)) { // since the start, not since somebody looks
    minute_.add(x.began, {});
    lateness_.add(x.began, {});
    losses_.add(x.began, {});
    failures_.add(x.began, {});
    folded_.add(x.began, {});
    disk_.add(x.when, on_disk);
  }
  note_sources(x);

  trends result;
  const auto& before = seconds_.before();
  result.seconds = std::chrono::duration<double>(seconds_.age(x.when)).count();
  const auto rate = [&](uint64_t a, uint64_t b) {
    return result.seconds > 0 ? static_cast<double>(difference(a, b)) / result.seconds : 0;
  };
  for (size_t c = 0; c < all.size(); ++c) {
    result.received[c] = rate(now.received[c], before.received[c]);
    result.published[c] = rate(now.published[c], before.published[c]);
  }
  result.lost = rate(now.lost, before.lost);
  result.kernel_drops = rate(now.kernel_drops, before.kernel_drops);
  for (const auto& [name, work] : now.work) {
    const auto i = before.work.find(name);
    const auto& was = i == before.work.end() ? work_figures{} : i->second;
    result.work[name] = {share(work.busy, was.busy, result.seconds),
                         share(work.waited, was.waited, result.seconds),
                         share(work.refused, was.refused, result.seconds)};
  }
  if (const auto age = std::chrono::duration<double>(disk_.age(x.when)).count(); age > 0)
    result.disk_growth = (static_cast<double>(on_disk) - static_cast<double>(disk_.before())) / age;
  result.acknowledgement = took.acknowledgement.since(minute_.before().acknowledgement);
  result.poll_duration = took.poll_duration.since(minute_.before().poll_duration);
  result.poll_lateness = took.poll_lateness.since(minute_.before().poll_lateness);
  result.lateness = took.poll_lateness.since(lateness_.before());
  result.lost_lately = since(losses, losses_.before());
  for (const auto& [name, n] : failures) {
    const auto i = failures_.before().find(name);
    result.failures[name] = difference(n, i == failures_.before().end() ? 0 : i->second);
  }
  result.folded = since(folded, folded_.before());
  result.seen = seen_;

  seconds_.add(x.when, now);
  minute_.add(x.when, took);
  lateness_.add(x.when, took.poll_lateness);
  disk_.add(x.when, on_disk);
  failures_.add(x.when, failures);
  folded_.add(x.when, folded);
  losses_.add(x.when, losses);
  return result;
}

} // namespace senseflow::runtime
