#include "actors/delivery/spooler.hpp"

#include "actors/supervised.hpp"

#include <caf/send.hpp>

#include <utility>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = spool_actor::stateful_pointer<spooler_state>;

double seconds_since(self_pointer self, std::chrono::steady_clock::time_point x) {
  return std::chrono::duration<double>(self->clock().now() - x).count();
}

void watch(self_pointer self) {
  auto& st = self->state;
  if (st.watching) return;
  st.watching = true;
  self->delayed_send(self, st.options.patience / 4, caf::tick_atom_v);
}

void look(self_pointer self) {
  auto& st = self->state;
  st.watching = false;
  if (!st.at_work) return;
  const auto now = self->clock().now();
  if (!st.silent && now - st.began >= st.options.patience) {
    st.silent = true;
    st.env->counters.count("spool_silences_total");
    st.told = st.trouble.pass(now);
    if (st.told)
      log::error("the spool's disk has not answered for {:.1f} s. Events stay in memory and flow on without "
                 "it until it does.{}",
                 seconds_since(self, st.began), st.trouble.suffix());
  }
  watch(self);
}

template <class Answer, class Question>
void give(self_pointer self, const Question& x) {
  self->state.own.with([&](const runtime::disk& to) {
    to.ask(x, [address = self->address()](Answer y) {
      if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, std::move(y));
    });
  });
}

void go_on(self_pointer self) {
  auto& st = self->state;
  if (st.at_work || (!st.commit && !st.read)) return;
  st.at_work = true;
  st.waits.set(true, st.work->waiting());
  st.began = self->clock().now();
  watch(self);
  if (st.commit)
    give<messages::spool_committed>(self, st.commit->what);
  else
    give<messages::spool_content>(self, st.read->what);
}

template <class Answer, class Question>
caf::result<Answer> take(self_pointer self, std::optional<spool_question<Question, Answer>>& to,
                         const Question& x) {
  auto promise = self->make_response_promise<Answer>();
  to = spool_question<Question, Answer>{x, promise};
  go_on(self);
  return promise;
}

template <class Answer, class Question>
void answered(self_pointer self, std::optional<spool_question<Question, Answer>>& to, const Answer& x) {
  auto& st = self->state;
  st.at_work = false;
  st.waits.set(false, {});
  st.silent = false;
  if (std::exchange(st.told, false))
    log::info("the spool's disk answers again, after {:.1f} s", seconds_since(self, st.began));
  if (to && to->what.number == x.number) std::exchange(to, std::nullopt)->answer.deliver(x);
  go_on(self);
}

} // namespace

spool_actor::behavior_type spooler(self_pointer self, context_ptr env, spooler_options options,
                                   std::shared_ptr<spool_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = options;
  st.work = st.env->meters.of(names::spool);
  st.own = spool_estate::enter(own);
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](const messages::spool_commit& x) {
        self->state.work->batch(x.writes.size());
        return take(self, self->state.commit, x);
      },
      [self](const messages::spool_read& x) { return take(self, self->state.read, x); },
      [self](const messages::spool_committed& x) { answered(self, self->state.commit, x); },
      [self](const messages::spool_content& x) { answered(self, self->state.read, x); },
      [self](caf::tick_atom) { look(self); },
  };
}

} // namespace senseflow::actors
