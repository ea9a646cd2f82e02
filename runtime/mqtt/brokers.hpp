// Which broker to try next, and how to speak to it.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/net/address.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// The brokers of the options, in fail-over order: a failed attempt moves on to the next one, and so do two
/// short connections in a row, or a broker that sends its clients away. Remembers of each which version of
/// MQTT it speaks (MQTT 3.1.1 for an hour, then MQTT 5 is tried again), the keep alive and the will it asked
/// for, whether it takes our presence, and which of its addresses have been tried. A broker that has spoken
/// MQTT 5 is asked with 3.1.1 only if it refuses 5 in so many words. Not thread-safe.
class mqtt_brokers {
public:
  using time = std::chrono::steady_clock::time_point;

  struct target {
    std::string host;
    uint16_t port = 0;
    bool mqtt5 = true;
    std::chrono::seconds keep_alive{0};
    bool presence = false; ///< birth and will
    uint8_t will_qos = presence::qos;
    bool will_retain = true;
    std::vector<ip_address> tried = {}; ///< addresses, in vain

    std::string name() const; ///< host:port; IPv6 addresses in brackets
  };

  explicit mqtt_brokers(const mqtt_options& o);

  target next(time now) const;

  enum class failure : uint8_t {
    refused_version,
    refused_retain, ///< it keeps no retained messages, so it does not take such a will
    refused_qos,    ///< the will's is too high for it
    refused_access, ///< not allowed to do something: connect, or publish such a will
    ended_early,    ///< the connection ended after CONNECT, without an answer
    ended_at_birth, ///< after the broker had accepted it, before it had acknowledged our presence
    unreachable,    ///< without a word from it
    other
  };
  enum class advice : uint8_t {
    older_version,    ///< at once, the same broker with MQTT 3.1.1
    lesser_will,      ///< at once, the same broker with a will that it takes
    without_presence, ///< at once, the same broker
    next_address,     ///< at once, the same broker
    next_broker,      ///< at once, it has not been tried in this round
    later             ///< all have failed: wait
  };
  /// The attempt at next() goes to this address of several; `others` have not been tried.
  void found(const ip_address& address, size_t others);

  /// The attempt at next() has failed.
  advice failed(failure why, time now);

  /// The attempt at next() has succeeded. True: it had been refused because of our presence.
  bool connected(time now);

  /// The connection has ended. `sent_away`: the broker does not want us to come back soon.
  void lost(bool was_short, bool sent_away);

  /// It has accepted a connection, but with a shorter keep alive, which Paho takes with a CONNECT only: why
  /// it can't be used, else empty. The next attempt will do as it says.
  std::string objection(const mqtt_connack& x);

  /// What the broker we are connected to, or were last, makes of our presence.
  presence_rights& rights() { return brokers_[at_].rights; }

  /// A broker names another one ("host" or "host:port", several with spaces between): one of ours?
  bool knows(std::string_view reference) const { return find(reference).has_value(); }
  /// Then that is next.
  void prefer(std::string_view reference);

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
    presence_rights rights = {};
    int short_ones = 0; ///< connections in a row
    std::vector<ip_address> tried = {};
    size_t untried = 0;
  };

  std::optional<size_t> find(std::string_view reference) const;
  bool mqtt5(const broker& b, time now) const;

  const mqtt_version version_;
  const bool presence_;
  std::vector<broker> brokers_;
  size_t at_ = 0;
  size_t failures_ = 0; // since the last success
};

} // namespace senseflow::runtime
