#define CAF_SUITE messages.insights.session_table
#include "test/support/unit_test.hpp"

#include "messages/insights/session_table.hpp"
#include "session_fixture.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;
using insights::live_session;
using insights::session_end;
using insights::session_table;

namespace {

constexpr auto id = "0b7c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3";

/// One proxy is polled every 30 s; times are counted from noon.
struct fixture {
  session_table aut{{{"/"}, 1000, 30s, 30min}};
  std::vector<insights::ended_session> ended;

  void poll(caf::timespan at, const listed& xs, const std::string& proxy = "/") {
    show(aut, list_of(xs, noon + at, proxy));
    look(at);
  }
  bool hear(caf::timespan at, const std::string& command, const std::string& user = "anna",
            const std::string& message = chrome, const std::string& app = {}) {
    const auto x = event_of(command, user, noon + at, message, app);
    const auto result = aut.heard(insights::news_of(x), x, x.received);
    look(at);
    return result;
  }
  void look(caf::timespan at) {
    aut.pass(noon + at);
    for (auto& x : aut.take_ended().all) ended.push_back(std::move(x));
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const auto* x : aut.live()) result.push_back(x->id);
    std::sort(result.begin(), result.end());
    return result;
  }
  live_session only() const {
    const auto all = aut.live();
    CAF_REQUIRE_EQUAL(all.size(), 1u);
    return *all.front();
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_table_tests, fixture)

CAF_TEST(a session is what a list has and its start is inferred where no event told of it) {
  poll(0s, {{"a", "anna"}, {"b", "bert"}});
  CAF_CHECK_EQUAL(ids(), (strings{"a", "b"}));
  const auto& x = *aut.live().front();
  CAF_CHECK(x.start_inferred && x.start == noon && !x.heard);
  CAF_CHECK_EQUAL(x.virtual_proxy, "/");
  CAF_CHECK_EQUAL(x.user_directory, "LAB");
}

CAF_TEST(a start that was heard belongs to the session that the next list has) {
  poll(0s, {});
  CAF_CHECK(hear(10s, "Start session"));
  CAF_CHECK(ids().empty()); // not before a list has it
  poll(30s, {{"a", "anna"}});
  const auto x = only();
  CAF_CHECK(!x.start_inferred && x.start == noon + 10s);
  CAF_CHECK_EQUAL(x.browser, "Chrome 120");
}

CAF_TEST(a start that comes after the list that has its session belongs to it) {
  poll(0s, {});
  poll(30s, {{"a", "anna"}});
  CAF_CHECK(only().start_inferred);
  hear(29900ms, "Start session");
  CAF_CHECK(!only().start_inferred);
  hear(40s, "Start session"); // another one
  CAF_CHECK(only().start == noon + 29900ms);
  poll(60s, {{"a", "anna"}, {"b", "anna"}});
  CAF_CHECK_EQUAL(aut.live().front()->id, "b");
  CAF_CHECK(aut.live().front()->start == noon + 40s);
}

CAF_TEST(a stop ends the only session of its user and the next list confirms it) {
  poll(0s, {{"a", "anna"}, {"b", "bert"}});
  CAF_CHECK(hear(10s, "Stop session"));
  CAF_CHECK_EQUAL(ids(), (strings{"b"})); // at once
  CAF_CHECK(ended.empty());               // a guess
  poll(30s, {{"b", "bert"}});
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].what.id, "a");
  CAF_CHECK(ended[0].how == session_end::stopped && !ended[0].inferred && ended[0].end == noon + 10s);
  poll(60s, {{"b", "bert"}});
  look(100s);
  CAF_CHECK_EQUAL(ended.size(), 1u);
}

CAF_TEST(a stop that names its session is told at once) {
  poll(0s, {{id, "anna"}, {"b", "anna"}});
  hear(10s, "Stop session", "anna", std::string{"Stop session for user: "} + id);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].what.id, id);
  poll(10100ms, {{id, "anna"}, {"b", "anna"}}); // was under way when it ended
  CAF_CHECK_EQUAL(ids(), (strings{"b"}));
  poll(40s, {{"b", "anna"}});
  CAF_CHECK_EQUAL(ended.size(), 1u);
}

CAF_TEST(events that call a session by an id of their own are told apart by it) {
  poll(0s, {});
  hear(1s, "Start session", "anna", std::string{"session "} + id + " " + chrome);
  hear(2s, "Start session", "anna", firefox);
  poll(30s, {{"a", "anna"}, {"b", "anna"}});
  hear(31s, "Open connection", "anna", std::string{"session "} + id, sales);
  const auto all = aut.live();
  CAF_CHECK_EQUAL(all[1]->browser, "Chrome 120");
  CAF_CHECK_EQUAL(all[1]->connections, 1u);
  CAF_CHECK_EQUAL(all[0]->connections, 0u);
}

CAF_TEST(a list that was under way when a session ended does not bring it back) {
  poll(0s, {{"a", "anna"}});
  hear(29900ms, "Stop session");
  poll(30s, {{"a", "anna"}}); // begun at 29.8 s
  CAF_CHECK(ids().empty());
  poll(60s, {});
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK(ended[0].end == noon + 29900ms);
}

CAF_TEST(who is still listed after a stop of its user is alive and no end is told) {
  poll(0s, {{"a", "anna"}});
  hear(1s, "Start session"); // in a virtual proxy that is not polled
  hear(20s, "Stop session"); // there
  poll(60s, {{"a", "anna"}});
  CAF_CHECK_EQUAL(ids(), (strings{"a"}));
  look(1000s);
  CAF_CHECK(ended.empty());
}

CAF_TEST(who is active is alive) {
  poll(0s, {{"a", "anna"}});
  hear(10s, "Stop session"); // of one that nobody knew
  CAF_CHECK(ids().empty());
  hear(11s, "Open connection", "anna", chrome, sales);
  CAF_CHECK_EQUAL(only().connections, 1u);
  poll(30s, {{"a", "anna"}});
  look(200s);
  CAF_CHECK(ended.empty());
}

CAF_TEST(of several sessions of a user the next list says which has stopped) {
  poll(0s, {{"a", "anna"}, {"b", "anna"}, {"c", "anna"}});
  hear(10s, "Stop session");
  CAF_CHECK_EQUAL(ids().size(), 3u);
  poll(30s, {{"a", "anna"}, {"c", "anna"}});
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].what.id, "b");
  CAF_CHECK(ended[0].how == session_end::stopped && !ended[0].inferred && ended[0].end == noon + 10s);
  poll(60s, {{"a", "anna"}}); // and this one's stop was lost
  look(66s);
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK(ended[1].how == session_end::vanished);
}

CAF_TEST(who is not listed any more has vanished unless its stop comes for a moment) {
  poll(0s, {{"a", "anna"}, {"b", "bert"}});
  poll(30s, {});
  CAF_CHECK(ids().empty());
  CAF_CHECK(ended.empty());
  CAF_CHECK(hear(30100ms, "Stop session", "bert"));
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK(ended[0].how == session_end::stopped && !ended[0].inferred);
  CAF_CHECK(ended[0].end == noon + 30s);
  look(34s);
  CAF_CHECK_EQUAL(ended.size(), 1u);
  look(36s);
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK(ended[1].how == session_end::vanished && ended[1].inferred && ended[1].end == noon + 30s);
  CAF_CHECK(!hear(37s, "Stop session")); // too late
}

CAF_TEST(a session that only events tell of is forgotten when no list has it) {
  poll(0s, {});
  hear(1s, "Start session");
  hear(2s, "Open connection", "bert");
  poll(30s, {});
  look(1000s);
  CAF_CHECK(ended.empty());
  hear(1001s, "Start session");
  CAF_CHECK(hear(1003s, "Stop session")); // shorter than an interval
  poll(1030s, {});
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].what.id, "");
  CAF_CHECK_EQUAL(ended[0].what.user_id, "anna");
  CAF_CHECK(ended[0].what.start == noon + 1001s);
}

CAF_TEST(all virtual proxies are asked before a session is given up) {
  session_table two{{{"/", "/hdr"}, 1000, 30s, 30min}};
  const auto start = event_of("Start session", "anna", noon);
  two.heard(insights::news_of(start), start, start.received);
  show(two, list_of({}, noon + 10s));
  show(two, list_of({}, noon + 20s));
  show(two, list_of({{"a", "anna"}}, noon + 30s, "/hdr"));
  CAF_REQUIRE_EQUAL(two.live().size(), 1u);
  CAF_CHECK(two.live().front()->start == noon);
  show(two, list_of({}, noon + 40s)); // its list is the other one
  CAF_CHECK_EQUAL(two.live().size(), 1u);
}

CAF_TEST(connections are counted by app as far as events tell) {
  poll(0s, {{"a", "anna"}});
  hear(1s, "Open connection", "anna", chrome, sales);
  hear(2s, "Open connection", "anna", chrome, sales);
  hear(3s, "Open connection");
  CAF_CHECK_EQUAL(only().connections, 3u);
  CAF_REQUIRE_EQUAL(only().apps.size(), 1u);
  CAF_CHECK_EQUAL(only().apps[0].connections, 2u);
  CAF_CHECK(only().last_activity == noon + 3s);
  for (int i = 0; i < 5; ++i) hear(4s, "Close connection", "anna", chrome, sales);
  CAF_CHECK_EQUAL(only().connections, 0u);
  CAF_CHECK_EQUAL(only().apps[0].connections, 0u);
  CAF_CHECK(!hear(5s, "Close connection", "nobody"));
}

CAF_TEST(a connection goes to the session with the same browser) {
  poll(0s, {});
  hear(1s, "Start session", "anna", chrome);
  hear(2s, "Start session", "anna", firefox);
  poll(30s, {{"a", "anna"}, {"b", "anna"}});
  hear(31s, "Open connection", "anna", chrome, sales);
  CAF_CHECK_EQUAL(aut.live()[1]->connections, 1u);
  hear(32s, "Close connection", "anna", "", sales); // of the one that has it open
  CAF_CHECK_EQUAL(aut.live()[1]->connections, 0u);
}

CAF_TEST(a session without its user for long has timed out) {
  poll(0s, {{"a", "anna"}, {"b", "bert"}, {"c", "carla"}});
  hear(1s, "Close connection", "anna");
  hear(1s, "Close connection", "bert");
  hear(1min, "Stop session", "carla", "Session timeout");
  poll(2min, {{"a", "anna"}, {"b", "bert"}});
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK(ended[0].how == session_end::timed_out && !ended[0].inferred);
  hear(30min + 1s, "Stop session", "anna");
  poll(31min, {});
  look(32min);
  CAF_REQUIRE_EQUAL(ended.size(), 3u);
  for (size_t i = 1; i < 3; ++i) CAF_CHECK(ended[i].how == session_end::timed_out && ended[i].inferred);
}

CAF_TEST(when our clock is set all that is known goes with it) {
  poll(0s, {{"a", "anna"}, {"b", "bert"}});
  hear(10s, "Open connection");
  hear(20s, "Stop session", "bert");
  hear(29s, "Start session", "carla"); // waits for its list
  for (const caf::timespan by : {caf::timespan{1h}, caf::timespan{-3h}}) {
    aut.clock_set(by);
    const auto& a = *aut.live().front();
    CAF_CHECK_EQUAL(a.id, "a");
    CAF_CHECK(a.last_activity - a.start == 10s);
  }
  const auto at = caf::timespan{-2h} + 30s;
  poll(at, {{"a", "anna"}, {"c", "carla"}});
  CAF_CHECK_EQUAL(ids(), (strings{"a", "c"}));
  CAF_CHECK(!aut.live().front()->start_inferred && aut.live().front()->start == noon + at - 1s);
  look(at + 6s);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK(ended[0].how == session_end::stopped && ended[0].end - ended[0].what.start == 20s);
}

CAF_TEST(left out users are in no list) {
  messages::user_set exclude;
  exclude.add("LAB", "anna");
  show(aut, list_of({{"a", "anna"}, {"b", "bert"}}, noon), exclude);
  CAF_CHECK_EQUAL(ids(), (strings{"b"}));
  CAF_CHECK_EQUAL(aut.beyond(), 0u);
}

CAF_TEST(what is kept is bounded and the rest is counted) {
  session_table small{{{"/"}, 2, 30s, 30min}};
  show(small, list_of({{"a", "anna"}, {"b", "bert"}, {"c", "carla"}, {"", "eva"}}, noon));
  CAF_CHECK_EQUAL(small.live().size(), 2u);
  CAF_CHECK_EQUAL(small.beyond(), 2u);
  size_t taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto x = event_of("Start session", "user" + std::to_string(i), noon);
    taken += small.heard(insights::news_of(x), x, noon);
  }
  CAF_CHECK_EQUAL(taken, 1000u);
  show(small, list_of({{"a", "anna"}, {"c", "carla"}}, noon + 30s)); // those do not take their room
  small.pass(noon + 36s);
  show(small, list_of({{"a", "anna"}, {"c", "carla"}}, noon + 60s));
  CAF_CHECK_EQUAL(small.live().size(), 2u);
  CAF_CHECK_EQUAL(small.beyond(), 0u);
  listed many;
  for (int i = 0; i < 3000; ++i) many.emplace_back("s" + std::to_string(i), "u" + std::to_string(i));
  session_table large{{{"/"}, 10000, 30s, 30min}};
  show(large, list_of(many, noon));
  show(large, list_of({}, noon + 30s));
  large.pass(noon + 40s);
  const auto ends = large.take_ended();
  CAF_CHECK_EQUAL(ends.all.size(), session_table::most_ended);
  CAF_CHECK_EQUAL(ends.lost, 3000 - session_table::most_ended);
}

CAF_TEST(changes are told once) {
  CAF_CHECK(aut.take_change());
  CAF_CHECK(!aut.take_change());
  poll(0s, {{"a", "anna"}});
  CAF_CHECK(aut.take_change());
  poll(30s, {{"a", "anna"}});
  CAF_CHECK(!aut.take_change());
  hear(31s, "Start session", "bert"); // not shown yet
  CAF_CHECK(!aut.take_change());
  hear(32s, "Open connection");
  CAF_CHECK(aut.take_change());
}

CAF_TEST_FIXTURE_SCOPE_END()
