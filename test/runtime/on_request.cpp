#define CAF_SUITE runtime.on_request
#include "runtime/on_request.hpp"

#include "test/support/eventually.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <future>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

/// A job that is inside until it is let go.
struct fixture {
  std::atomic<int> begun{0};
  std::promise<void> gate;
  std::shared_future<void> open{gate.get_future()};
  runtime::on_request job{[this] {
    ++begun;
    open.wait();
  }};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(on_request_tests, fixture)

CAF_TEST(requests while it runs become one more run and nobody waits) {
  job.request();
  CAF_REQUIRE(eventually([&] { return begun == 1; }));
  for (int i = 0; i < 5; ++i) job.request();
  CAF_CHECK_EQUAL(begun, 1);
  gate.set_value();
  CAF_CHECK(eventually([&] { return begun == 2; }));
  CAF_CHECK(job.stop(10s));
  CAF_CHECK_EQUAL(begun, 2);
}

CAF_TEST(a stop tells of a job that does not end) {
  job.request();
  CAF_REQUIRE(eventually([&] { return begun == 1; }));
  job.request();
  CAF_CHECK(!job.stop(1ms));
  gate.set_value();
  CAF_CHECK(job.stop(10s));
  CAF_CHECK_EQUAL(begun, 1);
}

CAF_TEST(after a stop nothing begins) {
  CAF_CHECK(job.stop(0ms));
  job.request();
  CAF_CHECK(job.stop(0ms));
  CAF_CHECK_EQUAL(begun, 0);
  gate.set_value();
}

CAF_TEST_FIXTURE_SCOPE_END()
