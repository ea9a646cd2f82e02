// Bodies of the proxies' session lists, encoded in both layouts for virtual proxies with odd names.
#include "messages/encode/sessions.hpp"
#include "messages/items/session_sample.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

using namespace senseflow;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = fuzz::to_text(data, size);
  auto sample = messages::parse_sessions(body);
  fuzz::check_agreement(body, sample.reason != "invalid_json");
  if (!sample) {
    fuzz::require(sample.reason == "invalid_json" || sample.reason == "not_an_array",
                  "the reason for rejecting is known", sample.reason);
    return 0;
  }
  sample->server = "sense/+#";
  sample->host = "a b";
  for (const char* proxy : {"/", "/a//b+/\xc2\x9f"}) {
    sample->virtual_proxy = proxy;
    for (const auto& site : fuzz::sites()) {
      const auto result = messages::encode_sessions(*sample, site.sessions);
      const auto* out = fuzz::check_result(result, messages::item_class::sessions);
      fuzz::require(out != nullptr, "sessions are published");
      const auto list = fuzz::check_json(out->messages.front().payload.view());
      fuzz::require(list.size() == sample->sessions.size(), "every session is published", body);
      // Where nlohmann reads the body at all, what is published is the same value.
      const auto original = fuzz::read_json(body);
      fuzz::require(original.is_discarded() || body.find('\0') != std::string_view::npos || list == original,
                    "sessions come out as they came", body);
      if (out->messages.size() == 1) continue;
      const auto document = fuzz::check_json(out->messages.back().payload.view());
      fuzz::require(document.at("count") == document.at("sessions").size(), "sessions are counted",
                    out->messages.back().payload.view());
    }
  }
  return 0;
}
