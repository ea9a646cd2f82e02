#define CAF_SUITE actors.inbound.namesake_watch
#include "test/support/unit_test.hpp"

#include "actors/inbound/namesake_watch.hpp"

using namespace senseflow;
using messages::heard_message;

namespace {

heard_message said(const std::string& payload, const std::string& instance, bool retained = false) {
  heard_message x{"x/senseflow/here/status", payload, retained, 1, {}, {}, {}, 0};
  if (!instance.empty()) x.user["instance"] = instance;
  return x;
}

struct fixture {
  actors::namesake_watch watch{"me"};

  std::string foreign(const heard_message& x) { return watch.foreign(x).value_or("no"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(namesake_watch_tests, fixture)

CAF_TEST(another instance is told from ours) {
  CAF_CHECK_EQUAL(foreign(said("online", "me")), "no");
  CAF_CHECK_EQUAL(foreign(said("online", "other")), "other");
  CAF_CHECK_EQUAL(foreign(said("{}", "other")), "other");
}

CAF_TEST(what no node says of itself is no sign of another one) {
  auto x = said("online", "me");
  CAF_CHECK_EQUAL(foreign(x), "no");
  for (const auto* topic : {"probe", "anything", "statuses", "request/status/x"}) {
    x = said("{}", "");
    x.topic = std::string{"x/senseflow/here/"} + topic;
    CAF_CHECK_EQUAL(foreign(x), "no");
    x.user["instance"] = "other";
    CAF_CHECK_EQUAL(foreign(x), "no");
  }
  for (const auto* topic : {"status", "ledger", "health", "certificates"}) {
    x = said("{}", "");
    x.topic = std::string{"x/senseflow/here/"} + topic;
    CAF_CHECK_EQUAL(foreign(x), "");
  }
}

CAF_TEST(what the broker has kept may be of the installation that was here before) {
  CAF_CHECK_EQUAL(foreign(said("online", "other", true)), "no");
}

CAF_TEST(what comes without an instance is of another one only if ours come with it) {
  CAF_CHECK_EQUAL(foreign(said("online", "")), "no");
  CAF_CHECK_EQUAL(foreign(said("online", "me", true)), "no");
  CAF_CHECK_EQUAL(foreign(said("online", "")), "");
  CAF_CHECK_EQUAL(foreign(said("online", "", true)), "no");
  CAF_CHECK_EQUAL(foreign(said("offline", "")), "no"); // a will of ours
  CAF_CHECK_EQUAL(foreign(said("", "")), "no");        // a topic is cleared
}

CAF_TEST_FIXTURE_SCOPE_END()
