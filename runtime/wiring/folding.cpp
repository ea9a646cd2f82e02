#include "runtime/wiring/folding.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace senseflow::runtime {

namespace {

/// The encoder knows no names where the directory is off.
const messages::app_names& known(const actors::encoding_options& rules, const messages::app_names& apps) {
  static const messages::app_names none;
  return rules.app_names ? apps : none;
}

} // namespace

actors::event_folding_options folding_options(const config::settings& s) {
  actors::event_folding_options result;
  const auto& storms = s.insights.storms;
  if (storms.enable) result.storms = messages::storm_options{storms.rate, storms.window};
  const auto& digest = s.insights.performance;
  if (digest.enable)
    result.performance =
        messages::performance_digest_options{digest.window, digest.publish_above, digest.rows};
  return result;
}

actors::event_folding_lookups folding_lookups(std::shared_ptr<const actors::event_folding_rules> folding,
                                              std::shared_ptr<const actors::encoding_rules> rules,
                                              std::shared_ptr<const actors::app_table> apps) {
  actors::event_folding_lookups result;
  result.rules = std::move(folding);
  result.accepted = [rules, apps](const messages::log_event& x) {
    const auto now = rules->load();
    const auto table = apps->load();
    return messages::accepts(now->log_events, x, known(*now, *table));
  };
  result.app_name = [rules, apps](const std::string& id) {
    const auto now = rules->load();
    const auto table = apps->load();
    return messages::app_name_of(id, now->log_events, known(*now, *table));
  };
  return result;
}

std::vector<std::string> describe_folding(const config::settings& s) {
  const auto seconds = [](std::chrono::milliseconds x) { return static_cast<double>(x.count()) / 1000; };
  std::vector<std::string> result;
  const auto& storms = s.insights.storms;
  if (storms.enable && s.log_events.enabled())
    result.push_back(fmt::format("storms: beyond {} a second equal log events become one message every {} s",
                                 storms.rate, seconds(storms.window)));
  const auto& digest = s.insights.performance;
  if (digest.enable && s.log_events.source.qix_perf && s.log_events.performance.enable)
    result.push_back(
        fmt::format("performance events: a digest every {} s{}", seconds(digest.window),
                    digest.publish_above.count() > 0
                        ? fmt::format("; those above {} s are published, too", seconds(digest.publish_above))
                        : std::string{}));
  return result;
}

} // namespace senseflow::runtime
