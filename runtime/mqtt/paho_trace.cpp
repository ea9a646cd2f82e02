#include "runtime/mqtt/paho_trace.hpp"

#include <MQTTAsync.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

// Paho says it right before it calls back, on the same thread, with its lock held.
thread_local paho_hint hint;

void traced(MQTTASYNC_TRACE_LEVELS, char* text) {
  constexpr std::string_view no_ping = "PINGRESP not received", http = "WebSocket HTTP rc ";
  const std::string_view line(text);
  if (const auto at = line.find(http); at != line.npos)
    std::from_chars(line.data() + at + http.size(), line.data() + line.size(), hint.http_status);
  else if (line.find(no_ping) != line.npos)
    hint.no_pings = true;
}

} // namespace

void follow_paho_trace() {
  MQTTAsync_setTraceCallback(traced);
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_PROTOCOL);
}

paho_hint take_paho_hint() { return std::exchange(hint, {}); }

} // namespace senseflow::runtime
