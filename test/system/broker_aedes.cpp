#define CAF_SUITE system.broker_aedes
#include "test/support/unit_test.hpp"

#include "test/support/aedes_broker.hpp"
#include "test/support/paths.hpp"
#include "test/system/broker_flow.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const auto directory = binary_path("aedes");

} // namespace

CAF_TEST(the main flow with a password) {
  aedes_broker broker{directory, {"senseflow", "right"}};
  broker_flow_options o;
  o.port = broker.port();
  o.mqtt = "username: senseflow, password: right";
  o.sub.username = "senseflow";
  o.sub.password = "right";
  o.sub.version = 4;
  broker_flow flow{o};
  flow.run();
  CAF_CHECK(broker.log().find("-1 connected with protocol 4") != std::string::npos);
}
