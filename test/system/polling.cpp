#define CAF_SUITE system.polling
#include "test/support/unit_test.hpp"

#include "test/support/schema_check.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/system_fixture.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr auto poll_timeout = 5s; ///< as delivered

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  bench::site_options o;
  std::unique_ptr<bench::site> site;
  system_config c;

  void start_site(size_t servers) {
    bench::make_certificates(directory / "certs");
    o.servers = servers;
    o.certificates = directory / "certs";
    o.expected_interval = 1s;
    site = std::make_unique<bench::site>(o);
    c.broker_port = broker.port();
    c.site = site.get();
    c.certificates = directory / "certs";
  }

  uint64_t polls(size_t server) { return site->statistics().servers[server].counts.health; }
  uint64_t answered(size_t server) { return site->statistics().servers[server].counts.answered; }
};

bench::server_set first(size_t n) {
  bench::server_set result;
  for (size_t i = 1; i <= n; ++i) result.push_back(i); // servers are counted from 1
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(polling_tests, fixture)

CAF_TEST(hanging servers do not hold up the others and are polled again once they are back) {
  constexpr size_t servers = 100;
  constexpr size_t hanging = 20;
  start_site(servers);
  site->latency(site->all(), 50ms);
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  auto all_polled = [&](uint64_t n) {
    auto s = site->statistics();
    return std::all_of(s.servers.begin(), s.servers.end(),
                       [&](const auto& x) { return x.counts.answered >= n; });
  };
  CAF_REQUIRE(eventually([&] { return all_polled(2); }, 20s));

  CAF_MESSAGE("20 of 100 hang for as long as the others take for 5 more polls");
  site->hang(first(hanging), true);
  const fair_stopwatch hang;
  site->reset_statistics();
  auto others_polled = [&](uint64_t n) {
    auto s = site->statistics();
    return std::all_of(s.servers.begin() + hanging, s.servers.end(),
                       [&](const auto& x) { return x.counts.health >= n; });
  };
  CAF_REQUIRE(eventually([&] { return others_polled(6); }, 20s));
  auto during = site->statistics();
  bench::arrival_intervals intervals;
  for (size_t i = hanging; i < servers; ++i) {
    intervals.add(during.servers[i].intervals);
    CAF_CHECK_EQUAL(during.servers[i].most_health_at_once, 1u);
  }
  for (size_t i = 0; i < hanging; ++i) CAF_CHECK(during.servers[i].counts.health <= 2);
  auto ms = [](auto x) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(x).count()) / 1000;
  };
  CAF_MESSAGE("lateness of " << intervals.count << " polls of the 80 others: p50 "
                             << ms(intervals.deviations.quantile(0.5)) << " ms, p99 "
                             << ms(intervals.deviations.quantile(0.99)) << " ms, longest interval "
                             << ms(intervals.longest) << " ms");
  // Kept their schedule: nobody waited for a hanging server, which costs the time-out of a poll.
  CAF_CHECK(intervals.longest - hang.stalled() < poll_timeout);

  CAF_MESSAGE("they come back: each is polled as soon as the others are");
  const auto before = site->statistics();
  const auto back = std::chrono::steady_clock::now();
  site->hang(first(hanging), false);
  bench::site_statistics after;
  CAF_CHECK(eventually([&] {
    after = site->statistics();
    for (size_t i = 0; i < hanging; ++i)
      if (after.servers[i].counts.health <= before.servers[i].counts.health) return false;
    return true;
  }));
  CAF_MESSAGE("all 20 polled again after " << ms(std::chrono::steady_clock::now() - back) << " ms");
  for (size_t i = hanging; i < servers; ++i)
    CAF_CHECK_LESS(after.servers[i].counts.health - before.servers[i].counts.health, 4u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a failing server is reported once per change and polled on) {
  start_site(2);
  c.polling_ms = 200;
  senseflow_process aut{directory, c.text(), {"-l", "verbose"}};
  CAF_REQUIRE(aut.says("sense1 health API: answering"));
  CAF_REQUIRE(aut.says("sense2 health API: answering"));
  site->status(first(1), 503);
  CAF_REQUIRE(aut.says("503"));
  auto n = polls(0);
  CAF_CHECK(eventually([&] { return polls(0) >= n + 5; }));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "503"), 1u);
  site->body(first(1), bench::body_kind::garbage);
  site->status(first(1), 200);
  CAF_CHECK(aut.says("unusable response from https://"));
  site->body(first(1), bench::body_kind::huge);
  CAF_CHECK(aut.says("is larger than"));
  site->body(first(1), bench::body_kind::negative);
  CAF_CHECK(aut.says("sense1 health API: recovered"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger()["health"];
  CAF_CHECK(book["dropped"]["invalid_json"].get<int>() > 0);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "sense2"), 1u);
}

CAF_TEST(with few descriptors fewer are polled at a time and no server is blamed for it) {
  constexpr size_t servers = 60;
  start_site(servers);
  site->latency(site->all(), 20ms);
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  subscriber sub{broker.port()};
  senseflow_process aut{directory, c.text(), {}, {"prlimit", "--nofile=68:68"}};
  CAF_CHECK(aut.says("60 servers need up to"));
  child_process check{{"prlimit", "--nofile=68:68", binary_path("senseflow"), "--check-config", "-c",
                       directory / "senseflow.yaml"}};
  CAF_CHECK_EQUAL(check.wait().value_or(-1), 0); // a warning
  CAF_CHECK(check.output().find("warning: 60 servers need up to") != std::string::npos);
  CAF_REQUIRE(aut.ready());
  CAF_CHECK(eventually(
      [&] {
        const auto s = site->statistics();
        return std::all_of(s.servers.begin(), s.servers.end(),
                           [](const auto& x) { return x.counts.answered >= 3; });
      },
      30s));
  size_t open_files = 0;
  for ([[maybe_unused]] const auto& x :
       std::filesystem::directory_iterator("/proc/" + std::to_string(aut.process().pid()) + "/fd"))
    ++open_files;
  CAF_MESSAGE(open_files << " descriptors");
  CAF_CHECK(open_files <= 68);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  size_t online = 0;
  for (const auto& m : sub.messages()) {
    if (m.topic.rfind("butler-sos/health/", 0) != 0 || m.topic.find("/status") == std::string::npos) continue;
    const auto state = nlohmann::json::parse(m.payload)["state"].get<std::string>();
    CAF_CHECK_EQUAL(state, "online");
    ++online;
  }
  CAF_CHECK_EQUAL(online, servers);
}

CAF_TEST(servers that are slow to shake hands are polled and those that never do hold up nobody) {
  constexpr size_t servers = 80;
  constexpr size_t silent = 20;
  start_site(servers);
  site->handshake(site->all(), 4s); // longer than a poll may take
  site->handshake(first(silent), 600s);
  c.actors = "pollers: {timeout: 3000}";
  subscriber sub{broker.port()};
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(eventually(
      [&] {
        const auto s = site->statistics();
        return std::all_of(s.servers.begin() + silent, s.servers.end(),
                           [](const auto& x) { return x.counts.answered >= 3; });
      },
      60s));
  CAF_CHECK(sub.wait_for_topic("butler-sos/health/sense1/status")); // given up in the end
  const auto s = site->statistics();
  for (size_t i = silent; i < servers; ++i) CAF_CHECK_EQUAL(s.servers[i].counts.connections, 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  size_t online = 0;
  for (const auto& m : sub.messages()) {
    if (m.topic.rfind("butler-sos/health/", 0) != 0 || m.topic.find("/status") == std::string::npos) continue;
    const auto x = nlohmann::json::parse(m.payload);
    const auto number = std::stoul(x["server"].get<std::string>().substr(5));
    CAF_CHECK_EQUAL(x["state"] == "online", number > silent);
    online += x["state"] == "online";
  }
  CAF_CHECK_EQUAL(online, servers - silent);
}

CAF_TEST(a wait for a connection is told and changes no server) {
  start_site(3);
  c.actors = "pollers: {timeout: 60000, maxConnections: 2}";
  subscriber sub{broker.port()};
  site->hang(first(2), true);
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("1 request(s) waiting for a connection, the longest for 5 s"));
  CAF_CHECK(aut.output().find("2 of 2 connections in use") != std::string::npos);
  site->hang(first(2), false);
  CAF_CHECK(aut.says("no request is waiting for a connection any more"));
  CAF_CHECK(sub.wait_for_topic("butler-sos/health/sense3/status"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  for (const auto& m : sub.messages()) {
    if (m.topic.rfind("butler-sos/health/", 0) != 0 || m.topic.find("/status") == std::string::npos) continue;
    const auto state = nlohmann::json::parse(m.payload)["state"].get<std::string>();
    CAF_CHECK_EQUAL(state, "online");
  }
}

CAF_TEST(the availability of a server follows what happens to it) {
  start_site(1);
  c.polling_ms = 200;
  c.actors = "pollers: {timeout: 1000}";
  subscriber sub{broker.port()};
  senseflow_process aut{directory, c.text()};
  const std::string topic = "butler-sos/health/sense1/status";
  size_t seen = 0; // messages
  /// Waits for the next status of this state and error.
  auto next = [&](const std::string& state, const std::string& error) {
    nlohmann::json found;
    sub.wait_for([&](const auto& all) {
      for (size_t i = seen; i < all.size(); ++i) {
        if (all[i].topic != topic) continue;
        auto x = nlohmann::json::parse(all[i].payload);
        if (x["state"] != state || x.value("error", "") != error) continue;
        seen = i + 1;
        found = std::move(x);
        return true;
      }
      return false;
    });
    if (found.is_null()) CAF_ERROR("no status " << state << " " << error);
    return found;
  };
  auto good = next("online", "");
  CAF_CHECK(!good.contains("api"));

  CAF_MESSAGE("it hangs, and is well again");
  site->hang(first(1), true);
  auto degraded = next("degraded", "timeout");
  CAF_CHECK_EQUAL(degraded["api"], "health");
  auto hanging = next("offline", "timeout");
  CAF_CHECK(hanging["since"] >= degraded["since"]);
  CAF_CHECK(hanging["lastGoodPoll"] <= degraded["since"]);
  site->hang(first(1), false);
  next("online", "");

  CAF_MESSAGE("answers of no use");
  site->status(first(1), 503);
  auto status = next("offline", "http_status");
  CAF_CHECK_EQUAL(status["httpStatus"], 503);
  site->body(first(1), bench::body_kind::html);
  site->status(first(1), 200);
  auto body = next("offline", "body");
  CAF_CHECK_EQUAL(body["since"], status["since"]);
  site->body(first(1), bench::body_kind::normal);
  next("online", "");

  CAF_MESSAGE("its machine is restarted");
  o.base_port = site->endpoints()[0].port;
  o.seed = 17; // another engine
  site.reset();
  next("offline", "refused");
  subscriber late{broker.port()};
  CAF_CHECK(late.wait_for_topic(topic)); // retained
  site = std::make_unique<bench::site>(o);
  next("online", "");
  CAF_REQUIRE(sub.wait_for_topic("butler-sos/health/sense1/event"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  size_t events = 0;
  for (const auto& m : sub.messages()) {
    if (m.topic.rfind("butler-sos/health/", 0) != 0) continue;
    auto broken = check_message(m.topic, m.payload, m.qos);
    CAF_CHECK_EQUAL(broken, "");
    if (m.topic != "butler-sos/health/sense1/event") continue;
    ++events;
    auto x = nlohmann::json::parse(m.payload);
    CAF_CHECK_EQUAL(x["event"], "engine_restarted");
    CAF_CHECK(x["old"] != x["new"]);
  }
  CAF_CHECK_EQUAL(events, 1u);
  auto book = aut.ledger();
  CAF_CHECK_EQUAL(book["serverevent"]["published"], 1);
  CAF_CHECK_EQUAL(book["serverevent"]["received"], 1);
  CAF_CHECK_EQUAL(book["availability"]["inFlight"], 0);
  CAF_CHECK_EQUAL(book["availability"]["received"],
                  book["availability"]["published"].get<int>() +
                      book["availability"]["dropped"].value("superseded", 0));
}

CAF_TEST_FIXTURE_SCOPE_END()
