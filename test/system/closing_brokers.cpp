#define CAF_SUITE system.closing_brokers
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/support/rude_broker.hpp"
#include "test/system/own_site.hpp"

#include <sys/stat.h>

#include <set>

using namespace senseflow;
using namespace senseflow::test;

// Brokers that close the connection over a message instead of refusing it, as mosquitto 2.0 does for its access
// list: what they take arrives all the same, and what they don't is named.

namespace {

struct fixture {
  temp_dir directory;
  system_config c;
  bench::generator_options g;

  fixture() {
    g.user_port = c.user_port = free_udp_port();
    g.sources = {bench::event_source::user};
    c.actors = "reconnect: {initialDelay: 50, maxDelay: 500}";
    ::chmod(directory.path().c_str(), 0755); // the broker may run as a user of its own
  }

  /// With an access list for what may be published.
  std::vector<std::string> lines(const std::vector<std::string>& topics) const {
    std::ofstream out{directory / "acl"};
    out << "topic read #\n";
    for (const auto& t : topics) out << "topic write " << t << '\n';
    out.close();
    ::chmod((directory / "acl").c_str(), 0644);
    return {"acl_file " + (directory / "acl")};
  }

  static mosquitto_broker broker_with(std::vector<std::string> more) {
    broker_options o;
    o.more = std::move(more);
    return mosquitto_broker{std::move(o)};
  }

  /// Events sent at 20 a second arrive at this topic.
  void all_arrive(senseflow_process& aut, subscriber& sub, const std::string& topic, uint64_t events,
                  std::chrono::seconds within) {
    CAF_REQUIRE(aut.says("receiving user events"));
    g.count = events;
    g.rate = 20;
    std::atomic<bool> never{false};
    CAF_REQUIRE_EQUAL(bench::run_generator(g, never).total, events);
    CAF_CHECK(eventually([&] { return sub.count(topic) >= events; }, within));
    CAF_MESSAGE(topic << ": " << sub.count(topic) << " of " << events
                      << ", connections: " << occurrences(aut.output(), "connected to the MQTT broker"));
    if (sub.count(topic) < events) CAF_MESSAGE(aut.output() << "\nand the subscriber got " << sub.count());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(closing_broker_tests, fixture)

CAF_TEST(an access list without the topics of this program lets events through) {
  auto broker = broker_with(lines({"butler-sos/userevent", "butler-sos/userevent/#"}));
  c.broker_port = broker.port();
  c.more = "  ledger: {interval: 500}\n";
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  senseflow_process aut{directory, c.text()};
  all_arrive(aut, sub, "butler-sos/userevent", 20, 30s);
  CAF_CHECK(aut.at_rest(10s));
  CAF_CHECK(aut.ledger_now()["userevent"]["dropped"].empty());
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an access list without health lets events through and says what it lacks) {
  for (std::string version : {"5", "3.1.1"}) {
    CAF_MESSAGE("MQTT " << version);
    auto broker =
        broker_with(lines({"butler-sos/userevent", "butler-sos/userevent/#", "butler-sos/senseflow/#"}));
    c.broker_port = broker.port();
    c.mqtt = "protocolVersion: '" + version + "'";
    const auto site = start_site(directory, c, 20);
    c.site = site.get();
    c.polling_ms = 1000;
    subscriber sub{{broker.port(), "butler-sos/#", 1}};
    senseflow_process aut{directory, c.text()};
    all_arrive(aut, sub, "butler-sos/userevent", 80, 60s);
    CAF_CHECK(aut.says("all topics of class ")); // which is found first depends on the moment
    CAF_CHECK(aut.at_rest(10s));
    auto book = aut.ledger_now();
    CAF_CHECK(book["userevent"]["dropped"].empty());
    CAF_CHECK(book["health"]["dropped"].contains("closes_connection") ||
              book["availability"]["dropped"].contains("closes_connection"));
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
}

CAF_TEST(a limit of sizes that nobody announces costs what is above it) {
  auto broker = broker_with({"message_size_limit 900"});
  c.broker_port = broker.port();
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  auto large = g;
  large.size = 1200;
  CAF_REQUIRE_EQUAL(bench::send_burst(large, 1).total, 1u);
  g.first_number = 1000;
  all_arrive(aut, sub, "butler-sos/userevent", 20, 60s);
  CAF_CHECK(aut.at_rest(30s));
  auto book = aut.ledger_now()["userevent"];
  CAF_CHECK_EQUAL(book["published"].get<int>(), 20);
  CAF_CHECK_EQUAL(book["dropped"].size(), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an access list without one topic of an event leaves out that topic only) {
  auto broker = broker_with(lines({"butler-sos/userevent", "butler-sos/userevent/session/stop",
                                   "butler-sos/userevent/connection/#", "butler-sos/senseflow/#"}));
  c.broker_port = broker.port();
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  senseflow_process aut{directory, c.text()};
  all_arrive(aut, sub, "butler-sos/userevent", 20, 30s);
  CAF_CHECK(aut.says("topic butler-sos/userevent/session/start"));
  CAF_CHECK(aut.at_rest(10s));
  auto book = aut.ledger_now()["userevent"];
  CAF_CHECK_EQUAL(book["published"].get<int>(), 20);
  CAF_CHECK(book["dropped"].empty());
  CAF_CHECK_EQUAL(occurrences(aut.output(), "topic butler-sos/userevent ("), 0u); // which got through
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a broker without acknowledgements that closes over a topic loses that topic only) {
  rude_broker broker;
  broker.set_connack({{{mqtt_properties::maximum_qos, 0}}, {}, {}});
  broker.on_publish([](const rude_broker::seen_message& m) {
    rude_broker::reaction r;
    if (m.packet.topic == "butler-sos/userevent/session/stop") r.end = rude_broker::ending::fin;
    return r;
  });
  c.broker_port = broker.port();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  std::atomic<bool> never{false};
  g.count = 400;
  g.rate = 20;
  g.duration = 60s;
  CAF_REQUIRE_EQUAL(bench::run_generator(g, never).total, 400u);
  CAF_CHECK(aut.at_rest(30s));
  CAF_CHECK(aut.says("over a message to topic butler-sos/userevent/session/stop ("));
  // Once from its size on, and perhaps once more whatever the size.
  CAF_CHECK_LESS(occurrences(aut.output(), "closes the connection over a message"), 3u);
  auto book = aut.ledger_now()["userevent"];
  CAF_CHECK_EQUAL(book["published"].get<int>(), 400);
  CAF_CHECK_EQUAL(book["acknowledged"].get<int>(), 0);
  const auto connections = broker.so_far().accepted;
  CAF_CHECK_LESS(connections, 15u);
  g.first_number = 1000;
  g.count = 40;
  CAF_REQUIRE_EQUAL(bench::run_generator(g, never).total, 40u);
  std::set<std::string> distinct;
  CAF_CHECK(broker.wait([&](const rude_broker::seen& s) {
    for (const auto& m : s.messages)
      if (const auto mark = mark_of(m.packet.payload);
          m.packet.topic == "butler-sos/userevent" && mark.number >= 1000)
        distinct.insert(m.packet.payload);
    return distinct.size() == 40;
  }));
  CAF_CHECK_EQUAL(broker.so_far().accepted, connections); // by now none of them ends
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
