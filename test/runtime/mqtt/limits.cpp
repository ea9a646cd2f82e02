#define CAF_SUITE runtime.mqtt.limits
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/mqtt5_properties.hpp"
#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>

using namespace senseflow;
using namespace senseflow::test;
using runtime::mqtt_version;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

mosquitto_broker broker_with(std::vector<std::string> lines) {
  broker_options o;
  o.more = std::move(lines);
  return mosquitto_broker(std::move(o));
}

/// The level in a CONNECT packet: 4 is 3.1.1.
char level_of(const std::string& connect) {
  const size_t after_length = (connect.at(1) & 0x80) != 0 ? 3 : 2;
  return connect.at(after_length + 6);
}

} // namespace

CAF_TEST(both versions connect and say so) {
  mosquitto_broker broker;
  for (auto version : {mqtt_version::v5, mqtt_version::v311}) {
    auto o = options_for(broker.port());
    o.version = version;
    publisher p(o);
    CAF_REQUIRE(p.connect());
    CAF_CHECK_EQUAL(p.events.connack().mqtt5, version == mqtt_version::v5);
    CAF_CHECK(p.publish(1, {"t", "x", 2}) == publish_result::sent);
    CAF_CHECK(p.outcome(1).what == kind::delivered);
  }
}

CAF_TEST(a broker that refuses mqtt 5 or hangs up on it is spoken to in 3 1 1) {
  mosquitto_broker broker;
  tcp_proxy gate(broker.port());
  const std::string old_refusal("\x20\x02\x00\x01", 4), new_refusal("\x20\x03\x00\x84\x00", 5);
  for (const auto& answer : {old_refusal, new_refusal, std::string()}) {
    gate.set_gate([answer](const std::string& first) {
      return level_of(first) == 5 ? std::optional<std::string>(answer) : std::nullopt;
    });
    publisher p(options_for(gate.port()));
    CAF_REQUIRE(p.connect_again());
    CAF_CHECK(!p.events.connack().mqtt5);
    CAF_MESSAGE(p.events.text(kind::try_again));
    CAF_CHECK(contains(p.events.text(kind::try_again), "Trying MQTT 3.1.1"));
  }
}

CAF_TEST(the properties of a message reach its subscribers) {
  mosquitto_broker broker;
  subscriber_options with5;
  with5.port = broker.port();
  with5.version = 5;
  subscriber seen(with5);
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.publish(1, {"a", "{}", 1, false, 60, true}, {42, "sense1", 20}) == publish_result::sent);
  CAF_CHECK(p.publish(2, {"a", "x", 1}, {43, "", 0}) == publish_result::sent);
  CAF_REQUIRE(seen.wait_for_count(2));
  const auto all = seen.messages();
  CAF_CHECK_EQUAL(all[0].content_type, "application/json");
  CAF_CHECK(all[0].utf8);
  CAF_CHECK(all[0].expiry && *all[0].expiry <= 40 && *all[0].expiry > 30);
  CAF_CHECK((all[0].user ==
             std::map<std::string, std::string>{{"origin", "sense1"}, {"sequence", "42"}, {"schema", "1"}}));
  CAF_CHECK_EQUAL(all[1].content_type, "text/plain");
  CAF_CHECK(all[1].user.empty()); // a single value
  CAF_CHECK(!all[1].expiry);
}

CAF_TEST(where a message comes from in a cluster reaches its subscribers) {
  mosquitto_broker broker;
  subscriber_options with5;
  with5.port = broker.port();
  with5.version = 5;
  subscriber seen(with5);
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  const messages::provenance polled{"node-1", 4711, {}}, event{{}, 0, "0f3a-2"};
  CAF_CHECK(p.publish(1, {"a", "{}", 1}, {42, "sense1", 0, false, &polled}) == publish_result::sent);
  CAF_CHECK(p.publish(2, {"a", "x", 1}, {43, "sense1", 0, false, &event}) == publish_result::sent);
  CAF_REQUIRE(seen.wait_for_count(2));
  auto first = seen.messages()[0].user, second = seen.messages()[1].user;
  CAF_CHECK_EQUAL(first["node"], "node-1");
  CAF_CHECK_EQUAL(first["epoch"], "4711");
  CAF_CHECK_EQUAL(first.count("event"), 0u);
  CAF_CHECK_EQUAL(second["event"], "0f3a-2");
  CAF_CHECK_EQUAL(second.count("epoch"), 0u);
}

CAF_TEST(a packet of exactly the largest size passes and one byte more does not ) {
  auto broker = broker_with({"max_packet_size 1000"});
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK_EQUAL(p.events.connack().maximum_packet_size, 1000u);
  const runtime::publish_properties properties{7, "sense1", 0};
  messages::mqtt_message m{"topic", "", 1, false, 60};
  const runtime::mqtt5_properties encoded(m, properties);
  const auto rest = 1000 - runtime::publish_packet_bytes(m, true, encoded.size()) - 1; // a second length byte
  m.payload = std::string(rest, 'x');
  CAF_CHECK(p.publish(1, m, properties) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
  m.payload = std::string(rest + 1, 'x');
  CAF_CHECK(p.publish(2, m, properties) == publish_result::too_large);
}

CAF_TEST(the window is the receive maximum of the broker if that is smaller) {
  auto broker = broker_with({"max_inflight_messages 5"});
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK_EQUAL(p.events.connack().receive_maximum, 5u);
  CAF_CHECK_EQUAL(p.events.connack().window, 5u);
  broker.freeze();
  for (uint64_t i = 1; i <= 5; ++i) CAF_CHECK(p.publish(i, {"t", "x", 1}) == publish_result::sent);
  CAF_CHECK(p.publish(6, {"t", "x", 1}) == publish_result::window_full);
  CAF_CHECK(p.publish(6, {"t", "x", 0}) == publish_result::sent);
  broker.thaw();
  CAF_CHECK(p.outcome(5).what == kind::delivered);
}

CAF_TEST(a receive maximum of zero is told and another broker is tried) {
  rude_broker forbidden, good;
  forbidden.set_connack({{{mqtt_properties::receive_maximum, 0}}});
  auto o = options_for(forbidden.port());
  publisher alone(o);
  CAF_CHECK(contains(alone.failure(), "a receive maximum of 0"));
  o.further_brokers = {{"127.0.0.1", good.port()}};
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
}

CAF_TEST(what the broker does not take for now fails with a word) {
  rude_broker broker;
  broker.on_publish([](const auto&) {
    rude_broker::reaction r;
    r.code = 0x97;
    return r;
  });
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
  const auto e = p.outcome(1);
  CAF_CHECK(e.what == kind::failed);
  CAF_CHECK_EQUAL(e.text, "quota_exceeded");
}

CAF_TEST(without retained messages and high qos what is published is made to fit) {
  auto broker = broker_with({"retain_available false", "max_qos 1"});
  subscriber seen(broker.port());
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_MESSAGE(p.events.text(kind::connected));
  CAF_CHECK(contains(p.events.text(kind::connected), "keeps no retained messages"));
  CAF_CHECK(contains(p.events.text(kind::connected), "QoS 1 at most"));
  CAF_CHECK(p.publish(1, {"t", "x", 2, true}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
  CAF_REQUIRE(seen.wait_for_count(1));
  const auto got = seen.messages();
  CAF_CHECK_EQUAL(got.front().qos, 1);
}

CAF_TEST(the keep alive of the broker is taken) {
  auto broker = broker_with({"max_keepalive 10"});
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(contains(p.events.text(kind::try_again), "keep alive of 10 s"));
  CAF_CHECK(eventually([&] { return contains(broker.log(), "k10"); }));
}

CAF_TEST(what the broker does not allow is refused with a word) {
  temp_dir dir;
  std::ofstream(dir / "acl") << "topic write allowed/#\n";
  auto broker = broker_with({"acl_file " + (dir / "acl")});
  // mosquitto 2.0.11 ends the connection after it has refused a message.
  for (uint8_t qos : {1, 2}) {
    publisher p(options_for(broker.port()));
    CAF_REQUIRE(p.connect());
    CAF_CHECK(p.publish(1, {"forbidden", "x", qos}) == publish_result::sent);
    const auto e = p.outcome(1);
    CAF_CHECK(e.what == kind::refused);
    CAF_CHECK_EQUAL(e.text, "not_authorized");
  }
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.publish(1, {"allowed/a", "x", 1}) == publish_result::sent); // 0x10: nobody listens
  CAF_CHECK(p.outcome(1).what == kind::delivered);
}

CAF_TEST(
    the next broker is tried at once when the first is dead and a second client with the id is hinted at) {
  mosquitto_broker broker;
  auto o = options_for(free_port());
  o.further_brokers = {{"127.0.0.1", broker.port()}};
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_CHECK_EQUAL(p.events.connack().broker, "127.0.0.1:" + std::to_string(broker.port()));
  CAF_CHECK(contains(p.events.text(kind::try_again), "Trying 127.0.0.1:" + std::to_string(broker.port())));
  publisher other(o);
  CAF_REQUIRE(other.connect());
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_MESSAGE(p.events.text(kind::connection_lost));
  CAF_CHECK(contains(p.events.text(kind::connection_lost), "client id"));
}
