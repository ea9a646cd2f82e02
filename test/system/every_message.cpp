#define CAF_SUITE system.every_message
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/message_judge.hpp"
#include "test/support/mosquitto_broker.hpp"

#include <algorithm>
#include <mutex>
#include <set>

using namespace senseflow::test;

namespace {

/// From here on every subscriber of this program's tests has what it got judged, and a message that breaks the
/// contract is an error of the test, once of each kind.
[[maybe_unused]] const bool all_are_judged = [] {
  message_judge::report_to([](const message_judge::fault& x) {
    static std::mutex mutex;
    static std::set<std::string> told;
    std::lock_guard lock{mutex};
    if (told.insert(caf::test::engine::current_test()->name() + '\n' + x.kind).second) CAF_ERROR(x.text);
  });
  return true;
}();

const std::string status = "butler-sos/health/sense1/status";

received_message message(const std::string& topic, const std::string& payload) { return {topic, payload}; }

/// Texts of the faults, one a line.
std::string faults_of(std::vector<received_message> all) {
  message_judge judge;
  judge.take(std::move(all));
  std::string result;
  for (const auto& x : judge.faults()) result += x.text + '\n';
  return result;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST(what keeps the contract is no fault and neither is what clears) {
  CAF_CHECK_EQUAL(faults_of({message("butler-sos/senseflow/n1/status", "online"), message(status, ""),
                             message("butler-sos/sense1.example.com/mem/free", "12.5"),
                             message("homeassistant/device/senseflow_x/config", ""),
                             message("homeassistant/status", "online"),
                             message("butler-sos/senseflow/n1/request/ping", ""),
                             message("butler-sos/senseflow/n1/request/poll-now", "sense1"),
                             message("butler-sos/senseflow/cluster/c/digests/n1", "\x01")}),
                  "");
}

CAF_TEST(a message that breaks its schema is found with its channel and the reason) {
  const auto found = faults_of({message(status, R"({"server":"sense1","state":"tired"})")});
  CAF_CHECK(contains(found, "channel serverStatus: availability: "));
  CAF_CHECK(contains(found, status + ": {\"server\""));
  CAF_CHECK(contains(faults_of({message(status, "online")}), "availability: no JSON"));
  CAF_CHECK(contains(faults_of({message("butler-sos/senseflow/n1/status", "on")}), "channel nodeStatus: "));
  CAF_CHECK(contains(faults_of({message("butler-sos/userevent", "")}), "channel userEvents: "));
  CAF_CHECK(contains(faults_of({message("butler-sos/senseflow/n1/request/ping", R"({"of":1})")}),
                     "channel request: "));
}

CAF_TEST(an unknown topic is found) {
  CAF_CHECK(contains(faults_of({message("butler-sos/health/sense1/mood", "{}")}),
                     "no channel has the topic: butler-sos/health/sense1/mood: {}"));
  CAF_CHECK(contains(faults_of({message("health/sense1", "{}")}), "no channel has the topic"));
}

CAF_TEST(each kind of faults is told once) {
  std::vector<received_message> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(message("butler-sos/health/s" + std::to_string(i) + "/status", "{}"));
    all.push_back(message("butler-sos/nothing/" + std::to_string(i), "{}"));
  }
  const auto found = faults_of(std::move(all));
  CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 2);
  CAF_CHECK(contains(found, "(and 49 more)"));
}

CAF_TEST(of many messages the first and the last of each topic are judged and some of the others) {
  const auto with_bad_ones = [](const std::set<size_t>& bad, size_t n) {
    std::vector<received_message> all;
    for (size_t i = 0; i < n; ++i)
      all.push_back(message("butler-sos/senseflow/n1/status", bad.count(i) > 0 ? "bad" : "online"));
    return !faults_of(std::move(all)).empty();
  };
  const size_t n = 10'000;
  CAF_CHECK(!with_bad_ones({}, n));
  CAF_CHECK(with_bad_ones({0}, n));
  CAF_CHECK(with_bad_ones({n - 1}, n));
  std::set<size_t> third;
  for (size_t i = 1; i < n - 1; i += 3) third.insert(i);
  CAF_CHECK(with_bad_ones(third, n));
  for (size_t i = 0; i < message_judge::most_others + 2; ++i) // of so many all
    CAF_CHECK(with_bad_ones({i}, message_judge::most_others + 2));
}

CAF_TEST(what the test has chosen itself has the schema that it says or none) {
  message_judge judge;
  judge.take({message("elsewhere/1", "x"), message("mine", "{}")});
  CAF_CHECK_EQUAL(judge.faults().size(), 1u);
  judge.knows("elsewhere/#", "");
  CAF_REQUIRE_EQUAL(judge.faults().size(), 1u);
  judge.knows("mine", "response");
  CAF_REQUIRE_EQUAL(judge.faults().size(), 1u);
  CAF_CHECK(contains(judge.faults()[0].text, "channel response: "));
  judge.knows("mine", "");
  CAF_CHECK(judge.faults().empty());
}

CAF_TEST(topics that a configuration names are known) {
  const auto found = [] {
    return faults_of({message("b/senseflow/n1/status", "online"), message("b/mine/engine", "{}"),
                      message("ha/device/x/config", "")});
  };
  CAF_CHECK(contains(found(), "no channel has the topic: b/"));
  message_judge::configured("no: {configuration");
  message_judge::configured("Butler-SOS: {mqttConfig: {baseTopic: b}, homeAssistant: {discoveryPrefix: ha}, "
                            "logEvents: {sendToMQTT: {baseTopic: b/mine}}}");
  CAF_CHECK(!contains(found(), "no channel"));
  CAF_CHECK(contains(found(), "channel engineLogEvents: "));
}

CAF_TEST(a subscriber has all that it got judged at its end also what was cleared) {
  std::vector<std::string> heard;
  const auto before = message_judge::report_to([&](const auto& x) { heard.push_back(x.text); });
  {
    mosquitto_broker broker;
    subscriber seen{broker.port()};
    const auto publish = [&](const std::string& topic) {
      child_process pub{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-t", topic, "-m", "x"}};
      CAF_CHECK_EQUAL(pub.wait().value_or(-1), 0);
      CAF_CHECK(seen.wait_for_topic(topic));
    };
    seen.knows("the/tests/own");
    publish("the/tests/own");
    publish("unknown/1");
    seen.clear();
    publish("b/senseflow/n1/status");
    CAF_CHECK(heard.empty());
  }
  message_judge::report_to(before);
  CAF_REQUIRE_EQUAL(heard.size(), 2u);
  CAF_CHECK(contains(heard[0], "no channel has the topic: unknown/1: x"));
  CAF_CHECK(contains(heard[1], "nodeStatus"));
}
