#define CAF_SUITE runtime.probe.runner
#include "test/support/unit_test.hpp"

#include "runtime/probe/runner.hpp"
#include "test/support/eventually.hpp"

#include <atomic>
#include <condition_variable>
#include <stdexcept>
#include <thread>

using namespace senseflow::runtime::probe;
using namespace std::chrono_literals;

namespace {

/// Holds up whoever waits at it.
struct gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;

  void wait() {
    std::unique_lock lock{mutex};
    changed.wait(lock, [this] { return open; });
  }
  void lift() {
    {
      std::lock_guard lock{mutex};
      open = true;
    }
    changed.notify_all();
  }
};

job quick(const std::string& name) {
  return {name, 10s, [name](notebook& to) { to.add(good("x", name)); }};
}

} // namespace

CAF_TEST(findings come in the order of the jobs and bear their subjects) {
  std::vector<job> all;
  for (int i = 0; i < 50; ++i) all.push_back(quick("job " + std::to_string(i)));
  size_t last = 0;
  const auto x = run_all(std::move(all), 8, [&](const standing& now) {
    CAF_CHECK(now.done >= last);
    CAF_CHECK_EQUAL(now.all, 50u);
    last = now.done;
  });
  CAF_CHECK_EQUAL(last, 50u);
  CAF_REQUIRE_EQUAL(x.found.size(), 50u);
  for (size_t i = 0; i < 50; ++i) CAF_CHECK_EQUAL(x.found[i].subject, "job " + std::to_string(i));
  CAF_CHECK(!x.left_behind);
}

CAF_TEST(one that hangs holds up no other and what it wrote before counts) {
  const auto closed = std::make_shared<gate>();
  const auto left = std::make_shared<std::atomic<bool>>(false);
  std::string waited_for;
  const auto start = std::chrono::steady_clock::now();
  const auto x = run_all({{"hanging", 300ms,
                           [closed, left](notebook& to) {
                             to.add(good("first", "done"));
                             closed->wait();
                             to.add(good("second", "too late"));
                             *left = true;
                           }},
                          quick("other")},
                         2, [&](const standing& now) {
                           if (!now.waiting_for.empty()) waited_for = now.waiting_for;
                         });
  CAF_CHECK(std::chrono::steady_clock::now() - start < 5s);
  CAF_CHECK(x.left_behind);
  CAF_CHECK_EQUAL(waited_for, "hanging");
  CAF_REQUIRE_EQUAL(x.found.size(), 3u);
  CAF_CHECK_EQUAL(x.found[0].check, "first");
  CAF_CHECK_EQUAL(x.found[1].code, "hangs");
  CAF_CHECK_EQUAL(x.found[2].subject, "other");
  closed->lift();
  while (!*left) std::this_thread::yield();
}

CAF_TEST(not more run at a time than may) {
  const auto now = std::make_shared<std::atomic<int>>(0);
  const auto most = std::make_shared<std::atomic<int>>(0);
  std::vector<job> all;
  for (int i = 0; i < 20; ++i)
    all.push_back({"x", 10s, [now, most](notebook&) {
                     const int n = ++*now;
                     int seen = *most;
                     while (n > seen && !most->compare_exchange_weak(seen, n)) {
                     }
                     std::this_thread::yield();
                     --*now;
                   }});
  run_all(std::move(all), 3, {});
  CAF_CHECK(*most >= 1 && *most <= 3);
}

CAF_TEST(one that throws is a finding) {
  const auto x = run_all({{"broken", 10s, [](notebook&) { throw std::runtime_error("oh"); }}}, 1, {});
  CAF_REQUIRE_EQUAL(x.found.size(), 1u);
  CAF_CHECK_EQUAL(x.found[0].code, "internal");
  CAF_CHECK(x.found[0].cause.find("oh") != std::string::npos);
}

CAF_TEST(what a job holds is gone when all have ended) {
  const auto held = std::make_shared<int>(1);
  std::weak_ptr<int> seen = held;
  {
    std::vector<job> all;
    all.push_back({"x", 10s, [keep = std::shared_ptr<int>{std::make_shared<int>(2)}](notebook&) {}});
    auto mine = std::make_shared<int>(3);
    seen = mine;
    all.push_back({"y", 10s, [mine = std::move(mine)](notebook&) {}});
    run_all(std::move(all), 2, {});
  }
  CAF_CHECK(seen.expired());
}

CAF_TEST(what belongs to a thread is gone when all have ended) {
  static std::atomic<int> there{0};
  struct kept {
    kept() { ++there; }
    ~kept() {
      senseflow::test::eventually([] { return false; }, 50ms); // it takes its time
      --there;
    }
  };
  std::vector<job> all;
  for (int i = 0; i < 4; ++i)
    all.push_back({"x", 10s, [](notebook&) {
                     thread_local kept x;
                     (void)x;
                   }});
  run_all(std::move(all), 4, {});
  CAF_CHECK_EQUAL(there, 0);
}
