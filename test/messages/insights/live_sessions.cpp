#define CAF_SUITE messages.insights.live_sessions
#include "test/support/unit_test.hpp"

#include "messages/insights/live_sessions.hpp"
#include "messages/text/iso_time.hpp"
#include "session_fixture.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>

using namespace senseflow;
using namespace senseflow::test;
using insights::live_sessions;
using insights::moment;
using json = nlohmann::json;

namespace {

struct fixture {
  insights::live_sessions_options options;
  std::unique_ptr<live_sessions> aut;
  insights::findings found;    ///< with the last tick
  caf::timespan at{0}, set{0}; ///< by which our clock was set

  fixture() {
    options.servers = {{"sense1", {{"/"}, 1000, 30s, 30min}}, {"a/b", {{"/"}, 1000, 30s, 30min}}};
    options.hosts = {{{"sense1", {"pro1.example.com"}}, {"a/b", {"pro2.example.com"}}}, {}};
    options.exclude.add("LAB", "secret");
    options.app_name = [](std::string_view id) { return id == sales ? "Sales" : ""; };
    start();
  }
  void start() { aut = std::make_unique<live_sessions>(options); }

  moment now() const { return {noon + at + set, std::chrono::steady_clock::time_point{} + 1000h + at}; }
  void show(messages::item_list items) { aut->observe(items, now()); }
  void poll(const listed& xs, const std::string& server = "sense1", messages::polled_by by = {}) {
    messages::item_list items;
    items.sessions.push_back(list_of(xs, now().wall));
    items.sessions.back().server = server;
    items.sessions.back().by = std::move(by);
    show(std::move(items));
  }
  void hear(const std::string& command, const std::string& user, const std::string& host = "PRO1") {
    messages::item_list items;
    items.user_events.push_back(event_of(command, user, now().wall, chrome, sales));
    items.user_events.back().host = host;
    show(std::move(items));
  }
  void tick(caf::timespan after = 1s) {
    at += after;
    found = {};
    aut->tick(now(), found);
    for (const auto& x : found.insights)
      CAF_CHECK_EQUAL(check_message("butler-sos/" + x.topic, x.payload, 1), "");
  }
  json only() const {
    CAF_REQUIRE_EQUAL(found.insights.size(), 1u);
    return json::parse(found.insights.front().payload);
  }
  double counted(const std::string& name) const {
    double result = 0;
    for (const auto& c : found.counts) result += c.name == name ? c.n : 0;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(live_sessions_tests, fixture)

CAF_TEST(
    a table is published after its first list and after each change but not more often than the interval) {
  tick();
  CAF_CHECK(found.insights.empty());
  poll({});
  tick();
  CAF_CHECK_EQUAL(only()["count"], 0);
  CAF_CHECK_EQUAL(found.insights[0].topic, "sessions/sense1/live");
  CAF_CHECK(!found.insights[0].event);
  poll({{"a", "anna"}});
  tick();
  CAF_CHECK(found.insights.empty()); // soon
  tick(4s);
  CAF_CHECK_EQUAL(only()["sessions"][0]["id"], "a");
  poll({{"a", "anna"}});
  tick(1min);
  CAF_CHECK(found.insights.empty());
}

CAF_TEST(lists and events become one object for each session) {
  poll({});
  hear("Start session", "anna");
  hear("Open connection", "anna");
  at += 30s;
  poll({{"a", "anna"}, {"b", "bert"}});
  tick();
  const auto x = only();
  CAF_CHECK_EQUAL(x["server"], "sense1");
  CAF_CHECK_EQUAL(x["count"], 2);
  CAF_CHECK_EQUAL(x["uniqueUsers"], 2);
  CAF_CHECK_EQUAL(x["omitted"], 0);
  const auto& b = x["sessions"][0];
  CAF_CHECK_EQUAL(b["userId"], "bert");
  CAF_CHECK_EQUAL(b["startInferred"], true);
  CAF_CHECK(!b.contains("browser"));
  const auto& a = x["sessions"][1];
  CAF_CHECK_EQUAL(a["virtualProxy"], "/");
  CAF_CHECK_EQUAL(a["startInferred"], false);
  CAF_CHECK_EQUAL(a["browser"], "Chrome 120");
  CAF_CHECK_EQUAL(a["connections"], 1);
  CAF_CHECK(
      (a["apps"] ==
       json::parse(R"([{"id":"2933711d-6638-41d4-a2d2-6dd2d965208b","name":"Sales","connections":1}])")));
}

CAF_TEST(each end is an event and counted) {
  poll({{"a", "anna"}, {"b", "bert"}});
  tick();
  hear("Stop session", "anna");
  at += 30s;
  poll({{"b", "bert"}});
  tick(5s);
  CAF_REQUIRE_EQUAL(found.insights.size(), 2u);
  const auto& end = found.insights[0];
  CAF_CHECK(end.event);
  CAF_CHECK_EQUAL(end.topic, "sessions/sense1/ended");
  const auto x = json::parse(end.payload);
  CAF_CHECK_EQUAL(x["id"], "a");
  CAF_CHECK_EQUAL(x["how"], "stopped");
  CAF_CHECK_EQUAL(x["inferred"], false);
  CAF_CHECK_EQUAL(x["duration"], 1);
  CAF_CHECK_EQUAL(counted("sessions_ended_total"), 1);
}

CAF_TEST(durations and what follows from time know nothing of a clock that is set) {
  for (const caf::timespan by : {caf::timespan{2h}, caf::timespan{-2h}}) {
    start();
    set = 0h;
    poll({});
    hear("Start session", "anna");
    at += 30s;
    poll({{"a", "anna"}, {"b", "bert"}});
    tick();
    messages::item_list late; // heard before the clock was set, and encoded after it
    late.user_events.push_back(event_of("Start session", "carla", now().wall));
    set = by;
    at += 1s;
    show(std::move(late));
    at += 28s;
    poll({{"a", "anna"}, {"b", "bert"}, {"c", "carla"}});
    tick(5s);
    const auto x = only();
    CAF_CHECK_EQUAL(x["sessions"].size(), 3u);
    CAF_CHECK_EQUAL(x["sessions"][0]["id"], "c");
    CAF_CHECK_EQUAL(x["sessions"][0]["startInferred"], false);
    hear("Stop session", "anna");
    at += 30s;
    poll({});
    tick(6s);
    std::map<std::string, json> ended;
    for (const auto& end : found.insights)
      if (end.event) {
        auto e = json::parse(end.payload);
        const std::string key = e["id"];
        ended.emplace(key, std::move(e));
      }
    CAF_REQUIRE_EQUAL(ended.size(), 3u);
    CAF_CHECK_EQUAL(ended["a"]["duration"], 65);
    CAF_CHECK_EQUAL(ended["a"]["how"], "stopped");
    CAF_CHECK_EQUAL(ended["b"]["duration"], 65);
    CAF_CHECK_EQUAL(ended["b"]["how"], "vanished");
    CAF_CHECK_EQUAL(ended["c"]["duration"], 64);
    CAF_CHECK_EQUAL(ended["c"]["end"], messages::iso_time(now().wall - 6s));
  }
}

CAF_TEST(left out users appear nowhere) {
  poll({{"s", "secret"}, {"a", "anna"}});
  hear("Start session", "secret");
  hear("Stop session", "secret");
  at += 30s;
  poll({{"a", "anna"}});
  tick();
  const auto x = only();
  CAF_CHECK_EQUAL(x["count"], 1);
  CAF_CHECK(x.dump().find("secret") == std::string::npos);
  at += 300s;
  tick();
  CAF_CHECK(found.insights.empty());
}

CAF_TEST(events that belong to nobody are counted with the reason) {
  hear("Start session", "anna"); // before the first list
  poll({});
  hear("Close connection", "anna");
  hear("Start session", "anna", "elsewhere");
  tick();
  CAF_CHECK_EQUAL(counted("session_events_unmatched_total"), 3);
  size_t hosts = 0;
  for (const auto& c : found.counts)
    hosts += c.labels.count("reason") > 0 && c.labels.at("reason") == "unknown_host";
  CAF_CHECK_EQUAL(hosts, 1u);
}

CAF_TEST(servers are kept apart and named as one level) {
  poll({{"a", "anna"}});
  poll({{"b", "bert"}}, "a/b");
  poll({{"c", "carla"}}, "sense3"); // not asked for
  hear("Open connection", "bert", "pro2");
  tick();
  CAF_REQUIRE_EQUAL(found.insights.size(), 2u);
  CAF_CHECK_EQUAL(found.insights[0].topic, "sessions/a_b/live");
  CAF_CHECK_EQUAL(found.insights[0].origin, "a/b");
  CAF_CHECK_EQUAL(json::parse(found.insights[0].payload)["sessions"][0]["connections"], 1);
}

CAF_TEST(what has no room in a publication is counted) {
  options.max_bytes = 1000;
  start();
  listed many;
  for (int i = 0; i < 100; ++i) many.emplace_back("s" + std::to_string(i), "user");
  poll(many);
  tick();
  const auto x = only();
  CAF_CHECK(found.insights.front().payload.size() <= 1000);
  CAF_CHECK(x["sessions"].size() > 2);
  CAF_CHECK_EQUAL(x["count"], 100);
  CAF_CHECK_EQUAL(x["omitted"], 100 - x["sessions"].size());
}

CAF_TEST(with another owner the table begins anew) {
  poll({{"a", "anna"}}, "sense1", {"n1", 7});
  hear("Open connection", "anna");
  tick();
  CAF_CHECK((found.insights[0].by == messages::polled_by{"n1", 7}));
  at += 30s;
  poll({{"b", "bert"}}, "sense1", {"n1", 9});
  tick();
  const auto x = only();
  CAF_CHECK_EQUAL(x["epoch"], 9);
  CAF_CHECK_EQUAL(x["node"], "n1");
  CAF_CHECK_EQUAL(x["sessions"].size(), 1u);
  tick(300s);
  CAF_CHECK(found.insights.empty()); // what it was before is nobody's end
}

CAF_TEST(the log tells of a machine unless it does so elsewhere) {
  options.told_elsewhere = [](const std::string& host) { return host == "elsewhere"; };
  start();
  poll({});
  hear("Start session", "anna", "elsewhere");
  hear("Start session", "anna", "ENGINE1");
  tick();
  CAF_REQUIRE_EQUAL(found.lines.size(), 1u);
  CAF_CHECK(found.lines[0].find("'ENGINE1', which matches no server whose sessions are polled") !=
            std::string::npos);
  CAF_CHECK_EQUAL(counted("session_events_unmatched_total"), 2);
}

CAF_TEST(of a server that another node polls nothing is told and its events are not missed) {
  bool here = true;
  options.polled_here = [&](const std::string& server) { return here || server != "sense1"; };
  start();
  poll({{"a", "anna"}}, "sense1", {"n1", 7});
  tick();
  CAF_CHECK_EQUAL(only()["count"], 1);
  here = false;
  hear("Stop session", "anna");
  hear("Close connection", "bert");
  tick(300s);
  CAF_CHECK(found.insights.empty());
  CAF_CHECK_EQUAL(counted("sessions_ended_total") + counted("session_events_unmatched_total"), 0);
  here = true;
  poll({{"b", "bert"}}, "sense1", {"n1", 9});
  tick();
  CAF_CHECK_EQUAL(only()["sessions"][0]["id"], "b");
}

CAF_TEST(with other settings tables of servers that are polled as before go on) {
  poll({{"a", "anna"}});
  poll({{"b", "bert"}}, "a/b");
  hear("Open connection", "anna");
  tick();
  const auto former = std::move(aut);
  options.servers.at("a/b").virtual_proxies.insert("/hdr");
  options.interval = 1s;
  start();
  aut->inherit(*former);
  tick();
  CAF_CHECK_EQUAL(only()["sessions"][0]["browser"], "Chrome 120"); // once more, it may be another topic
}

CAF_TEST_FIXTURE_SCOPE_END()
