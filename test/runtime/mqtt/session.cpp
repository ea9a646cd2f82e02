#define CAF_SUITE runtime.mqtt.session
#include "test/support/unit_test.hpp"

#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"

#include <chrono>
#include <map>
#include <random>
#include <set>

using namespace senseflow;
using namespace senseflow::test;
using runtime::mqtt_version;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

// Publishes `n` messages with unique payloads while their connection is cut at random moments, `cuts` times;
// what fails is published again, as the outbox does. Returns how many were.
size_t publish_over_cuts(publisher& p, tcp_proxy& proxy, uint64_t n, int cuts,
                         const std::function<messages::mqtt_message(uint64_t)>& message) {
  std::minstd_rand random(4711);
  std::uniform_int_distribution<uint64_t> gap(1, 2 * n / static_cast<uint64_t>(cuts + 1));
  std::map<uint64_t, uint64_t> number_of; // token -> message
  std::set<uint64_t> again;               // the oldest first
  uint64_t token = 0, next = 1, delivered = 0, next_cut = gap(random);
  size_t repeated = 0, seen = p.events.all.size(), lost = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (delivered < n && std::chrono::steady_clock::now() < deadline) {
    for (;;) {
      if (again.empty() && next > n) break;
      const auto number = again.empty() ? next : *again.begin();
      if (p.publish(token + 1, message(number)) != publish_result::sent) break;
      number_of[++token] = number;
      if (again.empty())
        ++next;
      else
        again.erase(again.begin());
      if (cuts > 0 && token >= next_cut) {
        next_cut += gap(random);
        --cuts;
        proxy.cut();
      }
    }
    p.events.wait_for(
        *p.client, [&](const auto& all) { return all.size() > seen; }, std::chrono::milliseconds(200));
    bool reconnect = false;
    for (; seen < p.events.all.size(); ++seen) {
      const auto& e = p.events.all[seen];
      if (e.what == kind::delivered) ++delivered;
      if (e.what == kind::failed) ++repeated;
      if (e.what == kind::failed || e.what == kind::unsent) again.insert(number_of.at(e.token));
      if (e.what == kind::connection_lost) {
        ++lost;
        reconnect = true;
      }
      if (e.what == kind::connect_failed || e.what == kind::try_again) reconnect = true;
    }
    if (reconnect) p.client->connect();
  }
  CAF_CHECK_EQUAL(delivered, n);
  CAF_MESSAGE(lost << " connections lost, " << repeated << " messages published again");
  CAF_CHECK(lost > 3u);
  return repeated;
}

void deliver_over_cuts(uint8_t qos, mqtt_version version) {
  constexpr uint64_t n = 4'000;
  mosquitto_broker broker;
  subscriber seen(broker.port());
  tcp_proxy proxy(broker.port());
  auto o = options_for(proxy.port());
  o.version = version;
  publisher p(o);
  CAF_REQUIRE(p.connect());
  const std::string filling(300, 'x');
  const auto repeated = publish_over_cuts(p, proxy, n, 8, [&](uint64_t i) {
    return messages::mqtt_message{"t", std::to_string(i) + " " + filling, qos};
  });
  if (qos == 2) CAF_CHECK_EQUAL(repeated, 0u);
  std::set<std::string> distinct; // a count would be reached by copies of the first ones
  size_t read = 0;
  CAF_CHECK(seen.wait_for([&](const auto& all) {
    for (; read < all.size(); ++read) distinct.insert(all[read].payload);
    return distinct.size() >= n;
  }));
  std::map<uint64_t, int> copies;
  uint64_t last = 0, disorder = 0;
  for (const auto& m : seen.messages()) {
    const auto i = std::stoull(m.payload);
    if (++copies[i] == 1 && i < last) ++disorder;
    last = std::max<uint64_t>(last, i);
  }
  for (uint64_t i = 1; i <= n; ++i)
    if (copies.count(i) == 0) CAF_MESSAGE("message " << i << " is missing");
  CAF_CHECK_EQUAL(copies.size(), n);
  CAF_CHECK_EQUAL(disorder, 0u);
  CAF_CHECK(seen.count() - n <= repeated); // each duplicate is one that we know of
  CAF_MESSAGE(seen.count() - n << " copies too many");
}

} // namespace

CAF_TEST(qos 2 arrives exactly once and in order over cut connections) {
  deliver_over_cuts(2, mqtt_version::v5);
}

CAF_TEST(qos 1 arrives in order over cut connections and what fails is sent again) {
  deliver_over_cuts(1, mqtt_version::v5);
}

CAF_TEST(qos 2 arrives exactly once with mqtt 3 1 1) { deliver_over_cuts(2, mqtt_version::v311); }

CAF_TEST(what is on its way stays there over a lost connection and is completed by the next) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  publisher p(options_for(proxy.port()));
  CAF_REQUIRE(p.connect());
  CAF_CHECK(!p.events.connack().session_present);
  proxy.freeze(tcp_proxy::way::to_client);
  const auto before = proxy.bytes_to_server();
  const std::string filling(1'000, 'x');
  for (uint64_t i = 1; i <= 10; ++i) CAF_CHECK(p.publish(i, {"t", filling, 2}) == publish_result::sent);
  CAF_REQUIRE(eventually([&] { return proxy.bytes_to_server() >= before + 10 * filling.size(); }));
  proxy.cut();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.settled(), 0u);
  CAF_CHECK(p.publish(11, {"t", "11", 2}) == publish_result::not_connected);
  proxy.thaw();
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.events.connack().session_present);
  CAF_CHECK(p.events.wait_for(*p.client, [&](const auto&) { return p.events.count(kind::delivered) == 10; }));
  CAF_CHECK_EQUAL(p.events.count(kind::failed), 0u);
}

CAF_TEST(when the broker has lost the session everything has failed before the next connection) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  broker.freeze();
  const std::string large(100'000, 'x'); // more than a socket takes: some stay in Paho's queue
  for (uint64_t i = 1; i <= 60; ++i) CAF_CHECK(p.publish(i, {"old", large, 2}) == publish_result::sent);
  broker.kill();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.settled(), p.events.count(kind::unsent));
  CAF_CHECK(p.settled() > 0u);
  broker.start();
  subscriber seen(broker.port());
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK_EQUAL(p.settled(), 60u);
  CAF_CHECK(p.events.count(kind::failed) > 0u);
  CAF_CHECK(p.events.all.back().what == kind::connected);
  CAF_CHECK(p.publish(61, {"new", "x", 1}) == publish_result::sent);
  CAF_REQUIRE(seen.wait_for_topic("new"));
  CAF_CHECK_EQUAL(seen.count(), 1u);
}

CAF_TEST(of qos 0 what was being written fails with the connection and the rest is unsent) {
  mosquitto_broker broker;
  publisher p(options_for(broker.port()));
  CAF_REQUIRE(p.connect());
  broker.freeze();
  const std::string large(1'000'000, 'x');
  for (uint64_t i = 1; i <= 20; ++i) CAF_CHECK(p.publish(i, {"t", large, 0}) == publish_result::sent);
  broker.kill();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK_EQUAL(p.events.count(kind::failed), 1u);
  CAF_CHECK_EQUAL(p.settled(), 20u);
}

CAF_TEST(with mqtt 3 1 1 the session of a former process is removed first) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  auto o = options_for(proxy.port());
  o.version = mqtt_version::v311;
  {
    publisher former(o);
    CAF_REQUIRE(former.connect());
    CAF_CHECK(former.publish(1, {"t", "x", 2}) == publish_result::sent);
    proxy.cut(); // no word of leave, as from a killed process
  }
  publisher p(o);
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.events.count(kind::try_again) > 0u);
  CAF_CHECK(!p.events.connack().session_present);
  CAF_CHECK(p.publish(1, {"t", "y", 2}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
}

CAF_TEST(an orderly stop ends the session and a new process finds none) {
  mosquitto_broker broker;
  const auto o = options_for(broker.port());
  for (int i = 0; i < 2; ++i) {
    publisher p(o);
    CAF_REQUIRE(p.connect());
    CAF_CHECK(!p.events.connack().session_present);
    p.client->disconnect(std::chrono::seconds(5));
  }
  subscriber_options as_us; // would find it
  as_us.port = broker.port();
  as_us.client_id = o.client_id;
  subscriber seen(as_us);
  CAF_CHECK_EQUAL(seen.resumed(), 0u);
}
