#define CAF_SUITE runtime.udp.socket
#include "test/support/unit_test.hpp"

#include "runtime/udp/socket.hpp"

#include "test/support/eventually.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;

namespace {

runtime::udp_opened open(runtime::udp_options o = {}) {
  if (o.host.empty()) o.host = "127.0.0.1";
  return runtime::open_udp(o);
}

struct sender {
  explicit sender(uint16_t port, int family = AF_INET) : fd(::socket(family, SOCK_DGRAM, 0)) {
    if (family == AF_INET) {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(port);
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
    } else {
      sockaddr_in6 to{};
      to.sin6_family = AF_INET6;
      to.sin6_port = htons(port);
      to.sin6_addr = in6addr_loopback;
      ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
    }
  }
  ~sender() { ::close(fd); }
  bool send(const std::string& bytes) const {
    return ::send(fd, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size());
  }
  int fd;
};

// Takes until `n` have come or time is up.
std::vector<runtime::datagram> take(runtime::datagram_source& source, size_t n) {
  std::vector<runtime::datagram> all;
  eventually([&] {
    for (auto& d : source.take(n - all.size())) all.push_back(std::move(d));
    return all.size() >= n;
  });
  return all;
}

std::string sender_of(const runtime::udp_opened& o) { return take(*o.source, 1).at(0).from; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(datagrams arrive whole in order and with their sender) {
  const auto opened = open();
  CAF_REQUIRE(opened.source);
  CAF_CHECK(opened.port != 0);
  const sender s(opened.port);
  const std::vector<std::string> sent = {"one", "", std::string("\0\xff;", 3), std::string(65'507, 'x'),
                                         "last"};
  for (const auto& bytes : sent) CAF_REQUIRE(s.send(bytes));
  const auto got = take(*opened.source, sent.size());
  CAF_REQUIRE_EQUAL(got.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    CAF_CHECK(got[i].bytes == sent[i]);
    CAF_CHECK_EQUAL(got[i].from, "127.0.0.1");
  }
  CAF_CHECK_EQUAL(opened.source->counters().received, sent.size());
  CAF_CHECK_EQUAL(opened.source->counters().truncated, 0u);
  CAF_CHECK_EQUAL(opened.source->counters().kernel_drops, 0u);
}

CAF_TEST(ipv6 names and every address can be bound to) {
  runtime::udp_options o;
  o.host = "::1";
  const auto six = open(o);
  if (!six.source) {
    CAF_MESSAGE("no IPv6 here: " << six.error);
  } else {
    CAF_CHECK(sender(six.port, AF_INET6).send("x"));
    CAF_CHECK_EQUAL(sender_of(six), "::1");
  }
  o.host = "localhost";
  o.addresses = {*runtime::parse_address("::1"), *runtime::parse_address("127.0.0.1")};
  const auto named = open(o);
  CAF_REQUIRE(named.source);
  CAF_CHECK(sender(named.port).send("x"));
  CAF_CHECK_EQUAL(sender_of(named), "127.0.0.1");
  o = {};
  o.host = "::";
  if (const auto both = open(o); both.source) {
    CAF_CHECK(sender(both.port).send("x"));
    CAF_CHECK_EQUAL(sender_of(both), "127.0.0.1");
  }
}

CAF_TEST(what can not be bound is said with its remedy) {
  const auto first = open();
  runtime::udp_options o;
  o.port = first.port;
  const auto second = open(o);
  CAF_CHECK(!second.source);
  CAF_MESSAGE(second.error);
  CAF_CHECK(contains(second.error, std::to_string(first.port)) && contains(second.error, "in use"));
  o.port = 0;
  o.host = "no-such-host.invalid";
  CAF_CHECK(contains(open(o).error, "was not found"));
  o.host = "192.0.2.1";
  CAF_CHECK(contains(open(o).error, "not an address of this machine"));
}

CAF_TEST(a smaller receive buffer than asked for is a warning with the remedy) {
  runtime::udp_options o;
  o.receive_buffer_bytes = 64u << 10;
  const auto small = open(o);
  CAF_CHECK(small.receive_buffer_bytes >= o.receive_buffer_bytes);
  CAF_CHECK_EQUAL(small.warning, "");
  o.receive_buffer_bytes = size_t{4} << 30; // more than any kernel grants
  const auto large = open(o);
  CAF_REQUIRE(large.source);
  CAF_MESSAGE(large.warning);
  CAF_CHECK(large.receive_buffer_bytes < o.receive_buffer_bytes);
  CAF_CHECK(contains(large.warning, "sysctl -w net.core.rmem_max=4294967296"));
}

CAF_TEST(what does not fit is counted to the last datagram) {
  runtime::udp_options o;
  o.receive_buffer_bytes = 16u << 10;
  o.buffered = 10;
  const auto opened = open(o);
  CAF_REQUIRE(opened.source);
  const sender s(opened.port);
  uint64_t sent = 0;
  for (int i = 0; i < 2000; ++i) sent += s.send(std::string(1000, 'x')) ? 1 : 0;
  CAF_CHECK(opened.source->counters().kernel_drops > 1000);
  uint64_t taken = 0;
  CAF_CHECK(eventually([&] {
    taken += opened.source->take(100).size();
    const auto c = opened.source->counters();
    return taken == c.received && c.received + c.kernel_drops == sent;
  }));
  const auto before = opened.source->counters().kernel_drops;
  opened.source->stop();
  CAF_CHECK_EQUAL(opened.source->counters().kernel_drops, before);
}

CAF_TEST(no wake up is lost and there is one for many datagrams) {
  const auto opened = open();
  CAF_REQUIRE(opened.source);
  auto& source = *opened.source;
  std::atomic<int> wakes{0};
  source.on_readable([&] { ++wakes; });
  const sender s(opened.port);
  CAF_REQUIRE(s.send("1") && s.send("2") && s.send("3"));
  CAF_REQUIRE(eventually([&] { return source.counters().received == 3; }));
  CAF_CHECK_EQUAL(wakes.load(), 1);
  CAF_CHECK_EQUAL(source.take(3).size(), 3u); // as many as asked for: no wish to be woken
  CAF_REQUIRE(s.send("4"));
  CAF_REQUIRE(eventually([&] { return source.counters().received == 4; }));
  CAF_CHECK_EQUAL(wakes.load(), 1);
  CAF_CHECK_EQUAL(source.take(3).size(), 1u);
  CAF_REQUIRE(s.send("5"));
  CAF_CHECK(eventually([&] { return wakes == 2; }));
  source.on_readable([&] { wakes += 100; }); // a new taker finds what waits already
  CAF_CHECK_EQUAL(wakes.load(), 102);
  source.on_readable({});
  CAF_CHECK_EQUAL(source.take(10).size(), 1u);
}

CAF_TEST(a taker that only takes when woken gets everything) {
  constexpr uint64_t n = 100'000;
  const auto opened = open();
  CAF_REQUIRE(opened.source);
  auto& source = *opened.source;
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  source.on_readable([&] {
    std::lock_guard lock(mutex);
    woken = true;
    changed.notify_one();
  });
  std::thread sending([&] {
    const sender s(opened.port);
    for (uint64_t i = 0; i < n; ++i) s.send(std::to_string(i));
  });
  uint64_t taken = 0;
  while (taken + source.counters().kernel_drops < n) {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, std::chrono::seconds(10), [&] { return woken; })) break;
    woken = false;
    lock.unlock();
    for (;;) {
      const auto got = source.take(64);
      taken += got.size();
      if (got.size() < 64) break;
    }
  }
  sending.join();
  CAF_CHECK_EQUAL(taken + source.counters().kernel_drops, n);
}

CAF_TEST(after stopping the port is free and what was received can be taken) {
  auto opened = open();
  CAF_REQUIRE(opened.source);
  const sender s(opened.port);
  CAF_REQUIRE(s.send("kept"));
  CAF_REQUIRE(eventually([&] { return opened.source->counters().received == 1; }));
  opened.source->stop();
  opened.source->stop();
  runtime::udp_options o;
  o.port = opened.port;
  CAF_CHECK(open(o).source != nullptr);
  CAF_CHECK_EQUAL(opened.source->take(10).size(), 1u);
  CAF_CHECK_EQUAL(opened.source->failure(), "");
}

CAF_TEST(what arrived before the stop is received even while the buffer is full) {
  runtime::udp_options o;
  o.buffered = 2;
  const auto opened = open(o);
  const sender s(opened.port);
  for (int i = 0; i < 10; ++i) s.send("x");
  CAF_REQUIRE(eventually([&] { return opened.source->counters().received == 2; }));
  opened.source->stop();
  CAF_CHECK_EQUAL(opened.source->take(100).size(), 10u);
  CAF_CHECK_EQUAL(opened.source->counters().received, 10u);
}

CAF_TEST(a stop receives all that is there while senders go on) {
  runtime::udp_options o;
  o.receive_buffer_bytes = 32u << 20;
  o.buffered = 10;
  const auto opened = open(o);
  CAF_REQUIRE(opened.source);
  const sender s(opened.port);
  uint64_t sent = 0;
  while (sent < 30'000 && s.send(std::string(100, 'x'))) ++sent;
  const auto dropped = opened.source->counters().kernel_drops;
  CAF_CHECK(sent - dropped > 12'000);
  std::atomic<bool> go_on{true};
  std::thread others([&] {
    const sender other(opened.port);
    while (go_on) other.send("too late");
  });
  opened.source->stop();
  go_on = false;
  others.join();
  const auto c = opened.source->counters();
  CAF_CHECK_GREATER_OR_EQUAL(c.received, sent - dropped);
  CAF_CHECK_EQUAL(opened.source->take(1'000'000).size(), c.received);
}

CAF_TEST(a thread that can not be started is said and nothing is kept open) {
  const auto descriptors = [] {
    const auto fd = ::dup(0); // the lowest that is free
    ::close(fd);
    return fd;
  };
  pthread_attr_t usual, huge;
  CAF_REQUIRE_EQUAL(::pthread_getattr_default_np(&usual), 0);
  ::pthread_attr_init(&huge);
  ::pthread_attr_setstacksize(&huge, size_t{1} << 45); // no machine has that
  runtime::udp_options o;
  o.port = open().port;
  const auto before = descriptors();
  CAF_REQUIRE_EQUAL(::pthread_setattr_default_np(&huge), 0);
  const auto failed = open(o);
  ::pthread_setattr_default_np(&usual);
  CAF_MESSAGE(failed.error);
  CAF_CHECK(!failed.source);
  CAF_CHECK(contains(failed.error, "no thread can be started") && contains(failed.error, "TasksMax"));
  CAF_CHECK_EQUAL(descriptors(), before);
  const auto again = open(o);
  CAF_CHECK_EQUAL(again.error, "");
  CAF_CHECK(again.source != nullptr);
}

CAF_TEST(a backlog of 100000 datagrams is read to its end) {
  // The kernel's buffer is filled while nobody reads, then emptied: the sender's own speed does not count.
  runtime::udp_options o;
  o.receive_buffer_bytes = 256u << 20;
  const auto opened = open(o);
  const sender s(opened.port);
  const std::string bytes(300, 'x');
  uint64_t n = 0;
  while (n < 100'000 && s.send(bytes)) ++n;
  const auto dropped = opened.source->counters().kernel_drops;
  const auto began = std::chrono::steady_clock::now();
  uint64_t taken = 0;
  while (taken + dropped < n && std::chrono::steady_clock::now() - began < std::chrono::seconds(20)) {
    const auto got = opened.source->take(64).size();
    taken += got;
    if (got == 0) std::this_thread::yield();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CAF_CHECK_EQUAL(taken + dropped, n);
  std::cout << uint64_t(double(taken) / took.count()) << " datagrams/s\n";
}
