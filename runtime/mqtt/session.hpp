// What continues over the connections of an MQTT client: the session at the broker, and the messages that
// have no outcome yet.
#pragma once

#include "runtime/mqtt/connack.hpp"
#include "runtime/mqtt/in_flight.hpp"
#include "runtime/mqtt/session_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace senseflow::runtime {

/// Knows whether the broker holds a session of ours, what to ask for next, and what becomes of messages when
/// a connection ends. Not thread-safe, but for `store`.
class mqtt_session {
public:
  using lost = mqtt_in_flight::lost;

  /// `kept`: the broker may hold one of an earlier process, which is continued. (Such a process has left
  /// nothing of QoS 2 on its way.)
  explicit mqtt_session(std::chrono::seconds expiry, bool kept = false) : expiry_(expiry), kept_(kept) {}

  mqtt_session_store store;
  mqtt_in_flight in_flight; ///< at most the window
  uint64_t awaited = 0;     ///< serial of the newest that is

  /// For Paho; none if sessions are not to last.
  mqtt_session_store* lasting_store() { return expiry_.count() > 0 ? &store : nullptr; }

  /// An attempt starts with this version: what can't be continued with it has failed.
  lost start(bool mqtt5);

  /// The attempt is to ask for a new session.
  bool clean() const { return clean_; }

  /// The broker has accepted a connection that can't be used, since it has a session that is not ours (MQTT
  /// 3.1.1): why in words, else empty. The next attempt removes that session.
  std::string objection(const mqtt_connack& x);

  /// The broker has accepted the connection: what it knows nothing of any more has failed.
  lost accepted(const mqtt_connack& x);

  /// The connection has ended, and its Paho client is gone.
  lost ended();

  lost forget();

private:
  bool is_stuck();

  const std::chrono::seconds expiry_;
  const bool kept_;
  std::optional<bool> mqtt5_; // the broker knows a session of ours, of this version
  bool clean_ = true;
  bool wipe_ = false;             // MQTT 3.1.1: the next attempt removes the broker's session
  uint64_t oldest_when_lost_ = 0; // serial
  int fruitless_ = 0;             // connections in a row that completed nothing
};

} // namespace senseflow::runtime
