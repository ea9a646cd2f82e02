// What a publisher shows to those who look on: its connection, its window, how soon the broker acknowledges.
#pragma once

#include "runtime/accounting/work_meter.hpp"
#include "runtime/mqtt/client.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace senseflow::actors {

struct context;

/// A part of a publisher's state. One message at a time is timed, as a sample of all.
class publisher_notices {
public:
  publisher_notices() = default;
  publisher_notices(context& env, uint32_t slot, uint32_t window);

  void heard(context& env, const runtime::mqtt_event& e);
  /// With an acknowledgement to come.
  void sent(uint64_t token) {
    if (!timed_) timed_ = {token, std::chrono::steady_clock::now()};
  }
  void took(size_t items) { work_->batch(items); }
  void waits(bool for_window) { waits_.set(for_window, work_->waiting()); }
  void holds(context& env, size_t in_flight) const;

private:
  struct timed {
    uint64_t token = 0;
    std::chrono::steady_clock::time_point when;
  };

  uint32_t slot_ = 0;
  std::shared_ptr<runtime::work_meter> work_ = std::make_shared<runtime::work_meter>();
  runtime::stopwatch_turn waits_;
  std::optional<timed> timed_;
};

} // namespace senseflow::actors
