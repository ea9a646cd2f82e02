#define CAF_SUITE system.cost_guard

#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"

#include <chrono>

using namespace std::chrono_literals;

// If this fails for a good reason: `bench/run --only guard --write` writes down the new figures.
CAF_TEST(events cost no more allocations and context switches than is written down) {
#ifdef NDEBUG
  senseflow::test::child_process run{{senseflow::test::source_path("bench/run"), "--only", "guard",
                                      "--seconds", "3", "--build", senseflow::test::binary_path("")}};
  const auto code = run.wait(280s);
  if (code != 0) CAF_ERROR("bench/run failed: " << run.output());
  CAF_CHECK(code == 0);
#else
  CAF_MESSAGE("SKIPPED, only an optimised build is measured");
#endif
}
