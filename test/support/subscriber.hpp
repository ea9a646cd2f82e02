// An MQTT client that is not ours (libmosquitto): sees what really reaches the broker's subscribers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

struct mosquitto;
struct mosquitto_message;
struct mqtt5__property;

namespace senseflow::test {

class message_judge;

struct received_message {
  std::string topic, payload;
  int qos = 0;
  bool retain = false; ///< true: it was kept by the broker before we came
  // MQTT 5 only:
  std::optional<uint32_t> expiry = {}; ///< seconds left
  bool utf8 = false;                   ///< payload format indicator
  std::string content_type = {};
  std::map<std::string, std::string> user = {}; ///< user properties
};

struct subscriber_options {
  uint16_t port = 0;
  std::string filter = "#";
  int qos = 2;
  std::string username = {}, password = {};
  std::string tls_ca_file = {};
  /// Of MQTT: 4 is 3.1.1; 5 has properties. With 5, mosquitto 2.0.11 stops sending to a subscriber after as
  /// many messages of QoS 1 and 2 as its receive maximum allows (65,535 here), acknowledged or not.
  int version = 4;
  std::string client_id = {}; ///< not empty: a session that outlives its connections, resumed with this name
  uint32_t session_expiry = 300; ///< seconds
};

/// Is subscribed when the constructor returns; throws if it can't. When its connection is lost it connects
/// again after a second, for ever. What it got is judged at its end where that is wanted: see message_judge.hpp.
/// Thread-safe.
class subscriber {
public:
  explicit subscriber(const subscriber_options& options);
  explicit subscriber(uint16_t port) : subscriber(subscriber_options{port}) {}
  ~subscriber(); ///< in order; a session with a name stays at the broker
  subscriber(const subscriber&) = delete;
  subscriber& operator=(const subscriber&) = delete;

  /// In order of arrival.
  std::vector<received_message> messages() const;
  size_t count() const;
  size_t count(const std::string& topic) const;
  std::map<std::string, size_t> counts() const;
  void clear();

  /// Messages that the test makes itself, or has chosen the topic of (a filter of MQTT): they have this schema; with
  /// none they may be anything.
  void knows(const std::string& filter, const std::string& schema = {});

  size_t connects() const; ///< connections so far
  size_t resumed() const;  ///< those of them that found their session at the broker

  /// True when the broker has delivered all that it had for us and knows that we have it, so that nothing is
  /// delivered a second time if it ends now. `filter` must end with "#".
  bool settle(std::chrono::milliseconds within = std::chrono::seconds(10));

  using predicate = std::function<bool(const std::vector<received_message>&)>;

  /// True as soon as `p` holds for what has arrived; false when time is up.
  bool wait_for(const predicate& p, std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_count(size_t n, std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_topic(const std::string& topic,
                      std::chrono::milliseconds within = std::chrono::seconds(10)) const;

private:
  int connect();
  void loop();
  void end();
  static void on_connect(mosquitto* client, void* self, int code, int flags, const mqtt5__property*);
  static void on_subscribe(mosquitto*, void* self, int id, int count, const int* granted,
                           const mqtt5__property*);
  static void on_message(mosquitto*, void* self, const mosquitto_message* message,
                         const mqtt5__property* properties);

  const subscriber_options options_;
  const std::unique_ptr<message_judge> judge_; ///< none: nothing is judged
  mosquitto* client_ = nullptr;
  mutable std::mutex mutex_; // guards all below
  mutable std::condition_variable changed_;
  bool ending_ = false;
  bool subscribed_ = false;
  int refused_ = 0;
  size_t connects_ = 0;
  size_t resumed_ = 0;
  uint64_t last_mark_ = 0, mark_seen_ = 0;
  std::vector<received_message> messages_;
  std::thread loop_;
};

} // namespace senseflow::test
