#define CAF_SUITE system.brokers
#include "test/support/unit_test.hpp"

#include "test/support/free_port.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/broker_flow.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// mosquitto names the protocol of each client: p2 is MQTT 3.1.1, p5 is MQTT 5.
bool connected_with(const mosquitto_broker& broker, const std::string& protocol) {
  const auto log = broker.log();
  for (auto at = log.find(" as senseflow-"); at != std::string::npos; at = log.find(" as senseflow-", at + 1))
    if (log.substr(at, log.find('\n', at) - at).find("(" + protocol + ",") != std::string::npos) return true;
  return false;
}

struct fixture {
  temp_dir directory;
  broker_options b;
  broker_flow_options o;
  /// A second listener for the subscriber, where the first one asks for what it does not have.
  uint16_t plain_port = 0;

  fixture() { bench::make_certificates(directory / "pki"); }

  std::string pki(const std::string& name) const { return directory / "pki/" + name; }

  void use_tls() {
    b.tls_certificate_file = pki("server.pem");
    b.tls_key_file = pki("server_key.pem");
    o.mqtt = "tls: {enable: true, ca: " + pki("root.pem") + "}";
    o.sub.tls_ca_file = pki("root.pem");
  }
  void add_plain_listener() {
    plain_port = free_port();
    b.more.push_back("listener " + std::to_string(plain_port) + " 127.0.0.1");
    o.sub.port = plain_port;
    o.sub.tls_ca_file.clear();
  }
  void run(const std::string& protocol) {
    mosquitto_broker broker{b};
    o.port = broker.port();
    broker_flow flow{o};
    flow.run();
    CAF_CHECK(connected_with(broker, protocol));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(broker_tests, fixture)

CAF_TEST(mosquitto with MQTT 5) {
  o.mqtt = "protocolVersion: '5'";
  run("p5");
}

CAF_TEST(mosquitto with MQTT 3.1.1) {
  o.mqtt = "protocolVersion: '3.1.1'";
  run("p2");
}

CAF_TEST(mosquitto with a password) {
  b.allow_anonymous = false;
  b.username = o.sub.username = "senseflow";
  b.password = o.sub.password = "right";
  o.mqtt = "username: senseflow, password: right";
  run("p5");
}

CAF_TEST(mosquitto with TLS) {
  use_tls();
  run("p5");
}

CAF_TEST(mosquitto with TLS and certificates of both sides) {
  use_tls();
  b.tls_ca_file = pki("root.pem");
  b.require_certificate = true;
  add_plain_listener();
  o.mqtt = "tls: {enable: true, ca: " + pki("root.pem") + ", cert: " + pki("client.pem") +
           ", key: " + pki("client_key.pem") + "}";
  run("p5");
}

CAF_TEST(mosquitto with a websocket) {
  b.more = {"protocol websockets"};
  add_plain_listener();
  o.mqtt = "transport: websocket";
  run("p5");
}

CAF_TEST(mosquitto with a websocket and TLS) {
  use_tls();
  b.more = {"protocol websockets"};
  add_plain_listener();
  o.mqtt += ", transport: websocket";
  run("p5");
}

// Both could not be had: their documented limits, all of them at once and tighter.
CAF_TEST(a broker with the limits of HiveMQ and EMQX) {
  b.more = {"max_qos 1",        "max_inflight_messages 10", "max_packet_size 20000",
            "max_keepalive 10", "max_topic_alias 0",        "retain_available false"};
  o.mqtt = "qos: {events: 2}";
  o.retains = false;
  o.events = 300;
  mosquitto_broker broker{b};
  o.port = broker.port();
  broker_flow flow{o};
  flow.run();
  const auto log = broker.log();
  CAF_CHECK(log.find("(p5, c1, k10)") != std::string::npos); // the keep-alive that it asked for
  CAF_CHECK_EQUAL(occurrences(log, " as senseflow-"), 2u);   // once before it did, and then no more
  for (auto complaint : {"exceeded", "protocol error", "malformed", "too large"})
    CAF_CHECK_EQUAL(occurrences(log, complaint), 0u);
}

CAF_TEST(a message that is too large for the broker is dropped and counted and holds up nothing) {
  b.more = {"max_packet_size 1000"};
  mosquitto_broker broker{b};
  system_config c;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  subscriber sub{broker.port()};
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to "));
  CAF_REQUIRE(aut.says("receiving user events"));
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  for (size_t size : {0, 5000, 0}) {
    g.size = size;
    bench::send_burst(g, 5);
  }
  CAF_CHECK(sub.wait_for([](const auto& all) {
    return std::count_if(all.begin(), all.end(),
                         [](const auto& m) { return m.topic == "butler-sos/userevent"; }) == 10;
  }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger()["userevent"];
  CAF_CHECK_EQUAL(book["received"], 15);
  CAF_CHECK_EQUAL(book["acknowledged"], 10);
  CAF_CHECK_EQUAL(book["dropped"]["too_large"], 5);
}

namespace {

/// Sends so many user events to the program and waits until the broker has taken them.
bool events_arrive(const system_config& c, const rude_broker& broker, size_t n) {
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  const auto taken = [](const rude_broker::seen& s) {
    return std::count_if(s.messages.begin(), s.messages.end(),
                         [](const auto& m) { return m.taken && m.packet.topic == "butler-sos/userevent"; });
  };
  const auto before = taken(broker.so_far());
  bench::send_burst(g, n);
  return broker.wait([&](const auto& s) { return taken(s) >= before + static_cast<long>(n); },
                     40s); // the longest pause between attempts is 30 s, give or take a fifth
}

system_config user_events(const rude_broker& broker) {
  system_config c;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  return c;
}

} // namespace

CAF_TEST(a broker that sends its clients away is named and found again and the stop is quick) {
  rude_broker broker;
  const auto c = user_events(broker);
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to "));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_CHECK(events_arrive(c, broker, 3));
  for (const uint8_t reason : {0x8b, 0x8e}) {
    broker.send(disconnect(reason));
    CAF_CHECK(events_arrive(c, broker, 100));
  }
  CAF_CHECK(aut.says("it is shutting down (0x8b). Reconnecting."));
  CAF_CHECK(aut.says("another client connected with the same client id"));
  broker.stop_listening();
  broker.send(disconnect(0x98));
  CAF_CHECK(aut.says("an administrator closed it (0x98)"));
  const fair_stopwatch stop;
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(stop.passed() < 4s);
}

CAF_TEST(a broker that takes connections and ends them again and again is tried less and less often) {
  rude_broker broker;
  broker.on_connect([](const auto&) {
    rude_broker::reaction r;
    r.end = rude_broker::ending::fin;
    return r;
  });
  auto c = user_events(broker);
  c.mqtt = "presence: false";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(
      !broker.wait_for_connects(7, 20s)); // after 0, 0.5, 1.5, 3.5, 7.5, 15.5 s, and Paho takes its time
  CAF_CHECK(broker.so_far().connects.size() >= 4u);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "was lost: "), 1u);
  broker.on_connect({});
  CAF_CHECK(events_arrive(c, broker, 10));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(proxies of the environment are not used) {
  const auto nowhere = "http://127.0.0.1:" + std::to_string(free_port());
  for (const auto* name : {"http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"})
    ::setenv(name, nowhere.c_str(), 1);
  rude_broker broker;
  const auto c = user_events(broker);
  senseflow_process aut{directory, c.text()};
  for (const auto* name : {"http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"}) ::unsetenv(name);
  CAF_REQUIRE(aut.says("connected to "));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_CHECK(events_arrive(c, broker, 3));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(two programs of one machine have client ids of their own that last) {
  const auto id_in = [](const std::string& spool) {
    temp_dir own;
    rude_broker broker;
    auto c = user_events(broker);
    c.more = "  delivery: {spool: {path: " + spool + "}}\n";
    senseflow_process aut{own, c.text()};
    CAF_REQUIRE(broker.wait_for_connects(1));
    CAF_CHECK_EQUAL(aut.stop(), 0);
    return broker.so_far().connects.front().packet.client_id;
  };
  const auto one = id_in(directory / "one"), other = id_in(directory / "other"),
             again = id_in(directory / "one");
  CAF_MESSAGE(one);
  CAF_CHECK_EQUAL(one, again);
  CAF_CHECK_NOT_EQUAL(one, other);
}

CAF_TEST_FIXTURE_SCOPE_END()
