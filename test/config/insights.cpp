#define CAF_SUITE config.insights
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

#include <string>

using namespace senseflow;
using senseflow::test::has_warning;
using senseflow::test::load_members;

namespace {

config::load_result with_proxies(const std::string& insights, const std::string& virtual_proxies,
                                 bool polled = true) {
  return load_members(
      "insights: " + insights +
      "\nuserEvents: {enable: true}\nuserSessions: {enableSessionExtract: " + (polled ? "true" : "false") +
      "}\nserversToMonitor: {servers: [{host: 'a:4747', serverName: a, userSessions: {enable: true, "
      "host: 'a:4243', virtualProxies: " +
      virtual_proxies + "}}]}");
}

bool has_fault(const config::load_result& r, const std::string& problem) {
  return test::contains(test::listed(r.faults), problem);
}

const std::string sources = "logEvents:\n"
                            "  source: {engine: {enable: true}, qixPerf: {enable: true}}\n"
                            "  enginePerformanceMonitor: {enable: true}\n";

config::load_result with(const std::string& insights, const std::string& more = sources) {
  return load_members(more + "insights: {" + insights + "}");
}

} // namespace

CAF_TEST(every analysis is off unless it is switched on) {
  const auto x = load_members("logLevel: info").value.insights;
  CAF_CHECK(!x.sessions.enable && !x.memory.enable);
}

CAF_TEST(the settings of sessions and memory are read) {
  const auto r = with_proxies(
      "{sessions: {enable: true, interval: 1000, maxSessions: 10, maxBytes: 5000, idleTimeout: "
      "60000}, memory: {enable: true, limit: 1000, horizon: 5000, threshold: 70, interval: 2000}}",
      "[{virtualProxy: /}]");
  const auto& s = r.value.insights.sessions;
  CAF_CHECK(s.enable && s.interval.count() == 1000 && s.max_sessions == 10 && s.max_bytes == 5000 &&
            s.idle_timeout.count() == 60000);
  const auto& m = r.value.insights.memory;
  CAF_CHECK(m.enable && m.limit_mb == 1000 && m.horizon.count() == 5000 && m.threshold_percent == 70 &&
            m.interval.count() == 2000);
  CAF_CHECK(!has_fault(r, "insights"));
}

CAF_TEST(a virtual proxy whose lists would go where insights go is refused) {
  for (const auto* name : {"live", "ended", "/live"}) {
    const auto proxies = std::string{"[{virtualProxy: "} + name + "}]";
    CAF_CHECK(
        has_fault(with_proxies("{sessions: {enable: true}}", proxies), "insights.sessions publishes to"));
    CAF_CHECK(
        !has_fault(with_proxies("{sessions: {enable: false}}", proxies), "insights.sessions publishes to"));
  }
}

CAF_TEST(insights without anything to look at are warned about) {
  const std::string key = "insights.sessions.enable", proxies = "[{virtualProxy: /}]";
  CAF_CHECK(
      has_warning(with_proxies("{sessions: {enable: true}}", proxies, false), key, "no server's sessions"));
  CAF_CHECK(!has_warning(with_proxies("{sessions: {enable: true}}", proxies), key, "no server's sessions"));
  const std::string broker = "mqttConfig: {enable: true, brokerHost: b";
  for (const auto* x : {"memory", "silence", "clock", "certificates"}) {
    const auto on = std::string{"}\ninsights: {"} + x + ": {enable: true}}\n";
    const auto enable = std::string{"insights."} + x + ".enable";
    CAF_CHECK(has_warning(load_members(broker + on), enable, "there is no server in serversToMonitor"));
    const auto servers = test::cert_section() + "serversToMonitor: {servers: [{host: 'a:1', serverName: a}]}";
    CAF_CHECK(!has_warning(load_members(broker + on + servers), enable, "there is no server"));
  }
  CAF_CHECK(
      !has_warning(load_members(broker + ", tls: {enable: true}}\ninsights: {certificates: {enable: true}}"),
                   "insights.certificates.enable", ""));
}

CAF_TEST(storms and digests are read and off unless they are set) {
  const auto off = with("").value.insights;
  CAF_CHECK(!off.storms.enable && !off.performance.enable);
  const auto r = with("storms: {enable: true, rate: 3, window: 5000}, "
                      "performance: {enable: true, window: 7000, publishAbove: 0, rows: 9}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  const auto& on = r.value.insights;
  CAF_CHECK(on.storms.enable && on.performance.enable);
  CAF_CHECK_EQUAL(on.storms.rate, 3u);
  CAF_CHECK_EQUAL(on.storms.window.count(), 5000);
  CAF_CHECK_EQUAL(on.performance.window.count(), 7000);
  CAF_CHECK_EQUAL(on.performance.publish_above.count(), 0);
  CAF_CHECK_EQUAL(on.performance.rows, 9u);
}

CAF_TEST(storms and digests without an effect are warned about) {
  const std::string storms = "insights.storms.enable", digests = "insights.performance.enable";
  const std::string both = "storms: {enable: true}, performance: {enable: true}";
  CAF_CHECK(has_warning(with(both, ""), storms, "has no effect"));
  CAF_CHECK(has_warning(with(both, ""), digests, "has no effect"));
  const std::string no_messages = "logEvents: {source: {qixPerf: {enable: true}}}\n";
  CAF_CHECK(has_warning(with(both, no_messages), storms, "has no effect"));
  CAF_CHECK(has_warning(with(both, no_messages), digests, "no performance events"));
  CAF_CHECK(!has_warning(with(both), storms, "has no effect"));
  CAF_CHECK(!has_warning(with(both), digests, "has no effect"));
}

CAF_TEST(limits of storms and digests are faults) {
  for (const auto* bad :
       {"storms: {enable: true, rate: 0}", "storms: {enable: true, window: 999}",
        "performance: {enable: true, window: 3600001}", "performance: {enable: true, rows: 1001}"})
    CAF_CHECK_EQUAL(with(bad).faults.size(), 1u);
}
