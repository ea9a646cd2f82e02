#include "messages/rules/sameness.hpp"

#include "messages/text/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace senseflow::messages {

namespace {

using nlohmann::json;

bool close(double before, double now, measure kind, const deadbands& bands) {
  const auto moved = std::abs(now - before); // what is no number is never close
  const auto part = std::abs(before) * bands.percent / 100;
  switch (kind) {
  case measure::cpu:
    return moved < bands.cpu;
  case measure::memory:
    return moved < bands.memory || moved < part;
  case measure::counter:
    return moved < part;
  case measure::none:
  case measure::text:
  case measure::dated:
  case measure::health:
    break;
  }
  return false;
}

// --- documents ------------------------------------------------------------------------------------

/// Compact JSON as our writer makes it: within a text, quotes have a backslash before them.
bool same_but_for_time(std::string_view before, std::string_view now) {
  constexpr std::string_view time = R"("timestamp":")";
  const auto at = before.find(time);
  if (at == before.npos || now.substr(0, at) != before.substr(0, at) || now.substr(at, time.size()) != time)
    return before == now;
  const auto behind = [&](std::string_view x) {
    x.remove_prefix(at + time.size());
    return x.substr(std::min(x.find('"'), x.size()));
  };
  return behind(before) == behind(now);
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// What a number is, by its place in one of the documents of health.
measure measure_of(std::string_view path) {
  if (path == "/cpu") return measure::cpu;
  for (std::string_view group : {"/memory/", "/memory_"})
    if (starts_with(path, group)) return measure::memory;
  for (std::string_view counters :
       {"/cache/", "/cache_", "/apps/calls", "/apps_calls", "/apps/selections", "/apps_selections"})
    if (starts_with(path, counters)) return measure::counter;
  return measure::none;
}

bool same_value(const std::string& path, const json& before, const json& now, const deadbands& bands) {
  if (before == now || path == "/timestamp") return true;
  if (!before.is_number() || !now.is_number()) return false;
  const auto kind = measure_of(path);
  const auto unit = kind == measure::memory ? 1024.0 * 1024 : 1;
  return close(before.get<double>() / unit, now.get<double>() / unit, kind, bands);
}

bool same_health(const std::string& before, const std::string& now, const deadbands& bands) {
  if (same_but_for_time(before, now)) return true;
  if (bands.cpu <= 0 && bands.memory <= 0 && bands.percent <= 0) return false;
  const auto a = json::parse(before, nullptr, false), b = json::parse(now, nullptr, false);
  if (a.is_discarded() || b.is_discarded()) return false;
  const auto xs = a.flatten(), ys = b.flatten(); // path -> value, in the order of the paths
  return std::equal(xs.items().begin(), xs.items().end(), ys.items().begin(), ys.items().end(),
                    [&](const auto& x, const auto& y) {
                      return x.key() == y.key() && same_value(x.key(), x.value(), y.value(), bands);
                    });
}

} // namespace

bool same(const mqtt_message& before, const mqtt_message& now, const deadbands& bands) {
  if (before.compared != now.compared) return false;
  switch (now.compared) {
  case measure::none:
    return false;
  case measure::dated:
    return same_but_for_time(before.payload.view(), now.payload.view());
  case measure::health:
    return same_health(before.payload.str(), now.payload.str(), bands);
  case measure::text:
  case measure::cpu:
  case measure::memory:
  case measure::counter:
    break;
  }
  const auto was = before.payload.view(), is = now.payload.view();
  if (was == is) return true;
  return !was.empty() && !is.empty() && close(whole_number(was), whole_number(is), now.compared, bands);
}

} // namespace senseflow::messages
