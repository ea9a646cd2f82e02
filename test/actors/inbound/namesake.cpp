#define CAF_SUITE actors.inbound.namesake
#include "test/support/unit_test.hpp"

#include "actors/inbound/namesake.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::heard_message;

namespace {

heard_message said(const std::string& payload, const std::string& instance, bool retained = false) {
  heard_message x{"x/senseflow/here/status", payload, retained, 1, {}, {}, {}, 0};
  if (!instance.empty()) x.user["instance"] = instance;
  return x;
}

using fixture = test::actor_fixture;

} // namespace

CAF_TEST_FIXTURE_SCOPE(namesake_tests, fixture)

CAF_TEST(it is noticed and counted and nothing from outside makes it fail) {
  auto aut = keep(sys.spawn(namesake, env, namesake_options{"here", "me"}));
  CAF_CHECK(ask<caf::ok_atom>(aut, said("online", "me")) == caf::ok_atom_v);
  CAF_CHECK(env->notices.namesake.load()->at == caf::timestamp{});
  CAF_CHECK(ask<caf::ok_atom>(aut, said("online", "oth\ner\xff" + std::string(200, 'x'))) == caf::ok_atom_v);
  CAF_CHECK(env->notices.namesake.load()->at != caf::timestamp{});
  CAF_CHECK_EQUAL(env->notices.namesake.load()->instance, "other\xef\xbf\xbd" + std::string(34, 'x'));
  CAF_CHECK_EQUAL(env->counters.sum("namesake_messages_total"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
