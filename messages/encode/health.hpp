// Health samples: one message a value (layout of the reference), one JSON object a server (documented
// layout), and the same on one level (flat layout).
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
  bool flat = false; ///< `<base>health/<server>/flat`
};

/// Filters with `no_topic` if all layouts are off. Values that are absent have no message and no key; the
/// documents have no key for values of an unusual type either. Their memory is in bytes, that of the messages
/// is in MB as it came. In the flat one, lists are the number of their items.
encoded encode_health(const health_sample& sample, const health_options& options);

/// Hits in percent of lookups, rounded down, computed and printed as JavaScript does it; "" without lookups.
std::string hit_ratio(const health_sample& sample);

} // namespace senseflow::messages
