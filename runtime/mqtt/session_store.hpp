// The state of an MQTT session, in memory: it outlives Paho's clients, so that each connection has one of its
// own. (Paho 1.3.12 can't be trusted to continue with the same one: when writing a message fails, it keeps
// pointers to what it has freed, and sends that with the next connection.)
#pragma once

#include <mqtt/async_client.h>

#include <bitset>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace senseflow::runtime {

/// Holds the packets that we send with QoS 2 and that have no outcome; of those with QoS 1, which do not
/// outlive their client, it knows the ids only. Paho puts them in before it writes them. Used by one client at
/// a time. Thread-safe.
class mqtt_session_store final : public mqtt::iclient_persistence {
public:
  /// Lets the client's C library come here straight: its C++ library makes a dozen strings of each message.
  void serve(const mqtt::async_client& client);

  /// `f` is called with the id of each PUBLISH packet of QoS 2 that Paho takes out, once, with Paho's lock
  /// held: during a connection since PUBCOMP has come, else since the session is over. (The C++ library
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
  void remove(const std::string& key) override { take_out(key); }

  bool keep(std::string_view key, int parts, const char* const* bytes, const int* lengths);
  void take_out(std::string_view key);

  mutable std::mutex mutex_; // guards all below
  bool sealed_ = false;
  std::function<void(int)> acknowledged_;
  std::unordered_map<std::string, std::string> packets_; // by Paho's key
  std::bitset<65536> sent_once_;                         // ids of what was sent with QoS 1
  std::unordered_set<std::string> received_;             // keys
};

} // namespace senseflow::runtime
