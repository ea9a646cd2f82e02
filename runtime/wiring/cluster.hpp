// From settings to what the actors of a cluster are told. Pure functions.
#pragma once

#include "actors/cluster/cluster_channel.hpp"
#include "actors/cluster/cluster_member.hpp"
#include "actors/cluster/event_twins.hpp"
#include "actors/cluster/shared_events.hpp"
#include "config/settings.hpp"
#include "runtime/etcd/client.hpp"
#include "runtime/mqtt/client.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <string>

namespace senseflow::runtime {

/// As configured, else the program's name among others.
std::string cluster_node_id(const config::settings& s);

etcd_options etcd_options_of(const config::settings& s);

/// `etcd`, `permits`, `view` and `pollers` are left for the caller.
actors::cluster_member_options member_options(const config::settings& s, caf::timestamp started);

/// `make_client` is left for the caller.
actors::cluster_channel_options channel_options(const config::settings& s);
/// Of the channel's connection to the broker.
mqtt_options channel_broker_options(const config::settings& s);

/// Whether events that come here are to be compared with those of other nodes.
bool shares_events(const config::settings& s);
actors::shared_events_options shared_events_options_of(const config::settings& s,
                                                       actors::shared_cluster_view view);

/// `events` and `view` are left for the caller.
actors::event_twins_options twins_options(const config::settings& s);

/// What the cluster is, in a line.
std::string describe_cluster(const config::settings& s);

/// Longest time in which a node that stops hands its servers over.
std::chrono::milliseconds cluster_stop_timeout(const config::settings& s);

/// What all schedules count from: nodes whose clocks agree poll a server at the same times, so that it keeps its
/// rhythm when it moves.
std::chrono::steady_clock::time_point common_epoch();

} // namespace senseflow::runtime
