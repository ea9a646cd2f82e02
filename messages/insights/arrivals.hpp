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
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

class server_of_host;

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

/// Not thread-safe. Time is the caller's. Bounded: there are `most` places for services of servers, and as many
/// for those of all other machines, whose names anybody may make up. What finds none is not followed, unless one
/// of its kind has been silent for `forgotten_after`, whose place it gets.
class arrivals {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::hours forgotten_after{48};

  explicit arrivals(size_t most = 500) : most_(most) {}

  /// Which machines are servers; without it none is.
  void know(std::shared_ptr<const server_of_host> hosts);

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
  struct left_out {
    uint64_t of_servers = 0, of_others = 0;
    uint64_t all() const { return of_servers + of_others; }
  };
  left_out not_followed();

private:
  struct line {
    arrival known;
    row_gaps rows;
    uint64_t skips = 0; ///< that `rows` knows of
    uint64_t told = 0;  ///< of the gaps
    bool of_server = false;
    time_point window{}, compared{};
    std::optional<std::chrono::nanoseconds> before; ///< `ahead` of the window before
  };

  struct places {
    size_t taken = 0;
    uint64_t refused = 0;
    time_point none_until{}; ///< all were looked through
  };

  bool is_server(const std::string& host) const;
  line* find(const std::string& host, service from, time_point now);
  bool make_room(bool of_server, time_point now);
  void compare_clocks(line& to, const log_event& x, time_point now);

  size_t most_;
  std::shared_ptr<const server_of_host> hosts_;
  uint64_t skips_ = 0;
  std::array<places, 2> places_;                                           ///< of other machines, of servers
  std::array<std::unordered_map<std::string, line>, service_count> lines_; ///< by host
};

} // namespace senseflow::messages::insights
