#include "runtime/status/status.hpp"

#include "runtime/memory_reserve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace senseflow::runtime {

namespace {

std::string counted(size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

std::string summary(const std::vector<condition>& xs) {
  const auto count = [&](severity how) {
    return static_cast<size_t>(
        std::count_if(xs.begin(), xs.end(), [&](const auto& x) { return x.how == how; }));
  };
  const auto critical = count(severity::critical), warnings = count(severity::warning);
  if (critical > 0 && warnings > 0)
    return fmt::format("{}, {}.", counted(critical, "critical problem"), counted(warnings, "warning"));
  if (critical > 0) return counted(critical, "critical problem") + ".";
  return warnings > 0 ? counted(warnings, "warning") + "." : "All is well.";
}

} // namespace

std::string_view verdict_of(severity x) { return x == severity::info ? "ok" : to_string_view(x); }

node_status status_keeper::add(runtime::facts x) {
  node_status result;
  result.trends = trends_.add(x);
  result.bottleneck = bottleneck_of(x, result.trends);
  result.conditions = conditions_of(x, result.trends);
  std::map<key, caf::timestamp> since;
  auto worst = severity::info;
  for (auto& c : result.conditions) {
    const key k{c.id, c.subject};
    const auto before = since_.find(k);
    if (c.since == caf::timestamp{} || c.since > x.at)
      c.since = before == since_.end() ? x.at : std::min(before->second, x.at);
    since[k] = c.since;
    worst = std::max(worst, c.how);
  }
  since_ = std::move(since);
  std::stable_sort(result.conditions.begin(), result.conditions.end(), [](const auto& a, const auto& b) {
    return std::tuple(b.how, a.since) < std::tuple(a.how, b.since);
  });
  verdict_since_ = number_++ == 0 || worst != verdict_ ? x.at : std::min(verdict_since_, x.at);
  verdict_ = worst;
  result.verdict = {worst, verdict_since_, summary(result.conditions)};
  result.number = number_;
  result.facts = std::move(x);
  return result;
}

node_status status_watch::look() {
  std::lock_guard lock{mutex_};
  auto now = look_();
  const in_one_piece whole; // what is known of before is complete, or as it was
  return keeper_.add(std::move(now));
}

} // namespace senseflow::runtime
