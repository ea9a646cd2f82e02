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

struct fixture : test::actor_fixture {
  size_t told = 0; ///< the publisher, to say once more that we are there
  namesake_actor aut;

  fixture() {
    named(names::publisher(0), sys.spawn(fake_publisher, [this] { ++told; }));
    aut = keep(sys.spawn(namesake, env, namesake_options{"here", "me", "x/senseflow/here/status", false}));
    advance_time(1h); // no time is 0
    consume_messages();
  }
  void connected() {
    env->notices.brokers.update(0, [](auto& x) { x.connected = true; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(namesake_tests, fixture)

CAF_TEST(presence is mended after a second and then not more often than every five) {
  presence_mending aut;
  const presence_mending::time_point start{1h};
  CAF_CHECK(!aut.due(start));
  aut.denied(start);
  aut.denied(start + 500ms);
  CAF_CHECK(!aut.due(start + 999ms));
  CAF_CHECK(aut.due(start + 1s));
  aut.mended(start + 1s);
  CAF_CHECK(!aut.due(start + 1h));
  aut.denied(start + 3s);
  aut.denied(start + 4s);
  CAF_CHECK(!aut.due(start + 5999ms));
  CAF_CHECK(aut.due(start + 6s));
  aut.affirmed();
  CAF_CHECK(!aut.due(start + 1h));
}

CAF_TEST(whoever says that we are not there or clears it makes us say once more that we are) {
  connected();
  const auto hear = [&](const heard_message& m) {
    advance_time(10s);
    consume_messages();
    ask<caf::ok_atom>(aut, m);
    for (int i = 0; i < 2; ++i) pass(1s);
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
  CAF_MESSAGE("many at once are one");
  for (int i = 0; i < 100; ++i) ask<caf::ok_atom>(aut, said("offline", "other"));
  for (int i = 0; i < 10; ++i) pass(1s);
  CAF_CHECK_EQUAL(told, 4u);
  CAF_CHECK_EQUAL(env->counters.sum("presence_mended_total"), 4);
  CAF_CHECK_EQUAL(env->counters.sum("namesake_messages_total"), 0); // not asked for
}

CAF_TEST(what a start or a new connection says anyway mends nothing) {
  connected();
  for (const auto& left : {said("offline", "me", true), said("offline", "")}) {
    ask<caf::ok_atom>(aut, left);
    ask<caf::ok_atom>(aut, said("online", "me"));
    for (int i = 0; i < 10; ++i) pass(1s);
  }
  CAF_CHECK_EQUAL(told, 0u);
  CAF_MESSAGE("nor what can't be said for want of a connection");
  env->notices.brokers.update(0, [](auto& x) { x.connected = false; });
  ask<caf::ok_atom>(aut, said("offline", ""));
  for (int i = 0; i < 10; ++i) pass(1s);
  CAF_CHECK_EQUAL(env->counters.sum("presence_mended_total"), 0);
  connected();
  for (int i = 0; i < 2; ++i) pass(1s);
  CAF_CHECK_EQUAL(told, 1u);
}

CAF_TEST(an instance of the same installation is told to be a copy) {
  const test::logged log;
  aut = keep(sys.spawn(namesake, env, namesake_options{"here", "0123456789abcdef-00000001"}));
  ask<caf::ok_atom>(aut, said("online", "0123456789abcdef-00000002"));
  CAF_CHECK_EQUAL(log.lines("runs with a copy of the other's").size(), 1u);
  pass(10min);
  ask<caf::ok_atom>(aut, said("online", "0123456789abcdee-00000002"));
  CAF_CHECK_EQUAL(log.lines("another program at this broker").size(), 2u);
  CAF_CHECK_EQUAL(log.lines("runs with a copy of the other's").size(), 1u);
}

CAF_TEST(it is noticed and counted and nothing from outside makes it fail) {
  aut = keep(sys.spawn(namesake, env, namesake_options{"here", "me"}));
  CAF_CHECK(ask<caf::ok_atom>(aut, said("online", "me")) == caf::ok_atom_v);
  CAF_CHECK(env->notices.namesake.load()->at == caf::timestamp{});
  CAF_CHECK(ask<caf::ok_atom>(aut, said("online", "oth\ner\xff" + std::string(200, 'x'))) == caf::ok_atom_v);
  CAF_CHECK(env->notices.namesake.load()->at != caf::timestamp{});
  CAF_CHECK_EQUAL(env->notices.namesake.load()->instance, "other\xef\xbf\xbd" + std::string(34, 'x'));
  CAF_CHECK_EQUAL(env->counters.sum("namesake_messages_total"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
