// Whose digests were heard: each counts once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace senseflow::actors {

/// Not thread-safe. Bounded: whoever has been silent for longest is forgotten.
class digest_senders {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr size_t most = 1000;

  enum class verdict : uint8_t {
    next,
    repeated,
    missed_some ///< or the sender was restarted
  };
  verdict note(const std::string& sender, uint64_t incarnation, uint64_t number, time_point now) {
    if (senders_.size() >= most && senders_.count(sender) == 0)
      senders_.erase(std::min_element(senders_.begin(), senders_.end(), [](const auto& a, const auto& b) {
        return a.second.heard < b.second.heard;
      }));
    auto& x = senders_[sender];
    x.heard = now;
    const bool same = x.incarnation == incarnation;
    if (same && number <= x.number) return verdict::repeated;
    const bool next = same && number == x.number + 1;
    x.incarnation = incarnation;
    x.number = number;
    return next ? verdict::next : verdict::missed_some;
  }
  std::optional<time_point> heard(const std::string& sender) const {
    const auto i = senders_.find(sender);
    if (i == senders_.end()) return std::nullopt;
    return i->second.heard;
  }

private:
  struct one {
    uint64_t incarnation = 0;
    uint64_t number = 0; ///< of the last digest
    time_point heard{};
  };
  std::map<std::string, one> senders_;
};

} // namespace senseflow::actors
