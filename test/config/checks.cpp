#define CAF_SUITE config.checks
#include "test/support/unit_test.hpp"

#include "test/support/paths.hpp"

#include <filesystem>
#include <fstream>
#include <string>

// The checks of the tests themselves.

namespace {

/// Takes what it owns along when it goes.
struct owner {
  int& owned;
  ~owner() { owned = 0; }
};

} // namespace

CAF_TEST(what temporaries own is there as long as it is compared) {
  int a = 1, b = 1;
  CAF_CHECK_EQUAL(owner{a}.owned, 1);
  CAF_CHECK_EQUAL(a, 0); // not longer
  CAF_REQUIRE_EQUAL(1, owner{b}.owned);
  CAF_REQUIRE_EQUAL(b, 0);
}

CAF_TEST(operands are made from left to right) {
  int n = 0;
  auto next = [&] { return ++n; };
  CAF_CHECK_LESS(next(), next());
  CAF_REQUIRE_EQUAL(next(), 3);
}

CAF_TEST(no test has the checks of CAF itself) {
  const std::string theirs = "#include <caf/test/unit_test.hpp>";
  for (const auto& x : std::filesystem::recursive_directory_iterator(senseflow::test::source_path("test"))) {
    const auto extension = x.path().extension();
    if ((extension != ".cpp" && extension != ".hpp") || x.path().filename() == "unit_test.hpp") continue;
    std::ifstream in(x.path());
    for (std::string line; std::getline(in, line);)
      if (line == theirs) CAF_ERROR(x.path() << " has to include test/support/unit_test.hpp instead");
  }
  CAF_CHECK(true);
}
