// Bytes of a stream to lines: of megabytes, but not of more than the cap.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace senseflow::runtime {

class line_buffer {
public:
  explicit line_buffer(size_t most) : most_(most) {}

  /// False when a line is longer than the cap; what has come is forgotten then.
  bool append(std::string_view bytes) {
    if (bytes.size() > most_ - waiting_.size()) {
      waiting_ = {};
      scanned_ = 0;
      return false;
    }
    waiting_ += bytes;
    return true;
  }

  /// The next complete line without its end.
  std::optional<std::string> next() {
    const auto end = waiting_.find('\n', scanned_);
    if (end == std::string::npos) {
      scanned_ = waiting_.size();
      return {};
    }
    scanned_ = 0;
    if (end + 1 == waiting_.size()) { // as a rule: nothing is copied, and a long line's memory goes with it
      auto line = std::move(waiting_);
      waiting_ = {};
      line.pop_back();
      return line;
    }
    auto line = waiting_.substr(0, end);
    waiting_.erase(0, end + 1);
    return line;
  }

  /// Whether a line has begun.
  bool begun() const { return !waiting_.empty(); }

private:
  const size_t most_;
  size_t scanned_ = 0; ///< without a line end
  std::string waiting_;
};

} // namespace senseflow::runtime
