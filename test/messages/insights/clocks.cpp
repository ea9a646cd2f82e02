#define CAF_SUITE messages.insights.clocks

#include "test/support/unit_test.hpp"

#include "messages/insights/clocks.hpp"
#include "messages/text/iso_time.hpp"

#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct fixture {
  moment now{*parse_iso_time("2026-11-23T08:00:00Z"), std::chrono::steady_clock::time_point{1000h}};
  std::map<std::string, std::chrono::nanoseconds> ahead{{"sense1", 0s}, {"sense2", 0s}, {"sense3", 0s}};
  clocks_view seen;
  std::map<std::string, double> noted;
  std::vector<insight> told;
  std::vector<alarm> alarms;
  double set = 0;
  insights::clocks aut{{5s, [this] { return seen; }, [this](auto x) { noted = std::move(x); }}};

  fixture() {
    seen.hosts = std::make_shared<server_of_host>(
        std::vector<named_server>{{"sense1", {"qlik1"}}, {"sense2", {"qlik2"}}, {"sense3", {"qlik3"}}},
        std::vector<std::pair<std::string, std::string>>{});
  }
  void poll() {
    for (const auto& [server, x] : ahead) {
      const auto date = std::chrono::floor<std::chrono::seconds>(now.wall.time_since_epoch() + x);
      seen.answers[server] = {{"n1", 7}, date, now.wall - 20ms, now.wall};
    }
  }
  void look() {
    findings found;
    aut.tick(now, found);
    told.insert(told.end(), found.insights.begin(), found.insights.end());
    for (const auto& x : found.insights)
      CAF_CHECK_EQUAL(senseflow::test::check_message("butler-sos/" + x.topic, x.payload, 1), "");
    alarms = found.alarms;
    for (const auto& x : found.counts) set += x.n;
  }
  void pass(std::chrono::seconds t) {
    for (auto i = 1s; i <= t; ++i) {
      now.wall += 1013ms;
      now.steady += 1013ms;
      if (i % 10s == 0s) poll();
      look();
    }
  }
  json document(const std::string& server) {
    for (auto i = told.rbegin(); i != told.rend(); ++i)
      if (i->origin == server) return json::parse(i->payload);
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(clocks_tests, fixture)

CAF_TEST(each server is published once and again when its clock moves or an hour has passed) {
  ahead["sense2"] = 2s;
  pass(30min);
  CAF_REQUIRE_EQUAL(told.size(), 3u);
  CAF_CHECK_EQUAL(told[1].topic, "health/sense2/clock");
  CAF_CHECK(told[1].by == polled_by({"n1", 7}));
  const auto x = document("sense2");
  CAF_CHECK(x["server"] == "sense2");
  CAF_CHECK(x["source"] == "date");
  CAF_CHECK(x["beyondLimit"] == false);
  CAF_CHECK(std::abs(x["skewSeconds"].get<double>() - 2) <= x["uncertaintySeconds"].get<double>());
  CAF_CHECK(alarms.empty());
  CAF_CHECK(std::abs(noted["sense2"] - 2) < 0.2);
  ahead["sense2"] = 3s;
  pass(1min);
  CAF_CHECK(told.size() >= 4u && told.size() <= 5u);
  CAF_CHECK_EQUAL(told.back().origin, "sense2");
  const auto before = told.size();
  pass(1h);
  CAF_CHECK_EQUAL(told.size(), before + 3);
}

CAF_TEST(a server whose clock is beyond the limit is an alarm until it is well below it) {
  pass(1min);
  ahead["sense2"] = -9s;
  pass(1min);
  CAF_CHECK(document("sense2")["beyondLimit"] == true);
  CAF_CHECK(document("sense2")["suspect"] == "server");
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(alarms[0].subject, "sense2");
  CAF_CHECK(alarms[0].text.find("behind ours") != std::string::npos);
  const auto since = document("sense2")["since"];
  ahead["sense2"] = -5200ms; // at times less, as far as it is known
  pass(10min);
  CAF_CHECK_EQUAL(alarms.size(), 1u);
  CAF_CHECK(document("sense2")["since"] == since);
  ahead["sense2"] = 0s;
  pass(10min);
  CAF_CHECK(alarms.empty());
  CAF_CHECK(document("sense2")["beyondLimit"] == false);
  CAF_CHECK(!document("sense2").contains("suspect"));
}

CAF_TEST(a doubt is no alarm) {
  ahead["sense1"] = 5200ms; // as far as one answer tells, it may be less than 5 s
  poll();
  look();
  CAF_CHECK(alarms.empty());
}

CAF_TEST(when all servers differ alike it is our clock) {
  pass(1min);
  for (auto& [server, x] : ahead) x = 60s;
  pass(1min);
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(alarms[0].subject, "this machine");
  CAF_CHECK(alarms[0].text.find("behind those of all") != std::string::npos);
  CAF_CHECK(document("sense3")["suspect"] == "node");
}

CAF_TEST(when our clock is set nobody is blamed for what it was) {
  pass(10min);
  CAF_CHECK_EQUAL(set, 0.0);
  CAF_MESSAGE("it was right and is wrong now: the servers seem to be behind");
  now.wall += 1h;
  for (auto& [server, x] : ahead) x = -1h;
  look();
  CAF_CHECK_EQUAL(set, 1.0);
  pass(1min);
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(alarms[0].subject, "this machine");
  CAF_MESSAGE("and right again");
  now.wall -= 1h;
  for (auto& [server, x] : ahead) x = 0s;
  look();
  pass(1min);
  CAF_CHECK(alarms.empty());
  CAF_CHECK(document("sense1")["beyondLimit"] == false);
  CAF_CHECK(std::abs(noted["sense1"]) < 0.6);
}

CAF_TEST(events help but not those from before our clock was set) {
  ahead["sense1"] = 2900ms;
  arrival a;
  a.host = "QLIK1";
  a.from = service::engine;
  a.ahead = 2890ms;
  seen.arrivals = {a};
  pass(11s);
  CAF_CHECK(document("sense1")["source"] == "date+events");
  now.wall -= 30s;
  ahead["sense1"] = 32900ms;
  poll();
  told.clear();
  look();
  CAF_CHECK(document("sense1")["source"] == "date");
}

CAF_TEST(a date in a year that no clock shows says nothing) {
  ahead = {{"sense1", 0s}};
  pass(1min);
  seen.answers["sense1"].date = 253'402'300'799s; // 9999
  seen.answers["sense1"].answered += 1s;
  told.clear();
  look();
  CAF_CHECK(told.empty());
  CAF_CHECK(std::abs(noted["sense1"]) < 1);
}

CAF_TEST(an answer during which our clock was set back says nothing) {
  ahead = {{"sense1", 0s}};
  now.wall -= 30s;
  poll();
  seen.answers["sense1"].asked = now.wall + 29s;
  look();
  CAF_CHECK(told.empty());
  now.wall += 1s;
  now.steady += 1s;
  poll();
  look();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(document("sense1")["uncertaintySeconds"].get<double>() > 0);
}

CAF_TEST(what was known outlives other settings) {
  ahead["sense1"] = 7s;
  pass(10min);
  insights::clocks next{{10s, [this] { return seen; }, [this](auto x) { noted = std::move(x); }}};
  next.inherit(aut);
  findings found;
  next.tick(now, found);
  CAF_CHECK_EQUAL(found.insights.size(), 3u);
  CAF_CHECK(found.alarms.empty());
  CAF_CHECK(std::abs(noted["sense1"] - 7) < 0.2);
  insights::clocks other{{5s, [this] { return seen; }, [this](auto x) { noted = std::move(x); }}};
  other.inherit(next);
  other.tick(now, found = {});
  CAF_CHECK_EQUAL(found.alarms.size(), 1u);
}

CAF_TEST(a server that is polled no more is forgotten) {
  ahead["sense2"] = 60s;
  pass(1min);
  CAF_CHECK_EQUAL(alarms.size(), 1u);
  ahead.erase("sense2");
  seen.answers.erase("sense2");
  look();
  CAF_CHECK(alarms.empty());
  CAF_CHECK_EQUAL(noted.count("sense2"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
