// Templates give what is not there as `None`, which is "unknown", and never use what is undefined: each use
// would be a line in Home Assistant's log.
#include "messages/home_assistant/entities.hpp"

namespace senseflow::messages::home_assistant {

namespace {

constexpr std::string_view sensor = "sensor", binary = "binary_sensor", event = "event";
constexpr std::string_view none = "", measurement = "measurement", increasing = "total_increasing";
constexpr std::string_view diagnostic = "diagnostic", bytes = "data_size", timestamp = "timestamp";

/// Sense writes 20230503T094505.000Z; wanted is 2023-05-03T09:45:05.000Z.
constexpr std::string_view started =
    "{% set s = value_json.started | default('') %}"
    "{{ s[:4] ~ '-' ~ s[4:6] ~ '-' ~ s[6:11] ~ ':' ~ s[11:13] ~ ':' ~ s[13:] "
    "if s[8:9] == 'T' and s[-1:] == 'Z' and (s[:8] ~ s[9:15]).isdigit() else none }}";

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

const std::vector<entity>& server_entities() {
  using f = feed;
  using d = depends_on;
  static const std::vector<entity> all{
      {"cpu", "CPU", sensor, none, measurement, "%", none, f::health, d::server,
       "{{ value_json.cpu | default(none) }}", {}},
      {"memory_committed", "Memory committed", sensor, bytes, measurement, "B", none, f::health, d::server,
       "{{ value_json.memory.committed | default(none) }}", {}},
      {"memory_allocated", "Memory allocated", sensor, bytes, measurement, "B", none, f::health, d::server,
       "{{ value_json.memory.allocated | default(none) }}", {}},
      {"memory_free", "Memory free", sensor, bytes, measurement, "B", none, f::health, d::server,
       "{{ value_json.memory.free | default(none) }}", {}},
      {"sessions_active", "Sessions active", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.sessions.active | default(none) }}", {}},
      {"sessions_total", "Sessions", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.sessions.total | default(none) }}", {}},
      {"users_active", "Users active", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.users.active | default(none) }}", {}},
      {"users_total", "Users", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.users.total | default(none) }}", {}},
      {"apps_active", "Apps active", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.apps.active_docs | count if value_json.apps.active_docs is defined else none }}", {}},
      {"apps_loaded", "Apps loaded", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.apps.loaded_docs | count if value_json.apps.loaded_docs is defined else none }}", {}},
      {"apps_in_memory", "Apps in memory", sensor, none, measurement, none, none, f::health, d::server,
       "{{ value_json.apps.in_memory_docs | count if value_json.apps.in_memory_docs is defined else none }}", {}},
      {"saturated", "Saturated", binary, "problem", none, none, none, f::health, d::server,
       "{{ none if value_json.saturated is not defined else 'ON' if value_json.saturated else 'OFF' }}", {}},
      {"calls", "Calls", sensor, none, increasing, none, diagnostic, f::health, d::server,
       "{{ value_json.apps.calls | default(none) }}", {}},
      {"selections", "Selections", sensor, none, increasing, none, diagnostic, f::health, d::server,
       "{{ value_json.apps.selections | default(none) }}", {}},
      {"cache_hits", "Cache hits", sensor, none, increasing, none, diagnostic, f::health, d::server,
       "{{ value_json.cache.hits | default(none) }}", {}},
      {"cache_lookups", "Cache lookups", sensor, none, increasing, none, diagnostic, f::health, d::server,
       "{{ value_json.cache.lookups | default(none) }}", {}},
      {"cache_added", "Cache entries added", sensor, none, increasing, none, diagnostic, f::health, d::server,
       "{{ value_json.cache.added | default(none) }}", {}},
      {"cache_replaced", "Cache entries replaced", sensor, none, increasing, none, diagnostic, f::health,
       d::server, "{{ value_json.cache.replaced | default(none) }}", {}},
      {"cache_bytes_added", "Cache bytes added", sensor, bytes, measurement, "B", diagnostic, f::health,
       d::server, "{{ value_json.cache.bytes_added | default(none) }}", {}},
      {"started", "Engine started", sensor, timestamp, none, none, diagnostic, f::health, d::server, started,
       {}},
      {"poll_duration", "Poll duration", sensor, "duration", measurement, "s", diagnostic, f::node_health,
       d::server, "{{ value_json.pollSeconds[@server@] | default(none) }}", {}},
      // What tells of an outage has to be seen while it lasts.
      {"state", "State", sensor, "enum", none, none, none, f::server_status, d::node,
       "{{ value_json.state }}", {"online", "degraded", "offline"}},
      {"reachable", "Reachable", binary, "connectivity", none, none, none, f::server_status, d::node,
       "{{ 'OFF' if value_json.state == 'offline' else 'ON' }}", {}},
      {"degraded", "Degraded", binary, "problem", none, none, none, f::server_status, d::node,
       "{{ 'OFF' if value_json.state == 'online' else 'ON' }}", {}},
      {"silent_appender", "Silent appender", binary, "problem", none, none, none, f::silence, d::node,
       "{{ 'ON' if value_json.silent else 'OFF' }}", {}},
      {"error", "Error", sensor, none, none, none, diagnostic, f::server_status, d::node,
       "{{ (value_json.api ~ ': ' ~ value_json.error)[:255] if value_json.error is defined else 'none' }}",
       {}},
      {"since", "State since", sensor, timestamp, none, none, diagnostic, f::server_status, d::node,
       "{{ value_json.since }}", {}},
      {"last_good_poll", "Last good poll", sensor, timestamp, none, none, diagnostic, f::health, d::node,
       "{{ value_json.timestamp }}", {}},
      {"event", "Engine", event, none, none, none, none, f::server_event, d::node,
       "{{ {'event_type': value_json.event, 'old': value_json.old, 'new': value_json.new} | tojson }}",
       {"engine_restarted", "version_changed"}},
  };
  return all;
}

const std::vector<entity>& node_entities() {
  using f = feed;
  using d = depends_on;
  static const std::vector<entity> all{
      {"connected", "Connected", binary, "connectivity", none, none, none, f::node_status, d::nobody,
       "{{ 'ON' if value == 'online' else 'OFF' }}", {}},
      {"degraded", "Degraded", binary, "problem", none, none, none, f::node_health, d::node,
       "{{ 'OFF' if value_json.status == 'ok' else 'ON' }}", {}},
      {"condition", "Condition", sensor, none, none, none, none, f::node_health, d::node,
       "{{ (value_json.conditions[0].text if value_json.conditions else value_json.text)[:255] }}", {}},
      {"oldest_pending", "Oldest event waiting", sensor, "duration", measurement, "s", diagnostic,
       f::node_health, d::node, "{{ value_json.oldestPendingSeconds }}", {}},
      {"received", "Items received", sensor, none, increasing, none, diagnostic, f::ledger, d::node,
       "{{ value_json.classes.values() | sum(attribute='received') }}", {}},
      {"published", "Items published", sensor, none, increasing, none, diagnostic, f::ledger, d::node,
       "{{ value_json.classes.values() | sum(attribute='published') }}", {}},
      {"dropped", "Items lost", sensor, none, increasing, none, diagnostic, f::ledger, d::node, lost, {}},
      {"kernel_drops", "Datagrams lost", sensor, none, increasing, none, diagnostic, f::ledger, d::node,
       "{{ value_json.classes.values() | sum(attribute='kernelDrops') }}", {}},
      {"waiting", "Items waiting", sensor, none, measurement, none, diagnostic, f::ledger, d::node, waiting,
       {}},
      {"started", "Started", sensor, timestamp, none, none, diagnostic, f::ledger, d::node,
       "{{ value_json.started }}", {}},
      {"user_activity", "User activity", event, none, none, none, none, f::user_event, d::node, user_activity,
       {"session_start", "session_stop", "connection_open", "connection_close"}},
  };
  return all;
}

} // namespace senseflow::messages::home_assistant
