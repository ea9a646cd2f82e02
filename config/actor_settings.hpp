// Tuning of the actors (`actors`). The defaults are what measurements chose; no file needs the section.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace senseflow::config {

/// A random part of a delay: delay * (1 ± percent / 100).
struct back_off_settings {
  std::chrono::milliseconds initial_delay;
  std::chrono::milliseconds max_delay;
  uint32_t jitter_percent;
};

struct supervision_settings {
  uint32_t max_restarts = 10; ///< more failures than this within `period`, or in a row: exit
  std::chrono::milliseconds period{60000};
  back_off_settings back_off{std::chrono::milliseconds(100), std::chrono::milliseconds(30000), 20};
  std::chrono::milliseconds stable_after{60000}; ///< a run of this length ends a row of failures
  std::chrono::milliseconds ping_interval{5000};
  std::chrono::milliseconds hang_timeout{30000}; ///< unanswered pings for this long count as a failure
  std::chrono::milliseconds stop_timeout{5000};  ///< to end in order; then it is killed
};

struct actor_settings {
  struct {
    uint32_t threads = 0;      ///< 0 = one per core, at least 2
    uint32_t throughput = 300; ///< messages an actor may handle in a row
  } scheduler;

  struct {
    uint32_t count = 1;
    uint32_t window = 1000; ///< items a source may have unaccepted
    uint32_t batch_max_items = 100;
  } encoders;

  struct {
    uint32_t count = 1;                           ///< connections to the broker
    uint32_t window = 64;                         ///< MQTT messages on their way per connection
    std::chrono::milliseconds ack_timeout{30000}; ///< nothing acknowledged for so long: another connection
  } publishers;

  struct {
    uint32_t high_watermark_percent = 80; ///< of delivery.memory: from here on the encoders are held back
  } outbox;

  struct {
    std::chrono::milliseconds timeout{5000}; ///< of one request, redirects included
    size_t max_body_bytes = 16u << 20;
    uint32_t max_connections = 0; ///< 0 = two per server
  } pollers;

  back_off_settings reconnect{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  supervision_settings supervision;
};

} // namespace senseflow::config
