#include "runtime/status/status_json.hpp"

#include "messages/text/iso_time.hpp"
#include "runtime/status/words.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace senseflow::runtime {

namespace {

using json = nlohmann::ordered_json;
using messages::item_class;

json time(caf::timestamp x) { return x == caf::timestamp{} ? json() : json(messages::iso_time(x)); }
json text_or_null(const std::string& x) { return x.empty() ? json() : json(x); }
double rounded(double x) { return std::round(x * 1e6) / 1e6; }
double seconds(std::chrono::nanoseconds x) { return rounded(std::chrono::duration<double>(x).count()); }
std::string name(item_class c) { return std::string{to_string_view(c)}; }
std::string text(std::string_view x) { return std::string{x}; }

template <class T>
json number_or_null(const std::optional<T>& x) {
  return x ? json(*x) : json();
}

std::string dump(const json& x) { return x.dump(-1, ' ', false, json::error_handler_t::replace); }

json by_class(const trends::by_class& xs) {
  auto out = json::object();
  for (size_t c = 0; c < xs.size(); ++c) out[name(static_cast<item_class>(c))] = rounded(xs[c]);
  return out;
}

double sum(const trends::by_class& xs) {
  double result = 0;
  for (const auto x : xs) result += x;
  return rounded(result);
}

json conditions(const node_status& x) {
  auto out = json::array();
  const auto listed = std::min(x.conditions.size(), most_conditions);
  for (size_t i = 0; i < listed; ++i) {
    const auto& c = x.conditions[i];
    out.push_back({{"id", text(c.id)},
                   {"subject", c.subject},
                   {"severity", text(to_string_view(c.how))},
                   {"since", time(c.since)},
                   {"text", c.text},
                   {"next", c.next}});
  }
  if (const auto more = x.conditions.size() - listed; more > 0)
    out.push_back({{"id", "more"},
                   {"subject", ""},
                   {"severity", text(to_string_view(x.conditions[listed].how))},
                   {"since", time(x.conditions[listed].since)},
                   {"text", fmt::format("{} more are not listed here.", more)},
                   {"next", "Begin with those above."}});
  return out;
}

// --- parts of the status --------------------------------------------------------------------------

json broker(const facts& x) {
  auto connections = json::array();
  std::string address, trouble;
  auto since = x.started;
  caf::timestamp trouble_at{};
  uint64_t in_flight = 0, window = 0;
  const bool connected = x.broker_connected();
  bool first = true;
  for (const auto& [slot, b] : x.brokers) {
    connections.push_back({{"publisher", slot + 1},
                           {"connected", b.connected},
                           {"address", text_or_null(b.address)},
                           {"since", time(b.since)},
                           {"lastError", text_or_null(b.trouble)},
                           {"lastErrorAt", time(b.trouble_at)},
                           {"inFlight", b.in_flight},
                           {"window", b.connected ? b.window : 0}});
    if (b.trouble_at > trouble_at) {
      trouble = b.trouble;
      trouble_at = b.trouble_at;
    }
    if (b.connected != connected) continue;
    // Connected since the first of them is, away since the last of them is.
    since = first ? b.since : connected ? std::min(since, b.since) : std::max(since, b.since);
    if (first || address.empty()) address = b.address;
    first = false;
    in_flight += b.in_flight;
    if (connected) window += b.window;
  }
  return {{"connected", connected},
          {"address", text_or_null(address)},
          {"since", time(since)},
          {"lastError", text_or_null(trouble)},
          {"lastErrorAt", time(trouble_at)},
          {"inFlight", in_flight},
          {"window", window},
          {"connections", connections}};
}

json servers(const facts& x) {
  auto out = json::array();
  for (const auto& server : x.settings.servers) {
    const auto i = x.servers.find(server);
    const auto ours = x.components.count("polling/" + server) > 0;
    const server_notice none;
    const auto& s = i == x.servers.end() || !ours ? none : i->second;
    const bool known = s.state.has_value();
    out.push_back({{"server", server},
                   {"host", s.host},
                   {"state", known ? text(to_string_view(s.state->state)) : "unknown"},
                   {"since", known ? time(s.state->since) : json()},
                   {"api", known ? text_or_null(s.state->api) : json()},
                   {"error", known ? text_or_null(s.state->error) : json()},
                   {"detail", text_or_null(s.detail)},
                   {"lastGoodPoll", known ? time(s.state->last_good_poll) : json()},
                   {"pollSeconds", s.poll.count() > 0 ? json(seconds(s.poll)) : json()},
                   {"users", number_or_null(s.users)},
                   {"sessions", number_or_null(s.sessions)}});
  }
  return out;
}

caf::timestamp seen(const trends& t, item_class c, const std::string& source) {
  const auto i = t.seen.find(c);
  if (i == t.seen.end()) return {};
  const auto j = i->second.find(source);
  return j == i->second.end() ? caf::timestamp{} : j->second;
}

json sources(const node_status& x) {
  auto out = json::array();
  for (const auto c : {item_class::user_event, item_class::log_event})
    for (const auto& [source, line] : x.facts.lines[static_cast<size_t>(c)])
      if (!source.empty() && source != "(removed)")
        out.push_back({{"class", name(c)},
                       {"source", source},
                       {"received", line.received},
                       {"lastSeen", time(seen(x.trends, c, source))}});
  return out;
}

json ports(const node_status& x, const ledger::snapshot_type& totals) {
  auto out = json::array();
  for (const auto& [c, port] : x.facts.settings.ports) {
    const auto i = x.facts.ports.find(c);
    const port_notice closed;
    const auto& p = i == x.facts.ports.end() ? closed : i->second;
    caf::timestamp last{};
    if (const auto j = x.trends.seen.find(c); j != x.trends.seen.end())
      for (const auto& [source, when] : j->second) last = std::max(last, when);
    const auto& line = totals[static_cast<size_t>(c)];
    out.push_back({{"class", name(c)},
                   {"name", port_name(c)},
                   {"port", port},
                   {"open", p.open},
                   {"receiveBufferBytes", p.receive_buffer},
                   {"kernelDrops", line.kernel_drops},
                   {"received", line.received},
                   {"lastSeen", time(last)}});
  }
  return out;
}

json loss(const loss_counts& x) {
  return {{"total", x.total()},
          {"kernelDrops", x.kernel_drops},
          {"byReason", json(x.by_reason)},
          {"lostBefore", x.lost_before}};
}

json backlog(const node_status& x, const ledger::snapshot_type& totals) {
  const auto& f = x.facts;
  json disk;
  if (f.spool) {
    uint64_t events = 0;
    for (const auto& line : totals) events += line.in(place::disk);
    const auto room = f.spool_room();
    const auto free = room - std::min(room, f.spool->bytes);
    disk = {{"events", events},
            {"bytes", f.spool->bytes},
            {"limitBytes", room},
            {"freeBytes", f.spool->free_bytes},
            {"fullInSeconds", x.trends.disk_growth > 1
                                  ? json(std::round(static_cast<double>(free) / x.trends.disk_growth))
                                  : json()}};
  }
  return {{"events", f.pending_events()},
          {"oldestSeconds", seconds(f.oldest_pending())},
          {"memoryBytes", f.backlog.bytes},
          {"memoryLimitBytes", f.settings.memory_limit},
          {"disk", disk}};
}

json rates(const trends& t) {
  return {{"windowSeconds", rounded(t.seconds)}, {"received", by_class(t.received)},
          {"published", by_class(t.published)},  {"receivedTotal", sum(t.received)},
          {"publishedTotal", sum(t.published)},  {"lostTotal", rounded(t.lost)}};
}

json quantiles(const histogram_counts& x) {
  return {{"count", x.count()},
          {"p50", number_or_null(x.quantile(0.5))},
          {"p99", number_or_null(x.quantile(0.99))}};
}

json latency(const trends& t) {
  return {{"windowSeconds", 60},
          {"ackSeconds", quantiles(t.acknowledgement)},
          {"pollSeconds", quantiles(t.poll_duration)},
          {"pollLatenessSeconds", quantiles(t.poll_lateness)}};
}

json ledger_part(const facts& x, const ledger::snapshot_type& totals) {
  auto classes = json::object();
  bool balanced = true;
  for (size_t c = 0; c < totals.size(); ++c) {
    const auto& l = totals[c];
    balanced = balanced && l.balanced();
    classes[name(static_cast<item_class>(c))] = {{"received", l.received},
                                                 {"recovered", l.recovered},
                                                 {"published", l.published},
                                                 {"acknowledged", l.acknowledged},
                                                 {"filtered", l.filtered_total()},
                                                 {"dropped", l.dropped_total()},
                                                 {"repeated", l.repeated},
                                                 {"pending",
                                                  {{"sources", l.in(place::source)},
                                                   {"memory", l.in(place::memory)},
                                                   {"inFlight", l.in(place::flight)},
                                                   {"disk", l.in(place::disk)}}}};
  }
  return {{"faults", x.ledger_faults}, {"balanced", balanced}, {"classes", classes}};
}

json component(const std::string& path, const component_notice& c, const node_status& x) {
  constexpr const char* phases[] = {"running", "restarting", "stopped"};
  json failure;
  if (!c.cause.empty()) failure = {{"cause", c.cause}, {"at", time(c.failed_at)}};
  json out{{"name", path},
           {"state", phases[static_cast<size_t>(c.now)]},
           {"restarts", c.restarts},
           {"hangs", c.hangs},
           {"lastFailure", failure}};
  const auto i = x.facts.work.find(path);
  const auto work = i == x.facts.work.end() ? work_figures{} : i->second;
  const auto j = x.trends.work.find(path);
  const auto lately = j == x.trends.work.end() ? work_trend{} : j->second;
  out["handled"] = work.handled;
  out["busySeconds"] = seconds(work.busy);
  out["busyShare"] = rounded(lately.busy);
  out["meanBatch"] =
      work.batches == 0 ? 0 : rounded(static_cast<double>(work.items) / static_cast<double>(work.batches));
  out["waitedShare"] = rounded(lately.waited);
  out["refusedShare"] = rounded(lately.refused);
  return out;
}

json components(const node_status& x) {
  auto out = json::array();
  for (const auto& [path, c] : x.facts.components) out.push_back(component(path, c, x));
  return out;
}

json configuration(const facts& x) {
  json reload;
  if (x.reload) reload = {{"at", time(x.reload->at)}, {"result", x.reload->result}, {"text", x.reload->text}};
  return {{"file", x.settings.file},
          {"loadedAt", time(x.settings.loaded_at)},
          {"lastReload", reload},
          {"warnings", x.settings.warnings},
          {"notServed", x.settings.not_served}};
}

json certificates(const facts& x) {
  auto out = json::array();
  for (const auto& c : x.certificates)
    out.push_back(
        {{"file", c.name()},
         {"use", c.use},
         {"expires", time(c.expires)},
         {"daysLeft", std::chrono::duration_cast<std::chrono::hours>(c.expires - x.at).count() / 24}});
  return out;
}

json cluster(const facts& x) {
  if (!x.cluster) return {};
  auto nodes = json::array();
  for (const auto& n : x.cluster->nodes)
    nodes.push_back({{"id", n.id}, {"version", n.version}, {"draining", n.draining}});
  return {{"name", x.cluster->name},
          {"self", x.cluster->self},
          {"certain", x.cluster->certain},
          {"nodes", nodes},
          {"servers", x.cluster->servers}};
}

double uptime(const facts& x) { return std::round(std::chrono::duration<double>(x.when - x.began).count()); }

json verdict(const node_status& x) {
  return {{"status", text(verdict_of(x.verdict.how))},
          {"since", time(x.verdict.since)},
          {"text", x.verdict.text}};
}

} // namespace

std::string health_json(const node_status& x) {
  auto out = verdict(x);
  out["ready"] = x.facts.not_ready().empty();
  out["node"] = x.facts.node;
  out["version"] = x.facts.version;
  out["timestamp"] = time(x.facts.at);
  out["uptimeSeconds"] = uptime(x.facts);
  out["conditions"] = conditions(x);
  return dump(out);
}

std::string node_health_json(const node_status& x) {
  const auto& f = x.facts;
  json out{{"node", f.node}, {"timestamp", time(f.at)}};
  out.update(verdict(x));
  out["version"] = f.version;
  out["started"] = time(f.started);
  out["oldestPendingSeconds"] = seconds(f.oldest_pending());
  constexpr size_t most_servers = 1000; // some 30 KB: brokers limit packets
  auto& polls = out["pollSeconds"] = json::object();
  for (const auto& [server, notice] : f.servers)
    if (notice.poll.count() > 0 && polls.size() < most_servers) polls[server] = seconds(notice.poll);
  out["conditions"] = conditions(x);
  return dump(out);
}

std::string status_json(const node_status& x) {
  constexpr const char* phases[] = {"starting", "running", "stopping"};
  const auto& f = x.facts;
  const auto totals = f.totals();
  json out;
  out["timestamp"] = time(f.at);
  out["node"] = f.node;
  out["version"] = f.version;
  out["pid"] = ::getpid();
  out["mode"] = f.settings.mode;
  out["started"] = time(f.started);
  out["uptimeSeconds"] = uptime(f);
  out["state"] = phases[static_cast<size_t>(f.phase)];
  out["ready"] = f.not_ready().empty();
  out["readyReasons"] = f.not_ready();
  out["verdict"] = verdict(x);
  out["conditions"] = conditions(x);
  out["broker"] = broker(f);
  out["servers"] = servers(f);
  out["sources"] = sources(x);
  out["ports"] = ports(x, totals);
  out["lost"] = {{"lastHour", loss(x.trends.lost_lately)}, {"sinceStart", loss(losses_of(totals))}};
  out["backlog"] = backlog(x, totals);
  out["rates"] = rates(x.trends);
  out["latency"] = latency(x.trends);
  out["ledger"] = ledger_part(f, totals);
  out["components"] = components(x);
  out["bottleneck"] = {{"stage", text(to_string_view(x.bottleneck.where))},
                       {"text", x.bottleneck.text},
                       {"setting", text_or_null(x.bottleneck.setting)}};
  out["configuration"] = configuration(f);
  out["process"] = {{"residentBytes", f.process.resident_bytes},
                    {"cpuSeconds", rounded(f.process.cpu_seconds)},
                    {"openFiles", f.process.open_files},
                    {"maxFiles", f.process.max_files},
                    {"threads", f.process.threads}};
  out["certificates"] = certificates(f);
  out["cluster"] = cluster(f);
  return dump(out);
}

} // namespace senseflow::runtime
