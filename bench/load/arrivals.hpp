// What arrives at a subscriber (libmosquitto, QoS 0) of the events that the generator made.
#pragma once

#include "bench/sense_site/histogram.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct mosquitto;
struct mosquitto_message;

namespace senseflow::bench {

class arrivals {
public:
  using wall_clock = std::chrono::system_clock;

  /// Subscribes; throws std::runtime_error if that is not done within 5 s.
  arrivals(uint16_t broker_port, const std::vector<std::string>& topics);
  ~arrivals();
  arrivals(const arrivals&) = delete;
  arrivals& operator=(const arrivals&) = delete;

  uint64_t messages() const { return messages_; }

  /// Latencies count for events that were sent in between (perf events don't say when).
  void measure(wall_clock::time_point from, wall_clock::time_point to);
  histogram latency() const;

private:
  static void on_message(mosquitto* client, void* self, const mosquitto_message* m);
  static void on_subscribe(mosquitto* client, void* self, int, int, const int*);
  void add(std::string_view payload);

  struct closer {
    void operator()(mosquitto* client) const;
  };

  std::atomic<uint64_t> messages_{0};
  std::atomic<int> subscribed_{0};
  mutable std::mutex mutex_; // guards the next
  std::chrono::microseconds from_{0}, to_{0};
  histogram latency_;
  std::unique_ptr<mosquitto, closer> client_; // its end ends the calls to the above
};

} // namespace senseflow::bench
