// An MQTT broker on loopback that does what a test tells it, also what no broker should do. It delivers
// nothing to anybody: what was published is seen here.
#pragma once

#include "test/support/mqtt_packets.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::test {

/// Speaks MQTT 5 and 3.1.1 over TCP, on a thread of its own. Thread-safe; what is called has taken effect
/// when the call returns. Hooks are called on the broker's thread and may call everything but `wait`.
class rude_broker {
public:
  enum class ending : uint8_t { fin, rst };

  /// What follows a packet.
  struct reaction {
    bool answer = true;                     ///< CONNACK, PUBACK, PUBREC
    uint8_t code = 0;                       ///< of the answer
    std::chrono::milliseconds delay{0};     ///< before the answer and all else
    std::string bytes = {};                 ///< sent after the answer, such as disconnect(0x8b)
    std::optional<ending> end = {};         ///< then the connection ends
    std::chrono::milliseconds end_delay{0}; ///< so much later
  };

  struct seen_connect {
    size_t connection = 0; ///< 1, 2, … in the order they were accepted
    mqtt_connect packet = {};
    std::chrono::steady_clock::time_point when = {};
  };
  struct seen_message {
    size_t connection = 0;
    mqtt_publish packet = {};
    uint8_t level = 5;  ///< of the connection
    bool taken = false; ///< it is answered as a success, or QoS 0 over a connection that does not end for it
  };
  struct seen {
    size_t accepted = 0;    ///< connections
    size_t connections = 0; ///< now
    std::deque<seen_connect> connects;
    std::deque<seen_message> messages; ///< in order; QoS 2 sent again over a resumed session only once
    uint64_t messages_before = 0;      ///< older ones, which have been forgotten
    std::deque<uint8_t> disconnects;   ///< reason codes of the clients'
  };

  /// On a free port, if none is given. IPv6 without brackets. Each list in `seen` keeps the newest `keep`.
  explicit rude_broker(const std::string& address = "127.0.0.1", uint16_t port = 0, size_t keep = 200'000);
  ~rude_broker(); ///< ends all connections
  rude_broker(const rude_broker&) = delete;
  rude_broker& operator=(const rude_broker&) = delete;

  uint16_t port() const;

  // --- in answer to what clients do

  void on_accept(std::optional<ending> e); ///< connections end as soon as they are there
  void on_connect(std::function<reaction(const seen_connect&)> f);
  void on_publish(std::function<reaction(const seen_message&)> f);
  /// What the CONNACK says, true or not.
  void set_connack(mqtt_properties properties, bool session_present = false);
  void answer_pings(bool on);
  /// To each SUBSCRIBE, of one filter; without it a client that subscribes is thrown out.
  void answer_subscriptions(uint8_t code);

  // --- of itself; about all connections that are there now

  void send(std::string bytes);
  void end(ending e);
  void silence(bool on); ///< connections stay, new ones, too: nothing is read, answered or sent any more

  // --- the port; connections stay

  void stop_listening(); ///< connections are refused
  void listen();
  void move(const std::string& address, uint16_t port = 0);

  // --- what was seen

  seen so_far() const;
  /// True as soon as `p` holds; it is called with the lock held.
  bool wait(const std::function<bool(const seen&)>& p,
            std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_connects(size_t n, std::chrono::milliseconds within = std::chrono::seconds(10)) const;
  bool wait_for_messages(uint64_t n, std::chrono::milliseconds within = std::chrono::seconds(10)) const;

private:
  class server;
  const std::unique_ptr<server> server_;
};

} // namespace senseflow::test
