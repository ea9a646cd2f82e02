// The real MQTT client with the events it reports, used as the publisher uses it.
#pragma once

#include "test/support/mqtt_events.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::test {

inline runtime::mqtt_options options_for(uint16_t port) {
  runtime::mqtt_options o;
  o.host = "127.0.0.1";
  o.port = port;
  o.client_id = "test-" + std::to_string(port);
  return o;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct publisher {
  using kind = runtime::mqtt_event::kind;

  explicit publisher(const runtime::mqtt_options& o, std::shared_ptr<runtime::resolver> names = {})
      : client(runtime::make_mqtt_client(o, std::move(names))) {
    client->on_event(events.wake());
  }

  bool connect() { return events.connect(*client); }

  /// As the publisher does after a loss: until it works.
  bool connect_again() {
    for (int tries = 0; tries < 20; ++tries)
      if (connect()) return true;
    return false;
  }

  std::string failure() {
    if (connect()) return {};
    return events.text(kind::connect_failed);
  }

  runtime::publish_result publish(uint64_t token, const messages::mqtt_message& m,
                                  const runtime::publish_properties& p = {}) {
    return client->publish(token, m, p);
  }

  /// The event that ended message `token`; none if it has not ended when time is up.
  runtime::mqtt_event outcome(uint64_t token, std::chrono::milliseconds within = std::chrono::seconds(20)) {
    runtime::mqtt_event result;
    const auto ended = [&](const std::vector<runtime::mqtt_event>& all) {
      for (const auto& e : all)
        if (e.token == token && e.what >= kind::delivered) {
          result = e;
          return true;
        }
      return false;
    };
    events.wait_for(*client, ended, within);
    return result;
  }

  // Publishes as an actor does: up to the window, then more as messages are done.
  // Returns the tokens accepted.
  uint64_t publish_all(uint64_t n, const std::function<messages::mqtt_message(uint64_t)>& message,
                       const runtime::publish_properties& p = {}) {
    uint64_t next = 1;
    const auto fill = [&] {
      while (next <= n && client->publish(next, message(next), p) == runtime::publish_result::sent) ++next;
    };
    fill();
    events.wait_for(*client, [&](const auto&) {
      fill();
      return settled() == n || events.count(kind::connection_lost) > 0;
    });
    return next - 1;
  }

  size_t settled() const {
    return events.count(kind::delivered) + events.count(kind::failed) + events.count(kind::unsent) +
           events.count(kind::refused);
  }

  mqtt_events events;
  std::unique_ptr<runtime::mqtt_client> client;
};

} // namespace senseflow::test
