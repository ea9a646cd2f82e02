#define CAF_SUITE messages.encode.log_event

#include "test/support/unit_test.hpp"

#include "messages/encode/log_event.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace senseflow::messages;

namespace {

log_event some_event(const std::string& source = "engine", const std::string& subsystem = "System.X") {
  auto x = *parse_log_event("/qseow-" + source + "/;1;;;WARN;h;" + subsystem + ";u;text");
  x.received = caf::timestamp{caf::timespan{1'700'000'000'123'000'000}};
  return x;
}

log_event_options everything_on() {
  log_event_options x;
  x.sources = {true, true, true, true, true};
  x.base.topic = "log";
  x.subsystem_base.topic = "log";
  x.performance.enable = true;
  x.performance.all_apps.enable = true;
  return x;
}

std::vector<std::string> topics(const log_event& event, const log_event_options& options) {
  std::vector<std::string> out;
  const auto result = encode_log_event(event, options, {});
  if (const auto* x = std::get_if<publication>(&result))
    for (const auto& m : x->messages) out.push_back(m.topic.str());
  return out;
}

std::string reason(const log_event& event, const log_event_options& options) {
  const auto result = encode_log_event(event, options, {});
  return std::holds_alternative<filtered>(result) ? std::string{std::get<filtered>(result).reason}
                                                  : "published";
}

std::string payload(const log_event& event, const log_event_options& options, const app_names& apps = {}) {
  return std::get<publication>(encode_log_event(event, options, apps)).messages.at(0).payload.str();
}

using list = std::vector<std::string>;

} // namespace

CAF_TEST(an event goes to the base and to its subsystem with one shared payload) {
  const auto out = std::get<publication>(encode_log_event(some_event(), everything_on(), {}));
  CAF_CHECK(out.cls == item_class::log_event);
  CAF_CHECK_EQUAL(out.origin.str(), "h");
  CAF_REQUIRE_EQUAL(out.messages.size(), 2u);
  CAF_CHECK_EQUAL(out.messages[1].topic.str(), "log/system/x");
  CAF_CHECK(out.messages[0].payload.pointer() == out.messages[1].payload.pointer());
}

CAF_TEST(each topic has its switch) {
  auto options = everything_on();
  options.source_topics[static_cast<size_t>(log_source::engine)] = {"log/engine", true};
  CAF_CHECK(topics(some_event(), options) == list({"log", "log/system/x", "log/engine"}));
  CAF_CHECK(topics(some_event("proxy"), options) == list({"log", "log/system/x"}));
  options.base.topic = shared_text{};
  options.subsystem_base.topic = shared_text{};
  CAF_CHECK(topics(some_event(), options) == list({"log/engine"}));
  CAF_CHECK_EQUAL(reason(some_event("proxy"), options), "no_topic");
}

CAF_TEST(an event without a subsystem goes to the base once) {
  auto options = everything_on();
  CAF_CHECK(topics(some_event("engine", ""), options) == list({"log"}));
  CAF_CHECK(topics(some_event("engine", "..."), options) == list({"log"}));
  options.base.topic = shared_text{};
  CAF_CHECK(topics(some_event("engine", ""), options) == list({"log"}));
}

CAF_TEST(keys stand in the order of the fields) {
  auto options = everything_on();
  options.tags_json = R"({"a":"b"})";
  CAF_CHECK_EQUAL(
      payload(some_event("proxy"), options),
      R"({"source":"qseow-proxy","log_row":1,"ts_iso":"","ts_local":"","level":"WARN","host":"h",)"
      R"("subsystem":"System.X","windows_user":"u","message":"text","exception_message":"",)"
      R"("user_directory":"","user_id":"","command":"","result_code":"","origin":"","context":"",)"
      R"("user_full":"","tags":{"a":"b"}})");
}

CAF_TEST(topics of the documented layout get the time of arrival) {
  auto options = everything_on();
  options.delivery.retain = true;
  options.subsystem_base.documented = true;
  const auto out = std::get<publication>(encode_log_event(some_event(), options, {}));
  const auto first = nlohmann::json::parse(out.messages[0].payload.str());
  auto second = nlohmann::json::parse(out.messages[1].payload.str());
  CAF_CHECK(!first.contains("timestamp"));
  CAF_CHECK_EQUAL(second["timestamp"].get<std::string>(), "2023-11-14T22:13:20.123Z");
  second.erase("timestamp");
  CAF_CHECK(first == second);
  CAF_CHECK(!out.messages[0].retain);
  CAF_CHECK(out.messages[1].retain);
}

CAF_TEST(a source that is off is filtered) {
  auto options = everything_on();
  options.sources[static_cast<size_t>(log_source::proxy)] = false;
  CAF_CHECK_EQUAL(reason(some_event("proxy"), options), "source_disabled");
  CAF_CHECK_EQUAL(reason(some_event("engine"), options), "published");
}

CAF_TEST(categories come before the tags and may drop the event) {
  auto options = everything_on();
  category_rule dropping{{"WARN"}, true, {}, {{text_match::contains, "text"}}};
  options.categorise =
      category_rules{{{{"WARN"}, false, {{"c", "x"}}, {{text_match::starts_with, "te"}}}}, {}};
  const auto text = payload(some_event(), options);
  CAF_CHECK(text.find(R"("category":[{"name":"c","value":"x"}],"tags":{}})") != std::string::npos);
  options.categorise = category_rules{{dropping}, {}};
  CAF_CHECK_EQUAL(reason(some_event(), options), "categorise_drop");
  CAF_CHECK_EQUAL(reason(some_event("qix-perf"), options), "published");
}

CAF_TEST(performance events are filtered and named) {
  auto options = everything_on();
  auto event = some_event("qix-perf");
  auto& perf = std::get<qix_perf_log>(event.body);
  perf.app_id = perf.raw_app_id = "a";
  app_names apps;
  apps.add("a", "Sal\nes");
  CAF_CHECK(payload(event, options, apps).find(R"("app_id":"a","app_name":"","request_id":-99,)") !=
            std::string::npos);
  options.app_name_lookup = true;
  CAF_CHECK(payload(event, options, apps).find(R"("app_id":"a","app_name":"Sales",)") != std::string::npos);
  CAF_CHECK(payload(event, options, apps).find(R"("process_time":null,)") != std::string::npos);
  CAF_CHECK(payload(event, options, apps).find("raw_app_id") == std::string::npos);
  options.performance.all_apps.exclude = {{{}, "Sales"}};
  CAF_CHECK(std::holds_alternative<filtered>(encode_log_event(event, options, apps)));
  CAF_CHECK_EQUAL(reason(some_event("engine"), options), "published");
}

CAF_TEST(whether the rules let an event pass can be asked without regard to topics) {
  auto options = everything_on();
  auto event = some_event("qix-perf");
  std::get<qix_perf_log>(event.body).raw_app_id = "a";
  app_names apps;
  apps.add("a", "Sales");
  options.base.topic = options.subsystem_base.topic = "";
  CAF_CHECK_EQUAL(reason(event, options), "no_topic");
  CAF_CHECK(accepts(options, event, apps));
  options.app_name_lookup = true;
  CAF_CHECK_EQUAL(app_name_of("a", options, apps), "Sales");
  CAF_CHECK_EQUAL(app_name_of("b", options, apps), "");
  options.performance.all_apps.exclude = {{{}, "Sales"}};
  CAF_CHECK(!accepts(options, event, apps));
  CAF_CHECK(accepts(options, event, {}));
  CAF_CHECK(accepts(options, some_event(), apps));
  options.sources[0] = false;
  CAF_CHECK(!accepts(options, some_event(), apps));
}
