// What an instrumented build can do: loads are divided by this, deadlines multiplied.
#pragma once

namespace senseflow::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int slowdown = 5;
#else
inline constexpr int slowdown = 1;
#endif

} // namespace senseflow::test
