#include "runtime/appenders/appenders.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace senseflow::runtime::appenders {

namespace {

/// Qlik's, by the names that our patterns use.
const std::map<std::string, std::string> converter_types{
    {"rownum", "CounterPatternConverter"},
    {"longIso8601date", "Iso8601TimeOffsetPatternConverter"},
    {"hostname", "HostNamePatternConverter"},
    {"user", "ServiceUserNameCachedPatternConverter"},
    {"encodedmessage", "EncodedMessagePatternConverter"},
    {"encodedexception", "EncodedExceptionPatternConverter"}};

/// `%property{X}` for each of these names.
std::vector<std::string> properties(std::vector<std::string> names) {
  for (auto& x : names) x = "%property{" + x + "}";
  return names;
}

std::string pattern(const std::string& marker, const std::vector<std::string>& first,
                    const std::vector<std::string>& then) {
  auto all = first;
  all.insert(all.begin(), "/qseow-" + marker + "/");
  all.insert(all.end(), then.begin(), then.end());
  return fmt::format("{}", fmt::join(all, ";"));
}

/// Rows are counted up to 9999, then from 1 again.
std::vector<std::string> head(const std::vector<std::string>& more = {}) {
  std::vector<std::string> result{"%rownum{9999}", "%longIso8601date", "%date", "%level",
                                  "%hostname",     "%logger",          "%user"};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

appender user_events(const std::string& name, const std::string& marker, std::vector<std::string> matches,
                     uint16_t port) {
  auto fields = properties({"Command", "UserDirectory", "UserId", "Origin", "Context"});
  fields.emplace_back("%message");
  return {name,
          std::move(matches),
          "",
          port,
          {"hostname"},
          pattern(marker, {"%hostname"}, fields),
          {"AuditActivity.Proxy"}};
}

appender log_events(const std::string& marker, uint16_t port, bool exception,
                    const std::vector<std::string>& fields, std::vector<std::string> loggers) {
  std::vector<std::string> texts{"%encodedmessage"};
  std::vector<std::string> converters{"rownum", "longIso8601date", "hostname", "user", "encodedmessage"};
  if (exception) {
    texts.emplace_back("%encodedexception");
    converters.emplace_back("encodedexception");
  }
  return {"SenseflowLog",    {}, "warn", port, converters, pattern(marker, head(texts), properties(fields)),
          std::move(loggers)};
}

appender performance_events(uint16_t port) {
  const auto fields =
      properties({"ProxySessionId", "ActiveUserDirectory", "ActiveUserId", "EngineTimestamp", "SessionId",
                  "DocId", "RequestId", "Method", "ProcessTime", "WorkTime", "LockTime", "ValidateTime",
                  "TraverseTime", "Handle", "ObjectId", "NetRAM", "PeakRAM", "ObjectType"});
  return {"SenseflowPerformance",
          {},
          "info",
          port,
          {"rownum", "longIso8601date", "hostname", "user"},
          pattern("qix-perf", head(), fields),
          {"QixPerformance.Engine.Engine"}};
}

const std::vector<std::string> service_fields{"UserDirectory", "UserId", "Command",
                                              "Result",        "Origin", "Context"};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  return result;
}

std::string param(std::string_view indent, std::string_view name, std::string_view value) {
  return fmt::format("{}<param name=\"{}\" value=\"{}\"/>\n", indent, escaped(name), escaped(value));
}

/// In the order that Qlik's services take: filters, parameters, layout; in it converters, then the pattern.
std::string xml_of(const appender& x, const std::string& host) {
  auto out = fmt::format("  <appender name=\"{}\" type=\"log4net.Appender.UdpAppender\">\n", escaped(x.name));
  for (const auto& m : x.matches)
    out += "    <filter type=\"log4net.Filter.StringMatchFilter\">\n" + param("      ", "stringToMatch", m) +
           "    </filter>\n";
  if (!x.matches.empty()) out += "    <filter type=\"log4net.Filter.DenyAllFilter\"/>\n";
  if (!x.threshold.empty()) out += param("    ", "threshold", x.threshold);
  out += param("    ", "remoteAddress", host) + param("    ", "remotePort", std::to_string(x.port)) +
         param("    ", "encoding", "utf-8");
  out += "    <layout type=\"log4net.Layout.PatternLayout\">\n";
  for (const auto& c : x.converters)
    out += "      <converter>\n" + param("        ", "name", c) +
           param("        ", "type", "Qlik.Sense.Logging.log4net.Layout.Pattern." + converter_types.at(c)) +
           "      </converter>\n";
  return out + param("      ", "conversionpattern", x.pattern) + "    </layout>\n  </appender>\n";
}

std::vector<uint16_t> ports_of(const std::vector<service>& all) {
  std::vector<uint16_t> result;
  for (const auto& x : all)
    for (const auto& a : x.all)
      if (std::find(result.begin(), result.end(), a.port) == result.end()) result.push_back(a.port);
  return result;
}

std::string ports_text(const std::vector<service>& all) {
  const auto ports = ports_of(all);
  return fmt::format("{} {}", ports.size() == 1 ? "port" : "ports", fmt::join(ports, " and "));
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

} // namespace

std::vector<service> services_for(const config::settings& s) {
  const auto& on = s.log_events.source;
  const auto port = s.log_events.udp.port;
  service engine{"Engine", {}}, proxy{"Proxy", {}}, repository{"Repository", {}}, scheduler{"Scheduler", {}};
  if (on.qix_perf) engine.all.push_back(performance_events(port));
  if (on.engine)
    engine.all.push_back(
        log_events("engine", port, false,
                   {"ProxySessionId", "ActiveUserDirectory", "ActiveUserId", "EngineTimestamp", "ProcessId",
                    "Exe Version", "Server Started", "Entry Type", "SessionId", "AppId"},
                   {"Performance.Engine", "System.Engine", "Session.Engine"}));
  if (s.user_events.enable) {
    const auto users = s.user_events.udp.port;
    proxy.all.push_back(user_events("SenseflowSession", "proxy-session",
                                    {"Start session for user", "Stop session for user"}, users));
    proxy.all.push_back(user_events("SenseflowConnection", "proxy-connection",
                                    {"connection Opened for session", "connection Closed for session"},
                                    users));
  }
  if (on.proxy)
    proxy.all.push_back(log_events("proxy", port, true, service_fields,
                                   {"Audit.Proxy", "AuditSecurity", "Security.Proxy", "System.Proxy"}));
  if (on.repository)
    repository.all.push_back(log_events("repository", port, true, service_fields,
                                        {"Service", "System.Repository", "UserManagement.Repository"}));
  if (on.scheduler)
    scheduler.all.push_back(log_events(
        "scheduler", port, true,
        {"UserDirectory", "UserId", "User", "TaskName", "AppName", "TaskId", "AppId", "ExecutionId"},
        {"Service", "System.Scheduler"}));
  std::vector<service> result;
  for (auto& x : {engine, proxy, repository, scheduler})
    if (!x.all.empty()) result.push_back(x);
  return result;
}

std::string to_xml(const service& x, const std::string& host) {
  std::string out = "<configuration>\n";
  for (const auto& a : x.all) out += xml_of(a, host);
  std::vector<std::pair<std::string, std::vector<std::string>>> loggers; // and the appenders of each
  for (const auto& a : x.all)
    for (const auto& name : a.loggers) {
      auto i = std::find_if(loggers.begin(), loggers.end(), [&](const auto& l) { return l.first == name; });
      if (i == loggers.end()) i = loggers.insert(loggers.end(), {name, {}});
      i->second.push_back(a.name);
    }
  for (const auto& [name, of] : loggers) {
    out += fmt::format("  <logger name=\"{}\">\n", escaped(name));
    for (const auto& a : of) out += fmt::format("    <appender-ref ref=\"{}\"/>\n", escaped(a));
    out += "  </logger>\n";
  }
  return out + "</configuration>\n";
}

std::string doubts(const config::settings& s, const std::string& host) {
  std::string result;
  if (is_loopback(host))
    result += fmt::format(
        "{} means each Sense server itself: name this machine as the Sense servers know it.\n", host);
  const auto look_at = [&](bool on, const char* section, const config::udp_settings& udp) {
    if (!on) return;
    if (is_loopback(udp.server_host) && !is_loopback(host))
      result +=
          fmt::format("{0}.udpServerConfig.serverHost is {1}: nothing from other machines arrives there. "
                      "Set it to 0.0.0.0, or to an address of this machine.\n",
                      section, udp.server_host);
    if (udp.enable_source_validation)
      result +=
          fmt::format("{0}.udpServerConfig.allowedSources has to name every node that sends (now: {1}).\n",
                      section, fmt::join(udp.allowed_sources, ", "));
  };
  look_at(s.user_events.enable, "userEvents", s.user_events.udp);
  look_at(s.log_events.enabled(), "logEvents", s.log_events.udp);
  return result;
}

std::string instructions(const std::vector<service>& all, const config::settings& s,
                         const std::string& host) {
  std::string copies;
  for (const auto& x : all)
    copies += fmt::format("     {0}\\LocalLogConfig.xml  ->  %ProgramData%\\Qlik\\Sense\\{0}\\\n", x.name);
  auto out =
      fmt::format("These files make Qlik Sense send its events to {}, UDP {}.\n\n"
                  "Do this on every node of the Sense site:\n\n"
                  "1. Copy the files of those services that run on the node:\n{}\n"
                  "   Where there is such a file already (Butler SOS needs one, too), do not replace it, "
                  "since a service\n"
                  "   reads one file only: copy the <appender> elements of ours into it, and our "
                  "<appender-ref> lines into\n"
                  "   its <logger> elements of the same names; loggers that it lacks, as a whole. The "
                  "<appender> elements\n"
                  "   stand before the <logger> elements.\n\n"
                  "2. The services usually notice the file by themselves. If nothing arrives within some "
                  "minutes, restart\n"
                  "   the service (Engine: this ends the sessions of its users). A file that Qlik does not "
                  "accept is named\n"
                  "   in the System log of the service, in %ProgramData%\\Qlik\\Sense\\Log.\n\n"
                  "3. Let UDP through to {}, {}, in all firewalls on the way.\n\n",
                  host, ports_text(all), copies, host, ports_text(all));
  int step = 4;
  if (s.log_events.source.qix_perf)
    out += fmt::format(
        "{}. Performance events come only when the engine writes them: in the QMC open Engines, the\n"
        "   node, Logging, and set \"QIX performance log level\" to Debug. On every node; nothing else\n"
        "   makes them come.\n\n",
        step++);
  out +=
      fmt::format("{}. See what arrives. On the machine of senseflow, while the service is stopped:\n"
                  "     senseflow probe -c FILE --listen 60\n"
                  "   and log in to Sense meanwhile.\n\n"
                  "If some warnings and errors do not come: on some sites it has helped to write\n"
                  "<threshold value=\"warn\"/> in the place of <param name=\"threshold\" value=\"warn\"/>.\n",
                  step);
  return out;
}

} // namespace senseflow::runtime::appenders
