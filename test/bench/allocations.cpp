#define CAF_SUITE bench.allocations

#include "test/support/unit_test.hpp"

#include "bench/load/allocation_reader.hpp"
#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

using namespace senseflow::bench;
using senseflow::test::binary_path;
using senseflow::test::child_process;

namespace {

struct fixture {
  senseflow::test::temp_dir directory;

  /// What the program has allocated from its first line to its last.
  allocation_figures counted(const std::string& times) {
    const auto file = directory / times;
    child_process program{{"env", "LD_PRELOAD=" + binary_path("libcount_allocations.so"),
                           "COUNT_ALLOCATIONS=" + file, "COUNT_ALLOCATION_SITES=yes",
                           binary_path("allocating"), times}};
    CAF_REQUIRE(program.wait() == 0);
    return allocation_reader{file}.read();
  }

  bool refused(const std::string& file) {
    try {
      allocation_reader{file};
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(allocations_tests, fixture)

CAF_TEST(each way to allocate is counted once and belongs to the program) {
  const auto few = counted("100"), many = counted("1100");
  const auto between = many - few;
  CAF_CHECK_EQUAL(between.calls, 11'000);
  CAF_CHECK_EQUAL(between.large, 1000);
  CAF_CHECK_EQUAL(between.libraries.size(), 1u);
  // By what name the loader knows the program: none.
  CAF_CHECK_EQUAL(between.libraries.at(""), 11'000);
  CAF_CHECK_EQUAL(between.paho(), 0);
  CAF_CHECK_GREATER(between.bytes, 2'000'000);
}

CAF_TEST(places in the code are told apart) {
  const auto few = counted("100"), many = counted("1100");
  int places = 0;
  for (const auto& [place, calls] : (many - few).sites) {
    CAF_REQUIRE(!place.empty());
    CAF_CHECK_EQUAL(place.front().first, "");
    CAF_CHECK_EQUAL(calls, 1000);
    ++places;
  }
  CAF_CHECK_EQUAL(places, 11);
}

CAF_TEST(without a file nothing is counted and the program runs as ever) {
  child_process program{
      {"env", "LD_PRELOAD=" + binary_path("libcount_allocations.so"), binary_path("allocating"), "10"}};
  CAF_CHECK(program.wait() == 0);
}

CAF_TEST(what is no such file is refused) {
  CAF_CHECK(refused(directory / "missing"));
  std::ofstream{directory / "short"} << "not it";
  CAF_CHECK(refused(directory / "short"));
}

CAF_TEST_FIXTURE_SCOPE_END()
