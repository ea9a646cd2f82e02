#include "messages/rules/performance_filter.hpp"

#include <algorithm>

namespace senseflow::messages {

namespace {

bool any_matches(const std::vector<app_match>& apps, const qix_perf_log& event, const std::string& app_name) {
  return std::any_of(apps.begin(), apps.end(),
                     [&](const app_match& x) { return x.matches(event.raw_app_id, app_name); });
}

} // namespace

bool name_filter::accepts(const std::string& name) const {
  return all ? exclude.count(name) == 0 : include.count(name) > 0;
}

bool app_match::matches(const std::string& app_id, const std::string& app_name) const {
  return (!id || *id == app_id) && (!name || *name == app_name);
}

bool performance_filter::accepts(const qix_perf_log& event, const std::string& app_name) const {
  if (!enable) return false;
  const auto accepts_event = [&](const app_filter& x) {
    return any_matches(x.include, event, app_name) && x.object_type.accepts(event.object_type) &&
           x.object.accepts(event.object_id) && x.method.accepts(event.method);
  };
  const auto& specific = app_specific.filters;
  if (app_specific.enable && std::any_of(specific.begin(), specific.end(), accepts_event)) return true;
  return all_apps.enable && !any_matches(all_apps.exclude, event, app_name) &&
         all_apps.object_type.accepts(event.object_type) && all_apps.method.accepts(event.method);
}

} // namespace senseflow::messages
