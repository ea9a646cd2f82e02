#define CAF_SUITE runtime.mqtt.unsolicited
#include "test/support/unit_test.hpp"

#include "test/support/eventually.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::mqtt_version;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

uint64_t unsolicited(const publisher& p) {
  uint64_t n = 0;
  for (const auto& e : p.events.all)
    if (e.what == kind::unsolicited) n += e.token;
  return n;
}

} // namespace

CAF_TEST(messages that a broker sends are discarded and told and what is published goes on) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311})
    for (uint8_t qos : {0, 1}) {
      rude_broker broker;
      auto o = options_for(broker.port());
      o.version = version;
      publisher p(o);
      CAF_REQUIRE(p.connect());
      mqtt_publish m{"a\nb", std::string(20'000, 'x'), qos};
      for (uint16_t i = 1; i <= 300; ++i) {
        m.id = i;
        broker.send(publish(version == mqtt_version::v5 ? 5 : 4, m));
        if (i % 20 > 0) continue; // not more than it may keep for us
        const auto token = uint64_t(i);
        CAF_REQUIRE(p.publish(token, {"t", "x", 1}) == publish_result::sent);
        CAF_REQUIRE(p.outcome(token).what == kind::delivered);
      }
      CAF_CHECK(eventually([&] {
        p.client->watch(); // once a second, else
        p.events.take(*p.client);
        return unsolicited(p) == 300;
      }));
      CAF_CHECK(contains(p.events.text(kind::unsolicited), "(topic \"a b\")"));
      CAF_CHECK_EQUAL(p.events.count(kind::connection_lost), 0u);
    }
}

CAF_TEST(a broker that begins to send message after message and completes none is left) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311}) {
    rude_broker broker;
    auto o = options_for(broker.port());
    o.version = version;
    publisher p(o);
    CAF_REQUIRE(p.connect());
    for (uint16_t i = 1; i <= 200; ++i)
      broker.send(publish(version == mqtt_version::v5 ? 5 : 4, {"a", "x", 2, false, false, i}));
    CAF_CHECK(eventually([&] {
      p.client->watch();
      p.events.take(*p.client);
      return p.events.count(kind::connection_lost) > 0;
    }));
    CAF_CHECK(contains(p.events.text(kind::connection_lost), "does not complete them"));
    CAF_REQUIRE(p.connect_again());
    CAF_REQUIRE(p.publish(1, {"t", "x", 1}) == publish_result::sent);
    CAF_CHECK(p.outcome(1).what == kind::delivered);
    p.client->watch();
    p.events.take(*p.client);
    CAF_CHECK_EQUAL(p.events.count(kind::connection_lost), 1u);
  }
}
