#define CAF_SUITE runtime.vital_signs
#include "test/support/unit_test.hpp"

#include "runtime/vital_signs.hpp"

using namespace senseflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  runtime::vital_signs aut;
  runtime::vital_signs::time_point now{1h};

  std::string silent() const {
    const auto x = aut.longest_silence(now);
    return x ? x->path + " " + std::to_string(x->duration / 1s) : "nobody";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(vital_sign_tests, fixture)

CAF_TEST(whoever answered the longest ago is the most silent one) {
  CAF_CHECK_EQUAL(silent(), "nobody");
  aut.alive("a/b", now);
  aut.alive("a", now += 1s);
  now += 2s;
  CAF_CHECK_EQUAL(silent(), "a/b 3");
  aut.alive("a/b", now);
  CAF_CHECK_EQUAL(silent(), "a 2");
}

CAF_TEST(who is not asked any more is not silent) {
  aut.alive("a", now);
  aut.alive("b", now += 1s);
  aut.forget("a");
  aut.forget("nobody");
  CAF_CHECK_EQUAL(silent(), "b 0");
}

CAF_TEST(the end of a supervisor takes its children along and nobody else) {
  for (const auto* x : {"ab/c", "a/b", "a/c", "a", "z"}) aut.alive(x, now += 1s);
  aut.forget_below("a");
  CAF_CHECK_EQUAL(silent(), "ab/c 4");
  aut.forget("ab/c");
  CAF_CHECK_EQUAL(silent(), "a 1");
  aut.forget_below("");
  CAF_CHECK_EQUAL(silent(), "nobody");
}

CAF_TEST_FIXTURE_SCOPE_END()
