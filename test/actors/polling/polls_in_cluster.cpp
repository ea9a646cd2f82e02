#define CAF_SUITE actors.polling.polls_in_cluster
#include "test/actors/polling/sense_poller.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;
using runtime::http_error;

CAF_TEST_FIXTURE_SCOPE(polls_in_cluster_tests, test::poller_fixture)

CAF_TEST(in a cluster each call asks for its permit and its answer bears the epoch of it) {
  poll_permits permits;
  options.node = "node-1";
  options.permit = permits.of("sense1");
  permits.certain_until(poll_permit::clock::now() + 60s);
  spawn_encoder();
  start();
  pass(300ms);
  CAF_REQUIRE_EQUAL(http->waiting(), 1u);
  const auto ask = http->request().ask_permit;
  CAF_REQUIRE(ask != nullptr);
  CAF_CHECK(ask().token == nullptr); // not ours yet
  options.permit->grant(4711);
  auto given = ask();
  CAF_CHECK(given.token != nullptr && given.until == permits.certain_until());
  CAF_CHECK_EQUAL(options.permit->calls(), 1u);
  given = {};
  answer(R"({"version":"1"})");
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  const auto& x = encoder->batches[0].items->health.at(0);
  CAF_CHECK_EQUAL(x.by.node, "node-1");
  CAF_CHECK_EQUAL(x.by.epoch, 4711u);
  CAF_CHECK_EQUAL(options.permit->calls(), 0u);
}

CAF_TEST(at its end it polls on until its permit is withdrawn) {
  poll_permits permits;
  options.permit = permits.of("sense1");
  options.hand_over = 5s;
  options.permit->grant(1);
  spawn_encoder();
  start();
  pass(300ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  answer("{}");
  CAF_CHECK(!options.permit->has_room(sched.clock().now() + 900ms, 200ms)); // it has told when it calls next
  stop(aut);
  pass(1s);
  CAF_CHECK_EQUAL(http->total(), 2u);
  answer("{}");
  options.permit->withdraw();
  pass(20ms);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a call that was not permitted is skipped and says nothing about the server) {
  spawn_encoder();
  start();
  for (int i = 0; i < 3; ++i) {
    pass(1s);
    fail(http_error::not_permitted);
  }
  CAF_CHECK_EQUAL(skipped("not_permitted"), 3);
  CAF_CHECK(states().empty());
  CAF_CHECK(env->book.snapshot()[0].received == 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
