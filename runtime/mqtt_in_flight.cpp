#include "runtime/mqtt_in_flight.hpp"

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
    if (m.qos > 0 && m.packet == not_known) continue;
    if (m.qos > 0 && was_sent(m.packet)) {
      by_packet_[m.packet] = serial;
      continue;
    }
    (m.qos == 0 && cut ? result.failed : result.unsent).push_back(m.token);
    if (m.qos == 0) cut = false;
    take(serial);
  }
  return result;
}

std::optional<uint64_t> mqtt_in_flight::decide(uint64_t serial, int packet_id, bool was_sent) {
  if (!was_sent) return take(serial);
  if (set_packet(serial, packet_id)) by_packet_[packet_id] = serial;
  return {};
}

std::optional<uint64_t> mqtt_in_flight::take_packet(int packet_id) {
  const auto i = by_packet_.find(packet_id);
  if (i == by_packet_.end()) return {};
  const auto serial = i->second;
  by_packet_.erase(i);
  return take(serial);
}

} // namespace senseflow::runtime
