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

CAF_TEST(servers that are known by an address only need the names of their machines) {
  const auto named = [](const std::string& insights, const std::string& server) {
    return has_warning(load_members(broker + events + "insights: {" + insights +
                                    "}\nserversToMonitor: {serverTagsDefinition: [host], servers: [{" +
                                    server + ", serverName: s1}]}"),
                       "serversToMonitor.servers[0].host", "events name their machine");
  };
  const std::string on = "silence: {enable: true}";
  for (const auto* host : {"host: '10.0.0.1:4747'", "host: '[fd00::1]:4747'"}) {
    CAF_CHECK(named(on, host));
    CAF_CHECK(named("clock: {enable: true}", host));
    CAF_CHECK(named("sessions: {enable: true}", host));
  }
  CAF_CHECK(named(on + ", hosts: {QLIK1: s2}", "host: '10.0.0.1:4747'"));
  CAF_CHECK(named(on + ", hosts: {10.0.0.1: s1}", "host: '10.0.0.1:4747'"));
  CAF_MESSAGE("not where one is told, or nobody wants to know");
  CAF_CHECK(!named(on, "host: 'qlik1.example.com:4747'"));
  CAF_CHECK(!named(on + ", hosts: {QLIK1: s1}", "host: '10.0.0.1:4747'"));
  CAF_CHECK(!named(on, "host: '10.0.0.1:4747', serverTags: {host: QLIK1}"));
  CAF_CHECK(!named("memory: {enable: true}", "host: '10.0.0.1:4747'"));
}

CAF_TEST(no limit is shorter than a few of the looks that judge by it) {
  const auto after = [](const std::string& ms) {
    return load_members(broker + events + "insights: {silence: {enable: true, after: " + ms + "}}");
  };
  CAF_CHECK_EQUAL(test::listed(after("5000").faults), "");
  const auto x = after("4999");
  CAF_REQUIRE_EQUAL(x.faults.size(), 1u);
  CAF_CHECK_EQUAL(x.faults[0].key, "Butler-SOS.insights.silence.after");
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
