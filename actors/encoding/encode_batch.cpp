#include "actors/encoding/encode_batch.hpp"

#include "runtime/log.hpp"

namespace senseflow::actors {

namespace {

using messages::encoded;

template <class Items, class F>
void encode_all(messages::encoded_batch& out, const messages::shared_text& node, const Items& items,
                F&& encode_one) {
  for (const auto& x : items) {
    const auto* const event = event_of(x);
    const bool has_id = event != nullptr && *event;
    auto end = [&](bool by_rule, std::string_view reason) {
      add_ended(out.ended, class_of(x), origin_of(x), by_rule, reason);
      if (has_id) out.ended_events.push_back(*event);
    };
    try {
      auto result = encode_one(x);
      if (auto* p = std::get_if<messages::publication>(&result)) {
        if (has_id) {
          p->from.node = node;
          p->from.event = to_text(*event);
        }
        out.publications.emplace_back(std::move(*p));
      } else
        end(true, std::get<messages::filtered>(result).reason);
    } catch (const std::exception& e) {
      runtime::log::error("an item of class {} could not be encoded: {}", to_string_view(class_of(x)),
                          e.what());
      end(false, "encoding_failed");
    }
  }
}

} // namespace

messages::encoded_batch encode(const messages::item_batch& batch, const encoding_options& options,
                               const messages::app_names& table) {
  static const messages::app_names none;
  const auto& apps = options.app_names ? table : none;
  messages::encoded_batch out;
  out.id = batch.id;
  out.publications.reserve(batch.items->size());
  encode_all(out, options.node, batch.items->health,
             [&](const auto& x) { return messages::encode_health(x, options.health); });
  encode_all(out, options.node, batch.items->sessions,
             [&](const auto& x) { return messages::encode_sessions(x, options.sessions); });
  encode_all(out, options.node, batch.items->user_events,
             [&](const auto& x) { return messages::encode_user_event(x, options.user_events, apps); });
  encode_all(out, options.node, batch.items->log_events,
             [&](const auto& x) { return messages::encode_log_event(x, options.log_events, apps); });
  encode_all(out, options.node, batch.items->availability,
             [&](const auto& x) { return messages::encode_availability(x, options.availability); });
  encode_all(out, options.node, batch.items->server_events,
             [&](const auto& x) { return messages::encode_server_event(x, options.server_events); });
  encode_all(out, options.node, batch.items->insights,
             [&](const auto& x) { return messages::encode_insight(x, options.insights); });
  return out;
}

} // namespace senseflow::actors
