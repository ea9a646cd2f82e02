// Performance events summed up: how often and how long, by app, object and method.
#pragma once

#include "messages/folding/quantile_sketch.hpp"
#include "messages/items/insight.hpp"
#include "messages/items/log_event.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::messages {

struct performance_digest_options {
  std::chrono::milliseconds window{60000};
  std::chrono::milliseconds publish_above{1000}; ///< what took longer is published, too; 0 = nothing is
  size_t rows = 100;                             ///< of a digest, those of most time; the others are one
};

/// One digest for each host and window, which begins with the first event. An event without a usable time is
/// not summed up, nor is one of a host that there is no room for: they are published. Where there is no room
/// for a row, the event is in the row of all others. Not thread-safe; time is the caller's.
class performance_digest {
public:
  using time_point = std::chrono::steady_clock::time_point;
  /// By the id as it came; "" where it is not known.
  using app_name = std::function<std::string(const std::string& app_id)>;

  /// At a time. A row is of a few KB.
  static constexpr size_t most_hosts = 100, most_rows = 2000;

  explicit performance_digest(const performance_digest_options& options) : options_(options) {}

  void use(const performance_digest_options& options) { options_ = options; }

  /// Takes it into the digest of its host. True: so it need not be published itself.
  bool digests(const log_event& x, time_point now);

  /// The digests whose window is over. `utc`: now.
  std::vector<insight> tick(time_point now, caf::timestamp utc, const app_name& names);
  /// All digests.
  std::vector<insight> close(caf::timestamp utc, const app_name& names);

  /// Events that there was no room for, a row of their own or a digest, since this was asked last.
  uint64_t take_left_out() { return std::exchange(left_out_, 0); }

private:
  struct row {
    std::string app_id, object_id, object_type, method;
    quantile_sketch times;
  };
  struct slow_event {
    double time = 0;
    caf::timestamp received{};
    std::string app_id, object_id, object_type, method, user;
  };
  struct digest {
    time_point opened{};
    caf::timestamp first{}, last{};
    uint64_t published = 0; ///< events that are published themselves, too
    quantile_sketch all, others;
    std::unordered_map<std::string, row> rows;
    std::vector<slow_event> slowest; ///< the slowest first
  };

  digest* digest_of(const log_event& x, time_point now);
  row* row_of(digest& in, const qix_perf_log& x);
  static void note_slow(digest& in, const qix_perf_log& x, caf::timestamp received);
  insight finished(const std::string& host, const digest& x, caf::timestamp utc, const app_name& names);

  performance_digest_options options_;
  std::map<std::string, digest> hosts_;
  size_t rows_ = 0; ///< of all digests
  std::string key_; ///< of the event in hand
  uint64_t left_out_ = 0;
};

} // namespace senseflow::messages
