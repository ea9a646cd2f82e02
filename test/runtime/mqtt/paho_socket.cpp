#define CAF_SUITE runtime.mqtt.paho_socket
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/paho_socket.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

using namespace senseflow;
using namespace senseflow::test;
using ending = rude_broker::ending;
using kind = runtime::mqtt_event::kind;

namespace {

/// The number of this process's connection to a port; -1 = none.
int connection_to(uint16_t port) {
  for (int fd = 0; fd < 5000; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
        peer.sin_port == htons(port))
      return fd;
  }
  return -1;
}

/// Of a file that is closed again.
int next_number() {
  const auto result = runtime::renumbered(::eventfd(0, 0));
  ::close(result);
  return result;
}

} // namespace

CAF_TEST(the next connection has another number than the one that has just been closed) {
  rude_broker broker;
  publisher p(options_for(broker.port()));
  int former = -1;
  for (size_t i = 1; i <= 5; ++i) {
    CAF_REQUIRE(p.connect_again());
    const auto number = connection_to(broker.port());
    CAF_CHECK(number >= 0);
    CAF_CHECK(number != former);
    CAF_CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    former = number;
    broker.end(ending::fin);
    CAF_REQUIRE(p.events.wait_for(*p.client,
                                  [&](const auto&) { return p.events.count(kind::connection_lost) == i; }));
  }
}

CAF_TEST(it is the same file and the one before is closed) {
  const auto before = ::eventfd(7, EFD_NONBLOCK);
  const auto after = runtime::renumbered(before);
  CAF_CHECK(after != before);
  uint64_t value = 0;
  CAF_CHECK_EQUAL(::read(after, &value, sizeof(value)), static_cast<ssize_t>(sizeof(value)));
  CAF_CHECK_EQUAL(value, 7u);
  CAF_CHECK_EQUAL(::fcntl(before, F_GETFD), -1);
  ::close(after);
}

CAF_TEST(hundreds of numbers pass before one comes again and they stay low) {
  std::map<int, int> given; // when
  for (int i = 0; i < 3000; ++i) {
    const auto number = next_number();
    if (number > 2000) CAF_FAIL("number " << number);
    const auto [former, is_new] = given.emplace(number, i);
    if (!is_new && i - former->second < 500) CAF_FAIL("number " << number << " comes again too early");
    former->second = i;
  }
}

CAF_TEST(with few files allowed numbers begin again and without any the old one stays) {
  rlimit before{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto fewer = before;
  fewer.rlim_cur = 100;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
  int former = -1;
  for (int i = 0; i < 300; ++i) {
    const auto number = next_number();
    if (number >= 100 || number == former) CAF_FAIL("number " << number << " after " << former);
    former = number;
  }
  const auto fd = ::eventfd(0, 0);
  fewer.rlim_cur = static_cast<rlim_t>(fd) + 1;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
  CAF_CHECK_EQUAL(runtime::renumbered(fd), fd);
  ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &before);
}
