#define CAF_SUITE config.on_change
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

#include <string>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;

CAF_TEST(on change is read and off unless it is set) {
  const auto off = load_members("logLevel: info").value.mqtt.on_change;
  CAF_CHECK(!off.values && !off.documented);
  CAF_CHECK_EQUAL(off.refresh_every.count(), 600'000);
  auto r = test::load_text(
      "Butler-SOS:\n"
      "  mqttConfig: {enable: true, brokerHost: b, onChange: {values: true, documented: true, "
      "deadband: {cpu: 2, memory: 50, percent: 1}, refreshEvery: 120000}}");
  CAF_CHECK_EQUAL(test::listed(r.faults) + test::listed(r.warnings), "");
  const auto& x = r.value.mqtt.on_change;
  CAF_CHECK(x.values && x.documented);
  CAF_CHECK_EQUAL(x.deadband.cpu, 2u);
  CAF_CHECK_EQUAL(x.deadband.memory, 50u);
  CAF_CHECK_EQUAL(x.deadband.percent, 1u);
  CAF_CHECK_EQUAL(x.refresh_every.count(), 120'000);
}

CAF_TEST(on change without an effect is warned about) {
  const auto with = [](const std::string& on_change, const std::string& more = {}) {
    return test::load_text("Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: b, onChange: {" +
                           on_change + "}}\n  " + more);
  };
  const std::string key = "mqttConfig.onChange.";
  CAF_CHECK(has_warning(with("deadband: {memory: 1}"), key + "deadband.memory", "has no effect"));
  CAF_CHECK(
      !has_warning(with("values: true, deadband: {memory: 1}"), key + "deadband.memory", "has no effect"));
  CAF_CHECK(
      has_warning(with("values: true", "layouts: {butlerSos: false}"), key + "values", "butlerSos is false"));
  const std::string none = "layouts: {documented: false}", flat = "layouts: {documented: false, flat: true}";
  CAF_CHECK(has_warning(with("documented: true", none), key + "documented", "has no effect"));
  CAF_CHECK(!has_warning(with("documented: true", flat), key + "documented", "has no effect"));
  CAF_CHECK(has_warning(with("values: true, refreshEvery: 30000"), key + "refreshEvery",
                        "all health is published"));
  CAF_CHECK(!has_warning(with("values: true, refreshEvery: 30001"), key + "refreshEvery", "all health"));
}

CAF_TEST(state must not expire before it is published again) {
  const auto with = [](const std::string& expiry, const std::string& more = {}) {
    return test::load_text(
        "Butler-SOS:\n  mqttConfig:\n    enable: true\n    brokerHost: b\n    expiry: {state: " + expiry +
        "}\n    onChange:\n      values: true\n      refreshEvery: 60000\n" + more);
  };
  const auto r = with("60");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.mqttConfig.onChange.refreshEvery");
  CAF_CHECK_EQUAL(r.faults[0].line, 8);
  CAF_CHECK(contains(test::listed(r.faults), "would expire before it is published again"));
  CAF_CHECK(contains(test::listed(r.faults), "Write less than 30000 (ms), or a longer expiry.state."));
  CAF_CHECK_EQUAL(test::listed(with("91").faults), ""); // a poll comes every 30 s
  CAF_CHECK_EQUAL(test::listed(with("60", "    protocolVersion: 3.1.1\n").faults), "");
}
