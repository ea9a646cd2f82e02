// The newest value that was delivered to each topic, within a bound.
#pragma once

#include "messages/publication.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe. Above the bound the largest are left out:
/// what is told rarely is small, what is large is polled.
class remembered_values {
public:
  struct value {
    messages::mqtt_message message;
    int64_t accepted_ms = 0; ///< Unix time
    uint64_t bytes = 0;      ///< roughly
  };

  explicit remembered_values(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Instead of what was known of its topic. How many values were left out over it.
  size_t put(const messages::mqtt_message& m, int64_t accepted_ms);
  void erase(const std::string& topic);
  const value* find(const std::string& topic) const;
  uint64_t bytes() const { return bytes_; }

private:
  using map = std::map<std::string, value>;
  void erase(map::iterator i);

  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  map values_;                                                ///< by topic
  std::set<std::pair<uint64_t, const std::string*>> by_size_; ///< bytes, topic
};

} // namespace senseflow::actors
