#define CAF_SUITE runtime.mqtt.nodelay
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/nodelay.hpp"

#include "runtime/mqtt/client.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_events.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct tcp_connection {
  explicit tcp_connection(uint16_t port) : fd(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_REQUIRE_EQUAL(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~tcp_connection() { ::close(fd); }
  bool nagle() const {
    int off = 0;
    socklen_t size = sizeof(off);
    ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &off, &size);
    return off == 0;
  }
  int fd;
};

/// How this process's connections to a port are set: true = without Nagle's algorithm. Found without the
/// function under test.
std::vector<bool> connections_to(uint16_t port) {
  std::vector<bool> result;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET ||
        peer.sin_port != htons(port))
      continue;
    int off = 0;
    size = sizeof(off);
    CAF_REQUIRE_EQUAL(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &off, &size), 0);
    result.push_back(off != 0);
  }
  return result;
}

} // namespace

CAF_TEST(only connections to the broker are changed and each once) {
  mosquitto_broker broker, other;
  const tcp_connection ours(broker.port()), foreign(other.port());
  CAF_CHECK_EQUAL(runtime::switch_nagle_off("127.0.0.2", broker.port()), 0);
  CAF_CHECK_EQUAL(runtime::switch_nagle_off("127.0.0.1", broker.port()), 1);
  CAF_CHECK_EQUAL(runtime::switch_nagle_off("localhost", broker.port()), 0);
  CAF_CHECK(!ours.nagle());
  CAF_CHECK(foreign.nagle());
}

CAF_TEST(a connected client has nagle off) {
  mosquitto_broker broker;
  runtime::mqtt_options o;
  o.host = "127.0.0.1";
  o.port = broker.port();
  o.client_id = "nodelay";
  mqtt_events events;
  const auto client = runtime::make_mqtt_client(o);
  client->on_event(events.wake());
  client->connect();
  CAF_REQUIRE(events.wait_for(*client, runtime::mqtt_event::kind::connected));
  CAF_CHECK(connections_to(broker.port()) == std::vector<bool>{true}); // one, and it is set
}
