// Sends made-up events at a steady rate or in bursts; always ends: by count, by time, or when told to stop.
#pragma once

#include "bench/event_generator/events.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace senseflow::bench {

struct generator_options {
  std::string host = "127.0.0.1"; ///< loopback only
  uint16_t user_port = 0;         ///< needed if `sources` has `user`
  uint16_t log_port = 0;          ///< needed if `sources` has another one
  std::vector<event_source> sources{all_event_sources.begin(), all_event_sources.end()}; ///< taken in turn
  double rate = 0;    ///< events per second on average; 0: as fast as the kernel takes them
  uint64_t burst = 1; ///< events sent together, back to back; the rate sets the pause between bursts
  uint64_t count = 0; ///< events in all; 0: as many as fit into `duration`
  std::chrono::milliseconds duration{10'000}; ///< 1 ms to 1 h
  uint64_t hosts = 3;                         ///< distinct origin hosts: sense1, sense2, ...
  uint64_t first_number = 0;
  size_t size = 0;                   ///< see event_options
  std::function<uint64_t()> allowed; ///< if set: events in all that may have left by now, asked each time
};

struct generator_summary {
  std::array<uint64_t, all_event_sources.size()> sent{}; ///< by source
  uint64_t total = 0;
  uint64_t refused = 0; ///< by the kernel
  double seconds = 0;   ///< from the first to the last event
};

/// Empty if they can be used; else one line saying what is wrong.
std::string validate(const generator_options& options);

/// Returns when done or soon after `stop` became true. Throws std::invalid_argument with validate's text,
/// std::runtime_error if the host can't be used.
generator_summary run_generator(const generator_options& options, const std::atomic<bool>& stop);

/// `count` events back to back, as fast as possible.
generator_summary send_burst(generator_options options, uint64_t count);

/// {"sent":{"engine":n,...},"total":n,"refused":n,"seconds":s,"rate":n}
std::string to_json(const generator_summary& summary);

} // namespace senseflow::bench
