#define CAF_SUITE actors.poll_permit
#include "test/support/unit_test.hpp"

#include "actors/poll_permit.hpp"

using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

struct fixture {
  poll_permits all;
  std::shared_ptr<poll_permit> one = all.of("sense1");

  void certain_for(std::chrono::milliseconds x) { all.certain_until(poll_permit::clock::now() + x); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(poll_permit_tests, fixture)

CAF_TEST(only an owner that is certain may poll) {
  CAF_CHECK(!poll_permit::begin(one, 1s));
  one->grant(7);
  CAF_CHECK(!poll_permit::begin(one, 1s)); // nothing is certain yet
  certain_for(60s);
  CAF_REQUIRE(poll_permit::begin(one, 1s));
  CAF_CHECK_EQUAL(poll_permit::begin(one, 1s)->epoch(), 7u);
  CAF_CHECK(poll_permit::begin(one, 1s)->deadline() == all.certain_until());
  certain_for(500ms);
  CAF_CHECK(!poll_permit::begin(one, 1s));
  certain_for(-1s);
  CAF_CHECK(!poll_permit::begin(one, 0s));
  certain_for(60s);
  one->withdraw();
  CAF_CHECK(!poll_permit::begin(one, 1s));
}

CAF_TEST(calls are known until they have ended also after the permit was withdrawn) {
  one->grant(1);
  certain_for(60s);
  auto first = poll_permit::begin(one, 1s), second = poll_permit::begin(one, 1s);
  CAF_CHECK_EQUAL(one->calls(), 2u);
  one->withdraw();
  first = nullptr;
  CAF_CHECK_EQUAL(one->calls(), 1u);
  second = nullptr;
  CAF_CHECK_EQUAL(one->calls(), 0u);
}

CAF_TEST(a call has as long as the lease is certain but not that of another ownership) {
  one->grant(1);
  certain_for(5s);
  const auto call = poll_permit::begin(one, 1s);
  certain_for(9s);
  CAF_CHECK(call->deadline() == all.certain_until());
  const auto then = all.certain_until();
  one->withdraw();
  certain_for(20s);
  CAF_CHECK(call->deadline() == then);
  one->grant(2);
  CAF_CHECK(call->deadline() == then);
  CAF_CHECK(poll_permit::begin(one, 1s)->deadline() == all.certain_until());
  one->withdraw();
  CAF_CHECK(call->deadline() < poll_permit::clock::now()); // of before the last ownership
}

CAF_TEST(there is room for a hand over unless a call comes soon or is a little late) {
  const auto now = std::chrono::steady_clock::now();
  CAF_CHECK(one->has_room(now, 200ms)); // nobody polls
  one->next_call(now + 300ms);
  CAF_CHECK(one->has_room(now, 200ms));
  CAF_CHECK(!one->has_room(now + 150ms, 200ms));
  CAF_CHECK(!one->has_room(now + 450ms, 200ms));
  CAF_CHECK(one->has_room(now + 550ms, 200ms));
}

CAF_TEST(each server has a permit of its own) {
  all.of("sense2")->grant(3);
  CAF_CHECK(all.of("sense1") == one);
  CAF_CHECK((all.granted() == std::map<std::string, uint64_t>{{"sense2", 3}}));
}

CAF_TEST_FIXTURE_SCOPE_END()
