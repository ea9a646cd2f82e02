#include "runtime/probe/sense_checks.hpp"

#include "messages/items/app_names.hpp"
#include "messages/items/health_sample.hpp"
#include "messages/items/session_sample.hpp"
#include "runtime/http/url.hpp"
#include "runtime/probe/reach.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <cstdlib>
#include <future>
#include <utility>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;

constexpr std::time_t tolerated_skew = 10; // seconds
constexpr const char* export_advice = "Export the certificates of this Sense site again (QMC, Certificates: "
                                      "the machine's name, with secret key, PEM).";

std::string took(const http_response& x) { return duration_text(std::chrono::microseconds(x.duration_us)); }

/// Waits: for the client's own limits, and at most as long as all of its patience comes to.
http_response ask(const tools& with, const http_request& x) {
  const auto answered = std::make_shared<std::promise<http_response>>();
  auto result = answered->get_future();
  with.http->get(1, x, [answered](http_response r) { answered->set_value(std::move(r)); });
  if (result.wait_for(x.timeout * 4 + 5s) == std::future_status::ready) return result.get();
  http_response none;
  none.error = http_error::timeout;
  return none;
}

destination to_sense(const config::settings& s, const http_request& x, std::string service,
                     std::string setting) {
  destination result;
  const http_url url{x.url};
  result.host = url.part(CURLUPART_HOST);
  if (result.host.size() > 2 && result.host.front() == '[')
    result.host = result.host.substr(1, result.host.size() - 2);
  result.port = static_cast<uint16_t>(std::strtoul(url.part(CURLUPART_PORT).c_str(), nullptr, 10));
  result.service = std::move(service);
  result.setting = std::move(setting);
  result.verify = s.monitor.reject_unauthorized;
  result.ca_setting = "cert.clientCertCA";
  result.certificate_setting = "cert.clientCert and cert.clientCertKey";
  result.verify_setting = "serversToMonitor.rejectUnauthorized: false";
  result.certificate_advice = export_advice;
  const auto tls = sense_tls(s);
  result.tls =
      tls_question{result.host, tls.ca_file, tls.certificate_file, tls.key_file, tls.key_passphrase, {}};
  for (const auto& h : x.headers)
    if (!h.remove && ::strcasecmp(h.name.c_str(), "host") == 0)
      result.tls->server_name = without_port(h.value);
  return result;
}

/// An answer without a body to look at; `refused` says what 403 and 404 mean here.
finding no_answer(const std::string& check, const http_response& x, const std::string& service,
                  const std::string& setting, const std::pair<std::string, std::string>& refused) {
  const auto fact = x.status > 0 ? fmt::format("status {} after {}", x.status, took(x)) : std::string{};
  switch (x.error) {
  case http_error::timeout:
    return failed(
        check, "no_answer", fmt::format("no complete answer within {}", took(x)),
        fmt::format("{} takes the connection, but does not answer in time", service),
        fmt::format("See the health of {}; where it is just slow, raise actors.pollers.timeout.", service));
  case http_error::certificate:
    return failed(check, "client_certificate_refused", x.detail,
                  fmt::format("{} does not accept our client certificate", service), export_advice);
  case http_error::status:
    if (x.status == 401 || x.status == 403 || x.status == 404)
      return failed(check, fmt::format("status_{}", x.status), fact, refused.first, refused.second);
    return failed(check, fmt::format("status_{}", x.status), fact,
                  x.status >= 500 ? fmt::format("{} itself has trouble", service)
                                  : fmt::format("{} does not take the request", service),
                  x.status >= 500 ? fmt::format("See the logs of {}, and restart it.", service)
                                  : fmt::format("Check host, port and headers in {}.", setting));
  case http_error::too_large:
    return failed(check, "too_large", x.detail, "the answer is larger than senseflow takes",
                  "Raise actors.pollers.maxBodyBytes.");
  case http_error::redirects:
    return failed(
        check, "redirects", x.detail, "something else answers, and sends us elsewhere",
        fmt::format("Check host and port in {}: is it a reverse proxy, or a virtual proxy?", setting));
  default:
    return failed(check, std::string{to_string_view(x.error)}, x.detail,
                  fmt::format("the request to {} failed", service),
                  fmt::format("See the log of {}; check host and port in {}.", service, setting));
  }
}

finding no_json(const std::string& check, const http_response& x, const std::string& setting,
                const std::string& usual) {
  const auto at = x.body.find_first_not_of(" \t\r\n");
  const auto html = at != std::string::npos && x.body[at] == '<';
  return failed(check, "not_json", fmt::format("status 200 after {}, {} bytes", took(x), x.body.size()),
                html ? "a web page is answered, as by a login form or another web server"
                     : "what is answered is no JSON of Sense",
                fmt::format("Check host and port in {}: {} is usual.", setting, usual));
}

std::string text_of(const messages::json_scalar& x) { return x.text.empty() ? "unknown" : x.text; }

std::string whole(const messages::json_scalar& x) { return text_of(x).substr(0, x.text.find('.')); }

void look_at_server(const tools_ptr& with, const actors::sense_poller_options& o, notebook& to) {
  const auto& s = with->settings;
  path_finder way{with->names, to};
  bool clock_told = false;
  for (const auto& api : o.apis) {
    const auto is_health = api.cls == messages::item_class::health;
    const auto place = to_sense(s, api.request, is_health ? "the Sense engine" : "the Sense proxy",
                                fmt::format("serversToMonitor.servers ({}{})", o.server,
                                            is_health ? ", host" : ", userSessions.host"));
    const auto check = is_health ? std::string{"health"} : "sessions of " + api.virtual_proxy;
    if (!way.reach(place)) {
      to.add(skipped(check,
                     fmt::format("not asked, since {} can't be used", place_text(place.host, place.port))));
      continue;
    }
    const auto answer = ask(*with, api.request);
    to.add(is_health ? judge_health(answer, place.setting)
                     : judge_sessions(answer, api.virtual_proxy, place.setting));
    if (answer.server_time == 0 || std::exchange(clock_told, true)) continue;
    to.add(judge_clock(answer.server_time, std::time(nullptr)));
  }
}

} // namespace

finding judge_health(const http_response& x, const std::string& setting) {
  using messages::health_value;
  const std::string check = "health";
  if (x.error != http_error::none)
    return no_answer(check, x, "the Sense engine", setting,
                     {x.status == 404 ? "there is no health API at this address"
                                      : "the engine does not allow us to ask for its health",
                      x.status == 404
                          ? fmt::format("Use the engine's own port, usually 4747, in {}.", setting)
                          : std::string{export_advice} + " Check the headers of this server, too."});
  auto sample = messages::parse_health(x.body);
  if (!sample) return no_json(check, x, setting, "the engine's port 4747");
  const auto& version = (*sample)[health_value::version];
  const auto& memory = (*sample)[health_value::mem_committed];
  if (version.text.empty() && memory.text.empty())
    return failed(check, "not_health", fmt::format("status 200 after {}, JSON", took(x)),
                  "the answer holds neither a version nor memory: it does not come from a Sense engine",
                  fmt::format("Check host and port in {}: the engine's port 4747 is usual.", setting));
  const auto fact =
      fmt::format("status 200 after {}: engine {}, {} MB committed, {} sessions", took(x), text_of(version),
                  whole(memory), text_of((*sample)[health_value::session_total]));
  if ((*sample)[health_value::saturated].text == "true")
    return warning(check, "saturated", fact, "the engine says that it is saturated",
                   "See its load; its answers may become slow.");
  return good(check, fact);
}

finding judge_sessions(const http_response& x, const std::string& virtual_proxy, const std::string& setting) {
  const auto check = "sessions of " + virtual_proxy;
  if (x.error != http_error::none)
    return no_answer(
        check, x, "the Sense proxy", setting,
        {x.status == 404 ? fmt::format("the proxy knows no virtual proxy {}", virtual_proxy)
                         : fmt::format("the proxy does not let us see the sessions of {}", virtual_proxy),
         x.status == 404
             ? "Give its prefix as in the QMC (Virtual proxies, Prefix) in userSessions.virtualProxies; the "
               "one "
               "without a prefix is '/'."
             : "See that the virtual proxy is linked to this proxy service (QMC, Proxies), and that "
               "the certificates are those of this site."});
  auto sample = messages::parse_sessions(x.body);
  if (!sample) return no_json(check, x, setting, "the proxy's port 4243");
  return good(check, fmt::format("status 200 after {}: {} sessions", took(x), sample->sessions.size()));
}

finding judge_apps(const http_response& x, const std::string& setting) {
  const std::string check = "app names";
  if (x.error != http_error::none)
    return no_answer(check, x, "the Sense repository", setting,
                     {x.status == 404 ? "there is no repository API at this address"
                                      : "the repository does not allow us to list apps",
                      x.status == 404
                          ? fmt::format("Use the repository's own port, usually 4242, in {}.", setting)
                          : std::string{export_advice}});
  auto names = messages::parse_app_list(x.body);
  if (!names) return no_json(check, x, setting, "the repository's port 4242");
  return good(check, fmt::format("status 200 after {}: {} apps", took(x), names->size()));
}

finding judge_clock(std::time_t theirs, std::time_t ours) {
  const auto apart = theirs > ours ? theirs - ours : ours - theirs;
  const auto fact = fmt::format("its clock is {} s {} ours", apart, theirs > ours ? "ahead of" : "behind");
  if (apart <= tolerated_skew) return good("clock", apart <= 1 ? "agrees with ours" : fact);
  return warning("clock", "clock", fact, "the clocks of this machine and of the server differ",
                 "Set both by the same time servers (NTP): certificates and timestamps depend on them.");
}

std::vector<job> sense_jobs(const tools_ptr& with) {
  const auto& s = with->settings;
  std::vector<job> result;
  for (auto& o : poller_options(s)) {
    const auto apis = static_cast<int>(o.apis.size());
    job x;
    x.subject = "Sense server " + o.server;
    x.limit = 2 * reach_limits{}.all() + apis * (s.actors.pollers.timeout * 4 + 6s);
    x.work = [with, o = std::move(o)](notebook& to) { look_at_server(with, o, to); };
    result.push_back(std::move(x));
  }
  if (s.app_names.enable)
    result.push_back(
        {"Sense repository", reach_limits{}.all() + s.actors.pollers.timeout * 4 + 6s, [with](notebook& to) {
           const std::string setting = "appNames.hostIP";
           const auto o = directory_options(with->settings);
           const auto place = to_sense(with->settings, o.request, "the Sense repository", setting);
           if (path_finder{with->names, to}.reach(place))
             to.add(judge_apps(ask(*with, o.request), setting));
           else
             to.add(skipped("app names", fmt::format("not asked, since {} can't be used",
                                                     place_text(place.host, place.port))));
         }});
  return result;
}

} // namespace senseflow::runtime::probe
