// Datagrams to the port of log events: parsed, encoded, and the payload holds what was parsed.
#include "messages/items/log_event.hpp"
#include "messages/encode/log_event.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

#include <cmath>

using namespace senseflow;

namespace {

bool same(const nlohmann::json& json, const std::string& x) { return json == x; }
bool same(const nlohmann::json& json, double x) { return std::isfinite(x) ? json == x : json.is_null(); }

template <class Shape>
void check_fields(const Shape& shape, const nlohmann::json& json, std::string_view payload) {
  for (const auto& field : fields_of(shape)) {
    if (field.kind == messages::field_kind::hidden) continue;
    const std::string name{field.name};
    const bool equal =
        std::visit([&](auto member) { return same(json.at(name), shape.*member); }, field.member);
    fuzz::require(equal, "the payload has the event's " + name, payload);
  }
}

void check_payload(const messages::log_event& event, const nlohmann::json& json, std::string_view payload) {
  fuzz::require(json.at("source") == messages::to_string_view(event.source), "the source is named", payload);
  std::visit([&](const auto& shape) { check_fields(shape, json, payload); }, event.body);
  fuzz::require(!json.contains("category") || json["category"].is_array(), "categories are a list", payload);
  fuzz::require(json.at("tags").is_object(), "tags are an object", payload);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto event = messages::parse_log_event(fuzz::to_text(data, size));
  if (!event.value) {
    fuzz::require(event.reason == "unknown_source", "the reason for rejecting is known", event.reason);
    return 0;
  }
  for (const auto& site : fuzz::sites()) {
    const auto result = messages::encode_log_event(*event.value, site.log_events, fuzz::apps());
    if (const auto* out = fuzz::check_result(result, messages::item_class::log_event))
      fuzz::each_payload(*out,
                         [&](const auto& json, auto payload) { check_payload(*event.value, json, payload); });
  }
  return 0;
}
