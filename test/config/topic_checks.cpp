#define CAF_SUITE config.topic_checks
#include "test/support/unit_test.hpp"

#include "faults.hpp"

using namespace senseflow;
using test::contains;
using test::has_warning;
using test::listed;
using test::load_members;

namespace {

/// A server sense1 and whatever else.
config::load_result with(const std::string& more, const std::string& mqtt = {}) {
  return load_members("mqttConfig: {enable: true, brokerHost: b" + mqtt + "}\n" + test::cert_section() +
                      "serversToMonitor: {servers: [{host: 's:4747', serverName: sense1}]}\n" + more + "\n");
}

config::load_result with_user_topic(const std::string& topic, const std::string& more = {}) {
  return with("userEvents: {enable: true, sendToMQTT: {postTo: {sessionStopTopic: {topic: '" + topic +
              "'}}}}\n" + more);
}

config::load_result with_log_base(const std::string& topic, const std::string& more = {},
                                  const std::string& subsystems = "true") {
  return with("logEvents: {source: {engine: {enable: true}}, sendToMQTT: {baseTopic: '" + topic +
              "', postTo: {subsystemTopics: " + subsystems + "}}}\n" + more);
}

/// The only fault, and this setting's.
bool faulty(const config::load_result& r, const std::string& key, const std::string& problem) {
  return r.faults.size() == 1 && r.faults[0].key == "Butler-SOS." + key &&
         contains(r.faults[0].problem, problem);
}

const std::string user_key = "userEvents.sendToMQTT.postTo.sessionStopTopic.topic";
const std::string log_key = "logEvents.sendToMQTT.baseTopic";
const std::string home_assistant = "homeAssistant: {enable: true}";

} // namespace

CAF_TEST(a node is not called as the place where clusters meet) {
  CAF_CHECK(
      faulty(with("node: cluster"), "node", "butler-sos/senseflow/cluster/ is where nodes of clusters meet"));
  CAF_CHECK_EQUAL(listed(with("node: cluster1").faults), "");
  config::environment env;
  env.host_name = "cluster";
  const std::string broker = "mqttConfig: {enable: true, brokerHost: b}\n";
  CHECK_ONLY_FAULT(load_members(broker, env), 1, 1, "node",
                   "is empty, and this host is called cluster: butler-sos/senseflow/cluster/ is where",
                   "Give this program another name.");
  CHECK_ONLY_FAULT(load_members(broker + "node: ''\n", env), 3, 9, "node", "this host is called cluster",
                   "another name");
  CAF_CHECK_EQUAL(listed(load_members(broker + "node: n1\n", env).faults), "");
  env.host_name = "cluster1";
  CAF_CHECK_EQUAL(listed(load_members(broker, env).faults), "");
  CAF_CHECK(!config::environment::of_process().host_name.value_or("").empty());
}

CAF_TEST(values of a server get nowhere where senseflow tells of itself) {
  const auto server = [](const std::string& text, const std::string& more = {}) {
    return load_members("mqttConfig: {enable: true, brokerHost: b}\n" + test::cert_section() +
                        "serversToMonitor: {serverTagsDefinition: [host], servers: [" + text + "]}\n" + more);
  };
  const std::string taken = "{serverName: s, host: 'senseflow:4747'";
  CHECK_ONLY_FAULT(server(taken + "}"), 4, 84, "serversToMonitor.servers[0].host",
                   "puts the values of the server at butler-sos/senseflow, where senseflow tells of itself",
                   "another tag named host");
  CAF_CHECK(faulty(server("{serverName: s, host: 'a:4747', serverTags: {host: senseflow/here}}"),
                   "serversToMonitor.servers[0].host",
                   "puts the values of the server at butler-sos/senseflow/here"));
  CAF_CHECK_EQUAL(listed(server(taken + ", serverTags: {host: s}}").faults), "");
  CAF_CHECK_EQUAL(listed(server(taken + "}", "layouts: {butlerSos: false}\n").faults), "");
  CAF_CHECK_EQUAL(listed(server("{serverName: s, host: 'senseflows:4747'}").faults), "");
}

CAF_TEST(user events have topics of their own) {
  for (const auto* good : {"butler-sos/userevent/stop", "butler-sos/sense1/stop", "butler-sos/sessions/stop",
                           "butler-sos/senseflows", "mine", "homeassistant/status"})
    CAF_CHECK_EQUAL(listed(with_user_topic(good).faults), "");
  for (const auto* own : {"butler-sos/senseflow/n1/status", "butler-sos/senseflow/n1/request/reload"})
    CAF_CHECK(faulty(with_user_topic(own), user_key, "where senseflow tells of itself and takes requests"));
  CAF_CHECK(faulty(with_user_topic("butler-sos/health/sense1/status"), user_key, "the states of servers"));
  CAF_CHECK(faulty(with_user_topic("butler-sos/sessions/sense1"), user_key, "the sessions of servers"));
  CAF_CHECK(faulty(with_user_topic("homeassistant/status", home_assistant), user_key, "Home Assistant"));
  CAF_MESSAGE("what is not published does not matter");
  CAF_CHECK_EQUAL(listed(with("userEvents: {enable: true, sendToMQTT: {postTo: {everythingTopic: "
                              "{enable: false, topic: butler-sos/senseflow/n1/status}}}}")
                             .faults),
                  "");
}

CAF_TEST(log events have topics of their own) {
  CAF_CHECK_EQUAL(listed(with_log_base("mine/logevent", home_assistant).faults), "");
  CAF_CHECK(faulty(with_log_base("butler-sos/senseflow/n1/request/reload"), log_key, "takes requests"));
  CAF_CHECK(faulty(with_log_base("butler-sos/health/sense1"), log_key, "the states of servers"));
}

CAF_TEST(log events whose subsystem could name another topic are told and refused where that can do harm) {
  const std::string problem =
      "log events name topics below it themselves, and could name butler-sos/senseflow";
  for (const auto* above : {"butler-sos", "butler-sos/", "''"}) {
    const std::string base = above == std::string{"''"} ? "" : above;
    CAF_CHECK_EQUAL(listed(with_log_base(base).faults), "");
    CAF_CHECK(has_warning(with_log_base(base), log_key, problem));
    CAF_CHECK(faulty(with_log_base(base, "requests: {enable: true}"), log_key, problem));
    CAF_CHECK(!has_warning(with_log_base(base, "", "false"), log_key, "themselves"));
    CAF_CHECK_EQUAL(listed(with_log_base(base, "requests: {enable: true}", "false").faults), "");
  }
  CAF_CHECK(faulty(with_log_base("homeassistant/logevent", home_assistant), log_key, "looks for devices"));
}

CAF_TEST(topics of home assistant are not ours) {
  const auto at = [](const std::string& entry) {
    return with("homeAssistant: {enable: true, " + entry + "}");
  };
  CAF_CHECK(faulty(at("discoveryPrefix: butler-sos/health"), "homeAssistant.discoveryPrefix",
                   "the states of servers"));
  CAF_CHECK(faulty(at("discoveryPrefix: butler-sos/senseflow"), "homeAssistant.discoveryPrefix",
                   "tells of itself"));
  CAF_CHECK(faulty(at("statusTopic: butler-sos/senseflow/n1/status"), "homeAssistant.statusTopic",
                   "tells of itself"));
  CAF_CHECK(faulty(at("statusTopic: butler-sos/health/sense1/status"), "homeAssistant.statusTopic",
                   "the states of"));
  CAF_CHECK(
      faulty(at("statusTopic: butler-sos/s/version"), "homeAssistant.statusTopic", "the values of a server"));
  CAF_CHECK(faulty(at("statusTopic: homeassistant/device/x/config"), "homeAssistant.statusTopic",
                   "looks for devices"));
  CAF_CHECK_EQUAL(listed(at("discoveryPrefix: butler-sos, statusTopic: butler-sos/status").faults), "");
  CAF_CHECK_EQUAL(listed(with(home_assistant, ", baseTopic: homeassistant/").faults), "");
}
