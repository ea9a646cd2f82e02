#define CAF_SUITE messages.encode.user_event

#include "test/support/unit_test.hpp"

#include "messages/encode/user_event.hpp"

#include <string>

using namespace senseflow::messages;

namespace {

const std::string app = "2933711d-6638-41d4-a2d2-6dd2d965208b";

user_event some_event() {
  user_event x;
  x.type = "qseow-proxy-session";
  x.host = "h";
  x.command = "Start session";
  x.user_directory = "LAB";
  x.user_id = "me";
  x.origin = "Proxy";
  x.context = "/hub";
  x.message = "say \"hi\"";
  x.received = caf::timestamp{caf::timespan{1'700'000'000'123'000'000}};
  return x;
}

user_event_options two_topics() {
  user_event_options x;
  x.topics = {{{"all", false}, ""}, {{"started", false}, "Start session"}, {{"", false}, ""}};
  x.delivery = {1, true, 60};
  return x;
}

publication sent(const user_event& event, const user_event_options& options, const app_names& apps = {}) {
  const auto out = encode_user_event(event, options, apps);
  if (!std::holds_alternative<publication>(out)) CAF_FAIL(std::get<filtered>(out).reason);
  return std::get<publication>(out);
}

const std::string plain =
    R"({"messageType":"qseow-proxy-session","host":"h","command":"Start session","userDir":"LAB",)"
    R"("userId":"me","origin":"Proxy","context":"/hub","message":"say \"hi\"","tags":{}})";

} // namespace

CAF_TEST(an event goes to the topics of its command with one shared payload) {
  const auto out = sent(some_event(), two_topics());
  CAF_CHECK(out.cls == item_class::user_event);
  CAF_CHECK_EQUAL(out.origin.str(), "h");
  CAF_CHECK_EQUAL(out.replaces.str(), "");
  CAF_REQUIRE_EQUAL(out.messages.size(), 2u);
  CAF_CHECK_EQUAL(out.messages[0].topic.str(), "all");
  CAF_CHECK_EQUAL(out.messages[1].topic.str(), "started");
  CAF_CHECK_EQUAL(out.messages[0].payload.str(), plain);
  CAF_CHECK(out.messages[0].payload.pointer() == out.messages[1].payload.pointer());
}

CAF_TEST(what the reference publishes is never retained) {
  auto options = two_topics();
  options.topics[1].to.documented = true;
  const auto out = sent(some_event(), options);
  CAF_CHECK(!out.messages[0].retain);
  CAF_CHECK(out.messages[1].retain);
  CAF_CHECK_EQUAL(out.messages[0].qos, 1);
  CAF_CHECK_EQUAL(out.messages[0].expiry_s, 60u);
}

CAF_TEST(topics of the documented layout get the time of arrival) {
  auto options = two_topics();
  options.topics[0].to.documented = true;
  const auto out = sent(some_event(), options);
  auto expected = plain;
  expected.insert(expected.size() - 1, R"(,"timestamp":"2023-11-14T22:13:20.123Z")");
  CAF_CHECK_EQUAL(out.messages[0].payload.str(), expected);
  CAF_CHECK_EQUAL(out.messages[1].payload.str(), plain);
}

CAF_TEST(apps are named) {
  app_names apps;
  apps.add(app, "Sales");
  apps.add("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "");
  const auto payload = [&](const std::string& context) {
    auto event = some_event();
    event.context = context;
    const auto text = sent(event, two_topics(), apps).messages[0].payload.str();
    return text.substr(text.find("\"tags\""));
  };
  const std::string sales = R"("tags":{},"appId":")" + app + R"(","appName":"Sales"})";
  CAF_CHECK_EQUAL(payload("/app/" + app), sales);
  CAF_CHECK_EQUAL(payload("/app/" + app + "?x=1?y"), sales);
  CAF_CHECK_EQUAL(payload("/app/" + app + "/app/x"), sales);
  CAF_CHECK_EQUAL(
      payload("/app/cccccccc-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
      R"("tags":{},"appId":"cccccccc-bbbb-4ccc-8ddd-eeeeeeeeeeee","appName":"<unknown app name>"})");
  CAF_CHECK_EQUAL(payload("/app/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
                  R"("tags":{},"appId":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"})");
  for (const auto& x : {"/hub", "/app", "/app/", "/app/x", "/App/2933711d-6638-41d4-a2d2-6dd2d965208b",
                        "/app/2933711d-6638-41d4-a2d2-6dd2d965208b/sheet/x"})
    CAF_CHECK_EQUAL(payload(x), R"("tags":{}})");
}

CAF_TEST(excluded users and events without a topic are filtered) {
  auto options = two_topics();
  options.exclude.add("LAB", "me");
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(encode_user_event(some_event(), options, {})).reason},
                  "excluded_user");
  auto other = some_event();
  other.user_id = "ME";
  CAF_CHECK(std::holds_alternative<publication>(encode_user_event(other, options, {})));
  options.topics = {{{"stopped", false}, "Stop session"}};
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(encode_user_event(other, options, {})).reason}, "no_topic");
}
