#define CAF_SUITE runtime.mqtt.dismissal
#include "test/support/unit_test.hpp"

#include "test/support/free_port.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using runtime::mqtt_version;
using runtime::publish_result;
using ending = rude_broker::ending;
using kind = runtime::mqtt_event::kind;

namespace {

struct how {
  std::string bytes; // of the DISCONNECT
  const char* words; // in the event's text
  std::optional<ending> end;
  std::chrono::milliseconds later{0};
};

const std::vector<how> all{
    {std::string("\xe0\x02\x8b\x00", 4), "shutting down", ending::fin},
    {std::string("\xe0\x02\x8b\x00", 4), "shutting down", ending::rst},
    {std::string("\xe0\x02\x8b\x00", 4), "shutting down", ending::fin, 300ms},
    {std::string("\xe0\x01\x8b", 2 + 1), "shutting down", ending::rst, 300ms},
    {std::string("\xe0\x00", 2), "without giving a reason", ending::fin},
    {std::string("\xe0\x00", 2), "without giving a reason", {}},
    {disconnect(0x8e), "another client connected with the same client id", ending::fin},
    {disconnect(0x97), "quota", ending::fin},
    {disconnect(0x98), "administrator", {}},
    {disconnect(0x9a), "retained", ending::rst},
    {disconnect(0x9d, {{}, {{mqtt_properties::server_reference, "elsewhere:1883"}}}), "elsewhere:1883",
     ending::fin},
    {std::string("\xe0\x05\x8b", 3), "", ending::fin}, // cut off
    {"", "was lost", ending::fin},
    {"", "was lost", ending::rst},
};

rude_broker::reaction after_the_answer(const how& x) {
  rude_broker::reaction r;
  r.bytes = x.bytes;
  r.end = x.end;
  r.end_delay = x.later;
  return r;
}

} // namespace

CAF_TEST(a connection that the broker ends is found at once whatever it says) {
  for (const auto& x : all) {
    rude_broker broker;
    broker.on_publish([&x](const rude_broker::seen_message& m) {
      return m.connection == 1 ? after_the_answer(x) : rude_broker::reaction{};
    });
    publisher p(options_for(broker.port()));
    CAF_REQUIRE(p.connect());
    CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::sent);
    CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost, 3s));
    CAF_MESSAGE(p.events.text(kind::connection_lost));
    CAF_CHECK(contains(p.events.text(kind::connection_lost), x.words));
    CAF_CHECK_EQUAL(p.settled(), 1u);
    if (&x != &all.front() && &x != &all.back()) continue; // connecting takes Paho a second
    CAF_REQUIRE(p.connect_again());
    CAF_CHECK(p.publish(2, {"t", "y", 1}) == publish_result::sent);
    CAF_CHECK(p.outcome(2).what == kind::delivered);
  }
}

CAF_TEST(a broker that answers no pings is told from one that hangs up) {
  rude_broker broker;
  broker.answer_pings(false);
  auto o = options_for(broker.port());
  o.keep_alive = 1s;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK(contains(p.events.text(kind::connection_lost), "does not answer pings"));
  CAF_CHECK(p.events.all.back().blame == runtime::mqtt_blame::none);
  CAF_REQUIRE(p.connect_again());
  p.events.all.clear();
  broker.end(ending::fin);
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK(contains(p.events.text(kind::connection_lost), "was lost"));
  CAF_CHECK(p.events.all.back().blame == runtime::mqtt_blame::likely);
}

CAF_TEST(a connection that ends for a reason of its own is hardly the fault of what it carried) {
  for (auto code : {0x00, 0x89, 0x8b, 0x8d, 0x8e, 0x97, 0x98, 0x9c, 0xa0, 0x87, 0x95}) {
    rude_broker broker;
    publisher p(options_for(broker.port()));
    CAF_REQUIRE(p.connect());
    broker.send(disconnect(static_cast<uint8_t>(code)));
    CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost, 3s));
    const auto expected =
        code == 0x87 || code == 0x95 ? runtime::mqtt_blame::likely : runtime::mqtt_blame::perhaps;
    CAF_CHECK(p.events.all.back().blame == expected);
  }
}

CAF_TEST(an attempt that the broker ends is found at once whatever it says) {
  for (size_t i = 1; i < all.size(); i += 3) {
    const auto& x = all[i];
    rude_broker broker;
    broker.on_connect([&x](const rude_broker::seen_connect& c) {
      auto r = after_the_answer(x);
      r.answer = false;
      return c.connection == 1 ? r : rude_broker::reaction{};
    });
    auto o = options_for(broker.port());
    o.version = mqtt_version::v5;
    publisher p(o);
    p.client->connect();
    CAF_REQUIRE(p.events.wait_for(*p.client, kind::connect_failed, 3s));
    CAF_MESSAGE(p.events.text(kind::connect_failed));
    CAF_CHECK_EQUAL(contains(p.events.text(kind::connect_failed), x.words), !x.bytes.empty());
  }
}

CAF_TEST(another broker is tried when the first sends its clients away) {
  rude_broker first, second;
  first.on_connect(
      [](const auto&) { return rude_broker::reaction{true, 0, 0ms, disconnect(0x8b), ending::fin, 0ms}; });
  auto o = options_for(first.port());
  o.further_brokers = {{"127.0.0.1", second.port()}};
  publisher p(o);
  p.client->connect();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost, 3s));
  first.stop_listening();
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(second.wait_for_connects(1));
}

CAF_TEST(a broker that always claims to know the session is no reason to connect again and again) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311}) {
    rude_broker broker;
    broker.set_connack({}, true);
    auto o = options_for(broker.port());
    o.version = version;
    publisher p(o);
    CAF_REQUIRE(p.connect());
    CAF_CHECK(p.events.count(kind::try_again) <= 1u); // it might be one of a former process
    CAF_CHECK(p.publish(1, {"t", "x", 2}) == publish_result::sent);
    CAF_CHECK(p.outcome(1).what == kind::delivered);
  }
}

CAF_TEST(what is on its way when the broker ends the connection is reported and the session goes on) {
  rude_broker broker;
  broker.set_connack({}, true);
  broker.on_publish([](const rude_broker::seen_message& m) {
    rude_broker::reaction r;
    r.answer = m.connection > 1;
    return r;
  });
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  for (uint64_t i = 1; i <= 4; ++i)
    CAF_CHECK(p.publish(i, {"t", "x", uint8_t(1 + i % 2)}) == publish_result::sent);
  CAF_REQUIRE(broker.wait_for_messages(4));
  broker.send(disconnect(0x8b));
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost, 3s));
  CAF_CHECK_EQUAL(p.events.count(kind::failed), 2u);
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.events.wait_for(*p.client, [&](const auto&) { return p.events.count(kind::delivered) == 2; }));
}
