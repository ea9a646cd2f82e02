#include "test/fuzz/documents.hpp"

#include "messages/encode/insight.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/support/schema_check.hpp"

#include <algorithm>
#include <array>

namespace senseflow::fuzz {

namespace {

using messages::insight_kind;

std::string schema_of(const messages::insight& x) {
  if (x.kind == insight_kind::sessions) return x.event ? "session-ended" : "sessions-live";
  return std::string{to_string_view(x.kind)};
}

bool is_event(const messages::insight& x, const std::string& schema) {
  return schema == "session-ended" || x.kind == insight_kind::storm || x.kind == insight_kind::performance;
}

} // namespace

nlohmann::json check_document(const std::string& schema, std::string_view text) {
  auto value = check_json(text);
  check_utf8(text, "a document");
  const auto broken = test::check_value(schema, value);
  require(broken.empty(), "a document is as " + schema + ".json says: " + broken, text);
  return value;
}

nlohmann::json check_insight(const messages::insight& x, size_t max_bytes) {
  const auto schema = schema_of(x);
  require(x.event == is_event(x, schema), "events and states are told apart", x.topic);
  require(x.payload.size() <= max_bytes, "a document is within its limit",
          std::to_string(x.payload.size()) + " " + x.payload);
  const auto cls = x.event ? messages::item_class::insight_event : messages::item_class::insight;
  check_result(messages::encode_insight(x, {"base/", {1, true, 0}, {1, false, 0}}), cls);
  return check_document(schema, x.payload);
}

void check_alarm(const messages::insights::alarm& x) {
  constexpr std::array<std::string_view, 4> ids{"service_silent", "datagrams_missing", "clock_skewed",
                                                "memory_runaway"};
  require(std::find(ids.begin(), ids.end(), x.id) != ids.end(), "an alarm is of a known kind", x.id);
  for (const auto* text : {&x.subject, &x.text, &x.next}) {
    check_utf8(*text, "an alarm");
    require(!text->empty() && text->size() < 2000, "an alarm has words, and not many", *text);
    require(is_one_line(*text), "an alarm is one line", *text);
  }
}

} // namespace senseflow::fuzz
