#include "messages/encode/insight.hpp"

namespace senseflow::messages {

encoded encode_insight(const insight& x, const insight_options& options) {
  publication out;
  out.cls = x.event ? item_class::insight_event : item_class::insight;
  out.origin = x.origin;
  out.from = provenance_of(x.by);
  if (!x.event) out.replaces = x.topic;
  out.messages.push_back(
      make_message(options.base_topic + x.topic, x.payload, x.event ? options.event : options.state, true));
  return out;
}

} // namespace senseflow::messages
