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
  CAF_CHECK(given.token != nullptr && given.until() == permits.certain_until());
  CAF_CHECK_EQUAL(options.permit->calls(), 1u);
  given = {};
  answer(R"({"version":"1"})");
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  const auto& x = encoder->batches[0].items->health.at(0);
  CAF_CHECK_EQUAL(x.by.node, "node-1");
  CAF_CHECK_EQUAL(x.by.epoch, 4711u);
  CAF_CHECK_EQUAL(options.permit->calls(), 0u);
}

CAF_TEST(whoever gives the server away can see when the next call comes) {
  poll_permits permits;
  options.permit = permits.of("sense1");
  spawn_encoder();
  start(); // the first call comes after 300 ms
  const auto began = sched.clock().now();
  CAF_CHECK(options.permit->has_room(began, 200ms));
  CAF_CHECK(!options.permit->has_room(began + 150ms, 200ms));
  pass(300ms);
  CAF_CHECK(!options.permit->has_room(began + 310ms, 200ms)); // it may not have begun yet
  answer("{}");
  CAF_CHECK(options.permit->has_room(began + 310ms, 200ms));
  CAF_CHECK(!options.permit->has_room(began + 1200ms, 200ms));
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
