// What only Paho's trace tells about the end of a connection.
#pragma once

namespace senseflow::runtime {

struct paho_hint {
  bool no_pings = false; ///< pings were not answered
  int http_status = 0;   ///< a websocket was refused with it
};

/// Once, when the library runs: nothing else may use its trace.
void follow_paho_trace();

/// In a callback of Paho's: why it is called, if the trace has just said so on this thread.
paho_hint take_paho_hint();

} // namespace senseflow::runtime
