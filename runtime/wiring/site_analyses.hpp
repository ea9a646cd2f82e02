// From settings to the analyses that look at what actors have noted: silence, losses, clocks, certificates.
#pragma once

#include "actors/context.hpp"
#include "actors/insights/analyses.hpp"
#include "config/settings.hpp"
#include "messages/insights/server_of_host.hpp"
#include "runtime/wiring/broker_certificates.hpp"
#include "runtime/wiring/observer.hpp"
#include "runtime/wiring/section_texts.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Where they look; all may be null where only versions are wanted.
struct site_notes {
  actors::context_ptr env;
  std::shared_ptr<observer> node;
  std::shared_ptr<broker_certificates> brokers;
  std::function<bool(const std::string& server)> polled_here{}; ///< in a cluster; null: all are
};

/// Those that are switched on. Each keeps what it knows over other settings. `texts`: of these settings.
std::vector<actors::analysis_spec> site_analyses(const config::settings& s, const site_notes& from,
                                                 const section_texts& texts);

/// By the hosts of their engines and proxies, their tags, and what is said of machines.
messages::insights::server_of_host hosts_of(const config::settings& s);

/// Whether receivers have to note who sends.
bool follows_arrivals(const config::settings& s);

} // namespace senseflow::runtime
