// Log events that say the same over and over: beyond a rate they become one summary a window.
#pragma once

#include "messages/folding/pace_table.hpp"
#include "messages/items/insight.hpp"
#include "messages/items/log_event.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::messages {

struct storm_options {
  uint32_t rate = 10;                      ///< equal events a second; below it nothing is folded
  std::chrono::milliseconds window{10000}; ///< of a summary
};

/// Events are equal when source, host and subsystem are, and the shape of their messages (message_shape).
/// Performance events and those without a message equal none. What there is no room to account for is not
/// folded. While nothing is folded nothing is allocated. Not thread-safe; time is the caller's.
class storm_folder {
public:
  using time_point = pace_table::time_point;
  /// Whether an event may be folded; asked only about those that come too fast.
  using permission = std::function<bool(const log_event&)>;

  static constexpr size_t most_storms = 256; ///< at a time

  /// `places`: of events whose rate is watched at a time.
  explicit storm_folder(const storm_options& options, size_t places = 8192)
      : options_(options), paces_(places) {}

  void use(const storm_options& options) { options_ = options; }

  /// True: the event is part of a summary to come.
  bool folds(const log_event& x, time_point now, const permission& may_be);

  /// The summaries whose window is over. `utc`: now.
  std::vector<insight> tick(time_point now, caf::timestamp utc);
  /// All summaries.
  std::vector<insight> close(caf::timestamp utc);

  size_t storms() const { return storms_.size(); }
  /// Events that there was no room for since this was asked last.
  uint64_t take_left_out() { return std::exchange(left_out_, 0); }

private:
  struct storm {
    std::string key;
    size_t shape_at = 0; ///< in the key: the message's shape
    log_event sample;
    uint64_t count = 0;
    caf::timestamp first{}, last{};
    time_point opened{};
  };

  bool add(uint64_t hash, size_t shape_at, const log_event& x, time_point now);
  static insight summary(const storm& x, caf::timestamp utc);

  storm_options options_;
  pace_table paces_;
  std::map<uint64_t, storm> storms_; ///< by their keys' hashes
  std::string key_;                  ///< of the event in hand
  uint64_t left_out_ = 0;
};

} // namespace senseflow::messages
