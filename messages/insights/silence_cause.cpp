#include "messages/insights/silence_cause.hpp"

namespace senseflow::messages::insights {

namespace {

std::string_view folder_of(service x) {
  switch (x) {
  case service::user_events:
  case service::proxy:
    return "Proxy";
  case service::engine:
  case service::qix_perf:
    return "Engine";
  case service::repository:
    return "Repository";
  case service::scheduler:
    return "Scheduler";
  }
  return "Engine";
}

/// Where that what counts has stopped, too, nothing came in the last third either.
bool still_comes(const std::optional<silence_facts::duration>& ago, const silence_facts& x) {
  return ago && *ago < x.quiet / 3;
}

bool is_of_the_engine(service x) { return x == service::engine || x == service::qix_perf; }

std::string see_the_file(service x) {
  return "See that %ProgramData%\\Qlik\\Sense\\" + std::string{folder_of(x)} +
         "\\LocalLogConfig.xml of this server is there and names this machine and port, and restart the service if it "
         "is (senseflow appenders writes the file).";
}

} // namespace

std::string_view appender_of(service x) {
  constexpr std::string_view names[] = {
      "the proxy's appenders for user events", "the engine's log appender",    "the proxy's log appender",
      "the repository's log appender",         "the scheduler's log appender", "the engine's appender for QIX performance"};
  return names[static_cast<size_t>(x)];
}

silence_cause likely_cause(const silence_facts& x) {
  if (!x.port_open)
    return {"port_closed", "Our UDP port for these events is not open.",
            "The log says why; it is tried again all the time."};
  if (!still_comes(x.at_the_port, x))
    return {"nothing_arrives", "Nothing comes to this port, from any server.",
            "See that the network and the firewalls lead the Sense servers' UDP datagrams to this machine and port, and "
            "that the appenders name this machine."};
  if (!still_comes(x.of_the_server, x))
    return {"server_silent", "Nothing comes from any service of this server, while others send.",
            "See that a firewall on the server or on the way to here lets UDP datagrams pass, that the server finds this "
            "machine by its name, and that the LocalLogConfig.xml files are there."};
  if (is_of_the_engine(x.what) && x.updated_from != x.updated_to)
    return {"engine_updated",
            "Sense was updated meanwhile, from " + std::string{x.updated_from} + " to " + std::string{x.updated_to} +
                ": updates may remove appenders.",
            see_the_file(x.what)};
  if (is_of_the_engine(x.what) && x.restarted)
    return {"engine_restarted", "The engine was restarted meanwhile, and has sent nothing since.",
            see_the_file(x.what)};
  if (!x.ever_sent)
    return {"never_sent", "This service has never sent anything, while others of this server do.", see_the_file(x.what)};
  return {"appender", "Other services of this server send: it is this one, or " + std::string{appender_of(x.what)} + ".",
          see_the_file(x.what)};
}

} // namespace senseflow::messages::insights
