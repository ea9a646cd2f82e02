// How a simulated Sense server treats requests, and changes to that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace senseflow::bench {

/// What an answer of status 200 holds.
enum class body_kind : uint8_t {
  normal,   ///< as a healthy server
  negative, ///< healthcheck with cache.bytes_added below zero; other APIs as normal
  garbage,  ///< bytes that are neither text nor JSON
  html,     ///< a login page, as a misconfigured proxy answers
  huge      ///< valid JSON of 20 MiB
};
std::optional<body_kind> body_kind_from(std::string_view name);

struct behaviour {
  bool hang = false;                         ///< take requests, don't answer until this is off again
  bool close = false;                        ///< close the connection instead of answering
  std::chrono::milliseconds latency{0};      ///< before each answer
  std::chrono::milliseconds jitter{0};       ///< at most this much more, drawn evenly
  std::chrono::milliseconds handshake{0};    ///< before TLS is answered on a new connection
  std::optional<std::chrono::seconds> clock; ///< answers have a Date, so far ahead of ours; none: no Date
  unsigned status = 200;                     ///< another one: every answer has it, with a short text as body
  body_kind body = body_kind::normal;
};

/// Unset members stay as they are.
struct behaviour_change {
  std::optional<bool> hang;
  std::optional<bool> close;
  std::optional<std::chrono::milliseconds> latency;
  std::optional<std::chrono::milliseconds> jitter;
  std::optional<std::chrono::milliseconds> handshake;
  std::optional<std::chrono::seconds> clock;
  std::optional<unsigned> status;
  std::optional<body_kind> body;
};

void apply(const behaviour_change& change, behaviour& to);

} // namespace senseflow::bench
