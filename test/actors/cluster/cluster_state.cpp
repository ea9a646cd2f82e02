#define CAF_SUITE actors.cluster.cluster_state
#include "actors/cluster/cluster_state.hpp"

#include "test/support/unit_test.hpp"

#include <string>
#include <vector>

using namespace senseflow;
using namespace actors;

namespace {

const cluster_keys keys{"c"};

runtime::etcd_key key(const std::string& name, int64_t revision, int64_t lease, std::string value = "{}") {
  return {name, std::move(value), revision, revision, lease};
}

runtime::etcd_key node(const std::string& id, int64_t revision, int64_t lease) {
  return key(keys.node(id), revision, lease, R"({"protocol":1,"instance":"i-)" + id + "\"}");
}

runtime::etcd_watch_event event(int64_t revision, std::vector<runtime::etcd_change> changes) {
  return {runtime::etcd_watch_event::kind::changes, revision, std::move(changes), {}, {}};
}

runtime::etcd_change put(runtime::etcd_key x) { return {false, std::move(x)}; }
runtime::etcd_change erased(const std::string& name, int64_t revision) {
  return {true, key(name, revision, 0, "")};
}

struct fixture {
  cluster_state aut{keys};
  fixture() {
    aut.reset({node("n1", 3, 31), node("n2", 4, 32), key(keys.server("s1"), 5, 31),
               key(keys.server("s2"), 6, 32), key(keys.drain("n2"), 7, 0), key(keys.reporter(), 8, 32)},
              10);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_state_tests, fixture)

CAF_TEST(a listing tells nodes and owners and marks) {
  CAF_CHECK_EQUAL(aut.revision(), 10);
  CAF_CHECK_EQUAL(aut.nodes().size(), 2u);
  CAF_CHECK_EQUAL(aut.holder(aut.server("s1").lease)->node.id, "n1");
  CAF_CHECK_EQUAL(aut.server("s2").mod_revision, 6);
  CAF_CHECK_EQUAL(aut.server("s3").mod_revision, 0);
  CAF_CHECK(aut.owned(31) == std::set<std::string>{"s1"});
  CAF_CHECK(!aut.leaves(*aut.node("n1")) && aut.leaves(*aut.node("n2")));
  CAF_CHECK_EQUAL(aut.holder(aut.reporter().lease)->node.id, "n2");
  CAF_CHECK_EQUAL(aut.unreadable(), 0u);
}

CAF_TEST(changes move servers from one to the other) {
  aut.apply(event(11, {put(key(keys.server("s1"), 11, 32))}));
  CAF_CHECK(aut.owned(31).empty());
  CAF_CHECK_EQUAL(aut.owned(32).size(), 2u);
  CAF_CHECK_EQUAL(aut.revision(), 11);
  aut.apply(
      event(12, {erased(keys.server("s1"), 12), erased(keys.drain("n2"), 12), erased(keys.reporter(), 12)}));
  CAF_CHECK_EQUAL(aut.server("s1").lease, 0);
  CAF_CHECK(!aut.drain_wanted("n2"));
  CAF_CHECK_EQUAL(aut.reporter().mod_revision, 0);
}

CAF_TEST(the death of a node takes all that is its own) {
  aut.apply(event(11, {erased(keys.node("n2"), 11), erased(keys.server("s2"), 11)}));
  CAF_CHECK(!aut.node("n2") && !aut.holder(32));
  CAF_CHECK(aut.owned(32).empty());
}

CAF_TEST(a change that is known already is not made twice) {
  aut.apply(event(10, {erased(keys.node("n1"), 9)}));
  CAF_CHECK(aut.node("n1"));
  aut.apply({runtime::etcd_watch_event::kind::current, 14, {}, {}, {}});
  CAF_CHECK_EQUAL(aut.revision(), 14);
}

CAF_TEST(a lease that is gone takes its node and the deletion that follows does no harm) {
  aut.gone(31);
  CAF_CHECK(!aut.node("n1"));
  CAF_CHECK_EQUAL(aut.server("s1").lease, 31); // not before etcd says so
  aut.apply(event(11, {erased(keys.node("n1"), 11), erased(keys.server("s1"), 11)}));
  CAF_CHECK_EQUAL(aut.nodes().size(), 1u);
  aut.gone(99);
}

CAF_TEST(an entry that changes its lease is found by the new one) {
  aut.apply(event(11, {put(node("n1", 11, 41))}));
  CAF_CHECK(!aut.holder(31));
  CAF_CHECK_EQUAL(aut.holder(41)->node.id, "n1");
}

CAF_TEST(what says nothing is counted and believed nothing of) {
  aut.apply(event(11, {put(key("/senseflow/c/else", 11, 0)), put(key(keys.node("n3"), 11, 33, "rubbish")),
                       put(node("n4", 11, 32)), put(key(keys.node("n1"), 11, 0))}));
  CAF_CHECK_EQUAL(aut.unreadable(), 4u);
  CAF_CHECK_EQUAL(aut.nodes().size(), 1u); // n1 has overwritten itself; n4 claims n2's lease
  CAF_CHECK_EQUAL(aut.holder(32)->node.id, "n2");
}

CAF_TEST_FIXTURE_SCOPE_END()
