#define CAF_SUITE runtime.worker
#include "test/support/unit_test.hpp"

#include "runtime/worker.hpp"
#include "test/support/eventually.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <vector>

using namespace senseflow::runtime;
using namespace std::chrono_literals;

CAF_TEST(jobs are done one after the other and nobody waits for them) {
  worker_thread aut;
  std::promise<void> began, go_on;
  std::vector<int> done;
  aut.run([&] {
    began.set_value();
    go_on.get_future().wait();
    done.push_back(1);
  });
  began.get_future().wait();
  aut.run([&] { done.push_back(2); });
  CAF_CHECK(!aut.idle(1ms));
  go_on.set_value();
  CAF_CHECK(aut.idle(10s));
  CAF_CHECK_EQUAL(done, (std::vector<int>{1, 2}));
}

CAF_TEST(of the jobs that wait only the newest is done) {
  worker_thread aut;
  std::promise<void> began, go_on;
  std::vector<int> done;
  aut.run([&] {
    began.set_value();
    go_on.get_future().wait();
  });
  began.get_future().wait();
  for (int i = 0; i < 5; ++i) aut.run([&, i] { done.push_back(i); });
  go_on.set_value();
  CAF_CHECK(aut.idle(10s));
  CAF_CHECK_EQUAL(done, (std::vector<int>{4}));
}

CAF_TEST(a job that does not end is left to itself) {
  auto go_on = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  {
    worker_thread aut;
    aut.run([go_on, ended] {
      go_on->get_future().wait();
      ended->set_value();
    });
  }
  go_on->set_value();
  CAF_CHECK(ended->get_future().wait_for(10s) == std::future_status::ready);
}

CAF_TEST(what it reads is a sign of life) {
  worker_thread aut;
  CAF_REQUIRE(aut.idle(10s));
  std::promise<void> began;
  aut.run([&] { began.set_value(); });
  began.get_future().wait();
  const auto before = aut.bytes_moved();
  CAF_REQUIRE(before);
  CAF_CHECK_EQUAL(*before, 0u);
  aut.run([] {
    std::unique_ptr<FILE, int (*)(FILE*)> file{std::fopen("/proc/self/status", "r"), &std::fclose};
    char text[100];
    CAF_CHECK(std::fgets(text, sizeof text, file.get()) != nullptr);
  });
  CAF_CHECK(aut.idle(10s));
  CAF_CHECK_GREATER(*aut.bytes_moved(), 0u);
}

CAF_TEST(what belongs to an idle thread is gone with it) {
  static std::atomic<bool> there{false};
  struct kept {
    kept() { there = true; }
    ~kept() {
      senseflow::test::eventually([] { return false; }, 50ms); // it takes its time
      there = false;
    }
  };
  {
    worker_thread aut;
    aut.run([] {
      thread_local kept x;
      (void)x;
    });
    CAF_REQUIRE(aut.idle(10s));
    CAF_CHECK(there);
  }
  CAF_CHECK(!there);
}
