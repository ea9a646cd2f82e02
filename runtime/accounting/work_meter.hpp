// What an actor does with its time: counted by the actor, read by whoever looks on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace senseflow::runtime {

/// How long something has lasted in total, also while it lasts. Thread-safe.
class stopwatch {
public:
  using clock = std::chrono::steady_clock;

  /// One of those during which it lasts.
  void begin() {
    std::lock_guard lock{mutex_};
    if (turns_++ == 0) since_ = clock::now();
  }
  void end() {
    std::lock_guard lock{mutex_};
    if (--turns_ == 0) total_ += clock::now() - since_;
  }

  std::chrono::nanoseconds total() const {
    std::lock_guard lock{mutex_};
    return turns_ == 0 ? total_ : total_ + (clock::now() - since_);
  }

private:
  mutable std::mutex mutex_;
  std::chrono::nanoseconds total_{0};
  uint32_t turns_ = 0;
  clock::time_point since_{};
};

/// Totals since the start.
struct work_figures {
  uint64_t handled = 0;                ///< messages of all kinds
  uint64_t items = 0;                  ///< in batches
  uint64_t batches = 0;                ///< messages that carry items
  std::chrono::nanoseconds busy{0};    ///< in handlers
  std::chrono::nanoseconds waited{0};  ///< had something to do and nobody to take it
  std::chrono::nanoseconds refused{0}; ///< took nothing from those before it
};

/// Thread-safe. Outlives the actor; several may share one. Costs a few nanoseconds a message.
class work_meter {
public:
  void message() { handled_.fetch_add(1, std::memory_order_relaxed); }
  void batch(uint64_t items) {
    batches_.fetch_add(1, std::memory_order_relaxed);
    items_.fetch_add(items, std::memory_order_relaxed);
  }
  void busy(std::chrono::nanoseconds x) {
    busy_ns_.fetch_add(static_cast<uint64_t>(x.count()), std::memory_order_relaxed);
  }
  const std::shared_ptr<stopwatch>& waiting() const { return waiting_; }
  const std::shared_ptr<stopwatch>& refusing() const { return refusing_; }

  work_figures figures() const {
    return {handled_,          items_, batches_, std::chrono::nanoseconds(busy_ns_), waiting_->total(),
            refusing_->total()};
  }

private:
  std::atomic<uint64_t> handled_{0}, items_{0}, batches_{0}, busy_ns_{0};
  std::shared_ptr<stopwatch> waiting_ = std::make_shared<stopwatch>();
  std::shared_ptr<stopwatch> refusing_ = std::make_shared<stopwatch>();
};

/// A turn of a stopwatch, which ends with its owner.
class stopwatch_turn {
public:
  stopwatch_turn() = default;
  stopwatch_turn(stopwatch_turn&& x) noexcept : of_(std::move(x.of_)) {}
  stopwatch_turn& operator=(stopwatch_turn&& x) noexcept {
    std::swap(of_, x.of_);
    return *this;
  }
  ~stopwatch_turn() { set(false, {}); }

  void set(bool on, const std::shared_ptr<stopwatch>& of) {
    if (on == static_cast<bool>(of_)) return;
    if (on) of->begin();
    if (!on) of_->end();
    of_ = on ? of : nullptr;
  }

private:
  std::shared_ptr<stopwatch> of_; ///< null: it does not last
};

/// Thread-safe: the meters of all actors, by name.
class work_meters {
public:
  std::shared_ptr<work_meter> of(const std::string& name) {
    std::lock_guard lock{mutex_};
    auto& x = meters_[name];
    if (!x) x = std::make_shared<work_meter>();
    return x;
  }
  std::map<std::string, work_figures> figures() const {
    std::map<std::string, work_figures> result;
    std::lock_guard lock{mutex_};
    for (const auto& [name, x] : meters_) result.emplace(name, x->figures());
    return result;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<work_meter>> meters_;
};

} // namespace senseflow::runtime
