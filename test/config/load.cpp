#define CAF_SUITE config.load
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "config/print.hpp"
#include "faults.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;
using senseflow::test::load_text;

namespace {

std::string write(const test::temp_dir& dir, const std::string& name, const std::string& text) {
  auto path = dir / name;
  std::ofstream(path) << text;
  return path;
}

std::string password_of(const std::string& members, const config::environment& env = {}) {
  return load_members(members, env).value.mqtt.password.reveal();
}

} // namespace

CAF_TEST(the five documented lines are enough) {
  auto r = load_text("Butler-SOS:\n"
                     "  mqttConfig:\n"
                     "    enable: true\n"
                     "    brokerHost: broker.example.com\n"
                     "    brokerPort: 1884\n"
                     "    baseTopic: sense/\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(test::listed(r.warnings), "");
  CAF_CHECK(r.not_served.empty());
  CAF_CHECK_EQUAL(r.value.mqtt.broker_host, "broker.example.com");
  CAF_CHECK_EQUAL(r.value.mqtt.broker_port, 1884u);
  CAF_CHECK(!r.value.user_events.enable);
  CAF_CHECK(!r.value.log_events.enabled());
}

CAF_TEST(absent topics start with the base topic) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: x/y/}\n"
                        "userEvents: {enable: true}\n");
  auto& post_to = r.value.user_events.send_to_mqtt.post_to;
  CAF_CHECK(r.value.user_events.send_to_mqtt.enable);
  CAF_CHECK(post_to.everything.enable);
  CAF_CHECK_EQUAL(post_to.everything.topic, "x/y/userevent");
  CAF_CHECK_EQUAL(post_to.session_start.topic, "x/y/userevent/session/start");
  CAF_CHECK_EQUAL(post_to.session_stop.topic, "x/y/userevent/session/stop");
  CAF_CHECK_EQUAL(post_to.connection_open.topic, "x/y/userevent/connection/open");
  CAF_CHECK_EQUAL(post_to.connection_close.topic, "x/y/userevent/connection/close");
  CAF_CHECK_EQUAL(r.value.log_events.send_to_mqtt.base_topic, "x/y/logevent");
}

CAF_TEST(given topics and switches stay as they are) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: x/}\n"
                        "userEvents:\n"
                        "  enable: true\n"
                        "  sendToMQTT:\n"
                        "    postTo:\n"
                        "      everythingTopic: {enable: false, topic: all}\n"
                        "      sessionStartTopic: {topic: start}\n");
  auto& post_to = r.value.user_events.send_to_mqtt.post_to;
  CAF_CHECK(!post_to.everything.enable);
  CAF_CHECK_EQUAL(post_to.everything.topic, "all");
  CAF_CHECK(post_to.session_start.enable);
  CAF_CHECK_EQUAL(post_to.session_start.topic, "start");
  CAF_CHECK_EQUAL(post_to.session_stop.topic, "x/userevent/session/stop");
}

CAF_TEST(source topics are on exactly if the base topic of log events is absent) {
  auto source_topics = [](const std::string& mqtt) {
    return load_members("logEvents: {sendToMQTT: " + mqtt + "}")
        .value.log_events.send_to_mqtt.post_to.source_topics;
  };
  CAF_CHECK(source_topics("{enable: true}"));
  CAF_CHECK(source_topics("{baseTopic: null}"));
  CAF_CHECK(!source_topics("{baseTopic: a}"));
  CAF_CHECK(!source_topics("{baseTopic: ''}"));
  CAF_CHECK(source_topics("{baseTopic: a, postTo: {sourceTopics: true}}"));
  CAF_CHECK(!source_topics("{postTo: {sourceTopics: false}}"));
}

CAF_TEST(an empty base topic of log events stays empty) {
  auto r = load_members("logEvents: {sendToMQTT: {baseTopic: ''}}");
  CAF_CHECK_EQUAL(r.value.log_events.send_to_mqtt.base_topic, "");
}

CAF_TEST(a missing separator is added with a warning) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: x}");
  CAF_CHECK_EQUAL(r.value.mqtt.base_topic, "x/");
  CAF_CHECK(has_warning(r, "mqttConfig.baseTopic", "without '/'"));
  CAF_CHECK_EQUAL(
      load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: ''}").value.mqtt.base_topic, "");
}

CAF_TEST(a virtual proxy without slash gets one with a warning) {
  auto r = load_members(test::cert_section() + "userSessions: {enableSessionExtract: true}\n"
                                               "serversToMonitor:\n"
                                               "  servers:\n"
                                               "    - host: a:4747\n"
                                               "      serverName: a\n"
                                               "      userSessions:\n"
                                               "        enable: true\n"
                                               "        host: a:4243\n"
                                               "        virtualProxies:\n"
                                               "          - virtualProxy: /hdr\n"
                                               "          - virtualProxy: sales\n"
                                               "          - virtualProxy: ''\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_REQUIRE_EQUAL(r.value.monitor.servers.size(), 1u);
  auto& proxies = r.value.monitor.servers[0].user_sessions.virtual_proxies;
  CAF_CHECK_EQUAL(proxies, (std::vector<std::string>{"/hdr", "/sales", "/"}));
  CAF_CHECK(
      has_warning(r, "serversToMonitor.servers[0].userSessions.virtualProxies[1].virtualProxy", "'sales'"));
}

CAF_TEST(tls follows the port unless it is given) {
  auto tls = [](const std::string& members) {
    return load_members("mqttConfig: {enable: true, brokerHost: b" + members + "}").value.mqtt.tls.enable;
  };
  CAF_CHECK(!tls(""));
  CAF_CHECK(tls(", brokerPort: 8883"));
  CAF_CHECK(!tls(", brokerPort: 8883, tls: {enable: false}"));
  CAF_CHECK(tls(", brokerPort: 1883, tls: {enable: true}"));
}

CAF_TEST(the environment wins over the password file which wins over the password) {
  test::temp_dir dir;
  auto file = write(dir, "password", "from file\r\n");
  std::string text = "mqttConfig: {enable: true, brokerHost: b, username: u, password: plain";
  CAF_CHECK_EQUAL(password_of(text + "}"), "plain");
  auto with_file = text + ", passwordFile: " + file + "}";
  CAF_CHECK_EQUAL(password_of(with_file), "from file");
  config::environment env;
  env.mqtt_password = "from environment";
  env.mqtt_username = "me";
  env.cert_passphrase = "phrase";
  CAF_CHECK_EQUAL(password_of(with_file, env), "from environment");
  auto r = load_members(with_file, env);
  CAF_CHECK_EQUAL(r.value.mqtt.username, "me");
  CAF_CHECK_EQUAL(r.value.cert.passphrase.reveal(), "phrase");
}

CAF_TEST(only one line end is cut from a password file) {
  test::temp_dir dir;
  auto file = write(dir, "password", " p \n\n");
  CAF_CHECK_EQUAL(
      password_of("mqttConfig: {enable: true, brokerHost: b, username: u, passwordFile: " + file + "}"),
      " p \n");
}

CAF_TEST(null lists are empty and null values are absent) {
  auto r =
      load_members("mqttConfig: {enable: true, brokerHost: b, brokerPort: null, baseTopic: ~, tls: null}\n"
                   "userEvents: {enable: true, excludeUser: null, tags: }\n"
                   "serversToMonitor: {servers: null, serverTagsDefinition: null}\n"
                   "actors:\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.mqtt.broker_port, 1883u);
  CAF_CHECK_EQUAL(r.value.mqtt.base_topic, "butler-sos/");
  CAF_CHECK(r.value.user_events.tags.empty());
  CAF_CHECK_EQUAL(r.value.actors.encoders.window, 1000u);
}

CAF_TEST(headers keep their order and may be null) {
  auto r = load_members(
      test::cert_section() +
      "serversToMonitor:\n"
      "  serverTagsDefinition: [host]\n"
      "  servers:\n"
      "    - {host: 'a:1', serverName: a, serverTags: {host: 42}, headers: {z: 1, a: null, b: 'x y'}}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_REQUIRE_EQUAL(r.value.monitor.servers.size(), 1u);
  auto& server = r.value.monitor.servers[0];
  CAF_REQUIRE_EQUAL(server.headers.size(), 3u);
  CAF_CHECK_EQUAL(server.headers[0].first, "z");
  CAF_CHECK_EQUAL(server.headers[0].second.value_or("-"), "1");
  CAF_CHECK_EQUAL(server.headers[1].first, "a");
  CAF_CHECK(!server.headers[1].second);
  CAF_CHECK_EQUAL(server.headers[2].second.value_or("-"), "x y");
  CAF_REQUIRE_EQUAL(server.tags.size(), 1u);
  CAF_CHECK_EQUAL(server.tags[0].second, "42");
}

CAF_TEST(object filters take plain ids and maps) {
  auto r = load_members("logEvents:\n"
                        "  source: {qixPerf: {enable: true}}\n"
                        "  enginePerformanceMonitor:\n"
                        "    enable: true\n"
                        "    monitorFilter:\n"
                        "      appSpecific:\n"
                        "        enable: true\n"
                        "        app:\n"
                        "          - appObject: {allAppObjectsExclude: [a, objectId: b]}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  auto& apps = r.value.log_events.performance.app_specific.apps;
  CAF_REQUIRE_EQUAL(apps.size(), 1u);
  CAF_CHECK_EQUAL(apps[0].object.exclude, (std::vector<std::string>{"a", "b"}));
}

CAF_TEST(an app with an empty name is not one without a name) {
  auto r = load_members("logEvents: {enginePerformanceMonitor: {monitorFilter: {allApps: {appExclude: "
                        "[{appName: ''}, {appName: null, appId: some-id}]}}}}\n");
  auto check = [](const config::load_result& x) {
    CAF_CHECK_EQUAL(test::listed(x.faults), "");
    auto& apps = x.value.log_events.performance.all_apps.app_exclude;
    CAF_REQUIRE_EQUAL(apps.size(), 2u);
    CAF_CHECK(apps[0].app_name == "" && !apps[0].app_id);
    CAF_CHECK(!apps[1].app_name && apps[1].app_id == "some-id");
  };
  check(r);
  check(load_text(config::print(r.value)));
}

CAF_TEST(words of rules are taken in any case) {
  auto r = load_members("logEvents:\n"
                        "  source: {engine: {enable: true}}\n"
                        "  categorise:\n"
                        "    enable: true\n"
                        "    rules:\n"
                        "      - logLevel: [FATAL, Warn]\n"
                        "        action: Drop\n"
                        "        category: [{name: a, value: b}]\n"
                        "        filter: [{type: SW, value: x}, {type: eW, value: ''}]\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  auto& rules = r.value.log_events.categorise.rules;
  CAF_REQUIRE_EQUAL(rules.size(), 1u);
  CAF_CHECK(rules[0].action == config::rule_action::drop);
  CAF_REQUIRE_EQUAL(rules[0].filters.size(), 2u);
  CAF_CHECK(rules[0].filters[0].type == config::filter_type::starts_with);
  CAF_CHECK(rules[0].filters[1].type == config::filter_type::ends_with);
}

CAF_TEST(what only the reference serves is named if it is switched on) {
  auto r =
      load_members("influxdbConfig: {enable: true, host: 1, what: [ever]}\n"
                   "newRelic: {enable: false, url: x}\n"
                   "anonTelemetry: false\n"
                   "heartbeat: null\n"
                   "thirdPartyToolsCredentials: {newRelic: [{accountName: x}]}\n"
                   "qlikSenseEvents: {influxdb: {enable: false}, eventCount: {enable: true}}\n"
                   "userEvents: {sendToInfluxdb: {enable: true}, udpServerConfig: {queueMetrics: {influxdb: "
                   "{enable: false}}}}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.not_served, (std::vector<std::string>{
                                    "Butler-SOS.thirdPartyToolsCredentials", "Butler-SOS.qlikSenseEvents",
                                    "Butler-SOS.influxdbConfig", "Butler-SOS.userEvents.sendToInfluxdb"}));
}

CAF_TEST(merge keys and aliases are followed) {
  auto r = load_text("common: &common {brokerHost: b, brokerPort: 1}\n"
                     "Butler-SOS:\n"
                     "  mqttConfig:\n"
                     "    <<: *common\n"
                     "    enable: &on true\n"
                     "    brokerPort: 2\n"
                     "  userEvents: {enable: *on}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.mqtt.broker_host, "b");
  CAF_CHECK_EQUAL(r.value.mqtt.broker_port, 2u);
  CAF_CHECK(r.value.user_events.enable);
}

CAF_TEST(unknown sections are warned about) {
  auto r = load_members("mqttConfg: {enable: true}");
  CAF_CHECK(r.faults.empty());
  CAF_REQUIRE(has_warning(r, "mqttConfg", "not a known section"));
  CAF_CHECK(contains(test::listed(r.warnings), "Did you mean 'mqttConfig'?"));
}

CAF_TEST(a switched off broker is warned about) {
  CAF_CHECK(has_warning(load_members("logLevel: info"), "mqttConfig.enable", "nothing is published"));
}

CAF_TEST(layouts that are all switched off are warned about) {
  auto key = "layouts.documented";
  CAF_CHECK(
      has_warning(load_members("layouts: {butlerSos: false, documented: false}"), key, "not published"));
  CAF_CHECK(!has_warning(load_members("layouts: {butlerSos: false}"), key, "not published"));
  CAF_CHECK(!has_warning(load_members("layouts: {butlerSos: false, documented: false, flat: true}"), key,
                         "not published"));
}

CAF_TEST(a rule without filters is warned about) {
  auto r = load_members(
      "logEvents:\n"
      "  source: {engine: {enable: true}}\n"
      "  categorise:\n"
      "    enable: true\n"
      "    rules:\n"
      "      - {logLevel: [warn], action: drop, category: [{name: a, value: b}], filter: null}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(has_warning(r, "logEvents.categorise.rules[0].filter", "never applies"));
}

CAF_TEST(the environment of the process is read by name) {
  ::setenv("SENSEFLOW_MQTT_USERNAME", "user", 1);
  ::unsetenv("SENSEFLOW_MQTT_PASSWORD");
  auto env = config::environment::of_process();
  CAF_CHECK_EQUAL(env.mqtt_username.value_or("-"), "user");
  CAF_CHECK(!env.mqtt_password);
  ::unsetenv("SENSEFLOW_MQTT_USERNAME");
}

CAF_TEST(a message expiry has no effect with mqtt 3 1 1 only) {
  const std::string broker = "Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: b, expiry: {events: 60}";
  CAF_CHECK(load_text(broker + "}\n").warnings.empty());
  auto r = load_text(broker + ", protocolVersion: 3.1.1}\n");
  CAF_CHECK(r.faults.empty());
  CAF_REQUIRE_EQUAL(r.warnings.size(), 1u);
  CAF_CHECK_EQUAL(r.warnings[0].key, "Butler-SOS.mqttConfig.expiry.events");
}

CAF_TEST(the connection to the broker is read with all it can say) {
  config::environment env;
  env.mqtt_tls_passphrase = "from environment";
  auto r = config::load_text("Butler-SOS:\n"
                             "  node: site-a\n"
                             "  mqttConfig:\n"
                             "    enable: true\n"
                             "    brokerHost: one\n"
                             "    brokerPort: 443\n"
                             "    brokers: [{host: two}, {host: '::1', port: 8883}]\n"
                             "    protocolVersion: 5\n"
                             "    transport: websocket\n"
                             "    path: /ws\n"
                             "    sessionExpiry: 0\n"
                             "    tls: {alpn: [mqtt]}\n",
                             "test.yaml", env);
  CAF_CHECK(r.faults.empty());
  CAF_CHECK(r.warnings.empty());
  const auto& m = r.value.mqtt;
  CAF_CHECK_EQUAL(r.value.node, "site-a");
  CAF_REQUIRE_EQUAL(m.brokers.size(), 2u);
  CAF_CHECK_EQUAL(m.brokers[0].port, 1883);
  CAF_CHECK_EQUAL(m.brokers[1].host, "::1");
  CAF_CHECK(m.protocol_version == config::mqtt_protocol::v5);
  CAF_CHECK(m.transport == config::mqtt_transport::websocket);
  CAF_CHECK_EQUAL(m.path, "/ws");
  CAF_CHECK_EQUAL(m.session_expiry.count(), 0);
  CAF_CHECK(m.tls.enable); // 443 with a websocket
  CAF_CHECK_EQUAL(m.tls.alpn, std::vector<std::string>{"mqtt"});
  CAF_CHECK_EQUAL(m.tls.passphrase.reveal(), "from environment");
}
