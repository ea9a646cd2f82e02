// The result of reading something from the wire: a value, or the reason why there is none.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace senseflow::messages {

/// `reason` is a short fixed word (it becomes a counter's label), never text from outside.
template <class T>
struct parsed {
  std::optional<T> value;
  std::string_view reason;

  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  T* operator->() { return &*value; }

  static parsed ok(T x) { return {std::move(x), {}}; }
  static parsed rejected(std::string_view why) { return {std::nullopt, why}; }
};

} // namespace senseflow::messages
