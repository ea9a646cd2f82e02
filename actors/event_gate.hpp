// Whether an event that came to this node is for it to publish, where several nodes receive the same events.
#pragma once

#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"
#include "runtime/accounting/event_counts.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace senseflow::actors {

class event_gate {
public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class verdict : uint8_t {
    publish, ///< at once
    hold,    ///< it is in the gate's hands now, and still at its source for the ledger
    known    ///< another node has published it
  };
  virtual ~event_gate() = default;

  /// Gives the event its id. Thread-safe; nothing blocks.
  virtual verdict admit(messages::user_event& x, std::string_view datagram, time_point now) = 0;
  virtual verdict admit(messages::log_event& x, std::string_view datagram, time_point now) = 0;
  /// One that was to be published at once came to its end before: nobody else need publish it.
  virtual void ended(const messages::event_id& event) = 0;
};

} // namespace senseflow::actors
