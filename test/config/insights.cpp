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
  CAF_CHECK(
      has_warning(load_members("insights: {memory: {enable: true}}"), "insights.memory.enable", "no server"));
}
