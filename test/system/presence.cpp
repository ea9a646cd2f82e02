#define CAF_SUITE system.presence
#include "test/support/unit_test.hpp"

#include "test/support/rude_broker.hpp"
#include "test/system/system_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

using words = std::vector<std::string>;

// What has been said at the broker so far, by whatever node name.
words said(const subscriber& s) {
  words result;
  for (const auto& m : s.messages()) result.push_back(m.payload);
  return result;
}

} // namespace

CAF_TEST(subscribers see it come and go and die and come again) {
  temp_dir directory;
  mosquitto_broker broker;
  subscriber_options o;
  o.port = broker.port();
  o.filter = "butler-sos/senseflow/+/status";
  subscriber seen{o};
  system_config c;
  c.broker_port = broker.port();
  const auto told = [&](const words& all) {
    return seen.wait_for([&](const auto& messages) { return messages.size() >= all.size(); }, 20s) &&
           said(seen) == all;
  };
  {
    senseflow_process aut{directory, c.text()};
    CAF_CHECK(told({"online"}));
    CAF_CHECK_EQUAL(aut.stop(), 0);
    CAF_CHECK(told({"online", "offline"}));
  }
  {
    senseflow_process aut{directory, c.text()};
    CAF_CHECK(told({"online", "offline", "online"}));
    aut.process().signal(SIGKILL);
    CAF_CHECK(aut.process().wait().has_value());
    CAF_CHECK(told({"online", "offline", "online", "offline"})); // by the broker
  }
  subscriber late{o};
  CAF_REQUIRE(late.wait_for_count(1));
  CAF_CHECK(late.messages().front().retain);
  CAF_CHECK_EQUAL(said(late), words{"offline"});
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(told({"online", "offline", "online", "offline", "online"}));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a start says once that it is there though a former one has left that it is not ) {
  temp_dir directory;
  mosquitto_broker broker;
  subscriber_options o;
  o.port = broker.port();
  o.filter = "butler-sos/senseflow/here/status";
  subscriber seen{o};
  system_config c;
  c.broker_port = broker.port();
  c.more = "  node: here\n  homeAssistant: {enable: true}\n";
  for (size_t run = 1; run <= 2; ++run) {
    senseflow_process aut{directory, c.text(), {"-l", "verbose"}};
    CAF_CHECK(aut.says("listener: subscribed to"));
    CAF_CHECK(seen.wait_for_count(2 * run - 1));
    CAF_CHECK(!seen.wait_for_count(2 * run, 4s));
    CAF_CHECK_EQUAL(aut.stop(), 0);
    CAF_CHECK(seen.wait_for_count(2 * run));
  }
  CAF_CHECK_EQUAL(said(seen), (words{"online", "offline", "online", "offline"}));
}

CAF_TEST(presence can be switched off) {
  temp_dir directory;
  rude_broker broker;
  system_config c;
  c.broker_port = broker.port();
  c.mqtt = "presence: false";
  c.more = "  ledger: {interval: 0}\n";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("connected to "));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto seen = broker.so_far();
  CAF_CHECK(!seen.connects.front().packet.will);
  CAF_CHECK(seen.messages.empty());
}

CAF_TEST(a broker that ends connections over presence gets the rest) {
  temp_dir directory;
  rude_broker broker;
  broker.on_publish([](const rude_broker::seen_message& m) {
    rude_broker::reaction r;
    if (m.packet.payload == "online" || m.packet.payload == "offline") {
      r.answer = false;
      r.end = rude_broker::ending::rst;
    }
    return r;
  });
  system_config c;
  c.broker_port = broker.port();
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("does not take the presence message"));
  CAF_CHECK(broker.wait([](const auto& s) {
    return std::any_of(s.messages.begin(), s.messages.end(),
                       [](const auto& m) { return m.packet.topic.find("/ledger") != std::string::npos; });
  }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(broker.so_far().connects.size() <= 4u);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "does not take the presence message"), 1u);
}
