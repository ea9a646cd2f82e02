// A node in good order, as facts, for tests of what is made of them.
#pragma once

#include "runtime/status/facts.hpp"

#include <string>

namespace senseflow::test {

/// One server that is online with sessions, both ports, a broker, a spool; running for a day.
inline runtime::facts healthy_node() {
  using namespace std::chrono_literals;
  using messages::item_class;
  runtime::facts x;
  x.node = "n1";
  x.version = "1.2.3";
  x.at = caf::timestamp{} + 20'000 * 24h;
  x.started = x.at - 24h;
  x.began = std::chrono::steady_clock::time_point{} + 1000h;
  x.when = x.began + 24h;
  x.phase = runtime::service_phase::running;
  x.settings.file = "senseflow.yaml";
  x.settings.loaded_at = x.started;
  x.settings.mode = "overflow";
  x.settings.servers = {"sense1"};
  x.settings.ports = {{item_class::user_event, 9997}, {item_class::log_event, 9996}};
  x.settings.memory_limit = 64u << 20;
  x.settings.spool_limit = 1000;
  x.settings.publishers = 1;
  x.settings.window = 64;
  x.spool = runtime::spool_figures{0, uint64_t{1} << 40, 0};
  x.brokers[0] = {true, "localhost:1883", x.started, "", {}, 64, 3};
  runtime::server_notice server;
  server.host = "sense1.example.com";
  server.state = messages::availability_sample{};
  server.state->since = x.started;
  server.state->last_good_poll = x.at - 5s;
  server.poll = 40ms;
  server.users = 3;
  server.sessions = 4;
  x.servers["sense1"] = server;
  x.components["polling/sense1"] = {};
  x.components["delivery/outbox"] = {};
  for (auto c : {item_class::user_event, item_class::log_event}) {
    x.ports[c] = {x.settings.ports[c], true, 8u << 20};
    auto& line = x.lines[static_cast<size_t>(c)]["host1"];
    line.received = 10;
    line.published = line.acknowledged = 10;
  }
  return x;
}

/// The same a while later.
inline void pass(runtime::facts& x, std::chrono::milliseconds t) {
  x.at += t;
  x.when += t;
}

} // namespace senseflow::test
