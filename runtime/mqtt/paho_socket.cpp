#include "runtime/mqtt/paho_socket.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace senseflow::runtime {
namespace {

constexpr unsigned round = 1000; // numbers stay low: the system keeps a table up to the highest

} // namespace

int renumbered(int fd) {
  static unsigned calls = 0;
  static int last = 0;
  auto result = ::fcntl(fd, F_DUPFD_CLOEXEC, calls++ % round == 0 ? 0 : last + 1);
  if (result < 0) result = ::fcntl(fd, F_DUPFD_CLOEXEC, 0); // beyond the limit of open files
  if (result < 0) return fd;
  ::close(fd);
  return last = result;
}

} // namespace senseflow::runtime
