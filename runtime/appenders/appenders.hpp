// The log appenders with which Sense's services send their events here, as Qlik's LocalLogConfig.xml wants
// them. Pure functions.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::runtime::appenders {

/// Sends some of a service's log lines, as UDP datagrams.
struct appender {
  std::string name;                    ///< in its file
  std::vector<std::string> matches;    ///< only lines that hold one of these; none = all
  std::string threshold;               ///< lowest level; empty = all
  uint16_t port = 0;                   ///< of ours
  std::vector<std::string> converters; ///< names in the pattern that Qlik's own converters fill in
  std::string pattern;                 ///< log4net's: what a datagram holds
  std::vector<std::string> loggers;    ///< whose lines it sees
};

/// Of one service: one file.
struct service {
  std::string name; ///< its folder below Qlik's
  std::vector<appender> all;
};

/// Those that the configuration makes use of; services without any are left out.
std::vector<service> services_for(const config::settings& s);

/// `host` is where they send to.
std::string to_xml(const service& x, const std::string& host);

/// What to do with the files, for whoever looks after the Sense servers.
std::string instructions(const std::vector<service>& all, const config::settings& s, const std::string& host);

/// What the configuration holds against it that events arrive; "" = nothing.
std::string doubts(const config::settings& s, const std::string& host);

} // namespace senseflow::runtime::appenders
