#define CAF_SUITE config.silence
#include "test/support/unit_test.hpp"

#include "faults.hpp"

using namespace senseflow;
using test::has_warning;
using test::load_members;

namespace {

const std::string broker = "mqttConfig: {enable: true, brokerHost: b}\n";
const std::string events = "userEvents: {enable: true}\nlogEvents: {source: {engine: {enable: true}}}\n";

config::load_result expecting(const std::string& expect, const std::string& enable = "true") {
  return load_members(broker + events + "insights: {silence: {enable: " + enable + ", expect: [" + expect +
                      "]}}");
}

bool faulty(const config::load_result& x, const std::string& problem) {
  return x.faults.size() == 1 && x.faults[0].key == "Butler-SOS.insights.silence.expect" &&
         test::contains(x.faults[0].problem, problem);
}

} // namespace

CAF_TEST(services that are expected exist and are received) {
  CAF_CHECK_EQUAL(test::listed(expecting("user-events, engine").faults), "");
  CAF_CHECK(!has_warning(expecting("user-events, engine"), "insights.silence.expect", "switched off"));
  CAF_CHECK(faulty(expecting("user-events, printer"), "has 'printer', which is no service"));
  CAF_CHECK(has_warning(expecting("proxy"), "insights.silence.expect", "whose events are switched off"));
  CAF_CHECK(faulty(expecting("'sense9/engine'"), "no server has this serverName"));
  CAF_MESSAGE("what is not used does not matter");
  CAF_CHECK_EQUAL(test::listed(expecting("printer", "false").faults), "");
}

CAF_TEST(without events nothing can be missed) {
  const auto x = load_members(broker + "insights: {silence: {enable: true}}");
  CAF_CHECK(x.faults.empty());
  CAF_CHECK(has_warning(x, "insights.silence.enable", "has no effect"));
}

CAF_TEST(what is set arrives) {
  const auto x = load_members(broker + events + test::cert_section() +
                              "serversToMonitor: {servers: [{host: 'a:4747', serverName: sense1}]}\n"
                              "insights: {hosts: {WIN-1: sense1}, silence: {enable: true, after: 60000}, "
                              "clock: {enable: true, limit: 2000}}");
  CAF_CHECK_EQUAL(test::listed(x.faults), "");
  const auto& s = x.value.insights;
  CAF_REQUIRE_EQUAL(s.hosts.size(), 1u);
  CAF_CHECK_EQUAL(s.hosts[0].first + s.hosts[0].second, "WIN-1sense1");
  CAF_CHECK(s.silence.after == std::chrono::minutes(1));
  CAF_CHECK(s.clock.limit == std::chrono::seconds(2));
}
