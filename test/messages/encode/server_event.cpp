#define CAF_SUITE messages.encode.server_event

#include "test/support/unit_test.hpp"

#include "messages/encode/server_event.hpp"

#include <string>

using namespace senseflow::messages;

namespace {

const server_event restart{"sense1",
                           "host1",
                           caf::timestamp{caf::timespan{1'700'000'000'123'000'000}},
                           server_event_kind::engine_restarted,
                           "20230101T000000.000Z",
                           "20230102T000000.000Z"};

} // namespace

CAF_TEST(the document has the old and the new value) {
  const auto out = std::get<publication>(encode_server_event(restart, {"base/", true, {1, false, 60}}));
  CAF_CHECK(out.cls == item_class::server_event);
  CAF_CHECK_EQUAL(out.origin.str(), "sense1");
  CAF_CHECK_EQUAL(out.replaces.str(), "");
  CAF_REQUIRE_EQUAL(out.messages.size(), 1u);
  CAF_CHECK_EQUAL(out.messages[0].topic.str(), "base/health/sense1/event");
  CAF_CHECK_EQUAL(out.messages[0].payload.str(),
                  R"({"server":"sense1","host":"host1","timestamp":"2023-11-14T22:13:20.123Z",)"
                  R"("event":"engine_restarted","old":"20230101T000000.000Z","new":"20230102T000000.000Z"})");
  CAF_CHECK_EQUAL(static_cast<int>(out.messages[0].qos), 1);
  CAF_CHECK(!out.messages[0].retain);
  CAF_CHECK_EQUAL(out.messages[0].expiry_s, 60u);
}

CAF_TEST(a new version has its own word) {
  auto x = restart;
  x.kind = server_event_kind::version_changed;
  const auto out = std::get<publication>(encode_server_event(x, {}));
  CAF_CHECK(out.messages[0].payload.str().find(R"("event":"version_changed")") != std::string::npos);
}

CAF_TEST(without the documented layout nothing is published) {
  const auto out = encode_server_event(restart, {"base/", false, {}});
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(out).reason}, "no_topic");
}
