#include "messages/insights/silence_cause.hpp"

#include "messages/insights/machine_name.hpp"

#include <algorithm>
#include <initializer_list>

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

/// Where that what counts has stopped, too, nothing came in the last third either. What came until now has
/// stopped when it was away for as long, of time that counts.
bool still_comes(const std::optional<silence_facts::duration>& ago, bool came, const silence_facts& x) {
  if (ago && *ago < x.limit / 3) return true;
  return came && (x.watched < x.limit || (ago && *ago < x.limit));
}

bool is_one_of(std::string_view x, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), x) != all.end();
}

bool port_heard(const silence_facts& x) {
  const bool came = !is_one_of(x.before, {"", "port_closed", "nothing_arrives"});
  return still_comes(x.at_the_port, came, x);
}

bool server_heard(const silence_facts& x) {
  const bool came =
      !is_one_of(x.before, {"", "port_closed", "nothing_arrives", "unmatched_machine", "server_silent"});
  return still_comes(x.of_the_server, came, x);
}

/// The text changes only when there is a new one.
std::string some_of(const std::vector<std::string_view>& names) {
  constexpr size_t most = 3;
  std::string result;
  for (size_t i = 0; i < std::min(names.size(), most); ++i)
    result += (i == 0 ? "" : ", ") + quoted_machine(names[i]);
  return names.size() > most ? result + " and others" : result;
}

/// Where nothing was ever heard of a server its machine may have another name than we think.
silence_cause of_unmatched(const silence_facts& x) {
  return {"unmatched_machine",
          "Nothing comes from any service of this server, as far as machines can be told, but from " +
              std::string{x.unmatched.size() == 1 ? "one that matches" : "some that match"} +
              " no server: " + some_of(x.unmatched) + ".",
          "If one of them is this server, " + how_to_tell(x.unmatched.front()) +
              ". Else see that a firewall on the server or on the way to here lets UDP datagrams pass, and "
              "that the LocalLogConfig.xml files are there."};
}

bool is_of_the_engine(service x) { return x == service::engine || x == service::qix_perf; }

std::string see_the_file(service x) {
  return "See that %ProgramData%\\Qlik\\Sense\\" + std::string{folder_of(x)} +
         "\\LocalLogConfig.xml of this server is there and names this machine and port, and restart the "
         "service if it "
         "is (senseflow appenders writes the file).";
}

} // namespace

std::string_view appender_of(service x) {
  constexpr std::string_view names[] = {"the proxy's appenders for user events",
                                        "the engine's log appender",
                                        "the proxy's log appender",
                                        "the repository's log appender",
                                        "the scheduler's log appender",
                                        "the engine's appender for QIX performance"};
  return names[static_cast<size_t>(x)];
}

silence_cause likely_cause(const silence_facts& x) {
  if (!x.port_open)
    return {"port_closed", "Our UDP port for these events is not open.",
            "The log says why; it is tried again all the time."};
  if (!port_heard(x))
    return {"nothing_arrives", "Nothing comes to this port, from any server.",
            "See that the network and the firewalls lead the Sense servers' UDP datagrams to this machine "
            "and port, and "
            "that the appenders name this machine."};
  const bool heard = server_heard(x);
  if (!heard && !x.server_ever_sent && !x.unmatched.empty()) return of_unmatched(x);
  if (!heard)
    return {"server_silent", "Nothing comes from any service of this server, while others send.",
            "See that a firewall on the server or on the way to here lets UDP datagrams pass, that the "
            "server finds this "
            "machine by its name, and that the LocalLogConfig.xml files are there."};
  if (is_of_the_engine(x.what) && x.updated_from != x.updated_to)
    return {"engine_updated",
            "Sense was updated meanwhile, from " + std::string{x.updated_from} + " to " +
                std::string{x.updated_to} + ": updates may remove appenders.",
            see_the_file(x.what)};
  if (is_of_the_engine(x.what) && x.restarted)
    return {"engine_restarted", "The engine was restarted meanwhile, and has sent nothing since.",
            see_the_file(x.what)};
  if (!x.ever_sent)
    return {"never_sent", "This service has never sent anything, while others of this server do.",
            see_the_file(x.what)};
  return {"appender",
          "Other services of this server send: it is this one, or " + std::string{appender_of(x.what)} + ".",
          see_the_file(x.what)};
}

} // namespace senseflow::messages::insights
