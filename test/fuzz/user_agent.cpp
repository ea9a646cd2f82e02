// User agents: any bytes give names and versions that are part of the text or known, and can be published.
#include "messages/rules/user_agent.hpp"
#include "messages/encode/user_event.hpp"
#include "messages/text/text.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/rich_options.hpp"

using namespace senseflow;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = fuzz::to_text(data, size);
  const auto agent = messages::parse_user_agent(text);
  fuzz::require(agent.browser_major_version.find_first_not_of("0123456789") == std::string::npos,
                "a major version is one number", agent.browser_major_version);
  for (const auto* x : {&agent.os_version, &agent.browser_major_version})
    fuzz::require(x->size() <= text.size(), "a version is part of the text", *x);
  if (!messages::is_utf8(text)) return 0;
  messages::user_event event;
  event.message = "UserAgent: '" + messages::cleaned(text, 1000) + "'";
  const auto result = encode_user_event(event, fuzz::sites().front().user_events, fuzz::apps());
  const auto* out = fuzz::check_result(result, messages::item_class::user_event);
  fuzz::require(out != nullptr, "the event is published");
  fuzz::check_json(out->messages.front().payload.view());
  return 0;
}
