// The state of an MQTT session, in memory: it outlives Paho's clients, so that each connection has one of its
// own. (Paho 1.3.12 can't be trusted to continue with the same one: when writing a message fails, it keeps
// pointers to what it has freed, and sends that with the next connection.)
#pragma once

#include <mqtt/iclient_persistence.h>

#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace senseflow::runtime {

/// Holds the packets that we send with QoS 1 and 2 and that have no outcome; Paho puts them in before it writes them. Those of QoS
/// 1 do not outlive their client. Used by one client at a time. Thread-safe.
class mqtt_session_store final : public mqtt::iclient_persistence {
public:
  /// `f` is called with the id of each PUBLISH packet that Paho takes out, once, with Paho's lock held:
  /// during a connection since PUBACK or PUBCOMP has come, else since the session is over. (The C++ wrapper
  /// reports nothing about what a former client has sent.)
  void on_acknowledged(std::function<void(int packet_id)> f);

  /// What Paho does to a sealed store has no effect: a client that goes must leave its session here.
  void seal(bool on);

  void forget();

  /// The packet was handed to the network at least once and has no outcome yet.
  bool was_sent(int packet_id) const;

  /// Messages of QoS 2 that the broker has begun to send, and not completed; Paho keeps them.
  size_t unfinished() const;

private:
  void open(const std::string&, const std::string&) override {}
  void close() override {}
  void clear() override;
  bool contains_key(const std::string& key) override;
  mqtt::string_collection keys() const override;
  void put(const std::string& key, const std::vector<mqtt::string_view>& parts) override;
  std::string get(const std::string& key) const override;
  void remove(const std::string& key) override;

  mutable std::mutex mutex_; // guards all below
  bool sealed_ = false;
  std::function<void(int)> acknowledged_;
  std::unordered_map<std::string, std::string> packets_; // by Paho's key
  std::unordered_set<std::string> received_;             // keys
};

} // namespace senseflow::runtime
