#include "runtime/probe/port_checks.hpp"

#include "runtime/probe/arrivals.hpp"
#include "runtime/probe/reach.hpp"
#include "runtime/udp/bind.hpp"
#include "runtime/udp/socket.hpp"
#include "runtime/udp/source_list.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto name_patience = 5s;
constexpr size_t at_a_time = 1000;

struct event_port {
  messages::event_port which;
  const char* subject;
  const char* section;
  const config::udp_settings& udp;
};

std::string mebibytes(size_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

/// Empty: its address is not known, which has been written.
std::vector<ip_address> own_addresses(const event_port& p, const tools& with, notebook& to) {
  if (const auto figures = parse_address(p.udp.server_host)) return {*figures};
  auto answer = look_up(*with.names, p.udp.server_host, name_patience);
  if (answer.addresses.empty())
    to.add(failed("port", "name_unknown", p.udp.server_host, "the host to listen on has no address",
                  fmt::format("Use 0.0.0.0 or an address of this machine in {}.udpServerConfig.serverHost.",
                              p.section)));
  return answer.addresses;
}

/// Those who may send, as the service knows them.
source_list sources_of(const event_port& p, const tools& with, notebook& to) {
  if (!p.udp.enable_source_validation) return {};
  source_list result{p.udp.allowed_sources};
  size_t unknown = 0;
  for (const auto& name : result.names()) {
    const auto answer = look_up(*with.names, name, name_patience);
    result.learn(answer, clock::now());
    if (!answer.addresses.empty()) continue;
    ++unknown;
    to.add(failed(
        "allowed sources", "source_unknown", name,
        "this allowed source has no address: its events are refused",
        fmt::format("Correct it in {}.udpServerConfig.allowedSources, or make the name known.", p.section)));
  }
  if (unknown == 0)
    to.add(good("allowed sources", fmt::format("{}, all have addresses", p.udp.allowed_sources.size())));
  return result;
}

void note_buffer(const event_port& p, size_t granted, notebook& to) {
  const auto fact =
      fmt::format("{} of {} granted", mebibytes(granted), mebibytes(p.udp.receive_buffer_bytes));
  if (granted >= p.udp.receive_buffer_bytes) return to.add(good("receive buffer", fact));
  to.add(warning(
      "receive buffer", "receive_buffer", fact, "the kernel allows no more: bursts of events may get lost",
      fmt::format("sysctl -w net.core.rmem_max={0}, and the same line in /etc/sysctl.d/ for the next start "
                  "(net.core.rmem_max={0}).",
                  p.udp.receive_buffer_bytes)));
}

void listen_at(const event_port& p, const tools& with, const udp_options& o, std::chrono::seconds listen,
               source_list sources, notebook& to) {
  const auto opened = open_udp(o);
  if (!opened.source) return to.add(failed("events", "port_unusable", {}, opened.error, "Try again."));
  actors::datagram_guard_options guard;
  guard.max_bytes = p.udp.max_message_size_bytes;
  guard.max_per_minute = p.udp.rate_limit.enable ? p.udp.rate_limit.max_messages_per_minute : 0;
  guard.validate_source = p.udp.enable_source_validation;
  arrivals heard{p.which, actors::datagram_guard{guard, std::move(sources)}};
  for (const auto until = clock::now() + listen; clock::now() < until; std::this_thread::sleep_for(20ms))
    for (const auto& x : opened.source->take(at_a_time)) heard.note(x, clock::now());
  for (auto& x : heard.judge(with.settings, listen)) to.add(std::move(x));
  if (const auto drops = opened.source->counters().kernel_drops; drops > 0)
    to.add(warning("drops", "kernel_drops", fmt::format("{} datagrams", drops),
                   "the receive buffer was full: the kernel dropped them",
                   fmt::format("Enlarge {}.udpServerConfig.receiveBuffer.", p.section)));
}

void look_at_port(const event_port& p, const tools& with, std::chrono::seconds listen, notebook& to) {
  udp_options o;
  o.host = p.udp.server_host;
  o.port = p.udp.port;
  o.receive_buffer_bytes = p.udp.receive_buffer_bytes;
  o.addresses = own_addresses(p, with, to);
  if (o.addresses.empty()) return;
  auto sources = sources_of(p, with, to);
  {
    const auto bound = bind_udp(o);
    if (!bound.fd) {
      auto taken = judge_taken(bound.error, user_of_udp_port(p.udp.port), services());
      const auto ours = taken.result == outcome::good || taken.result == outcome::warning;
      to.add(std::move(taken));
      return to.add(
          skipped("events", ours ? fmt::format("senseflow has the port; what came to it is in its ledger: "
                                               "{}senseflow/{}/ledger",
                                               with.settings.mqtt.base_topic, node_name(with.settings))
                                 : "not listened for, since the port can't be opened"));
    }
    to.add(good("port", fmt::format("{}:{} is free", p.udp.server_host, bound.port)));
    note_buffer(p, bound.receive_buffer_bytes, to);
  }
  if (listen == 0s)
    to.add(skipped("events", "not listened for: --listen 30 does, for 30 s"));
  else
    listen_at(p, with, o, listen, std::move(sources), to);
}

} // namespace

finding judge_taken(const std::string& words, const std::optional<udp_user>& by,
                    const std::vector<pid_t>& here) {
  if (!by) return failed("port", "port_unusable", {}, words, "Check host and port of udpServerConfig.");
  const auto ours = by->name == "senseflow" || by->name == "systemd" || (by->pid == 0 && !here.empty());
  const auto pid = by->pid == 0 && !here.empty() ? here.front() : by->pid;
  if (!ours)
    return failed("port", "port_taken",
                  by->pid == 0 ? "in use by a process of another user"
                               : fmt::format("in use by {} (pid {})", by->name, by->pid),
                  "another program receives what Sense sends",
                  "Stop it, or choose another port here and in the "
                  "appenders. `ss -ulpn` shows who has which port.");
  const auto fact =
      fmt::format("in use by {} (pid {}), {} bytes wait, {} datagrams were dropped",
                  by->pid == 0 ? "senseflow" : by->name, pid, by->socket.waiting_bytes, by->socket.drops);
  if (by->socket.drops == 0) return good("port", fact);
  return warning("port", "kernel_drops", fact, "its receive buffer was full: the kernel dropped events",
                 "Enlarge receiveBuffer in udpServerConfig; see whether the service keeps up.");
}

std::vector<job> port_jobs(const tools_ptr& with, std::chrono::seconds listen) {
  const auto& s = with->settings;
  std::vector<event_port> all;
  if (s.user_events.enable)
    all.push_back({messages::event_port::user_events, "User events", "userEvents", s.user_events.udp});
  if (s.log_events.enabled())
    all.push_back({messages::event_port::log_events, "Log events", "logEvents", s.log_events.udp});
  std::vector<job> result;
  for (const auto& p : all) {
    const auto names = static_cast<int>(p.udp.allowed_sources.size()) + 1;
    result.push_back({fmt::format("{}, UDP port {}", p.subject, p.udp.port),
                      listen + names * name_patience + 5s,
                      [with, p, listen](notebook& to) { look_at_port(p, *with, listen, to); }});
  }
  return result;
}

} // namespace senseflow::runtime::probe
