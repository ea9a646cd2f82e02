// Why a service has probably fallen silent, in words for those who have to mend it.
#pragma once

#include "messages/insights/arrivals.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages::insights {

/// What is known of a service while it is silent.
struct silence_facts {
  using duration = std::chrono::steady_clock::duration;

  service what = service::user_events;
  std::string_view before; ///< the word of the cause that was likely until now; "" = it has just been missed
  duration limit{};        ///< after so long it was missed
  duration watched{};      ///< for so long there are sessions now, and we take what comes
  bool port_open = true;
  bool ever_sent = true;
  bool server_ever_sent = true; ///< any service of it
  // How long ago something came: none = never.
  std::optional<duration> at_the_port;       ///< from any machine
  std::optional<duration> of_the_server;     ///< from another service of it
  std::string_view updated_from, updated_to; ///< the engine's version, if that has changed meanwhile
  bool restarted = false;                    ///< the engine was, meanwhile
  /// Machines that match no server, while one of them sends to the port; in alphabetical order.
  std::vector<std::string_view> unmatched;
};

struct silence_cause {
  /// port_closed, nothing_arrives, unmatched_machine, server_silent, engine_updated, engine_restarted,
  /// never_sent, appender
  std::string_view word;
  std::string text; ///< what is likely: a sentence
  std::string next; ///< what to look at: a sentence
};

/// To be asked again as long as the silence lasts: what else comes, or has stopped, makes it another one. That
/// something comes counts at once; that it has stopped when it would be missed as well. A pure function.
silence_cause likely_cause(const silence_facts& x);

/// What sends these datagrams: `the proxy's appenders for user events`, `the engine's log appender`.
std::string_view appender_of(service x);

} // namespace senseflow::messages::insights
