#include "runtime/probe/arrivals.hpp"

#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace senseflow::runtime::probe {

namespace {

using messages::event_port;

std::string section_of(event_port x) { return x == event_port::user_events ? "userEvents" : "logEvents"; }

/// Names of the kinds whose source is switched off.
std::set<std::string> switched_off(const config::settings& s) {
  const auto& x = s.log_events.source;
  const std::vector<std::pair<bool, const char*>> all{{x.engine, "engine"},
                                                      {x.proxy, "proxy"},
                                                      {x.repository, "repository"},
                                                      {x.scheduler, "scheduler"},
                                                      {x.qix_perf, "qix-perf"}};
  std::set<std::string> result;
  for (const auto& [on, name] : all)
    if (!on) result.insert(name);
  return result;
}

} // namespace

std::string arrivals::kind_of(const datagram& x) const {
  if (port_ == event_port::user_events) {
    auto event = messages::parse_user_event(x.bytes);
    return !event ? "" : event->type == "qseow-proxy-session" ? "session" : "connection";
  }
  auto event = messages::parse_log_event(x.bytes);
  return event ? std::string{messages::topic_level(event->source)} : "";
}

void arrivals::note(const datagram& x, time_point now) {
  ++total_;
  auto i = senders_.find(x.from);
  if (i == senders_.end()) {
    if (senders_.size() >= most_senders) {
      ++others_;
      return;
    }
    i = senders_.emplace(x.from, sender{}).first;
  }
  auto reason = std::string{guard_.reject(x, now)};
  const auto kind = reason.empty() ? kind_of(x) : std::string{};
  if (!kind.empty()) {
    ++i->second.kinds[kind];
    kinds_.insert(kind);
    return;
  }
  if (reason.empty()) reason = "no_event";
  auto& refused = i->second.refused[reason];
  ++refused.count;
  refused.excerpt = messages::excerpt(x.bytes, 60);
  refused.hint = messages::looks_like(x.bytes, port_);
}

finding arrivals::judge_refusal(const std::string& from, const std::string& reason, const refusals& x) const {
  const auto check = "from " + from;
  const auto fact = fmt::format("{} refused, the last one: {}", x.count, x.excerpt);
  const auto settings = section_of(port_) + ".udpServerConfig";
  if (reason == "source_not_allowed")
    return failed(check, reason, fact, fmt::format("{} is not among the allowed sources", from),
                  fmt::format("If it is a Sense server, add {} to {}.allowedSources.", from, settings));
  if (reason == "rate_limit")
    return failed(check, reason, fact, "more events come than the configured rate limit lets through",
                  fmt::format("Raise {}.rateLimit.maxMessagesPerMinute, or switch it off.", settings));
  if (reason == "too_large")
    return failed(check, reason, fact, "they are larger than the configured maximum",
                  fmt::format("Raise {}.maxMessageSize.", settings));
  return failed(check, reason, fact,
                x.hint.empty() ? std::string{"it is no event of Sense"} : "it looks like " + x.hint,
                "See what sends it: the port and the conversion pattern in LocalLogConfig.xml on that server "
                "(`senseflow appenders` writes right ones).");
}

findings arrivals::judge(const config::settings& s, std::chrono::seconds listened) const {
  findings result;
  const auto port = port_ == event_port::user_events ? s.user_events.udp.port : s.log_events.udp.port;
  if (total_ == 0) {
    result.push_back(warning(
        "events", "nothing_arrives", fmt::format("nothing in {} s", listened.count()),
        "no appender on a Sense server sends here, a firewall drops UDP, or nothing has happened meanwhile",
        fmt::format("Log in to Sense to make something happen. `tcpdump -ni any udp port {}` shows whether "
                    "datagrams reach this machine. If not, see the firewalls and the appenders on the Sense "
                    "servers (`senseflow appenders` writes them).",
                    port)));
    return result;
  }
  const auto off = port_ == event_port::log_events ? switched_off(s) : std::set<std::string>{};
  for (const auto& [from, x] : senders_) {
    std::string fact, unwanted;
    for (const auto& [kind, n] : x.kinds) {
      fact += fmt::format("{}{} {}", fact.empty() ? "" : ", ", n, kind);
      if (off.count(kind) > 0) unwanted += (unwanted.empty() ? "" : ", ") + kind;
    }
    if (!unwanted.empty())
      result.push_back(
          warning("from " + from, "switched_off", fact,
                  fmt::format("events of {} come, but are not published", unwanted),
                  "Set logEvents.source.<source>.enable to true for them, or take the appender out."));
    else if (!fact.empty())
      result.push_back(good("from " + from, fact));
    for (const auto& [reason, refused] : x.refused) result.push_back(judge_refusal(from, reason, refused));
  }
  if (others_ > 0)
    result.push_back(good("others", fmt::format("{} datagrams of further senders, not looked at", others_)));
  if (port_ == event_port::log_events && s.log_events.source.qix_perf && kinds_.count("qix-perf") == 0)
    result.push_back(warning("performance events", "no_performance_events",
                             fmt::format("none in {} s", listened.count()),
                             "the engine writes them only where its log level for them is Debug",
                             "QMC, Engines, the node, Logging: set the QIX performance log level to Debug."));
  return result;
}

} // namespace senseflow::runtime::probe
