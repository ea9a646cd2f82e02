// What Home Assistant makes of MQTT messages, before templates: devices by discovery, their entities, the values
// that came for them. No I/O.
#pragma once

#include "test/support/subscriber.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace senseflow::test {

struct timed_payload {
  std::string payload;
  std::chrono::steady_clock::time_point at{};
};

struct watched_availability {
  std::string topic, text; ///< `text`: the template
  std::optional<timed_payload> last;
};

struct discovered_entity {
  nlohmann::json config; ///< with what it inherits
  std::string topic;
  std::vector<watched_availability> availability;
  std::optional<timed_payload> last;
  std::vector<std::string> live; ///< of events: payloads that the broker had not kept
};

struct discovered_device {
  nlohmann::json config;
  std::map<std::string, discovered_entity> entities; ///< by key
};

/// Not thread-safe. Whatever would be refused is a fault.
class discovered_devices {
public:
  explicit discovered_devices(std::string prefix);

  void handle(const received_message& m);

  std::map<std::string, discovered_device>& all() { return all_; } ///< by id
  /// Null: there is none with this name.
  discovered_device* find(const std::string& name);
  std::string topic_of(const std::string& name) const;

  /// All different ones that came to this topic, but for empty ones.
  const std::set<std::string>& payloads(const std::string& topic) { return payloads_[topic]; }
  size_t documents() const { return documents_; } ///< that came, those that remove a device included
  const std::set<std::string>& faults() const { return faults_; }

private:
  void discover(const std::string& id, const std::string& payload);
  discovered_entity make(const nlohmann::json& document, const nlohmann::json& component) const;

  const std::string begin_;
  const nlohmann::json rules_;
  std::map<std::string, discovered_device> all_;
  std::map<std::string, std::string> kept_; ///< by topic: what a broker would have kept
  std::map<std::string, std::set<std::string>> payloads_;
  size_t documents_ = 0;
  std::set<std::string> faults_;
};

} // namespace senseflow::test
