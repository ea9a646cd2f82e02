#define CAF_SUITE actors.polling.sense_poller
#include "actors/polling/sense_poller.hpp"
#include "runtime/memory_reserve.hpp"
#include "test/scarce_memory/fail_allocation.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_http_client.hpp"
#include "test/support/logged.hpp"

#include "test/actors/polling/sense_poller.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;
using messages::item_class;
using runtime::http_error;
using strings = std::vector<std::string>;

CAF_TEST_FIXTURE_SCOPE(sense_poller_tests, test::poller_fixture)

CAF_TEST(the first call comes at its phase and then one every interval) {
  spawn_encoder();
  start();
  pass(299ms);
  CAF_CHECK_EQUAL(http->total(), 0u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  for (size_t i = 1; i <= 10; ++i) {
    answer("{}");
    pass(999ms);
    CAF_CHECK_EQUAL(http->total(), i);
    pass(1ms);
    CAF_CHECK_EQUAL(http->total(), i + 1);
  }
}

CAF_TEST(one more call is made at the start if its turn is far) {
  options.apis[0].at_start = 10ms;
  options.apis[0].phase = 900ms;
  spawn_encoder();
  start();
  pass(9ms);
  CAF_CHECK_EQUAL(http->total(), 0u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  answer("{}");
  pass(889ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 2u);
}

CAF_TEST(a call at the start is left out if its turn comes soon) {
  options.apis[0].at_start = 10ms;
  spawn_encoder();
  start();
  pass(299ms);
  CAF_CHECK_EQUAL(http->total(), 0u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
}

CAF_TEST(on request all is polled at once beside the schedule but not twice in a second) {
  add_sessions();
  spawn_encoder();
  start();
  caf::anon_send(aut, poll_atom_v);
  consume_messages();
  CAF_CHECK_EQUAL(http->total(), 2u);
  answer("{}", "/engine");
  caf::anon_send(aut, poll_atom_v);
  consume_messages();
  CAF_CHECK_EQUAL(http->total(), 2u);
  CAF_CHECK_EQUAL(skipped("just_polled"), 1);
  CAF_CHECK_EQUAL(skipped("just_polled", "sessions/hdr"), 1);
  answer("[]", "/qps");
  for (size_t i = 1; i <= 3; ++i) { // their turns are where they were, once each
    pass(i == 1 ? 300ms : 1000ms);
    CAF_CHECK_EQUAL(http->total(), 2 + 2 * i);
    answer("{}", "/engine");
    answer("[]", "/qps");
  }
  stop(aut);
  caf::anon_send(aut, poll_atom_v);
  consume_messages();
  CAF_CHECK_EQUAL(http->total(), 8u);
}

CAF_TEST(an answer becomes a sample with the identity of the server) {
  spawn_encoder();
  start();
  pass(300ms);
  answer(R"({"version":"12.1","saturated":false})");
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  CAF_REQUIRE_EQUAL(encoder->batches[0].items->health.size(), 1u);
  const auto& sample = encoder->batches[0].items->health[0];
  CAF_CHECK_EQUAL(sample.server, "sense1");
  CAF_CHECK_EQUAL(sample.host, "192.0.2.1");
  CAF_CHECK((sample.tags == options.tags));
  CAF_CHECK(sample.timestamp != caf::timestamp{});
  CAF_CHECK_EQUAL(sample[messages::health_value::version].text, "12.1");
  CAF_CHECK_EQUAL(line(item_class::health).received, 1u);
}

CAF_TEST(sessions carry their virtual proxy) {
  add_sessions();
  spawn_encoder();
  start();
  pass(300ms);
  answer(R"([{"UserId":"goran"}])", "/qps/hdr");
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  CAF_REQUIRE_EQUAL(encoder->batches[0].items->sessions.size(), 1u);
  CAF_CHECK_EQUAL(encoder->batches[0].items->sessions[0].virtual_proxy, "/hdr");
  CAF_CHECK_EQUAL(line(item_class::sessions).received, 1u);
}

CAF_TEST(a call that has not ended makes the next ones skip and does not hold up other calls) {
  add_sessions();
  spawn_encoder();
  start();
  pass(300ms);
  CAF_CHECK_EQUAL(http->total(), 2u);
  answer("[]", "/qps");
  for (int i = 0; i < 3; ++i) {
    pass(1s);
    answer("[]", "/qps");
  }
  CAF_CHECK_EQUAL(http->total(), 5u);
  CAF_CHECK_EQUAL(skipped("in_flight"), 3);
  answer("{}", "/engine");
  pass(1s);
  CAF_CHECK_EQUAL(http->total(), 7u);
}

CAF_TEST(a call that waits for its turn to connect is told from one that was not answered) {
  spawn_encoder();
  start();
  pass(300ms);
  *http->request().waiting = true;
  for (int i = 0; i < 2; ++i) pass(1s);
  CAF_CHECK_EQUAL(skipped("waiting_turn"), 2);
  *http->request().waiting = false;
  pass(1s);
  CAF_CHECK_EQUAL(skipped("waiting_turn"), 2);
  CAF_CHECK_EQUAL(skipped("in_flight"), 1);
  runtime::http_response r;
  r.body = "{}";
  r.waited_us = 2'000'000;
  r.connected_us = 700'000;
  http->complete(r);
  consume_messages();
  pass(1s);
  r.waited_us = 0;
  r.connected_us = 6'000'000; // more than a poll may take
  http->complete(r);
  consume_messages();
  pass(1s);
  answer("{}");
  const runtime::metrics::labels l{{"server", "sense1"}, {"api", "health"}};
  CAF_CHECK_EQUAL(env->counters.value("poll_wait_us_total", l), 2e6);
  CAF_CHECK_EQUAL(env->counters.value("poll_connections_total", l), 2);
  CAF_CHECK_EQUAL(env->counters.value("poll_connection_us_total", l), 6.7e6);
  CAF_CHECK_EQUAL(env->counters.value("poll_connections_late_total", l), 1);
  CAF_CHECK_EQUAL(states(), strings{"online"});
}

CAF_TEST(without demand it skips and polls again once its sample has left) {
  start();
  pass(300ms);
  answer("{}");
  pass(1s);
  pass(1s);
  CAF_CHECK_EQUAL(http->total(), 1u);
  CAF_CHECK_EQUAL(skipped("no_demand"), 2);
  spawn_encoder();
  pass(20ms);
  CAF_CHECK_EQUAL(encoder->batches.size(), 1u);
  pass(980ms);
  CAF_CHECK_EQUAL(http->total(), 2u);
}

CAF_TEST(failures are counted by kind and polling goes on) {
  spawn_encoder();
  start();
  pass(300ms);
  for (auto e : {http_error::refused, http_error::timeout, http_error::refused}) {
    http->fail(e);
    consume_messages();
    pass(1s);
  }
  CAF_CHECK_EQUAL(env->counters.value("poll_failures_total",
                                      {{"server", "sense1"}, {"api", "health"}, {"reason", "refused"}}),
                  2);
  CAF_CHECK_EQUAL(http->total(), 4u);
  CAF_CHECK_EQUAL(line(item_class::health).received, 0u);
}

CAF_TEST(a body of no use is received and dropped) {
  spawn_encoder();
  start();
  pass(300ms);
  answer("NaN");
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  CAF_CHECK(encoder->batches[0].items->health.empty());
  CAF_CHECK_EQUAL(line(item_class::health).dropped["invalid_json"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(a restarted poller keeps the schedule and the sample of the old one) {
  start();
  pass(300ms);
  answer("{}");
  kill("polling/sense1");
  pass(500ms);
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(encoder->batches.size(), 1u);
  pass(499ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 2u);
}

CAF_TEST(a stopped poller makes no more calls and ends when its samples are accepted) {
  start();
  pass(300ms);
  answer("{}");
  stop(aut);
  CAF_CHECK(!ended(aut));
  spawn_encoder();
  pass(1s);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(http->total(), 1u);
}

CAF_TEST(a change of availability is an item of the server and counted) {
  spawn_encoder();
  start();
  pass(300ms);
  answer("{}");
  pass(1s);
  answer("{}");
  pass(1s);
  fail(http_error::status, {}, 503);
  pass(1s);
  fail(http_error::status, {}, 503);
  pass(1s);
  fail(http_error::timeout);
  pass(1s);
  answer("<html>");
  pass(1s);
  answer("{}");
  pass(1s);
  fail(http_error::refused);
  CAF_CHECK_EQUAL(states(), (strings{"online", "degraded health http_status 503",
                                     "offline health http_status 503", "offline health timeout",
                                     "offline health body", "online", "offline health refused"}));
  CAF_CHECK_EQUAL(changes("online"), 2);
  CAF_CHECK_EQUAL(changes("degraded"), 1);
  CAF_CHECK_EQUAL(changes("offline"), 2);
  const auto& x = encoder->batches.back().items->availability.at(0);
  CAF_CHECK_EQUAL(x.server, "sense1");
  CAF_CHECK_EQUAL(x.host, "192.0.2.1");
  CAF_CHECK(x.since == x.timestamp);
  CAF_CHECK(x.last_good_poll < x.timestamp);
  CAF_CHECK(x.last_good_poll > x.timestamp - std::chrono::hours(1));
  CAF_CHECK_EQUAL(line(item_class::availability).received, 7u);
}

CAF_TEST(sessions that fail degrade the server) {
  add_sessions();
  spawn_encoder();
  start();
  pass(300ms);
  answer("{}", "/engine");
  fail(http_error::refused, "/qps");
  pass(1s);
  answer("{}", "/engine");
  answer("{}", "/qps");
  pass(1s);
  answer("[]", "/qps");
  CAF_CHECK_EQUAL(
      states(), (strings{"online", "degraded sessions/hdr refused", "degraded sessions/hdr body", "online"}));
}

CAF_TEST(a restarted engine and a new version are events) {
  spawn_encoder();
  start();
  pass(300ms);
  for (auto body : {R"({"started":"a","version":"1"})", R"({"started":"a","version":"1"})", "{}",
                    R"({"started":"b","version":"1"})", R"({"started":"c","version":"2"})"}) {
    answer(body);
    pass(1s);
  }
  CAF_CHECK_EQUAL(events(), (strings{"engine_restarted a b", "version_changed 1 2", "engine_restarted b c"}));
  const auto& x = encoder->batches.back().items->server_events.at(0);
  CAF_CHECK_EQUAL(x.server, "sense1");
  CAF_CHECK_EQUAL(x.host, "192.0.2.1");
  CAF_CHECK(x.timestamp != caf::timestamp{});
  CAF_CHECK_EQUAL(line(item_class::server_event).received, 3u);
  CAF_CHECK_EQUAL(states(), strings{"online"});
}

CAF_TEST(a restarted poller knows what the old one knew of the server) {
  spawn_encoder();
  start();
  pass(300ms);
  answer(R"({"started":"a"})");
  pass(1s);
  fail(http_error::timeout);
  kill("polling/sense1");
  start();
  pass(1s);
  fail(http_error::timeout); // the second in a row
  kill("polling/sense1");
  start();
  pass(1s);
  fail(http_error::timeout);
  kill("polling/sense1");
  start();
  pass(1s);
  answer(R"({"started":"b"})");
  CAF_CHECK_EQUAL(states(),
                  (strings{"online", "degraded health timeout", "offline health timeout", "online"}));
  CAF_CHECK_EQUAL(events(), strings{"engine_restarted a b"});
}

CAF_TEST(a change that nobody asks for yet is kept over a crash) {
  start();
  pass(300ms);
  fail(http_error::refused);
  kill("polling/sense1");
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(states(), strings{"offline health refused"});
}

CAF_TEST(whichever allocation fails while an answer is handled a change is told once) {
  runtime::reserve_memory();
  size_t crashes = 0;
  for (uint32_t number = 1; number < 150; ++number) {
    own = std::make_shared<sense_poller_estate>(std::make_shared<runtime::estate<outlet>>(number, 100u));
    encoder->batches.clear();
    start();
    pass(1s);
    runtime::http_response refused;
    refused.error = http_error::refused;
    http->complete(std::move(refused));
    senseflow_fail_allocation(number);
    consume_messages();
    senseflow_fail_allocation(0);
    crashes += ended(aut) ? 1 : 0;
    kill("polling/sense1");
    start();
    pass(1s);
    if (http->waiting() > 0) fail(http_error::refused); // the first one went unnoticed
    kill("polling/sense1");
    spawn_encoder();
    start();
    CAF_CHECK_EQUAL(states(), strings{"offline health refused"});
    kill("polling/sense1");
    kill(names::encoder);
  }
  CAF_CHECK_GREATER(crashes, 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
