#define CAF_SUITE actors.delivery.publisher_notices
#include "test/support/unit_test.hpp"

#include "actors/context.hpp"
#include "actors/delivery/publisher_notices.hpp"

#include "test/support/eventually.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using runtime::mqtt_event;
using kind = mqtt_event::kind;

namespace {

struct fixture {
  context env;
  publisher_notices aut{env, 1, 64};

  runtime::broker_notice notice() const { return env.notices.brokers.all().at(1); }
  mqtt_event connected() const {
    mqtt_event e{kind::connected};
    runtime::mqtt_connack a;
    a.broker = "localhost:1883";
    a.window = 20;
    e.connack = std::make_shared<const runtime::mqtt_connack>(a);
    return e;
  }
  mqtt_event delivered(uint64_t token, std::chrono::milliseconds after) const {
    mqtt_event e{kind::delivered, token};
    e.when = std::chrono::steady_clock::now() + after;
    return e;
  }
  uint64_t timed() const { return env.timings.acknowledgement.counts().count(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(publisher_notices_tests, fixture)

CAF_TEST(a connection is shown with its broker and its window and its loss with the reason) {
  CAF_CHECK(!notice().connected && notice().address.empty() && notice().window == 64);
  aut.heard(env, connected());
  CAF_CHECK(notice().connected);
  CAF_CHECK_EQUAL(notice().address, "localhost:1883");
  CAF_CHECK_EQUAL(notice().window, 20u);
  aut.holds(env, 5);
  CAF_CHECK_EQUAL(notice().in_flight, 5u);
  const auto since = notice().since;
  aut.heard(env, {kind::connection_lost, 0, "It was lost."});
  CAF_CHECK(!notice().connected && notice().since >= since && notice().in_flight == 0);
  CAF_CHECK_EQUAL(notice().trouble, "It was lost.");
  aut.heard(env, connected());
  CAF_CHECK_EQUAL(notice().trouble, "It was lost."); // the last one
}

CAF_TEST(a publisher that was restarted is not connected) {
  aut.heard(env, connected());
  aut = {env, 1, 64};
  CAF_CHECK(!notice().connected);
  CAF_CHECK_EQUAL(notice().address, "localhost:1883");
}

CAF_TEST(one message at a time is timed until its own acknowledgement) {
  aut.sent(1);
  aut.sent(2);
  aut.heard(env, delivered(2, 1s));
  CAF_CHECK_EQUAL(timed(), 0u);
  aut.heard(env, delivered(1, 100s));
  CAF_CHECK_EQUAL(timed(), 1u);
  CAF_CHECK(env.timings.acknowledgement.counts().sum > 90);
  aut.heard(env, delivered(1, 1s));
  CAF_CHECK_EQUAL(timed(), 1u);
  aut.sent(3);
  aut.heard(env, {kind::failed, 3}); // says nothing about acknowledgements
  aut.heard(env, delivered(3, 1s));
  CAF_CHECK_EQUAL(timed(), 1u);
  aut.sent(4);
  aut.heard(env, connected()); // of another connection
  aut.heard(env, delivered(4, 1s));
  CAF_CHECK_EQUAL(timed(), 1u);
}

CAF_TEST(waiting for the window is counted in the meter of its slot) {
  aut.took(3);
  aut.waits(true);
  const auto figures = [&] { return env.meters.figures().at("delivery/publisher-2"); };
  CAF_CHECK(test::eventually([&] { return figures().waited > 1ms; }));
  aut.waits(false);
  const auto x = figures();
  CAF_CHECK(figures().waited == x.waited);
  CAF_CHECK(x.items == 3 && x.batches == 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
