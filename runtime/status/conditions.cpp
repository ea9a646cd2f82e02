#include "runtime/status/conditions.hpp"

#include "runtime/status/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using messages::item_class;

std::chrono::milliseconds since(const facts& x, caf::timestamp then) {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(x.at - then), 0ms);
}

std::chrono::milliseconds uptime(const facts& x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(x.when - x.began);
}

// --- one function for each; they add what holds ----------------------------------------------------

using list = std::vector<condition>;

/// Publishers have been away since the last of them lost its connection.
void broker_away(const facts& x, list& to) {
  constexpr auto at_start = 5s;
  if (x.broker_connected()) return;
  auto away = x.started;
  const broker_notice* last = nullptr;
  for (const auto& [slot, b] : x.brokers) {
    away = std::max(away, b.since);
    if (!last || b.trouble_at > last->trouble_at) last = &b;
  }
  const auto how_long = since(x, away);
  const bool never = !last || last->address.empty();
  if (never && how_long < at_start && (!last || last->trouble.empty())) return;
  const auto trouble = last && !last->trouble.empty() ? " " + last->trouble : std::string{};
  to.push_back({"broker_away", "", how_long >= 60s ? severity::critical : severity::warning,
                fmt::format("No broker {} for {}.{}", never ? "has been reached" : "is connected",
                            in_words(how_long), trouble),
                "Check that the broker runs, can be reached from here and accepts this client. Events wait "
                "meanwhile and are published when it is back.",
                away});
}

void events_lost(const trends& t, list& to) {
  const auto& x = t.lost_lately;
  if (x.total() == 0) return;
  std::vector<std::string> parts;
  for (const auto& [reason, n] : x.by_reason) parts.push_back(fmt::format("{} {}", reason, n));
  if (x.kernel_drops > 0) parts.push_back(fmt::format("receive buffer full {}", x.kernel_drops));
  if (x.lost_before > 0)
    parts.push_back(fmt::format("lost when the previous process was killed {}", x.lost_before));
  to.push_back({"events_lost",
                "",
                severity::warning,
                fmt::format("{} item{} lost in the last hour: {}.", x.total(), x.total() == 1 ? "" : "s",
                            fmt::join(parts, ", ")),
                x.kernel_drops > 0
                    ? "Enlarge udpServerConfig.receiveBuffer (and net.core.rmem_max). The README's "
                      "table of reasons says what each of the others means."
                    : "The README's table of reasons says what each means; the log has the first "
                      "of them with its cause.",
                {}});
}

void backlog(const facts& x, list& to) {
  const auto age = x.oldest_pending();
  if (age < 10min) return;
  to.push_back(
      {"backlog", "", severity::warning,
       fmt::format("{} events wait, the oldest for {}.", x.pending_events(), in_words(age)),
       x.broker_connected()
           ? "The broker takes less than arrives, or a backlog is being worked off: see the bottleneck, and "
             "delivery.replay.rate."
           : "They are published when a broker is connected again.",
       x.at - age});
}

void spool_failing(const facts& x, list& to) {
  const auto& s = x.spool_trouble;
  if (s.since == caf::timestamp{}) return;
  to.push_back({"spool_failing", "", x.broker_connected() ? severity::warning : severity::critical,
                fmt::format("Nothing can be stored in the spool for {}: {}.", in_words(since(x, s.since)),
                            s.problem.empty() ? "its disk does not answer" : s.problem),
                "See that the disk of delivery.spool.path answers, has room and can be written. It is tried "
                "again all the time; meanwhile events are only in memory.",
                s.since});
}

void spool_almost_full(const facts& x, const trends& t, list& to) {
  if (!x.spool) return;
  const auto room = x.spool_room();
  if (room == 0) {
    to.push_back(
        {"spool_almost_full",
         "",
         x.pending_events() > 0 ? severity::critical : severity::warning,
         fmt::format("The spool can take nothing: {} are free on its disk.", in_bytes(x.spool->free_bytes)),
         "Free disk space: delivery.spool.minFreeBytes keeps the spool from taking the last of it. "
         "What can't wait in memory for the broker is lost.",
         {}});
    return;
  }
  const auto full = static_cast<double>(x.spool->bytes) / static_cast<double>(room);
  if (full <= 0.8) return;
  const auto left =
      t.disk_growth > 1 ? static_cast<double>(room - std::min(room, x.spool->bytes)) / t.disk_growth : 0;
  to.push_back(
      {"spool_almost_full",
       "",
       full > 0.95 ? severity::critical : severity::warning,
       fmt::format("The spool holds {} of the {} that it may take ({:.0f} %){}.", in_bytes(x.spool->bytes),
                   in_bytes(room), full * 100,
                   left > 0 ? fmt::format(", full in {}", in_words(std::chrono::milliseconds(
                                                              static_cast<int64_t>(left * 1e3))))
                            : ""),
       room < x.settings.spool_limit
           ? "Free disk space: delivery.spool.minFreeBytes keeps the spool from taking more. When it is full "
             "the oldest events are dropped."
           : "Raise delivery.spool.maxBytes, or bring the broker back. When it is full the oldest events "
             "are dropped.",
       {}});
}

std::string what_to_check(const std::string& error) {
  if (error == "dns") return "Check the host name in serversToMonitor and the name server.";
  if (error == "refused")
    return "Check that the server and its services run, and that its port is open from here.";
  if (error == "timeout")
    return "Check that the server and its engine service run, and that a firewall lets TCP port 4747 "
           "through.";
  if (error == "tls" || error == "certificate")
    return "Check the certificates in cert: exported from this site, for this host, and not expired.";
  if (error == "http_status")
    return "Check that the client certificate is accepted, and the virtual proxy's name.";
  return "The log has the details.";
}

void servers_offline(const facts& x, list& to) {
  for (const auto& name : x.settings.servers) {
    const auto i = x.servers.find(name);
    if (i == x.servers.end() || x.components.count("polling/" + name) == 0) continue;
    const auto& state = i->second.state;
    if (!state || state->state != messages::server_state::offline) continue;
    to.push_back({"server_offline", name, severity::warning,
                  fmt::format("{} is offline ({}: {}).", name, state->api, state->error),
                  what_to_check(state->error), state->since});
  }
}

void polls_late(const trends& t, list& to) {
  const auto all = t.lateness.count(), late = t.lateness.above(1);
  if (all == 0 || late * 100 < all || late == 0) return;
  to.push_back(
      {"polls_late",
       "",
       severity::warning,
       fmt::format("{} of {} polls of the last 5 min began more than 1 s late.", late, all),
       "The machine has too little processor time for this: give it more, poll less often, or share the "
       "servers with further nodes.",
       {}});
}

void components_restarting(const facts& x, const trends& t, list& to) {
  for (const auto& [name, c] : x.components) {
    const auto i = t.failures.find(name);
    const auto lately = i == t.failures.end() ? 0 : i->second;
    const bool now = c.now == component_notice::phase::restarting;
    if (!now && lately <= 3) continue;
    to.push_back(
        {"component_restarting", name, severity::warning,
         now ? fmt::format("{} has failed ({}) and is about to be restarted.", name, c.cause)
             : fmt::format("{} was restarted {} times within 15 min, the last time because: {}.", name,
                           lately, c.cause),
         "The log has each failure. Nothing is lost over it; if it goes on the process ends, for the "
         "service manager to restart. Please report it with the log.",
         now ? c.failed_at : caf::timestamp{}});
  }
}

void reload_failed(const facts& x, list& to) {
  if (!x.reload || x.reload->result != "faulty") return;
  to.push_back(
      {"reload_failed", "", severity::warning,
       fmt::format("The last reload was refused: {} The previous settings stay in use.", x.reload->text),
       "Correct the file (senseflow --check-config names all faults), then reload again.", x.reload->at});
}

void certificates_expire(const facts& x, list& to) {
  for (const auto& c : x.certificates) {
    const auto left = c.expires - x.at;
    if (left > 21 * 24h) continue;
    const auto days = std::chrono::duration_cast<std::chrono::hours>(left).count() / 24;
    const bool over = left <= caf::timespan{0};
    to.push_back(
        {"certificate_expires", c.name(), left < 3 * 24h ? severity::critical : severity::warning,
         over ? fmt::format("The {} {} has expired.", c.use, c.name())
              : fmt::format("The {} {} expires in {} day{}.", c.use, c.name(), days, days == 1 ? "" : "s"),
         c.file.empty() ? "Renew it on that server; if the new one comes from another CA, add that CA to the "
                          "configuration."
                        : "Replace the file with a renewed one, then reload; a credential of systemd counts "
                          "after a restart.",
         over ? c.expires : c.expires - 21 * 24h});
  }
}

std::chrono::milliseconds silent_for(const facts& x, const trends& t, item_class c) {
  auto last = x.started;
  if (const auto i = t.seen.find(c); i != t.seen.end())
    for (const auto& [source, when] : i->second) last = std::max(last, when);
  return std::min(since(x, last), uptime(x));
}

void events_silent(const facts& x, const trends& t, list& to) {
  const auto in_use = std::any_of(x.servers.begin(), x.servers.end(), [](const auto& i) {
    const auto& s = i.second;
    return s.state && s.state->state == messages::server_state::online && s.sessions.value_or(0) > 0;
  });
  if (!in_use) return;
  for (const auto& [c, port] : x.settings.ports) {
    const auto silent = silent_for(x, t, c);
    if (silent < 15min) continue;
    const bool users = c == item_class::user_event;
    to.push_back(
        {"events_silent", port_name(c), users ? severity::warning : severity::info,
         fmt::format("No {} for {}, though there are sessions.", port_name(c), in_words(silent)),
         fmt::format("Check the log appenders on the Sense nodes, and that UDP port {} can be reached from "
                     "them.{}",
                     port, users ? "" : " A quiet site may have nothing to log."),
         x.at - silent});
  }
}

void name_shared(const facts& x, list& to) {
  if (x.namesake.at == caf::timestamp{} || since(x, x.namesake.at) >= 10min) return;
  to.push_back({"name_shared",
                "",
                severity::warning,
                fmt::format("Another program at this broker says that it is node {}{}.", x.node,
                            x.namesake.instance.empty() ? "" : ", instance " + x.namesake.instance),
                "Give each program a `node` of its own: these publish to the same topics.",
                {}});
}

/// Together with the publishers it is away with the broker: that is told already.
void listener_deaf(const facts& x, list& to) {
  constexpr auto soon = 5s;
  const auto& l = x.listener;
  const auto how_long = since(x, l.since);
  if (l.unheard.empty() || how_long < soon || !x.broker_connected()) return;
  if (x.components.count("inbound/listener") == 0) return; // a reload has switched it off
  to.push_back(
      {"listener_deaf", "", severity::warning,
       fmt::format("Not heard from the broker for {}: {}.{}", in_words(how_long), fmt::join(l.unheard, ", "),
                   l.trouble.empty() ? "" : " " + l.trouble),
       "These have no effect meanwhile. Check that the broker accepts another client of this user (its "
       "id ends in -listener), and that this one may read there. It is tried again by itself.",
       l.since});
}

void log_storms(const trends& t, list& to) {
  constexpr uint64_t many = 1000;
  for (const auto& [host, n] : t.folded)
    if (n >= many)
      to.push_back({"log_storm",
                    host,
                    severity::warning,
                    fmt::format("{} repeats itself: {} log events within 5 min were folded.", host, n),
                    "The messages below storms/ say what is repeated, how often, with a sample.",
                    {}});
}

void accounting_fault(const facts& x, list& to) {
  if (x.ledger_faults == 0) return;
  to.push_back(
      {"accounting_fault",
       "",
       severity::warning,
       fmt::format("{} accounting faults: the ledger's numbers can't be relied on.", x.ledger_faults),
       "The program has a defect: please report it, with the first 'accounting fault' in the log.",
       {}});
}

/// What analyses have found.
void alarms(const facts& x, list& to) {
  for (const auto& [who, all] : x.alarms)
    for (const auto& a : all)
      to.push_back({a.id, a.subject, static_cast<severity>(a.how), a.text, a.next, a.since});
}

} // namespace

std::string_view to_string_view(severity x) {
  constexpr std::string_view names[] = {"info", "warning", "critical"};
  return names[static_cast<size_t>(x)];
}

const std::vector<std::string_view>& condition_ids() {
  static const std::vector<std::string_view> all{
      "broker_away",          "events_lost",       "backlog",
      "spool_almost_full",    "server_offline",    "polls_late",
      "component_restarting", "reload_failed",     "certificate_expires",
      "events_silent",        "name_shared",       "accounting_fault",
      "service_silent",       "datagrams_missing", "clock_skewed",
      "memory_runaway",       "log_storm",         "device_disputed",
      "spool_failing",        "listener_deaf"};
  return all;
}

std::vector<condition> conditions_of(const facts& x, const trends& t) {
  std::vector<condition> result;
  broker_away(x, result);
  events_lost(t, result);
  backlog(x, result);
  spool_failing(x, result);
  spool_almost_full(x, t, result);
  servers_offline(x, result);
  polls_late(t, result);
  components_restarting(x, t, result);
  reload_failed(x, result);
  certificates_expire(x, result);
  events_silent(x, t, result);
  name_shared(x, result);
  listener_deaf(x, result);
  log_storms(t, result);
  accounting_fault(x, result);
  alarms(x, result);
  return result;
}

} // namespace senseflow::runtime
