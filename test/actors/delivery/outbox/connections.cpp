#define CAF_SUITE actors.delivery.outbox.connections
#include "test/actors/delivery/outbox/store.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_connections_tests, store_fixture)

CAF_TEST(a lane changes its publisher only when nothing of it is on its way) {
  store aut{*this};
  std::string origin = "a";
  while (messages::lane_of(origin, outbox_store::lane_count) % 2 != 0) origin += "a";
  for (int i = 1; i <= 4; ++i) put_event(aut, std::to_string(i), origin);
  aut.publisher_here(0, true, 1, {});
  aut.publisher_here(1, true, 1, {});
  CAF_CHECK(aut.take(1).empty());
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1"}));
  aut.publisher_here(0, false, 1, {sent[0].id}); // lost its connection, has not said what became of it
  CAF_CHECK(aut.take(1).empty());
  aut.settle(0, settle_all(sent, outcome::returned));
  sent = aut.take(1);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1"}));
  aut.publisher_here(0, true, 1, {}); // is back, but its lane is in use
  CAF_CHECK(aut.take(0).empty());
  aut.settle(1, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(aut.take(1).empty());
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"2"}));
}

CAF_TEST(after a reconnect what waited is held back and then paced and the rest is not ) {
  options.replay_rate = 100;
  store aut{*this};
  aut.publisher_here(0, true, 1000, {});
  aut.publisher_here(0, false, 1000, {});
  for (int i = 0; i < 300; ++i) put_event(aut, "old", "slow");
  std::string other = "a";
  while (messages::lane_of(other, outbox_store::lane_count) ==
         messages::lane_of("slow", outbox_store::lane_count))
    other += "a";
  aut.publisher_here(0, true, 1000, {});
  put_event(aut, "fresh", other);
  put(aut, publication(item_class::health, "slow", "state"));
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"state", "fresh"}));
  pass(1999ms);
  CAF_CHECK(aut.take(0).empty());
  pass(1ms);
  size_t sent = 0;
  for (int i = 0; i < 10; ++i) {
    sent += aut.take(0).size();
    pass(100ms);
  }
  CAF_CHECK(sent >= 90 && sent <= 110);
  // What joins the backlog does not make it longer for ever.
  for (int i = 0; i < 100; ++i) put_event(aut, "joined", "slow");
  for (int i = 0; i < 31; ++i) {
    sent += aut.take(0).size();
    pass(100ms);
  }
  CAF_CHECK_EQUAL(sent, 400u);
  put_event(aut, "later", "slow");
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"later"}));
}

CAF_TEST(what waited for the first connection for long is held back too) {
  store aut{*this};
  put_event(aut, "1");
  pass(1s);
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK(aut.take(0).empty());
  pass(2s);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "2"}));
}

CAF_TEST(a broker that still knows our session was not restarted and nothing is held back) {
  store aut{*this};
  aut.publisher_here(0, true, 10, {});
  aut.publisher_here(0, false, 10, {});
  put_event(aut, "1");
  aut.publisher_here(0, true, 10, {}, true);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
}

CAF_TEST(a publisher that crashed and comes back is not held back) {
  store aut{*this};
  aut.publisher_here(0, true, 10, {});
  put_event(aut, "1");
  aut.take(0);
  aut.publisher_died(0);
  aut.publisher_here(0, false, 10, {});
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).repeated, 1u);
}

CAF_TEST(a publication over which connections end travels alone and is given up in the end) {
  store aut{*this};
  for (auto x : {"good", "poison", "after"}) put_event(aut, x);
  aut.publisher_here(0, true, 10, {});
  auto connection_ends = [&](const std::vector<messages::outgoing>& sent) {
    std::vector<uint64_t> holds;
    for (const auto& x : sent) holds.push_back(x.id);
    aut.publisher_here(0, false, 10, holds);
    aut.settle(0, settle_all(sent, outcome::returned));
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
  };
  for (int i = 0; i < 3; ++i) {
    auto sent = aut.take(0);
    CAF_CHECK_EQUAL(payloads(sent), (strings{"good", "poison", "after"}));
    connection_ends(sent);
  }
  // Each goes alone now, in order: the good one arrives.
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"good"}));
  CAF_CHECK(aut.take(0).empty());
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  for (int i = 0; i < 3; ++i) {
    sent = aut.take(0);
    CAF_CHECK_EQUAL(payloads(sent), (strings{"poison"}));
    connection_ends(sent);
  }
  sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"after"}));
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 2u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["undeliverable"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(while no connection is good for anything nothing is given up for long) {
  store aut{*this};
  put_event(aut, "1");
  int ends = 0;
  for (const auto began = now; line(item_class::user_event).dropped.empty(); ++ends) {
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1"}));
    aut.publisher_here(0, false, 10, {sent[0].id});
    aut.settle(0, settle_all(sent, outcome::returned));
    CAF_REQUIRE(now - began < 20min);
    if (now - began < 10min) CAF_REQUIRE(line(item_class::user_event).dropped.empty());
  }
  CAF_CHECK_GREATER(ends, 100);
}

CAF_TEST(what the broker does not take at the moment waits a little and is never given up) {
  store aut{*this};
  put_event(aut, "1");
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  for (int i = 0; i < 1000; ++i) {
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1", "2"}));
    aut.settle(0, settle_all(sent, outcome::returned)); // and the connection stays
    put_event(aut, "other", "b");
    CAF_REQUIRE_EQUAL(payloads(sent = aut.take(0)), (strings{"other"}));
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    pass(1s);
  }
  CAF_CHECK(line(item_class::user_event).dropped.empty());
}

CAF_TEST(while connections end over nothing too nobody is guilty) {
  store aut{*this};
  put_event(aut, "1");
  for (int i = 0; i < 100; ++i) {
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1"}));
    aut.publisher_here(0, false, 10, {sent[0].id});
    aut.settle(0, settle_all(sent, outcome::returned));
    aut.publisher_here(0, true, 10, {});
    put_event(aut, "other", "b");
    sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"other"}));
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    aut.publisher_here(0, false, 10, {});
  }
  CAF_CHECK(line(item_class::user_event).dropped.empty());
  CAF_CHECK(!aut.empty());
}

CAF_TEST(what never left is no suspect) {
  store aut{*this};
  put_event(aut, "1");
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  for (int i = 0; i < 20; ++i) aut.settle(0, settle_all(aut.take(0), outcome::not_sent));
  CAF_CHECK_EQUAL(aut.take(0).size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
