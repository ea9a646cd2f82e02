#include "actors/delivery/outbox.hpp"

#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using messages::spool_status;
using self_pointer = outbox_actor::stateful_pointer<outbox_state>;

void go_on(self_pointer self);

void serve_publishers(self_pointer self) {
  auto& st = self->state;
  auto now = self->clock().now();
  for (const auto& [slot, publisher] : st.publishers)
    st.own.with([&, slot = slot, to = publisher](outbox_store& s) {
      messages::delivery_batch batch{s.take(slot, now)};
      if (!batch.items.empty()) self->send(to, std::move(batch)); // before a successor can enter
    });
}

void spool_lost(self_pointer self, uint64_t found) {
  auto& st = self->state;
  if (!st.spool || found != st.spool_found) return; // known already
  self->demonitor(st.spool.address());
  st.spool = nullptr;
  st.own.with([](outbox_store& s) { s.spool_lost(); });
  st.env->counters.count("edge_lost_total", {{"edge", "spool"}});
}

/// Tells when its trouble begins and ends. A silent one is told in the log by `spooler`, which measures it.
void judge_spool(self_pointer self, const std::string& problem = {}) {
  auto& st = self->state;
  const auto now = st.own.with([](outbox_store& s) { return s.spool_in_trouble(); });
  const auto was = st.env->notices.spool.load(); // what a former incarnation has said counts, too
  const bool told = was->since != caf::timestamp{};
  if (!now && !told) return;
  if (!now) {
    if (!was->problem.empty()) log::info("the spool has recovered");
    return st.env->notices.spool.store({});
  }
  if (told && (problem.empty() || problem == was->problem)) return;
  st.env->notices.spool.store(
      {told ? was->since : caf::make_timestamp(), problem.empty() ? was->problem : problem});
}

void spool_failed(self_pointer self, spool_status status, const std::string& problem) {
  auto& st = self->state;
  st.env->counters.count("spool_failures_total",
                         {{"status", status == spool_status::failed ? "failed" : "damaged"}});
  if (st.trouble.pass(problem, self->clock().now()))
    log::error("the spool can't be used: {}. Events stay in memory meanwhile; retrying.{}", problem,
               st.trouble.suffix());
}

/// `answered(store, answer, now)` when the spool has answered `question`.
template <class Question, class Answer>
void ask_spool(self_pointer self, Question question,
               void (outbox_spooling::*answered)(const Answer&, outbox_store::time_point)) {
  auto& st = self->state;
  auto found = st.spool_found;
  self->request(st.spool, caf::infinite, std::move(question))
      .then(
          [self, found, answered](const Answer& x) {
            if (found != self->state.spool_found) return;
            if (x.status != spool_status::ok) spool_failed(self, x.status, x.problem);
            auto now = self->clock().now();
            self->state.own.with([&](outbox_store& s) { (s.*answered)(x, now); });
            judge_spool(self, x.problem);
            go_on(self);
          },
          [self, found](caf::error&) { spool_lost(self, found); });
}

void serve_spool(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.own.with([&](outbox_store& s) { s.watch_spool(now); });
  if (!st.spool) {
    st.spool = st.env->names.find_as<spool_actor>(names::spool);
    if (!st.spool) return; // there is none, or the next tick finds it
    ++st.spool_found;
    self->monitor(st.spool);
  }
  st.own.with([&](outbox_store& s) {
    if (auto x = s.next_commit(now)) ask_spool(self, std::move(*x), &outbox_store::committed);
    if (auto x = s.next_read(now)) ask_spool(self, *x, &outbox_store::loaded);
  });
  auto due = st.own.with([](outbox_store& s) { return s.commit_due(); });
  if (due && !st.commit_armed) {
    st.commit_armed = true;
    self->delayed_send(self, std::max(*due - now, std::chrono::steady_clock::duration{0}), wake_atom_v);
  }
}

void tick_after(self_pointer self, std::chrono::milliseconds t) {
  self->state.next_tick = self->clock().now() + t;
  self->delayed_send(self, t, caf::tick_atom_v);
}

/// The rest is over: ticks come sooner again.
void wake_up(self_pointer self) {
  auto& st = self->state;
  if (st.next_tick - self->clock().now() <= st.options.tick) return;
  if (!st.own.with([](outbox_store& s) { return s.at_rest(); })) tick_after(self, st.options.tick);
}

/// After every change: publishers get what they can take, the spool what is due, held answers go out, a
/// drained outbox ends.
void go_on(self_pointer self) {
  auto& st = self->state;
  serve_publishers(self);
  serve_spool(self);
  wake_up(self);
  if (!st.held.empty() && !st.own.with([](outbox_store& s) { return s.congested(); })) {
    for (auto& [id, held] : st.held) held.first.deliver(held.second);
    st.held.clear();
  }
  st.refuses.set(!st.held.empty(), st.work->refusing());
  if (st.draining &&
      (st.own.with([](outbox_store& s) { return s.drained(); }) || self->clock().now() >= st.drain_until))
    self->quit(caf::exit_reason::user_shutdown);
}

void tell_cleared(std::vector<std::string> gone) {
  if (gone.empty()) return;
  constexpr size_t named = 5;
  const auto all = gone.size();
  gone.resize(std::min(all, named));
  log::info("clearing {} retained topic(s) that the configuration no longer has: {}{}", all,
            fmt::join(gone, ", "), all > named ? ", ..." : "");
}

/// What is configured now may be no more, and the other way round.
void follow_configuration(self_pointer self) {
  auto& st = self->state;
  if (!st.options.retained) return;
  auto x = st.options.retained->load();
  if (x == st.configured) return;
  st.configured = x;
  tell_cleared(st.own.with([&](outbox_store& s) { return s.retained().configured(std::move(x)); }));
}

/// Of this installation, and still at the broker.
uint64_t found_at_broker(self_pointer self, const messages::left_topics& x) {
  follow_configuration(self);
  auto gone = self->state.own.with([&](outbox_store& s) { return s.retained().found(x.topics); });
  const auto n = gone.size();
  tell_cleared(std::move(gone));
  go_on(self);
  return n;
}

/// Reloads and requests come from elsewhere. Both make all state go out with its next poll.
void follow_on_change(self_pointer self) {
  auto& st = self->state;
  if (st.options.on_change)
    if (auto x = st.options.on_change->load(); x != st.on_change) {
      st.on_change = x;
      st.own.with([&](outbox_store& s) { s.last_sent().configured(std::move(x)); });
    }
  if (st.options.recent)
    if (auto x = st.options.recent->load(); x != st.recent) {
      st.recent = x;
      st.own.with([&](outbox_store& s) { s.recent().configured(*x); });
    }
  if (const auto asked = st.env->asked_for_all.load(); asked != std::exchange(st.asked_for_all, asked))
    st.own.with([](outbox_store& s) { s.last_sent().forget(); });
}

caf::result<messages::demand> accept(self_pointer self, const messages::encoded_batch& batch) {
  auto& st = self->state;
  follow_configuration(self); // what it brings may be of a server that is ours since a moment ago
  follow_on_change(self);     // ticks are rare at rest
  auto now = self->clock().now();
  auto [in_order, congested, bypassed] = st.own.with([&](outbox_store& s) {
    auto accepted = s.accept(batch, now);
    return std::tuple(accepted, s.congested(), s.bypassed());
  });
  if (!in_order) return caf::sec::unexpected_message;
  if (bypassed > st.bypassed)
    st.env->counters.count("journal_bypassed_total", {}, static_cast<double>(bypassed - st.bypassed));
  st.bypassed = bypassed;
  st.work->batch(batch.items());
  go_on(self);
  messages::demand again{batch.items()};
  if (!congested) return again;
  auto answer = self->make_response_promise<messages::demand>();
  st.held[{batch.id.source, batch.id.number}] = {answer, again};
  st.refuses.set(true, st.work->refusing());
  return answer;
}

void count_up(self_pointer self, const char* what, uint64_t& before, uint64_t n) {
  if (n > before) self->state.env->counters.count(what, {}, static_cast<double>(n - before));
  before = n;
}

void count_retained(self_pointer self) {
  auto& st = self->state;
  const auto now = st.own.with([](outbox_store& s) { return s.retained().counted(); });
  if (now.left_out > 0 && st.retained.left_out == 0)
    log::warn(
        "The state that the broker retains takes more memory than may be spent on remembering it (a quarter "
        "of delivery.memory.maxBytes). When a broker forgets it, the largest values are published again "
        "with their next poll only.");
  count_up(self, "state_sent_anew_total", st.retained.sent_anew, now.sent_anew);
  count_up(self, "state_not_remembered_total", st.retained.left_out, now.left_out);
  count_up(self, "retained_cleared_total", st.retained.cleared, now.cleared);
}

void count_unchanged(self_pointer self) {
  auto& st = self->state;
  const auto now = st.own.with([](outbox_store& s) { return s.last_sent().counted(); });
  count_up(self, "messages_unchanged_total", st.last_sent.unchanged, now.unchanged);
  count_up(self, "unchanged_not_remembered_total", st.last_sent.unremembered, now.unremembered);
}

/// Once a second.
void notice(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (now < st.notice_due) return;
  st.notice_due = now + std::chrono::seconds(1);
  runtime::backlog_notice x;
  st.own.with([&](outbox_store& s) {
    x.bytes = s.bytes();
    if (const auto age = s.age_of_oldest_event(now)) x.oldest = now - *age;
  });
  st.env->notices.backlog.store(x);
  judge_spool(self);
}

void publisher_states_itself(self_pointer self, const messages::publisher_state& x,
                             const publisher_actor& who) {
  auto& st = self->state;
  auto& known = st.publishers[x.slot];
  if (known != who) {
    known = who;
    self->monitor(who);
  }
  follow_configuration(self); // first: this may be the first connection by the new settings
  follow_on_change(self);
  auto now = self->clock().now();
  st.own.with([&](outbox_store& s) { s.publisher_here(x, now); });
  go_on(self);
}

void down(self_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  if (st.spool && st.spool.address() == address) return spool_lost(self, st.spool_found);
  auto i = std::find_if(st.publishers.begin(), st.publishers.end(),
                        [&](const auto& p) { return p.second.address() == address; });
  if (i == st.publishers.end()) return; // an earlier incarnation
  auto slot = i->first;
  st.publishers.erase(i);
  auto now = self->clock().now();
  st.own.with([&](outbox_store& s) { s.publisher_died(slot, now); });
  st.env->counters.count("publishers_lost_total");
  go_on(self);
}

std::chrono::steady_clock::time_point drain_until(const outbox_actor_options& o,
                                                  std::chrono::steady_clock::time_point now) {
  using time_point = std::chrono::steady_clock::time_point;
  const auto stop_by = o.stop_by ? o.stop_by->load() : time_point{};
  return stop_by == time_point{} ? now + o.drain_timeout : std::max(stop_by, now + o.drain_timeout / 4);
}

} // namespace

outbox_actor::behavior_type outbox(self_pointer self, context_ptr env, outbox_actor_options options,
                                   std::shared_ptr<outbox_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = options;
  st.work = st.env->meters.of(names::outbox);
  st.own = outbox_estate::enter(own);
  st.bypassed = st.own.with([](outbox_store& s) {
    s.forget_connections();
    s.spool_lost();
    return s.bypassed();
  });
  st.retained = st.own.with([](outbox_store& s) { return s.retained().counted(); });
  st.last_sent = st.own.with([](outbox_store& s) { return s.last_sent().counted(); });
  follow_configuration(self);
  follow_on_change(self);
  self->set_down_handler([self](caf::down_msg& dm) { down(self, dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    auto& state = self->state;
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    state.draining = true;
    state.drain_until = drain_until(state.options, self->clock().now());
    state.own.with([](outbox_store& s) { s.drain(); });
    go_on(self);
  });
  tick_after(self, options.tick);
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](const messages::encoded_batch& batch) { return accept(self, batch); },
      [self](const messages::publisher_state& x, const publisher_actor& who) {
        publisher_states_itself(self, x, who);
        return caf::ok_atom_v;
      },
      [self](const messages::settled_batch& batch) {
        auto now = self->clock().now();
        self->state.own.with([&](outbox_store& s) { s.settle(batch.slot, batch.items, now); });
        go_on(self);
        return caf::ok_atom_v;
      },
      [self](again_atom) {
        const uint64_t n = self->state.own.with([](outbox_store& s) { return s.retained().all_again(); });
        go_on(self);
        return n;
      },
      [self](const messages::repeat_events& what) -> caf::result<uint64_t> {
        const auto now = self->clock().now();
        const auto n = self->state.own.with([&](outbox_store& s) { return s.repeat(what, now); });
        go_on(self);
        if (!n) return caf::sec::unavailable_or_would_block;
        return *n;
      },
      [self](const messages::left_topics& x) { return found_at_broker(self, x); },
      [self](caf::tick_atom) {
        follow_configuration(self);
        follow_on_change(self);
        go_on(self);
        count_retained(self);
        notice(self);
        count_unchanged(self);
        auto& state = self->state;
        if (self->clock().now() < state.next_tick) return; // another one comes
        const auto rests = state.own.with([](outbox_store& s) { return s.at_rest(); });
        tick_after(self, rests ? state.options.tick_at_rest : state.options.tick);
      },
      [self](wake_atom) {
        self->state.commit_armed = false;
        serve_spool(self);
      },
  };
}

} // namespace senseflow::actors
