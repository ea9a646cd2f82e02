// What has come from each service of each Sense machine by UDP: when last, how many, how many were lost on
// the way.
#pragma once

#include "messages/insights/row_gaps.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"

#include <caf/timestamp.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

/// Whose datagrams are told apart: an appender each, but the proxy's two for user events are one.
enum class service : uint8_t { user_events, engine, proxy, repository, scheduler, qix_perf };
inline constexpr size_t service_count = 6;
/// `user-events`, `engine`, `proxy`, `repository`, `scheduler`, `qix-perf`.
std::string_view to_string_view(service x);
std::optional<service> service_from(std::string_view name);

struct arrival {
  std::string host; ///< as the events name it
  service from = service::user_events;
  uint64_t datagrams = 0;
  uint64_t gaps = 0; ///< datagrams that were lost on the way, as far as rows tell
  std::chrono::steady_clock::time_point last{};
  /// The clock of the events is ahead of ours by this at least (behind, if negative): that of an event is
  /// never later than its arrival. The best of the last minutes.
  std::optional<std::chrono::nanoseconds> ahead;
};
using arrival_list = std::vector<arrival>;

/// Not thread-safe. Time is the caller's. Bounded: services beyond `most` are not followed, unless
/// one has been silent for `forgotten_after`, whose place they get.
class arrivals {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::hours forgotten_after{48};

  explicit arrivals(size_t most = 500) : most_(most) {}

  void note(const user_event& x, time_point now);
  void note(const log_event& x, time_point now);
  /// Datagrams came that nobody has read: they are no gap.
  void skip() { ++skips_; }

  /// As of now.
  arrival_list all(time_point now);
  /// Calls `f(host, service, how many)` for what was lost since the last call.
  template <class F>
  void tell_lost(F f) {
    for (auto& lines : lines_)
      for (auto& [host, x] : lines)
        if (const auto n = x.known.gaps - std::exchange(x.told, x.known.gaps); n > 0)
          f(host, x.known.from, n);
  }
  /// Datagrams of services that are not followed, since the last call.
  uint64_t not_followed();

private:
  struct line {
    arrival known;
    row_gaps rows;
    uint64_t skips = 0; ///< that `rows` knows of
    uint64_t told = 0;  ///< of the gaps
    time_point window{}, compared{};
    std::optional<std::chrono::nanoseconds> before; ///< `ahead` of the window before
  };

  line* find(const std::string& host, service from, time_point now);
  bool make_room(time_point now);
  void compare_clocks(line& to, const log_event& x, time_point now);

  size_t most_;
  size_t size_ = 0;
  uint64_t skips_ = 0;
  uint64_t not_followed_ = 0;
  time_point no_room_until_{};                                             ///< all places were looked through
  std::array<std::unordered_map<std::string, line>, service_count> lines_; ///< by host
};

} // namespace senseflow::messages::insights
