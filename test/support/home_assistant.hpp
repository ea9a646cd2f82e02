// A subscriber that does with MQTT what Home Assistant is documented to do: devices by discovery, states through
// templates, availability, expiry, events, removal, birth.
#pragma once

#include "test/support/home_assistant_devices.hpp"
#include "test/support/jinja.hpp"
#include "test/support/subscriber.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace senseflow::test {

/// Not thread-safe. Whatever it would refuse or complain about is a fault.
class home_assistant {
public:
  explicit home_assistant(uint16_t port, std::string prefix = "homeassistant");

  /// As when it is started anew: it knows what the broker has kept, and says `online`.
  void restart();
  void say_online() const;
  /// As a user does it: the broker forgets the document.
  void remove(const std::string& device);

  /// Handles what has come since.
  void look();
  discovered_devices& known() { return *known_; }

  std::set<std::string> devices(); ///< names
  std::set<std::string> entities(const std::string& device);

  /// Of what has come until the last look; there must be such an entity.
  bool available(const std::string& device, const std::string& key);
  bool all_available(const std::string& device); ///< and have a value, but for events
  bool none_available(const std::string& device, const std::set<std::string>& but = {});
  /// As it is shown; "unknown" if there is none.
  std::string state(const std::string& device, const std::string& key);
  /// Types of the events that came, not those that the broker had kept.
  std::vector<std::string> events(const std::string& device, const std::string& key);

  /// Every template of every entity on every message that came to its topic; how many those are.
  size_t render_all();
  std::set<std::string> faults() const;

private:
  discovered_entity& find(const std::string& device, const std::string& key);
  bool is_available(const discovered_entity& x);
  std::string render(const std::string& text, const std::string& payload);
  std::string shown(const discovered_entity& x, const std::string& payload);

  const uint16_t port_;
  const std::string prefix_;
  std::unique_ptr<subscriber> heard_;
  size_t seen_ = 0;
  std::unique_ptr<discovered_devices> known_;
  jinja templates_;
  std::set<std::string> faults_;
};

} // namespace senseflow::test
