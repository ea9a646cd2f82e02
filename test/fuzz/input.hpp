// Takes an input apart into steps: what a sequence of things that come from outside is made of.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace senseflow::fuzz {

/// At its end all numbers are 0 and all texts empty. Texts end with a NUL, so that what is inserted into one
/// does not shift the others.
class input {
public:
  explicit input(std::string_view all) : left_(all) {}

  bool empty() const { return left_.empty(); }

  uint8_t byte() {
    if (left_.empty()) return 0;
    const auto x = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return x;
  }
  size_t below(size_t n) { return byte() % n; }
  bool flag() { return (byte() & 1) != 0; }

  std::string_view text() {
    const auto x = left_.substr(0, left_.find('\0'));
    left_.remove_prefix(x.size() < left_.size() ? x.size() + 1 : x.size());
    return x;
  }
  std::string_view rest() {
    const auto x = left_;
    left_ = {};
    return x;
  }

  /// One of these letters; another byte stands for one of them, too.
  char step(std::string_view letters) {
    const size_t x = byte();
    const auto c = static_cast<char>(x);
    return letters.find(c) != letters.npos ? c : letters[x % letters.size()];
  }

  /// From a nanosecond to some years: one to ten times one of these, by the byte's tens and ones.
  std::chrono::nanoseconds span() {
    using namespace std::chrono_literals;
    constexpr std::array<std::chrono::nanoseconds, 20> units{1ns,   100ns, 10us, 1ms, 10ms, 100ms, 200ms,
                                                             1s,    2s,    5s,   10s, 30s,  1min,  5min,
                                                             10min, 1h,    6h,   24h, 240h, 2400h};
    const size_t x = byte();
    return units[x / 10 % units.size()] * static_cast<int64_t>(x % 10 + 1);
  }

private:
  std::string_view left_;
};

} // namespace senseflow::fuzz
