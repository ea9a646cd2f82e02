#include "bench/sense_site/behaviour.hpp"

#include <array>

namespace senseflow::bench {

namespace {

constexpr std::array<std::string_view, 5> names{"normal", "negative", "garbage", "html", "huge"};

} // namespace

std::optional<body_kind> body_kind_from(std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<body_kind>(i);
  return std::nullopt;
}

void apply(const behaviour_change& change, behaviour& to) {
  to.hang = change.hang.value_or(to.hang);
  to.close = change.close.value_or(to.close);
  to.latency = change.latency.value_or(to.latency);
  to.handshake = change.handshake.value_or(to.handshake);
  to.jitter = change.jitter.value_or(to.jitter);
  if (change.clock) to.clock = change.clock;
  to.status = change.status.value_or(to.status);
  to.body = change.body.value_or(to.body);
}

} // namespace senseflow::bench
