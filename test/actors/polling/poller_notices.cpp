#define CAF_SUITE actors.polling.poller_notices
#include "test/actors/polling/sense_poller.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;

CAF_TEST_FIXTURE_SCOPE(poller_notices_tests, test::poller_fixture)

CAF_TEST(how the server is can be seen without asking) {
  const auto notice = [&] { return env->notices.servers.all().at("sense1"); };
  spawn_encoder();
  start();
  pass(300ms);
  answer(R"({"users":{"total":3},"session":{"total":5}})");
  CAF_REQUIRE(notice().state);
  CAF_CHECK(notice().state->state == messages::server_state::online);
  CAF_CHECK(notice().users == 3u && notice().sessions == 5u);
  CAF_CHECK(notice().detail.empty());
  pass(1s);
  answer("no JSON");
  CAF_CHECK(notice().state->state == messages::server_state::degraded);
  CAF_CHECK(notice().detail.find("invalid_json") != std::string::npos);
  CAF_CHECK(notice().sessions == 5u); // as last known
  pass(1s);
  answer("{}");
  CAF_CHECK(notice().state->error.empty() && notice().detail.empty());
  CAF_CHECK(!notice().sessions);
  CAF_CHECK_EQUAL(env->timings.poll_duration.counts().count(), 3u);
  CAF_CHECK_EQUAL(env->timings.poll_lateness.counts().count(), 3u);
  CAF_CHECK_EQUAL(env->timings.session_poll_duration.counts().count(), 0u);
}

CAF_TEST(what an answer tells of clock and certificate can be seen good or not ) {
  add_sessions();
  spawn_encoder();
  start();
  pass(300ms);
  const auto notice = [&] { return env->notices.servers.all().at("sense1"); };
  runtime::http_response x;
  x.error = runtime::http_error::status;
  x.status = 403;
  x.server_time = 1795701601;
  x.answered = caf::timestamp{1795701599s};
  x.duration_us = 300'000;
  x.connected_us = 100'000;
  x.certificate = {"CN = sense1", "CN = root", 1800000000};
  http->complete(x, "healthcheck");
  consume_messages();
  CAF_REQUIRE(notice().clock);
  CAF_CHECK(notice().clock->date == 1795701601s);
  CAF_CHECK(notice().clock->answered == x.answered);
  CAF_CHECK(notice().clock->asked == x.answered - 200ms);
  CAF_CHECK_EQUAL(notice().certificates.at("health").subject, "CN = sense1");
  CAF_CHECK(notice().certificates.at("health").not_after == caf::timestamp{1800000000s});
  answer("[]", "/qps/hdr"); // over a connection that was there, without a Date
  CAF_CHECK(notice().clock->date == 1795701601s);
  CAF_CHECK_EQUAL(notice().certificates.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
