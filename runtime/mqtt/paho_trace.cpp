#include "runtime/mqtt/paho_trace.hpp"

#include <MQTTAsync.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

// Paho says it right before it calls back, on the same thread, with its lock held.
thread_local paho_hint hint;

void traced(MQTTASYNC_TRACE_LEVELS, char* text) {
  constexpr std::string_view no_ping = "PINGRESP not received", http = "WebSocket HTTP rc ";
  constexpr size_t time = 20; // "20261126 061502.123 "
  std::string_view line(text);
  line.remove_prefix(std::min(line.size(), time)); // in the middle there may be a payload
  if (line.substr(0, http.size()) == http)
    std::from_chars(line.data() + http.size(), line.data() + line.size(), hint.http_status);
  else if (line.substr(0, no_ping.size()) == no_ping)
    hint.no_pings = true;
}

} // namespace

void follow_paho_trace() {
  MQTTAsync_setTraceCallback(traced);
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_PROTOCOL);
}

paho_hint take_paho_hint() { return std::exchange(hint, {}); }

} // namespace senseflow::runtime
