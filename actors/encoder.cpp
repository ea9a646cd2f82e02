#include "actors/encoder.hpp"

#include "actors/supervised.hpp"

#include <algorithm>

namespace senseflow::actors {

namespace {

using messages::encoded;
using messages::item_class;

void end(messages::encoded_batch& out, item_class c, bool by_rule, std::string_view reason) {
  auto i = std::find_if(out.ended.begin(), out.ended.end(), [&](const auto& e) {
    return e.cls == c && e.by_rule == by_rule && e.reason == reason;
  });
  if (i == out.ended.end())
    out.ended.push_back({c, by_rule, std::string{reason}, 1});
  else
    ++i->count;
}

template <class Items, class F>
void encode_all(messages::encoded_batch& out, item_class c, const Items& items, F&& encode_one) {
  for (const auto& x : items) {
    try {
      auto result = encode_one(x);
      if (auto* p = std::get_if<messages::publication>(&result))
        out.publications.emplace_back(std::move(*p));
      else
        end(out, c, true, std::get<messages::filtered>(result).reason);
    } catch (const std::exception& e) {
      runtime::log::error("an item of class {} could not be encoded: {}", to_string_view(c), e.what());
      end(out, c, false, "encoding_failed");
    }
  }
}

} // namespace

messages::encoded_batch encode(const messages::item_batch& batch, const encoder_options& options,
                               const messages::app_names& apps) {
  messages::encoded_batch out;
  out.id = batch.id;
  out.settled_below = batch.settled_below;
  out.publications.reserve(batch.items->size());
  encode_all(out, item_class::health, batch.items->health,
             [&](const auto& x) { return messages::encode_health(x, options.health); });
  encode_all(out, item_class::sessions, batch.items->sessions,
             [&](const auto& x) { return messages::encode_sessions(x, options.sessions); });
  encode_all(out, item_class::user_event, batch.items->user_events,
             [&](const auto& x) { return messages::encode_user_event(x, options.user_events, apps); });
  encode_all(out, item_class::log_event, batch.items->log_events,
             [&](const auto& x) { return messages::encode_log_event(x, options.log_events, apps); });
  return out;
}

encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self, std::string title,
                                     std::shared_ptr<const encoder_options> options,
                                     std::shared_ptr<const app_table> apps) {
  self->state.options = std::move(options);
  self->state.apps = std::move(apps);
  log_crashes(self, std::move(title));
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::item_batch& batch) {
        return encode(batch, *self->state.options, *self->state.apps->load());
      },
  };
}

} // namespace senseflow::actors
