// Templates give what is not there as `None`, which is "unknown", and never use what is undefined: each use
// would be a line in Home Assistant's log.
#include "messages/home_assistant/entities.hpp"

namespace senseflow::messages::home_assistant {

namespace {

using f = feed;
using d = depends_on;

constexpr std::string_view sensor = "sensor", binary = "binary_sensor", none = "", diagnostic = "diagnostic";
constexpr std::string_view measurement = "measurement", increasing = "total_increasing";

constexpr entity_kind number{sensor, none, measurement};
constexpr entity_kind percent{sensor, none, measurement, "%"};
constexpr entity_kind bytes{sensor, "data_size", measurement, "B"};
constexpr entity_kind seconds{sensor, "duration", measurement, "s"};
constexpr entity_kind counter{sensor, none, increasing};
constexpr entity_kind text{sensor};
constexpr entity_kind choice{sensor, "enum"};
constexpr entity_kind point_in_time{sensor, "timestamp"};
constexpr entity_kind problem{binary, "problem"};
constexpr entity_kind connectivity{binary, "connectivity"};
constexpr entity_kind event{"event"};

std::string always(const std::string& name) { return "{{ value_json." + name + " }}"; }
std::string maybe(const std::string& name) { return "{{ value_json." + name + " | default(none) }}"; }
std::string how_many(const std::string& list) {
  return "{{ value_json." + list + " | count if value_json." + list + " is defined else none }}";
}
std::string sum(const std::string& name) {
  return "{{ value_json.classes.values() | sum(attribute='" + name + "') }}";
}
std::string on_if(const std::string& x) { return "{{ 'ON' if " + x + " else 'OFF' }}"; }
std::string off_if(const std::string& x) { return "{{ 'OFF' if " + x + " else 'ON' }}"; }

// --- of a server ----------------------------------------------------------------------------------

constexpr auto saturated =
    "{{ none if value_json.saturated is not defined else 'ON' if value_json.saturated else 'OFF' }}";

/// Sense writes 20230503T094505.000Z; wanted is 2023-05-03T09:45:05.000Z.
constexpr auto started = "{% set s = value_json.started | default('') %}"
                         "{{ s[:4] ~ '-' ~ s[4:6] ~ '-' ~ s[6:11] ~ ':' ~ s[11:13] ~ ':' ~ s[13:] "
                         "if s[8:9] == 'T' and s[-1:] == 'Z' and (s[:8] ~ s[9:15]).isdigit() else none }}";

constexpr auto error =
    "{{ (value_json.api ~ ': ' ~ value_json.error)[:255] if value_json.error is defined else 'none' }}";

constexpr auto engine_event =
    "{{ {'event_type': value_json.event, 'old': value_json.old, 'new': value_json.new} | tojson }}";

// --- of a node ------------------------------------------------------------------------------------

constexpr auto condition =
    "{{ (value_json.conditions[0].text if value_json.conditions else value_json.text)[:255] }}";

constexpr auto user_activity =
    "{% set t = {'Start session': 'session_start', 'Stop session': 'session_stop', "
    "'Open connection': 'connection_open', 'Close connection': 'connection_close'}"
    ".get(value_json.command) %}"
    "{{ {'event_type': t, 'user': value_json.userDir ~ '/' ~ value_json.userId, 'host': value_json.host, "
    "'app': value_json.appName | default(none)} | tojson if t else '' }}";

/// State that a newer one replaced was not lost.
constexpr auto lost =
    "{% set ns = namespace(n=0) %}{% for c in value_json.classes.values() %}"
    "{% for reason, n in c.dropped.items() if reason != 'superseded' %}{% set ns.n = ns.n + n %}{% endfor %}"
    "{% endfor %}{{ ns.n }}";

constexpr auto waiting = "{% set c = value_json.classes.values() %}"
                         "{{ c | sum(attribute='inSources') + c | sum(attribute='inMemory') + "
                         "c | sum(attribute='inFlight') + c | sum(attribute='onDisk') }}";

} // namespace

// clang-format off
const std::vector<entity>& server_entities() {
  static const std::vector<entity> all{
      {"cpu", "CPU", percent, none, f::health, d::server, maybe("cpu")},
      {"memory_committed", "Memory committed", bytes, none, f::health, d::server, maybe("memory.committed")},
      {"memory_allocated", "Memory allocated", bytes, none, f::health, d::server, maybe("memory.allocated")},
      {"memory_free", "Memory free", bytes, none, f::health, d::server, maybe("memory.free")},
      {"sessions_active", "Sessions active", number, none, f::health, d::server, maybe("sessions.active")},
      {"sessions_total", "Sessions", number, none, f::health, d::server, maybe("sessions.total")},
      {"users_active", "Users active", number, none, f::health, d::server, maybe("users.active")},
      {"users_total", "Users", number, none, f::health, d::server, maybe("users.total")},
      {"apps_active", "Apps active", number, none, f::health, d::server, how_many("apps.active_docs")},
      {"apps_loaded", "Apps loaded", number, none, f::health, d::server, how_many("apps.loaded_docs")},
      {"apps_in_memory", "Apps in memory", number, none, f::health, d::server, how_many("apps.in_memory_docs")},
      {"saturated", "Saturated", problem, none, f::health, d::server, saturated},
      {"calls", "Calls", counter, diagnostic, f::health, d::server, maybe("apps.calls")},
      {"selections", "Selections", counter, diagnostic, f::health, d::server, maybe("apps.selections")},
      {"cache_hits", "Cache hits", counter, diagnostic, f::health, d::server, maybe("cache.hits")},
      {"cache_lookups", "Cache lookups", counter, diagnostic, f::health, d::server, maybe("cache.lookups")},
      {"cache_added", "Cache entries added", counter, diagnostic, f::health, d::server, maybe("cache.added")},
      {"cache_replaced", "Cache entries replaced", counter, diagnostic, f::health, d::server, maybe("cache.replaced")},
      {"cache_bytes_added", "Cache bytes added", bytes, diagnostic, f::health, d::server, maybe("cache.bytes_added")},
      {"started", "Engine started", point_in_time, diagnostic, f::health, d::server, started},
      {"poll_duration", "Poll duration", seconds, diagnostic, f::node_health, d::server, maybe("pollSeconds[@server@]")},
      // What tells of an outage has to be seen while it lasts.
      {"state", "State", choice, none, f::server_status, d::node, always("state"), {"online", "degraded", "offline"}},
      {"reachable", "Reachable", connectivity, none, f::server_status, d::node, off_if("value_json.state == 'offline'")},
      {"degraded", "Degraded", problem, none, f::server_status, d::node, off_if("value_json.state == 'online'")},
      {"silent_appender", "Silent appender", problem, none, f::silence, d::node, on_if("value_json.silent")},
      {"error", "Error", text, diagnostic, f::server_status, d::node, error},
      {"since", "State since", point_in_time, diagnostic, f::server_status, d::node, always("since")},
      {"last_good_poll", "Last good poll", point_in_time, diagnostic, f::health, d::node, always("timestamp")},
      {"event", "Engine", event, none, f::server_event, d::node, engine_event, {"engine_restarted", "version_changed"}},
  };
  return all;
}

const std::vector<entity>& node_entities() {
  static const std::vector<entity> all{
      {"connected", "Connected", connectivity, none, f::node_status, d::nobody, on_if("value == 'online'")},
      {"degraded", "Degraded", problem, none, f::node_health, d::node, off_if("value_json.status == 'ok'")},
      {"condition", "Condition", text, none, f::node_health, d::node, condition},
      {"oldest_pending", "Oldest event waiting", seconds, diagnostic, f::node_health, d::node, always("oldestPendingSeconds")},
      {"received", "Items received", counter, diagnostic, f::ledger, d::node, sum("received")},
      {"published", "Items published", counter, diagnostic, f::ledger, d::node, sum("published")},
      {"dropped", "Items lost", counter, diagnostic, f::ledger, d::node, lost},
      {"kernel_drops", "Datagrams lost", counter, diagnostic, f::ledger, d::node, sum("kernelDrops")},
      {"waiting", "Items waiting", number, diagnostic, f::ledger, d::node, waiting},
      {"started", "Started", point_in_time, diagnostic, f::ledger, d::node, always("started")},
      {"user_activity", "User activity", event, none, f::user_event, d::node, user_activity,
       {"session_start", "session_stop", "connection_open", "connection_close"}},
  };
  return all;
}
// clang-format on

} // namespace senseflow::messages::home_assistant
