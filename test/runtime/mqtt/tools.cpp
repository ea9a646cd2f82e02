#define CAF_SUITE runtime.mqtt.tools
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"

#include <initializer_list>
#include <iterator>
#include <sstream>

using namespace senseflow::test;

namespace {

void publish(const mosquitto_broker& broker, std::initializer_list<std::string> more) {
  std::vector<std::string> command{
      "mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", std::to_string(broker.port())};
  command.insert(command.end(), more);
  child_process p(command);
  CAF_REQUIRE_EQUAL(p.wait().value_or(-1), 0);
}

std::vector<std::string> pub(const rude_broker& broker, const std::string& address,
                             const std::string& version, const std::string& more) {
  std::vector<std::string> result{
      "mosquitto_pub", "-V", version, "-h", address, "-p", std::to_string(broker.port())};
  std::istringstream words(more);
  result.insert(result.end(), std::istream_iterator<std::string>(words), {});
  return result;
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

CAF_TEST(the stand in of a broker speaks both versions and sees what is published) {
  for (const auto* address : {"127.0.0.2", "::1"})
    for (const auto* version : {"5", "311"})
      for (const auto* qos : {"0", "1", "2"}) {
        rude_broker broker(address);
        child_process p(pub(broker, address, version,
                            std::string("-t a/b -m x -r -i me -u name -P word --will-topic w "
                                        "--will-payload gone -q ") +
                                qos));
        CAF_REQUIRE_EQUAL(p.wait().value_or(-1), 0);
        CAF_REQUIRE(broker.wait([](const auto& s) { return s.connections == 0; }));
        const auto seen = broker.so_far();
        CAF_REQUIRE_EQUAL(seen.connects.size(), 1u);
        const auto& c = seen.connects.front().packet;
        CAF_CHECK_EQUAL(int(c.level), version[0] == '5' ? 5 : 4);
        CAF_CHECK_EQUAL(c.client_id + c.username + c.password, "menameword");
        CAF_CHECK(c.will && c.will->topic == "w" && c.will->payload == "gone");
        CAF_REQUIRE_EQUAL(seen.messages.size(), 1u);
        const auto& m = seen.messages.front();
        CAF_CHECK_EQUAL(m.packet.topic + m.packet.payload, "a/bx");
        CAF_CHECK_EQUAL(int(m.packet.qos), qos[0] - '0');
        CAF_CHECK(m.packet.retain && m.taken);
        CAF_CHECK_EQUAL(seen.disconnects.size(), 1u);
      }
}

CAF_TEST(the stand in of a broker moves and refuses and falls silent when told so) {
  rude_broker broker;
  const auto run = [&](const std::string& address) {
    return child_process(pub(broker, address, "5", "-t t -m x -q 1")).wait().value_or(-1);
  };
  broker.move("127.0.0.3", broker.port());
  CAF_CHECK(run("127.0.0.1") != 0);
  CAF_CHECK_EQUAL(run("127.0.0.3"), 0);
  broker.stop_listening();
  CAF_CHECK(run("127.0.0.3") != 0);
  broker.listen();
  broker.silence(true);
  child_process waiting(pub(broker, "127.0.0.3", "5", "-t t -m late -q 1"));
  CAF_CHECK(!broker.wait_for_messages(2, std::chrono::milliseconds(200)));
  broker.silence(false);
  CAF_CHECK(broker.wait_for_messages(2));
  CAF_CHECK_EQUAL(waiting.wait().value_or(-1), 0);
  broker.on_accept(rude_broker::ending::rst);
  CAF_CHECK(run("127.0.0.3") != 0);
  CAF_CHECK_EQUAL(broker.so_far().messages.size(), 2u);
}
