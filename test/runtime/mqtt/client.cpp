#define CAF_SUITE runtime.mqtt.client
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/client.hpp"

#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

using namespace senseflow;
using namespace senseflow::test;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

void deliver_many(uint8_t qos) {
  constexpr uint64_t n = 20'000;
  mosquitto_broker broker;
  subscriber seen(broker.port());
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  const std::string filling(600, 'x');
  const auto began = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(
      p.publish_all(n,
                    [&](uint64_t i) {
                      return messages::mqtt_message{"many", std::to_string(i) + " " + filling, qos};
                    }),
      n);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "QoS " << int(qos) << ": " << uint64_t(n / took.count()) << " messages/s\n";
  CAF_REQUIRE(seen.wait_for_count(n, std::chrono::seconds(30)));
  CAF_CHECK_EQUAL(p.events.count(kind::delivered), n);
  uint64_t expected = 0;
  for (const auto& m : seen.messages())
    if (std::stoull(m.payload) != ++expected) CAF_FAIL("message " << expected << " is out of order");
  CAF_CHECK_EQUAL(expected, n);
}

} // namespace

CAF_TEST(20000 messages of qos 0 arrive in order through a window of 64) { deliver_many(0); }

CAF_TEST(20000 messages of qos 1 arrive in order through a window of 64) { deliver_many(1); }

CAF_TEST(a connection that is up is noticed at once) {
  mosquitto_broker broker;
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    publisher p(options_for(broker.port()));
    const auto began = std::chrono::steady_clock::now();
    CAF_REQUIRE(p.connect());
    best = std::min(best, std::chrono::steady_clock::now() - began);
  }
  CAF_CHECK(best < std::chrono::milliseconds(500)); // left to itself, Paho takes a second
}

CAF_TEST(deliveries wake nobody before they are half of a small window) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  o.window = 20; // as much as mosquitto takes
  publisher p(o);
  CAF_REQUIRE(p.connect());
  const auto before = p.events.wakes();
  for (uint64_t i = 1; i <= 9; ++i) CAF_REQUIRE(p.publish(i, {"t", "x", 1}) == publish_result::sent);
  CAF_REQUIRE(eventually([&] {
    p.events.take(*p.client);
    return p.settled() == 9;
  }));
  CAF_CHECK_EQUAL(p.events.wakes(), before);
  for (uint64_t i = 10; i <= 19; ++i) CAF_REQUIRE(p.publish(i, {"t", "x", 1}) == publish_result::sent);
  CAF_CHECK(eventually([&] { return p.events.wakes() == before + 1; }));
}

CAF_TEST(a delivery that is awaited wakes at once) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  for (uint8_t qos : {0, 1}) {
    p.events.take(*p.client);
    const auto before = p.events.wakes();
    runtime::publish_properties last;
    last.awaited = true;
    CAF_REQUIRE(p.client->publish(qos * 2u + 1, {"t", "x", qos}, {}) == publish_result::sent);
    CAF_REQUIRE(p.client->publish(qos * 2u + 2, {"t", "x", qos}, last) == publish_result::sent);
    CAF_CHECK(eventually([&] { return p.events.wakes() == before + 1; }));
    CAF_CHECK(eventually([&] {
      p.events.take(*p.client);
      return p.settled() == qos * 2u + 2;
    }));
  }
}

CAF_TEST(topic payload qos and retain arrive as given) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.client->publish(1, {"a/b", std::string("\0\xff", 2), 2, true}, {}) == publish_result::sent);
  CAF_CHECK(p.client->publish(2, {"\xc3\xa9", "", 0, false}, {}) == publish_result::sent);
  CAF_REQUIRE(p.events.wait_for(*p.client, [&](const auto&) { return p.settled() == 2; }));
  subscriber late(broker.port());
  CAF_REQUIRE(late.wait_for_count(1));
  const auto kept = late.messages().front();
  CAF_CHECK_EQUAL(kept.topic, "a/b");
  CAF_CHECK_EQUAL(kept.payload, std::string("\0\xff", 2));
  CAF_CHECK_EQUAL(kept.qos, 2);
  CAF_CHECK(kept.retain);
}

CAF_TEST(a full window takes no more until a message is done) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  o.window = 3;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  broker.freeze();
  for (uint64_t i = 1; i <= 3; ++i)
    CAF_CHECK(p.client->publish(i, {"t", "x", 1}, {}) == publish_result::sent);
  CAF_CHECK(p.client->publish(4, {"t", "x", 1}, {}) == publish_result::window_full);
  CAF_CHECK(p.client->publish(4, {"t", "x", 0}, {}) == publish_result::window_full);
  broker.thaw();
  CAF_CHECK(p.events.wait_for(*p.client, [&](const auto&) { return p.events.count(kind::delivered) == 3; }));
  CAF_CHECK(p.client->publish(4, {"t", "x", 1}, {}) == publish_result::sent);
}

CAF_TEST(what mqtt can not carry is refused) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  for (const auto& topic : {std::string(), std::string("a/+"), std::string("#"), std::string("a\0b", 3),
                            std::string("\xff\xfe"), std::string(70'000, 't')})
    CAF_CHECK(p.client->publish(1, {topic, "x", 1}, {}) == publish_result::refused);
  CAF_CHECK(p.client->publish(1, {"t", "x", 3}, {}) == publish_result::refused);
  CAF_CHECK(p.client->publish(1, {"t", std::string(268'435'455, 'x'), 0}, {}) == publish_result::refused);
  CAF_CHECK(p.client->publish(1, {"t", "x", 1}, {}) == publish_result::sent);
}

CAF_TEST(when the broker dies without a session every message ends exactly once and the loss comes last) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  o.session_expiry = std::chrono::seconds(0);
  publisher p(o);
  CAF_REQUIRE(p.connect());
  std::map<uint64_t, int> endings;
  uint64_t accepted = 0;
  accepted = p.publish_all(1'000'000, [&](uint64_t i) {
    if (i == 5000) broker.kill();
    return messages::mqtt_message{"t", "x", uint8_t(i % 2)};
  });
  CAF_REQUIRE(p.events.count(kind::connection_lost) == 1);
  CAF_CHECK(p.events.all.back().what == kind::connection_lost);
  CAF_CHECK(contains(p.events.text(kind::connection_lost), "127.0.0.1:" + std::to_string(broker.port())));
  for (const auto& e : p.events.all)
    if (e.what == kind::delivered || e.what == kind::failed) ++endings[e.token];
  CAF_CHECK_EQUAL(endings.size(), accepted);
  for (const auto& [token, n] : endings)
    if (n != 1) CAF_FAIL("message " << token << " ended " << n << " times");
  CAF_CHECK(p.client->publish(1, {"t", "x", 1}, {}) == publish_result::not_connected);
}

CAF_TEST(after a loss without a session it connects again and nothing old is sent) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  o.session_expiry = std::chrono::seconds(0);
  publisher p(o);
  CAF_REQUIRE(p.connect());
  broker.freeze();
  for (uint64_t i = 1; i <= 10; ++i)
    CAF_CHECK(p.client->publish(i, {"old", "x", 1}, {}) == publish_result::sent);
  broker.kill();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.events.count(kind::failed), 10u);
  broker.start();
  subscriber seen(broker.port());
  p.events.all.clear();
  CAF_REQUIRE(p.connect());
  CAF_CHECK(p.client->publish(11, {"new", "x", 1}, {}) == publish_result::sent);
  CAF_REQUIRE(seen.wait_for_topic("new"));
  CAF_CHECK_EQUAL(seen.count(), 1u);
}

CAF_TEST(a wrong password is reported and not shown) {
  mosquitto_broker broker({false, "sense", "right"});
  auto o = options_for(broker.port());
  o.username = "sense";
  o.password = "very-wrong";
  publisher wrong(o);
  const auto text = wrong.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "password"));
  CAF_CHECK(!contains(text, "very-wrong"));
  o.password = "right";
  publisher right(o);
  CAF_CHECK(right.connect());
}

CAF_TEST(a broker that is not there is reported with its place) {
  const auto port = free_port();
  publisher p(options_for(port));
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "127.0.0.1:" + std::to_string(port)));
  CAF_CHECK(contains(text, "can't be reached"));
  CAF_CHECK(p.client->publish(1, {"t", "x", 1}, {}) == publish_result::not_connected);
}

CAF_TEST(a broker that does not answer is reported after the time allowed) {
  mosquitto_broker broker;
  broker.freeze();
  auto o = options_for(broker.port());
  o.connect_timeout = std::chrono::seconds(1);
  publisher p(o);
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "has not answered"));
}

CAF_TEST(destroying a connecting client and one with messages on their way is safe) {
  mosquitto_broker broker;
  publisher busy(options_for(broker.port()));
  CAF_REQUIRE(busy.connect());
  broker.freeze();
  for (uint64_t i = 1; i <= 60; ++i) busy.client->publish(i, {"t", "x", uint8_t(i % 3)}, {});
  const auto began = std::chrono::steady_clock::now();
  busy.client.reset();
  for (int i = 0; i < 20; ++i) {
    publisher connecting(options_for(broker.port()));
    connecting.client->connect();
  }
  CAF_CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(1));
}
