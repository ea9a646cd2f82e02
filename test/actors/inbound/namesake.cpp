#define CAF_SUITE actors.inbound.namesake
#include "test/support/unit_test.hpp"

#include "actors/inbound/namesake.hpp"

#include "test/support/actor_fixture.hpp"
#include "test/support/logged.hpp"

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

presence_teller::behavior_type fake_publisher(presence_teller::pointer, std::function<void()> asked) {
  return {[asked](again_atom) { asked(); }};
}

using fixture = test::actor_fixture;

} // namespace

CAF_TEST_FIXTURE_SCOPE(namesake_tests, fixture)

CAF_TEST(presence is mended at once and then not more often than every five seconds) {
  presence_mending aut;
  const presence_mending::time_point start{1h};
  CAF_CHECK(!aut.due(start));
  aut.denied(start);
  CAF_CHECK(aut.due(start));
  CAF_CHECK(!aut.due(start + 1h));
  aut.denied(start + 2s);
  aut.denied(start + 3s);
  CAF_CHECK(!aut.due(start + 4999ms));
  CAF_CHECK(aut.due(start + 5s));
  CAF_CHECK(!aut.due(start + 1h));
}

CAF_TEST(whoever says that we are not there or clears it makes us say once more that we are) {
  size_t told = 0;
  named(names::publisher(0), sys.spawn(fake_publisher, [&] { ++told; }));
  auto aut = keep(sys.spawn(namesake, env, namesake_options{"here", "me", "x/senseflow/here/status", false}));
  const auto hear = [&](const heard_message& m) {
    advance_time(10s);
    consume_messages();
    ask<caf::ok_atom>(aut, m);
    return told;
  };
  auto elsewhere = said("offline", "other");
  elsewhere.topic = "x/senseflow/here/ledger";
  CAF_CHECK_EQUAL(hear(elsewhere), 0u);
  CAF_CHECK_EQUAL(hear(said("online", "other")), 0u); // or two would never come to rest
  CAF_CHECK_EQUAL(hear(said("online", "")), 0u);
  CAF_CHECK_EQUAL(hear(said("offline", "other")), 1u);
  CAF_CHECK_EQUAL(hear(said("", "")), 2u);
  CAF_CHECK_EQUAL(hear(said("offline", "me", true)), 3u); // what we have found there
  CAF_MESSAGE("many at once are two");
  for (int i = 0; i < 100; ++i) ask<caf::ok_atom>(aut, said("offline", "other"));
  CAF_CHECK_EQUAL(told, 3u);
  for (int i = 0; i < 10; ++i) pass(1s);
  CAF_CHECK_EQUAL(told, 4u);
  CAF_CHECK_EQUAL(env->counters.sum("presence_mended_total"), 4);
  CAF_CHECK_EQUAL(env->counters.sum("namesake_messages_total"), 0); // not asked for
}

CAF_TEST(an instance of the same installation is told to be a copy) {
  const test::logged log;
  auto aut = keep(sys.spawn(namesake, env, namesake_options{"here", "0123456789abcdef-00000001"}));
  ask<caf::ok_atom>(aut, said("online", "0123456789abcdef-00000002"));
  CAF_CHECK_EQUAL(log.lines("runs with a copy of the other's").size(), 1u);
  pass(10min);
  ask<caf::ok_atom>(aut, said("online", "0123456789abcdee-00000002"));
  CAF_CHECK_EQUAL(log.lines("another program at this broker").size(), 2u);
  CAF_CHECK_EQUAL(log.lines("runs with a copy of the other's").size(), 1u);
}

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
