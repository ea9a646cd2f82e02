// From settings to what each actor is told. Pure functions.
#pragma once

#include "actors/delivery/ledger_reporter.hpp"
#include "actors/delivery/outbox/store.hpp"
#include "actors/delivery/publisher.hpp"
#include "actors/ingest/udp_receiver.hpp"
#include "actors/polling/app_directory.hpp"
#include "actors/polling/sense_poller.hpp"
#include "actors/supervisor.hpp"
#include "config/settings.hpp"
#include "runtime/http/client.hpp"
#include "runtime/log.hpp"
#include "runtime/mqtt/client.hpp"

#include <functional>
#include <string>
#include <vector>

namespace senseflow::runtime {

log::options log_options(const config::settings& s);
http_tls sense_tls(const config::settings& s);
/// File descriptors that are needed at most.
uint64_t descriptors_needed(const config::settings& s);
/// What a lower limit comes to, in words; "" if there are enough.
std::string descriptor_trouble(const config::settings& s, uint64_t limit);

/// Connections to Sense servers that may be open at a time with so many descriptors.
size_t sense_connections(const config::settings& s, uint64_t descriptor_limit);

/// The name of this program among others: as configured, else the host's; one level of a topic.
std::string node_name(const config::settings& s);

/// Tells this program from others that may have its name: 16 digits of the installation, kept in the
/// spool, then those of this run; "" if nobody is to be told.
std::string instance_of(const config::settings& s);

backoff_options backoff_of(const config::back_off_settings& x);

/// The publisher of slot 0 tells whether the node is there.
mqtt_options broker_options(const config::settings& s, uint32_t slot, const std::string& node);

actors::supervisor_options supervision(const config::settings& s, std::string path);
actors::ledger_reporter_options reporter_options(const config::settings& s, caf::timestamp started);
/// `has_spool`: without one everything stays in memory.
actors::outbox_options outbox_options(const config::settings& s, bool has_spool);
/// Ids grow over the runs of a node, so that consumers can tell old from new: faster than these microseconds no
/// node gives them out. What the spool knows of them counts more.
uint64_t first_id_by_clock();

/// `http` and `epoch` are left for the caller.
std::vector<actors::sense_poller_options> poller_options(const config::settings& s);
actors::app_directory_options directory_options(const config::settings& s);

using port_opener = std::function<udp_opened(const udp_options&)>;

/// `names` is left for the caller.
actors::udp_receiver_options user_event_receiver(const config::settings& s, port_opener open = open_udp);
actors::udp_receiver_options log_event_receiver(const config::settings& s, port_opener open = open_udp);

/// What the program does with these settings and what it does not, a line each.
std::vector<std::string> describe(const config::settings& s);

} // namespace senseflow::runtime
