// What is wrong with a running node, and what to do about it: defined here, once, for probes, page, alerts and
// whoever else asks.
#pragma once

#include "runtime/status/facts.hpp"
#include "runtime/status/trends.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

enum class severity : uint8_t {
  info,    ///< worth knowing
  warning, ///< wants to be looked at
  critical ///< what the service is there for does not happen
};
std::string_view to_string_view(severity x);

struct condition {
  std::string_view id; ///< of its kind
  std::string subject; ///< which of several: a server, a component, a file; "" where there is only one
  severity how = severity::warning;
  std::string text; ///< what is the matter, with numbers
  std::string next; ///< what to do
  caf::timestamp since{};
};

/// All ids, in the order in which conditions of the same severity are looked for.
const std::vector<std::string_view>& condition_ids();

/// A pure function: those that hold now. `since` is left for the caller where nothing is known of it.
std::vector<condition> conditions_of(const facts& x, const trends& t);

} // namespace senseflow::runtime
