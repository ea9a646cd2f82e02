// Why a service has probably fallen silent, in words for those who have to mend it.
#pragma once

#include "messages/insights/arrivals.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace senseflow::messages::insights {

/// What is known when a service is found silent.
struct silence_facts {
  using duration = std::chrono::steady_clock::duration;

  service what = service::user_events;
  duration quiet{}; ///< for so long
  bool port_open = true;
  bool ever_sent = true;
  // How long ago something came: none = never.
  std::optional<duration> at_the_port;       ///< from any machine
  std::optional<duration> of_the_server;     ///< from another service of it
  std::string_view updated_from, updated_to; ///< the engine's version, if that has changed meanwhile
  bool restarted = false;                    ///< the engine was, meanwhile
};

struct silence_cause {
  /// port_closed, nothing_arrives, server_silent, engine_updated, engine_restarted, never_sent, appender
  std::string_view word;
  std::string text; ///< what is likely: a sentence
  std::string next; ///< what to look at: a sentence
};

/// A pure function.
silence_cause likely_cause(const silence_facts& x);

/// What sends these datagrams: `the proxy's appenders for user events`, `the engine's log appender`.
std::string_view appender_of(service x);

} // namespace senseflow::messages::insights
