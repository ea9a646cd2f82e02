#include "messages/home_assistant/entities.hpp"

namespace senseflow::messages::home_assistant {

namespace {

constexpr std::string_view sensor = "sensor", binary = "binary_sensor", event = "event";
constexpr std::string_view none = "", measurement = "measurement", increasing = "total_increasing";
constexpr std::string_view diagnostic = "diagnostic", timestamp = "timestamp";

constexpr std::string_view user_activity =
    "{% set t = {'Start session': 'session_start', 'Stop session': 'session_stop', "
    "'Open connection': 'connection_open', 'Close connection': 'connection_close'}"
    ".get(value_json.command) %}"
    "{{ {'event_type': t, 'user': value_json.userDir ~ '/' ~ value_json.userId, 'host': value_json.host, "
    "'app': value_json.appName | default(none)} | tojson if t else '' }}";

/// State that a newer one replaced was not lost.
constexpr std::string_view lost =
    "{% set ns = namespace(n=0) %}{% for c in value_json.classes.values() %}"
    "{% for reason, n in c.dropped.items() if reason != 'superseded' %}{% set ns.n = ns.n + n %}{% endfor %}"
    "{% endfor %}{{ ns.n }}";

constexpr std::string_view waiting = "{% set c = value_json.classes.values() %}"
                                     "{{ c | sum(attribute='inSources') + c | sum(attribute='inMemory') + "
                                     "c | sum(attribute='inFlight') + c | sum(attribute='onDisk') }}";

} // namespace

const std::vector<entity>& node_entities() {
  using f = feed;
  using d = depends_on;
  static const std::vector<entity> all{
      {"connected",
       "Connected",
       binary,
       "connectivity",
       none,
       none,
       none,
       f::node_status,
       d::nobody,
       "{{ 'ON' if value == 'online' else 'OFF' }}",
       {}},
      {"degraded",
       "Degraded",
       binary,
       "problem",
       none,
       none,
       none,
       f::node_health,
       d::node,
       "{{ 'OFF' if value_json.status == 'ok' else 'ON' }}",
       {}},
      {"condition",
       "Condition",
       sensor,
       none,
       none,
       none,
       none,
       f::node_health,
       d::node,
       "{{ (value_json.conditions[0].text if value_json.conditions else value_json.text)[:255] }}",
       {}},
      {"oldest_pending",
       "Oldest event waiting",
       sensor,
       "duration",
       measurement,
       "s",
       diagnostic,
       f::node_health,
       d::node,
       "{{ value_json.oldestPendingSeconds }}",
       {}},
      {"received",
       "Items received",
       sensor,
       none,
       increasing,
       none,
       diagnostic,
       f::ledger,
       d::node,
       "{{ value_json.classes.values() | sum(attribute='received') }}",
       {}},
      {"published",
       "Items published",
       sensor,
       none,
       increasing,
       none,
       diagnostic,
       f::ledger,
       d::node,
       "{{ value_json.classes.values() | sum(attribute='published') }}",
       {}},
      {"dropped", "Items lost", sensor, none, increasing, none, diagnostic, f::ledger, d::node, lost, {}},
      {"kernel_drops",
       "Datagrams lost",
       sensor,
       none,
       increasing,
       none,
       diagnostic,
       f::ledger,
       d::node,
       "{{ value_json.classes.values() | sum(attribute='kernelDrops') }}",
       {}},
      {"waiting",
       "Items waiting",
       sensor,
       none,
       measurement,
       none,
       diagnostic,
       f::ledger,
       d::node,
       waiting,
       {}},
      {"started",
       "Started",
       sensor,
       timestamp,
       none,
       none,
       diagnostic,
       f::ledger,
       d::node,
       "{{ value_json.started }}",
       {}},
      {"user_activity",
       "User activity",
       event,
       none,
       none,
       none,
       none,
       f::user_event,
       d::node,
       user_activity,
       {"session_start", "session_stop", "connection_open", "connection_close"}},
  };
  return all;
}

} // namespace senseflow::messages::home_assistant
