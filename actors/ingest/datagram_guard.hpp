// The protection of a UDP port: who may send, how much, how large.
#pragma once

#include "runtime/udp/socket.hpp"
#include "runtime/udp/source_list.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace senseflow::actors {

struct datagram_guard_options {
  size_t max_bytes = 65507;
  uint32_t max_per_minute = 0; ///< 0 = no limit
  bool validate_source = false;
};

/// Not thread-safe. Time is the caller's.
class datagram_guard {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit datagram_guard(datagram_guard_options options = {}, runtime::source_list sources = {})
      : options_(options), sources_(std::move(sources)) {}

  /// The senders that are allowed.
  runtime::source_list& sources() { return sources_; }

  /// Empty if the datagram may pass; else why not: `source_not_allowed`, `rate_limit` or `too_large`.
  std::string_view reject(const runtime::datagram& x, time_point now);

private:
  datagram_guard_options options_;
  runtime::source_list sources_;
  time_point window_start_{};
  bool window_open_ = false;
  uint32_t in_window_ = 0;
};

} // namespace senseflow::actors
