// Where the way of the data is narrowest right now, and which setting would widen it.
#pragma once

#include "runtime/status/facts.hpp"
#include "runtime/status/trends.hpp"

#include <string>
#include <string_view>

namespace senseflow::runtime {

struct bottleneck {
  enum class stage : uint8_t { none, network, encoder, disk, broker_window, broker };
  stage where = stage::none;
  std::string text;    ///< in words, with numbers
  std::string setting; ///< "" if none would help
};
std::string_view to_string_view(bottleneck::stage x);

/// A pure function. From the broker back to the network: the last stage that is full holds up those before it.
bottleneck bottleneck_of(const facts& x, const trends& t);

} // namespace senseflow::runtime
