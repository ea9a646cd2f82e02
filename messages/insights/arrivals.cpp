#include "messages/insights/arrivals.hpp"

#include "messages/insights/server_of_host.hpp"
#include "messages/text/iso_time.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr auto clock_window = 2min;
constexpr auto compare_every = 100ms; // reading a time costs as much as all the rest

constexpr std::string_view names[] = {"user-events", "engine",    "proxy",
                                      "repository",  "scheduler", "qix-perf"};

service service_of(log_source x) { return static_cast<service>(static_cast<size_t>(x) + 1); }
static_assert(log_source_count + 1 == service_count);

} // namespace

std::string_view to_string_view(service x) { return names[static_cast<size_t>(x)]; }

std::optional<service> service_from(std::string_view name) {
  const auto i = std::find(std::begin(names), std::end(names), name);
  if (i == std::end(names)) return std::nullopt;
  return static_cast<service>(i - std::begin(names));
}

bool arrivals::is_server(const std::string& host) const { return hosts_ && !hosts_->of(host).empty(); }

void arrivals::know(std::shared_ptr<const server_of_host> hosts) {
  hosts_ = std::move(hosts);
  for (auto& x : places_) {
    x.taken = 0;
    x.none_until = {};
  }
  for (auto& lines : lines_)
    for (auto& [host, x] : lines) {
      x.of_server = is_server(host);
      ++places_[x.of_server].taken;
    }
}

/// Names come from datagrams: those of machines that are gone must not keep new ones out for ever.
bool arrivals::make_room(bool of_server, time_point now) {
  auto& room = places_[of_server];
  if (now < room.none_until) return false;
  const auto before = room.taken;
  for (auto& lines : lines_)
    for (auto i = lines.begin(); i != lines.end();)
      if (i->second.of_server == of_server && now - i->second.known.last >= forgotten_after) {
        i = lines.erase(i);
        --room.taken;
      } else
        ++i;
  if (room.taken == before) room.none_until = now + std::chrono::minutes(1);
  return room.taken < most_;
}

arrivals::line* arrivals::find(const std::string& host, service from, time_point now) {
  auto& lines = lines_[static_cast<size_t>(from)];
  auto i = lines.find(host);
  if (i == lines.end()) {
    const bool of_server = is_server(host);
    auto& room = places_[of_server];
    if (room.taken >= most_ && !make_room(of_server, now)) {
      ++room.refused;
      return nullptr;
    }
    ++room.taken;
    i = lines.try_emplace(host).first;
    i->second.of_server = of_server;
    i->second.known.host = host;
    i->second.known.from = from;
    i->second.skips = skips_;
  }
  auto& result = i->second;
  ++result.known.datagrams;
  result.known.last = now;
  return &result;
}

void arrivals::note(const user_event& x, time_point now) { find(x.host, service::user_events, now); }

void arrivals::note(const log_event& x, time_point now) {
  auto* to = find(x.host(), service_of(x.source), now);
  if (!to) return;
  if (std::exchange(to->skips, skips_) != skips_) to->rows.skip();
  const auto row = x.common().row;
  if (row >= 1 && row <= row_gaps::last_row)
    to->known.gaps += to->rows.observe(static_cast<uint32_t>(row), now);
  compare_clocks(*to, x, now);
}

void arrivals::compare_clocks(line& to, const log_event& x, time_point now) {
  if (now - to.compared < compare_every) return;
  to.compared = now;
  const auto said = parse_iso_time(x.common().ts_iso);
  if (!said) return;
  auto& best = to.known.ahead;
  if (now - to.window >= clock_window) {
    to.before = now - to.window < 2 * clock_window ? best : std::nullopt;
    best.reset();
    to.window = now;
  }
  const auto ahead = *said - x.received;
  if (!best || ahead > *best) best = ahead;
}

arrival_list arrivals::all(time_point now) {
  arrival_list result;
  result.reserve(places_[false].taken + places_[true].taken);
  for (auto& lines : lines_)
    for (auto& [host, x] : lines) {
      x.known.gaps += x.rows.tick(now);
      result.push_back(x.known);
      auto& ahead = result.back().ahead;
      if (now - x.window >= 2 * clock_window)
        ahead.reset();
      else if (x.before && (!ahead || *x.before > *ahead))
        ahead = x.before;
    }
  return result;
}

arrivals::left_out arrivals::not_followed() {
  return {std::exchange(places_[true].refused, 0), std::exchange(places_[false].refused, 0)};
}

} // namespace senseflow::messages::insights
