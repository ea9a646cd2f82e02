#define CAF_SUITE actors.cluster.cluster_moves
#include "actors/cluster/cluster_moves.hpp"

#include "test/support/unit_test.hpp"

#include <string>

using namespace senseflow;
using namespace actors;
using runtime::etcd_answer;
using runtime::etcd_compare;
using runtime::etcd_error;
using runtime::etcd_operation;

namespace {

const cluster_keys keys{"c"};

runtime::etcd_key node(const std::string& id, int64_t lease) {
  return {keys.node(id), R"({"protocol":1,"instance":"i"})", 1, 1, lease};
}
runtime::etcd_key server(const std::string& name, int64_t revision, int64_t lease) {
  return {keys.server(name), "{}", revision, revision, lease};
}

struct fixture {
  cluster_moves aut;
  cluster_state state{keys};
  std::set<std::string> busy;

  fixture() { list({server("a", 5, 1), server("b", 6, 1)}); }
  void list(std::vector<runtime::etcd_key> xs, int64_t revision = 10) {
    xs.push_back(node("n1", 1));
    xs.push_back(node("n2", 2));
    state.reset(xs, revision);
    aut.settle(state);
  }
  std::optional<runtime::etcd_transaction> next() {
    return aut.next(state, *state.node("n1"), [&](const std::string& x) { return busy.count(x) == 0; });
  }
  move_result answer(bool succeeded, std::vector<runtime::etcd_key> present = {}) {
    etcd_answer x;
    x.succeeded = succeeded;
    x.keys = std::move(present);
    return aut.answered(x);
  }
  move_result fail(etcd_error e) {
    etcd_answer x;
    x.error = e;
    return aut.answered(x);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_moves_tests, fixture)

CAF_TEST(claims go in batches of 120 under our lease) {
  cluster_plan plan;
  for (int i = 0; i < 250; ++i) plan.claims.push_back("s" + std::to_string(i));
  aut.plan(plan);
  for (size_t n : {120u, 120u, 10u}) {
    const auto x = next();
    CAF_REQUIRE(x);
    CAF_CHECK(!next()); // one at a time
    CAF_CHECK_EQUAL(x->if_all.size(), n);
    CAF_CHECK(x->if_all[0].target == etcd_compare::what::created && x->if_all[0].revision == 0);
    CAF_CHECK(x->then[0].kind == etcd_operation::what::put);
    CAF_CHECK_EQUAL(x->then[0].lease, 1);
    CAF_CHECK_EQUAL(x->then[0].value, R"({"node":"n1","instance":"i"})");
    CAF_CHECK_EQUAL(x->otherwise.size(), n);
    CAF_CHECK(answer(true) == move_result::done);
    CAF_CHECK(aut.last().claim);
    CAF_CHECK_EQUAL(aut.last().servers.size(), n);
  }
  CAF_CHECK(aut.idle());
}

CAF_TEST(after a conflict the others are claimed) {
  aut.plan({{"x", "y", "z"}, {}});
  CAF_REQUIRE(next());
  CAF_CHECK(answer(false, {server("y", 12, 2)}) == move_result::conflict);
  const auto x = next();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->if_all.size(), 2u);
  CAF_CHECK(answer(false) == move_result::conflict); // nonsense does not go round for ever
  CAF_CHECK(aut.idle());
}

CAF_TEST(a transfer names the revision and the lease of the taker) {
  aut.plan({{}, {{"a", "n2"}}});
  CAF_CHECK(!aut.held("a"));
  const auto x = next();
  CAF_REQUIRE(x);
  CAF_CHECK(aut.held("a"));
  CAF_CHECK(x->if_all[0].target == etcd_compare::what::modified);
  CAF_CHECK_EQUAL(x->if_all[0].revision, 5);
  CAF_CHECK_EQUAL(x->then[0].lease, 2);
  CAF_CHECK_EQUAL(x->then[0].value, R"({"node":"n2","instance":"i"})");
  CAF_CHECK(answer(true) == move_result::done);
  CAF_CHECK(aut.idle());
  CAF_CHECK(aut.held("a")); // until the view shows it
  list({server("a", 11, 2), server("b", 6, 1)}, 11);
  CAF_CHECK(!aut.held("a"));
}

CAF_TEST(what is polled waits and does not hold up the others) {
  busy = {"a"};
  aut.plan({{}, {{"a", "n2"}, {"b", "n2"}}});
  auto x = next();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->if_all.size(), 1u);
  CAF_CHECK(aut.held("a") && aut.held("b"));
  answer(true);
  CAF_CHECK(!next());
  CAF_CHECK(!aut.idle());
  aut.plan({{}, {{"a", "n2"}}}); // planned again it stays held
  CAF_CHECK(aut.held("a"));
  busy.clear();
  CAF_CHECK(next());
}

CAF_TEST(what is not to go any more is released) {
  busy = {"a"};
  aut.plan({{}, {{"a", "n2"}}});
  next();
  aut.plan({});
  CAF_CHECK(!aut.held("a"));
  aut.plan({{}, {{"a", "n2"}}});
  next();
  aut.release();
  CAF_CHECK(!aut.held("a") && aut.idle());
}

CAF_TEST(an answer that did not come leaves a doubt that only another revision ends) {
  aut.plan({{}, {{"a", "n2"}}});
  next();
  CAF_CHECK(fail(etcd_error::unavailable) == move_result::failed);
  CAF_CHECK(aut.idle());
  CAF_CHECK(aut.doubtful("a"));
  aut.plan({{}, {{"a", "n2"}}}); // a refusal later on says nothing about the first one
  next();
  CAF_CHECK(fail(etcd_error::no_space) == move_result::failed);
  CAF_CHECK(aut.doubtful("a"));
  aut.plan({{}, {{"a", "n1"}}}); // to ourselves
  const auto x = next();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->then[0].lease, 1);
  answer(true);
  list({server("a", 12, 1)}, 12);
  CAF_CHECK(!aut.held("a"));
}

CAF_TEST(a refusal leaves no doubt) {
  for (auto e : {etcd_error::no_space, etcd_error::denied, etcd_error::refused}) {
    aut.plan({{}, {{"a", "n2"}}});
    next();
    CAF_CHECK(fail(e) == move_result::failed);
    CAF_CHECK(!aut.held("a"));
  }
}

CAF_TEST(a lease that is lost is that of the taker or our own) {
  aut.plan({{}, {{"a", "n2"}}});
  next();
  CAF_CHECK(fail(etcd_error::lease_lost) == move_result::peer_lost);
  CAF_CHECK_EQUAL(aut.last().lease, 2);
  CAF_CHECK(!aut.held("a"));
  aut.plan({{"x"}, {}});
  next();
  CAF_CHECK(fail(etcd_error::lease_lost) == move_result::own_lost);
}

CAF_TEST(what is given up is erased and what has changed meanwhile is left alone) {
  aut.plan({{}, {{"a", ""}, {"b", "n2"}, {"gone", "n2"}, {"b2", "nobody"}}});
  auto x = next();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->then.size(), 1u);
  CAF_CHECK(x->then[0].kind == etcd_operation::what::erase);
  answer(true);
  x = next();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->if_all.size(), 1u);
  answer(true);
  CAF_CHECK(aut.idle());
}

CAF_TEST(a stop puts what is under way in doubt) {
  aut.plan({{}, {{"a", "n2"}}});
  next();
  aut.stop();
  CAF_CHECK(aut.idle());
  CAF_CHECK(aut.doubtful("a"));
  CAF_CHECK(fail(etcd_error::refused) == move_result::failed); // of nobody
  CAF_CHECK(aut.doubtful("a"));
}

CAF_TEST_FIXTURE_SCOPE_END()
