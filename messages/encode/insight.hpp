// Insights: their document as it is.
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/insight.hpp"

#include <string>

namespace senseflow::messages {

struct insight_options {
  std::string base_topic; ///< ends with a slash or is ""
  delivery_options state; ///< published on change only
  delivery_options event;
};

encoded encode_insight(const insight& x, const insight_options& options);

} // namespace senseflow::messages
