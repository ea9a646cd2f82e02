#include "runtime/mqtt/paho_poll.hpp"

#include "runtime/mqtt/paho_library.hpp"

#include <dlfcn.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace senseflow::runtime {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto hurry_for = std::chrono::seconds(5); // connections that take longer wait for Paho's own look
constexpr int hurried_ms = 5;

std::atomic<clock::rep> hurry_until{0}; // since the clock's epoch

// Readable when a call under way is to end. There is none without descriptors: then Paho is slower to see it.
int alarm() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

using poll_function = decltype(&::poll);

int poll_for_paho(poll_function real, pollfd* fds, nfds_t n, int timeout_ms) {
  thread_local std::vector<pollfd> with_alarm;
  with_alarm.assign(fds, fds + n);
  with_alarm.push_back({alarm(), POLLIN, 0});
  if (clock::now().time_since_epoch().count() < hurry_until) timeout_ms = std::min(timeout_ms, hurried_ms);
  auto result = real(with_alarm.data(), n + 1, timeout_ms);
  if (result <= 0) return result;
  std::copy_n(with_alarm.begin(), n, fds);
  if (with_alarm.back().revents == 0) return result;
  uint64_t rings = 0;
  [[maybe_unused]] const auto bytes = ::read(alarm(), &rings, sizeof rings);
  return result - 1;
}

} // namespace

void hurry_paho() {
  hurry_until = (clock::now() + hurry_for).time_since_epoch().count();
  const uint64_t one = 1;
  [[maybe_unused]] const auto bytes = ::write(alarm(), &one, sizeof one);
}

} // namespace senseflow::runtime

// As in paho_lookup.cpp: the program's own symbols come first.
extern "C" __attribute__((visibility("default"))) int poll(pollfd* fds, nfds_t n, int timeout_ms) {
  using namespace senseflow::runtime;
  static const auto real = reinterpret_cast<poll_function>(::dlsym(RTLD_NEXT, "poll"));
  if (timeout_ms <= 0 || !is_in_paho(__builtin_return_address(0))) return real(fds, n, timeout_ms);
  return poll_for_paho(real, fds, n, timeout_ms);
}
