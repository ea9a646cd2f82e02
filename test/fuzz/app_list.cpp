// App lists of the repository: whatever they hold, events that name an app can be published.
#include "messages/encode/log_event.hpp"
#include "messages/encode/user_event.hpp"
#include "messages/items/app_names.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

using namespace senseflow;

namespace {

constexpr const char* app_id = "2933711d-6638-41d4-a2d2-6dd2d965208b";

messages::user_event user_event() {
  messages::user_event out;
  out.context = std::string{"/app/"} + app_id;
  return out;
}

messages::log_event performance_event() {
  messages::qix_perf_log body;
  body.raw_app_id = app_id;
  messages::log_event out;
  out.source = messages::log_source::qix_perf;
  out.body = body;
  return out;
}

void check_payloads(const messages::encoded& result, messages::item_class cls) {
  if (const auto* out = fuzz::check_result(result, cls)) fuzz::each_payload(*out, [](const auto&, auto) {});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = fuzz::to_text(data, size);
  const auto apps = messages::parse_app_list(body);
  fuzz::check_agreement(body, apps.reason != "invalid_json");
  if (!apps.value) {
    fuzz::require(apps.reason == "invalid_json" || apps.reason == "not_an_array",
                  "the reason for rejecting is known", apps.reason);
    return 0;
  }
  static const auto user = user_event();
  static const auto performance = performance_event();
  for (const auto& site : fuzz::sites()) {
    check_payloads(encode_user_event(user, site.user_events, *apps.value), messages::item_class::user_event);
    check_payloads(encode_log_event(performance, site.log_events, *apps.value),
                   messages::item_class::log_event);
  }
  return 0;
}
