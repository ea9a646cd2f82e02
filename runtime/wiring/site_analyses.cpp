#include "runtime/wiring/site_analyses.hpp"

#include "messages/insights/certificates.hpp"
#include "messages/insights/clocks.hpp"
#include "messages/insights/losses.hpp"
#include "messages/insights/silence.hpp"
#include "messages/insights/unmatched_machines.hpp"
#include "runtime/http/url.hpp"
#include "runtime/wiring/options.hpp"

#include <string_view>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace messages::insights;
using messages::item_class;
using settings = config::settings;

/// A server that is polled so often has been asked within this time, if all is well.
std::chrono::milliseconds fresh(const settings& s) {
  return 3 * s.monitor.polling_interval + 2 * s.actors.pollers.timeout;
}

/// Of the ports that are switched on.
arrival_list arrivals_of(const notices& x, bool users, bool logs) {
  arrival_list result;
  for (const auto& [port, list] : x.arrivals.all())
    if (port == item_class::user_event ? users : logs)
      result.insert(result.end(), list->begin(), list->end());
  return result;
}

arrivals_view::port port_of(const notices& x, item_class which) {
  const auto all = x.ports.all();
  const auto i = all.find(which);
  return i == all.end() ? arrivals_view::port{false, {}}
                        : arrivals_view::port{i->second.open, i->second.full, i->second.not_followed};
}

clocks_view clocks_of(const notices& x, bool users, bool logs,
                      const std::shared_ptr<const server_of_host>& hosts) {
  clocks_view result;
  for (const auto& [server, notice] : x.servers.all())
    if (notice.clock) result.answers[server] = *notice.clock;
  result.arrivals = arrivals_of(x, users, logs);
  result.hosts = hosts;
  return result;
}

std::vector<seen_certificate> certificates_of(observer& x) {
  std::vector<seen_certificate> result;
  for (const auto& c : x.certificates()) {
    const bool file = !c.file.empty();
    result.push_back({file ? "file " + c.file : c.of, file ? c.use : "", c.subject, c.issuer, c.expires});
  }
  return result;
}

} // namespace

server_of_host hosts_of(const settings& s) {
  std::vector<named_server> servers;
  for (const auto& x : s.monitor.servers) {
    named_server to{x.name, {without_port(x.host)}};
    if (s.user_sessions.enable && x.user_sessions.enable)
      to.hosts.push_back(without_port(x.user_sessions.host));
    for (const auto& [name, value] : x.tags)
      if (name == "host") to.hosts.push_back(value);
    servers.push_back(std::move(to));
  }
  return {servers, s.insights.hosts};
}

bool follows_arrivals(const settings& s) { return s.insights.silence.enable || s.insights.clock.enable; }

std::vector<actors::analysis_spec> site_analyses(const settings& s, const site_notes& from,
                                                 const section_texts& texts) {
  const auto hosts = std::make_shared<const server_of_host>(hosts_of(s));
  const auto env = from.env;
  const bool users = s.user_events.enable, logs = s.log_events.enabled();
  const auto version = [&](std::string_view section) {
    return texts.of({section, "insights.hosts", "serversToMonitor", "userSessions.enableSessionExtract",
                     "userEvents.enable", "logEvents.source", "mqttConfig.baseTopic",
                     "mqttConfig.retain.state"});
  };
  std::vector<actors::analysis_spec> result;
  if (s.insights.silence.enable && (users || logs)) {
    silence_options o{s.insights.silence.after, s.insights.silence.expect, fresh(s)};
    result.push_back({"silence", version("insights.silence"), [=] {
                        return std::make_unique<silence>(o, [=] {
                          return arrivals_view{arrivals_of(env->notices, users, logs),
                                               port_of(env->notices, item_class::user_event),
                                               port_of(env->notices, item_class::log_event), hosts};
                        });
                      }});
    result.push_back(
        {"losses", texts.of({"userEvents.enable", "logEvents.source"}),
         [=] { return std::make_unique<losses>([=] { return arrivals_of(env->notices, users, logs); }); }});
  }
  if (follows_arrivals(s) && (users || logs) && !s.monitor.servers.empty())
    result.push_back({"machines", version("insights.hosts"), [=] {
                        return std::make_unique<unmatched_machines>(
                            [=] { return arrivals_of(env->notices, users, logs); }, hosts);
                      }});
  if (s.insights.clock.enable && !s.monitor.servers.empty()) {
    clock_options o{s.insights.clock.limit, [=] { return clocks_of(env->notices, users, logs, hosts); },
                    [=](auto x) { env->notices.clocks.store(std::move(x)); }};
    result.push_back({"clock", version("insights.clock"), [o] { return std::make_unique<clocks>(o); }});
  }
  if (s.insights.certificates.enable) {
    certificate_options o{node_name(s), [node = from.node, brokers = from.brokers] {
                            brokers->look(std::chrono::steady_clock::now());
                            return certificates_of(*node);
                          }};
    result.push_back({"certificates", version("insights.certificates") + o.node,
                      [o] { return std::make_unique<certificates>(o); }});
  }
  return result;
}

} // namespace senseflow::runtime
