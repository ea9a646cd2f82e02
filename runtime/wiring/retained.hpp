// What a configuration may have the broker retain as state. What is not among it any more is cleared.
#pragma once

#include "actors/delivery/outbox/retained_state.hpp"
#include "config/settings.hpp"
#include "runtime/snapshot.hpp"

#include <functional>
#include <set>
#include <string>

namespace senseflow::runtime {

/// Whether this node polls the server; in a cluster others do.
using polls_server = std::function<bool(const std::string& server)>;

/// A pure function.
actors::retained_topics retained_topics_of(const config::settings& s, const polls_server& ours = {});

/// From now on; what is in dispute stays so.
void configure(snapshot<actors::retained_topics>& x, const config::settings& s, const polls_server& ours);

/// All that belongs to these devices, by the topics of their documents, which are among it. A pure function.
std::set<std::string> topics_of_devices(const config::settings& s, const std::set<std::string>& devices);

} // namespace senseflow::runtime
