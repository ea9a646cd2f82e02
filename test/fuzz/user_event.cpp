// Datagrams to the port of user events: parsed, encoded, and the payload holds what was parsed.
#include "messages/items/user_event.hpp"
#include "messages/encode/user_event.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

using namespace senseflow;

namespace {

void check_payload(const messages::user_event& event, const nlohmann::json& json, std::string_view payload) {
  const auto same = [&](const char* key, const std::string& value) {
    fuzz::require(json.at(key) == value, std::string{"the payload has the event's "} + key, payload);
  };
  same("messageType", event.type);
  same("host", event.host);
  same("command", event.command);
  same("userDir", event.user_directory);
  same("userId", event.user_id);
  same("origin", event.origin);
  same("context", event.context);
  same("message", event.message);
  fuzz::require(json.at("tags").is_object(), "tags are an object", payload);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto event = messages::parse_user_event(fuzz::to_text(data, size));
  if (!event.value) {
    fuzz::require(event.reason == "unknown_source", "the reason for rejecting is known", event.reason);
    return 0;
  }
  for (const auto& site : fuzz::sites()) {
    const auto result = messages::encode_user_event(*event.value, site.user_events, fuzz::apps());
    if (const auto* out = fuzz::check_result(result, messages::item_class::user_event))
      fuzz::each_payload(*out,
                         [&](const auto& json, auto payload) { check_payload(*event.value, json, payload); });
  }
  return 0;
}
