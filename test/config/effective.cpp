#define CAF_SUITE config.effective
#include "config/effective.hpp"

#include "test/support/unit_test.hpp"

#include <algorithm>

using namespace senseflow::config;

namespace {

std::string value(const settings& s, const std::string& path) {
  for (const auto& x : effective(s))
    if (x.path == path) return x.value;
  return "(none)";
}

} // namespace

CAF_TEST(settings have their path and their value) {
  settings s;
  s.mqtt.broker_port = 1884;
  s.user_events.udp.allowed_sources = {"10.0.0.0/8", "a, b"};
  s.monitor.servers.resize(2);
  s.monitor.servers[1].host = "sense2:4747";
  s.monitor.servers[1].tags = {{"site", "Lund"}};
  s.monitor.servers[1].user_sessions.virtual_proxies = {"/", "/sales"};
  auto port = value(s, "mqttConfig.brokerPort");
  CAF_CHECK_EQUAL(port, "1884");
  auto sources = value(s, "userEvents.udpServerConfig.allowedSources");
  CAF_CHECK_EQUAL(sources, "10.0.0.0/8, 'a, b'");
  auto host = value(s, "serversToMonitor.servers[1].host");
  CAF_CHECK_EQUAL(host, "sense2:4747");
  auto tags = value(s, "serversToMonitor.servers[1].serverTags");
  CAF_CHECK_EQUAL(tags, "site: Lund");
  auto proxy = value(s, "serversToMonitor.servers[1].userSessions.virtualProxies[1].virtualProxy");
  CAF_CHECK_EQUAL(proxy, "/sales");
}

CAF_TEST(secrets are compared but not shown) {
  settings s;
  s.mqtt.password = secret{"opensesame"};
  auto one = value(s, "mqttConfig.password");
  CAF_CHECK(one.find("opensesame") == std::string::npos);
  s.mqtt.password = secret{"another"};
  auto other = value(s, "mqttConfig.password");
  CAF_CHECK(one != other);
}
