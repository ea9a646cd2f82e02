// An immutable value that is shared instead of copied when it is kept and passed on at the same time.
#pragma once

#include <memory>
#include <utility>

namespace senseflow::messages {

/// Thread-safe as any `shared_ptr<const T>` is; never null.
template <class T>
class shared {
public:
  shared() : value_(std::make_shared<const T>()) {}
  shared(T x) : value_(std::make_shared<const T>(std::move(x))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

  friend bool operator==(const shared& a, const shared& b) {
    return a.value_ == b.value_ || *a.value_ == *b.value_;
  }

private:
  std::shared_ptr<const T> value_;
};

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, shared<T>& x) {
  if constexpr (Inspector::reads_state) {
    return f(const_cast<T&>(*x)); // reads only: the inspector's interface knows no const
  } else {
    T value;
    if (auto error = f(value)) return error;
    x = shared<T>{std::move(value)};
    return {};
  }
}

} // namespace senseflow::messages
