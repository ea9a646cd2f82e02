#define CAF_SUITE runtime.udp.handed_over
#include "test/support/unit_test.hpp"

#include "runtime/udp/bind.hpp"
#include "runtime/udp/handed_over.hpp"

#include "test/support/eventually.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

using namespace senseflow;
using namespace senseflow::test;
using namespace runtime;

namespace {

/// What a service manager has: a socket that outlives those who get it.
struct fixture {
  udp_options o;
  unique_fd kept;
  unique_fd sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

  fixture() {
    o.host = "127.0.0.1";
    o.receive_buffer_bytes = 100'000;
    auto bound = bind_udp(o);
    CAF_REQUIRE(bound.fd);
    kept = std::move(bound.fd);
    o.port = bound.port;
  }

  void send(const std::string& bytes) const {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(o.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_REQUIRE(::sendto(sender.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to),
                         sizeof to) == static_cast<ssize_t>(bytes.size()));
  }

  static std::string take(datagram_source& source) {
    std::vector<datagram> got;
    eventually([&] { return !(got = source.take(1)).empty(); });
    return got.empty() ? "nothing" : got[0].bytes;
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(handed_over_tests, fixture)

CAF_TEST(what arrives while nobody reads and what is not read yet waits for the next one) {
  send("before");
  o.buffered = 1;
  auto first = open_handed_over(kept, o);
  CAF_REQUIRE(first.source);
  CAF_CHECK_EQUAL(first.warning, "");
  CAF_CHECK_EQUAL(first.port, o.port);
  CAF_REQUIRE(eventually([&] { return first.source->counters().received == 1; }));
  send("unread"); // no room for it
  first.source->stop();
  send("between");
  CAF_CHECK_EQUAL(take(*first.source), "before");
  auto second = open_handed_over(kept, o);
  CAF_REQUIRE(second.source);
  CAF_CHECK_EQUAL(take(*second.source), "unread");
  CAF_CHECK_EQUAL(take(*second.source), "between");
  CAF_CHECK_EQUAL(second.source->counters().kernel_drops, 0u);
}

CAF_TEST(what differs from the configuration is said in one line and nothing is changed) {
  const auto buffer = open_handed_over(kept, o).receive_buffer_bytes;
  auto other = o;
  other.port = 9;
  other.host = "0.0.0.0";
  other.receive_buffer_bytes = 64u << 20;
  const auto opened = open_handed_over(kept, other);
  CAF_REQUIRE(opened.source);
  CAF_MESSAGE(opened.warning);
  CAF_CHECK(
      contains(opened.warning, "for UDP port 9 listens on 127.0.0.1 instead of 0.0.0.0, is bound to port " +
                                   std::to_string(o.port) + " instead of 9, has a receive buffer of " +
                                   std::to_string(buffer) + " bytes instead of 67108864."));
  CAF_CHECK_EQUAL(opened.receive_buffer_bytes, buffer);
  other = o;
  other.host = "a-name";
  other.receive_buffer_bytes = 1000; // larger than asked is no trouble
  CAF_CHECK_EQUAL(open_handed_over(kept, other).warning, "");
  other.addresses = {*parse_address("192.0.2.1")};
  CAF_CHECK(contains(open_handed_over(kept, other).warning, "listens on 127.0.0.1 instead of a-name"));
}

CAF_TEST(every address is every address of either family) {
  auto any = o;
  any.host = "::";
  any.port = 0;
  const auto six = bind_udp(any);
  if (!six.fd) {
    CAF_MESSAGE("no IPv6 here: " << six.error);
    return;
  }
  any.host = "0.0.0.0";
  CAF_CHECK_EQUAL(open_handed_over(six.fd, any).warning, "");
}

CAF_TEST(what was dropped before is said and not counted again) {
  o.receive_buffer_bytes = 5'000;
  const int small = 5'000;
  ::setsockopt(kept.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  for (int i = 0; i < 200; ++i) send(std::string(1000, 'x'));
  const auto before = kernel_drops(kept).value_or(0);
  CAF_REQUIRE(before > 0);
  o.buffered = 1;
  const auto opened = open_handed_over(kept, o);
  CAF_CHECK(contains(opened.origin, "has dropped " + std::to_string(before) + " datagrams before"));
  CAF_CHECK_EQUAL(opened.source->counters().kernel_drops, 0u);
  for (int i = 0; i < 200; ++i) send(std::string(1000, 'x'));
  CAF_CHECK_EQUAL(opened.source->counters().kernel_drops, kernel_drops(kept).value_or(0) - before);
  CAF_CHECK(opened.source->counters().kernel_drops > 0);
}

CAF_TEST(what is no udp socket is refused with what to check) {
  const unique_fd stream{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto opened = open_handed_over(stream, o);
  CAF_CHECK(!opened.source);
  CAF_CHECK(contains(opened.error, "is no UDP socket. Check ListenDatagram="));
  const unique_fd local{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  CAF_CHECK(!open_handed_over(local, o).source);
}

CAF_TEST(sockets are taken with their names and only by the process that they are for) {
  // In a process of its own: the descriptors from 3 on are others' here.
  const auto sockets_of = [&](bool for_us) {
    const auto pid = ::fork();
    if (pid != 0) return pid;
    const auto spare = ::fcntl(kept.get(), F_DUPFD, 100);
    for (int fd : {3, 4}) ::dup2(spare, fd);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "user-events:log-events", 1);
    ::setenv("LISTEN_PID", std::to_string(for_us ? ::getpid() : ::getppid()).c_str(), 1);
    const auto taken = take_handed_over();
    const bool right = taken.size() == 2 && taken[0].fd.get() == 3 && taken[1].fd.get() == 4 &&
                       taken[0].name == "user-events" && taken[1].name == "log-events" &&
                       ::fcntl(3, F_GETFD) == FD_CLOEXEC && std::getenv("LISTEN_FDS") == nullptr;
    ::_exit(taken.empty() ? 1 : right ? 0 : 2);
  };
  const auto exit_code = [](pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CAF_CHECK_EQUAL(exit_code(sockets_of(true)), 0);
  CAF_CHECK_EQUAL(exit_code(sockets_of(false)), 1);
  CAF_CHECK(take_handed_over().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
