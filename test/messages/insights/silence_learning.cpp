#define CAF_SUITE messages.insights.silence_learning
#include "test/support/unit_test.hpp"

#include "test/messages/insights/silence_site.hpp"

#include <random>

using namespace senseflow;
using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace senseflow::test;
using namespace std::chrono_literals;
using nlohmann::json;

CAF_TEST_FIXTURE_SCOPE(silence_learning_tests, silence_site)

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
