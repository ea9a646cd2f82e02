#define CAF_SUITE runtime.spool.reserve
#include "runtime/spool/reserve.hpp"

#include "test/support/temp_dir.hpp"
#include "test/support/unit_test.hpp"

#include <filesystem>

using namespace senseflow;
using runtime::spool_reserve;

namespace {

constexpr uint64_t bytes = 1u << 20;

struct fixture {
  test::temp_dir directory;
  std::string file = directory / "spool.reserve";
  spool_reserve aut{file, bytes};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reserve_tests, fixture)

CAF_TEST(space is set aside only where twice as much is free) {
  CAF_CHECK(!aut.make(2 * bytes - 1));
  CAF_CHECK(!std::filesystem::exists(file));
  CAF_CHECK(aut.make(2 * bytes));
  CAF_CHECK_EQUAL(std::filesystem::file_size(file), bytes);
  CAF_CHECK(aut.make(0)); // it is there
}

CAF_TEST(one that is there already counts whatever is free) {
  CAF_REQUIRE(aut.make(2 * bytes));
  spool_reserve next{file, bytes};
  CAF_CHECK(!next.there());
  CAF_CHECK(next.make(0));
}

CAF_TEST(used it is gone until it is made again) {
  CAF_REQUIRE(aut.make(2 * bytes));
  aut.use();
  CAF_CHECK(!aut.there());
  CAF_CHECK(!std::filesystem::exists(file));
  CAF_CHECK(aut.make(2 * bytes));
}

CAF_TEST(none of no bytes is always there) {
  spool_reserve none{file, 0};
  CAF_CHECK(none.there());
  CAF_CHECK(none.make(0));
  CAF_CHECK(!std::filesystem::exists(file));
}

CAF_TEST_FIXTURE_SCOPE_END()
