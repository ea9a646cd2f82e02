#define CAF_SUITE system.look_around
#include "test/support/unit_test.hpp"

#include "test/support/mqtt_publisher.hpp"
#include "test/system/system_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

using topics = std::set<std::string>;

/// Two servers that do not answer, and no spool: nothing is recorded.
struct fixture {
  static constexpr auto both = "lookAround: {leftovers: true, namesake: true}";

  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  system_config c;

  fixture() {
    bench::make_certificates(directory / "certs");
    c.broker_port = broker.port();
    c.certificates = directory / "certs";
    c.servers = {{"sense1", "127.0.0.1:1"}, {"sense2", "127.0.0.1:1"}};
    c.mqtt = both;
    c.more = "  node: here\n  delivery: {mode: memory}\n";
  }

  topics retained() const {
    subscriber_options o;
    o.port = broker.port();
    subscriber now{o};
    for (const auto& x : left_) now.knows(x);
    if (!now.settle()) throw std::runtime_error("the broker does not deliver");
    topics result;
    for (const auto& m : now.messages())
      if (m.retain) result.insert(m.topic);
    return result;
  }
  bool retains(const topics& expected) const {
    topics seen;
    if (eventually([&] { return (seen = retained()) == expected; }, 20s, 200ms)) return true;
    for (const auto& x : seen) CAF_MESSAGE("retained: " << x);
    return false;
  }
  void leave(const std::string& topic, const std::vector<std::string>& more = {}) {
    left_.push_back(topic);
    std::vector<std::string> call{"mosquitto_pub",
                                  "-V",
                                  "5",
                                  "-p",
                                  std::to_string(broker.port()),
                                  "-t",
                                  topic,
                                  "-m",
                                  "{}",
                                  "-r",
                                  "-q",
                                  "1"};
    call.insert(call.end(), more.begin(), more.end());
    child_process pub{call};
    CAF_REQUIRE(pub.wait() == 0);
  }
  /// As the broker has kept it.
  std::string presence() const {
    subscriber_options o;
    o.port = broker.port();
    o.filter = "butler-sos/senseflow/here/status/#"; // it settles with such a one only
    subscriber now{o};
    if (!now.settle()) throw std::runtime_error("the broker does not deliver");
    const auto all = now.messages();
    return all.empty() ? "" : all.front().payload;
  }
  /// What the node's status says of its installation; "" if nothing.
  std::string told_instance() const {
    subscriber_options o;
    o.port = broker.port();
    o.version = 5;
    o.filter = "butler-sos/senseflow/here/#";
    subscriber seen{o};
    for (const auto& x : left_) seen.knows(x);
    if (!seen.wait_for_topic("butler-sos/senseflow/here/status")) return "no status";
    for (const auto& m : seen.messages())
      if (m.topic == "butler-sos/senseflow/here/status") {
        const auto i = m.user.find("instance");
        return i == m.user.end() ? "" : i->second;
      }
    return {};
  }
  static topics of(std::initializer_list<const char*> servers) {
    topics result{"butler-sos/senseflow/here/status", "butler-sos/senseflow/here/ledger"};
    for (const auto* s : servers) result.insert("butler-sos/health/" + std::string{s} + "/status");
    return result;
  }

  std::vector<std::string> left_; ///< topics with what is not a program's
};

topics with(topics a, const topics& b) {
  a.insert(b.begin(), b.end());
  return a;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(look_around_tests, fixture)

CAF_TEST(a start clears what this installation has left though nobody has recorded it and nothing else) {
  c.more = "  node: here\n"; // with a spool, which keeps the installation's id
  const topics foreign{"butler-sos/health/foreign", "butler-sos/sessions/foreign/default",
                       "butler-sos/senseflow/there/status"};
  std::string instance;
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(retains(of({"sense1", "sense2"})));
    instance = told_instance();
    CAF_CHECK_EQUAL(instance.size(), 25u);
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  leave("butler-sos/health/foreign");
  leave("butler-sos/sessions/foreign/default",
        {"-D", "publish", "user-property", "instance", "0123456789abcdef"});
  leave("butler-sos/senseflow/there/status");
  for (const auto* old :
       {"butler-sos/health/old", "butler-sos/sessions/old/hdr", "butler-sos/senseflow/here/old"})
    leave(old, {"-D", "publish", "user-property", "instance", instance});
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("clearing 3 retained topic(s) that the configuration no longer has: "));
  CAF_CHECK(retains(with(of({"sense1", "sense2"}), foreign)));
  CAF_MESSAGE("what a tool says beside it is no namesake's");
  child_process probe{{binary_path("senseflow"), "probe", "-c", directory / "senseflow.yaml"}};
  CAF_CHECK(probe.wait(30s).has_value());
  CAF_CHECK_EQUAL(told_instance().substr(0, 16), instance.substr(0, 16));
  CAF_CHECK(told_instance() != instance);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "another program at this broker"), 0u);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
}

CAF_TEST(thousands of leftovers are cleared within seconds) {
  constexpr uint64_t many = 3000;
  c.more = "  node: here\n";
  std::string instance;
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(retains(of({"sense1", "sense2"})));
    instance = told_instance();
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  auto o = options_for(broker.port());
  o.instance = instance;
  publisher former{o};
  CAF_REQUIRE(former.connect());
  runtime::publish_properties p;
  p.tells_instance = true;
  const auto topic = [](uint64_t i) { return "butler-sos/health/old" + std::to_string(i); };
  CAF_REQUIRE_EQUAL(former.publish_all(
                        many,
                        [&](uint64_t i) {
                          return messages::mqtt_message{topic(i), "{}", 1, true};
                        },
                        p),
                    many);
  left_.emplace_back("butler-sos/health/+");
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("clearing 3000 retained topic(s) that the configuration no longer has: "));
  const auto began = std::chrono::steady_clock::now();
  CAF_CHECK(retains(of({"sense1", "sense2"})));
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  CAF_MESSAGE(many << " leftovers cleared within " << took << " s");
  CAF_CHECK(took < 10 * slowdown);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(without the switch nothing tells whose it is) {
  c.mqtt = "";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(retains(of({"sense1", "sense2"})));
  CAF_CHECK_EQUAL(told_instance(), "");
  CAF_CHECK_EQUAL(occurrences(broker.log(), "-leftovers"), 0u);
  CAF_CHECK_EQUAL(occurrences(broker.log(), "-listener"), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(two programs with one name at one broker are told so) {
  c.more += "  ledger: {interval: 1000}\n";
  senseflow_process first{directory, c.text()};
  CAF_REQUIRE(first.says("connected to the MQTT broker"));
  CAF_REQUIRE(retains(of({"sense1", "sense2"})));
  temp_dir elsewhere; // another spool: another installation
  auto other = c;
  other.more = "  node: here\n  delivery: {mode: memory, spool: {path: " + (elsewhere / "spool") +
               "}}\n  ledger: {interval: 1000}\n";
  senseflow_process second{elsewhere, other.text()};
  for (auto* x : {&first, &second})
    CAF_CHECK(x->says("another program at this broker says that it is node here (instance "));
  CAF_MESSAGE("when one goes the other one is still there and says so");
  CAF_CHECK_EQUAL(second.stop(), 0);
  CAF_CHECK(eventually([&] { return presence() == "online"; }, 20s, 200ms));
  CAF_MESSAGE("also where somebody clears it");
  child_process clear{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-t",
                       "butler-sos/senseflow/here/status", "-n", "-r", "-q", "1"}};
  CAF_REQUIRE(clear.wait() == 0);
  CAF_CHECK(eventually([&] { return presence() == "online"; }, 20s, 200ms));
  CAF_CHECK_EQUAL(first.stop(), 0);
  CAF_CHECK_EQUAL(presence(), "offline");
}

CAF_TEST_FIXTURE_SCOPE_END()
