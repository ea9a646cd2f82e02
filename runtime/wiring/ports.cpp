#include "runtime/wiring/ports.hpp"

#include "runtime/udp/bind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace senseflow::runtime {

port_shares share_out(const std::vector<known_socket>& sockets, uint16_t user_port, uint16_t log_port) {
  struct wish {
    const char* name;
    uint16_t port;
    std::optional<size_t> got;
  };
  std::array<wish, 2> wishes{
      {{port_names::user_events, user_port, {}}, {port_names::log_events, log_port, {}}}};
  const auto give = [&](auto is_right) {
    for (auto& w : wishes)
      for (size_t i = 0; i < sockets.size() && !w.got; ++i) {
        const bool taken = wishes[0].got == i || wishes[1].got == i;
        if (!taken && is_right(w, sockets[i])) w.got = i;
      }
  };
  const auto called = [](const wish& w, const known_socket& x) { return x.name == w.name; };
  const auto for_another = [&](const wish& w, const known_socket& x) {
    return std::any_of(wishes.begin(), wishes.end(),
                       [&](const wish& y) { return &y != &w && x.name == y.name; });
  };
  give(called);
  give([&](const wish& w, const known_socket& x) { return x.port == w.port && !for_another(w, x); });
  give([&](const wish& w, const known_socket& x) { return !for_another(w, x); });
  return {wishes[0].got, wishes[1].got};
}

service_ports::service_ports(std::vector<handed_over_socket> sockets, const config::settings& s) {
  std::vector<known_socket> known;
  std::vector<handed_over_socket> usable;
  for (auto& x : sockets) {
    const auto port = udp_port(x.fd);
    if (!port) {
      unused_.push_back(
          fmt::format("the service manager has handed over \"{}\", which is no UDP socket; it is "
                      "not used. Check the socket unit.",
                      x.name));
      continue;
    }
    known.push_back({x.name, *port});
    usable.push_back(std::move(x));
  }
  const auto shares = share_out(known, s.user_events.udp.port, s.log_events.udp.port);
  const auto take = [&](std::optional<size_t> i, const char* receiver, bool enabled) {
    if (!i) return;
    if (!enabled)
      unused_.push_back(
          fmt::format("the service manager has handed over UDP port {} for {}, which are switched "
                      "off; nobody reads from it",
                      known[*i].port, receiver == port_names::user_events ? "user events" : "log events"));
    handed_over_[receiver] = std::move(usable[*i].fd);
  };
  take(shares.user_events, port_names::user_events, s.user_events.enable);
  take(shares.log_events, port_names::log_events, s.log_events.enabled());
  for (size_t i = 0; i < usable.size(); ++i)
    if (usable[i].fd)
      unused_.push_back(
          fmt::format("the service manager has handed over UDP port {} (\"{}\"), too; it is not "
                      "used. One socket for user events and one for log events are.",
                      known[i].port, known[i].name));
}

port_opener service_ports::opener(std::shared_ptr<service_ports> ports, std::string receiver) {
  return [ports = std::move(ports), receiver = std::move(receiver)](const udp_options& o) {
    return ports->open(receiver, o);
  };
}

udp_opened service_ports::open(const std::string& receiver, const udp_options& o) {
  const auto i = handed_over_.find(receiver);
  auto result = i == handed_over_.end() ? open_udp(o) : open_handed_over(i->second, o);
  std::lock_guard lock{mutex_};
  tried_[receiver] = result.error;
  return result;
}

std::optional<std::string> service_ports::trouble(const std::string& receiver) const {
  std::lock_guard lock{mutex_};
  const auto i = tried_.find(receiver);
  return i == tried_.end() ? std::nullopt : std::optional{i->second};
}

} // namespace senseflow::runtime
