// The dialogue of one watch, without its connection: what is sent when, and what the lines that come mean.
#pragma once

#include "runtime/etcd/client.hpp"
#include "runtime/etcd/line_buffer.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// A watch that is dead looks like a quiet one, so it is asked for its progress once a second. The answer may
/// be ahead of changes that are still to come (etcd 3.4.23, watches that catch up): a revision counts as
/// complete when the next answer, a second later, came without changes in between. Not thread-safe.
class etcd_watch_stream {
public:
  using clock = std::chrono::steady_clock;
  using events = std::vector<etcd_watch_event>;

  static constexpr size_t longest_line = 64u << 20;
  static constexpr std::chrono::seconds ask_every{1};
  static constexpr std::chrono::seconds silence{3};   ///< then it is dead
  static constexpr std::chrono::seconds one_line{30}; ///< then it is no line

  /// `patience` is for the first line.
  etcd_watch_stream(std::string_view prefix, int64_t from_revision, std::chrono::milliseconds patience,
                    clock::time_point now);

  /// Bytes have come. A last event `ended` may be among those they make.
  void take(std::string_view bytes, clock::time_point now, events& out);
  /// Ends what has been silent for too long.
  void check(clock::time_point now, events& out);
  bool over() const { return over_; }

  /// What to send now; "" = nothing.
  std::string outgoing(clock::time_point now);
  bool has_to_ask(clock::time_point now) const { return !over_ && now >= ask_at_; }

private:
  void read(const std::string& line, clock::time_point now, events& out);
  void changed(std::vector<etcd_change> changes, events& out);
  void progressed(int64_t revision, clock::time_point now, events& out);
  void end(etcd_error error, std::string detail, events& out);

  const int64_t from_;
  std::string first_; ///< the request, until it was sent
  line_buffer lines_{longest_line};
  clock::time_point alive_until_;
  clock::time_point line_until_ = clock::time_point::max();
  clock::time_point ask_at_ = clock::time_point::max();
  int64_t complete_;    ///< nothing is missing up to here
  int64_t claimed_ = 0; ///< by the last answer, if no change came after it
  bool created_ = false;
  bool over_ = false;
};

} // namespace senseflow::runtime
