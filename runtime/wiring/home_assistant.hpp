// Home Assistant's part of the wiring.
#pragma once

#include "actors/home_assistant/discovery.hpp"
#include "actors/inbound/listener.hpp"
#include "actors/supervisor_plan.hpp"
#include "config/settings.hpp"
#include "runtime/wiring/estates.hpp"
#include "runtime/wiring/reload.hpp"
#include "runtime/wiring/retained.hpp"

#include <set>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// What is told of the servers that this node polls; functions are left for the caller. A pure function.
actors::discovery_options discovery_options_of(const config::settings& s, const polls_server& ours = {});

/// The topics of all devices, of servers that others poll, too. None if it is switched off.
std::set<std::string> discovery_topics_of(const config::settings& s);
/// Of the node, and of one server.
std::string node_discovery_topic(const config::settings& s);
std::string discovery_topic_of(const config::settings& s, const std::string& server);

/// In words, for the log; "" if it is switched off.
std::string describe_home_assistant(const config::settings& s);

/// What has to be heard for it.
std::vector<actors::heard_filter> home_assistant_filters(const config::settings& s);

/// None if it is switched off.
std::vector<actors::child_spec> home_assistant_children(const config::settings& s, const service_estates& own,
                                                        const child_texts& versions);

/// Of the node's own state: its verdict, what is wrong, how long polls take.
std::string node_health_topic(const config::settings& s);
std::vector<actors::child_spec> health_reporters(const config::settings& s, const service_estates& own,
                                                 const child_texts& versions);

} // namespace senseflow::runtime
