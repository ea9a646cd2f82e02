#include "actors/inbound/namesake_watch.hpp"

#include "runtime/mqtt/presence.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace senseflow::actors {

namespace {

/// What a node publishes of itself, with its instance. Tools (`senseflow probe`) may say other things there.
bool is_of_a_node(std::string_view topic) {
  constexpr std::array<std::string_view, 4> all{"status", "ledger", "health", "certificates"};
  return std::find(all.begin(), all.end(), topic.substr(topic.rfind('/') + 1)) != all.end();
}

} // namespace

std::optional<std::string> namesake_watch::foreign(const messages::heard_message& m) {
  const auto i = m.user.find("instance");
  if (i != m.user.end() && i->second == instance_) {
    ours_tell_ = true;
    return std::nullopt;
  }
  if (m.retained || !is_of_a_node(m.topic)) return std::nullopt;
  if (i != m.user.end()) return i->second;
  // A will, and what clears a topic, tell nothing.
  if (!ours_tell_ || m.payload.size() == 0 || m.payload.view() == runtime::presence::offline)
    return std::nullopt;
  return std::string{};
}

} // namespace senseflow::actors
