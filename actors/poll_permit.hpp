// Whether this node may poll a Sense server now: in a cluster only the owner may, and only while it is certain
// that nobody else can have become the owner.
#pragma once

#include "runtime/boot_clock.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace senseflow::actors {

/// Of one server. Thread-safe. Its owner (`cluster_member`) grants and withdraws it; whoever polls asks for it
/// right before each call.
class poll_permit {
public:
  using clock = runtime::boot_clock;
  using certainty = std::shared_ptr<const std::atomic<clock::rep>>; ///< nobody else owns anything before then

  explicit poll_permit(certainty until) : until_(std::move(until)) {}

  /// A call that has begun. Its end is this object's.
  class call {
  public:
    call(std::shared_ptr<poll_permit> of, uint64_t epoch) : of_(std::move(of)), epoch_(epoch) {}
    call(const call&) = delete;
    call& operator=(const call&) = delete;
    ~call();

    uint64_t epoch() const { return epoch_; }
    /// It has to end before then. Later with each keep-alive, as long as the permit is not withdrawn.
    clock::time_point deadline() const;

  private:
    std::shared_ptr<poll_permit> of_;
    uint64_t epoch_;
  };

  /// Null: not ours, or not certain for `at_least` any more.
  static std::shared_ptr<call> begin(const std::shared_ptr<poll_permit>& p,
                                     std::chrono::milliseconds at_least);

  /// From now on calls may begin. `epoch` is never 0; `claimed`: from nobody, so it was not polled for a while.
  void grant(uint64_t epoch, bool claimed = false);
  bool claimed() const;

  /// No call begins from now on.
  void withdraw();

  /// 0: not ours.
  uint64_t epoch() const;

  /// Calls that have begun and not ended.
  uint32_t calls() const;

  /// When whoever polls will begin its next call; told when none runs.
  void next_call(std::chrono::steady_clock::time_point t);

  /// No call is due within `room` from `now`: the server can change hands without missing one. A call that
  /// is late by more than that is not waited for.
  bool has_room(std::chrono::steady_clock::time_point now, std::chrono::milliseconds room) const;

private:
  mutable std::mutex mutex_;
  certainty until_;
  void end_epoch();

  uint64_t epoch_ = 0;
  uint64_t last_epoch_ = 0;          ///< the one before
  clock::time_point last_certain_{}; ///< when that ended: for how long
  uint32_t calls_ = 0;
  std::chrono::steady_clock::time_point next_call_ = std::chrono::steady_clock::time_point::min();
  bool claimed_ = false;
};

/// All of a node. Thread-safe.
class poll_permits {
public:
  using clock = poll_permit::clock;

  /// Nobody else owns anything before then. A time that has passed: nothing is certain.
  void certain_until(clock::time_point t) { until_->store(t.time_since_epoch().count()); }
  clock::time_point certain_until() const { return clock::time_point{clock::duration{until_->load()}}; }

  /// That of the server; made when it is first asked for.
  std::shared_ptr<poll_permit> of(const std::string& server);

  /// Servers that are granted, with their epochs.
  std::map<std::string, uint64_t> granted() const;

private:
  mutable std::mutex mutex_;
  std::shared_ptr<std::atomic<clock::rep>> until_ = std::make_shared<std::atomic<clock::rep>>(0);
  std::map<std::string, std::shared_ptr<poll_permit>> permits_;
};

} // namespace senseflow::actors
