// How the outbox keeps and delivers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace senseflow::actors {

class event_witness;

enum class delivery_mode : uint8_t {
  memory,   ///< nothing is written down
  overflow, ///< events are written down while the broker is away or the memory half full
  journal   ///< every event is written down before it is sent
};

struct outbox_options {
  delivery_mode mode = delivery_mode::memory;
  uint64_t max_bytes = 256u << 20; ///< of what is in memory: waiting and on its way
  uint32_t high_watermark_percent = 80;
  std::chrono::milliseconds away_after{1000};   ///< so long without a connection, the broker is away
  std::chrono::milliseconds replay_delay{2000}; ///< after a reconnect, before the backlog is published
  uint32_t replay_rate = 5000; ///< events a second by which a backlog gets shorter; 0 = no limit
  std::chrono::milliseconds commit_interval{5}; ///< commits begin so far apart on average, at a high rate
  std::chrono::milliseconds spool_retry{1000};  ///< after the disk has failed
  /// A spool that is to do something and says nothing for so long counts as one that fails.
  std::chrono::milliseconds spool_patience{2000};
  uint64_t first_id = 1;                 ///< smaller ones are those of earlier processes
  std::shared_ptr<event_witness> events; ///< null: no other node has our events
  std::function<int64_t()> unix_ms;      ///< the wall clock, looked at once; empty = the system's
};

} // namespace senseflow::actors
