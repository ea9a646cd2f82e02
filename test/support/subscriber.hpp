// An MQTT client that is not ours (libmosquitto): sees what really reaches the broker's subscribers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

struct mosquitto;
struct mosquitto_message;

namespace senseflow::test {

struct received_message {
  std::string topic, payload;
  int qos = 0;
  bool retain = false; ///< true: it was kept by the broker before we came
};

struct subscriber_options {
  uint16_t port = 0;
  std::string filter = "#";
  int qos = 2;
  std::string username = {}, password = {};
  std::string tls_ca_file = {};
};

/// Is subscribed when the constructor returns; throws if it can't. Thread-safe.
class subscriber {
public:
  explicit subscriber(const subscriber_options& options);
  explicit subscriber(uint16_t port) : subscriber(subscriber_options{port}) {}
  ~subscriber();
  subscriber(const subscriber&) = delete;
  subscriber& operator=(const subscriber&) = delete;

  /// In order of arrival.
  std::vector<received_message> messages() const;
  size_t count() const;
  size_t count(const std::string& topic) const;
  std::map<std::string, size_t> counts() const;
  void clear();

  using predicate = std::function<bool(const std::vector<received_message>&)>;

  /// True as soon as `p` holds for what has arrived; false when time is up.
  bool wait_for(const predicate& p, std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_count(size_t n, std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_topic(const std::string& topic,
                      std::chrono::milliseconds within = std::chrono::seconds(10)) const;

private:
  static void on_connect(mosquitto* client, void* self, int code);
  static void on_subscribe(mosquitto* client, void* self, int id, int count, const int* granted);
  static void on_message(mosquitto* client, void* self, const mosquitto_message* message);

  const subscriber_options options_;
  mosquitto* client_ = nullptr;
  mutable std::mutex mutex_; // guards all below
  mutable std::condition_variable changed_;
  bool subscribed_ = false;
  int refused_ = 0;
  std::vector<received_message> messages_;
};

} // namespace senseflow::test
