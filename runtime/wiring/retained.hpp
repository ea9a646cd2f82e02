// What a configuration may have the broker retain as state. What is not among it any more is cleared.
#pragma once

#include "actors/delivery/outbox/retained_state.hpp"
#include "config/settings.hpp"

#include <functional>
#include <string>

namespace senseflow::runtime {

/// Whether this node polls the server; in a cluster others do.
using polls_server = std::function<bool(const std::string& server)>;

/// A pure function.
actors::retained_topics retained_topics_of(const config::settings& s, const polls_server& ours = {});

} // namespace senseflow::runtime
