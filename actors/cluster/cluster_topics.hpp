// Where the nodes of a cluster tell each other what: topics below the cluster's own, each followed by a node's
// name.
#pragma once

#include <string_view>

namespace senseflow::actors::cluster_topics {

inline constexpr std::string_view nodes = "node/";      ///< what it does: retained JSON
inline constexpr std::string_view digests = "digests/"; ///< what it has published of events
inline constexpr std::string_view markers = "marker/";  ///< from itself to itself

} // namespace senseflow::actors::cluster_topics
