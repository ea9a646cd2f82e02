#define CAF_SUITE system.main_flow
#include "test/support/unit_test.hpp"

#include "test/support/schema_check.hpp"
#include "test/system/own_site.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  subscriber sub{broker.port()};
};

bool is_json_with(const received_message& m, const std::vector<std::string>& keys) {
  auto x = nlohmann::json::parse(m.payload, nullptr, false);
  if (!x.is_object()) return false;
  for (const auto& k : keys)
    if (!x.contains(k)) return false;
  return true;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(main_flow_tests, fixture)

CAF_TEST(everything that a site does arrives at the broker and the ledger agrees with the subscriber) {
  system_config c;
  const auto site = start_site(directory, c, 3);
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  c.site = site.get();
  c.sessions = c.app_names = true;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());

  CAF_MESSAGE("health, sessions: both layouts");
  for (auto topic :
       {"butler-sos/127.0.0.1/mem/free", "butler-sos/127.0.0.1/cpu/total", "butler-sos/health/sense1",
        "butler-sos/health/sense3", "butler-sos/health/sense1/status", "butler-sos/127.0.0.1/usersession/hdr",
        "butler-sos/sessions/sense2/hdr"})
    CAF_CHECK(sub.wait_for_topic(topic));

  CAF_MESSAGE("user and log events");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  auto sent = bench::send_burst(g, 600);
  CAF_CHECK_EQUAL(sent.total, 600u);
  // An event's messages arrive one after the other: the last ones are waited for like the first.
  auto arrive = [&](const std::vector<std::string>& topics, size_t n) {
    return sub.wait_for([&](const auto& all) {
      size_t found = 0;
      for (const auto& m : all) found += std::find(topics.begin(), topics.end(), m.topic) != topics.end();
      return found == n;
    });
  };
  CAF_CHECK(arrive({"butler-sos/userevent"}, 100));
  CAF_CHECK(arrive({"butler-sos/userevent/session/start", "butler-sos/userevent/session/stop",
                    "butler-sos/userevent/connection/open", "butler-sos/userevent/connection/close"},
                   100));
  CAF_CHECK(arrive({"butler-sos/logevent"}, 500));
  for (auto source : {"engine", "proxy", "repository", "scheduler", "qix-perf"})
    CAF_CHECK(arrive({"butler-sos/logevent/" + std::string{source}}, 100));
  for (const auto& m : sub.messages()) {
    const auto broken = check_message(m.topic, m.payload, m.qos);
    CAF_CHECK_EQUAL(broken, "");
    if (m.topic.rfind("butler-sos/health/", 0) == 0 && m.topic.find("/status") == std::string::npos)
      CAF_CHECK(is_json_with(m, {"server", "timestamp", "cpu", "memory", "version", "started", "sessions",
                                 "users", "apps", "cache", "saturated"}));
    if (m.topic.rfind("butler-sos/sessions/", 0) == 0)
      CAF_CHECK(is_json_with(m, {"server", "timestamp", "count"}));
    if (m.topic.find("event") != std::string::npos) CAF_CHECK(is_json_with(m, {"host", "tags", "timestamp"}));
  }

  CAF_MESSAGE("state is retained for those who come later, events are not");
  subscriber late{broker.port()};
  CAF_CHECK(late.wait_for_topic("butler-sos/health/sense1"));
  CAF_CHECK(late.wait_for_topic("butler-sos/health/sense1/status"));
  CAF_CHECK_EQUAL(late.count("butler-sos/userevent"), 0u);

  CAF_MESSAGE("a clean stop, and a ledger that agrees with what arrived");
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger();
  CAF_CHECK_EQUAL(book["userevent"]["published"], 100);
  CAF_CHECK_EQUAL(book["logevent"]["published"], 500);
  auto health = book["health"]["published"].get<size_t>();
  CAF_CHECK(health >= 3);
  CAF_CHECK(sub.wait_for([&](const auto& all) {
    size_t n = 0;
    for (const auto& m : all)
      n += m.topic.rfind("butler-sos/health/", 0) == 0 && m.topic.find("/status") == std::string::npos;
    return n == health;
  }));
  for (const auto& [name, line] : book.items()) {
    CAF_MESSAGE(name << ": " << line.dump());
    CAF_CHECK_EQUAL(line["inFlight"], 0);
  }
}

CAF_TEST(the five lines of the documentation publish nothing and say what is not configured) {
  senseflow_process aut{directory, "Butler-SOS:\n  mqttConfig:\n    enable: true\n    brokerHost: 127.0.0.1\n"
                                   "    brokerPort: " +
                                       std::to_string(broker.port()) + "\n    baseTopic: butler-sos/\n"};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  for (auto text :
       {"publishing to mqtt://127.0.0.1", "health metrics: not configured", "user sessions: not configured",
        "app names: not configured", "user events: not configured", "log events: not configured"})
    CAF_CHECK(aut.says(text));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  for (const auto& m : sub.messages()) // but of itself it speaks
    CAF_CHECK(m.topic.find("/senseflow/") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
