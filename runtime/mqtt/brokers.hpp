// Which broker to try next, and how to speak to it.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/presence.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// The brokers of the options, in fail-over order: a failed attempt moves on to the next one. Remembers of
/// each which version of MQTT it speaks (MQTT 3.1.1 for an hour, then MQTT 5 is tried again) and the keep
/// alive and the will it asked for. A broker that has spoken MQTT 5 is asked with 3.1.1 only if it refuses 5
/// in so many words. Not thread-safe.
class mqtt_brokers {
public:
  using time = std::chrono::steady_clock::time_point;

  struct target {
    std::string host;
    uint16_t port = 0;
    bool mqtt5 = true;
    std::chrono::seconds keep_alive{0};
    uint8_t will_qos = presence::qos;
    bool will_retain = true;

    std::string name() const; ///< host:port; IPv6 addresses in brackets
  };

  explicit mqtt_brokers(const mqtt_options& o);

  target next(time now) const;

  enum class failure : uint8_t {
    refused_version,
    refused_retain, ///< it keeps no retained messages, so it does not take such a will
    refused_qos,    ///< the will's is too high for it
    ended_early,    ///< the connection ended after CONNECT, without an answer
    other
  };
  enum class advice : uint8_t {
    older_version, ///< at once, the same broker with MQTT 3.1.1
    lesser_will,   ///< at once, the same broker with a will that it takes
    next_broker,   ///< at once, it has not been tried in this round
    later          ///< all have failed: wait
  };
  /// The attempt at next() has failed.
  advice failed(failure why, time now);

  /// The attempt at next() has succeeded.
  void connected(time now);

  /// The broker wants to hear from us more often.
  void use_keep_alive(std::chrono::seconds x);

  /// A broker names another one ("host" or "host:port", several with spaces between): that is next if it is
  /// one of ours.
  bool prefer(std::string_view reference);

private:
  struct broker {
    std::string host;
    uint16_t port = 0;
    bool has_spoken_5 = false;
    bool has_spoken_311 = false;
    std::optional<time> only_311_until = {};
    std::chrono::seconds keep_alive{0};
    uint8_t will_qos = presence::qos;
    bool will_retain = true;
  };

  bool mqtt5(const broker& b, time now) const;

  const mqtt_version version_;
  std::vector<broker> brokers_;
  size_t at_ = 0;
  size_t failures_ = 0; // since the last success
};

} // namespace senseflow::runtime
