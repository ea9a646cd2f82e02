// What an actor leaves to its next incarnation: state that must outlive a crash.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace senseflow::runtime {

/// Owned by the wiring, used by one incarnation at a time. An incarnation that was given up as hung and
/// comes back to life finds its lease void instead of a state that now belongs to somebody else.
template <class T>
class estate {
public:
  template <class... Ts>
  explicit estate(Ts&&... xs) : value_(std::forward<Ts>(xs)...) {}

  class lease {
  public:
    lease() = default;

    /// Calls `f(T&)`. Throws when a later incarnation has entered: the right end for this one.
    template <class F>
    decltype(auto) with(F&& f) {
      std::lock_guard lock{home_->mutex_};
      if (home_->generation_ != generation_) throw std::runtime_error("another incarnation has taken over");
      return std::forward<F>(f)(home_->value_);
    }

  private:
    friend class estate;
    std::shared_ptr<estate> home_;
    uint64_t generation_ = 0;
  };

  /// For a new incarnation; voids all earlier leases.
  static lease enter(const std::shared_ptr<estate>& home) {
    std::lock_guard lock{home->mutex_};
    lease result;
    result.home_ = home;
    result.generation_ = ++home->generation_;
    return result;
  }

private:
  std::mutex mutex_;
  uint64_t generation_ = 0;
  T value_;
};

} // namespace senseflow::runtime
