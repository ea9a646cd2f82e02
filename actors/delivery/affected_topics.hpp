// To which topics something happens that is worth a line: gathered, so that all are named and nothing is said
// at every message.
#pragma once

#include "actors/delivery/carried_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

/// Of each cause a line at a time, with the topics since the line before: once in an interval, and six times as
/// often with topics that have not been named yet. Not thread-safe; time is the caller's. Bounded: causes are
/// few fixed words, a line names `most_named` topics and `most_known` are remembered.
class affected_topics {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr size_t most_named = 20;
  static constexpr size_t most_known = 200;

  explicit affected_topics(std::chrono::nanoseconds interval = std::chrono::minutes(1))
      : interval_(interval) {}

  /// The message was refused, or not taken for now, with this word.
  /// `limit`: of its size in bytes, if it was that.
  void refused(std::string_view word, const carried_message& x, size_t limit = 0);
  void postponed(std::string_view word, const carried_message& x);

  /// The lines that are due.
  std::vector<std::string> take(time_point now);
  /// All of them, at the end.
  std::vector<std::string> take_all();

private:
  using names = std::set<std::string, std::less<>>;

  struct batch {
    uint64_t messages = 0;
    size_t largest = 0; ///< bytes
    size_t limit = 0;
    names topics;
    bool more = false; ///< topics

    void add(const carried_message& x, std::string_view topic, size_t limited_to);
    std::string line(const std::string& words) const;
  };
  struct cause {
    batch fresh, known; ///< to topics that have not been named yet, and to others
    names named;
    time_point fresh_due{}, known_due{};
  };

  void add(std::string words, const carried_message& x, size_t limit);

  std::chrono::nanoseconds interval_;
  std::map<std::string, cause> causes_; // by their words
};

} // namespace senseflow::actors
