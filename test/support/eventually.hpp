// Waits for a condition that another thread or process brings about, up to a deadline. The only sleep in
// test/.
#pragma once

#include "test/support/slowdown.hpp"

#include <chrono>
#include <thread>

namespace senseflow::test {

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds(10),
                std::chrono::milliseconds every = std::chrono::milliseconds(2)) {
  const auto deadline = std::chrono::steady_clock::now() + within * slowdown;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(every);
  }
  return true;
}

} // namespace senseflow::test
