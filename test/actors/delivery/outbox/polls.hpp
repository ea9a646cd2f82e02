// A store that leaves out what has not changed, and the polls that go through it.
#pragma once

#include "test/actors/delivery/outbox/store.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::test {

using actors::on_change_options;
using messages::measure;

using values = std::map<std::string, std::string>; ///< topic -> payload

/// Polls of servers with a few values each.
struct poll_fixture : store_fixture {
  on_change_options on{true, true, {}, 10min};

  poll_fixture() { options.replay_delay = 0ms; }

  static messages::publication poll(const std::string& server, const values& xs, uint64_t epoch = 0) {
    messages::publication x;
    x.cls = item_class::health;
    x.origin = server;
    x.replaces = "health/" + server;
    if (epoch > 0) x.from = {"node", epoch, {}};
    for (const auto& [topic, payload] : xs)
      x.messages.push_back({server + "/" + topic, payload, 0, false, 0, false, measure::cpu});
    return x;
  }

  void configure(store& s) { s.last_sent().configured(std::make_shared<const on_change_options>(on)); }
  void connect(store& s, uint32_t slot = 0, uint32_t window = 100) {
    s.publisher_here(slot, true, window, {}, true);
  }
  void disconnect(store& s, uint32_t slot = 0) { s.publisher_here(slot, false, 0, {}); }

  /// What goes out, as "topic=payload".
  static strings texts(const std::vector<messages::outgoing>& xs) {
    strings result;
    for (const auto& x : xs)
      for (const auto& m : x.content->messages) result.push_back(m.topic.str() + "=" + m.payload.str());
    return result;
  }
  strings deliver(store& s) {
    strings result;
    for (uint32_t slot : {0u, 1u}) {
      const auto sent = s.take(slot);
      s.settle(slot, settle_all(sent, outcome::written));
      for (auto& x : texts(sent)) result.push_back(std::move(x));
    }
    return result;
  }
  strings deliver(store& s, messages::publication x) {
    put(s, std::move(x));
    return deliver(s);
  }

  uint64_t unchanged() { return line(item_class::health).filtered["unchanged"]; }
};

} // namespace senseflow::test
