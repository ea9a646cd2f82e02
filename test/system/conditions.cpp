#define CAF_SUITE system.conditions
#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/https_server.hpp"
#include "test/support/paths.hpp"
#include "test/system/system_fixture.hpp"

#include <atomic>
#include <filesystem>
#include <set>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

/// Conditions for which other suites have no cause: system.admin has those of broker and reload,
/// system.site_insights those of silence, gaps and clocks.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;
  uint16_t admin = free_port();

  fixture() {
    c.broker_port = broker.port();
    c.actors = "reconnect: {initialDelay: 50, maxDelay: 200}";
    c.more = "  node: here\n  admin: {enable: true, port: " + std::to_string(admin) + "}\n";
  }

  void use_certificates(const bench::certificate_options& o = {}) {
    bench::make_certificates(directory / "certs", o);
    c.certificates = directory / "certs";
    c.polling_ms = 500;
  }
  /// With one server; again at the same port.
  void start_site() {
    bench::site_options o;
    if (site) o.base_port = site->endpoints().front().port;
    o.certificates = directory / "certs";
    site.reset();
    site = std::make_unique<bench::site>(o);
    c.site = site.get();
  }
  void listen() {
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }

  /// Ids with their subjects.
  std::set<std::string> conditions() const {
    std::set<std::string> result;
    try {
      const auto health = json::parse(http_get(admin, "/health").body);
      for (const auto& x : health["conditions"]) {
        const auto subject = x["subject"].get<std::string>();
        result.insert(x["id"].get<std::string>() + (subject.empty() ? "" : " ") + subject);
      }
    } catch (const std::exception&) {
      return {"nobody answers"};
    }
    return result;
  }
  bool holds(const std::string& which, std::chrono::milliseconds within = 20s) const {
    if (eventually([&] { return conditions().count(which) == 1; }, within, 100ms)) return true;
    for (const auto& x : conditions()) CAF_MESSAGE("instead: " << x);
    return false;
  }
  bool none(std::chrono::milliseconds within = 20s) const {
    if (eventually([&] { return conditions().empty(); }, within, 100ms)) return true;
    for (const auto& x : conditions()) CAF_MESSAGE("still: " << x);
    return false;
  }
  bool gone(const std::string& which, std::chrono::milliseconds within = 20s) const {
    const auto good = [&] {
      const auto all = conditions();
      return all.count(which) == 0 && all.count("nobody answers") == 0;
    };
    return eventually(good, within, 100ms);
  }

  /// Somebody else does.
  void publish(const std::string& topic, const std::string& payload,
               const std::vector<std::string>& more) const {
    std::vector<std::string> call{
        "mosquitto_pub", "-V", "5", "-p", std::to_string(broker.port()), "-t", topic, "-m",
        payload,         "-q", "1"};
    call.insert(call.end(), more.begin(), more.end());
    child_process pub{call};
    CAF_REQUIRE(pub.wait() == 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(conditions_tests, fixture)

CAF_TEST(a server is offline until it answers) {
  use_certificates();
  start_site();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(none());
  site->status({1}, 503);
  CAF_CHECK(holds("server_offline sense1"));
  site->status({1}, 200);
  CAF_CHECK(none());
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(polls are late when the process has got no time) {
  use_certificates();
  start_site();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(none());
  const auto begun = std::chrono::steady_clock::now() + 3s;
  aut.process().signal(SIGSTOP);
  eventually([&] { return std::chrono::steady_clock::now() >= begun; }, 5s);
  aut.process().signal(SIGCONT);
  CAF_CHECK(holds("polls_late"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an engine runs out of memory until it has enough) {
  use_certificates();
  std::atomic<bool> grows{true};
  std::atomic<int> committed{400};
  https_server sense{
      {c.certificates + "/server.pem", c.certificates + "/server_key.pem", c.certificates + "/root.pem"},
      [&](const https_request&) {
        committed = grows ? std::min(committed + 60, 980) : 100;
        const json body{{"version", "12.2015.3"}, {"mem", {{"committed", committed.load()}, {"free", 1000}}}};
        return http_answer(200, body.dump(), "Content-Type: application/json\r\n");
      }};
  c.servers = {{"sense1", "127.0.0.1:" + std::to_string(sense.port())}};
  c.more += "  insights: {memory: {enable: true, limit: 1000}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(holds("memory_runaway sense1"));
  grows = false;
  CAF_CHECK(none());
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a certificate that expires soon is told until there is another one) {
  bench::certificate_options o;
  o.server_days = 5;
  use_certificates(o);
  start_site();
  c.more += "  insights: {certificates: {enable: true}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(holds("certificate_expires Sense server sense1"));
  use_certificates(); // a new authority, too
  start_site();
  aut.process().signal(SIGHUP);
  CAF_CHECK(none());
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a spool is almost full until a broker has taken what is in it) {
  listen();
  broker.stop();
  c.more += "  delivery: {mode: journal, spool: {path: " + (directory / "spool") + ", maxBytes: 1048576}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("receiving log events"));
  CAF_CHECK(holds("broker_away"));
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  g.rate = 1000.0 / slowdown;
  g.count = 1500;
  g.size = 900;
  g.duration = 1h;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  CAF_CHECK(holds("spool_almost_full"));
  broker.start();
  CAF_CHECK(gone("spool_almost_full"));
  CAF_CHECK(gone("broker_away"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(events of another day are a backlog until a broker has them) {
  broker.stop();
  std::filesystem::create_directories(directory / "spool");
  std::filesystem::copy_file(source_path("test/data/spool/format-1-current.sqlite"),
                             directory / "spool/spool.sqlite");
  c.more += "  delivery: {spool: {path: " + (directory / "spool") + "}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(holds("backlog"));
  broker.start();
  CAF_CHECK(gone("backlog"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(what is lost or repeats itself or was restarted often is told) {
  listen();
  c.more += "  insights: {storms: {enable: true, rate: 5}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(none());
  bench::datagram_sender to{"127.0.0.1"};
  to.send({{c.user_port, "nothing of Sense's"}});
  CAF_CHECK(holds("events_lost"));

  bench::generator_options g;
  g.log_port = c.log_port;
  g.sources = {bench::event_source::engine};
  g.hosts = 1;
  g.rate = 1000.0 / slowdown;
  g.count = 1500;
  g.duration = 1h;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  CAF_CHECK(holds("log_storm sense1"));

  const auto failed = [&] { return occurrences(aut.output(), "encoding/encoder failed ("); };
  for (size_t n = 1; n <= 4; ++n)
    CAF_REQUIRE(eventually(
        [&] {
          if (failed() < n) aut.control("crash encoding/encoder");
          return failed() >= n;
        },
        10s, 300ms));
  CAF_CHECK(holds("component_restarting encoding/encoder"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(others that use the names of this program are told) {
  use_certificates();
  start_site();
  c.mqtt = "lookAround: {namesake: true}";
  c.more += "  homeAssistant: {enable: true}\n";
  const std::string device = "homeassistant/device/senseflow_server_butler--sos_sense1/config";
  subscriber seen{broker.port()};
  seen.knows(device);
  senseflow_process aut{directory, c.text(), {"-l", "verbose"}};
  CAF_REQUIRE(aut.says("listener: subscribed to"));
  CAF_REQUIRE(seen.wait_for_topic(device));
  CAF_REQUIRE(none());
  publish("butler-sos/senseflow/here/status", "online",
          {"-D", "publish", "user-property", "instance", "fedcba9876543210-00000001"});
  CAF_CHECK(holds("name_shared"));
  publish(device, "{}", {"-r"});
  CAF_CHECK(holds("device_disputed"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
