#define CAF_SUITE runtime.wiring.on_change
#include "test/support/unit_test.hpp"

#include "runtime/wiring/on_change.hpp"

using namespace senseflow;
using namespace senseflow::runtime;

CAF_TEST(what the settings say is what the outbox is told) {
  config::settings s;
  auto off = on_change_of(s);
  CAF_CHECK(!off.values && !off.documents);
  auto& x = s.mqtt.on_change;
  x.values = true;
  CAF_CHECK(on_change_of(s).values && !on_change_of(s).documents);
  x.documented = true;
  x.deadband = {2, 50, 1};
  x.refresh_every = std::chrono::seconds(90);
  const auto on = on_change_of(s);
  CAF_CHECK(on.documents);
  CAF_CHECK_EQUAL(on.bands.cpu, 2);
  CAF_CHECK_EQUAL(on.bands.memory, 50);
  CAF_CHECK_EQUAL(on.bands.percent, 1);
  CAF_CHECK_EQUAL(on.refresh_every.count(), 90'000);
}

CAF_TEST(it is said in the log where it is on) {
  config::settings s;
  CAF_CHECK_EQUAL(describe_on_change(s), "");
  s.mqtt.on_change.values = true;
  CAF_CHECK_EQUAL(describe_on_change(s),
                  "unchanged values: published again after 600 s and after each connect only");
  s.mqtt.on_change.documented = true;
  CAF_CHECK_EQUAL(describe_on_change(s),
                  "unchanged values and documents: published again after 600 s and after each connect only");
  s.mqtt.on_change.values = false;
  s.mqtt.on_change.refresh_every = std::chrono::milliseconds(1500);
  CAF_CHECK_EQUAL(describe_on_change(s),
                  "unchanged documents: published again after 1.5 s and after each connect only");
}
