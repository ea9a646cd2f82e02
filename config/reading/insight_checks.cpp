#include "config/reading/insight_checks.hpp"

namespace senseflow::config::reading {

void check_insights(const settings& s, findings& found) {
  const auto& source = s.log_events.source;
  const auto& storms = s.insights.storms;
  if (storms.enable && !source.engine && !source.proxy && !source.repository && !source.scheduler)
    found.warning(&storms.enable, "has no effect: no source of log events with messages is on",
                  "Set enable to true for one of logEvents.source, or remove it.");
  const auto& digest = s.insights.performance;
  if (digest.enable && !(source.qix_perf && s.log_events.performance.enable))
    found.warning(
        &digest.enable, "has no effect: no performance events are published",
        "Set logEvents.source.qixPerf.enable and logEvents.enginePerformanceMonitor.enable to true, "
        "or remove it.");
}

} // namespace senseflow::config::reading
