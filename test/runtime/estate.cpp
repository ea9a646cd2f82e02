#define CAF_SUITE runtime.estate
#include "test/support/unit_test.hpp"

#include "runtime/estate.hpp"

#include <future>
#include <string>
#include <thread>

using namespace senseflow::runtime;
using namespace std::chrono_literals;

namespace {

using own = estate<int>;

/// What it throws, in words.
template <class F>
std::string thrown_by(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "nothing";
}

struct fixture {
  std::shared_ptr<own> home = std::make_shared<own>(0);
};

/// A thread that is inside until it is told to leave.
struct visitor {
  std::promise<void> inside, may_leave;
  std::thread thread;

  explicit visitor(own::lease& lease)
      : thread([&lease, this] {
          lease.with([this](int& x) {
            inside.set_value();
            may_leave.get_future().wait();
            ++x;
          });
        }) {
    inside.get_future().wait();
  }
  void leave() { may_leave.set_value(); }
  ~visitor() {
    if (thread.joinable()) thread.join();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(estate_tests, fixture)

CAF_TEST(an incarnation finds what the former one left and the former one finds its lease void) {
  auto first = own::enter(home);
  first.with([](int& x) { x = 7; });
  auto second = own::enter(home);
  CAF_CHECK_EQUAL(second.with([](int& x) { return x; }), 7);
  CAF_CHECK_EQUAL(thrown_by([&] { first.with([](int& x) { x = 8; }); }),
                  "another incarnation has taken over");
  CAF_CHECK_EQUAL(second.with([](int& x) { return x; }), 7);
}

CAF_TEST(one that is stuck inside blocks nobody and its replacement fails) {
  auto first = own::enter(home);
  visitor stuck{first};
  for (int i = 0; i < 3; ++i) {
    const auto began = std::chrono::steady_clock::now();
    CAF_CHECK_EQUAL(thrown_by([&] { own::enter(home); }), "its predecessor is still inside");
    CAF_CHECK(std::chrono::steady_clock::now() - began < 5s);
  }
  stuck.leave();
  stuck.thread.join();
  auto next = own::enter(home);
  CAF_CHECK_EQUAL(next.with([](int& x) { return x; }), 1); // what it was at was done
  CAF_CHECK_EQUAL(thrown_by([&] { first.with([](int&) {}); }), "another incarnation has taken over");
}

CAF_TEST(one that is just leaving is waited for) {
  auto first = own::enter(home);
  visitor brief{first};
  std::thread later{[&] { brief.leave(); }};
  auto next = own::enter(home);
  CAF_CHECK_EQUAL(next.with([](int& x) { return x; }), 1);
  later.join();
}

CAF_TEST(who throws inside has left) {
  auto first = own::enter(home);
  CAF_CHECK_EQUAL(thrown_by([&] { first.with([](int&) { throw std::runtime_error("oh"); }); }), "oh");
  CAF_CHECK_EQUAL(thrown_by([&] { own::enter(home); }), "nothing");
}

CAF_TEST(a crash that was asked for comes when the work of its call is done) {
  auto aut = own::enter(home);
  auto add = [&] { aut.with([](int& x) { ++x; }); };
  aut.provoke({{}, true, 2});
  CAF_CHECK_EQUAL(thrown_by(add), "nothing");
  CAF_CHECK_EQUAL(thrown_by(add), "nothing");
  CAF_CHECK_EQUAL(thrown_by(add), "crash on request");
  CAF_CHECK_EQUAL(thrown_by(add), "nothing");
  CAF_CHECK_EQUAL(aut.with([](int& x) { return x; }), 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
