// What a configuration may have the broker retain as state. What is not among it any more is cleared.
#pragma once

#include "actors/delivery/outbox/retained_state.hpp"
#include "config/settings.hpp"

namespace senseflow::runtime {

/// A pure function.
actors::retained_topics retained_topics_of(const config::settings& s);

} // namespace senseflow::runtime
