// Whether the clocks of the Sense servers go as ours does.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/arrivals.hpp"
#include "messages/insights/clock_skew.hpp"
#include "messages/insights/clock_watch.hpp"
#include "messages/insights/noted.hpp"
#include "messages/insights/server_of_host.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace senseflow::messages::insights {

/// What others have noted.
struct clocks_view {
  std::map<std::string, dated_answer> answers; ///< the newest, by server: of those that this node polls
  arrival_list arrivals;
  std::shared_ptr<const server_of_host> hosts;
};

struct clock_options {
  std::chrono::milliseconds limit{5000};
  std::function<clocks_view()> look;
  std::function<void(std::map<std::string, double>)> note; ///< how many seconds each is ahead, for metrics
};

/// A server is published when its clock has moved by half a second or more than was known, or has come to be
/// beyond the limit or back, and once an hour. When all differ from ours alike it is ours that is in doubt.
/// When ours is set we begin anew.
class clocks : public analysis {
public:
  explicit clocks(clock_options options) : options_(std::move(options)) {}

  void observe(const item_list&, const moment&) override {}
  void tick(const moment& now, findings& to) override;
  void inherit(analysis& former) override;

private:
  using nanoseconds = std::chrono::nanoseconds;
  using time_point = std::chrono::steady_clock::time_point;

  struct server_state {
    clock_skew skew;
    caf::timestamp answered{}; ///< the newest answer that `skew` knows
    polled_by by;
    std::optional<nanoseconds> events; ///< ahead by this at least
    std::optional<skew_estimate> now;
    bool beyond = false;
    caf::timestamp since{}; ///< of being beyond the limit, or not
    struct {
      nanoseconds ahead{}, uncertainty{};
      bool beyond = false, ours = false;
      time_point at{};
    } told;
  };

  void take_in(const clocks_view& seen, const moment& now);
  void judge(server_state& x, const moment& now) const;
  bool ours_is_wrong() const;
  void tell(const std::string& server, server_state& x, bool ours, const moment& now, findings& to) const;
  void raise(bool ours, findings& to) const;

  clock_options options_;
  std::map<std::string, server_state> servers_;
  clock_watch ours_;
  time_point trust_events_{}; ///< from then on: before it our clock was another one
};

} // namespace senseflow::messages::insights
