#define CAF_SUITE runtime.mqtt.presence
#include "test/support/unit_test.hpp"

#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"

using namespace senseflow::test;
using namespace std::chrono_literals;
using senseflow::runtime::mqtt_version;
using senseflow::runtime::publish_result;
using ending = rude_broker::ending;
using kind = senseflow::runtime::mqtt_event::kind;

namespace {

std::vector<std::string> payloads(const subscriber& s) {
  std::vector<std::string> result;
  for (const auto& m : s.messages()) result.push_back(m.payload);
  return result;
}

const std::string status = "status";

using manners = std::function<void(rude_broker&)>;

void end_over_birth(rude_broker& broker, rude_broker::reaction how) {
  how.end = ending::fin;
  broker.on_publish([how](const rude_broker::seen_message& m) {
    return m.packet.topic == status ? how : rude_broker::reaction{};
  });
}

void end_over_will(rude_broker& broker, rude_broker::reaction how) {
  how.end = ending::fin;
  broker.on_connect(
      [how](const rude_broker::seen_connect& c) { return c.packet.will ? how : rude_broker::reaction{}; });
}

rude_broker::reaction answered_with(uint8_t code) {
  rude_broker::reaction r;
  r.code = code;
  return r;
}

rude_broker::reaction not_answered() {
  rude_broker::reaction r;
  r.answer = false;
  return r;
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

CAF_TEST(presence is told once more when that is asked for and by nobody who has none) {
  mosquitto_broker broker;
  subscriber seen(broker.port());
  auto o = options_for(broker.port());
  o.presence.topic = status;
  publisher p(o);
  p.client->announce(); // it will be told anyway
  CAF_REQUIRE(p.connect());
  p.client->watch();
  auto without = options_for(broker.port());
  without.client_id += "-2";
  publisher q(without);
  CAF_REQUIRE(q.connect());
  q.client->announce();
  q.client->watch();
  CAF_REQUIRE(seen.wait_for_count(1));
  p.client->announce();
  p.client->watch();
  p.client->watch();
  CAF_REQUIRE(seen.wait_for_count(2));
  p.client->disconnect(std::chrono::seconds(5));
  CAF_REQUIRE(seen.wait_for_count(3));
  const auto all = payloads(seen);
  CAF_CHECK_EQUAL(all, (std::vector<std::string>{"online", "online", "offline"}));
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

CAF_TEST(a broker that ends connections over presence gets all else) {
  const std::vector<std::pair<mqtt_version, manners>> all{
      {mqtt_version::v5, [](rude_broker& b) { end_over_birth(b, answered_with(0x87)); }},
      {mqtt_version::v5, [](rude_broker& b) { end_over_birth(b, not_answered()); }},
      {mqtt_version::v311, [](rude_broker& b) { end_over_birth(b, answered_with(0)); }},
      {mqtt_version::v5, [](rude_broker& b) { end_over_will(b, answered_with(0x87)); }},
      {mqtt_version::v311, [](rude_broker& b) { end_over_will(b, answered_with(5)); }},
      {mqtt_version::v5, [](rude_broker& b) { end_over_will(b, not_answered()); }},
  };
  for (const auto& [version, behave] : all) {
    rude_broker broker;
    behave(broker);
    auto o = options_for(broker.port());
    o.version = version;
    o.presence.topic = status;
    {
      publisher p(o);
      size_t token = 0;
      for (int tries = 0; tries < 10 && p.events.count(kind::delivered) == 0; ++tries) {
        if (!p.events.connect(*p.client)) continue;
        if (p.publish(++token, {"t", "x", 1}) == publish_result::sent) p.outcome(token, 2s);
      }
      CAF_CHECK(p.events.count(kind::delivered) > 0u);
      CAF_CHECK_EQUAL(p.events.count(kind::presence_denied), 1u);
      CAF_MESSAGE(p.events.text(kind::presence_denied));
      CAF_CHECK(contains(p.events.text(kind::presence_denied), "topic status, QoS 1, retained"));
    }
    const auto seen = broker.so_far();
    CAF_REQUIRE(!seen.connects.empty());
    CAF_REQUIRE(!seen.messages.empty());
    CAF_CHECK(!seen.connects.back().packet.will);
    CAF_CHECK_EQUAL(seen.messages.back().packet.topic, "t"); // no farewell either
    CAF_CHECK(seen.connects.size() <= 10u);
  }
}

CAF_TEST(a broker that refuses the presence message in words keeps its connection) {
  rude_broker broker;
  broker.on_publish([](const rude_broker::seen_message& m) {
    return m.packet.topic == status ? answered_with(0x87) : rude_broker::reaction{};
  });
  auto o = options_for(broker.port());
  o.presence.topic = status;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_CHECK(contains(p.events.text(kind::presence_denied), "not authorized"));
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
  const auto began = std::chrono::steady_clock::now();
  p.client->disconnect(5s); // waits for no answer to a farewell
  CAF_CHECK(std::chrono::steady_clock::now() - began < 3s);
}

CAF_TEST(a refused farewell is not waited for) {
  rude_broker broker;
  broker.on_publish([](const rude_broker::seen_message& m) {
    return m.packet.payload == "offline" ? answered_with(0x87) : rude_broker::reaction{};
  });
  auto o = options_for(broker.port());
  o.presence.topic = status;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  const auto began = std::chrono::steady_clock::now();
  p.client->disconnect(5s);
  CAF_CHECK(std::chrono::steady_clock::now() - began < 3s);
}

CAF_TEST(a broker that does not acknowledge presence is connected all the same) {
  rude_broker broker;
  broker.on_publish([](const rude_broker::seen_message& m) {
    return m.packet.topic == status ? not_answered() : rude_broker::reaction{};
  });
  auto o = options_for(broker.port());
  o.presence.topic = status;
  publisher p(o);
  p.client->connect();
  CAF_CHECK(eventually([&] {
    p.client->watch();
    p.events.take(*p.client);
    return p.events.count(kind::connected) == 1;
  }));
  CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
}

CAF_TEST(a broker that does not take presence for now is told again and its access list is not suspected) {
  rude_broker broker;
  auto o = options_for(broker.port());
  o.presence.topic = status;
  o.presence.again = 1s;
  broker.on_publish([](const rude_broker::seen_message& m) {
    return answered_with(m.packet.topic == status && m.packet.payload == "online" ? 0x97 : 0);
  });
  publisher p(o);
  CAF_REQUIRE(p.connect());
  const auto text = p.events.text(kind::presence_denied);
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "a quota is used up"));
  CAF_CHECK(!contains(text, "access list"));
  broker.on_publish({});
  CAF_CHECK(eventually([&] {
    p.client->watch();
    return broker.so_far().messages.back().taken;
  }));
  CAF_CHECK_EQUAL(broker.so_far().messages.back().packet.payload, "online");
  CAF_CHECK_EQUAL(broker.so_far().connects.size(), 1u);
}
