#include "actors/inbound/namesake_watch.hpp"

#include "runtime/mqtt/presence.hpp"

namespace senseflow::actors {

std::optional<std::string> namesake_watch::foreign(const messages::heard_message& m) {
  const auto i = m.user.find("instance");
  if (i != m.user.end() && i->second == instance_) {
    ours_tell_ = true;
    return std::nullopt;
  }
  if (m.retained) return std::nullopt;
  if (i != m.user.end()) return i->second;
  // A will, and what clears a topic, tell nothing.
  if (!ours_tell_ || m.payload.size() == 0 || m.payload.view() == runtime::presence::offline)
    return std::nullopt;
  return std::string{};
}

} // namespace senseflow::actors
