// CAF's unit tests, with checks that keep what they compare: CAF's own compare when the temporaries are gone.
#pragma once

#include <caf/test/unit_test.hpp>

namespace senseflow::test {

/// Operands are arguments, made from left to right: temporaries, and what they own, last as long as the check.
template <class Comparator>
struct checked {
  template <class T, class U>
  checked(const char* file, size_t line, const char* text, const T& x, const U& y)
      : holds(caf::test::detail::check(caf::test::engine::current_test(), file, line, text, false,
                                       Comparator{}(x, y), x, y)) {
    caf::test::engine::last_check_file(file);
    caf::test::engine::last_check_line(line);
  }

  bool holds;
};

} // namespace senseflow::test

#define SENSEFLOW_CHECKED(comparator, x, y)                                                                  \
  ::senseflow::test::checked<comparator> { __FILE__, __LINE__, CAF_FUNC_EXPR(comparator, x, y), x, y }

#undef CAF_CHECK_FUNC
#define CAF_CHECK_FUNC(comparator, x, y) static_cast<void>(SENSEFLOW_CHECKED(comparator, x, y))

#undef CAF_REQUIRE_FUNC
#define CAF_REQUIRE_FUNC(comparator, x, y)                                                                   \
  do {                                                                                                       \
    if (!SENSEFLOW_CHECKED(comparator, x, y).holds)                                                          \
      ::caf::test::detail::requirement_failed(CAF_FUNC_EXPR(comparator, x, y));                              \
  } while (false)
