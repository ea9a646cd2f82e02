#define CAF_SUITE runtime.probe.processes
#include "test/support/unit_test.hpp"

#include "runtime/probe/processes.hpp"

#include "runtime/net/unique_fd.hpp"
#include "test/support/temp_dir.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

using namespace senseflow;
using namespace senseflow::runtime::probe;

CAF_TEST(a UDP port is found in the table of the kernel with what waits and what was dropped) {
  const std::string table =
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
      "pointer drops\n"
      " 1056: 0100007F:270C 00000000:0000 07 00000000:00000A00 00:00000000 00000000   105        0 18612 2 "
      "ffff9a0dc1b5d500 17\n"
      " 1057: 00000000:270D 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18613 2 "
      "ffff9a0dc1b5d501 0\n";
  const auto x = find_udp_port(table, 9996);
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->inode, 18612u);
  CAF_CHECK_EQUAL(x->waiting_bytes, 0xA00u);
  CAF_CHECK_EQUAL(x->drops, 17u);
  CAF_CHECK_EQUAL(find_udp_port(table, 9997)->inode, 18613u);
  CAF_CHECK(!find_udp_port(table, 9998));
  for (const auto* damaged : {"", "\n", "a b", "1: x y z", "1: :270C 0 0 0 0 0 0 0"})
    CAF_CHECK(!find_udp_port(damaged, 9996));
}

CAF_TEST(a lock is found by device and inode and who only waits for it does not hold it) {
  const std::string table = "1: FLOCK  ADVISORY  WRITE 4711 08:01:42 0 EOF\n"
                            "1: -> FLOCK  ADVISORY  WRITE 4712 08:01:42 0 EOF\n"
                            "2: POSIX  ADVISORY  WRITE 99 08:01:43 0 EOF\n";
  constexpr uint64_t device = 8 << 8 | 1;
  CAF_CHECK_EQUAL(find_lock(table, device, 42), 4711);
  CAF_CHECK_EQUAL(find_lock(table, device, 43), 0);
  CAF_CHECK_EQUAL(find_lock("", device, 42), 0);
}

CAF_TEST(this process finds itself) {
  runtime::unique_fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  CAF_REQUIRE_EQUAL(::bind(fd.get(), reinterpret_cast<sockaddr*>(&own), size), 0);
  CAF_REQUIRE_EQUAL(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size), 0);
  const auto user = user_of_udp_port(ntohs(own.sin_port));
  CAF_REQUIRE(user);
  CAF_CHECK_EQUAL(user->pid, ::getpid());
  CAF_CHECK_EQUAL(user->name, name_of(::getpid()));

  test::temp_dir directory;
  const auto name = directory / "lock";
  CAF_CHECK_EQUAL(holder_of_lock(name), 0);
  runtime::unique_fd lock{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  CAF_CHECK_EQUAL(holder_of_lock(name), 0);
  CAF_REQUIRE_EQUAL(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  CAF_CHECK_EQUAL(holder_of_lock(name), ::getpid());
}
