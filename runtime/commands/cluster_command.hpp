// `senseflow cluster …`: asks etcd, and the broker, without being a node.
#pragma once

#include "config/settings.hpp"

#include <iosfwd>
#include <string>

namespace senseflow::runtime {

/// What each prints goes to `out`, what went wrong to `err`; they return the process's exit code. All wait: for
/// etcd a few times its time-out, for the broker at most 3 s.

/// Nodes and servers, and why each server is where it is.
int cluster_status(const config::settings& s, bool as_json, std::ostream& out, std::ostream& err);

/// Wants a node empty, for maintenance, and waits until it is: a minute at most. The wish outlives
/// the node: it stays empty until `cluster_undrain`.
int cluster_drain(const config::settings& s, const std::string& node, std::ostream& out, std::ostream& err);
int cluster_undrain(const config::settings& s, const std::string& node, std::ostream& out, std::ostream& err);

} // namespace senseflow::runtime
