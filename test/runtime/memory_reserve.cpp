#define CAF_SUITE runtime.memory_reserve
#include "test/support/unit_test.hpp"

#include "runtime/estate.hpp"
#include "runtime/worker.hpp"
#include "test/scarce_memory/fail_allocation.hpp"
#include "test/support/slowdown.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

using namespace senseflow::runtime;

namespace {

constexpr size_t mebibyte = 1u << 20;

/// What becomes of a process of its own that does this: its exit code, or 128 + the signal that ended it.
int outcome_of(const std::function<int()>& f) {
  const auto pid = ::fork();
  if (pid == 0) {
    ::close(STDERR_FILENO);
    reserve_memory();
    ::_exit(f());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The process gets no more memory than it has.
void no_more_memory() {
  std::ifstream file{"/proc/self/statm"};
  rlim_t pages = 0;
  file >> pages;
  const rlimit have{pages * static_cast<rlim_t>(::getpagesize()), RLIM_INFINITY};
  ::setrlimit(RLIMIT_AS, &have);
}
void enough_memory() {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_AS, &all);
}

using pieces = std::vector<std::unique_ptr<char[]>>;

/// As containers do.
pieces allocate(size_t bytes) {
  constexpr size_t piece = 4000;
  pieces result;
  for (size_t n = 0; n < bytes; n += piece) result.push_back(std::make_unique<char[]>(piece));
  return result;
}

/// All that this thread can get, which outside of a piece of work ends in a failure.
pieces use_up() {
  pieces result;
  result.reserve(500 * mebibyte / 1000);
  no_more_memory();
  try {
    while (true) result.push_back(std::make_unique<char[]>(1000));
  } catch (const std::bad_alloc&) {
    return result;
  }
}

template <class F>
bool fails(F f) {
  try {
    f();
    return false;
  } catch (const std::bad_alloc&) {
    return true;
  }
}

/// False where a sanitizer has an allocator of its own, which ends the process.
bool limits_work() {
#ifdef __SANITIZE_ADDRESS__
  CAF_MESSAGE("skipped, a sanitizer decides what happens without memory");
  return false;
#else
  return true;
#endif
}

} // namespace

CAF_TEST(without memory what is done in one piece comes to its end) {
  if (!limits_work()) return;
  CAF_CHECK_EQUAL(outcome_of([] {
                    const auto taken = use_up();
                    const in_one_piece here;
                    return fails([] { allocate(8 * mebibyte); }) ? 1 : 0;
                  }),
                  0);
}

CAF_TEST(nobody begins without the reserve and it is there again as soon as there is memory) {
  if (!limits_work()) return;
  CAF_CHECK_EQUAL(outcome_of([] {
                    const auto home = std::make_shared<estate<int>>(0);
                    auto aut = estate<int>::enter(home);
                    const auto add = [&] { aut.with([&](int& x) { ++x; }); };
                    const auto taken = use_up();
                    pieces more;
                    aut.with([&](int& x) {
                      ++x;
                      more = allocate(8 * mebibyte);
                    });
                    if (!fails(add)) return 1;
                    enough_memory();
                    add();
                    return aut.with([](int& x) { return x; }) == 2 ? 0 : 2;
                  }),
                  0);
}

CAF_TEST(when even the reserve is not enough the process ends as in a crash) {
  if (!limits_work()) return;
  CAF_CHECK_EQUAL(outcome_of([] {
                    const auto taken = use_up();
                    const in_one_piece here;
                    allocate(40 * mebibyte);
                    return 0;
                  }),
                  128 + SIGABRT);
}

CAF_TEST(an allocation that fails once is tried again in one piece of work and only there) {
  CAF_CHECK_EQUAL(outcome_of([] {
                    const auto home = std::make_shared<estate<int>>(0);
                    auto aut = estate<int>::enter(home);
                    senseflow_fail_allocation(3);
                    if (!fails([] { allocate(20'000); })) return 1;
                    for (uint32_t number = 1; number < 100; ++number) {
                      aut.with([&](int& x) {
                        senseflow_fail_allocation(number);
                        allocate(400'000);
                        if (senseflow_fail_allocation(0) == 0) ++x;
                      });
                    }
                    return aut.with([](int& x) { return x; }) == 99 ? 0 : 2;
                  }),
                  0);
}

CAF_TEST(a job waits for memory before it begins and is not stopped by the want of it) {
  if (!limits_work()) return;
  CAF_CHECK_EQUAL(outcome_of([] {
                    worker_thread aut;
                    pieces taken;
                    aut.run([&] {
                      senseflow_fail_allocation(1);
                      taken = allocate(mebibyte);
                    });
                    if (!aut.idle(std::chrono::seconds(10))) return 1;
                    if (taken.empty()) return 2;
                    const auto more = use_up();
                    aut.run([] {});
                    if (aut.idle(std::chrono::milliseconds(500))) return 3;
                    enough_memory();
                    return aut.idle(std::chrono::seconds(10)) ? 0 : 4;
                  }),
                  0);
}
