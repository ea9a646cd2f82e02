// The messages an MQTT client has given to Paho and that have no outcome yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <optional>
#include <unordered_map>
#include <vector>

namespace senseflow::runtime {

/// Each has a serial number (1, 2, … in the order of sending); by it, or by its packet id, its token is
/// taken out again, once. Not thread-safe.
class mqtt_in_flight {
public:
  uint64_t add(uint64_t token, uint8_t qos);

  size_t size() const { return messages_.size(); }
  bool empty() const { return messages_.empty(); }
  uint64_t oldest() const { return messages_.empty() ? 0 : messages_.begin()->first; } ///< serial; 0 = none
  size_t with_acknowledgement() const { return with_acknowledgement_; }                ///< QoS 1 and 2

  std::optional<uint64_t> take(uint64_t serial);
  std::vector<uint64_t> take_all();

  /// Paho's number of the packet; 0 = QoS 0, which has none. False if the message has ended already.
  bool set_packet(uint64_t serial, int packet_id);

  struct lost {
    std::vector<uint64_t> failed, unsent; ///< tokens
  };
  /// The connection is lost and its Paho client gone. Of QoS 2, what `was_sent` stays and ends by its packet
  /// id; of QoS 1 it has failed. One whose packet is not known yet stays, too: see `decide`.
  lost take_lost(const std::function<bool(int packet_id)>& was_sent);

  /// The same for one message, once its packet is known.
  lost decide(uint64_t serial, int packet_id, bool was_sent);

  std::optional<uint64_t> take_packet(int packet_id);

  /// What is on its way now is to end before anything new is sent.
  void complete_first() { last_of_old_ = last_; }
  bool being_completed() const { return !messages_.empty() && messages_.begin()->first <= last_of_old_; }

private:
  static constexpr int not_known = -1;
  struct message {
    uint64_t token = 0;
    uint8_t qos = 0;
    int packet = not_known;
  };
  void lose(uint64_t serial, const message& m, bool was_sent, lost& to);

  std::pmr::unsynchronized_pool_resource pool_;
  std::pmr::map<uint64_t, message> messages_{&pool_}; // by serial
  std::unordered_map<int, uint64_t> by_packet_;       // of former connections: packet id -> serial
  size_t with_acknowledgement_ = 0;
  uint64_t last_ = 0;
  uint64_t last_of_old_ = 0;
};

} // namespace senseflow::runtime
