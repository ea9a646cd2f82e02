#define CAF_SUITE system.admin
#include "test/support/unit_test.hpp"

#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/prometheus_server.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/event_load.hpp"

#include <algorithm>
#include <list>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;
  uint16_t port = free_port();

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.actors = "reconnect: {initialDelay: 50, maxDelay: 500}";
    c.more = "  node: here\n" + admin("readyNeedsBroker: true");
  }

  std::string admin(const std::string& more) const {
    return "  admin: {enable: true, port: " + std::to_string(port) + ", " + more + "}\n";
  }
  http_reply get(const std::string& target) const { return http_get(port, target); }
  nlohmann::json json(const std::string& target) const { return nlohmann::json::parse(get(target).body); }
  bool has(const std::string& condition) const { return !text_of(condition).empty(); }
  /// "" where it does not hold.
  std::string text_of(const std::string& condition) const {
    const auto all = json("/health")["conditions"];
    for (const auto& x : all)
      if (x["id"] == condition) return x["text"];
    return {};
  }
  bool listening() const {
    return eventually([&] {
      try {
        return get("/ready").status == 200;
      } catch (const std::exception&) {
        return false;
      }
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admin_tests, fixture)

CAF_TEST(every scrape of a real Prometheus satisfies the equation of the ledger whatever happens) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  prometheus_server prometheus{port};
  event_load events{c, 500.0 / slowdown};
  CAF_REQUIRE(eventually([&] { return prometheus.value("senseflow_ready").value_or(0) == 1; }, 20s, 100ms));
  for (const std::string who :
       {"encoding/encoder", "delivery/outbox", "delivery/publisher-1", "ingest/log-events"})
    aut.control("crash " + who);
  CAF_CHECK(events.go_on(2s));
  broker.kill();
  CAF_CHECK(events.go_on(3s));
  broker.start();
  CAF_CHECK(events.go_on(3s));
  aut.control("crash admin/server");
  CAF_CHECK(events.go_on(2s));
  events.stop();
  CAF_CHECK(aut.at_rest(20s));
  CAF_CHECK(eventually(
      [&] {
        return prometheus.value("sum(senseflow_items_published_total{class=~\"userevent|logevent\"})")
                       .value_or(0) > 0 &&
               prometheus.value("sum(senseflow_items_pending)").value_or(1) == 0;
      },
      10s, 200ms));
  const std::string equation =
      "sum(senseflow_items_received_total) + sum(senseflow_items_recovered_total) - "
      "sum(senseflow_items_published_total) - (sum(senseflow_items_filtered_total) or vector(0)) - "
      "(sum(senseflow_items_dropped_total) or vector(0)) - sum(senseflow_items_pending)";
  CAF_CHECK_EQUAL(prometheus.value("max_over_time((" + equation + ")[1m:1s])").value_or(-1), 0);
  CAF_CHECK_EQUAL(prometheus.value("min_over_time((" + equation + ")[1m:1s])").value_or(-1), 0);
  CAF_CHECK(prometheus.value("count_over_time((" + equation + ")[1m:1s])").value_or(0) >= 8);
  CAF_CHECK(prometheus.value("max_over_time(sum(senseflow_items_pending)[1m:1s])").value_or(0) >
            0); // it was put to work
  CAF_CHECK_EQUAL(prometheus.value("sum(senseflow_actor_restarts_total)").value_or(0), 5);
  CAF_CHECK_EQUAL(prometheus.value("max(senseflow_ledger_faults_total)").value_or(-1), 0);
  CAF_CHECK(prometheus.value("senseflow_mqtt_ack_duration_seconds_count").value_or(0) > 0);
  CAF_CHECK(prometheus.value("sum(senseflow_actor_items_total{actor=\"encoding/encoder\"})").value_or(0) >
            100);
  CAF_CHECK(prometheus.value("sum(senseflow_actor_busy_seconds_total)").value_or(0) > 0);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an outage is seen within three seconds and over as soon as the broker is back) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(listening());
  CAF_CHECK(eventually([&] { return json("/api/status")["state"] == "running"; }));
  broker.stop();
  CAF_CHECK(soon([&] { return has("broker_away"); }, 3s));
  auto x = json("/api/status");
  CAF_CHECK_EQUAL(x["broker"]["connected"], false);
  CAF_CHECK(!x["broker"]["lastError"].is_null());
  CAF_CHECK_EQUAL(x["bottleneck"]["stage"], "broker");
  CAF_CHECK_EQUAL(get("/ready").status, 503);
  CAF_CHECK_EQUAL(get("/live").status, 200);
  broker.start();
  CAF_CHECK(soon([&] { return get("/ready").status == 200 && !has("broker_away"); }, 5s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a broker that takes everything and lets nothing be heard is told until it does) {
  rude_broker rude; // throws out whoever subscribes
  c.broker_port = rude.port();
  c.more += "  requests: {enable: true}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(listening());
  CAF_CHECK(eventually([&] { return has("listener_deaf"); }, 20s));
  CAF_MESSAGE(text_of("listener_deaf"));
  CAF_CHECK(!has("broker_away"));
  CAF_CHECK_EQUAL(get("/ready").status, 200);
  rude.answer_subscriptions(0x87);
  CAF_CHECK(eventually(
      [&] { return text_of("listener_deaf").find("senseflow/here/request/+\"") != std::string::npos; }, 20s));
  CAF_CHECK(text_of("listener_deaf").find(": requests. MQTT broker ") != std::string::npos);
  rude.answer_subscriptions(1);
  rude.end(rude_broker::ending::fin);
  CAF_CHECK(eventually([&] { return get("/ready").status == 200 && !has("listener_deaf"); }, 20s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(probes are quick while two hundred connections idle and the tree is saturated) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(listening());
  std::list<raw_connection> idle;
  for (int i = 0; i < 200; ++i) idle.emplace_back(port);
  event_load events{c, 20000.0 / slowdown};
  CAF_CHECK(events.go_on(1s));
  std::vector<std::chrono::steady_clock::duration> took;
  for (int i = 0; i < 41; ++i) {
    const auto began = std::chrono::steady_clock::now();
    CAF_CHECK_EQUAL(get("/live").status, 200);
    took.push_back(std::chrono::steady_clock::now() - began);
  }
  std::sort(took.begin(), took.end());
  CAF_MESSAGE("half within " << std::chrono::duration<double>(took[20]).count() << " s, all within "
                             << std::chrono::duration<double>(took.back()).count() << " s");
  CAF_CHECK(took[20] < 1s * slowdown); // behind those that idle it would be a minute
  events.stop();
  CAF_CHECK(aut.process().running());
}

CAF_TEST(a port that somebody else has keeps the service from nothing) {
  senseflow_process first{directory, c.text()};
  CAF_REQUIRE(first.ready());
  CAF_REQUIRE(listening());
  temp_dir other;
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  senseflow_process second{other, c.text()};
  CAF_CHECK(second.ready());
  CAF_CHECK(second.says("are unavailable at http://127.0.0.1:" + std::to_string(port)));
  CAF_CHECK_EQUAL(first.stop(), 0);
  CAF_CHECK(second.says("status page, probes and metrics at"));
  CAF_CHECK(listening());
  CAF_CHECK_EQUAL(occurrences(second.output(), "are unavailable"), 1u);
  CAF_CHECK_EQUAL(second.stop(), 0);
}

CAF_TEST(a crash of the server restarts it and nothing else) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(listening());
  aut.control("crash admin/server");
  CAF_CHECK(aut.says("admin/server failed"));
  CAF_CHECK(eventually([&] {
    try {
      const auto all = json("/api/status")["components"];
      return std::all_of(all.begin(), all.end(), [](const auto& x) {
        return x["state"] == "running" && x["restarts"] == (x["name"] == "admin/server" ? 1 : 0);
      });
    } catch (const std::exception&) {
      return false;
    }
  }));
  CAF_CHECK_EQUAL(occurrences(aut.output(), " failed ("), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a reload changes the server and a refused one is told) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(listening());
  aut.configure(c.text() + "  logLevel: loud\n");
  aut.process().signal(SIGHUP);
  CAF_CHECK(eventually([&] { return has("reload_failed"); }));
  const auto reload = json("/api/status")["configuration"]["lastReload"];
  CAF_CHECK_EQUAL(reload["result"], "faulty");
  CAF_CHECK(reload["text"].get<std::string>().find("logLevel") != std::string::npos);
  std::ofstream{directory / "token"} << "a-token\n";
  c.more = admin("tokenFile: " + (directory / "token"));
  aut.configure(c.text());
  aut.process().signal(SIGHUP);
  CAF_CHECK(eventually([&] {
    try {
      return get("/health").status == 401;
    } catch (const std::exception&) {
      return false;
    }
  }));
  CAF_CHECK(eventually([&] { // the status is made anew once a second
    const auto x = http_get(port, "/health", "Authorization: Bearer a-token\r\n");
    return x.status == 200 && x.body.find("reload_failed") == x.body.npos;
  }));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "a-token"), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
