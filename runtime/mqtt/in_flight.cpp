#include "runtime/mqtt/in_flight.hpp"

#include <utility>

namespace senseflow::runtime {

uint64_t mqtt_in_flight::add(uint64_t token, uint8_t qos) {
  messages_.emplace_hint(messages_.end(), ++last_, message{token, qos, not_known});
  if (qos > 0) ++with_acknowledgement_;
  return last_;
}

std::optional<uint64_t> mqtt_in_flight::take(uint64_t serial) {
  const auto i = messages_.find(serial);
  if (i == messages_.end()) return {};
  const auto m = i->second;
  messages_.erase(i);
  if (m.qos > 0) --with_acknowledgement_;
  return m.token;
}

std::vector<uint64_t> mqtt_in_flight::take_all() {
  std::vector<uint64_t> result;
  for (const auto& [serial, m] : messages_) result.push_back(m.token);
  messages_.clear();
  by_packet_.clear();
  with_acknowledgement_ = 0;
  return result;
}

bool mqtt_in_flight::set_packet(uint64_t serial, int packet_id) {
  const auto i = messages_.find(serial);
  if (i == messages_.end()) return false;
  i->second.packet = packet_id;
  return true;
}

mqtt_in_flight::lost mqtt_in_flight::take_lost(const std::function<bool(int)>& was_sent) {
  lost result;
  bool cut = true; // of QoS 0, the oldest may have been half written; the others were behind it
  for (auto i = messages_.begin(); i != messages_.end();) {
    const auto [serial, m] = *i++;
    if (m.qos == 0)
      lose(serial, m, std::exchange(cut, false), result);
    else if (m.packet != not_known)
      lose(serial, m, was_sent(m.packet), result);
  }
  return result;
}

void mqtt_in_flight::lose(uint64_t serial, const message& m, bool was_sent, lost& to) {
  if (m.qos == 2 && was_sent) {
    by_packet_[m.packet] = serial;
  } else {
    (was_sent ? to.failed : to.unsent).push_back(m.token);
    take(serial);
  }
}

mqtt_in_flight::lost mqtt_in_flight::decide(uint64_t serial, int packet_id, bool was_sent) {
  lost result;
  if (set_packet(serial, packet_id)) lose(serial, message{messages_.at(serial)}, was_sent, result);
  return result;
}

std::optional<uint64_t> mqtt_in_flight::take_packet(int packet_id) {
  const auto i = by_packet_.find(packet_id);
  if (i == by_packet_.end()) return {};
  const auto serial = i->second;
  by_packet_.erase(i);
  return take(serial);
}

} // namespace senseflow::runtime
