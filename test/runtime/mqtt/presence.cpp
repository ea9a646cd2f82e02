#define CAF_SUITE runtime.mqtt.presence
#include <caf/test/unit_test.hpp>

#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"

using namespace senseflow::test;
using kind = senseflow::runtime::mqtt_event::kind;

namespace {

std::vector<std::string> payloads(const subscriber& s) {
  std::vector<std::string> result;
  for (const auto& m : s.messages()) result.push_back(m.payload);
  return result;
}

} // namespace

CAF_TEST(presence is told before anything else and taken back at the stop) {
  mosquitto_broker broker;
  subscriber seen(broker.port());
  auto o = options_for(broker.port());
  o.presence.topic = "base/senseflow/node/status";
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == senseflow::runtime::publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
  p.client->disconnect(std::chrono::seconds(5));
  CAF_REQUIRE(seen.wait_for_count(3));
  const auto all = payloads(seen);
  CAF_CHECK_EQUAL(all, (std::vector<std::string>{"online", "x", "offline"}));
  subscriber late(broker.port());
  CAF_REQUIRE(late.wait_for_count(1));
  const auto kept = late.messages().front();
  CAF_CHECK(kept.retain);
  CAF_CHECK_EQUAL(kept.payload, "offline");
}

CAF_TEST(the broker tells of a lost connection and the next one puts it right) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  subscriber seen(broker.port());
  auto o = options_for(proxy.port());
  o.presence.topic = "status";
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_REQUIRE(seen.wait_for_count(1));
  proxy.cut();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_REQUIRE(seen.wait_for_count(2));
  CAF_REQUIRE(p.connect_again());
  CAF_REQUIRE(seen.wait_for_count(3));
  const auto all = payloads(seen);
  CAF_CHECK_EQUAL(all, (std::vector<std::string>{"online", "offline", "online"}));
}

CAF_TEST(brokers without retained messages or acknowledgements take a lesser presence) {
  for (const auto& limits :
       {std::vector<std::string>{"retain_available false"}, std::vector<std::string>{"max_qos 0"},
        std::vector<std::string>{"retain_available false", "max_qos 0"}}) {
    CAF_MESSAGE(limits.front());
    broker_options b;
    b.more = limits;
    mosquitto_broker broker(b);
    tcp_proxy proxy(broker.port());
    subscriber seen(broker.port());
    auto o = options_for(proxy.port());
    o.presence.topic = "status";
    publisher p(o);
    CAF_REQUIRE(p.connect());
    CAF_REQUIRE(seen.wait_for_count(1));
    proxy.cut();
    CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
    CAF_REQUIRE(seen.wait_for_count(2));
    const auto all = payloads(seen);
    CAF_CHECK_EQUAL(all, (std::vector<std::string>{"online", "offline"}));
  }
}
