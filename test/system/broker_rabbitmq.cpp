#define CAF_SUITE system.broker_rabbitmq
#include "test/support/unit_test.hpp"

#include "test/support/rabbitmq_broker.hpp"
#include "test/system/broker_flow.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

// One node for all: it takes long to start.
rabbitmq_broker& broker() {
  static rabbitmq_broker instance{{"senseflow", "right"}};
  return instance;
}

broker_flow_options options() {
  broker_flow_options o;
  o.port = broker().port();
  o.mqtt = "username: senseflow, password: right";
  o.sub.username = "senseflow";
  o.sub.password = "right";
  o.sub.version = 4;
  o.sub.qos = 1;
  o.dots_are_slashes = true;
  return o;
}

} // namespace

CAF_TEST(the main flow with a password) {
  broker_flow flow{options()};
  flow.run();
}

CAF_TEST(a wrong password is said in plain words) {
  temp_dir directory;
  system_config c;
  c.broker_port = broker().port();
  c.mqtt = "username: senseflow, password: hunter2";
  senseflow_process aut{directory, c.text(), {"-l", "debug"}};
  CAF_CHECK(aut.says("does not accept the user name or the password"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "hunter2"), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}
