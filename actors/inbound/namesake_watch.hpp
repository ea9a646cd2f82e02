// Whether somebody else speaks in this node's name.
#pragma once

#include "messages/heard_message.hpp"

#include <optional>
#include <string>
#include <utility>

namespace senseflow::actors {

/// Tells what this installation says at the node's topics from what another one says there. Not thread-safe.
class namesake_watch {
public:
  explicit namesake_watch(std::string instance = {}) : instance_(std::move(instance)) {}

  /// Who else has said it, now: the instance, "" if he does not tell; none if it may be ours, is nothing that
  /// a node says of itself, or an old message that the broker has kept.
  std::optional<std::string> foreign(const messages::heard_message& m);

private:
  std::string instance_;
  bool ours_tell_ = false; ///< ours have arrived with the instance: what comes without is another's
};

} // namespace senseflow::actors
