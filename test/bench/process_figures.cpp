#define CAF_SUITE bench.process_figures

#include "test/support/unit_test.hpp"

#include "bench/load/process_figures.hpp"

#include "test/bench/udp_port.hpp"
#include "test/support/eventually.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace senseflow::bench;
using namespace std::chrono_literals;

CAF_TEST(a thread that works and one that waits can be told apart by name) {
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable never;
  std::thread works{[&] {
    pthread_setname_np(pthread_self(), "works");
    while (!stop) {
    }
  }};
  std::thread waits{[&] {
    pthread_setname_np(pthread_self(), "waits");
    for (std::unique_lock lock{mutex}; !stop;) never.wait_for(lock, 1ms);
  }};
  const auto before = process_figures::of(::getpid());
  process_figures used;
  CAF_CHECK(senseflow::test::eventually([&] {
    used = process_figures::of(::getpid()) - before;
    return used.threads["waits"].voluntary > 20 && used.threads["works"].cpu_seconds > 0.02;
  }));
  stop = true;
  works.join();
  waits.join();
  CAF_CHECK_LESS(used.threads["works"].voluntary, used.threads["waits"].voluntary);
  CAF_CHECK_LESS(used.threads["waits"].cpu_seconds, used.threads["works"].cpu_seconds);
  CAF_CHECK_GREATER(used.cpu_seconds, 0.02);
  CAF_CHECK_GREATER_OR_EQUAL(used.all_threads().voluntary, used.threads["waits"].voluntary);
}

CAF_TEST(a process that is not there is said so) {
  try {
    process_figures::of(0x7ffffffe);
    CAF_ERROR("it was found");
  } catch (const std::runtime_error&) {
    CAF_CHECK(true);
  }
}

CAF_TEST(memory has a peak and a present) {
  const auto x = memory_figures::of(::getpid());
  CAF_CHECK_GREATER(x.now, 1);
  CAF_CHECK_GREATER_OR_EQUAL(x.peak, x.now);
}

CAF_TEST(what the machine has done grows) {
  const auto before = machine_figures::now();
  CAF_CHECK(senseflow::test::eventually([&] { return machine_figures::now().busy > before.busy; }));
}

CAF_TEST(a port without drops says none) {
  udp_port port;
  CAF_CHECK_EQUAL(kernel_drops(port.number()), 0u);
}
