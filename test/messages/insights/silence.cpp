#define CAF_SUITE messages.insights.silence
#include "test/support/unit_test.hpp"

#include "test/messages/insights/silence_site.hpp"

using namespace senseflow;
using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace senseflow::test;
using namespace std::chrono_literals;
using nlohmann::json;

CAF_TEST_FIXTURE_SCOPE(silence_tests, silence_site)

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

CAF_TEST_FIXTURE_SCOPE_END()
