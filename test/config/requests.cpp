#define CAF_SUITE config.requests
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::load_members;

namespace {

/// In an enabled `requests`, in line 4 column 5 of the file.
config::load_result in_requests(const std::string& line, const std::string& more = {}) {
  return load_members("requests:\n  enable: true\n  " + line + "\n" + more);
}

} // namespace

CAF_TEST(nothing may be asked unless it is switched on and then little) {
  const auto r = load_members("requests: {}\n");
  CAF_CHECK(!r.value.requests.enable);
  CAF_CHECK_EQUAL(r.value.requests.allow, (std::vector<std::string>{"ping", "status"}));
  const auto on = in_requests("allow: [reload]");
  CAF_CHECK_EQUAL(test::listed(on.faults), "");
  CAF_CHECK(on.value.requests.enable);
  CAF_CHECK_EQUAL(on.value.requests.allow, std::vector<std::string>{"reload"});
}

CAF_TEST(faults of requests are named) {
  CHECK_ONLY_FAULT(in_requests("allow: [restart]"), 4, 13, "requests.allow[0]", "restart",
                   "Write ping, status");
  CHECK_ONLY_FAULT(in_requests("responsePrefix: a/+"), 4, 21, "requests.responsePrefix", "a/+", "no '+'");
  CHECK_ONLY_FAULT(in_requests("maxPerSecond: 0"), 4, 19, "requests.maxPerSecond", "0", "1 to 1000");
  CHECK_ONLY_FAULT(in_requests("maxAge: 1"), 4, 13, "requests.maxAge", "1", "100 to 600000");
}

CAF_TEST(answers may go where nothing else is published) {
  for (const auto* good :
       {"''", "clients", "clients/", "a/b/c", "butler-sosX", "butler-sos/senseflow", "butler-sos/senseflow/",
        "butler-sos/senseflow/here", "butler-sos/senseflow/x/response/me"})
    CAF_CHECK(!contains(test::listed(in_requests(std::string{"responsePrefix: "} + good).faults) +
                            test::listed(in_requests(std::string{"responsePrefix: "} + good).warnings),
                        "responsePrefix"));
}

CAF_TEST(answers that others would believe are faults) {
  const auto at = [](const std::string& prefix, const std::string& problem, const std::string& more = {}) {
    CHECK_ONLY_FAULT(in_requests("responsePrefix: '" + prefix + "'", more), 4, 21, "requests.responsePrefix",
                     problem, "Write a topic that nothing else uses, or remove it");
  };
  for (const auto* bad : {"butler-sos", "butler-sos/", "butler-sos/health", "butler-sos/senseflowX/response"})
    at(bad, "answers published to butler-sos/, where others take them for what Sense servers do");
  at("a", "published to a/b/", "mqttConfig: {baseTopic: a/b/}\n");
  at("homeassistant", "published to homeassistant, where Home Assistant looks for devices");
  at("homeassistant/device/", "published to homeassistant, where Home Assistant looks for devices");
  at("ha", "published to ha/birth, where Home Assistant says",
     "homeAssistant: {enable: true, statusTopic: ha/birth}\n");
  at("events", "published to events/user, where user events are published",
     "userEvents: {enable: true, sendToMQTT: {postTo: {everythingTopic: {topic: events/user}}}}\n");
  at("events/log/x", "published to events/log, where log events are published",
     "logEvents: {source: {engine: {enable: true}}, sendToMQTT: {baseTopic: events/log}}\n");
  CAF_MESSAGE("without a base topic");
  const std::string no_base = "mqttConfig: {baseTopic: ''}\n";
  at("health", "published to health, where the states of servers are published", no_base);
  CAF_CHECK_EQUAL(test::listed(in_requests("responsePrefix: answers", no_base).faults), "");
}

CAF_TEST(a prefix below which no answer is accepted is told) {
  for (const auto* vain : {"butler-sos/senseflow/here/status", "butler-sos/senseflow/cluster", "/a", "a//b",
                           "butler-sos/senseflow/here/request"})
    CAF_CHECK(test::has_warning(in_requests(std::string{"responsePrefix: "} + vain),
                                "requests.responsePrefix", "below which no response topic is accepted"));
}

CAF_TEST(looking around at a broker of MQTT 3.1.1 is in vain) {
  const auto r =
      load_members("mqttConfig: {enable: true, brokerHost: a, protocolVersion: '3.1.1', lookAround: "
                   "{leftovers: true, namesake: true}}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  for (const auto* key : {"mqttConfig.lookAround.leftovers", "mqttConfig.lookAround.namesake"})
    CAF_CHECK(test::has_warning(r, key, "has no effect: it needs MQTT 5"));
}

CAF_TEST(without a spool nothing is known of what former runs have left) {
  const auto warned = [](const std::string& mode) {
    return test::has_warning(
        load_members("mqttConfig: {enable: true, brokerHost: a, lookAround: {leftovers: true, "
                     "namesake: true}}\ndelivery: {mode: " +
                     mode + "}\n"),
        "mqttConfig.lookAround.leftovers", "finds nothing of former runs");
  };
  CAF_CHECK(warned("memory"));
  CAF_CHECK(!warned("overflow"));
  CAF_CHECK(!warned("journal"));
}

CAF_TEST(what is allowed and cannot be done is told) {
  CAF_CHECK(contains(test::listed(in_requests("allow: []").warnings), "requests.allow is empty"));
  CAF_CHECK(contains(test::listed(in_requests("allow: [replay]").warnings), "no events to replay"));
  CAF_CHECK(contains(test::listed(in_requests("allow: [poll-now]").warnings), "no server is polled"));
  CAF_CHECK(
      contains(test::listed(in_requests("allow: [rediscover]").warnings), "homeAssistant is not enabled"));
  CAF_CHECK(
      !contains(test::listed(in_requests("allow: [rediscover]", "homeAssistant: {enable: true}\n").warnings),
                "requests."));
  const std::string none = "mqttConfig: {enable: true, brokerHost: b, retain: {state: false}";
  CAF_CHECK(
      contains(test::listed(in_requests("allow: [snapshot]", none + "}\n").warnings), "has snapshot, but"));
  CAF_CHECK(!contains(
      test::listed(in_requests("allow: [snapshot]", none + ", onChange: {values: true}}\n").warnings),
      "requests."));
  CAF_CHECK(!contains(test::listed(in_requests("allow: [replay]", "userEvents: {enable: true}\n").warnings),
                      "requests."));
}
