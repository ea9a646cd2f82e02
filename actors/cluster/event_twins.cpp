#include "actors/cluster/event_twins.hpp"

#include "actors/cluster/cluster_topics.hpp"
#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <limits>
#include <string_view>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using self_pointer = event_twins_actor::stateful_pointer<event_twins_state>;

constexpr size_t most_waiting = 5000; ///< in the outlet
constexpr size_t most_digests = 10;   ///< at once: 40,000 events

void count_up(self_pointer self) {
  auto& st = self->state;
  auto now = st.options.events->counted();
  const auto add = [&](const char* what, uint64_t before, uint64_t n, runtime::metrics::labels l = {}) {
    if (n > before) st.env->counters.count(what, l, static_cast<double>(n - before));
  };
  add("events_suppressed_total", st.counted.suppressed, now.suppressed);
  add("events_taken_over_total", st.counted.taken_over, now.taken_over);
  for (const auto& [reason, n] : now.duplicate_possible)
    add("events_duplicate_possible_total", st.counted.duplicate_possible[reason], n, {{"reason", reason}});
  st.counted = std::move(now);
}

void take_over(self_pointer self, size_t up_to = most_waiting) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.link.with([&](outlet& o) {
    if (o.empty()) st.options.events->released_are_taken();
    if (o.waiting() > up_to) return;
    st.options.events->release(
        now, [&](held_event&& x) { std::visit([&](auto& e) { o.push(std::move(e)); }, x.event); });
  });
  st.link.pump();
}

void announce(self_pointer self) {
  auto& st = self->state;
  const auto channel = st.env->names.find_as<cluster_channel_actor>(names::cluster_channel);
  if (!channel) return; // it is told later
  for (size_t n = 0; n < most_digests; ++n) {
    auto digest = st.options.events->next_digest(self->clock().now());
    if (!digest) return;
    self->send(channel, messages::cluster_message{std::string{cluster_topics::digests} + st.options.node,
                                                  std::move(*digest)});
  }
}

/// Nobody waits for the analyses.
void show(self_pointer self) {
  auto& st = self->state;
  if (!st.options.passed) return;
  const auto x = st.options.passed->show();
  if (x.skipped > 0)
    st.env->counters.count("insight_items_skipped_total", {}, static_cast<double>(x.skipped));
  if (!x.wake) return;
  if (auto analyst = st.env->names.find_as<analyst_actor>(names::analyst)) self->send(analyst, wake_atom_v);
}

void end_when_done(self_pointer self) {
  auto& st = self->state;
  if (!st.stopping) return;
  const bool empty = st.link.with([](outlet& o) { return o.empty(); });
  if (!(empty && st.options.events->done(self->clock().now())) && self->clock().now() < st.stop_by) return;
  // Nobody looks at what is held from now on: what is left is in the outlet.
  st.options.events->stop(self->clock().now(), true);
  take_over(self, std::numeric_limits<size_t>::max());
  self->quit(caf::exit_reason::user_shutdown);
}

void go_on(self_pointer self) {
  take_over(self);
  announce(self);
  show(self);
  count_up(self);
  end_when_done(self);
}

void hear(self_pointer self, const messages::cluster_message& x) {
  auto& st = self->state;
  constexpr auto prefix = cluster_topics::digests;
  if (x.topic.compare(0, prefix.size(), prefix) != 0) return;
  const auto from = x.topic.substr(prefix.size());
  const auto fault = st.options.events->heard(from, x.payload.view(), self->clock().now());
  if (fault == digest_fault::none) return;
  const auto* reason = fault == digest_fault::other_format ? "other_format" : "malformed";
  st.env->counters.count("event_digests_rejected_total", {{"reason", reason}});
  if (st.trouble.pass(reason, self->clock().now()))
    log::warn("the digest of events from node {} is {}: what it has published may be published here, too{}",
              from, fault == digest_fault::other_format ? "of another version" : "malformed",
              st.trouble.suffix());
}

void stop(self_pointer self) {
  auto& st = self->state;
  st.stopping = true;
  st.stop_by = self->clock().now() + st.options.stop_timeout;
  st.options.events->stop(self->clock().now());
  go_on(self);
}

} // namespace

void settle(shared_events& events, const std::shared_ptr<runtime::estate<outlet>>& own) {
  const auto now = std::chrono::steady_clock::now();
  events.stop(now, true);
  runtime::estate<outlet>::enter(own).with([&](outlet& o) {
    events.release(now, [&](held_event&& x) { std::visit([&](auto& e) { o.push(std::move(e)); }, x.event); });
  });
}

event_twins_actor::behavior_type event_twins(self_pointer self, context_ptr env, event_twins_options options,
                                             std::shared_ptr<runtime::estate<outlet>> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.counted = st.options.events->counted();
  st.link = {self,
             st.env,
             runtime::estate<outlet>::enter(own),
             st.options.timeout,
             [self] { take_over(self); },
             names::event_twins};
  self->set_down_handler([self](caf::down_msg& dm) { self->state.link.down(dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    stop(self);
  });
  st.link.look();
  self->delayed_send(self, st.options.tick, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::cluster_message& x) { hear(self, x); },
      [self](const messages::channel_news& x) {
        self->state.options.events->channel(x.now, self->clock().now());
      },
      [self](caf::tick_atom) {
        auto& state = self->state;
        self->delayed_send(self, state.stopping ? state.options.tick / 5 : state.options.tick,
                           caf::tick_atom_v);
        if (state.options.view) state.options.events->see(*state.options.view->load(), self->clock().now());
        go_on(self);
      },
      [self](retry_atom) { self->state.link.look(); },
  };
}

} // namespace senseflow::actors
