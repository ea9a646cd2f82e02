// What an actor leaves to its next incarnation: state that must outlive a crash.
#pragma once

#include "runtime/memory_reserve.hpp"
#include "runtime/provocation.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace senseflow::runtime {

/// Owned by the wiring, used by one incarnation at a time. An incarnation that was given up as hung and comes
/// back to life finds its lease void instead of a state that now belongs to somebody else. As long as it is
/// inside, nobody else enters: that is a failure of the new one, not a reason to wait for ever. What is done
/// inside is done in one piece: want of memory, which may strike anywhere, strikes before or not at all.
template <class T>
class estate {
public:
  /// How long `enter` waits for a predecessor that is just leaving.
  static constexpr auto patience = std::chrono::milliseconds(100);

  template <class... Ts>
  explicit estate(Ts&&... xs) : value_(std::forward<Ts>(xs)...) {}

  class lease {
  public:
    lease() = default;

    /// Calls `f(T&)`; not from within another call. Throws when a later incarnation has entered, or tried to:
    /// the right end for this one.
    template <class F>
    decltype(auto) with(F&& f) {
      const visit here{*home_, generation_};
      if (provoked_ && provoked_->calls-- == 0) return suffer(std::forward<F>(f));
      return std::forward<F>(f)(home_->value_);
    }

    /// For tests: a call to come hangs before its work is done, throws when it is, or lacks memory meanwhile.
    void provoke(const provocation& x) { provoked_ = x; }

  private:
    friend class estate;

    template <class F>
    decltype(auto) suffer(F&& f) {
      const auto what = *std::exchange(provoked_, std::nullopt);
      const failing_allocation meanwhile{what.allocation};
      if (what.crashes()) f(home_->value_);
      what.happen();
      return std::forward<F>(f)(home_->value_);
    }

    std::shared_ptr<estate> home_;
    uint64_t generation_ = 0;
    std::optional<provocation> provoked_;
  };

  /// For a new incarnation; voids all earlier leases. Throws when a predecessor does not leave.
  static lease enter(const std::shared_ptr<estate>& home) {
    std::unique_lock lock{home->mutex_};
    lease result;
    result.home_ = home;
    result.generation_ = ++home->generation_;
    if (!home->left_.wait_for(lock, patience, [&] { return !home->inside_; }))
      throw std::runtime_error("its predecessor is still inside");
    return result;
  }

private:
  /// The mutex is not held meanwhile: who stays for ever blocks nobody.
  struct visit {
    visit(estate& x, uint64_t generation) : home(x) {
      std::lock_guard lock{home.mutex_};
      if (home.generation_ != generation) throw std::runtime_error("another incarnation has taken over");
      home.inside_ = true;
    }
    ~visit() {
      std::lock_guard lock{home.mutex_};
      home.inside_ = false;
      home.left_.notify_all();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    const in_one_piece whole;
    estate& home;
  };

  std::mutex mutex_;
  std::condition_variable left_;
  uint64_t generation_ = 0;
  bool inside_ = false; ///< the one whose generation it is, or was
  T value_;
};

} // namespace senseflow::runtime
