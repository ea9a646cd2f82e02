// Availability of a Sense server: one JSON object (documented layout only).
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/availability_sample.hpp"

#include <string>

namespace senseflow::messages {

struct availability_options {
  std::string base_topic; ///< ends with a slash or is ""
  bool documented = true; ///< `<base>health/<server>/status`
  delivery_options delivery;
};

/// Filters with `no_topic` if the layout is off. What there is not (an error, a good poll) has no key.
encoded encode_availability(const availability_sample& sample, const availability_options& options);

} // namespace senseflow::messages
