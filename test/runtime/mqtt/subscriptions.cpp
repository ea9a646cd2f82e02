#define CAF_SUITE runtime.mqtt.subscriptions
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::mqtt_version;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;
using strings = std::vector<std::string>;

namespace {

runtime::mqtt_options subscriber_of(const mosquitto_broker& b, std::string filter, bool no_local = false) {
  auto o = options_for(b.port());
  o.client_id = "subscriber";
  o.subscriptions = {{std::move(filter), 1, no_local}};
  o.keeps_session = true;
  return o;
}

bool subscribe(publisher& p) {
  const auto before = p.events.count(kind::subscribed);
  return p.connect_again() &&
         p.events.wait_for(*p.client, [&](const auto&) { return p.events.count(kind::subscribed) > before; });
}

void send(publisher& p, uint64_t token, const messages::mqtt_message& m) {
  CAF_REQUIRE(p.publish(token, m) == publish_result::sent);
  CAF_CHECK(p.outcome(token).what == kind::delivered);
}

strings payloads(const publisher& p) {
  strings result;
  for (const auto& e : p.events.all)
    if (e.message) result.push_back(e.message->payload.str());
  return result;
}

bool receives(publisher& p, size_t n) {
  return p.events.wait_for(*p.client, [&](const auto&) { return payloads(p).size() >= n; });
}

uint64_t discarded(const publisher& p, const std::string& reason) {
  uint64_t n = 0;
  for (const auto& e : p.events.all)
    if (e.what == kind::discarded && e.text == reason) n += e.token;
  return n;
}

} // namespace

CAF_TEST(a subscriber gets what others publish and with no local not its own) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311}) {
    mosquitto_broker broker;
    auto o = subscriber_of(broker, "c/+", true);
    o.version = version;
    publisher a{o}, b{options_for(broker.port())};
    CAF_REQUIRE(b.connect());
    send(b, 1, {"c/kept", "0", 1, true});
    CAF_REQUIRE(subscribe(a));
    send(a, 1, {"c/1", "mine", 1});
    send(b, 2, {"c/1", "1", 1});
    send(b, 3, {"other", "2", 1});
    send(b, 4, {"c/2", "3", 1});
    const auto all = version == mqtt_version::v5 ? strings{"0", "1", "3"} : strings{"0", "mine", "1", "3"};
    CAF_REQUIRE(receives(a, all.size()));
    CAF_CHECK_EQUAL(payloads(a), all);
    for (const auto& e : a.events.all)
      if (e.message) CAF_CHECK_EQUAL(e.message->retain, e.message->topic.str() == "c/kept");
    CAF_CHECK_EQUAL(a.events.count(kind::unsolicited), 0u);
  }
}

CAF_TEST(what came while no process was there is received first) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311})
    for (bool in_order : {true, false}) {
      mosquitto_broker broker;
      publisher b{options_for(broker.port())};
      CAF_REQUIRE(b.connect());
      auto o = subscriber_of(broker, "c/+");
      o.version = version;
      {
        publisher a{o};
        CAF_REQUIRE(subscribe(a));
        if (in_order) a.client->disconnect(std::chrono::seconds(5));
      }
      for (uint64_t i = 1; i <= 50; ++i) send(b, i, {"c/1", std::to_string(i), 1});
      publisher a{o};
      CAF_REQUIRE(subscribe(a));
      send(b, 51, {"c/1", "51", 1});
      CAF_REQUIRE(receives(a, 51));
      const auto all = payloads(a);
      CAF_CHECK_EQUAL(all.size(), 51u);
      for (size_t i = 0; i < all.size(); ++i) CAF_CHECK_EQUAL(all[i], std::to_string(i + 1));
    }
}

CAF_TEST(a subscription outlives restarts of the broker) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  publisher a{subscriber_of(broker, "c/+")}, b{o};
  CAF_REQUIRE(subscribe(a));
  for (uint64_t i = 1; i <= 2; ++i) {
    CAF_REQUIRE(b.connect_again());
    send(b, i, {"c/1", std::to_string(i), 1});
    CAF_REQUIRE(receives(a, i));
    broker.kill();
    CAF_REQUIRE(a.events.wait_for(*a.client,
                                  [&](const auto&) { return a.events.count(kind::connection_lost) == i; }));
    CAF_REQUIRE(b.events.wait_for(*b.client,
                                  [&](const auto&) { return b.events.count(kind::connection_lost) == i; }));
    broker.start();
    CAF_REQUIRE(subscribe(a));
  }
}

CAF_TEST(messages that are too large or too many are discarded and told) {
  mosquitto_broker broker;
  auto third = options_for(broker.port());
  third.client_id = "third";
  publisher a{subscriber_of(broker, "c/+")}, b{options_for(broker.port())}, c{third};
  CAF_REQUIRE(subscribe(a));
  CAF_REQUIRE(b.connect());
  CAF_REQUIRE(c.connect());
  send(b, 1, {"c/1", std::string(runtime::mqtt_largest_received + 1, 'x'), 1});
  send(b, 2, {"c/1", std::string(runtime::mqtt_largest_received, 'x'), 1});
  send(b, 3, {"c/1", std::string(10'000'000, 'x'), 1}); // this one the broker keeps from us
  CAF_REQUIRE(receives(a, 1));
  CAF_CHECK_EQUAL(discarded(a, "too_large"), 1u);
  a.events.all.clear();
  c.publish_all(runtime::mqtt_most_received + 200, [](uint64_t) {
    return messages::mqtt_message{"c/1", "y", 1};
  });
  CAF_CHECK(eventually([&] { // nobody takes them meanwhile
    a.events.take(*a.client);
    return payloads(a).size() + discarded(a, "queue_full") == runtime::mqtt_most_received + 200;
  }));
  CAF_CHECK(discarded(a, "queue_full") > 0);
  CAF_CHECK_EQUAL(a.events.count(kind::connection_lost), 0u);
}

CAF_TEST(a broker that refuses a subscription is told) {
  for (auto version : {mqtt_version::v5, mqtt_version::v311}) {
    rude_broker broker;
    broker.answer_subscriptions(version == mqtt_version::v5 ? 0x87 : 0x80);
    auto o = options_for(broker.port());
    o.version = version;
    o.subscriptions = {{"c/+"}, {"d/+"}};
    publisher a{o};
    CAF_REQUIRE(a.connect());
    CAF_CHECK(a.events.wait_for(*a.client,
                                [&](const auto&) { return a.events.count(kind::subscription_denied) > 1; }));
    for (const auto& e : a.events.all)
      if (e.what == kind::subscription_denied)
        CAF_CHECK(
            contains(e.text, "refuses the subscription to \"" + o.subscriptions.at(e.token).filter + "\""));
    CAF_CHECK_EQUAL(a.events.count(kind::subscribed), 0u);
  }
}

CAF_TEST(a subscriber gets more messages over one connection than there are packet numbers) {
  mosquitto_broker broker;
  publisher a{subscriber_of(broker, "c/+")}, b{options_for(broker.port())};
  CAF_REQUIRE(subscribe(a));
  CAF_REQUIRE(b.connect());
  constexpr uint64_t n = 70'000;
  uint64_t next = 1, got = 0;
  CAF_CHECK(eventually(
      [&] {
        while (next <= n && next < got + 500 &&
               b.client->publish(next, {"c/1", std::to_string(next), 1}, {}) == publish_result::sent)
          ++next;
        b.client->take_events();
        for (const auto& e : a.client->take_events())
          if (e.message) ++got;
        return got == n;
      },
      std::chrono::seconds(60)));
  CAF_MESSAGE("received " << got << " of " << n);
}

CAF_TEST(what comes with a message of MQTT 5 is received and so is the correlation of what we publish) {
  mosquitto_broker broker;
  publisher a{subscriber_of(broker, "c/+")}, b{options_for(broker.port())};
  CAF_REQUIRE(subscribe(a));
  CAF_REQUIRE(b.connect());
  child_process pub{{"mosquitto_pub",
                     "-V",
                     "5",
                     "-p",
                     std::to_string(broker.port()),
                     "-t",
                     "c/1",
                     "-m",
                     "1",
                     "-q",
                     "1",
                     "-D",
                     "publish",
                     "response-topic",
                     "c/answer",
                     "-D",
                     "publish",
                     "correlation-data",
                     "me 1",
                     "-D",
                     "publish",
                     "user-property",
                     "name",
                     "value",
                     "-D",
                     "publish",
                     "user-property",
                     "long",
                     std::string(300, 'x')}};
  CAF_REQUIRE(pub.wait() == 0);
  CAF_REQUIRE(receives(a, 1));
  runtime::publish_properties p;
  p.correlation = std::string_view("\0me", 3);
  CAF_REQUIRE(b.client->publish(1, {"c/2", "2", 1, false, 0, true}, p) == publish_result::sent);
  CAF_REQUIRE(receives(a, 2));
  std::vector<std::shared_ptr<const runtime::mqtt_received>> all;
  for (const auto& e : a.events.all)
    if (e.message) all.push_back(e.message);
  CAF_CHECK_EQUAL(all[0]->response_topic, "c/answer");
  CAF_CHECK_EQUAL(all[0]->correlation, "me 1");
  CAF_CHECK((all[0]->user == std::map<std::string, std::string>{{"name", "value"}}));
  CAF_CHECK_EQUAL(all[0]->qos, 1);
  CAF_CHECK_EQUAL(all[1]->response_topic, "");
  CAF_CHECK_EQUAL(all[1]->correlation, std::string("\0me", 3));
  CAF_CHECK((all[1]->user == std::map<std::string, std::string>{{"schema", "1"}}));
}
