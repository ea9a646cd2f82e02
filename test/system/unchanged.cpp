#define CAF_SUITE system.unchanged
#include "test/support/unit_test.hpp"

#include "test/system/own_site.hpp"

#include <map>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

using topics = std::set<std::string>;

/// One server without sessions, all layouts. Its numbers change with each poll, but less than the deadbands.
struct fixture {
  static constexpr auto on = "onChange: {values: true, documented: true, refreshEvery: 3600000, "
                             "deadband: {cpu: 100, memory: 1048576, percent: 100}}";

  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;

  fixture() {
    site = start_site(directory, c);
    c.broker_port = broker.port();
    c.site = site.get();
    c.polling_ms = 100;
    c.more = "  layouts: {flat: true}\n";
  }

  static bool is_health(const std::string& topic) {
    return topic.find("/senseflow/") == std::string::npos && topic.find("/status") == std::string::npos &&
           topic.find("/event") == std::string::npos;
  }
  static topics health_topics(const std::vector<received_message>& xs) {
    topics result;
    for (const auto& x : xs)
      if (is_health(x.topic)) result.insert(x.topic);
    return result;
  }
  static size_t health_messages(const std::vector<received_message>& xs) {
    return static_cast<size_t>(
        std::count_if(xs.begin(), xs.end(), [](const auto& x) { return is_health(x.topic); }));
  }

  static int polls(const senseflow_process& aut) { return aut.ledger_now()["health"]["received"].get<int>(); }

  /// Messages of health while so many polls are received.
  static double messages_per_poll(const senseflow_process& aut, subscriber& seen, int wanted = 20) {
    const auto first = polls(aut);
    CAF_REQUIRE(seen.settle());
    seen.clear();
    auto last = first;
    CAF_REQUIRE(eventually([&] { return (last = polls(aut)) >= first + wanted; }, 30s, 50ms));
    CAF_REQUIRE(seen.settle());
    return static_cast<double>(health_messages(seen.messages())) / (last - first);
  }

  /// Of a poll that is published whole: it may be superseded, but not come in parts.
  static double messages_of_a_poll(const senseflow_process& aut, subscriber& seen) {
    messages_per_poll(aut, seen);
    const auto whole = seen.count("butler-sos/health/sense1/flat"); // one of them
    CAF_REQUIRE(whole > 0);
    return static_cast<double>(health_messages(seen.messages())) / static_cast<double>(whole);
  }

  /// Until all topics of the server have been there once more.
  static bool all_again(subscriber& seen, const topics& all) {
    return seen.wait_for([&](const auto& xs) { return health_topics(xs) == all; }, 20s);
  }
  /// After a connect all goes out for replay.delay.
  static bool few_again(const senseflow_process& aut, subscriber& seen, double limit) {
    double few = 0;
    const bool result = eventually([&] { return (few = messages_per_poll(aut, seen)) < limit; }, 20s);
    CAF_MESSAGE(few << " messages a poll");
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unchanged_tests, fixture)

CAF_TEST(without on change each poll is published whole and with it only what has changed) {
  double whole = 0;
  topics all;
  {
    senseflow_process aut{directory, c.text()};
    subscriber seen{broker.port()};
    CAF_REQUIRE(seen.wait_for_topic("butler-sos/health/sense1/flat"));
    whole = messages_of_a_poll(aut, seen);
    all = health_topics(seen.messages());
    CAF_CHECK_EQUAL(aut.stop(), 0);
    CAF_CHECK_EQUAL(aut.ledger()["health"]["filtered"].size(), 0u);
  }
  CAF_CHECK_EQUAL(all.size(), 24u);
  CAF_CHECK(whole > 22 && whole < 26); // a poll more or less at each end
  c.mqtt = on;
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("unchanged values and documents: published again after 3600 s"));
  subscriber seen{broker.port()};
  CAF_REQUIRE(all_again(seen, all));
  CAF_MESSAGE(whole << " messages a poll without it");
  CAF_CHECK(few_again(aut, seen, whole / 5));

  CAF_MESSAGE("a broker that has forgotten everything gets everything");
  broker.stop();
  seen.clear();
  broker.start();
  CAF_CHECK(all_again(seen, all));
  CAF_CHECK(few_again(aut, seen, whole / 5));

  CAF_MESSAGE("who asks gets everything");
  seen.clear();
  aut.process().signal(SIGHUP);
  CAF_CHECK(all_again(seen, all));
  CAF_CHECK(few_again(aut, seen, whole / 5));

  CAF_MESSAGE("switched off by a reload");
  c.mqtt = "";
  aut.configure(c.text());
  aut.process().signal(SIGHUP);
  CAF_REQUIRE(aut.says("configuration applied, settings: mqttConfig.onChange"));
  CAF_CHECK(messages_of_a_poll(aut, seen) > 22);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "connected to the MQTT broker"), 2u); // no new connection for it

  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto book = aut.ledger()["health"];
  CAF_CHECK(book["filtered"]["unchanged"] > 10);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
}

CAF_TEST(unchanged state is published again when its time has come) {
  c.mqtt = "onChange: {values: true, documented: true, refreshEvery: 2000, "
           "deadband: {cpu: 100, memory: 1048576, percent: 100}}";
  c.more += "  delivery: {mode: memory, replay: {delay: 0}}\n"; // subscribers are there
  senseflow_process aut{directory, c.text()};
  subscriber seen{broker.port()};
  const auto times = [&](const std::string& topic, size_t n) {
    const auto often = [&](const std::vector<received_message>& xs) {
      return static_cast<size_t>(
                 std::count_if(xs.begin(), xs.end(), [&](const auto& m) { return m.topic == topic; })) >= n;
    };
    return seen.wait_for(often, 20s);
  };
  CAF_CHECK(times("butler-sos/127.0.0.1/version", 3));
  CAF_CHECK(times("butler-sos/health/sense1", 3));
  CAF_CHECK(seen.count("butler-sos/127.0.0.1/version") < static_cast<size_t>(polls(aut)) / 4);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
