#define CAF_SUITE config.former
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;

// Settings of Butler SOS 5 to 10 that have another name, another place, or none today.

CAF_TEST(settings that are obsolete are warned about) {
  auto r = load_members("logdb: {enable: true, host: x}\n"
                        "serversToMonitor:\n  servers:\n    - {host: 'a:1', serverName: a, logDbHost: a}\n" +
                        test::cert_section());
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(has_warning(r, "logdb", "is obsolete"));
  CAF_CHECK(has_warning(r, "serversToMonitor.servers[0].logDbHost", "is obsolete"));
  CAF_CHECK(contains(test::listed(r.warnings), "Remove it."));
}

CAF_TEST(settings with another name today are read with a warning) {
  auto r = load_members("mqttConfig: {enableMQTT: true, brokerHost: b}\n"
                        "userEvents: {enable: true, tags: [{tag: a, value: b}]}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(r.value.mqtt.enable);
  CAF_CHECK(r.value.user_events.tags == (std::vector<config::tag>{{"a", "b"}}));
  CAF_CHECK(has_warning(r, "mqttConfig.enableMQTT", "is the former name of 'enable'"));
  CAF_CHECK(has_warning(r, "userEvents.tags[0].tag", "is the former name of 'name'"));
  CAF_CHECK_EQUAL(r.warnings.size(), 2u);
}

CAF_TEST(a setting under its former and its present name is a fault) {
  CHECK_ONLY_FAULT(load_members("mqttConfig: {enableMQTT: false, enable: true, brokerHost: b}"), 2, 16,
                   "mqttConfig.enableMQTT", "'enable', which is set as well", "Remove one");
}

CAF_TEST(a former name has the checks of the present one) {
  CHECK_ONLY_FAULT(load_members("mqttConfig: {enableMQTT: yes, brokerHost: b}"), 2, 28, "mqttConfig.enable",
                   "not true or false", "");
}

CAF_TEST(settings that have moved are faults that say where to) {
  CHECK_ONLY_FAULT(load_members("cert: {rejectUnauthorized: false}"), 2, 10, "cert.rejectUnauthorized",
                   "has moved", "Set serversToMonitor.rejectUnauthorized, and remove it here.");
  CHECK_ONLY_FAULT(load_members("userEvents: {enable: true, sendToMQTT: {enable: true, topic: x}}"), 2, 57,
                   "userEvents.sendToMQTT.topic", "has moved", "postTo.everythingTopic.topic");
  auto r = load_members("userEvents: {enable: true, sendToMQTT: {enable: false, topic: x}}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(has_warning(r, "userEvents.sendToMQTT.topic", "has moved"));
}

CAF_TEST(former names are not suggested) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, zzzzzz: 1}");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK(contains(r.faults[0].remedy, "Known here: enable, "));
  CAF_CHECK(!contains(r.faults[0].remedy, "enableMQTT"));
}

CAF_TEST(more than one encoder is accepted with a warning that says why) {
  auto r = load_members("actors: {encoders: {count: 4, window: 500}}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(has_warning(r, "actors.encoders.count", "one encoder keeps up"));
  CAF_CHECK_EQUAL(r.value.actors.encoders.window, 500u);
  CAF_CHECK(!has_warning(load_members("actors: {encoders: {count: 1}}"), "actors.encoders.count", ""));
}
