#define CAF_SUITE system.site_insights
#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/schema_check.hpp"
#include "test/system/system_fixture.hpp"

#include <atomic>
#include <cmath>
#include <ctime>
#include <map>
#include <set>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

/// Events of two machines, ten of each kind a second, as long as they are not told to be silent.
class machines {
public:
  explicit machines(const system_config& c) : thread_([this, c] { send(c); }) {}
  ~machines() {
    stop_ = true;
    thread_.join();
  }

  std::atomic<bool> m1_users{true}, m2{true};
  std::atomic<uint64_t> losses{0}; ///< engine events of M1 that are to get lost

private:
  void send(const system_config& c) {
    bench::datagram_sender to{"127.0.0.1"};
    uint64_t row = 0;
    for (uint64_t n = 0; !stop_; ++n) {
      bench::event_options m1, other;
      m1.host = "M1";
      other.host = "m2";
      while (losses > 0) --losses, ++row;
      std::vector<bench::outgoing> all{
          {c.log_port, bench::make_log_event(bench::event_source::engine, row++ % 9999, m1)}};
      if (m1_users) all.push_back({c.user_port, bench::make_user_event(n, m1)});
      if (m2) all.push_back({c.user_port, bench::make_user_event(n, other)});
      to.send(all);
      std::this_thread::sleep_for(100ms);
    }
  }

  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct fixture {
  temp_dir directory;
  std::unique_ptr<mosquitto_broker> broker;
  std::unique_ptr<bench::site> site;
  std::unique_ptr<subscriber> reader;
  system_config c;
  uint16_t admin = free_port();

  fixture() {
    bench::certificate_options o;
    o.server_days = 5;
    bench::make_certificates(directory / "certs", o);
  }
  void start(broker_options b = {}) {
    const bool tls = !b.tls_certificate_file.empty();
    broker = std::make_unique<mosquitto_broker>(b);
    bench::site_options o;
    o.servers = 2;
    o.certificates = directory / "certs";
    site = std::make_unique<bench::site>(o);
    subscriber_options s;
    s.port = broker->port();
    if (tls) s.tls_ca_file = directory / "certs/root.pem";
    reader = std::make_unique<subscriber>(s);
    c.broker_port = broker->port();
    c.site = site.get();
    c.certificates = directory / "certs";
    c.polling_ms = 500;
  }
  std::string with(const std::string& insights) {
    auto x = c;
    x.more = "  insights: {" + insights + "}\n  admin: {enable: true, port: " + std::to_string(admin) + "}\n";
    return x.text();
  }
  /// The newest on a topic.
  json newest(const std::string& topic) {
    const auto all = reader->messages();
    for (auto i = all.rbegin(); i != all.rend(); ++i)
      if (i->topic == "butler-sos/" + topic) return json::parse(i->payload, nullptr, false);
    return {};
  }
  template <class F>
  bool says(const std::string& topic, F f, std::chrono::milliseconds within = 30s) {
    const auto ok = eventually(
        [&] {
          const auto x = newest(topic);
          return x.is_object() && f(x);
        },
        within, 50ms);
    if (!ok) CAF_MESSAGE(topic << ": " << newest(topic).dump());
    return ok;
  }
  std::set<std::string> conditions() {
    std::set<std::string> result;
    const auto health = json::parse(http_get(admin, "/health").body);
    for (const auto& x : health["conditions"])
      result.insert(x["id"].get<std::string>() + ' ' + x["subject"].get<std::string>());
    return result;
  }
  bool condition(const std::string& which) {
    return eventually([&] { return conditions().count(which) == 1; }, 10s, 100ms);
  }
  /// 0 if there is none.
  double metric(const std::string& line) {
    const auto text = http_get(admin, "/metrics").body;
    const auto at = text.find("\n" + line + ' ');
    return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size() + 2));
  }
  /// Returns how many there were.
  size_t check_all() {
    size_t n = 0;
    for (const auto& m : reader->messages()) {
      const auto level = m.topic.substr(m.topic.rfind('/') + 1);
      if (level != "silence" && level != "clock" && level != "certificates") continue;
      if (m.payload.empty()) continue; // cleared
      CAF_CHECK_EQUAL(check_message(m.topic, m.payload, m.qos), "");
      ++n;
    }
    return n;
  }
};

std::set<std::string> services(const json& x) {
  std::set<std::string> result;
  for (const auto& s : x["silent"])
    result.insert(s["service"].get<std::string>() + ' ' + s["cause"].get<std::string>());
  return result;
}

using texts = std::set<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(site_insights_tests, fixture)

CAF_TEST(a service that falls silent is told with its likely cause and lost rows are counted) {
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  start();
  senseflow_process aut{directory,
                        with("hosts: {M1: sense1, M2: sense2}, silence: {enable: true, after: 5000, "
                             "expect: [sense2/repository, sense1/user-events, sense2/user-events]}")};
  CAF_REQUIRE(aut.ready());
  machines events{c};
  CAF_MESSAGE("what is expected and has never sent is missed soon");
  CAF_CHECK(says("health/sense2/silence",
                 [](const auto& x) { return services(x).count("repository never_sent") == 1; }));
  CAF_CHECK(condition("service_silent sense2 repository"));
  CAF_CHECK(says("health/sense1/silence", [](const auto& x) { return x["silent"].empty(); }));

  CAF_MESSAGE("rows that do not arrive");
  CAF_CHECK_EQUAL(metric(R"(senseflow_datagram_gaps_total{host="M1",service="engine"})"), 0.0);
  events.losses = 7;
  CAF_CHECK(
      eventually([&] { return metric(R"(senseflow_datagram_gaps_total{host="M1",service="engine"})") == 7; },
                 30s, 200ms));
  CAF_CHECK(condition("datagrams_missing M1 engine"));

  CAF_MESSAGE("what has sent for a while is missed when it stops");
  const auto learnt = std::chrono::steady_clock::now() + 12s; // the time that it takes
  CAF_REQUIRE(eventually([&] { return std::chrono::steady_clock::now() >= learnt; }, 20s));
  events.m1_users = false;
  CAF_CHECK(says("health/sense1/silence",
                 [](const auto& x) { return services(x) == texts{"user-events appender"}; }));
  CAF_CHECK(condition("service_silent sense1 user-events"));
  events.m2 = false;
  CAF_CHECK(says("health/sense2/silence",
                 [](const auto& x) { return services(x).count("user-events nothing_arrives") == 1; }));
  events.m1_users = events.m2 = true;
  CAF_CHECK(says("health/sense1/silence", [](const auto& x) { return x["silent"].empty(); }));
  CAF_CHECK(says("health/sense2/silence", [](const auto& x) { return x["silent"].size() == 1; }));
  CAF_CHECK(
      eventually([&] { return conditions().count("service_silent sense1 user-events") == 0; }, 10s, 100ms));
  CAF_CHECK(check_all() >= 6);

  CAF_MESSAGE("switched off: what the broker keeps goes");
  aut.configure(with("silence: {enable: false}"));
  aut.process().signal(SIGHUP);
  CAF_CHECK(reader->wait_for([](const auto& all) {
    size_t n = 0;
    for (const auto& m : all) n += m.payload.empty() && m.topic.find("/silence") != std::string::npos;
    return n == 2;
  }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(machines that match no server are named in the likely cause and once in the log) {
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  c.sessions = true;
  start();
  const auto members = [](const std::string& hosts) {
    return "hosts: {" + hosts +
           "}, silence: {enable: true, after: 5000, expect: [sense1/engine]}, sessions: {enable: true}";
  };
  senseflow_process aut{directory, with(members(""))};
  CAF_REQUIRE(aut.ready());
  CAF_CHECK(says("health/sense1/silence",
                 [](const auto& x) { return services(x) == texts{"engine nothing_arrives"}; }));
  machines events{c};
  CAF_CHECK(says("health/sense1/silence", [](const auto& x) {
    return services(x) == texts{"engine unmatched_machine"} &&
           x["silent"][0]["text"].template get<std::string>().find("M1") != std::string::npos;
  }));
  CAF_CHECK(eventually(
      [&] { return metric(R"(senseflow_datagrams_unmatched_total{reason="unknown_host"})") > 0; }));
  aut.configure(with(members("M1: sense1")));
  aut.process().signal(SIGHUP);
  CAF_CHECK(says("health/sense1/silence", [](const auto& x) { return x["silent"].empty(); }));
  CAF_CHECK(check_all() >= 3);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto log = aut.process().output();
  for (const std::string machine : {"M1", "m2"}) {
    const auto line = "events come from the machine '" + machine + "', which matches no server";
    const auto at = log.find(line);
    CAF_CHECK(at != std::string::npos && log.find(line, at + 1) == std::string::npos);
  }
}

CAF_TEST(a server whose clock is wrong is told and all of them mean ours) {
  start();
  site->clock(site->all(), 0s);
  senseflow_process aut{directory, with("clock: {enable: true}")};
  const auto near = [](double seconds) {
    return [seconds](const json& x) {
      return std::abs(x["skewSeconds"].get<double>() - seconds) <=
             x["uncertaintySeconds"].get<double>() + 0.1;
    };
  };
  CAF_CHECK(says("health/sense1/clock", near(0)));
  CAF_CHECK(
      says("health/sense2/clock", [&](const auto& x) { return near(0)(x) && x["beyondLimit"] == false; }));
  site->clock({1}, -30s);
  CAF_CHECK(says("health/sense1/clock", [&](const auto& x) {
    return near(-30)(x) && x["beyondLimit"] == true && x["suspect"] == "server";
  }));
  CAF_CHECK(condition("clock_skewed sense1"));
  CAF_CHECK(std::abs(metric(R"(senseflow_sense_clock_skew_seconds{server="sense1"})") + 30) < 1.1);
  site->clock({2}, -30s);
  CAF_CHECK(
      says("health/sense2/clock", [&](const auto& x) { return near(-30)(x) && x["suspect"] == "node"; }));
  CAF_CHECK(condition("clock_skewed this machine"));
  CAF_CHECK_EQUAL(conditions().count("clock_skewed sense1"), 0u);
  site->clock(site->all(), 0s);
  for (const std::string server : {"sense1", "sense2"})
    CAF_CHECK(
        says("health/" + server + "/clock", [&](const auto& x) { return near(0)(x) && !x["beyondLimit"]; }));
  CAF_CHECK(eventually([&] { return conditions().count("clock_skewed this machine") == 0; }, 10s, 100ms));
  CAF_CHECK(check_all() >= 6);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(certificates of Sense of the broker and of ours are told with the days that are left) {
  broker_options b;
  b.tls_certificate_file = directory / "certs/server.pem";
  b.tls_key_file = directory / "certs/server_key.pem";
  c.mqtt = "tls: {enable: true, ca: " + (directory / "certs/root.pem") + "}";
  start(b);
  senseflow_process aut{directory, with("certificates: {enable: true}") + "  node: n1\n"};
  const auto of_broker = "broker 127.0.0.1:" + std::to_string(broker->port());
  CAF_REQUIRE(says("senseflow/n1/certificates", [&](const auto& x) {
    std::map<std::string, int> left;
    for (const auto& one : x["certificates"])
      left[one["of"].template get<std::string>()] = one["daysLeft"].template get<int>();
    return left.count(of_broker) == 1 && left[of_broker] == 4 && left["Sense server sense1"] == 4 &&
           left["Sense server sense2"] == 4 && left["file " + (directory / "certs/client.pem")] > 3000;
  }));
  CAF_CHECK(condition("certificate_expires " + of_broker));
  CAF_CHECK(condition("certificate_expires Sense server sense1"));
  const auto left = metric("senseflow_certificate_expiry_timestamp_seconds{of=\"" + of_broker + "\"}") -
                    static_cast<double>(std::time(nullptr));
  CAF_CHECK(left > 4 * 86400 && left < 5 * 86400);
  CAF_CHECK(check_all() >= 1);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(nothing of it is published where it is not switched on) {
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  start();
  site->clock(site->all(), -100s);
  senseflow_process aut{directory, with("hosts: {M1: sense1}")};
  CAF_REQUIRE(aut.ready());
  machines events{c};
  CAF_REQUIRE(reader->wait_for_topic("butler-sos/health/sense1"));
  CAF_REQUIRE(reader->wait_for_topic("butler-sos/userevent"));
  events.losses = 5;
  CAF_CHECK(eventually([&] { return reader->count("butler-sos/health/sense2") >= 5; }));
  CAF_CHECK_EQUAL(check_all(), 0u);
  CAF_CHECK(conditions().empty());
  CAF_CHECK_EQUAL(metric(R"(senseflow_datagram_gaps_total{host="M1",service="engine"})"), 0.0);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
