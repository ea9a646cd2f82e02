#define CAF_SUITE system.presence
#include <caf/test/unit_test.hpp>

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
