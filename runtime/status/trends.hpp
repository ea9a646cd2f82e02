// What changes: rates, shares of time and what happened lately, from the facts of many moments.
#pragma once

#include "runtime/status/facts.hpp"
#include "runtime/status/lookback.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace senseflow::runtime {

struct loss_counts {
  std::map<std::string, uint64_t> by_reason; ///< items dropped, but for superseded state
  uint64_t kernel_drops = 0;                 ///< datagrams
  uint64_t lost_before = 0;                  ///< known to have been lost with a former run
  uint64_t total() const;
};
loss_counts losses_of(const ledger::snapshot_type& x);

/// Of the last seconds, per second or as a share of the time.
struct work_trend {
  double busy = 0, waited = 0, refused = 0;
};

struct trends {
  using by_class = std::array<double, messages::item_class_count>;

  double seconds = 0;               ///< that the rates and shares are of
  by_class received{}, published{}; ///< items a second
  double lost = 0;                  ///< items and datagrams a second
  double kernel_drops = 0;          ///< datagrams a second
  std::map<std::string, work_trend> work;
  double disk_growth = 0; ///< bytes a second, of some minutes

  histogram_counts acknowledgement, poll_duration, poll_lateness; ///< of the last minute
  histogram_counts lateness;                                      ///< of the last five minutes
  loss_counts lost_lately;                                        ///< in the last hour
  std::map<std::string, uint64_t> failures;                       ///< of components, in 15 minutes
  std::map<std::string, uint64_t> folded; ///< log events in storms, by host, in five minutes

  /// When the newest datagram came, or 0 if there was none; to the second.
  using last_seen = std::map<std::string, caf::timestamp>;
  std::map<messages::item_class, last_seen> seen; ///< events, by source
};

/// Not thread-safe; memory is bounded by what the facts hold.
class trend_keeper {
public:
  /// The facts of now; about once a second.
  trends add(const facts& x);

private:
  using totals = std::array<uint64_t, messages::item_class_count>;
  struct counts {
    totals received{}, published{};
    uint64_t lost = 0, kernel_drops = 0;
    std::map<std::string, work_figures> work;
  };
  struct timings {
    histogram_counts acknowledgement, poll_duration, poll_lateness;
  };

  void note_sources(const facts& x);

  lookback<counts> seconds_{std::chrono::seconds(10), std::chrono::milliseconds(900)};
  lookback<timings> minute_{std::chrono::minutes(1), std::chrono::seconds(5)};
  lookback<histogram_counts> lateness_{std::chrono::minutes(5), std::chrono::seconds(15)};
  lookback<uint64_t> disk_{std::chrono::minutes(5), std::chrono::seconds(15)};
  lookback<std::map<std::string, uint64_t>> failures_{std::chrono::minutes(15), std::chrono::seconds(30)};
  lookback<std::map<std::string, uint64_t>> folded_{std::chrono::minutes(5), std::chrono::seconds(15)};
  lookback<loss_counts> losses_{std::chrono::hours(1), std::chrono::minutes(1)};
  std::map<messages::item_class, std::map<std::string, uint64_t>> received_; ///< events, by source
  std::map<messages::item_class, trends::last_seen> seen_;
  bool first_ = true;
};

} // namespace senseflow::runtime
