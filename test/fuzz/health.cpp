// Bodies of the engine's healthcheck, encoded in both layouts for a server with an odd name.
#include "messages/encode/health.hpp"
#include "messages/items/health_sample.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

using namespace senseflow;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = fuzz::to_text(data, size);
  auto sample = messages::parse_health(body);
  fuzz::check_agreement(body, sample.reason != "invalid_json");
  if (!sample) {
    fuzz::require(sample.reason == "invalid_json" || sample.reason == "not_an_object",
                  "the reason for rejecting is known", sample.reason);
    return 0;
  }
  sample->server = "sense/+#\xc2\x85";
  sample->host = "/a//b#";
  sample->tags = {{"host", "a"}, {"", "\xff"}};
  for (const auto& site : fuzz::sites()) {
    const auto result = messages::encode_health(*sample, site.health);
    const auto* out = fuzz::check_result(result, messages::item_class::health);
    fuzz::require(out != nullptr, "health is published");
    fuzz::require(fuzz::check_json(out->messages.back().payload.view()).is_object(),
                  "the document is an object", out->messages.back().payload.view());
  }
  return 0;
}
