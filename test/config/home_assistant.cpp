#define CAF_SUITE config.home_assistant
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

#include <string>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::listed;

namespace {

config::load_result with(const std::string& entries, const std::string& mqtt = {},
                         const std::string& more = {}) {
  return test::load_text("Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: b" + mqtt +
                         "}\n  homeAssistant: {enable: true" + entries + "}\n" + more);
}

const std::string key = "homeAssistant.";

} // namespace

CAF_TEST(home assistant is off unless it is switched on) {
  const auto off = test::load_members("logLevel: info").value.home_assistant;
  CAF_CHECK(!off.enable && !off.user_events);
  const auto r = with("");
  CAF_CHECK_EQUAL(listed(r.faults) + listed(r.warnings), "");
  CAF_CHECK(r.value.home_assistant.enable);
  CAF_CHECK_EQUAL(r.value.home_assistant.discovery_prefix, "homeassistant");
  CAF_CHECK_EQUAL(r.value.home_assistant.status_topic, "homeassistant/status");
}

CAF_TEST(its topics are topics) {
  for (const auto* bad : {"''", "ha/+", "'#'", "ha/", "/ha", "$ha"}) {
    const auto prefix = with(std::string{", discoveryPrefix: "} + bad);
    CAF_CHECK(contains(listed(prefix.faults), key + "discoveryPrefix"));
  }
  CAF_CHECK(contains(listed(with(", statusTopic: 'a/+'").faults), key + "statusTopic"));
  CAF_CHECK(contains(listed(with(", statusTopic: ''").faults), key + "statusTopic"));
  CAF_CHECK_EQUAL(listed(with(", discoveryPrefix: my/ha, statusTopic: ha/birth").faults), "");
  CAF_CHECK_EQUAL(listed(test::load_members("homeAssistant: {enable: false, discoveryPrefix: ''}").faults),
                  "");
}

CAF_TEST(what it can not be without is a fault) {
  CHECK_ONLY_FAULT(with("", "", "  layouts: {documented: false}\n"), 3, 27, key + "enable",
                   "layouts.documented is false", "Set layouts.documented to true");
  CHECK_ONLY_FAULT(with("", ", retain: {state: false}"), 3, 27, key + "enable", "retain.state is false",
                   "Set mqttConfig.retain.state to true");
  CHECK_ONLY_FAULT(with("", ", presence: false"), 3, 27, key + "enable", "presence is false",
                   "Set mqttConfig.presence to true");
  CAF_CHECK_EQUAL(listed(test::load_members("mqttConfig: {enable: true, brokerHost: b, presence: false}\n"
                                            "homeAssistant: {enable: false}")
                             .faults),
                  "");
}

CAF_TEST(user events need a topic that has them all) {
  CHECK_ONLY_FAULT(with(", userEvents: true"), 3, 45, key + "userEvents", "are not received",
                   "Set userEvents.enable to true");
  const std::string on = "  userEvents: {enable: true";
  CAF_CHECK_EQUAL(listed(with(", userEvents: true", "", on + "}\n").faults), "");
  CHECK_ONLY_FAULT(with(", userEvents: true", "", on + ", sendToMQTT: {enable: false}}\n"), 3, 45,
                   key + "userEvents", "no topic has all", "everythingTopic.enable");
  CHECK_ONLY_FAULT(
      with(", userEvents: true", "", on + ", sendToMQTT: {postTo: {everythingTopic: {enable: false}}}}\n"), 3,
      45, key + "userEvents", "no topic has all", "everythingTopic.enable");
}
