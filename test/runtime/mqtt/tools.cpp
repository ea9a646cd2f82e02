#define CAF_SUITE runtime.mqtt.tools
#include <caf/test/unit_test.hpp>

#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"

#include <initializer_list>

using namespace senseflow::test;

namespace {

void publish(const mosquitto_broker& broker, std::initializer_list<std::string> more) {
  std::vector<std::string> command{
      "mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", std::to_string(broker.port())};
  command.insert(command.end(), more);
  child_process p(command);
  CAF_REQUIRE_EQUAL(p.wait().value_or(-1), 0);
}

} // namespace

CAF_TEST(the subscriber sees the properties of mqtt 5) {
  mosquitto_broker broker;
  subscriber_options with5;
  with5.port = broker.port();
  with5.version = 5;
  subscriber five(with5), four(broker.port());
  publish(broker, {"-t",
                   "a",
                   "-m",
                   "x",
                   "-q",
                   "1",
                   "-D",
                   "publish",
                   "content-type",
                   "text/plain",
                   "-D",
                   "publish",
                   "message-expiry-interval",
                   "60",
                   "-D",
                   "publish",
                   "user-property",
                   "k",
                   "v",
                   "-D",
                   "publish",
                   "payload-format-indicator",
                   "1"});
  CAF_REQUIRE(five.wait_for_count(1));
  CAF_REQUIRE(four.wait_for_count(1));
  const auto m = five.messages().front();
  CAF_CHECK_EQUAL(m.payload, "x");
  CAF_CHECK_EQUAL(m.content_type, "text/plain");
  CAF_CHECK(m.utf8);
  CAF_CHECK(m.expiry && *m.expiry <= 60 && *m.expiry > 50);
  CAF_CHECK(m.user == (std::map<std::string, std::string>{{"k", "v"}}));
  CAF_CHECK(!four.messages().front().expiry);
}

CAF_TEST(a subscriber with a session gets over a cut connection what came meanwhile) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  subscriber_options o;
  o.port = proxy.port();
  o.client_id = "keeps-its-session";
  subscriber seen(o);
  proxy.refuse();
  proxy.cut();
  CAF_CHECK_EQUAL(proxy.connections(), 0u);
  publish(broker, {"-t", "a", "-m", "meanwhile", "-q", "1"});
  proxy.accept();
  CAF_REQUIRE(seen.wait_for_topic("a"));
  CAF_CHECK_EQUAL(seen.connects(), 2u);
  CAF_CHECK_EQUAL(seen.resumed(), 1u);
}

CAF_TEST(a frozen proxy passes nothing on and loses nothing) {
  mosquitto_broker broker;
  tcp_proxy proxy(broker.port());
  subscriber_options o;
  o.port = proxy.port();
  subscriber seen(o);
  proxy.freeze(tcp_proxy::way::to_client);
  publish(broker, {"-t", "a", "-m", "late", "-q", "0"});
  CAF_CHECK(!seen.wait_for_count(1, std::chrono::milliseconds(200)));
  proxy.thaw();
  CAF_CHECK(seen.wait_for_count(1));
  CAF_CHECK_EQUAL(proxy.accepted(), 1u);
}
