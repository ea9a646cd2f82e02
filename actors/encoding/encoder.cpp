#include "actors/encoding/encoder.hpp"

#include "actors/supervised.hpp"
#include "runtime/log.hpp"

namespace senseflow::actors {

namespace {

using messages::encoded;

template <class Items, class F>
void encode_all(messages::encoded_batch& out, const Items& items, F&& encode_one) {
  for (const auto& x : items) {
    auto end = [&](bool by_rule, std::string_view reason) {
      add_ended(out.ended, class_of(x), origin_of(x), by_rule, reason);
    };
    try {
      auto result = encode_one(x);
      if (auto* p = std::get_if<messages::publication>(&result))
        out.publications.emplace_back(std::move(*p));
      else
        end(true, std::get<messages::filtered>(result).reason);
    } catch (const std::exception& e) {
      runtime::log::error("an item of class {} could not be encoded: {}", to_string_view(class_of(x)),
                          e.what());
      end(false, "encoding_failed");
    }
  }
}

} // namespace

messages::encoded_batch encode(const messages::item_batch& batch, const encoder_options& options,
                               const messages::app_names& table) {
  static const messages::app_names none;
  const auto& apps = options.app_names ? table : none;
  messages::encoded_batch out;
  out.id = batch.id;
  out.settled_below = batch.settled_below;
  out.publications.reserve(batch.items->size());
  encode_all(out, batch.items->health,
             [&](const auto& x) { return messages::encode_health(x, options.health); });
  encode_all(out, batch.items->sessions,
             [&](const auto& x) { return messages::encode_sessions(x, options.sessions); });
  encode_all(out, batch.items->user_events,
             [&](const auto& x) { return messages::encode_user_event(x, options.user_events, apps); });
  encode_all(out, batch.items->log_events,
             [&](const auto& x) { return messages::encode_log_event(x, options.log_events, apps); });
  encode_all(out, batch.items->availability,
             [&](const auto& x) { return messages::encode_availability(x, options.availability); });
  encode_all(out, batch.items->server_events,
             [&](const auto& x) { return messages::encode_server_event(x, options.server_events); });
  return out;
}

encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self, std::string,
                                     std::shared_ptr<const encoder_rules> rules,
                                     std::shared_ptr<const app_table> apps) {
  self->state.rules = std::move(rules);
  self->state.apps = std::move(apps);
  tell_crashes(self);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::item_batch& batch) {
        return encode(batch, *self->state.rules->load(), *self->state.apps->load());
      },
  };
}

} // namespace senseflow::actors
