#define CAF_SUITE messages.insights.silence

#include "test/support/unit_test.hpp"

#include "messages/insights/silence.hpp"
#include "messages/text/iso_time.hpp"

#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <random>

using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using sent_by = std::vector<std::pair<std::string, service>>;
constexpr auto day = 24h;

/// A site with two servers; seconds pass as the test says.
struct fixture {
  silence_options options;
  arrivals_view seen;
  moment now;
  std::unique_ptr<insights::silence> aut;
  std::vector<insight> told;
  std::vector<alarm> alarms;
  double counted = 0;
  std::map<std::string, uint64_t> sessions{{"sense1", 5}, {"sense2", 5}};
  std::string version = "1", started = "a";

  fixture() {
    now.wall = *parse_iso_time("2026-11-23T08:00:00Z"); // a Monday
    now.steady = std::chrono::steady_clock::time_point{1000h};
    seen.hosts = std::make_shared<server_of_host>(
        std::vector<named_server>{{"sense1", {"qlik1.example.com"}}, {"sense2", {"qlik2.example.com"}}},
        std::vector<std::pair<std::string, std::string>>{});
    options.expect = {"sense1/user-events", "sense1/engine", "sense2/user-events"}; // no caution
    make();
  }
  void make() {
    aut = std::make_unique<insights::silence>(options, [this] { return seen; });
  }
  void arrive(const std::string& host, service from) {
    for (auto& x : seen.all)
      if (x.host == host && x.from == from) {
        ++x.datagrams;
        x.last = now.steady;
        return;
      }
    arrival x;
    x.host = host;
    x.from = from;
    x.datagrams = 1;
    x.last = now.steady;
    seen.all.push_back(x);
  }
  void poll() {
    item_list items;
    for (const auto& [server, n] : sessions) {
      health_sample x;
      x.server = server;
      x[health_value::session_total] = {scalar_kind::number, std::to_string(n)};
      x[health_value::version].text = version;
      x[health_value::started].text = started;
      items.health.push_back(x);
    }
    aut->observe(items, now);
  }
  void second() {
    now.steady += 1s;
    now.wall += 1s;
    if (std::chrono::duration_cast<std::chrono::seconds>(now.steady.time_since_epoch()).count() % 30 == 0)
      poll();
  }
  void look() {
    findings found;
    aut->tick(now, found);
    told.insert(told.end(), found.insights.begin(), found.insights.end());
    for (const auto& x : found.insights)
      CAF_CHECK_EQUAL(senseflow::test::check_message("butler-sos/" + x.topic, x.payload, 1), "");
    alarms = found.alarms;
    for (const auto& x : found.counts) counted += x.n;
  }
  /// Meanwhile something comes that often from these.
  void pass(std::chrono::seconds t, std::chrono::seconds every = 0s, const sent_by& from = {}) {
    for (auto i = 1s; i <= t; ++i) {
      second();
      if (every > 0s && i % every == 0s)
        for (const auto& [host, what] : from) arrive(host, what);
      look();
    }
  }
  /// The newest of a server.
  json document(const std::string& server) {
    for (auto i = told.rbegin(); i != told.rend(); ++i)
      if (i->origin == server) return json::parse(i->payload);
    return {};
  }
  std::string silent(const std::string& server) {
    std::string result;
    const auto all = document(server).value("silent", json::array());
    for (const auto& x : all)
      result += x["service"].get<std::string>() + ':' + x["cause"].get<std::string>() + ' ';
    return result;
  }
};

const sent_by everybody{
    {"QLIK1", service::user_events}, {"QLIK1", service::engine}, {"QLIK2", service::user_events}};
const sent_by without_user_events_of_1{{"QLIK1", service::engine}, {"QLIK2", service::user_events}};

} // namespace

CAF_TEST_FIXTURE_SCOPE(silence_tests, fixture)

CAF_TEST(a service that stops while its server has sessions is silent until it sends again) {
  poll();
  pass(2h, 60s, everybody);
  CAF_REQUIRE_EQUAL(told.size(), 2u);
  CAF_CHECK_EQUAL(told[0].topic, "health/sense1/silence");
  CAF_CHECK_EQUAL(document("sense1")["silent"].size(), 0u);
  const auto last = now.wall;
  pass(14min + 59s, 60s, without_user_events_of_1);
  CAF_CHECK_EQUAL(told.size(), 2u);
  CAF_CHECK(alarms.empty());
  pass(1s);
  CAF_REQUIRE_EQUAL(told.size(), 3u);
  CAF_CHECK_EQUAL(told[2].topic, "health/sense1/silence");
  CAF_CHECK(!told[2].event);
  CAF_CHECK(told[2].kind == insight_kind::silence);
  const auto x = document("sense1")["silent"][0];
  CAF_CHECK(x["service"] == "user-events");
  CAF_CHECK(x["host"] == "QLIK1");
  CAF_CHECK(x["cause"] == "appender");
  CAF_CHECK(x["limitSeconds"] == 900);
  CAF_CHECK(x["since"] == iso_time(last));
  CAF_CHECK(x["lastDatagram"] == iso_time(last));
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(alarms[0].subject, "sense1 user-events");
  CAF_CHECK_EQUAL(counted, 1.0);

  CAF_MESSAGE("also while there are no sessions or nothing is known of them");
  sessions["sense1"] = 0;
  pass(5h, 60s, without_user_events_of_1);
  CAF_CHECK_EQUAL(told.size(), 3u);
  CAF_CHECK_EQUAL(alarms.size(), 1u);
  sessions["sense1"] = 5;
  arrive("QLIK1", service::user_events);
  look();
  CAF_CHECK_EQUAL(told.size(), 4u);
  CAF_CHECK_EQUAL(document("sense1")["silent"].size(), 0u);
  CAF_CHECK(alarms.empty());
  CAF_CHECK_EQUAL(counted, 1.0);
}

CAF_TEST(the likely cause follows from what else arrives) {
  poll();
  pass(2h, 60s, everybody);
  CAF_MESSAGE("nothing of one server");
  pass(16min, 60s, {{"QLIK2", service::user_events}, {"somebody", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:server_silent engine:server_silent ");
  pass(2h, 60s, everybody);
  CAF_MESSAGE("nothing at a port");
  pass(16min, 60s, {{"QLIK1", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1") + silent("sense2"),
                  "user-events:nothing_arrives user-events:nothing_arrives ");
  CAF_MESSAGE("nothing at a port that is not open");
  pass(2h, 60s, everybody);
  seen.logs.open = false;
  pass(16min, 60s, {{"QLIK1", service::user_events}, {"QLIK2", service::user_events}});
  CAF_CHECK_EQUAL(silent("sense1"), "engine:port_closed ");
}

CAF_TEST(the likely cause changes with what arrives while the silence lasts) {
  const sent_by only_2{{"QLIK2", service::user_events}};
  poll();
  pass(2h, 60s, everybody);
  CAF_MESSAGE("an outage of the whole network, which ends for the other server, then for this one");
  pass(16min);
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:nothing_arrives engine:nothing_arrives ");
  const auto since = document("sense1")["silent"][0]["since"];
  pass(1min, 60s, only_2);
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:server_silent engine:nothing_arrives ");
  CAF_CHECK_EQUAL(alarms.at(0).text.substr(alarms.at(0).text.find(". ") + 2),
                  "Nothing comes from any service of this server, while others send.");
  pass(1min, 60s, {{"QLIK1", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:appender ");
  CAF_CHECK(document("sense1")["silent"][0]["since"] == since); // it is the same silence
  const auto often = counted;
  const auto messages = told.size();
  pass(2h, 60s, without_user_events_of_1);
  CAF_CHECK_EQUAL(told.size(), messages); // and nothing new
  CAF_MESSAGE("another outage");
  pass(14min);
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:appender ");
  pass(1min);
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:nothing_arrives engine:nothing_arrives ");
  CAF_CHECK_EQUAL(counted, often + 2); // the engine and the other server
  CAF_MESSAGE("a port that is closed meanwhile");
  seen.users.open = false;
  look();
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:port_closed engine:nothing_arrives ");
}

CAF_TEST(a night without sessions makes no other cause likely) {
  poll();
  pass(2h, 60s, everybody);
  pass(16min, 60s, without_user_events_of_1);
  CAF_REQUIRE_EQUAL(silent("sense1"), "user-events:appender ");
  sessions = {{"sense1", 0}, {"sense2", 0}};
  const auto messages = told.size();
  pass(10h);
  sessions = {{"sense1", 5}, {"sense2", 5}};
  pass(5min);
  pass(1h, 60s, without_user_events_of_1);
  CAF_CHECK_EQUAL(told.size(), messages);
}

CAF_TEST(events of machines that match no server are named where nothing was ever heard of one) {
  options.expect = {"engine"};
  make();
  poll();
  pass(16min, 60s,
       {{"MACHINE-7", service::engine}, {"MACHINE-7", service::proxy}, {"QLIK2", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1") + silent("sense2"), "engine:unmatched_machine ");
  const auto x = document("sense1")["silent"][0];
  CAF_CHECK(x["text"].get<std::string>().find("no server: 'MACHINE-7'.") != std::string::npos);
  CAF_CHECK(x["next"].get<std::string>().find("insights.hosts") != std::string::npos);
  CAF_MESSAGE("until it is said whose it is, or it stops");
  pass(6min, 60s, {{"QLIK2", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "engine:unmatched_machine ");
  pass(10min, 60s, {{"QLIK2", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "engine:server_silent ");
  seen.hosts = std::make_shared<server_of_host>(
      std::vector<named_server>{{"sense1", {"qlik1.example.com"}}, {"sense2", {"qlik2.example.com"}}},
      std::vector<std::pair<std::string, std::string>>{{"machine-7", "sense1"}});
  pass(1min, 60s, {{"MACHINE-7", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "");
}

CAF_TEST(an engine that has sent nothing since it was updated has lost its appender) {
  const sent_by others{
      {"QLIK1", service::user_events}, {"QLIK2", service::user_events}, {"QLIK2", service::engine}};
  auto all = everybody;
  all.push_back({"QLIK2", service::engine});
  poll();
  pass(2h, 60s, all);
  started = "b";
  pass(16min, 60s, others);
  CAF_CHECK_EQUAL(silent("sense1"), "engine:engine_restarted ");
  pass(2h, 60s, all);
  started = "c";
  version = "2\n" + std::string(5000, 'x'); // not as Sense writes it
  pass(16min, 60s, others);
  CAF_CHECK_EQUAL(silent("sense1"), "engine:engine_updated ");
  const auto text = [&] { return document("sense1")["silent"][0]["text"].get<std::string>(); };
  CAF_CHECK(text().find("from 1 to 2xxx") != std::string::npos && text().size() < 300);
  started = "d"; // another restart does not hide that
  pass(5min, 60s, others);
  CAF_CHECK_EQUAL(silent("sense1"), "engine:engine_updated ");
  CAF_CHECK(text().find("from 1 to 2xxx") != std::string::npos);
}

CAF_TEST(only time with sessions counts) {
  poll();
  pass(2h, 60s, everybody);
  sessions = {{"sense1", 0}, {"sense2", 5}};
  pass(10h);
  CAF_CHECK_EQUAL(silent("sense1"), "");
  CAF_CHECK_EQUAL(silent("sense2"), "user-events:nothing_arrives ");
  CAF_MESSAGE("from when they are there again");
  sessions["sense1"] = 1;
  pass(15min);
  CAF_CHECK_EQUAL(silent("sense1"), "");
  pass(1min);
  CAF_CHECK(silent("sense1") != "");
}

CAF_TEST(a server of which nothing is known is not blamed) {
  poll();
  pass(2h, 60s, everybody);
  sessions.erase("sense1"); // its polls fail
  pass(3h);
  CAF_CHECK_EQUAL(silent("sense1"), "");
  CAF_CHECK(alarms.size() == 1); // of the other one
}

CAF_TEST(time in which we take nothing does not count) {
  poll();
  pass(2h, 60s, everybody);
  pass(10min);
  seen.users.full = now.steady; // somebody else's fault: the broker's, say
  pass(14min, 60s, {{"QLIK1", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "");
  pass(2min, 60s, {{"QLIK1", service::engine}});
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:nothing_arrives ");
}

CAF_TEST(what has never sent is missed only where it is expected) {
  options.expect = {};
  make();
  poll();
  pass(3h);
  CAF_CHECK_EQUAL(silent("sense1") + silent("sense2"), "");
  options.expect = {"engine", "sense2/user-events"};
  make();
  told.clear();
  poll();
  pass(16min, 60s, {{"QLIK1", service::proxy}});
  CAF_CHECK_EQUAL(silent("sense1"), "engine:never_sent ");
  CAF_CHECK_EQUAL(silent("sense2"), "user-events:nothing_arrives engine:server_silent ");
  CAF_CHECK(!document("sense1")["silent"][0].contains("lastDatagram"));
}

CAF_TEST(a service that sends seldom is given the time that it usually takes) {
  options.expect = {};
  make();
  poll();
  pass(day, 40min, {{"QLIK1", service::repository}});
  CAF_CHECK_EQUAL(silent("sense1"), "");
  pass(5h); // three times what is usual, and more as long as little is known of it
  CAF_CHECK_EQUAL(silent("sense1"), "");
  pass(3h);
  CAF_CHECK_EQUAL(silent("sense1"), "repository:nothing_arrives ");
  CAF_MESSAGE("a burst and nothing more teaches nothing");
  for (int i = 0; i < 100; ++i) pass(1s, 1s, {{"QLIK2", service::scheduler}});
  pass(5h);
  CAF_CHECK_EQUAL(silent("sense2"), "");
}

CAF_TEST(what was learnt outlives other settings) {
  poll();
  pass(2h, 60s, everybody);
  options.after = 20min;
  auto next = std::make_unique<insights::silence>(options, [this] { return seen; });
  next->inherit(*aut);
  aut = std::move(next);
  told.clear();
  pass(19min);
  CAF_REQUIRE_EQUAL(told.size(), 2u); // published anew
  CAF_CHECK_EQUAL(silent("sense1"), "");
  pass(2min);
  CAF_CHECK_EQUAL(silent("sense1"), "user-events:nothing_arrives engine:nothing_arrives ");
}

CAF_TEST(weeks as they are raise no alarm and a failure among them does soon) {
  options.expect = {};
  make();
  std::mt19937_64 random{4711};
  const auto hour = [&] {
    return std::chrono::duration_cast<std::chrono::hours>(now.wall.time_since_epoch()).count() % 24;
  };
  const auto weekday = [&] { // 0: Thursday
    return std::chrono::duration_cast<std::chrono::hours>(now.wall.time_since_epoch()).count() / 24 % 7;
  };
  /// Events of one server's users, some minutes apart; at noon far fewer.
  const auto one_day = [&](bool broken) {
    for (auto t = 0s; t < day; t += 5s) {
      now.steady += 5s;
      now.wall += 5s;
      const bool work = hour() >= 7 && hour() < 19 && weekday() != 2 && weekday() != 3;
      sessions = {{"sense1", work ? 20 : 0}};
      if (t % 30s == 0s) poll();
      const auto pause = hour() == 12 ? 600.0 : 60.0;
      if (work && !broken && random() % 1000000 < 5.0 / pause * 1000000)
        arrive("QLIK1", service::user_events);
      look();
    }
  };
  for (int i = 0; i < 28; ++i) one_day(false);
  CAF_CHECK_EQUAL(counted, 0.0);
  CAF_CHECK_EQUAL(told.size(), 1u);
  one_day(true); // a Monday
  CAF_REQUIRE_EQUAL(told.size(), 2u);
  const auto since = parse_iso_time(document("sense1")["silent"][0]["since"].get<std::string>());
  const auto noticed = parse_iso_time(document("sense1")["timestamp"].get<std::string>());
  CAF_REQUIRE(since && noticed);
  CAF_MESSAGE("noticed after " << std::chrono::duration_cast<std::chrono::minutes>(*noticed - *since).count()
                               << " min");
  CAF_CHECK(*noticed - *since < 2h);
}

CAF_TEST(sessions that stay over night are learnt after three nights) {
  poll();
  double nights = 0;
  for (int i = 0; i < 6; ++i) {
    pass(10h, 60s, everybody);
    const auto before = counted;
    pass(14h);
    if (counted > before) ++nights;
  }
  CAF_CHECK_EQUAL(nights, 3.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
