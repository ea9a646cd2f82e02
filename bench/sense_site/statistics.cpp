#include "bench/sense_site/statistics.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace senseflow::bench {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::microseconds;

double milliseconds(microseconds x) { return double(x.count()) / 1000; }

json describe(const server_statistics& x) {
  const auto& c = x.counts;
  json result{
      {"requests", {{"health", c.health}, {"sessions", c.sessions}, {"apps", c.apps}, {"other", c.other}}},
      {"answered", c.answered},
      {"refused", c.refused},
      {"abandoned", c.abandoned},
      {"closed", c.closed},
      {"hanging", x.hanging},
      {"connections", c.connections},
      {"failed_handshakes", c.failed_handshakes},
      {"most_health_at_once", x.most_health_at_once},
      {"intervals",
       {{"count", x.intervals.count},
        {"shortest_ms", milliseconds(x.intervals.shortest)},
        {"longest_ms", milliseconds(x.intervals.longest)}}}};
  const auto& deviations = x.intervals.deviations;
  if (deviations.count() > 0)
    result["deviation_ms"] = {{"p50", milliseconds(deviations.quantile(0.5))},
                              {"p99", milliseconds(deviations.quantile(0.99))},
                              {"max", milliseconds(deviations.max())}};
  return result;
}

} // namespace

void arrival_intervals::add(microseconds interval, std::optional<microseconds> expected) {
  shortest = count == 0 ? interval : std::min(shortest, interval);
  longest = std::max(longest, interval);
  ++count;
  if (expected) deviations.add(std::chrono::abs(interval - *expected));
}

void arrival_intervals::add(const arrival_intervals& other) {
  if (other.count == 0) return;
  shortest = count == 0 ? other.shortest : std::min(shortest, other.shortest);
  longest = std::max(longest, other.longest);
  count += other.count;
  deviations.add(other.deviations);
}

void request_counts::add(const request_counts& x) {
  health += x.health;
  sessions += x.sessions;
  apps += x.apps;
  other += x.other;
  answered += x.answered;
  refused += x.refused;
  abandoned += x.abandoned;
  closed += x.closed;
  connections += x.connections;
  failed_handshakes += x.failed_handshakes;
}

std::string to_json(const site_statistics& statistics) {
  server_statistics overall;
  json servers = json::array();
  for (const auto& x : statistics.servers) {
    overall.counts.add(x.counts);
    overall.intervals.add(x.intervals);
    overall.hanging += x.hanging;
    overall.most_health_at_once = std::max(overall.most_health_at_once, x.most_health_at_once);
    json one{{"name", x.name}, {"port", x.port}};
    one.update(describe(x));
    servers.push_back(std::move(one));
  }
  return json{{"overall", describe(overall)}, {"servers", servers}, {"cpu_seconds", statistics.cpu_seconds}}
      .dump();
}

} // namespace senseflow::bench
