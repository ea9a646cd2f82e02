#define CAF_SUITE messages.insights.tracked_sessions
#include "test/support/unit_test.hpp"

#include "messages/insights/tracked_sessions.hpp"
#include "session_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;
using insights::tracked_session;
using insights::tracked_sessions;

namespace {

using places = std::vector<tracked_sessions::place>;

tracked_session session(const std::string& user, caf::timestamp start) {
  tracked_session x;
  x.user = user;
  x.what.start = start;
  return x;
}

} // namespace

CAF_TEST(sessions are found by their id in any case) {
  tracked_sessions aut;
  const auto p = aut.add(session("anna", noon));
  CAF_CHECK(aut.by_id("AB") == aut.end());
  CAF_CHECK_EQUAL(aut.unlisted(), 1u);
  aut.list_as(p, "aB", "/hdr");
  CAF_CHECK(aut.by_id("Ab") == p);
  CAF_CHECK_EQUAL(p->what.id, "aB");
  CAF_CHECK_EQUAL(p->what.virtual_proxy, "/hdr");
  CAF_CHECK_EQUAL(aut.unlisted(), 0u);
}

CAF_TEST(sessions of a user come in the order of their start and those that left apart) {
  tracked_sessions aut;
  const auto late = aut.add(session("anna", noon + 1s));
  const auto early = aut.add(session("anna", noon));
  const auto gone = aut.add(session("anna", noon));
  aut.add(session("bert", noon));
  aut.leave(gone, {});
  const auto& alive = aut.of_user("anna", false);
  CAF_CHECK(alive == (places{early, late}));
  CAF_CHECK(aut.of_user("anna", true) == (places{gone}));
  CAF_CHECK(aut.of_user("carla", false).empty());
  aut.began(early, noon + 2s);
  CAF_CHECK(alive == (places{late, early}));
  aut.come_back(gone);
  CAF_CHECK(!gone->left && alive == (places{gone, late, early}));
  CAF_CHECK(aut.of_user("anna", true).empty());
}

CAF_TEST(what is erased is found no more and the others still are) {
  tracked_sessions aut;
  const auto a = aut.add(session("anna", noon)), b = aut.add(session("anna", noon)),
             c = aut.add(session("anna", noon));
  aut.list_as(a, "a", "/");
  aut.list_as(b, "b", "/");
  CAF_CHECK(aut.erase(a) == b);
  aut.erase(c);
  CAF_CHECK(aut.by_id("a") == aut.end());
  CAF_CHECK(aut.by_id("b") == b);
  CAF_CHECK_EQUAL(aut.of_user("anna", false).size(), 1u);
  CAF_CHECK_EQUAL(aut.size(), 1u);
  CAF_CHECK_EQUAL(aut.unlisted(), 0u);
}
