// Health samples: one message a value (layout of the reference), one JSON object a server (documented
// layout).
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/health_sample.hpp"

#include <string>

namespace senseflow::messages {

struct health_options {
  std::string base_topic; ///< ends with a slash or is ""
  bool butler_sos = true; ///< `<base><host>/mem/free` and so on
  bool documented = true; ///< `<base>health/<server>`
  delivery_options delivery;
};

/// Filters with `no_topic` if both layouts are off. Values that are absent have no message and no key; the
/// document has no key for values of an unusual type either. Its memory is in bytes, that of the messages is
/// in MB as it came.
encoded encode_health(const health_sample& sample, const health_options& options);

/// Hits in percent of lookups, rounded down, computed and printed as JavaScript does it; "" without lookups.
std::string hit_ratio(const health_sample& sample);

} // namespace senseflow::messages
