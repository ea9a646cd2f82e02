#define CAF_SUITE runtime.mqtt.stuck
#include "test/support/unit_test.hpp"

#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/tcp_proxy.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::mqtt_version;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

// Over 3.1.1 a broker can only end the connection over a packet that is too large for it.
CAF_TEST(a message over which every connection ends is given up and a new session goes on) {
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_packet_size 2000"}}};
  auto o = options_for(broker.port());
  o.version = mqtt_version::v311;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  messages::mqtt_message large;
  large.topic = "a";
  large.payload = std::string(5000, 'x');
  large.qos = 2;
  CAF_REQUIRE(p.publish(1, large) == publish_result::sent);
  int connections = 1;
  while (p.events.count(kind::failed) == 0 && connections < 10) {
    CAF_REQUIRE(p.events.wait_for(*p.client, [&](const auto&) {
      return p.events.count(kind::connection_lost) == static_cast<size_t>(connections);
    }));
    CAF_REQUIRE(p.events.connect(*p.client));
    ++connections;
  }
  CAF_CHECK_EQUAL(p.events.count(kind::failed), 1u);
  CAF_CHECK(connections <= 4);
  messages::mqtt_message small;
  small.topic = "a";
  small.payload = "x";
  small.qos = 1;
  // A connection may still be reported as lost: then there is another one, as the publisher does it.
  uint64_t token = 1;
  CAF_CHECK(eventually([&] {
    if (p.publish(token + 1, small) == publish_result::sent)
      ++token;
    else
      p.connect_again();
    return p.events.wait_for(*p.client, kind::delivered, std::chrono::seconds(1));
  }));
}

CAF_TEST(a session with more on its way than a socket takes is completed) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  publisher p(options_for(proxy.port()));
  CAF_REQUIRE(p.connect());
  proxy.freeze(tcp_proxy::way::to_client);
  const auto before = proxy.bytes_to_server();
  const std::string large(200'000, 'x');
  for (uint64_t i = 1; i <= 60; ++i) CAF_CHECK(p.publish(i, {"t", large, 2}) == publish_result::sent);
  CAF_REQUIRE(eventually([&] { return proxy.bytes_to_server() >= before + 60 * large.size(); }));
  proxy.cut();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.settled(), 0u);
  proxy.thaw();
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.events.wait_for(*p.client, [&](const auto&) { return p.events.count(kind::delivered) == 60; }));
}

CAF_TEST(a connection that is given up ends like a lost one) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  p.client->drop("not even connected");
  CAF_REQUIRE(p.connect());
  broker.freeze();
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
  p.client->drop("enough");
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.events.text(kind::connection_lost), "enough");
  CAF_CHECK_EQUAL(p.settled(), 1u);
  CAF_CHECK(p.publish(2, {"t", "y", 1}) == publish_result::not_connected);
  broker.thaw();
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.publish(2, {"t", "y", 1}) == publish_result::sent);
  CAF_CHECK(p.outcome(2).what == kind::delivered);
}
