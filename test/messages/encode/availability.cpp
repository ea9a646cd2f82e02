#define CAF_SUITE messages.encode.availability

#include "test/support/unit_test.hpp"

#include "messages/encode/availability.hpp"

#include <string>

using namespace senseflow::messages;

namespace {

availability_sample failing() {
  availability_sample x;
  x.server = "sense/1";
  x.host = "host1";
  x.timestamp = caf::timestamp{caf::timespan{1'700'000'000'123'000'000}};
  x.state = server_state::offline;
  x.since = caf::timestamp{caf::timespan{1'699'999'999'000'000'000}};
  x.api = "health";
  x.error = "http_status";
  x.http_status = 503;
  x.last_good_poll = caf::timestamp{caf::timespan{1'699'999'990'000'000'000}};
  return x;
}

} // namespace

CAF_TEST(the document says what fails and since when) {
  const auto out = std::get<publication>(encode_availability(failing(), {"base/", true, {1, true, 0}}));
  CAF_CHECK(out.cls == item_class::availability);
  CAF_CHECK_EQUAL(out.origin.str(), "sense/1");
  CAF_CHECK_EQUAL(out.replaces.str(), "availability/sense/1");
  CAF_REQUIRE_EQUAL(out.messages.size(), 1u);
  CAF_CHECK_EQUAL(out.messages[0].topic.str(), "base/health/sense_1/status");
  CAF_CHECK_EQUAL(
      out.messages[0].payload.str(),
      R"({"server":"sense/1","host":"host1","timestamp":"2023-11-14T22:13:20.123Z","state":"offline",)"
      R"("since":"2023-11-14T22:13:19.000Z","api":"health","error":"http_status","httpStatus":503,)"
      R"("lastGoodPoll":"2023-11-14T22:13:10.000Z"})");
  CAF_CHECK_EQUAL(static_cast<int>(out.messages[0].qos), 1);
  CAF_CHECK(out.messages[0].retain);
}

CAF_TEST(what there is not has no key) {
  availability_sample x;
  x.server = "s";
  const auto out = std::get<publication>(encode_availability(x, {}));
  CAF_CHECK_EQUAL(out.messages[0].payload.str(),
                  R"({"server":"s","host":"","timestamp":"1970-01-01T00:00:00.000Z","state":"online",)"
                  R"("since":"1970-01-01T00:00:00.000Z"})");
}

CAF_TEST(without the documented layout nothing is published) {
  const auto out = encode_availability(failing(), {"base/", false, {}});
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(out).reason}, "no_topic");
}

CAF_TEST(states have their names) {
  CAF_CHECK_EQUAL(std::string{to_string_view(server_state::online)}, "online");
  CAF_CHECK_EQUAL(std::string{to_string_view(server_state::degraded)}, "degraded");
  CAF_CHECK_EQUAL(std::string{to_string_view(server_state::offline)}, "offline");
}
