// A value that one actor replaces as a whole while others read it.
#pragma once

#include <memory>
#include <mutex>

namespace senseflow::runtime {

/// Thread-safe; readers keep what they have loaded.
template <class T>
class snapshot {
public:
  std::shared_ptr<const T> load() const {
    std::lock_guard lock{mutex_};
    return value_;
  }
  void store(T x) {
    auto next = std::make_shared<const T>(std::move(x));
    std::lock_guard lock{mutex_};
    value_ = std::move(next);
  }
  /// `f(T&)` on what is there at that moment.
  template <class F>
  void update(F f) {
    std::lock_guard lock{mutex_};
    auto next = std::make_shared<T>(*value_);
    f(*next);
    value_ = std::move(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_ = std::make_shared<const T>();
};

} // namespace senseflow::runtime
