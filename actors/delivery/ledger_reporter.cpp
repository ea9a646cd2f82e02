#include "actors/delivery/ledger_reporter.hpp"

#include "actors/supervised.hpp"

#include <utility>

namespace senseflow::actors {

namespace {

using self_pointer = ledger_reporter_actor::stateful_pointer<ledger_reporter_state>;

messages::publication publication(const ledger_reporter_options& o, std::string payload) {
  messages::publication result;
  result.cls = messages::item_class::node;
  result.origin = o.report.node;
  result.replaces = o.topic;
  messages::mqtt_message m;
  m.topic = o.topic;
  m.payload = std::move(payload);
  m.qos = o.qos;
  m.retain = o.retain;
  result.messages.push_back(std::move(m));
  return result;
}

void no_longer_asked(self_pointer self, const caf::actor_addr& outbox) {
  auto& asked = self->state.asked;
  if (asked && asked.address() == outbox) asked = nullptr;
}

void report(self_pointer self) {
  auto& st = self->state;
  self->delayed_send(self, st.options.interval, caf::tick_atom_v);
  auto outbox = st.env->names.find_as<outbox_actor>(names::outbox);
  if (!outbox || outbox == st.asked) return; // the next time; one that has died answers no more
  std::string payload;
  if (st.options.document && st.own.with([](unaccepted_report& x) { return !x.batch; }))
    payload = st.options.document(); // not in there: it may throw
  auto batch = st.own.with([&](unaccepted_report& x) {
    if (!x.batch) {
      st.env->book.received(messages::item_class::node, st.options.report.node);
      x.batch.emplace();
      x.batch->id = {x.source, ++x.last_number};
      if (!st.options.document)
        payload = runtime::ledger_report(st.env->book, st.options.report, caf::make_timestamp());
      x.batch->publications.emplace_back(publication(st.options, std::move(payload)));
    }
    return *x.batch;
  });
  st.asked = outbox;
  auto number = batch.id.number;
  self->request(outbox, caf::infinite, std::move(batch))
      .then(
          [self, number, outbox = outbox.address()](messages::demand) {
            no_longer_asked(self, outbox);
            self->state.own.with([number](unaccepted_report& x) {
              if (x.batch && x.batch->id.number == number) x.batch.reset();
            });
          },
          [self, outbox = outbox.address()](caf::error&) { no_longer_asked(self, outbox); });
}

} // namespace

ledger_reporter_actor::behavior_type ledger_reporter(self_pointer self, context_ptr env,
                                                     ledger_reporter_options options,
                                                     std::shared_ptr<ledger_reporter_estate> own) {
  tell_crashes(self);
  self->state.env = std::move(env);
  self->state.options = std::move(options);
  self->state.own = ledger_reporter_estate::enter(own);
  self->send(self, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(self->state.own),
      [self](caf::tick_atom) { report(self); },
  };
}

} // namespace senseflow::actors
