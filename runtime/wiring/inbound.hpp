// What others tell this node through the broker: the inbound branch of the tree.
#pragma once

#include "actors/inbound/leftovers.hpp"
#include "actors/inbound/listener.hpp"
#include "actors/inbound/requests.hpp"
#include "actors/supervisor_plan.hpp"
#include "config/settings.hpp"
#include "runtime/mqtt/client.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/wiring/estates.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// All that somebody wants to hear; without any there is no listener.
std::vector<actors::heard_filter> heard_filters(const config::settings& s);

/// Somebody is to hear what is said at the topics of this node.
bool hears_of_itself(const config::settings& s);

/// `make_client` is left for the caller.
actors::listener_options listener_options_of(const config::settings& s);
/// Of the listener's connection to the broker.
mqtt_options listener_broker_options(const config::settings& s);

/// In words, for the log; "" while nothing may be asked, or looked for.
std::string describe_requests(const config::settings& s);
std::string describe_look_around(const config::settings& s);

/// Filters of all that has to be read at the broker, leftovers included.
std::set<std::string> topics_to_read(const config::settings& s);

/// `look` and `reload` are left for the caller.
actors::requests_options requests_options_of(const config::settings& s, caf::timestamp started);
/// What the outbox keeps to repeat it on request.
actors::recent_events_options recent_events_of(const config::settings& s);

/// Of the connection over which leftovers are looked for.
mqtt_options leftovers_broker_options(const config::settings& s);

/// Text of the settings that the listener was made from, but for the connection to the broker.
std::string listener_version(const config::settings& s);

/// The children of the branch, with their versions by path; none if nothing needs to be heard.
std::vector<actors::child_spec> inbound_children(const config::settings& s, const service_estates& own,
                                                 const std::shared_ptr<resolver>& names,
                                                 const std::map<std::string, std::string>& versions,
                                                 caf::timestamp started);

} // namespace senseflow::runtime
