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

std::atomic<int> connecting{-1};

// Readable when a call under way is to look at `connecting`, too.
int alarm() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

using poll_function = decltype(&::poll);
using clock = std::chrono::steady_clock;

// To end it for nothing is dear: Paho sleeps for 100 ms then.
int poll_for_paho(poll_function real, pollfd* fds, nfds_t n, int timeout_ms) {
  thread_local std::vector<pollfd> all;
  const auto until = clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const int watched = connecting;
    all.assign(fds, fds + n);
    all.push_back({alarm(), POLLIN, 0});
    all.push_back({watched, POLLOUT, 0}); // -1 is none
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    const auto ready = real(all.data(), all.size(), static_cast<int>(std::max<int64_t>(left, 0)));
    if (ready <= 0) return ready;
    std::copy_n(all.begin(), n, fds);
    const bool is_up = all[n + 1].revents != 0, rings = all[n].revents != 0;
    if (rings) {
      uint64_t count = 0;
      [[maybe_unused]] const auto bytes = ::read(alarm(), &count, sizeof count);
    }
    if (is_up) { // or has failed
      auto it = watched;
      connecting.compare_exchange_strong(it, -1);
    }
    const auto of_paho = ready - (is_up ? 1 : 0) - (rings ? 1 : 0);
    if (of_paho > 0 || is_up) return of_paho;
  }
}

} // namespace

void watch_for_paho(int fd) {
  connecting = fd;
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
