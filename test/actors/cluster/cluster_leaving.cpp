#define CAF_SUITE actors.cluster.cluster_leaving
#include "test/support/unit_test.hpp"

#include "test/support/logged.hpp"

#include "test/actors/cluster/cluster.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(cluster_leaving_tests, test::cluster_fixture)

CAF_TEST(who drains gives everything away and stays) {
  auto n1 = start("n1"), n2 = start("n2");
  run(2s);
  drain(n1);
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), 0u);
  CAF_CHECK_EQUAL(owned(n2), servers.size());
  CAF_CHECK(n2->view->load()->nodes.at(0).draining);
  CAF_CHECK_EQUAL(keys("/nodes/"), 2u);
  run(5s);
  CAF_CHECK_EQUAL(owned(n1), 0u);
}

CAF_TEST(a stop gives everything away and then the lease) {
  auto n1 = start("n1"), n2 = start("n2");
  run(2s);
  CAF_REQUIRE(poll(*n1, any_of(n1)));
  ask_to_stop(n1);
  run(500ms);
  CAF_CHECK(!ended(n1->actor)); // a call runs
  CAF_CHECK_EQUAL(owned(n2), servers.size() - 1);
  n1->calls.clear();
  run(200ms);
  CAF_CHECK(ended(n1->actor));
  CAF_CHECK_EQUAL(owned(n2), servers.size());
  CAF_CHECK_EQUAL(keys("/nodes/"), 1u);
  CAF_CHECK(n1->pollers.empty());
  run(2s);
}

CAF_TEST(without draining a stop waits for calls and revokes the lease) {
  auto n1 = make("n1");
  n1->options.drain_on_stop = false;
  spawn(*n1);
  run(1s);
  auto n2 = start("n2");
  run(1s);
  CAF_REQUIRE(poll(*n1, any_of(n1)));
  ask_to_stop(n1);
  run(300ms);
  CAF_CHECK_EQUAL(owned(n1), 0u);
  CAF_CHECK_EQUAL(owned(n2), 15u);
  n1->calls.clear();
  run(200ms);
  CAF_CHECK(ended(n1->actor));
  CAF_CHECK_EQUAL(owned(n2), servers.size());
}

CAF_TEST(the last node keeps what nobody can take and gives it up when it ends) {
  auto n1 = start("n1");
  run(1s);
  drain(n1);
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  ask_to_stop(n1);
  run(200ms);
  CAF_CHECK(ended(n1->actor));
  CAF_CHECK(etcd->keys.empty());
}

CAF_TEST(a stop while etcd is away ends when nothing is certain any more) {
  auto n1 = start("n1");
  run(1s);
  n1->etcd->cut();
  ask_to_stop(n1);
  run(2s);
  CAF_CHECK(!ended(n1->actor));
  run(5s);
  CAF_CHECK(ended(n1->actor));
}

CAF_TEST(a stop before there is a lease is one) {
  auto n1 = make("n1");
  n1->etcd->cut();
  spawn(*n1);
  run(100ms);
  ask_to_stop(n1);
  run(10ms);
  CAF_CHECK(ended(n1->actor));
}

CAF_TEST(a drain mark empties a node while it stands) {
  auto n1 = start("n1"), n2 = start("n2");
  run(2s);
  etcd->put("/senseflow/test/drain/n1", "{}");
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), 0u);
  CAF_CHECK_EQUAL(owned(n2), servers.size());
  etcd->erase("/senseflow/test/drain/n1");
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), 15u);
  CAF_CHECK_EQUAL(owned(n2), 15u);
}

CAF_TEST_FIXTURE_SCOPE_END()
