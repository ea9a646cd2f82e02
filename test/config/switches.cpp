#define CAF_SUITE config.switches
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

#include <utility>

using namespace senseflow;
using test::load_members;

namespace {

std::vector<std::string> keys(const std::vector<config::fault>& xs) {
  std::vector<std::string> result;
  for (const auto& x : xs) result.push_back(x.key.substr(x.key.find('.') + 1));
  return result;
}

using strings = std::vector<std::string>;

} // namespace

CAF_TEST(faults behind a switch that can not be read are told with it) {
  const auto r = load_members("mqttConfig: {enable: yes please, brokerPort: 99999, baseTopic: '#', onChange: "
                              "{deadband: {cpu: 101}}, lookAround: {namesake: perhaps}}");
  CAF_CHECK_EQUAL(
      keys(r.faults),
      (strings{"mqttConfig.brokerHost", "mqttConfig.enable", "mqttConfig.brokerPort", "mqttConfig.baseTopic",
               "mqttConfig.onChange.deadband.cpu", "mqttConfig.lookAround.namesake"}));
  CAF_CHECK_EQUAL(test::listed(r.warnings), ""); // it is not known to be off
}

CAF_TEST(each switch that can not be read counts as on) {
  const std::vector<std::pair<std::string, std::string>> switches{
      {"fileLogging: ", "\nlogDirectory: ''"},
      {"mqttConfig: {enable: true, brokerHost: b, tls: {enable: ", ", ca: /nowhere}}"},
      {"userEvents: {enable: ", ", tags: 5}"},
      {"userEvents: {enable: true, udpServerConfig: {enableSourceValidation: ", "}}"},
      {"userEvents: {enable: true, sendToMQTT: {postTo: {sessionStartTopic: {enable: ", ", topic: '#'}}}}"},
      {"logEvents: {source: {engine: {enable: ", "}}, tags: 5}"},
      {"logEvents: {source: {engine: {enable: true}}, categorise: {enable: ", ", rules: [{}]}}"},
      {"logEvents: {source: {qixPerf: {enable: true}}, enginePerformanceMonitor: {enable: ",
       ", monitorFilter: 5}}"},
      {"appNames: {enableAppNameExtract: ", "}"},
      {"userSessions: {enableSessionExtract: ", ", pollingInterval: x}"},
      {"homeAssistant: {enable: ", ", discoveryPrefix: ''}"},
      {"insights: {silence: {enable: ", ", after: x}}"},
      {"insights: {storms: {enable: ", ", window: x}}"},
      {"requests: {enable: ", ", allow: [dance]}"},
      {"admin: {enable: ", ", host: 0.0.0.0}"},
      {"cluster: {enable: ", "}"}};
  for (const auto& [before, after] : switches) {
    const auto off = load_members(before + "false" + after), on = load_members(before + "true" + after),
               unreadable = load_members(before + "maybe" + after);
    CAF_MESSAGE(before << "maybe");
    CAF_CHECK(off.faults.empty());
    CAF_CHECK(!on.faults.empty());
    CAF_CHECK_EQUAL(unreadable.faults.size(), on.faults.size() + 1);
    CAF_CHECK_EQUAL(unreadable.warnings.size(), on.warnings.size());
  }
}

CAF_TEST(a switch in a section that is not used stays as it is by default) {
  const auto r = load_members("cluster: {enable: false, eventDeduplication: {enable: maybe}}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(!r.value.cluster.event_deduplication.enable);
}

CAF_TEST(nothing is said of settings in a section that can not be read) {
  const auto r = load_members("mqttConfig: yes please");
  CAF_CHECK_EQUAL(keys(r.faults), (strings{"mqttConfig"}));
  CAF_CHECK_EQUAL(test::listed(r.warnings), "");
}
