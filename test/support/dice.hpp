// Random choices, the same for the same seed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace senseflow::test {

class dice {
public:
  explicit dice(uint64_t seed) : engine_(seed) {}

  size_t below(size_t n) { return std::uniform_int_distribution<size_t>{0, n - 1}(engine_); }
  int from_to(int from, int to) { return std::uniform_int_distribution<int>{from, to}(engine_); }
  bool one_in(size_t n) { return below(n) == 0; }
  std::chrono::milliseconds ms(int from, int to) { return std::chrono::milliseconds(from_to(from, to)); }
  template <class T>
  const T& of(const std::vector<T>& xs) {
    return xs[below(xs.size())];
  }
  std::string bytes(size_t n) {
    std::string result(n, '\0');
    for (auto& b : result) b = static_cast<char>(below(256));
    return result;
  }

private:
  std::mt19937_64 engine_;
};

} // namespace senseflow::test
