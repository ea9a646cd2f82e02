#include "actors/encoding/encoder.hpp"

#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <iterator>

namespace senseflow::actors {

namespace {

using self_pointer = encoder_actor::stateful_pointer<encoder_state>;

constexpr uint32_t deaths_allowed = 2;
constexpr size_t most_records = 100; ///< a batch that never comes again leaves one

void append(messages::encoded_batch& to, messages::encoded_batch from) {
  to.publications.insert(to.publications.end(), std::make_move_iterator(from.publications.begin()),
                         std::make_move_iterator(from.publications.end()));
  for (auto& e : from.ended)
    for (uint64_t i = 0; i < e.count; ++i) add_ended(to.ended, e.cls, e.source.view(), e.by_rule, e.reason);
  to.ended_events.insert(to.ended_events.end(), from.ended_events.begin(), from.ended_events.end());
}

/// A batch of its own for each item, in their order.
template <class F>
void for_each_alone(const messages::item_batch& batch, F f) {
  messages::item_list::for_each_list([&](auto list) {
    for (const auto& x : (*batch.items).*list) {
      messages::item_list alone;
      (alone.*list).push_back(x);
      f(x, messages::item_batch{batch.id, messages::shared<messages::item_list>{std::move(alone)}});
    }
  });
}

messages::encoded_batch encode_one_by_one(self_pointer self, const messages::item_batch& batch) {
  auto& st = self->state;
  messages::encoded_batch result;
  result.id = batch.id;
  size_t n = 0;
  size_t dropped = 0;
  for_each_alone(batch, [&](const auto& item, const messages::item_batch& alone) {
    auto poison = st.own.with([&](encoding_suspects& s) {
      s.begin(batch.id, n);
      return s.poison(batch.id, n);
    });
    ++n;
    if (poison) {
      ++dropped;
      add_ended(result.ended, class_of(item), origin_of(item), false, "poison");
      if (const auto* event = event_of(item); event != nullptr && *event)
        result.ended_events.push_back(*event);
    } else {
      append(result, st.options.encode(alone));
    }
  });
  runtime::log::error("the encoder failed repeatedly on {} of {} items of a batch; dropping them (poison)",
                      dropped, n);
  st.env->counters.count("poison_items_total", {}, static_cast<double>(dropped));
  return result;
}

messages::encoded_batch encode(self_pointer self, const messages::item_batch& batch) {
  auto& st = self->state;
  auto suspect = st.own.with([&](encoding_suspects& s) {
    s.begin(batch.id);
    return s.suspect(batch.id);
  });
  auto result = suspect ? encode_one_by_one(self, batch) : st.options.encode(batch);
  st.own.with([&](encoding_suspects& s) { s.done(batch.id); });
  return result;
}

/// To the analyses: nobody waits for them.
void show(self_pointer self, const messages::item_batch& batch) {
  auto& st = self->state;
  switch (st.options.feed->offer(batch)) {
  case insight_feed::outcome::first:
    if (auto analyst = st.env->names.find_as<analyst_actor>(names::analyst)) self->send(analyst, wake_atom_v);
    break;
  case insight_feed::outcome::skipped:
    st.env->counters.count("insight_items_skipped_total", {}, static_cast<double>(batch.items->size()));
    break;
  case insight_feed::outcome::waits:
  case insight_feed::outcome::ignored:
    break;
  }
}

bool find_outbox(self_pointer self) {
  auto& st = self->state;
  if (st.outbox) return true;
  st.outbox = st.env->names.find_as<outbox_actor>(names::outbox);
  if (st.outbox) self->monitor(st.outbox);
  return static_cast<bool>(st.outbox);
}

} // namespace

bool encoding_suspects::blame() {
  if (!at_work_) return false;
  auto [id, item] = *at_work_;
  at_work_.reset();
  auto& r = records_[{id.source, id.number}];
  ++r.deaths;
  if (item) r.poison.insert(*item);
  if (records_.size() > most_records) records_.erase(records_.begin());
  return true;
}

bool encoding_suspects::suspect(const messages::batch_id& id) const {
  if (records_.empty()) return false;
  auto i = records_.find({id.source, id.number});
  return i != records_.end() && i->second.deaths >= deaths_allowed;
}

bool encoding_suspects::poison(const messages::batch_id& id, size_t item) const {
  auto i = records_.find({id.source, id.number});
  return i != records_.end() && i->second.poison.count(item) > 0;
}

void encoding_suspects::done(const messages::batch_id& id) {
  at_work_.reset();
  if (!records_.empty()) records_.erase({id.source, id.number});
}

encoder_actor::behavior_type encoder(self_pointer self, context_ptr env, encoder_options options,
                                     std::shared_ptr<encoder_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.work = st.env->meters.of(names::encoder);
  st.own = encoder_estate::enter(own);
  if (st.own.with([](encoding_suspects& s) { return s.blame(); }))
    st.env->counters.count("batches_retried_total");
  self->set_down_handler([self](caf::down_msg& dm) {
    auto& outbox = self->state.outbox;
    if (outbox && outbox.address() == dm.source) outbox = nullptr;
  });
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](caf::join_atom) { return messages::demand{self->state.options.window}; },
      [self](const messages::item_batch& batch) -> caf::result<messages::demand> {
        if (!find_outbox(self)) return caf::sec::request_receiver_down;
        self->state.work->batch(batch.items->size());
        auto encoded = encode(self, batch);
        if (self->state.options.feed && self->state.options.feed->is_open()) show(self, batch);
        return self->delegate(self->state.outbox, std::move(encoded));
      },
  };
}

} // namespace senseflow::actors
