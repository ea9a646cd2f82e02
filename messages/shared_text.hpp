// An immutable text that is shared instead of copied: topics and payloads pass from the encoder through
// the outbox and the publisher to the MQTT library without being copied once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace senseflow::messages {

/// Thread-safe as any `shared_ptr<const T>` is; never null.
class shared_text {
public:
  shared_text() : text_(empty()) {}
  shared_text(std::string text) // NOLINT: a text is a text
      : text_(std::make_shared<const std::string>(std::move(text))) {}
  shared_text(const char* text) : shared_text(std::string{text}) {}

  const std::string& str() const { return *text_; }
  std::string_view view() const { return *text_; }
  size_t size() const { return text_->size(); }
  const std::shared_ptr<const std::string>& pointer() const { return text_; }

private:
  static const std::shared_ptr<const std::string>& empty() {
    static const auto none = std::make_shared<const std::string>();
    return none;
  }

  std::shared_ptr<const std::string> text_;
};

inline bool operator==(const shared_text& a, const shared_text& b) {
  return a.pointer() == b.pointer() || a.str() == b.str();
}
inline bool operator!=(const shared_text& a, const shared_text& b) { return !(a == b); }

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shared_text& x) {
  if constexpr (Inspector::reads_state) {
    auto text = x.str();
    return f(text);
  } else {
    std::string text;
    if (auto error = f(text)) return error;
    x = shared_text{std::move(text)};
    return {};
  }
}

} // namespace senseflow::messages
