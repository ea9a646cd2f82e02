// From settings to the analyst and its analyses.
#pragma once

#include "actors/app_table.hpp"
#include "actors/insights/analyses.hpp"
#include "actors/supervisor.hpp"
#include "config/settings.hpp"
#include "runtime/wiring/estates.hpp"
#include "runtime/wiring/site_analyses.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Those that are switched on and have something to look at. Each is made from the settings that its version names;
/// app names are looked up with each use. A pure function.
std::vector<actors::analysis_spec> analysis_specs(const config::settings& s,
                                                  const std::shared_ptr<actors::app_table>& apps,
                                                  const site_notes& site = {});

/// What the analyst is made from; "": there is nothing for it to do. `texts`: of these settings.
std::string analyst_version(const config::settings& s, const section_texts& texts);

/// The branch of the tree. Opens the feed to it, or closes it and forgets what was known.
std::vector<actors::child_spec> insight_children(const config::settings& s, service_estates& own,
                                                 const std::map<std::string, std::string>& versions);

/// What is switched on, in a line; "" if nothing is.
std::string describe_insights(const config::settings& s);

} // namespace senseflow::runtime
